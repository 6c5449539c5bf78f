/*
 * registry_watch_rig - what tests of logs that watch each other share: a clock that only goes on, a hand in the
 * database, what was found, and the log that the peer keeps for us.
 */
#ifndef UNIT_REGISTRY_WATCH_RIG_H
#define UNIT_REGISTRY_WATCH_RIG_H

#include "daemon/test/unit/registry_world.h"
#include "protocol/log/logcompare.h"

extern int64_t watch_moved; /* the clock, since the start of the test, which sets it to 0 */

struct peer *watch_peer(struct world *w);
void watch_later(struct world *w, int64_t ms);
void watch_restart(struct world *w);
/* SQL past every check. The node is stopped meanwhile, whose lock keeps others out. */
void watch_by_hand(struct world *w, const char *sql);
void watch_write(const char *sql); /* of one that is stopped already */
/* Is this difference stored? Then watch_shown is the last of them, as people are shown it. */
extern struct rec_difference_row watch_shown;
bool watch_found(struct world *w, const char *what, uint64_t n);
void watch_assert_found(struct world *w, const char *what, uint64_t n);

/* --- the log that the peer keeps for us, as it shows it --- */

#define WATCH_ENTRIES_MAX 8

extern struct watch_log {
	uint8_t log_id[16];
	size_t n;
	struct rxp_log_entry entries[WATCH_ENTRIES_MAX];
	size_t page_max; /* entries of one page */
	int check_result;
	uint64_t skew; /* added to After: not the page asked for */
	int64_t made_ms; /* when its pages are made; 0: now */
} watch_log;

void watch_log_empty(void); /* and the clock stands */
void watch_log_head(uint8_t head[32], uint64_t n);
/* A sealer reads the page that the octets stand for: the number of the entry behind which it is. */
void watch_log_check(struct link *l, const struct link_message *m);
/* The page that was asked for comes, as the log is then. */
void watch_log_comes(struct world *w);
/* The peer answers a Ping of ours, as its log says it does. */
void watch_log_answers(struct world *w, bool refused);
/* The same of four, the third of which it refuses. */
void watch_log_begin(struct world *w);
struct store_watch watch_stored(struct world *w);

#endif
