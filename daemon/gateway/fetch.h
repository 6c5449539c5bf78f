/*
 * fetch - asks a peer for one thing: GET of its descriptor (RXP-HTTP-003), of the next message that it has for us
 * (RXP-PUL-002), or of a page of its log for us (RXP-HTTP-008), on the same connection as messages; or posts our
 * descriptor to it (RXP-PUL-008).
 *
 * Every question has exactly one outcome: the response, or why none came. What the octets say is for others
 * to judge.
 *
 * A peer whose key is another than those that it listed is asked for its descriptor all the same, on a connection of its
 * own on which nothing else is sent: the descriptor proves itself (RXP-DSC-032). A peer that refuses our key may know the
 * former one alone: if we have that it is asked under it, again on a connection for the one question, and is told our
 * descriptor under it if its own key is known (RXP-DSC-047).
 */
#ifndef GATEWAY_FETCH_H
#define GATEWAY_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct client;
struct resolver;
struct pins;
struct conns;
struct fetches;

struct fetches_config {
	struct conns *conns;
	struct client *client;
	const struct pins *pins;
	struct resolver *resolver;
	/* The outcome; its BYTES live until these return, which begin no other. */
	void (*descriptor)(void *arg, uint64_t request, const struct msg_descriptor_fetched *m);
	void (*polled)(void *arg, uint64_t request, const struct msg_polled *m);
	void (*log)(void *arg, uint64_t request, const struct msg_log_fetched *m);
	void (*told)(void *arg, uint64_t request, const struct msg_posted *m);
	void *arg;
};

int fetches_new(struct fetches **out, const struct fetches_config *config); /* RXP_ERR_NOMEM */
/* After client_drain() and all connections. NULL is allowed. */
void fetches_free(struct fetches *set);

/* The outcome may be told inside. */
void fetches_descriptor(
    struct fetches *set, uint64_t request, const struct msg_fetch_descriptor *m);
void fetches_log(struct fetches *set, uint64_t request, const struct msg_fetch_log *m);
/* Our descriptor; the octets are copied. */
void fetches_tell(struct fetches *set, uint64_t request, const struct msg_post *m);
/* skip: at most GATEWAY_PICKUP_SKIP; the first ones count. */
void fetches_poll(struct fetches *set, uint64_t request, const struct msg_poll *m);

/* End what waits at a peer; what comes within moments may finish. */
void fetches_drain(struct fetches *set);

/* Questions without an outcome. */
bool fetches_busy(const struct fetches *set);

#endif
