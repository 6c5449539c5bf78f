#include "daemon/registry/watch/fit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store_log.h"
#include "protocol/base/codec.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/message/answer.h"

#define ELEMENT_TEXT 160 /* of one element with its tags */
#define NUMBER_TEXT 24
#define BASE64_TEXT (RXP_BASE64_LENGTH(RXP_DIGEST_OCTETS) + 1)

static bool holds(struct bytes octets, const char *text)
{
	return octets.len > 0 && memmem(octets.data, octets.len, text, strlen(text)) != NULL;
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

static bool says_time(struct bytes octets, const char *name, int64_t at_ms)
{
	char text[RXP_TIME_TEXT];

	if (at_ms < 0 || at_ms > RXP_MAX_TIME_MS)
		return false;
	rxp_time_text(text, at_ms);
	return says(octets, name, text);
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
	       says_time(e.header, "Created", row->created_ms) &&
	       says_time(e.header, "Expires", row->expires_ms) &&
	       says(e.header, "Type", row->type) && says_place(e.header, &row->place);
}

/* --- the Receipt ----------------------------------------------------------------------------------- */

static size_t count_of(struct bytes octets, const char *text)
{
	const uint8_t *at = octets.data, *end = octets.data + octets.len;
	size_t n = 0;

	while (
	    octets.len > 0 && (at = memmem(at, (size_t)(end - at), text, strlen(text))) != NULL) {
		at += strlen(text);
		n++;
	}
	return n;
}

/* Those that it has and no other, but for the one that is ours. */
static bool says_flags(struct bytes answer, const char *flags)
{
	char flag[RXP_FLAG_TEXT];
	size_t n = 0;

	for (const char *at = flags; *at != '\0'; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		if (len >= sizeof flag)
			return false;
		snprintf(flag, sizeof flag, "%.*s", (int)len, at);
		at += len;
		if (strcmp(flag, NODE_TIME_DISPUTED) == 0)
			continue;
		if (!says(answer, "Flag", flag))
			return false;
		n++;
	}
	return count_of(answer, "<Flag>") == n;
}

static bool says_log(struct bytes answer, const struct store_log_row *row)
{
	char count[NUMBER_TEXT];

	snprintf(count, sizeof count, "%" PRIu64, row->log_count);
	return says_id(answer, "LogId", row->log_id) && says(answer, "LogCount", count) &&
	       says_digest(answer, "LogHead", true, row->log_head);
}

bool fit_answer(const struct store_log_row *row)
{
	return says_id(row->answer, "MessageId", row->message_id) &&
	       says_digest(row->answer, "Fingerprint", true, row->fingerprint) &&
	       says_time(row->answer, "ReceivedAt", row->received_ms) &&
	       says_flags(row->answer, row->flags) &&
	       (row->sent ? says_log(row->answer, row)
			  : says_digest(row->answer, "EnvelopeDigest", true, row->envelope_digest));
}
