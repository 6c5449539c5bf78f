/*
 * host_inside - what the parts of host share: streams and connections (host.c), replies (host_reply.c).
 */
#ifndef CONFORM_HOST_INSIDE_H
#define CONFORM_HOST_INSIDE_H

#include "conformance/wire/host.h"

struct nghttp2_session;

struct stream {
	struct stream *next;
	struct line *line;
	int32_t id;
	struct host_request request;
	bool told; /* the owner was asked */
	bool waits; /* the reply is not begun */
	int64_t due_ms;
	struct host_reply reply; /* what it points to are the copies that follow */
	char type[HOST_TYPE], values[WIRE_MAX_FIELDS][HOST_TYPE];
	struct rxp_buf body;
	size_t given; /* octets of it */
	bool hit; /* its fault is due, once all before it has left */
};

struct line {
	struct line *next;
	struct host *host;
	unsigned number;
	struct guest *guest;
	struct nghttp2_session *session; /* NULL: before the end of the handshake */
	int window;
	const uint8_t *out; /* of the session: what has not left yet */
	size_t out_len;
	const uint8_t *frame; /* to go before anything else of the session */
	size_t frame_len;
	struct stream *streams;
	bool parts; /* when all has left */
	enum parting how;
	bool dead;
	int64_t lingers_ms; /* dead, and what comes is read and dropped until then; 0: no more */
};

struct host {
	struct host_calls calls;
	int fd, watch;
	struct line *lines;
	unsigned n_ever;
};

/* Keep a copy of the reply, to be begun when it is due. */
void reply_take(struct stream *s, const struct host_reply *reply);
/* It is due: begin to give it. */
void reply_begin(struct stream *s);
/* All before its fault has left: now the fault. */
void reply_strike(struct stream *s);

#endif
