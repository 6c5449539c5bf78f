/*
 * holding - an officer holds a case or persons of it, and another lifts the hold (RXP-HLD-001 to 007).
 *
 * A hold is a row, its entry in the journal and what becomes of the documents that it meets, in one transaction.
 * It is known to this node alone: nothing here makes a message, an answer, a log entry of a peer or a figure.
 */
#ifndef REGISTRY_HOLDING_H
#define REGISTRY_HOLDING_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct clocks;
struct node;
struct outbox;
struct pace;
struct peers;
struct poll;

/* What it works on; all borrowed. It stays where it is. */
struct holding {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
	struct poll *poll;
	const struct outbox *outbox;
	struct clocks *clocks;
};

/*
 * Answers `case_held`. RXP_ERR_NOT_FOUND: no such case, or nobody of that key in it; RXP_ERR_SYNTAX: no such
 * reason; RXP_ERR_STATE: the other State asks in this case, and hands nobody over, or the case is erased; RXP_ERR_IO. `problem` says
 * which. The same again is answered alike.
 */
void holding_hold(const struct holding *by, uint64_t request, const struct msg_case_hold *m);

/* Answers `case_lifted`. RXP_ERR_NOT_FOUND: nothing to lift; RXP_ERR_STATE: who set one of them, first or again, does not lift it;
 * nothing was lifted then. */
void holding_lift(const struct holding *by, uint64_t request, const struct msg_case_lift *m);

#endif
