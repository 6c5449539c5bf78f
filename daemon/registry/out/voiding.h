/*
 * voiding - taking back a message that may be at the peer (spec/rxp-1.md section 31): from the commit on it is
 * never sent again (RXP-VOI-001), and a Void asks for its end. What that brings, flight_void.h says.
 */
#ifndef REGISTRY_VOIDING_H
#define REGISTRY_VOIDING_H

#include <stdint.h>

#include "daemon/registry/store/store_outbox.h"

struct db;
struct outbox;

struct voiding {
	uint8_t void_id[16]; /* the caller's: local id of the Void */
	uint8_t local_id[16]; /* the caller's: of the message */
	/* as the commit makes them */
	struct store_outbox row;
	enum state before;
	const char *problem; /* with RXP_ERR_STATE: words */
};

/* Inside a transaction: the message is taken back, and its Void waits to be sent. RXP_ERR_NOT_FOUND,
 * RXP_ERR_STATE, errors as in db.h. */
int voiding_begin(struct voiding *v, struct db *db, const struct outbox *o, int64_t now_ms);

#endif
