/*
 * schedule - when: which message to which peer is worked on next (the outbox knows what).
 *
 * A peer whose transport or node fails is left alone for a time that doubles from one second to
 * five minutes, jittered; the back-off is the peer's and not the message's, is not stored, and any
 * authenticated contact ends it. While a peer fails, one message probes it; else a window of
 * REGISTRY_PEER_WINDOW. At most REGISTRY_ACTIVE_MAX messages are in memory, whatever the backlog;
 * peers take turns. A message's own next try stands in its row, in wall time.
 */
#ifndef REGISTRY_SCHEDULE_H
#define REGISTRY_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct node;
struct peer;
struct schedule;

/* Makes due what a crash left between two tries. Errors as in db.h, RXP_ERR_NOMEM. */
int schedule_new(struct schedule **out, struct node *n);
void schedule_free(struct schedule *s); /* NULL is allowed */

/* Something may be due: look at the end of this round. */
void schedule_kick(struct schedule *s);

/* At the end of a round: start what is due and fits the windows. */
void schedule_round(struct schedule *s);

/* A message of the peer is no longer in work. */
void schedule_ended(struct schedule *s, struct peer *peer);

/* The peer failed an attempt that began at that monotonic time; attempts that were under way
 * together count once. Returns how long it is left alone, in ms. */
int64_t schedule_failed(struct schedule *s, struct peer *peer, int64_t began_mono);

/* The peer was authenticated, or gave a signed answer. */
void schedule_contact(struct schedule *s, struct peer *peer);

/* Our own store fails: start nothing for a second. */
void schedule_rest(struct schedule *s);

/* Delay of the n-th try, n from 1: doubling from the first to the last, between half and whole. */
int64_t schedule_backoff(struct node *n, unsigned tries);

/* The wall clock may have moved: look again; if it went back, what was planned by it becomes due. */
void schedule_tick(struct schedule *s);

#endif
