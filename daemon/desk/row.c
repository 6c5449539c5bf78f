#include "daemon/desk/row.h"

#include <stdbool.h>
#include <string.h>

#include <jansson.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"

/* Room for a record of any kind that comes in a list. */
union any_row {
	struct rec_peer_row peer;
	struct rec_message_row message;
	struct rec_metric_row metric;
	struct rec_log_row log;
	struct rec_difference_row difference;
	struct rec_violation violation;
	struct rec_attachment_row attachment;
	struct rec_case_row a_case;
	struct rec_case_person_row person;
	struct rec_case_clock_row case_clock;
	struct rec_clock_mark_row clock_mark;
	struct rec_timeline_row timeline;
	struct rec_evidence_row evidence;
	struct rec_journal_row journal;
	struct rec_retention_person_row retained_person;
	struct rec_retention_document_row retained_document;
	struct rec_profile_row profile;
	struct rec_profile_head profile_head;
	struct rec_profile_clock clock;
	struct rec_profile_crossing crossing;
	struct rec_profile_remark remark;
	struct rec_calendar_row calendar;
	struct rec_finding_row finding;
	struct rec_sheet_row sheet;
	struct rec_statistic_row statistic;
	struct rec_outage_row outage;
	struct rec_offer_row offer;
	struct rec_correction_row correction;
	struct rec_corrected_row corrected;
	struct rec_history_row history;
	struct rec_recovery_row recovery;
	struct rec_unproved_row unproved;
	struct rec_contact_row contact;
};

static bool all_zero(const uint8_t *octets, size_t n)
{
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= octets[i];
	return any == 0;
}

static json_t *text_or_null(const char *text, size_t len)
{
	return len > 0 ? json_stringn(text, len) : json_null();
}

/* Whole numbers beyond what JSON readers hold exactly do not occur in a node's own counts; one out of
 * a peer's document is shown as the greatest. */
static json_t *count(uint64_t value)
{
	return json_integer(value <= INT64_MAX ? (json_int_t)value : INT64_MAX);
}

json_t *row_time(int64_t ms)
{
	char text[RXP_TIME_TEXT];

	if (ms == 0)
		return json_null();
	if (ms < 0 || ms > RXP_MAX_TIME_MS)
		return NULL;
	rxp_time_text(text, ms);
	return json_string(text);
}

static json_t *id_or_null(const uint8_t *id)
{
	char text[RXP_ID_TEXT];

	if (all_zero(id, RXP_ID_OCTETS))
		return json_null();
	rxp_id_text(text, id);
	return json_string(text);
}

static json_t *digest_or_null(const uint8_t *digest)
{
	char text[RXP_DIGEST_HEX];

	if (all_zero(digest, RXP_DIGEST_OCTETS))
		return json_null();
	rxp_hex_put(text, digest, RXP_DIGEST_OCTETS, false);
	return json_string(text);
}

static bool is_time(const struct field *f)
{
	size_t len = strlen(f->name);

	return f->kind == FIELD_KIND_I64 && len > 3 && strcmp(f->name + len - 3, "_ms") == 0;
}

/* A day of the record tables; one before 1970 stands for none. */
static bool is_day(const struct field *f)
{
	size_t len = strlen(f->name);

	return strcmp(f->name, "day") == 0 ||
	       (f->kind == FIELD_KIND_I64 && len > 4 && strcmp(f->name + len - 4, "_day") == 0);
}

static json_t *day_or_null(int64_t day)
{
	char text[RXP_DAY_TEXT];

	if (day < 0)
		return json_null();
	if (day > RXP_MAX_DAY)
		return NULL;
	rxp_day_text(text, (int32_t)day);
	return json_string(text);
}

static json_t *signed_json(const struct field *f, int64_t value)
{
	if (is_time(f))
		return row_time(value);
	return is_day(f) ? day_or_null(value) : json_integer(value);
}

static json_t *value_json(const struct field *f, const void *record)
{
	const void *at = (const char *)record + f->offset;
	const struct bytes *b = at;

	switch (f->kind) {
	case FIELD_KIND_U32:
		return signed_json(f, *(const uint32_t *)at);
	case FIELD_KIND_U64:
		return count(*(const uint64_t *)at);
	case FIELD_KIND_I64:
		return signed_json(f, *(const int64_t *)at);
	case FIELD_KIND_ID:
		return id_or_null(at);
	case FIELD_KIND_DIGEST:
		return digest_or_null(at);
	case FIELD_KIND_PARTY:
		return text_or_null(at, strnlen(at, RXP_PARTY_TEXT - 1));
	case FIELD_KIND_NAME:
		return text_or_null(at, strnlen(at, RECORD_NAME_MAX - 1));
	case FIELD_KIND_BYTES:
		return text_or_null((const char *)b->data, b->len);
	}
	return NULL;
}

