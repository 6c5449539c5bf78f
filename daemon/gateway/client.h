/*
 * client - hands envelopes to peers: POST /rxp/1/messages on one connection for each party.
 *
 * Every delivery has exactly one outcome. A request that the peer surely did not process is tried
 * once more at once; whatever else happens to it is the registry's to judge.
 */
#ifndef GATEWAY_CLIENT_H
#define GATEWAY_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct client;
struct conns;
struct pins;
struct resolver;

struct client_config {
	struct conns *conns;
	const struct pins *pins;
	struct resolver *resolver;
	/* The outcome of a delivery; its BYTES live until this returns, which begins no other. */
	void (*done)(void *arg, uint64_t request, const struct msg_delivery *delivery);
	void (*contact)(void *arg, const char party[4]); /* a connection with it has opened */
	void *arg;
};

int client_new(struct client **out, const struct client_config *config); /* RXP_ERR_NOMEM */
/* After client_drain() and after all connections. NULL is allowed. */
void client_free(struct client *c);

/* Take a delivery; the envelope is copied. done may be called inside. */
void client_deliver(struct client *c, uint64_t request, const struct msg_deliver *deliver);

/* Start nothing new; what has not been started ends. */
void client_drain(struct client *c);

/* Deliveries without an outcome. */
bool client_busy(const struct client *c);

#endif
