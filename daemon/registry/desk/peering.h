/*
 * peering - the desk adds a peer by its descriptor, or distrusts one.
 *
 * Adding: a sealer verifies the descriptor under the root fingerprint that people compared; what it
 * may change is decided here; then the commit, the new register, and only then the answer. The same
 * descriptor again changes nothing and is answered RXP_ERR_EXISTS with the party; an RXP_ERR_EXISTS
 * without party is a conflict. `problem` says in words what is wrong.
 */
#ifndef REGISTRY_PEERING_H
#define REGISTRY_PEERING_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct pace;
struct peers;
struct publish;

/* What these work on; all borrowed. It stays where it is. */
struct peering {
	struct node *node;
	struct peers *peers;
	struct publish *publish;
	struct pace *pace;
};

/* The requests are answered on the desk's link. */
void peering_add(const struct peering *by, uint64_t request, const struct msg_peer_add *m);
void peering_distrust(
    const struct peering *by, uint64_t request, const struct msg_peer_distrust *m);

#endif
