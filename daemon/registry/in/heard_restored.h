/*
 * heard_restored - a peer says that it lost what stands behind an entry of the log that it keeps for this node
 * (RXP-NOT-005, RXP-NOT-006). What follows is done afterwards, by recovery/bring. A part of heard.c. Process: registry.
 *
 * Errors as in db.h, RXP_ERR_CRYPTO; received_ms: of the notice, milliseconds UTC.
 */
#ifndef REGISTRY_HEARD_RESTORED_H
#define REGISTRY_HEARD_RESTORED_H

#include "daemon/registry/in/heard.h"

/* As heard_judge(): *out has no objection yet, and stays so if it can have been so, and REGISTRY_RESTORES_DAY of the party
 * are not used up today (RXP-RCV-006). */
int heard_restored_judge(struct heard_objection *out, struct db *db, const struct msg_opened *facts,
    const char *party, const struct rec_node_restored *r, int64_t received_ms);

/* As heard_act(), in the transaction of its receipt: what it lost is to be brought, and what was found in its log is explained as far as
 * that goes (RXP-LOG-022, 026 to 028). */
int heard_restored_act(
    struct db *db, const char *party, const struct rec_node_restored *r, int64_t received_ms);

/* The same of one that was receipted once, and comes again: that the log that the peer keeps is another since then. */
int heard_restored_back(
    struct db *db, const char *party, const struct rec_node_restored *r, int64_t received_ms);

/* After its commit: the log says so. */
void heard_restored_tell(const char *party, const struct rec_node_restored *r);

#endif
