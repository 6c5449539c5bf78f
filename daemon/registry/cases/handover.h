/*
 * handover - the HandedOver that the node writes when the desk takes over a document of a case
 * (RXP-HND-004, RXP-HND-005).
 */
#ifndef REGISTRY_HANDOVER_H
#define REGISTRY_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/store/state.h"

struct db;

struct handover {
	uint8_t local_id[16]; /* the caller's: of a new row, if one is written */
	bool written; /* there is a new row in the outbox … */
	enum state state; /* … in this state */
};

/*
 * Inside the transaction in which the desk took a document of the case over: write a new one, or let one that
 * is not due name more, or neither, as the case wants it. What is stored of the case may be damaged: it is
 * taken over all the same, and nothing is written. RXP_ERR_NOMEM, errors as in db.h.
 */
int handover_write(struct handover *h, struct db *db, const char *own, const char *peer,
    const uint8_t case_id[16], int64_t now_ms);

#endif
