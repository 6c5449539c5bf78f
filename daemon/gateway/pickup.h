/*
 * pickup - gives peers the messages that they fetch: GET /rxp/1/messages (RXP-PUL-002).
 *
 * The registry chooses the message, and waits for one if there is none. At most GATEWAY_PICKUPS_PER_PARTY
 * requests of a party are open or being sent to it; any other is answered 503.
 */
#ifndef GATEWAY_PICKUP_H
#define GATEWAY_PICKUP_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/gateway/limits.h"

struct conns;
struct h2_stream;
struct inbound;
struct pickups;

struct pickups_config {
	const struct conns *conns;
	/* Ask the registry: 0 and the number of the request, or a code of the link. */
	int (*pickup)(void *arg, const struct msg_pickup *m, uint64_t *request);
	void *arg;
};

int pickups_new(struct pickups **out, const struct pickups_config *config); /* RXP_ERR_NOMEM */
/* After all connections. NULL is allowed. */
void pickups_free(struct pickups *set);

/* A field section of GET. 0: the stream is answered here, later; else the status with which to refuse it. */
unsigned pickups_ask(struct pickups *set, struct inbound *in, struct h2_stream *stream);

/* The registry's answer. */
void pickups_answered(struct pickups *set, uint64_t request, const struct msg_picked_up *m);

/* Let nobody wait any more. */
void pickups_drain(struct pickups *set);

/* The query of the path: how long to wait, MessageIds of 16 octets each, of which skip holds
 * GATEWAY_PICKUP_SKIP, and what is left. RXP_ERR_SYNTAX: another form, RXP_ERR_BOUND: too many, too long. */
struct pickup_query {
	uint32_t wait_ms;
	uint8_t left[32]; /* zeros: nothing */
	size_t n_skip;
	uint8_t skip[GATEWAY_PICKUP_SKIP][16];
};

int pickup_parse(struct pickup_query *out, const char *query);

#endif
