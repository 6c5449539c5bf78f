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

/* The requests are answered on the desk's link. */
void peering_add(struct node *n, uint64_t request, const struct msg_peer_add *m);
void peering_distrust(struct node *n, uint64_t request, const struct msg_peer_distrust *m);

#endif
