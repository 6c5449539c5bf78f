/*
 * heard - what a document of a peer says to this node itself: the records that a sealer found in it, of the types
 * outside any case that nobody collects.
 */
#ifndef REGISTRY_HEARD_H
#define REGISTRY_HEARD_H

#include <stdbool.h>

#include "daemon/base/ipc.h"
#include "protocol/message/answer.h"

struct db;

/* Of a Void that is valid: *voids is true, and message id and fingerprint in facts are those that it names from here
 * on (RXP-VOI-005). RXP_ERR_DAMAGED: no record of a Void. */
int heard_void(bool *voids, struct msg_opened *facts);

/* Why it is not receipted, although its content is valid: fixed words, or NULL if it is. */
struct heard_objection {
	const char *why, *requirement;
	enum rxp_refusal code;
	int64_t retry_ms; /* 0 if there is none */
};

/* Of a document that says something to the node itself (RXP-NOT-012, RXP-HIS-010, RXP-HIS-011, RXP-RCV-006). back: it was
 * receipted once, and comes again (RXP-RCV-005). Errors as in db.h. */
int heard_judge(struct heard_objection *out, struct db *db, const char *party,
    const struct msg_opened *facts, int64_t received_ms, bool back);

/* Inside the transaction in which a document of the party is receipted: do what it says. Nothing, of a type that says
 * nothing to the node. RXP_ERR_DAMAGED: no record of its type; errors as in db.h. */
struct heard {
	const struct msg_opened *facts;
	struct bytes envelope;
	int64_t received_ms;
	bool back; /* as above: what was only for that time is not done again */
};
int heard_act(struct db *db, const char *party, const struct heard *m);

/* After its commit: tell the operator, if there is something to tell. */
void heard_tell(struct db *db, const char *party, const struct msg_opened *facts);

#endif
