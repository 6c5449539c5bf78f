#include "daemon/ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/bundle_write.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

bool bundle_put_header(FILE *f, enum ustar_kind kind, const char *id, uint64_t size)
{
	uint8_t block[USTAR_BLOCK];

	ustar_write(block, kind, id, size);
	return fwrite(block, 1, sizeof(block), f) == sizeof(block);
}

bool bundle_put_padding(FILE *f, uint64_t size)
{
	static const uint8_t zeros[USTAR_BLOCK];
	size_t n = ustar_padding(size);

	return fwrite(zeros, 1, n, f) == n;
}

bool bundle_put(FILE *f, enum ustar_kind kind, const char *id, const uint8_t *octets, size_t len)
{
	return bundle_put_header(f, kind, id, len) && fwrite(octets, 1, len, f) == len &&
	       bundle_put_padding(f, len);
}

bool bundle_end(FILE *f)
{
	static const uint8_t zeros[2 * USTAR_BLOCK];

	return fwrite(zeros, 1, sizeof(zeros), f) == sizeof(zeros);
}

static enum exit_status put_own(struct ctl *c, FILE *f, const char *party)
{
	struct rxp_buf octets;
	enum exit_status status = ctl_fetch(
	    c, &(struct call_request){.method = "GET", .path = "/v1/descriptor"}, &octets);

	if (status != EXIT_OK)
		return status;
	if (!bundle_put(f, USTAR_DESCRIPTOR, party, octets.data, octets.len)) {
		ctl_complain(c, "the bundle cannot be written");
		status = EXIT_FAILED;
	}
	rxp_buf_free(&octets);
	return status;
}

enum exit_status bundle_party(struct ctl *c, char out[RXP_PARTY_TEXT])
{
	const char *party;
	json_t *json = NULL;
	enum exit_status status =
	    ctl_call(c, &(struct call_request){.method = "GET", .path = "/v1/status"}, &json);

	if (status != EXIT_OK)
		return status;
	party = json_string_value(json_object_get(json, "party"));
	if (party != NULL && rxp_party_valid(party)) {
		snprintf(out, RXP_PARTY_TEXT, "%s", party);
	} else {
		ctl_complain(c, "the daemon does not say of which party it is");
		status = EXIT_FAILED;
	}
	json_decref(json);
	return status;
}

enum exit_status bundle_begin(struct ctl *c, FILE *f)
{
	char party[RXP_PARTY_TEXT];
	enum exit_status status = bundle_party(c, party);

	return status == EXIT_OK ? put_own(c, f, party) : status;
}

enum exit_status bundle_put_text(
    struct ctl *c, FILE *f, enum ustar_kind kind, const char *id, const char *text)
{
	struct rxp_buf octets;
	uint8_t id_octets[RXP_ID_OCTETS];
	bool good = kind == USTAR_LOG || rxp_id_parse(id_octets, id, 7) == 0;

	rxp_buf_init(&octets, RXP_MAX_LOG_PAGE_OCTETS);
	good = good && rxp_base64_get(&octets, text, strlen(text)) == 0 &&
	       bundle_put(f, kind, id, octets.data, octets.len);
	rxp_buf_free(&octets);
	if (!good)
		ctl_complain(c, "%s/%s cannot be written", ustar_word(kind), id);
	return good ? EXIT_OK : EXIT_FAILED;
}

/* --- answers that the peer has lost ------------------------------------------------------------------- */

enum exit_status bundle_next_own(
    struct ctl *c, const char *peer, char after[RXP_ID_TEXT], struct json_t **json)
{
	char path[CTL_PATH_TEXT];
	const char *id;
	enum exit_status status;

	snprintf(path, sizeof(path), "/v1/peers/%s/bundle/answer%s%s", peer,
	    after[0] != '\0' ? "?after=" : "", after);
	status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, json);
	id = json_string_value(json_object_get(*json, "message_id"));
	snprintf(after, RXP_ID_TEXT, "%s", status == EXIT_OK && id != NULL ? id : "");
	return status;
}

enum exit_status bundle_put_own(
    struct ctl *c, FILE *f, const char *peer, struct json_t *json, size_t *n)
{
	enum exit_status status = EXIT_OK;
	char id[RXP_ID_TEXT];
	const char *text;

	while (json != NULL) {
		text = json_string_value(json_object_get(json, "message_id"));
		snprintf(id, sizeof(id), "%s", text != NULL ? text : "");
		text = json_string_value(json_object_get(json, "answer"));
		if (id[0] != '\0')
			status = bundle_put_text(c, f, USTAR_ANSWER, id, text != NULL ? text : "");
		json_decref(json);
		json = NULL;
		if (id[0] == '\0' || status != EXIT_OK)
			return status;
		++*n;
		status = bundle_next_own(c, peer, id, &json);
	}
	return status;
}

/* --- pages of the log (RXP-BND-007) ------------------------------------------------------------------ */

static enum exit_status put_page(struct ctl *c, FILE *f, json_int_t after, const char *text)
{
	char id[USTAR_ID_TEXT];

	snprintf(id, sizeof(id), "%" JSON_INTEGER_FORMAT, after);
	return bundle_put_text(c, f, USTAR_LOG, id, text);
}

enum exit_status bundle_put_logs(struct ctl *c, FILE *f, const char *peer)
{
	char path[CTL_PATH_TEXT];
	enum exit_status status = EXIT_OK;
	json_int_t after = 0, next;
	const char *page;

	for (unsigned i = 0; i < BUNDLE_PAGES_MAX && status == EXIT_OK; i++) {
		json_t *json = NULL;

		snprintf(path, sizeof(path), "/v1/peers/%s/bundle/log?after=%" JSON_INTEGER_FORMAT,
		    peer, after);
		status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &json);
		page = json_string_value(json_object_get(json, "page"));
		next = json_integer_value(json_object_get(json, "next"));
		if (status == EXIT_OK && page != NULL)
			status = put_page(c, f, after, page);
		if (page == NULL || next <= after)
			i = BUNDLE_PAGES_MAX;
		after = next;
		json_decref(json);
	}
	if (status != EXIT_LATER)
		return status;
	ctl_say(c,
	    "the node has no room now to make pages of the log for %s: they are left out from entry "
	    "%" JSON_INTEGER_FORMAT " on",
	    peer, after + 1);
	return EXIT_OK;
}
