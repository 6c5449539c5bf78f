/*
 * api - the handlers of the local API, one for each row of route.def, and what they share.
 */
#ifndef DESK_API_H
#define DESK_API_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "daemon/desk/access.h"
#include "protocol/base/ident.h"
#include "protocol/document/document.h"

#define API_WAIT_MAX_S 60 /* of one long poll */
#define API_PAGE_MAX 100 /* rows of one page */
#define API_PAGE_DEFAULT 50

struct ask;
struct http_request;
struct loop;

#define API_URL_TEXT 200

struct api {
	struct loop *loop; /* borrowed */
	struct ask *ask; /* borrowed */
	unsigned uploads, downloads; /* files on their way, at most ATTACHMENT_TRANSFERS_MAX each */
	struct access access; /* who may do what; nobody but root until the parent has told it */
	char timestamp
	    [API_URL_TEXT]; /* whose time-stamps containers of evidence get; "": nobody's */
	char own[RXP_PARTY_TEXT]; /* the node's party; "" until the parent has told it */
};

#define ROUTE(name, method, path, role, query, headers, media, body, body_max, summary) \
	void api_##name(struct http_request *r);
#include "daemon/desk/route.def"
#undef ROUTE

/* --- parameters: false if the value is wrong, and the request is answered then ------------------ */
/* A decimal number without sign or leading zero, min..max; `otherwise` if it is not given. */
bool api_number(struct http_request *r, const char *name, uint32_t otherwise, uint32_t min,
    uint32_t max, uint32_t *out);
/* A party code; "" if it is not given. */
bool api_party(struct http_request *r, const char *name, char out[RXP_PARTY_TEXT]);
/* A local id; zeros if it is not given. */
bool api_id(struct http_request *r, const char *name, uint8_t out[RXP_ID_OCTETS]);
/* A case id; zeros if it is not given. */
bool api_case(struct http_request *r, const char *name, uint8_t out[RXP_ID_OCTETS]);

/* ID/VERSION of a profile; "" and 0 if it is not given. */
bool api_profile(
    struct http_request *r, const char *name, char id[RXP_PROFILE_TEXT], uint32_t *version);

/* Ask for a page of the list of messages of this name, from the parameters peer, after, limit and,
 * if the route has it, wait. */
void api_page(struct http_request *r, const char *list);

#endif
