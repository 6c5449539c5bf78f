/*
 * order - what the desk orders for messages to peers: send a Ping, try a parked message again.
 *
 * Each is answered after its commit, which also writes the journal.
 */
#ifndef REGISTRY_ORDER_H
#define REGISTRY_ORDER_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct pace;
struct peers;
struct poll;

/* What orders work on; all borrowed. It stays where it is. */
struct order {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
	struct poll *poll;
};

void order_ping(const struct order *by, uint64_t request, const struct msg_peer_ping *m);
void order_requeue(const struct order *by, uint64_t request, const struct msg_message_requeue *m);

#endif
