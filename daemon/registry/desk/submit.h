/*
 * submit - a document of a case from the desk: is it allowed, and if so its draft is committed.
 *
 * The commit of the draft is the point from which the document will be sent; the desk is answered
 * after it. The draft has no Position yet: it gets one when it is the oldest of its case without a
 * final answer, and if the case still allows it then (flight_case.h).
 */
#ifndef REGISTRY_SUBMIT_H
#define REGISTRY_SUBMIT_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct clocks;
struct node;
struct pace;
struct peers;
struct terms;

/* What submissions work on; all borrowed. It stays where it is. */
struct submit {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
	const struct terms *terms;
	struct clocks *clocks;
};

/*
 * Answers `submitted`. The key makes a repetition harmless: the same key with the same content gets the
 * same answer, marked as repeated. Results: RXP_ERR_MISMATCH, the key belongs to other content;
 * RXP_ERR_STATE, the case, the procedure or the peer does not allow it now, or an attachment is gone
 * or has been sent before (RXP-ATT-004), or the profile of a new case is of no use now; RXP_ERR_NOT_FOUND, no
 * such peer, no such case with it or no such profile for it; RXP_ERR_NOT_ACCEPTABLE, time does not allow it
 * (RXP-FLG-009); RXP_ERR_UNSUPPORTED, a type that is not sent, or that the peer
 * does not take; RXP_ERR_SYNTAX, no key, no draft or attachments in another order; RXP_ERR_SCHEMA; RXP_ERR_IO. `problem` says in
 * words which, and names no one.
 */
void submit_take(const struct submit *by, uint64_t request, const struct msg_submit *m);

#endif
