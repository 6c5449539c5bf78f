/*
 * fetch - asks a peer for its descriptor: GET /rxp/1/descriptor, on the same connection as messages
 * (RXP-HTTP-003).
 *
 * Every question has exactly one outcome: the response, or why none came. What the octets say is for others
 * to judge.
 */
#ifndef GATEWAY_FETCH_H
#define GATEWAY_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct client;
struct conns;
struct fetches;

struct fetches_config {
	const struct conns *conns;
	struct client *client;
	/* The outcome; its BYTES live until this returns, which begins no other. */
	void (*done)(void *arg, uint64_t request, const struct msg_descriptor_fetched *m);
	void *arg;
};

int fetches_new(struct fetches **out, const struct fetches_config *config); /* RXP_ERR_NOMEM */
/* After client_drain() and all connections. NULL is allowed. */
void fetches_free(struct fetches *set);

/* done may be called inside. */
void fetches_begin(struct fetches *set, uint64_t request, const struct msg_fetch_descriptor *m);

/* Questions without an outcome. */
bool fetches_busy(const struct fetches *set);

#endif
