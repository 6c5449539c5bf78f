/*
 * route - the table of the local API (route.def) and the search in it.
 *
 * Paths are compared as octets: the API knows no percent-encoding, no empty segment and no trailing
 * slash, so that one resource has one path.
 */
#ifndef DESK_ROUTE_H
#define DESK_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/api_role.h"
#include "protocol/base/ident.h"
#include "protocol/document/document.h"

struct http_request;

enum route_method { ROUTE_GET, ROUTE_POST, ROUTE_METHODS };

/* How its body comes to the handler. */
enum route_body { ROUTE_NONE, ROUTE_WHOLE, ROUTE_STREAM };

/* Answers the request, or asks the registry and answers later. */
typedef void route_handler(struct http_request *r);

struct route {
	const char *name;
	enum route_method method;
	const char *path;
	enum api_role role; /* that a caller needs */
	const char *query; /* names, each followed by a space or the end */
	const char *headers; /* likewise */
	const char *media; /* content types likewise, NULL without a body */
	enum route_body body;
	size_t body_max; /* octets */
	const char *summary;
	route_handler *handler;
};

/* What the variable segments of a path held; zeros if the route has no such segment. */
struct route_values {
	char party[RXP_PARTY_TEXT];
	uint8_t id[RXP_ID_OCTETS]; /* of a message or of a case */
	uint32_t number; /* of an attachment, or a version */
	char profile[RXP_PROFILE_TEXT]; /* id */
};

extern const struct route route_table[];
extern const size_t route_count;

const char *route_method_name(enum route_method m);

#define ROUTE_ALLOW_TEXT 32 /* "GET, HEAD, POST" and its NUL */

/*
 * The route of a method (HEAD counts as GET) and a path. RXP_ERR_NOT_FOUND: no route has this path;
 * RXP_ERR_UNSUPPORTED: none has it with this method, and allow holds the methods that it has.
 */
int route_find(const struct route **out, struct route_values *values, char allow[ROUTE_ALLOW_TEXT],
    const char *method, const char *path);

/* ID/VERSION of a profile, into its two variables. */
bool route_profile(struct route_values *values, const char *text);

/* Is the word one of a list of words separated by single spaces? */
bool route_listed(const char *list, const char *word);

#endif
