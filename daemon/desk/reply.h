/*
 * reply - answers of the local API with a JSON body.
 */
#ifndef DESK_REPLY_H
#define DESK_REPLY_H

struct http_request;
struct json_t;

struct reply {
	unsigned status;
	const char *media; /* NULL: application/json */
	struct json_t
	    *json; /* taken over; NULL, as its makers give when memory is short: see below */
	const char *header, *value; /* one more header, or NULL */
};

/* Answer the request. Without memory for the body the connection is closed. */
void reply_with(struct http_request *r, const struct reply *reply);

/* The same with status 200 and nothing else. */
void reply_json(struct http_request *r, struct json_t *json);

#endif
