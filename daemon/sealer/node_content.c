#include "daemon/sealer/node_content.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "daemon/sealer/digest.h"
#include "daemon/sealer/history_content.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/xml/write.h"
#include "protocol/xml/xml.h"

#define NS_BODY "urn:rxp:1:body"
#define CONTACT_EMAIL_TEXT 101 /* an address with its NUL: person.xsd */
#define RECORD_SIZE_MAX 512 /* octets of the largest struct node_* */

/* --- what each type says -------------------------------------------------------------------------- */

static void write_handed_over(struct rxp_buf *out, const void *record)
{
	const struct rec_node_handed_over *r = record;

	rxp_write_base64(out, "Document", r->document, sizeof r->document);
	rxp_buf_puts(out, r->requesting != 0 ? "<AtRequestingDesk/>" : "<AtRequestedDesk/>");
}

static void write_void(struct rxp_buf *out, const void *record)
{
	const struct rec_node_void *r = record;

	rxp_write_id(out, "MessageId", r->message_id);
	rxp_write_base64(out, "Fingerprint", r->fingerprint, sizeof r->fingerprint);
}

static int read_void(void *record, struct rxp_walk *w, struct rxp_buf *octets)
{
	struct rec_node_void *r = record;

	(void)octets;
	rxp_walk_id(w, "MessageId", r->message_id, 7);
	rxp_walk_octets(w, "Fingerprint", r->fingerprint, sizeof r->fingerprint);
	return 0;
}

static void write_attachments(struct rxp_buf *out, const void *record)
{
	const struct rec_node_attachments *r = record;

	rxp_write_id(out, "MessageId", r->message_id);
	rxp_write_base64(out, "Fingerprint", r->fingerprint, sizeof r->fingerprint);
	rxp_write_time(out, "CompleteAt", r->complete_ms);
}

static int read_attachments(void *record, struct rxp_walk *w, struct rxp_buf *octets)
{
	struct rec_node_attachments *r = record;

	(void)octets;
	rxp_walk_id(w, "MessageId", r->message_id, 7);
	rxp_walk_octets(w, "Fingerprint", r->fingerprint, sizeof r->fingerprint);
	rxp_walk_time(w, "CompleteAt", &r->complete_ms);
	return 0;
}

static void write_outage(struct rxp_buf *out, const void *record)
{
	const struct rec_node_outage *r = record;
	const char *name = r->ends != 0 ? "OutageEnds" : "OutageBegins";

	rxp_buf_puts(out, "<");
	rxp_buf_puts(out, name);
	rxp_buf_puts(out, ">");
	rxp_write_id(out, "OutageId", r->outage_id);
	rxp_write_time(out, "From", r->from_ms);
	if (r->until_ms != 0)
		rxp_write_time(out, "Until", r->until_ms);
	rxp_buf_puts(out, "</");
	rxp_buf_puts(out, name);
	rxp_buf_puts(out, ">");
}

static int read_outage(void *record, struct rxp_walk *w, struct rxp_buf *octets)
{
	struct rec_node_outage *r = record;
	struct rxp_walk inner;

	(void)octets;
	r->ends = rxp_walk_at(w, "OutageEnds");
	if (r->ends == 0 && !rxp_walk_at(w, "OutageBegins"))
		return RXP_ERR_UNSUPPORTED;
	rxp_walk_init(
	    &inner, rxp_walk_element(w, r->ends != 0 ? "OutageEnds" : "OutageBegins"), NS_BODY);
	rxp_walk_id(&inner, "OutageId", r->outage_id, 4);
	rxp_walk_time(&inner, "From", &r->from_ms);
	if (rxp_walk_at(&inner, "Until"))
		rxp_walk_time(&inner, "Until", &r->until_ms);
	return rxp_walk_end(&inner);
}

static void write_erased(struct rxp_buf *out, const void *record)
{
	const struct rec_node_erased *r = record;

	rxp_buf_puts(out, "<Erased>");
	rxp_write_id(out, "CaseId", r->case_id);
	rxp_write_text(out, "Date", r->day);
	rxp_buf_puts(out, "</Erased>");
}

