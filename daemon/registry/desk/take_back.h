/*
 * take_back - a person takes back a message that may be at the peer: a Void is sent for it (RXP-VOI-001).
 */
#ifndef REGISTRY_TAKE_BACK_H
#define REGISTRY_TAKE_BACK_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct outbox;
struct pace;
struct peers;
struct poll;

/* What it works on; all borrowed. It stays where it is. */
struct take_back {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
	const struct outbox *outbox;
	struct poll *poll;
};

/* Answers `message_voided` after the commit, which also writes the journal: RXP_ERR_NOT_FOUND; RXP_ERR_STATE, with
 * words in `problem`; RXP_ERR_IO. How it ends, the message itself says. */
void take_back_take(const struct take_back *by, uint64_t request, const struct msg_message_void *m);

#endif
