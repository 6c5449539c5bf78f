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

/* Answers `peer_pinged`, with the local id of the Ping. RXP_ERR_NOT_FOUND: no such peer. RXP_ERR_STATE: it is distrusted. Errors of
 * the commit. */
void order_ping(const struct order *by, uint64_t request, const struct msg_peer_ping *m);
/* Answers `message_requeued`. What is in doubt is tried once more whatever halts it. RXP_ERR_NOT_FOUND: no such message. RXP_ERR_STATE: it
 * is not parked, or was never sent and is halted (cases/halt.h). Errors of the commit. */
void order_requeue(const struct order *by, uint64_t request, const struct msg_message_requeue *m);

#endif
