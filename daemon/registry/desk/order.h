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

void order_ping(struct node *n, uint64_t request, const struct msg_peer_ping *m);
void order_requeue(struct node *n, uint64_t request, const struct msg_message_requeue *m);

#endif
