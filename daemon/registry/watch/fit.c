#include "daemon/registry/watch/fit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store_log.h"
#include "protocol/base/codec.h"

#define ELEMENT_TEXT 160 /* of one element with its tags */
#define NUMBER_TEXT 24
#define BASE64_TEXT (RXP_BASE64_LENGTH(RXP_DIGEST_OCTETS) + 1)

static bool holds(struct bytes octets, const char *text)
{
	return memmem(octets.data, octets.len, text, strlen(text)) != NULL;
}

static bool says(struct bytes header, const char *name, const char *value)
{
	char element[ELEMENT_TEXT];

	snprintf(element, sizeof element, "<%s>%s</%s>", name, value, name);
	return holds(header, element);
}

static bool says_id(struct bytes header, const char *name, const uint8_t id[RXP_ID_OCTETS])
{
	char text[RXP_ID_TEXT];

	rxp_id_text(text, id);
	return says(header, name, text);
}

static bool base64_of(char text[BASE64_TEXT], const uint8_t digest[RXP_DIGEST_OCTETS])
{
	struct rxp_buf b;
	bool made;

	rxp_buf_init(&b, BASE64_TEXT);
	made = rxp_base64_put(&b, digest, RXP_DIGEST_OCTETS) == 0;
	if (made)
		snprintf(text, BASE64_TEXT, "%.*s", (int)b.len, (const char *)b.data);
	rxp_buf_free(&b);
	return made;
}

/* A reference to another document, or none. */
static bool says_digest(
    struct bytes header, const char *name, bool has, const uint8_t digest[RXP_DIGEST_OCTETS])
{
	char text[BASE64_TEXT], element[ELEMENT_TEXT];

	snprintf(element, sizeof element, "<%s>", name);
	if (!has)
		return !holds(header, element);
	return base64_of(text, digest) && says(header, name, text);
}

static bool says_place(struct bytes header, const struct store_place *p)
{
	char position[NUMBER_TEXT];

	if (!p->in_case)
		return !holds(header, "<CaseId>");
	snprintf(position, sizeof position, "%" PRIu64, p->position);
	return says_id(header, "CaseId", p->case_id) && says(header, "Position", position) &&
	       says_digest(header, "Previous", p->has_previous, p->previous) &&
	       says_digest(header, "Seen", p->has_seen, p->seen);
}

/* The digest of a part stands in SignedInfo. */
static bool is_signed(struct bytes signed_info, struct bytes part)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	char text[BASE64_TEXT];

	return node_digest(digest, part.data, part.len) == 0 && base64_of(text, digest) &&
	       holds(signed_info, text);
}

bool fit_row(const struct store_log_row *row)
{
	struct rec_evidence e;
	uint8_t digest[RXP_DIGEST_OCTETS];

	if (row->evidence.len == 0)
		return true;
	return record_decode(&e, &record_evidence, row->evidence.data, row->evidence.len) == 0 &&
	       node_digest(digest, e.signed_info.data, e.signed_info.len) == 0 &&
	       memcmp(digest, row->fingerprint, sizeof digest) == 0 &&
	       is_signed(e.signed_info, e.header) && is_signed(e.signed_info, e.properties) &&
	       says_id(e.header, "MessageId", row->message_id) &&
	       says(e.header, "Type", row->type) && says_place(e.header, &row->place);
}