/* A document's fingerprint also as a reply names it in Application. */
static int put_base64(json_t *object, const uint8_t *digest)
{
	struct rxp_buf text;
	json_t *value;
	int rc;

	if (all_zero(digest, RXP_DIGEST_OCTETS))
		return json_object_set_new(object, "fingerprint_base64", json_null()) == 0
			   ? 0
			   : RXP_ERR_NOMEM;
	rxp_buf_init(
	    &text, RXP_BASE64_LENGTH(RXP_DIGEST_OCTETS) + 1); /* a NUL is written behind it */
	rc = rxp_base64_put(&text, digest, RXP_DIGEST_OCTETS);
	value = rc == 0 ? json_stringn((const char *)text.data, text.len) : NULL;
	rxp_buf_free(&text);
	if (rc != 0)
		return rc;
	return json_object_set_new(object, "fingerprint_base64", value) == 0 ? 0 : RXP_ERR_NOMEM;
}

int row_json(struct json_t **out, const struct record_type *type, const void *record)
{
	size_t n;
	const struct field *fields = type->fields(&n);
	json_t *object = json_object();
	int rc = 0;

	if (object == NULL)
		return RXP_ERR_NOMEM;
	for (size_t i = 0; i < n && rc == 0; i++) {
		const struct field *f = &fields[i];
		char name[RECORD_NAME_MAX];
		size_t len = strlen(f->name) - (is_time(f) ? 3 : 0);
		json_t *value = value_json(f, record);

		memcpy(name, f->name, len);
		name[len] = '\0';
		/* Without memory the value is missing too; the caller's answer would fail likewise. */
		if (value == NULL)
			rc = RXP_ERR_DAMAGED;
		else if (json_object_set_new(object, name, value) != 0)
			rc = RXP_ERR_NOMEM;
		if (rc == 0 && f->kind == FIELD_KIND_DIGEST && strcmp(f->name, "fingerprint") == 0)
			rc = put_base64(object, (const uint8_t *)record + f->offset);
	}
	if (rc != 0) {
		json_decref(object);
		return rc;
	}
	*out = object;
	return 0;
}

/* Each record of the kind; one of another kind is passed over, or is damage. */
static int each(struct bytes rows, enum record_tag tag, bool mixed, row_fn *fn, void *arg)
{
	struct record_cursor cursor = {rows.data, rows.len};
	const struct record_type *type = record_type_of((uint16_t)tag);
	union any_row row;
	struct bytes fields;
	uint16_t found;
	int rc;

	while ((rc = record_list_next(&cursor, &found, &fields)) == 1) {
		if (mixed && found != (uint16_t)tag)
			continue;
		if (found != (uint16_t)tag || type->size > sizeof(row) ||
		    record_decode(&row, type, fields.data, fields.len) != 0)
			return RXP_ERR_DAMAGED;
		rc = fn(arg, &row);
		if (rc != 0)
			return rc;
	}
	return rc == 0 ? 0 : RXP_ERR_DAMAGED;
}

int row_each(struct bytes rows, enum record_tag tag, row_fn *fn, void *arg)
{
	return each(rows, tag, false, fn, arg);
}

int row_each_of(struct bytes rows, enum record_tag tag, row_fn *fn, void *arg)
{
	return each(rows, tag, true, fn, arg);
}

struct page {
	json_t *items;
	const struct record_type *type;
};

static int page_add(void *arg, const void *record)
{
	struct page *p = arg;
	json_t *object = NULL;
	int rc = row_json(&object, p->type, record);

	if (rc == 0 && json_array_append_new(p->items, object) != 0)
		rc = RXP_ERR_NOMEM;
	return rc;
}

static int list(json_t **out, struct bytes rows, enum record_tag tag, bool mixed)
{
	struct page p = {json_array(), record_type_of((uint16_t)tag)};
	int rc = p.items == NULL ? RXP_ERR_NOMEM : each(rows, tag, mixed, page_add, &p);

	if (rc != 0)
		json_decref(p.items);
	else
		*out = p.items;
	return rc;
}

int row_list(json_t **out, struct bytes rows, enum record_tag tag)
{
	return list(out, rows, tag, false);
}

int row_list_of(json_t **out, struct bytes rows, enum record_tag tag)
{
	return list(out, rows, tag, true);
}

int row_page(
    struct json_t **out, const struct msg_listed *listed, enum record_tag tag, const char *key)
{
	json_t *items = NULL, *next = NULL, *page;
	int rc = row_list(&items, listed->rows, tag);

	if (rc != 0)
		return rc;
	if (listed->more != 0 && json_array_size(items) > 0)
		next = json_object_get(json_array_get(items, json_array_size(items) - 1), key);
	page = json_pack("{s:O, s:O?}", "items", items, "next", next);
	json_decref(items);
	if (page == NULL)
		return RXP_ERR_NOMEM;
	*out = page;
	return 0;
}
