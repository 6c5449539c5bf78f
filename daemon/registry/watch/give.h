/*
 * give - pages of the log that we keep for a peer, when it asks (RXP-LOG-004 to 007): the registry has the entries, a
 * sealer seals them.
 */
#ifndef REGISTRY_WATCH_GIVE_H
#define REGISTRY_WATCH_GIVE_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peers;

struct give {
	struct node *node; /* borrowed, as the rest */
	struct peers *peers;
};

/* The gateway's request `log_get`: answered later, or at once with 503 if that is one too many of the peer. */
void give_page(struct give *g, uint64_t request, const struct msg_log_get *m);

#endif
