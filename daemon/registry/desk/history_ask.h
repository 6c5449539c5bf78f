/*
 * history_ask - a person asks a peer for documents of this node that were lost, and sees what came of it (spec/rxp-1.md
 * section 33).
 */
#ifndef REGISTRY_HISTORY_ASK_H
#define REGISTRY_HISTORY_ASK_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct pace;
struct peers;

struct history_ask {
	struct node *node; /* borrowed, as the rest */
	struct peers *peers;
	struct pace *pace;
};

/* A HistoryRequest in the outbox, in the place of what was asked of the peer before; what came of that and was not
 * looked at yet, goes. */
void history_ask(const struct history_ask *by, uint64_t request, const struct msg_history_ask *m);

/* What each peer was asked for last, and what each asked this node for last. */
void history_ask_list(const struct history_ask *by, uint64_t request);

#endif
