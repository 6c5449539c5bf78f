/*
 * reply - answers of the local API with a JSON body.
 */
#ifndef DESK_REPLY_H
#define DESK_REPLY_H

#include "daemon/desk/http_request.h"

struct json_t;

struct reply {
	unsigned status;
	const char *media; /* NULL: application/json */
	struct json_t
	    *json; /* taken over; NULL, as its makers give when memory is short: see below */
	struct http_header headers[HTTP_REPLY_HEADERS];
};

/* Answer the request. Without memory for the body the connection is closed. */
void reply_with(struct http_request *r, const struct reply *reply);

/* The same with status 200 and nothing else. */
void reply_json(struct http_request *r, struct json_t *json);

#endif
