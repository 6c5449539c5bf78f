/*
 * http_request - what a request holds, and what is judged when its headers are in; for http.c alone.
 */
#ifndef DESK_HTTP_REQUEST_H
#define DESK_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/desk/http.h"
#include "protocol/buf.h"

struct MHD_Connection;
struct MHD_Response;

enum http_state { STATE_BODY, STATE_SERVED, STATE_REPLIED, STATE_ABANDONED };

struct http_request {
	struct http *http;
	struct api *api;
	struct MHD_Connection *connection;
	enum http_state state;
	bool suspended;
	const struct route *route; /* NULL if there is none: answered before its body */
	struct route_values values;
	char user[RECORD_NAME_MAX];
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

/* Answer at once what cannot succeed; else the route is set and the body may come. */
void http_request_begin(struct http_request *r, const char *method, const char *path);

#endif
