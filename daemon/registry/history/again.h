/*
 * again - no Number of a history is left out (RXP-HIS-015): where a copy that has no answer gives nothing any more,
 * since its document was erased, blocked or hidden, or a person took it back or gave it up, its Number goes once more,
 * without a document; and the copy is given up, or taken back if it may be at the peer.
 */
#ifndef REGISTRY_AGAIN_H
#define REGISTRY_AGAIN_H

#include <stdint.h>

#include "daemon/registry/out/drop.h"
#include "daemon/registry/out/voiding.h"

struct db;
struct history_config;
struct store_copy;
struct store_given;

/* What came of it in one transaction. */
struct again {
	enum {
		AGAIN_LEFT,
		AGAIN_DROPPED,
		AGAIN_TAKEN_BACK
	} how; /* of the copy; the first: its end has come */
	struct drop drop;
	struct voiding voiding;
	unsigned written; /* in the places of such */
};

/* In a transaction, the first copy for row->peer that gives nothing any more. RXP_ERR_NOT_FOUND: there is none;
 * RXP_ERR_LATER: those are in work now. Errors as in db.h. */
int again_give(struct again *a, const struct history_config *of, struct db *db,
    struct store_given *row, int64_t now_ms);

/* The Number of this one goes again, which has its end or is about to, if the request is still the one in row and goes on. */
int again_write(struct again *a, const struct history_config *of, struct db *db,
    struct store_given *row, const struct store_copy *c, int64_t now_ms);

/* After the commit: memory follows, and who listens hears of it. */
void again_tell(const struct again *a, const struct history_config *of, const char *party);

#endif
