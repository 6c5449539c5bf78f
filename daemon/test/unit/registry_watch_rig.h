/*
 * registry_watch_rig - what tests of logs that watch each other share: a clock that only goes on, a hand in the
 * database, and what was found.
 */
#ifndef UNIT_REGISTRY_WATCH_RIG_H
#define UNIT_REGISTRY_WATCH_RIG_H

#include "daemon/test/unit/registry_world.h"

extern int64_t watch_moved; /* the clock, since the start of the test, which sets it to 0 */

struct peer *watch_peer(struct world *w);
void watch_later(struct world *w, int64_t ms);
void watch_restart(struct world *w);
/* SQL past every check. The node is stopped meanwhile, whose lock keeps others out. */
void watch_by_hand(struct world *w, const char *sql);
/* Is this difference stored? */
bool watch_found(struct world *w, const char *what, uint64_t n);
void watch_assert_found(struct world *w, const char *what, uint64_t n);

#endif
