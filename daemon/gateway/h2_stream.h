/*
 * h2_stream - one stream of an HTTP/2 connection and the list of them; inside of h2. What owners
 * of connections ask of a stream is declared in h2.h.
 */
#ifndef GATEWAY_H2_STREAM_H
#define GATEWAY_H2_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/gateway/h2.h"
#include "protocol/base/buf.h"

struct h2_streams {
	struct h2_stream *first;
	size_t count;
	size_t n_ended; /* of those with ended set */
};

struct h2_stream {
	struct h2 *h;
	struct h2_streams *list;
	struct h2_stream *next, *prev;
	int32_t id;
	const struct h2_calls *calls; /* who hears of it */
	void *arg;
	struct h2_head head;
	unsigned interim; /* 1xx responses so far */
	bool head_done;
	bool muted; /* what the peer still sends is dropped */
	bool started; /* our HEADERS are on their way */
	bool ended; /* our message lies whole in the buffer that goes to TLS next */
	bool answered, cancelled;
	struct rxp_buf body; /* the peer's */
	uint8_t *copy; /* owned octets of our message, or NULL */
	struct h2_shared *shared; /* one use of it, or NULL */
	const uint8_t *out;
	h2_read *read; /* instead of out, or NULL */
	size_t out_len, out_off;
	int64_t deadline_ms; /* 0: none */
	int64_t patience_ms, body_patience_ms; /* for octets of ours, and of the peer's; 0: none */
	size_t body_next; /* octets of its body that put the deadline off */
	int64_t put_off_until_ms; /* for that, if its rate is why; else 0 */
	size_t put_off; /* octets with which its file gives way (h2_share.h); 0: it does not */
	void *user;
};

/* A new one at the head of the list; NULL if there is no memory. */
struct h2_stream *h2_stream_new(struct h2_streams *list, struct h2 *h, int32_t id);
void h2_stream_unlink(struct h2_stream *s);
void h2_stream_free(struct h2_stream *s); /* after h2_stream_unlink() */

/* Or when one that was put off for its rate may go on. INT64_MAX if there is neither. */
int64_t h2_stream_first_deadline(const struct h2_streams *list);

#endif
