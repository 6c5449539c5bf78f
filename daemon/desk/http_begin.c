#include "daemon/desk/http_begin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <microhttpd.h>

#include "daemon/base/journal.h"
#include "daemon/desk/access.h"
#include "daemon/desk/api.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/http_state.h"
#include "daemon/desk/problem.h"
#include "protocol/base/err.h"

#define PSEUDONYM_MAX 16 /* characters, as in attestation.xsd */

static bool is_between(const char *value, char first, char last)
{
	for (; *value != '\0'; value++)
		if (*value < first || *value > last)
			return false;
	return true;
}

static bool is_visible(const char *value)
{
	return is_between(value, '!', '~');
}

/* As officers have them in attestations: one in other letters would never be found the same. */
static bool is_pseudonym(const char *value)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

	return strlen(value) <= PSEUDONYM_MAX && strspn(value, allowed) == strlen(value);
}

static bool is_true(const char *value)
{
	return strcmp(value, "true") == 0;
}

/* The headers that a route may ask for, of at most RECORD_NAME_MAX - 1 characters. */
static const struct header_form {
	const char *name;
	bool (*fits)(const char *value);
	const char *form;
} FORMS[] = {
    {"Idempotency-Key", is_visible, "Idempotency-Key is 1 to 63 visible ASCII characters"},
    {"Readmit-Reason", journal_reason_is,
	"Readmit-Reason is case-work, review, person-request, peer-request, supervision or incident"},
    {"Readmit-Officer", is_pseudonym,
	"Readmit-Officer is a pseudonym of 1 to 16 capital letters, digits and hyphens"},
    {"Readmit-Second-Officer", is_pseudonym,
	"Readmit-Second-Officer is a pseudonym of 1 to 16 capital letters, digits and hyphens"},
    {"Readmit-Names-Confirmed", is_true, "Readmit-Names-Confirmed is true, or not there"},
};

/* Who calls, and what he may do. */
static int identify(struct access_rights *rights, struct http_request *r)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	int rc = RXP_ERR_IO;

	if (info != NULL)
		rc = access_of_socket(rights, &r->api->access, info->connect_fd);
	if (rc == 0)
		snprintf(r->user, sizeof(r->user), "uid:%lu", (unsigned long)rights->uid);
	return rc;
}

static void forbid(struct http_request *r)
{
	char reason[RECORD_NAME_MAX];

	snprintf(reason, sizeof(reason), "it needs the role %s", api_role_word(r->route->role));
	problem_reply(r, PROBLEM_FORBIDDEN, reason);
}

struct query_check {
	const char *known;
	const char *wrong; /* a fixed text, NULL while all is well */
	struct http_request *r;
};

/* Is the name in the list with this mark behind it: an asterisk on a parameter that may come more than once, a
 * question mark on a header that need not come? */
static bool is_marked(const char *known, const char *name, char mark)
{
	char marked[RECORD_NAME_MAX];
	int n = snprintf(marked, sizeof(marked), "%s%c", name, mark);

	return n > 0 && (size_t)n < sizeof(marked) && route_listed(known, marked);
}

static enum MHD_Result check_parameter(
    void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct query_check *c = arg;
	bool many = is_marked(c->known, name, '*');

	(void)kind;
	if (!many && (!route_listed(c->known, name) || strchr(name, '*') != NULL))
		c->wrong = "a parameter that this resource does not know";
	else if (value == NULL)
		c->wrong = "a parameter without a value";
	else if (!many && http_query(c->r, name) != value) /* the look-up gives the first */
		c->wrong = "a parameter is given twice";
	return c->wrong == NULL ? MHD_YES : MHD_NO;
}

static bool well_formed(const struct http_request *r, const struct header_form *form)
{
	const char *value = NULL;

	return http_header_all(r, form->name, &value, 1) == 1 && value != NULL && *value != '\0' &&
	       strlen(value) < RECORD_NAME_MAX && form->fits(value);
}

/* Must the header be in its form: asked for, or given though it need not be? */
static bool counts(const struct http_request *r, const struct header_form *form)
{
	const char *value = NULL;

	return route_listed(r->route->headers, form->name) ||
	       (is_marked(r->route->headers, form->name, '?') &&
		   http_header_all(r, form->name, &value, 1) > 0);
}

/* What is wrong with the headers that the route asks for; NULL: nothing. */
static const char *wrong_header(const struct http_request *r)
{
	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++)
		if (counts(r, &FORMS[i]) && !well_formed(r, &FORMS[i]))
			return FORMS[i].form;
	return NULL;
}

static bool media_listed(const char *list, const char *type)
{
	char lower[64];
	size_t n = 0;

	if (type == NULL)
		return false;
	n = strcspn(type, "; \t");
	if (n >= sizeof(lower))
		return false;
	for (size_t i = 0; i < n; i++)
		lower[i] = (char)(type[i] >= 'A' && type[i] <= 'Z' ? type[i] - 'A' + 'a' : type[i]);
	lower[n] = '\0';
	return route_listed(list, lower);
}

static void check_request(struct http_request *r)
{
	struct query_check query = {.known = r->route->query, .r = r};
	const char *length = http_header(r, "Content-Length");

	MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, check_parameter, &query);
	if (query.wrong != NULL)
		problem_reply(r, PROBLEM_QUERY, query.wrong);
	else if (wrong_header(r) != NULL)
		problem_reply(r, PROBLEM_HEADER, wrong_header(r));
	else if (length != NULL && strtoull(length, NULL, 10) > r->route->body_max)
		problem_reply(r, PROBLEM_TOO_LARGE, NULL);
	else if (r->route->media != NULL &&
		 !media_listed(r->route->media, http_header(r, "Content-Type")))
		problem_reply(r, PROBLEM_MEDIA, NULL);
	else if (r->route->body == ROUTE_STREAM)
		r->route->handler(r);
	else
		rxp_buf_init(&r->body, r->route->body_max);
}

void http_begin(struct http_request *r, const char *method, const char *path)
{
	char allow[ROUTE_ALLOW_TEXT];
	struct access_rights rights = {.others = 0};
	int rc = route_find(&r->route, &r->values, allow, method, path);

	if (identify(&rights, r) != 0)
		problem_reply(r, PROBLEM_NO_IDENTITY, NULL);
	else if (rc == RXP_ERR_NOT_FOUND)
		problem_reply(r, PROBLEM_UNKNOWN_PATH, NULL);
	else if (rc != 0)
		problem_reply_allow(r, allow);
	else if (access_cases(&rights, r->route->role) == 0)
		forbid(r);
	else {
		r->unseen = API_CASES_ALL & ~access_cases(&rights, r->route->role);
		check_request(r);
	}
}
