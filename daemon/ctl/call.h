/*
 * call - one request to the local API over its Unix socket.
 */
#ifndef CTL_CALL_H
#define CTL_CALL_H

#include <stddef.h>

#include "protocol/buf.h"

#define CALL_ANSWER_MAX (4 * 1024 * 1024) /* octets of an answer */
#define CALL_SECONDS 30 /* for an answer, beside the time that the request itself waits */

struct call_request {
	const char *method, *path; /* the path with its query */
	const char *media; /* content type of the body, NULL without */
	const void *body; /* borrowed */
	size_t body_len;
	unsigned wait_s; /* that the daemon may take on purpose */
};

struct call_answer {
	long status;
	struct rxp_buf body; /* initialised by the caller with CALL_ANSWER_MAX, and freed */
};

enum call_result { CALL_DONE, CALL_NO_DAEMON, CALL_NOT_PERMITTED, CALL_TIMEOUT, CALL_FAILED };

/* socket: path of the daemon's socket; arg: what stands beside the function in struct ctl. */
typedef enum call_result call_fn(
    void *arg, const char *socket, const struct call_request *request, struct call_answer *answer);

/* The real one; arg is not used. */
enum call_result call_socket(
    void *arg, const char *socket, const struct call_request *request, struct call_answer *answer);

#endif
