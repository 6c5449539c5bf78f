/*
 * h2 - one HTTP/2 connection without its socket: octets in, octets out, whole messages between.
 *
 * The only user of nghttp2. Both directions: a server's streams are requests of the peer, a
 * client's are ours. A message is one field section and one bounded body, collected or passed on as
 * it comes; push, trailers and content encodings do not exist (RXP-HTTP-001), and what a field means
 * is for the caller of this module to judge from struct h2_head. Nothing here blocks, reads a socket
 * or keeps a timer.
 */
#ifndef GATEWAY_H2_H
#define GATEWAY_H2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/gateway/h2_head.h"

struct h2;
struct h2_shared;
struct h2_stream;
struct rxp_buf;

enum h2_side { H2_SERVER, H2_CLIENT };

enum h2_fault { H2_FAULT_BODY, H2_FAULT_TRAILERS, H2_FAULT_INTERIM, H2_FAULT_NOMEM };
enum h2_end {
	H2_END_DONE, /* both sides finished it */
	H2_END_REFUSED, /* surely not processed by the peer */
	H2_END_RESET, /* by the peer, or by us for an error of the peer */
	H2_END_LOST, /* the connection ended */
};

/* What the owner of a connection hears of its streams. None may free the connection. */
struct h2_calls {
	/* The field section is there: set the bound of the body, or answer at once. */
	void (*head)(void *arg, struct h2_stream *s);
	void (*whole)(void *arg, struct h2_stream *s); /* the peer's message is complete */
	/* Something in the peer's message that cannot be; its further octets are dropped. */
	void (*fault)(void *arg, struct h2_stream *s, enum h2_fault fault);
	void (*sent)(void *arg, struct h2_stream *s); /* all octets of our message went to TLS */
	void (*late)(void *arg, struct h2_stream *s); /* its deadline has passed; it has none now */
	void (*gone)(void *arg, struct h2_stream *s, enum h2_end end); /* freed after this */
	/* Octets of the peer's body, instead of collecting them, or NULL. The peer may send so much
	 * more when h2_stream_consume() says that they are dealt with. */
	void (*octets)(void *arg, struct h2_stream *s, const uint8_t *octets, size_t len);
};

/* What the keeper of the socket hears. */
struct h2_host {
	void (*wake)(void *arg); /* there may be octets to send */
	void (*settled)(void *arg); /* the peer's SETTINGS came: it takes us */
	void (*abuse)(void *arg, const char *why); /* GOAWAY is under way; fixed text */
	/* Octets of a file are to go: 0 if they may and are counted, else the ms until they may. Or NULL. */
	int64_t (*file)(void *arg, size_t octets);
};

struct h2_config {
	enum h2_side side;
	const struct h2_calls *calls;
	void *arg; /* for calls */
	const struct h2_host *host;
	void *host_arg;
	int64_t head_ms; /* for a peer's field section */
};

/* A session that has its SETTINGS ready to send. RXP_ERR_NOMEM. */
int h2_new(struct h2 **out, const struct h2_config *config);
/* Ends every stream with H2_END_LOST first. NULL is allowed. */
void h2_free(struct h2 *h);

/* Octets from the peer. RXP_ERR_PEER: it is not HTTP/2; what can be said is ready to send. */
int h2_recv(struct h2 *h, const uint8_t *octets, size_t len);
/* Octets for the peer, at most cap; *n = 0 when there are none. No frame of a body that is begun is longer. RXP_ERR_NOMEM. */
int h2_fill(struct h2 *h, uint8_t *out, size_t cap, size_t *n);
/* All octets from h2_fill() have gone to TLS. */
void h2_flushed(struct h2 *h);
/* Nothing remains to be read or written: the connection has come to its end. */
bool h2_over(const struct h2 *h);
size_t h2_streams(const struct h2 *h);

/* Earliest deadline of a stream, or instant at which a file may go on; INT64_MAX if there is none. And call late
 * for deadlines that have passed: was there one? */
int64_t h2_deadline(const struct h2 *h);
bool h2_expire(struct h2 *h, int64_t now_ms);
/* Give every stream that waits for the peer's octets that much more time. */
void h2_extend(struct h2 *h, int64_t ms);

/* GOAWAY: streams that are open go on, others are not taken. */
void h2_shutdown(struct h2 *h);

/* May a request be started? Not after a GOAWAY of either side. */
bool h2_accepts(const struct h2 *h);

/* Fill out with the len octets of a body that begin at this one; asked in order, at most a frame at a
 * time. arg is that of the stream's calls. Anything but 0 resets the stream. */
typedef int h2_read(void *arg, struct h2_stream *s, size_t at, uint8_t *out, size_t len);

struct h2_request {
	const char *method, *path, *authority; /* copied */
	const char *type; /* content-type, or NULL */
	const char *range; /* content-range, or NULL */
	const char *wanted; /* range, or NULL */
	const uint8_t *body; /* borrowed until the stream has gone or is cancelled */
	h2_read *read; /* called so long, instead of body; or NULL */
	size_t len;
	size_t max_body; /* of the response */
	int64_t deadline_ms;
	int64_t patience_ms; /* the deadline is so far away again whenever octets go; 0: it stays */
	void *user;
};

/* Start a request. RXP_ERR_NOMEM, RXP_ERR_STATE. */
int h2_request(struct h2 *h, const struct h2_request *request, struct h2_stream **out);

#define H2_OFFSET_TEXT 24 /* decimal digits and NUL */

struct h2_response {
	unsigned status;
	const char *type; /* or NULL */
	const char *allow; /* or NULL */
	const char *offset; /* rxp-offset, or NULL */
	const char *range; /* content-range, or NULL */
	const uint8_t *body; /* copied */
	h2_read
	    *read; /* instead of body, or NULL: called until the stream has gone or is cancelled */
	size_t len;
	struct h2_shared *shared; /* instead of body, or NULL; used until the stream has gone */
	int64_t deadline_ms;
	int64_t patience_ms; /* as of a request */
};

/* Answer; what is still to come of the request is dropped. Once for a stream.
 * RXP_ERR_NOMEM: the stream is reset. */
int h2_respond(struct h2_stream *s, const struct h2_response *response);

/* RST_STREAM with CANCEL; gone follows. */
void h2_cancel(struct h2_stream *s);

/* These calls, which outlive the stream, hear of it from now on; NULL: the connection's again. */
void h2_stream_adopt(struct h2_stream *s, const struct h2_calls *calls, void *arg);
/* So many octets that were given to calls.octets are dealt with. */
void h2_stream_consume(struct h2_stream *s, size_t len);
/* Let the peer send so many octets before any is consumed, instead of GATEWAY_STREAM_WINDOW. */
void h2_stream_window(struct h2_stream *s, size_t octets);

const struct h2_head *h2_stream_head(const struct h2_stream *s);
struct rxp_buf *h2_stream_body(struct h2_stream *s); /* the caller may free its content early */
void h2_stream_bound(struct h2_stream *s, size_t max_body, int64_t deadline_ms);
void h2_stream_deadline(struct h2_stream *s, int64_t deadline_ms); /* 0: none */
/* While the peer's body is collected, each GATEWAY_PIECE_OCTETS of it put the deadline so far away again. */
void h2_stream_patience(struct h2_stream *s, int64_t patience_ms);
bool h2_stream_started(const struct h2_stream *s); /* its HEADERS were handed to the socket */
bool h2_stream_answered(const struct h2_stream *s);
void *h2_stream_user(const struct h2_stream *s);
void h2_stream_set_user(struct h2_stream *s, void *user);

#endif
