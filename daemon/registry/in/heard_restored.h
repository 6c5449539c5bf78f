/*
 * heard_restored - a peer says that it lost what stands behind an entry of the log that it keeps for this node
 * (RXP-NOT-005, RXP-NOT-006). What follows is done afterwards, by recovery/bring.
 */
#ifndef REGISTRY_HEARD_RESTORED_H
#define REGISTRY_HEARD_RESTORED_H

#include "daemon/registry/in/heard.h"

/* As heard_judge(), with *out without an objection (RXP-RCV-006). */
int heard_restored_judge(struct heard_objection *out, struct db *db, const struct msg_opened *facts,
    const char *party, const struct rec_node_restored *r, int64_t received_ms);

/* As heard_act(). */
int heard_restored_act(
    struct db *db, const char *party, const struct rec_node_restored *r, int64_t received_ms);

/* The same of one that was receipted once, and comes again: that the log that the peer keeps is another since then. */
int heard_restored_back(
    struct db *db, const char *party, const struct rec_node_restored *r, int64_t received_ms);

void heard_restored_tell(const char *party, const struct rec_node_restored *r);

#endif
