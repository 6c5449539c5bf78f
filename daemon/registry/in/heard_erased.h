/*
 * heard_erased - a peer says that nothing of a case is left at it (RXP-NOT-014, RXP-NOT-015). A part of heard.c. Process: registry.
 *
 * Errors as in db.h; received_ms: of the notice, milliseconds UTC.
 */
#ifndef REGISTRY_HEARD_ERASED_H
#define REGISTRY_HEARD_ERASED_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct db;

/* In the transaction of its receipt: kept beside the case with what proves it; of a case that is none with this peer, or
 * said before, it changes nothing. */
int heard_erased_act(struct db *db, const char *party, const struct msg_opened *facts,
    const struct rec_node_erased *r, int64_t received_ms);

/* After it: the log says so, and whether it is the case of nobody or another day than the peer said first. */
void heard_erased_tell(struct db *db, const char *party, const struct rec_node_erased *r);

#endif
