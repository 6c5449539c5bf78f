/*
 * http_request - one request of the local API, for its handler: what it holds, its body, its answer.
 */
#ifndef DESK_HTTP_REQUEST_H
#define DESK_HTTP_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/record.h"
#include "daemon/desk/route.h"

#define HTTP_CONNECTIONS_MAX 64 /* and so of requests at a time */
#define HTTP_STREAM_OCTETS 65536 /* of a streamed answer, handed to the library at a time */

struct api;
struct http_request;

struct api *http_api(const struct http_request *r);
const struct route_values *http_values(const struct http_request *r);
unsigned http_unseen(
    const struct http_request *r); /* cases that the caller does not see: bits API_CASES_ */
const char *http_user(const struct http_request *r); /* "uid:1000", for journals */
struct bytes http_body(const struct http_request *r); /* of a route that takes it whole */
const char *http_query(const struct http_request *r, const char *name); /* NULL: not given */
/* The values of a parameter that may come more than once, in order; at most max are written, and
 * the number that was given is returned. */
size_t http_query_all(
    const struct http_request *r, const char *name, const char **values, size_t max);
/* A header that the route names: given once, in its form. */
const char *http_header(const struct http_request *r, const char *name);

/* One thing that lives with the request; released when that is over. */
void http_keep(struct http_request *r, void *kept, void (*release)(void *kept));
void *http_kept(const struct http_request *r);

/* --- a body that comes in pieces (ROUTE_STREAM): the handler runs when the headers are in ------- */
struct http_sink {
	/* Take octets; says how many. If fewer than len, the connection waits for http_go_on() or
	 * an answer, and then offers the rest again. */
	size_t (*take)(struct http_request *r, const uint8_t *octets, size_t len);
	/* There are no more: answers now or later. */
	void (*end)(struct http_request *r);
};

/* In the handler: the body goes to this sink, which stays the caller's. After an answer nothing more
 * goes there. */
void http_take(struct http_request *r, const struct http_sink *sink);
/* A sink takes again, or a reader has octets again. */
void http_go_on(struct http_request *r);

/* --- its answer: exactly one of these, once ------------------------------------------------ */
#define HTTP_REPLY_HEADERS 3

struct http_header {
	const char *name, *value; /* name NULL: none */
};

struct http_reply {
	unsigned status;
	const char *media; /* NULL without a body */
	const void *octets; /* copied */
	size_t len;
	struct http_header headers[HTTP_REPLY_HEADERS];
};

void http_reply(struct http_request *r, const struct http_reply *reply);

struct http_stream {
	const char *media;
	uint64_t length; /* octets in all */
	/* Fill out with 1 to max octets, or 0: none yet, wait for http_go_on(); or a negative code:
	 * break off, so that the client sees a body that is too short. */
	ssize_t (*read)(struct http_request *r, uint8_t *out, size_t max);
};

/* Status 200 and a body that the reader gives piece by piece. */
void http_reply_stream(struct http_request *r, const struct http_stream *stream);

/* There is no memory for an answer: close the connection. */
void http_abandon(struct http_request *r);

#endif
