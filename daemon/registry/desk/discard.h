/*
 * discard - a person gives up a message that was never on a line.
 *
 * What may be at the peer cannot be given up: only the peer's answer ends it. The draft, the envelope and its
 * key are destroyed with the commit, which also writes the journal, and the files of its attachments after
 * it; the next document of its case is judged again at its turn.
 */
#ifndef REGISTRY_DISCARD_H
#define REGISTRY_DISCARD_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct clocks;
struct node;
struct outbox;
struct pace;
struct peers;
struct poll;

/* What it works on; all borrowed. It stays where it is. */
struct discard {
	struct node *node;
	struct peers *peers;
	struct clocks *clocks;
	struct pace *pace;
	const struct outbox *outbox;
	struct poll *poll;
};

/* Answered on the desk's link; `problem` says in words what is wrong. */
void discard_take(const struct discard *by, uint64_t request, const struct msg_message_discard *m);

#endif
