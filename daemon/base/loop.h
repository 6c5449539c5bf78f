/*
 * loop - the event loop of every process: epoll, monotonic timers, one thread.
 *
 * A round is: wait, then run every ready watcher, then due timers, then the round functions.
 * Group commit hangs on the last: what a round brought in shares one transaction.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct watch;
struct timer;

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 };

/* events: the LOOP_* bits that hold now. */
typedef void watch_fn(void *arg, int fd, unsigned events);
typedef void timer_fn(void *arg);
typedef void round_fn(void *arg);

int loop_new(struct loop **out);
void loop_free(struct loop *l);

/* Watch fd for events; the descriptor stays the caller's. A watcher may be freed in any callback,
 * its own included; it is not called again then. RXP_ERR_NOMEM, RXP_ERR_IO. */
int watch_new(struct watch **out, struct loop *l, int fd, unsigned events, watch_fn *fn, void *arg);
void watch_set(struct watch *w, unsigned events);
void watch_free(struct watch *w); /* NULL is allowed */

/* A timer that is not armed. */
int timer_new(struct timer **out, struct loop *l, timer_fn *fn, void *arg);
/* Fire once, at least ms from now; arming again moves it. */
void timer_arm(struct timer *t, int64_t ms);
void timer_disarm(struct timer *t);
bool timer_armed(const struct timer *t);
void timer_free(struct timer *t); /* NULL is allowed */

/* Call fn at the end of every round; at most LOOP_ROUND_FNS of them. */
#define LOOP_ROUND_FNS 4
void loop_on_round(struct loop *l, round_fn *fn, void *arg);

/* Run until loop_stop(). 0, or RXP_ERR_IO if epoll fails. */
int loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif
