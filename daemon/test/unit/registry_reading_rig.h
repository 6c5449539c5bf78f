/*
 * registry_reading_rig - what tests of a loss and of what is read share: a peer whose log was read once, which is then read in whole,
 * begins another one, or says by Restored where it ended.
 */
#ifndef UNIT_REGISTRY_READING_RIG_H
#define UNIT_REGISTRY_READING_RIG_H

#include "daemon/test/unit/registry_recovery_rig.h"
#include "daemon/test/unit/registry_watch_rig.h"

#include "daemon/registry/store/store_watch.h"

/* The peer answered four messages of ours, and its log was read. */
int reading_set_up(void **state);

/* A day later the node asks for a page; or also gets it, with all entries, and has compared it. */
void reading_ask(struct world *w);
void reading_whole(struct world *w);
/* What a page that was read may lead to has time. */
void reading_settle(struct world *w);

/* Differences that nobody has noted. */
uint64_t reading_open(struct world *w);

/* Where the log as it is now ends, if it has so many entries. */
struct rec_node_restored reading_end_of_log(uint64_t n);
void reading_begin_another(void);
/* Restored is heard. */
void reading_says(struct world *w, uint8_t id, struct rec_node_restored r);

#endif
