/*
 * server - takes connections of peers and answers their requests (route.def).
 *
 * A whole body goes to the registry with the party that the connection's key names. While the
 * registry has no room, it waits here and its connection is not read: the peer feels it.
 */
#ifndef GATEWAY_SERVER_H
#define GATEWAY_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct server;
struct conns;
struct loop;
struct gives;
struct pickups;
struct pages;
struct staging;

/* What a body that is posted here is. */
enum server_body { SERVER_ENVELOPE, SERVER_ANSWER, SERVER_DESCRIPTOR, SERVER_LOG_PAGE };

struct server_config {
	struct loop *loop;
	struct conns *conns;
	struct staging *staging; /* takes the requests for attachments that are sent to us, … */
	struct gives *gives; /* … for those that are fetched, … */
	struct pages *pages; /* … for pages of a log … */
	struct pickups *pickups; /* … and for messages */
	/* Hand a body to the registry: 0 and its number, RXP_ERR_FULL to be asked again after
	 * server_admitted(), or another code. */
	int (*admit)(
	    void *arg, enum server_body what, const struct msg_admit *admit, uint64_t *request);
	void (*contact)(
	    void *arg, const char party[4], int64_t until_ms); /* a connection has opened */
	void *arg;
};

int server_new(struct server **out, const struct server_config *config); /* RXP_ERR_NOMEM */
/* After all its connections. NULL is allowed. */
void server_free(struct server *s);

/* Accept on this non-blocking socket, which stays the caller's. RXP_ERR_NOMEM, RXP_ERR_IO,
 * RXP_ERR_BOUND (GATEWAY_LISTENERS). */
int server_listen(struct server *s, int fd);

/* The registry's answer to the body of that number. */
struct server_answer {
	uint32_t http_status;
	struct bytes octets; /* the signed answer, or empty */
	uint64_t offset; /* rxp-offset of a status 202 (RXP-PUL-010) */
};

void server_answered(struct server *s, uint64_t request, const struct server_answer *answer);

/* The octets of GET /rxp/1/descriptor from now on; copied. RXP_ERR_NOMEM, RXP_ERR_BOUND. */
int server_set_descriptor(struct server *s, struct bytes octets);

/* Accept no more connections; those that are open are conns' to end. */
void server_drain(struct server *s);

#endif
