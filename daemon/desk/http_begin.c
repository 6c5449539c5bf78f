#include "daemon/desk/http_begin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "daemon/desk/http_request.h"
#include "daemon/desk/http_state.h"
#include "daemon/desk/problem.h"
#include "protocol/err.h"

/* The headers that a route may ask for: printable ASCII, of at most RECORD_NAME_MAX - 1 characters. */
static const struct header_form {
	const char *name;
	char least; /* the first character allowed */
	const char *form;
} FORMS[] = {
    {"Idempotency-Key", '!', "Idempotency-Key is 1 to 63 visible ASCII characters"},
    {"Readmit-Reason", ' ', "Readmit-Reason is 1 to 63 printable ASCII characters"},
};

static int identify(struct http_request *r)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (info == NULL || getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return RXP_ERR_IO;
	if (cred.uid == (uid_t)-1) /* what the kernel says when it knows of none */
		return RXP_ERR_NOT_FOUND;
	snprintf(r->user, sizeof(r->user), "uid:%lu", (unsigned long)cred.uid);
	return 0;
}

struct query_check {
	const char *known;
	const char *wrong; /* a fixed text, NULL while all is well */
	struct http_request *r;
};

/* May the parameter come more than once? The route says so with an asterisk. */
static bool repeats(const char *known, const char *name)
{
	char many[RECORD_NAME_MAX];
	int n = snprintf(many, sizeof(many), "%s*", name);

	return n > 0 && (size_t)n < sizeof(many) && route_listed(known, many);
}

static enum MHD_Result check_parameter(
    void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct query_check *c = arg;
	bool many = repeats(c->known, name);

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

	if (http_header_all(r, form->name, &value, 1) != 1 || value == NULL || *value == '\0' ||
	    strlen(value) >= RECORD_NAME_MAX)
		return false;
	for (; *value != '\0'; value++)
		if (*value < form->least || *value > '~')
			return false;
	return true;
}

/* What is wrong with the headers that the route asks for; NULL: nothing. */
static const char *wrong_header(const struct http_request *r)
{
	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++)
		if (route_listed(r->route->headers, FORMS[i].name) && !well_formed(r, &FORMS[i]))
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
	int rc = route_find(&r->route, &r->values, allow, method, path);

	if (identify(r) != 0)
		problem_reply(r, PROBLEM_NO_IDENTITY, NULL);
	else if (rc == RXP_ERR_NOT_FOUND)
		problem_reply(r, PROBLEM_UNKNOWN_PATH, NULL);
	else if (rc != 0)
		problem_reply_allow(r, allow);
	else
		check_request(r);
}
