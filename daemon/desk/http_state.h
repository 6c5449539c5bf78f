/*
 * http_state - what a request holds, as http.c, http_begin.c and http_request.c see it; nobody else
 * does.
 */
#ifndef DESK_HTTP_STATE_H
#define DESK_HTTP_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/desk/route.h"
#include "protocol/base/buf.h"

struct MHD_Connection;
struct MHD_Response;
struct api;
struct http_request;
struct http_sink;
struct timer;

/* The connections that wait for us, and the timer that runs the library when one goes on. */
struct http_waiting {
	struct http_request *first;
	struct timer *timer; /* owned */
};

enum http_state { STATE_BODY, STATE_SERVED, STATE_REPLIED, STATE_ABANDONED };

struct http_request {
	struct http_waiting *waiting; /* borrowed */
	struct api *api;
	struct MHD_Connection *connection;
	enum http_state state;
	bool suspended;
	const struct route *route; /* NULL if there is none: answered before its body */
	struct route_values values;
	char user[RECORD_NAME_MAX];
	unsigned unseen; /* cases that are not there for the caller: bits API_CASES_ */
	struct rxp_buf body;
	size_t seen; /* octets of the body, kept or not */
	const struct http_sink *sink;
	ssize_t (*read)(
	    struct http_request *r, uint8_t *out, size_t max); /* of a streamed answer */
	struct MHD_Response *response; /* of STATE_REPLIED */
	unsigned status;
	void *kept;
	void (*release)(void *kept);
	struct http_request *next, *previous; /* in the list of the suspended */
};

/* Nothing is read or written until http_go_on() or an answer. */
void http_suspend(struct http_request *r);

/* As http_query_all(), of a header; its name in either case of letters. */
size_t http_header_all(
    const struct http_request *r, const char *name, const char **values, size_t max);

#endif
