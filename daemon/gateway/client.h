/*
 * client - one connection with each party, and what is posted on it: envelopes to /rxp/1/messages, answers to
 * what was fetched to /rxp/1/answers, our descriptor, and pages of our logs (RXP-PUL-006, 008, 010). What else goes to a party
 * (upload.h) shares the connection as an errand.
 *
 * A party that something was to go to, and to which nothing comes, is called until a connection opens: after pauses of a 32nd of
 * the time for which it has been away, between GATEWAY_CALL_FIRST_MS and GATEWAY_CALL_LAST_MS. That costs a party that is away
 * nothing, and of a line that is there for seconds nothing is lost by the registry's pauses: contact brings what waits forward.
 *
 * A peer that took us when it was last reached is sent what waits with the end of the handshake, in which it was authenticated, as RFC
 * 9113 lets a client; of any other its SETTINGS are awaited, which say that it takes us.
 *
 * Every delivery has exactly one outcome. A request that the peer surely did not process is tried
 * once more at once; whatever else happens to it is the registry's to judge.
 */
#ifndef GATEWAY_CLIENT_H
#define GATEWAY_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/gateway/transport.h"

struct client;
struct conns;
struct line;
struct pins;
struct resolver;

struct client_config {
	struct conns *conns;
	const struct pins *pins;
	struct resolver *resolver;
	/* The outcome of a delivery; its BYTES live until this returns, which begins no other. */
	void (*done)(void *arg, uint64_t request, const struct msg_delivery *delivery);
	void (*posted)(void *arg, uint64_t request, const struct msg_posted *m);
	void (*contact)(
	    void *arg, const char party[4], int64_t until_ms); /* a connection with it has opened */
	void *arg;
};

int client_new(struct client **out, const struct client_config *config); /* RXP_ERR_NOMEM */
/* After client_drain() and after all connections. NULL is allowed. */
void client_free(struct client *c);

/* Take a delivery; the envelope is copied. done may be called inside. */
void client_deliver(struct client *c, uint64_t request, const struct msg_deliver *deliver);

/* The same of an answer, a descriptor or a page; posted may be called inside. */
void client_post(struct client *c, uint64_t request, const struct msg_post *post);

/* Something that waits for the connection with a party: hears once of one or the other. */
struct errand {
	void *arg;
	void (*go)(void *arg, struct line *l); /* a request may be started on it now */
	void (*fail)(void *arg, enum transport why);
	struct errand *next; /* the client's */
};

/* Let it wait in its turn. go or fail may be called inside. */
void client_send(struct client *c, const char party[4], struct errand *e);

/* Start nothing new; what has not been started ends. */
void client_drain(struct client *c);

/* Deliveries without an outcome. */
bool client_busy(const struct client *c);

#endif