static int read_erased(void *record, struct rxp_walk *w, struct rxp_buf *octets)
{
	struct rec_node_erased *r = record;
	struct rxp_walk inner;

	(void)octets;
	if (!rxp_walk_at(w, "Erased"))
		return RXP_ERR_UNSUPPORTED;
	rxp_walk_init(&inner, rxp_walk_element(w, "Erased"), NS_BODY);
	rxp_walk_id(&inner, "CaseId", r->case_id, 4);
	rxp_walk_text(&inner, "Date", r->day, sizeof r->day);
	return rxp_walk_end(&inner);
}

static void write_contact(struct rxp_buf *out, const void *record)
{
	const struct rec_node_contact *r = record;
	char email[CONTACT_EMAIL_TEXT];

	rxp_buf_puts(out, "<Contact>");
	rxp_write_text(out, "Office", r->office);
	if (r->telephone[0] != '\0')
		rxp_write_text(out, "Telephone", r->telephone);
	if (r->email.len > 0 && r->email.len < sizeof email) {
		snprintf(
		    email, sizeof email, "%.*s", (int)r->email.len, (const char *)r->email.data);
		rxp_write_text(out, "Email", email);
	}
	rxp_buf_puts(out, "</Contact>");
}

static int read_contact(void *record, struct rxp_walk *w, struct rxp_buf *octets)
{
	struct rec_node_contact *r = record;
	char email[CONTACT_EMAIL_TEXT];
	struct rxp_walk inner;

	if (!rxp_walk_at(w, "Contact"))
		return RXP_ERR_UNSUPPORTED;
	rxp_walk_init(&inner, rxp_walk_element(w, "Contact"), NS_BODY);
	rxp_walk_text(&inner, "Office", r->office, sizeof r->office);
	if (rxp_walk_at(&inner, "Telephone"))
		rxp_walk_text(&inner, "Telephone", r->telephone, sizeof r->telephone);
	if (rxp_walk_at(&inner, "Email") &&
	    rxp_walk_text(&inner, "Email", email, sizeof email) == 0)
		rxp_buf_puts(octets, email);
	r->email = (struct bytes){.data = octets->data, .len = octets->len};
	return rxp_walk_end(&inner);
}

static void write_restored(struct rxp_buf *out, const void *record)
{
	const struct rec_node_restored *r = record;

	rxp_buf_puts(out, "<Restored>");
	rxp_write_id(out, "LogId", r->log_id);
	rxp_write_number(out, "LogCount", r->count);
	rxp_write_base64(out, "LogHead", r->head, sizeof r->head);
	rxp_buf_puts(out, "</Restored>");
}

static int read_restored(void *record, struct rxp_walk *w, struct rxp_buf *octets)
{
	struct rec_node_restored *r = record;
	struct rxp_walk inner;

	(void)octets;
	if (!rxp_walk_at(w, "Restored"))
		return RXP_ERR_UNSUPPORTED;
	rxp_walk_init(&inner, rxp_walk_element(w, "Restored"), NS_BODY);
	rxp_walk_id(&inner, "LogId", r->log_id, 4);
	rxp_walk_number(&inner, "LogCount", &r->count, INT64_MAX);
	rxp_walk_octets(&inner, "LogHead", r->head, sizeof r->head);
	return rxp_walk_end(&inner);
}

/* How the two kinds of offer are written. */
static const struct {
	const char *element, *name;
} offers[] = {{"ProfileOffer", "id"}, {"Calendar", "owner"}};

static void write_offer(struct rxp_buf *out, const void *record)
{
	const struct rec_node_offer *r = record;
	const char *element = offers[r->calendar != 0].element;

	rxp_buf_puts(out, "<");
	rxp_buf_puts(out, element);
	rxp_buf_puts(out, " ");
	rxp_buf_puts(out, offers[r->calendar != 0].name);
	rxp_buf_puts(out, "=\"");
	rxp_buf_puts(out, r->name);
	rxp_buf_puts(out, "\" version=\"");
	rxp_buf_puts(out, r->version);
	rxp_buf_puts(out, "\">");
	rxp_write_text(out, "From", r->from);
	rxp_write_base64(out, "File", r->file.data, r->file.len);
	rxp_buf_puts(out, "</");
	rxp_buf_puts(out, element);
	rxp_buf_puts(out, ">");
}

