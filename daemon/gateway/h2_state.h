/*
 * h2_state - an HTTP/2 connection, as h2.c (the session and what comes) and h2_message.c (what
 * goes) see it; nobody else does.
 */
#ifndef GATEWAY_H2_STATE_H
#define GATEWAY_H2_STATE_H

#include "daemon/gateway/budget.h"
#include "daemon/gateway/h2_stream.h"

struct nghttp2_session;

struct h2 {
	struct h2_config config;
	struct nghttp2_session *session;
	struct h2_streams streams;
	const uint8_t *rest; /* of a frame that did not fit the last h2_fill() */
	size_t rest_len;
	size_t piece; /* of the last h2_fill() */
	struct budget budget;
	size_t file_credit; /* octets that files may go though messages wait (h2_share.h) */
	bool settled;
	bool broken; /* GOAWAY with an error was sent or is being sent */
};

/* There may be octets to send. */
void h2_wake(struct h2 *h);

#endif
