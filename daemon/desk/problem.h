/*
 * problem - the error answers of the local API: problem documents (RFC 9457) from one table.
 */
#ifndef DESK_PROBLEM_H
#define DESK_PROBLEM_H

#include <stdint.h>

#include "daemon/base/record.h"

struct http_request;

enum problem {
	PROBLEM_NONE = 0,
#define PROBLEM(name, code, status, title, detail) PROBLEM_##name,
#include "daemon/desk/problem.def"
#undef PROBLEM
	PROBLEM_COUNT
};

struct problem_row {
	const char *code;
	unsigned status;
	const char *title, *detail;
};

/* PROBLEM_NONE < p < PROBLEM_COUNT. */
const struct problem_row *problem_row(enum problem p);

/* The problem of an RXP_ERR_* code; PROBLEM_INTERNAL for a code that is not in the list. */
enum problem problem_of(int error);

#define PROBLEM_RETRY_S "1" /* Retry-After of the problems of status 503 */

/* Answer with the problem. reason: words that say what it is here, "" or NULL for none; never a
 * value out of a document. */
void problem_reply(struct http_request *r, enum problem p, const char *reason);

/* The same for method-not-allowed, with its Allow header. */
void problem_reply_allow(struct http_request *r, const char *allow);

/* The same for the `result` of a message of the registry, which is not 0. */
void problem_reply_result(struct http_request *r, uint32_t result, const char *reason);

/* The same for a request without a body: what is malformed is a parameter of it. */
void problem_reply_parameter(struct http_request *r, uint32_t result, const char *reason);

/* The same for a document, with all that is wrong in it (records violation). */
void problem_reply_violations(
    struct http_request *r, uint32_t result, const char *reason, struct bytes rows);

#endif