/* The schema bounds both. */
static bool take_attribute(
    char out[RECORD_NAME_MAX], const struct _xmlNode *element, const char *name)
{
	const char *value = element != NULL ? rxp_xml_attribute(element, name) : NULL;

	if (value == NULL || strlen(value) >= RECORD_NAME_MAX)
		return false;
	memcpy(out, value, strlen(value) + 1);
	return true;
}

static int read_offer(void *record, struct rxp_walk *w, struct rxp_buf *octets)
{
	struct rec_node_offer *r = record;
	const struct _xmlNode *element;
	struct rxp_walk inner;
	int rc;

	r->calendar = rxp_walk_at(w, offers[1].element);
	if (r->calendar == 0 && !rxp_walk_at(w, offers[0].element))
		return RXP_ERR_UNSUPPORTED;
	element = rxp_walk_element(w, offers[r->calendar].element);
	if (!take_attribute(r->name, element, offers[r->calendar].name) ||
	    !take_attribute(r->version, element, "version"))
		return RXP_ERR_SCHEMA;
	rxp_walk_init(&inner, element, NS_BODY);
	rxp_walk_text(&inner, "From", r->from, sizeof r->from);
	rxp_walk_base64(&inner, "File", octets);
	rc = rxp_walk_end(&inner);
	r->file = (struct bytes){.data = octets->data, .len = octets->len};
	return rc != 0 ? rc : digest_make(r->digest, octets->data, octets->len);
}

/* --- by type -------------------------------------------------------------------------------------- */

typedef void write_fn(struct rxp_buf *out, const void *record);
/* octets: an empty buffer for what the record points to. RXP_ERR_UNSUPPORTED: it tells something else. */
typedef int read_fn(void *record, struct rxp_walk *w, struct rxp_buf *octets);

/* Put the octets that are written into the buffer, and let the record point to them. */
typedef int fill_fn(void *record, const struct node *node, struct rxp_buf *octets);

/* A type has as many as there are things that it may tell and on which this node acts (RXP-NOT-009). */
struct wording {
	enum rxp_type type;
	uint16_t tag; /* of its record */
	write_fn *write;
	read_fn *read; /* NULL: of a case, where its facts say it */
	fill_fn *fill; /* NULL: the record has all that is written */
};

static const struct wording wordings[] = {
    {RXP_TYPE_HANDED_OVER, REC_node_handed_over, write_handed_over, NULL, NULL},
    {RXP_TYPE_VOID, REC_node_void, write_void, read_void, NULL},
    {RXP_TYPE_ATTACHMENTS_RECEIVED, REC_node_attachments, write_attachments, read_attachments,
	NULL},
    {RXP_TYPE_NODE_NOTICE, REC_node_outage, write_outage, read_outage, NULL},
    {RXP_TYPE_NODE_NOTICE, REC_node_offer, write_offer, read_offer, NULL},
    {RXP_TYPE_NODE_NOTICE, REC_node_restored, write_restored, read_restored, NULL},
    {RXP_TYPE_NODE_NOTICE, REC_node_erased, write_erased, read_erased, NULL},
    {RXP_TYPE_NODE_NOTICE, REC_node_contact, write_contact, read_contact, NULL},
    {RXP_TYPE_HISTORY_REQUEST, REC_node_history_request, history_write_request,
	history_read_request, NULL},
    {RXP_TYPE_HISTORY_COPY, REC_node_history_copy, history_write_copy, history_read_copy,
	history_fill_copy},
};

#define N_WORDINGS (sizeof wordings / sizeof wordings[0])

_Static_assert(sizeof(struct rec_node_offer) <= RECORD_SIZE_MAX, "there is room for it");
_Static_assert(sizeof(struct rec_node_handed_over) <= RECORD_SIZE_MAX, "there is room for it");
_Static_assert(sizeof(struct rec_node_outage) <= RECORD_SIZE_MAX, "there is room for it");
_Static_assert(sizeof(struct rec_node_history_copy) <= RECORD_SIZE_MAX, "there is room for it");
_Static_assert(sizeof(struct rec_node_void) <= RECORD_SIZE_MAX, "there is room for it");

