/*
 * place - where a document of ours that was given back belongs in what we hold of its case (RXP-HIS-012).
 */
#ifndef REGISTRY_HISTORY_PLACE_H
#define REGISTRY_HISTORY_PLACE_H

#include <stdbool.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/cases/cases.h"

struct db;

enum place {
	PLACE_NEXT, /* it is the next of ours: to be taken */
	PLACE_HELD, /* we hold it */
	PLACE_WAITS, /* for the answer to the one before it */
	PLACE_LEFT, /* something that comes before it is missing here, or another of ours is under way */
	PLACE_FORK, /* we hold another document there */
	PLACE_GONE, /* the peer gives the rest of it no more: nothing was lost by that, and nothing is wrong */
	PLACE_FALSE, /* it is not the document that it was said to be, or none of ours */
};

/* Judge m. Of PLACE_NEXT, c is its case, without entries if it is opened by it; cases_clear() it in any case. Of
 * PLACE_WAITS, open_id is the local id of the one before. Errors as in db.h, RXP_ERR_NOMEM. */
int place_find(enum place *out, struct cases *c, uint8_t open_id[16], struct db *db,
    const char *own, const char *peer, const struct msg_restored *m);

/* Does what is not sealed yet in that case wait for what comes back (RXP-RCV-003, RXP-RCV-026)? */
bool place_held(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);

#endif
