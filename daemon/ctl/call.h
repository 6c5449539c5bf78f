/*
 * call - one request to the local API over its Unix socket.
 */
#ifndef CTL_CALL_H
#define CTL_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "protocol/base/buf.h"

#define CALL_ANSWER_MAX (4UL * 1024 * 1024) /* octets of an answer */
#define CALL_SECONDS 30 /* for an answer, beside the time that the request itself waits */

#define CALL_STALL_SECONDS 30 /* without an octet of a file that is on its way */
#define CALL_HEADERS_MAX 4

/* A file on its way; called often, with the octets so far. */
typedef void call_progress_fn(void *arg, uint64_t octets);

struct call_request {
	const char *method, *path; /* the path with its query */
	const char *headers[CALL_HEADERS_MAX]; /* "Name: value", or NULL */
	const char *media; /* content type of the body, NULL without */
	const void *body; /* borrowed */
	size_t body_len;
	FILE *from; /* instead of body: body_len octets from its place on, or NULL */
	FILE *to; /* the body of an answer of status 200 goes there, or NULL */
	call_progress_fn *progress; /* for from and to; NULL for none */
	void *progress_arg;
	bool optional; /* the command goes on without it: of a refusal the reason alone is said */
	unsigned wait_s; /* that the daemon may take on purpose */
};

#define CALL_NOTE_TEXT 104 /* the longest names 24 persons */

struct call_answer {
	long status;
	/* headers that say what its body looks whole without; "" if they are not there */
	char not_shown[CALL_NOTE_TEXT], corrected[CALL_NOTE_TEXT], asked[CALL_NOTE_TEXT];
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