/* Exactly one record, of that tag. */
static int read_record(void *out, uint16_t tag, struct bytes records)
{
	struct record_cursor c = {.at = records.data, .left = records.len};
	const struct record_type *type = record_type_of(tag);
	struct bytes fields;
	uint16_t found;

	if (record_list_next(&c, &found, &fields) != 1 || found != tag || c.left != 0 ||
	    record_decode(out, type, fields.data, fields.len) != 0)
		return RXP_ERR_STATE;
	return 0;
}

static int write_as(
    struct rxp_buf *out, const struct node *node, const struct wording *wording, void *record)
{
	struct rxp_buf octets;
	int rc = 0;

	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	if (wording->fill != NULL)
		rc = wording->fill(record, node, &octets);
	if (rc == 0)
		wording->write(out, record);
	rxp_buf_free(&octets);
	return rc;
}

/* Ping says nothing. The wording is that of the record. */
static int write_record(
    struct rxp_buf *out, const struct node *node, enum rxp_type type, struct bytes records)
{
	_Alignas(max_align_t) uint8_t record[RECORD_SIZE_MAX];

	if (type == RXP_TYPE_PING)
		return records.len == 0 ? 0 : RXP_ERR_STATE;
	for (size_t i = 0; i < N_WORDINGS; i++) {
		if (wordings[i].type != type || read_record(record, wordings[i].tag, records) != 0)
			continue;
		return write_as(out, node, &wordings[i], record);
	}
	return RXP_ERR_STATE;
}

int node_content_write(
    struct rxp_buf *out, const struct node *node, enum rxp_type type, struct bytes records)
{
	const char *name = rxp_type_row(type)->wire;
	struct rxp_buf inner;
	int rc;

	rxp_buf_init(&inner, RXP_MAX_DOCUMENT_OCTETS);
	rc = write_record(&inner, node, type, records);
	if (rc == 0) {
		rxp_buf_puts(out, "<");
		rxp_buf_puts(out, name);
		rxp_buf_puts(out, " xmlns=\"" NS_BODY "\">");
		rxp_buf_put(out, inner.data, inner.len);
		rxp_buf_puts(out, "</");
		rxp_buf_puts(out, name);
		rxp_buf_puts(out, ">");
		rc = rxp_buf_error(&inner);
	}
	rxp_buf_free(&inner);
	return rc != 0 ? rc : rxp_buf_error(out);
}

bool node_content_is_read(enum rxp_type type)
{
	bool found = type == RXP_TYPE_PING;

	for (size_t i = 0; i < N_WORDINGS; i++)
		found = found || (wordings[i].type == type && wordings[i].read != NULL);
	return found;
}

static int read_as(
    struct rxp_buf *records, const struct wording *wording, const struct _xmlNode *content)
{
	_Alignas(max_align_t) uint8_t record[RECORD_SIZE_MAX] = {0};
	struct rxp_buf octets;
	struct rxp_walk walk;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	rxp_walk_init(&walk, content, NS_BODY);
	rc = wording->read(record, &walk, &octets);
	if (rc == 0)
		rc = rxp_walk_end(&walk);
	if (rc == 0)
		rc = record_list_put(records, wording->tag, record_type_of(wording->tag), record);
	else if (rc != RXP_ERR_UNSUPPORTED && rc != RXP_ERR_NOMEM && rc != RXP_ERR_CRYPTO)
		rc = RXP_ERR_SCHEMA;
	rxp_buf_free(&octets);
	return rc;
}

int node_content_read(struct rxp_buf *records, enum rxp_type type, const struct _xmlNode *content)
{
	bool any = false;
	int rc = RXP_ERR_UNSUPPORTED;

	for (size_t i = 0; rc == RXP_ERR_UNSUPPORTED && i < N_WORDINGS; i++) {
		if (wordings[i].type != type || wordings[i].read == NULL)
			continue;
		any = true;
		rc = read_as(records, &wordings[i], content);
	}
	return any ? rc : 0;
}
