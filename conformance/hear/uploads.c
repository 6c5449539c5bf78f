#include "conformance/hear/uploads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/wire/tls.h"
#include "protocol/base/codec.h"

#define PATH "/rxp/1/attachments/"
#define OFFSET_TEXT 24

struct upload {
	struct upload *next;
	uint8_t digest[32];
	struct rxp_buf octets;
	bool whole;
	int64_t whole_ms;
};

struct uploads {
	struct upload *first;
	char offset[OFFSET_TEXT]; /* of the last answer */
	bool refuses;
	unsigned tried;
};

struct uploads *uploads_new(void)
{
	return calloc(1, sizeof(struct uploads));
}

static void drop(struct upload **at)
{
	struct upload *one = *at;

	*at = one->next;
	rxp_buf_free(&one->octets);
	free(one);
}

void uploads_free(struct uploads *u)
{
	if (u == NULL)
		return;
	while (u->first != NULL)
		drop(&u->first);
	free(u);
}

bool uploads_are_asked(const struct host_request *r)
{
	return strncmp(r->path, PATH, sizeof PATH - 1) == 0;
}

static struct upload **find(struct uploads *u, const uint8_t digest[32])
{
	struct upload **at = &u->first;

	while (*at != NULL && memcmp((*at)->digest, digest, sizeof(*at)->digest) != 0)
		at = &(*at)->next;
	return at;
}

static void say_offset(struct uploads *u, const struct upload *one, struct host_reply *out)
{
	(void)snprintf(u->offset, sizeof u->offset, "%zu", one == NULL ? 0 : one->octets.len);
	out->fields[0] = (struct wire_field){"rxp-offset", u->offset};
}

#define RANGE_UNIT "bytes "
#define RANGE_DIGITS 18 /* fit into 64 bits */

/* A number without sign or leading zero, and the character that ends it; *text goes behind both. */
static bool read_number(size_t *out, const char **text, char end)
{
	const char *at = *text;
	size_t digits = strspn(at, "0123456789"), n = 0;

	if (digits == 0 || digits > RANGE_DIGITS || (at[0] == '0' && digits > 1) ||
	    at[digits] != end)
		return false;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (size_t)(at[i] - '0');
	*out = n;
	*text = at + digits + (end != '\0');
	return true;
}

/* "bytes FIRST-LAST/WHOLE" of as many octets as came (RXP-ATT-034). */
static bool read_range(const struct host_request *r, size_t *first, size_t *whole)
{
	const char *text = r->range;
	size_t from, to, all;

	if (strncmp(text, RANGE_UNIT, sizeof RANGE_UNIT - 1) != 0)
		return false;
	text += sizeof RANGE_UNIT - 1;
	if (!read_number(&from, &text, '-') || !read_number(&to, &text, '/') ||
	    !read_number(&all, &text, '\0') || from > to || to >= all ||
	    to - from + 1 != r->body.len)
		return false;
	*first = from;
	*whole = all;
	return true;
}

static bool has_digest(const struct upload *one)
{
	uint8_t digest[32];

	return EVP_Digest(one->octets.data, one->octets.len, digest, NULL, EVP_sha256(), NULL) ==
		   1 &&
	       memcmp(digest, one->digest, sizeof digest) == 0;
}

static struct upload *begin(struct upload **at, const uint8_t digest[32])
{
	*at = calloc(1, sizeof **at);
	if (*at == NULL)
		return NULL;
	memcpy((*at)->digest, digest, sizeof(*at)->digest);
	rxp_buf_init(&(*at)->octets, HOST_MAX_UPLOAD);
	return *at;
}

/* RXP-ATT-012 */
static void put(struct uploads *u, const uint8_t digest[32], const struct host_request *r,
    struct host_reply *out)
{
	struct upload **at = find(u, digest), *one = *at;
	size_t first = 0, whole = 0;

	if (!read_range(r, &first, &whole)) {
		out->status = 400;
	} else if ((one != NULL && one->whole) || first != (one == NULL ? 0 : one->octets.len)) {
		out->status = 409;
		say_offset(u, one, out);
	} else if ((one == NULL && (one = begin(at, digest)) == NULL) ||
		   rxp_buf_put(&one->octets, r->body.data, r->body.len) != 0) {
		out->status = 503;
	} else if (one->octets.len < whole) {
		out->status = 202;
		say_offset(u, one, out);
	} else if (one->octets.len > whole || !has_digest(one)) {
		out->status = 422;
		drop(at);
	} else {
		one->whole = true;
		one->whole_ms = tls_now_ms();
		out->status = 201;
		say_offset(u, one, out);
	}
}

void uploads_answer(struct uploads *u, const struct host_request *r, struct host_reply *out)
{
	uint8_t digest[32];

	*out = (struct host_reply){.status = 404};
	if (rxp_hex_get(digest, sizeof digest, r->path + sizeof PATH - 1, false) != 0)
		return;
	if (strcmp(r->method, "PUT") == 0) {
		u->tried++;
		if (u->refuses)
			out->status = 503;
		else
			put(u, digest, r, out);
	} else if (strcmp(r->method, "HEAD") == 0) {
		const struct upload *one = *find(u, digest);

		if (one != NULL) {
			out->status = 200;
			say_offset(u, one, out);
		}
	} else if (strcmp(r->method, "GET") != 0) {
		out->status = 405;
	}
}

void uploads_refuse(struct uploads *u, bool refuse)
{
	u->refuses = refuse;
}

unsigned uploads_tried(const struct uploads *u)
{
	return u->tried;
}

const struct rxp_buf *uploads_whole(
    const struct uploads *u, const uint8_t digest[32], int64_t *since_ms)
{
	const struct upload *one = u->first;

	while (one != NULL && memcmp(one->digest, digest, sizeof one->digest) != 0)
		one = one->next;
	if (one == NULL || !one->whole)
		return NULL;
	*since_ms = one->whole_ms;
	return &one->octets;
}
