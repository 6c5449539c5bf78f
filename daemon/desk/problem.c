#include "daemon/desk/problem.h"

#include <stddef.h>

#include <jansson.h>

#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/err.h"

static const struct problem_row ROWS[PROBLEM_COUNT] = {
#define PROBLEM(name, code, status, title, detail) \
	[PROBLEM_##name] = {(code), (status), (title), (detail)},
#include "daemon/desk/problem.def"
#undef PROBLEM
};

static const struct {
	int error;
	enum problem problem;
} OF_ERROR[] = {
#define PROBLEM_OF(error, name) {RXP_ERR_##error, PROBLEM_##name},
#include "daemon/desk/problem.def"
#undef PROBLEM_OF
};

const struct problem_row *problem_row(enum problem p)
{
	return &ROWS[p];
}

enum problem problem_of(int error)
{
	for (size_t i = 0; i < sizeof(OF_ERROR) / sizeof(OF_ERROR[0]); i++)
		if (OF_ERROR[i].error == error)
			return OF_ERROR[i].problem;
	return PROBLEM_INTERNAL;
}

/* A header, or none with name NULL; violations are taken over, or NULL. */
static void reply(struct http_request *r, enum problem p, const char *reason,
    struct http_header header, json_t *violations)
{
	const struct problem_row *row = problem_row(p);
	json_t *type = json_sprintf("urn:rxp:problem:%s", row->code);
	json_t *json = json_pack("{s:o?, s:s, s:i, s:s, s:s}", "type", type, "title", row->title,
	    "status", (int)row->status, "code", row->code, "detail", row->detail);

	if (json != NULL && reason != NULL && reason[0] != '\0')
		json_object_set_new(json, "reason", json_string(reason));
	if (json != NULL && violations != NULL)
		json_object_set(json, "violations", violations);
	json_decref(violations);
	reply_with(r, &(struct reply){.status = row->status,
			  .media = "application/problem+json",
			  .json = json,
			  .headers = {header}});
}

void problem_reply(struct http_request *r, enum problem p, const char *reason)
{
	struct http_header retry = {0};

	if (problem_row(p)->status == 503)
		retry = (struct http_header){"Retry-After", PROBLEM_RETRY_S};
	reply(r, p, reason, retry, NULL);
}

void problem_reply_allow(struct http_request *r, const char *allow)
{
	reply(r, PROBLEM_METHOD, NULL, (struct http_header){"Allow", allow}, NULL);
}

void problem_reply_result(struct http_request *r, uint32_t result, const char *reason)
{
	problem_reply(r, problem_of((int)(int32_t)result), reason);
}

void problem_reply_parameter(struct http_request *r, uint32_t result, const char *reason)
{
	if ((int)(int32_t)result == RXP_ERR_SYNTAX)
		problem_reply(r, PROBLEM_QUERY, reason);
	else
		problem_reply_result(r, result, reason);
}

void problem_reply_violations(
    struct http_request *r, uint32_t result, const char *reason, struct bytes rows)
{
	json_t *violations = NULL;
	int rc = row_list(&violations, rows, REC_violation);

	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply(r, problem_of((int)(int32_t)result), reason, (struct http_header){0},
		    violations);
}
