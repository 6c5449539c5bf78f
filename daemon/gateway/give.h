/*
 * give - attachments that peers fetch from us: GET /rxp/1/attachments/{digest} (RXP-ATT-013, RXP-ATT-030).
 *
 * The registry says whether the file is meant for the party, and opens it. It is read as the connection
 * takes it and never lies in memory. At most GATEWAY_GIVES, GATEWAY_GIVES_PER_PARTY of a party; any other is
 * answered 503. One that does not take GATEWAY_PUT_OCTETS in its time is ended.
 */
#ifndef GATEWAY_GIVE_H
#define GATEWAY_GIVE_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct conns;
struct gives;
struct h2_stream;
struct inbound;

struct gives_config {
	const struct conns *conns;
	/* Ask the registry: 0 and the number of the request, or a code of the link. */
	int (*give)(void *arg, const struct msg_give *m, uint64_t *request);
	void *arg;
};

int gives_new(struct gives **out, const struct gives_config *config); /* RXP_ERR_NOMEM */
/* After all connections. NULL is allowed. */
void gives_free(struct gives *set);

/* A field section of GET for the file of that digest. 0: the stream is answered here, later; else the status
 * with which to refuse it. */
unsigned gives_ask(
    struct gives *set, struct inbound *in, struct h2_stream *stream, const uint8_t digest[32]);

/* The registry's answers. fd stays the caller's. */
void gives_given(struct gives *set, uint64_t request, const struct msg_given *m, int fd);
void gives_not_given(struct gives *set, uint64_t request, const struct msg_not_given *m);

#endif
