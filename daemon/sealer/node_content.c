#include "daemon/sealer/node_content.h"

#include <stddef.h>

#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/write.h"
#include "protocol/xml.h"

#define NS_BODY "urn:rxp:1:body"
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

static int read_void(void *record, struct rxp_walk *w)
{
	struct rec_node_void *r = record;

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

static int read_attachments(void *record, struct rxp_walk *w)
{
	struct rec_node_attachments *r = record;

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

/* Of all that a notice may tell, what this node acts on (RXP-NOT-009). */
static int read_outage(void *record, struct rxp_walk *w)
{
	struct rec_node_outage *r = record;
	struct rxp_walk inner;

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

/* --- by type -------------------------------------------------------------------------------------- */

typedef void write_fn(struct rxp_buf *out, const void *record);
typedef int read_fn(void *record, struct rxp_walk *w);

struct wording {
	uint16_t tag; /* of its record; REC_none: it says nothing */
	write_fn *write;
	read_fn *read; /* NULL: of a case, where its facts say it */
};

static const struct wording wordings[RXP_TYPE_COUNT] = {
    [RXP_TYPE_HANDED_OVER] = {REC_node_handed_over, write_handed_over, NULL},
    [RXP_TYPE_VOID] = {REC_node_void, write_void, read_void},
    [RXP_TYPE_ATTACHMENTS_RECEIVED] = {REC_node_attachments, write_attachments, read_attachments},
    [RXP_TYPE_NODE_NOTICE] = {REC_node_outage, write_outage, read_outage},
};

_Static_assert(sizeof(struct rec_node_handed_over) <= RECORD_SIZE_MAX, "there is room for it");
_Static_assert(sizeof(struct rec_node_outage) <= RECORD_SIZE_MAX, "there is room for it");
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

int node_content_write(struct rxp_buf *out, enum rxp_type type, struct bytes records)
{
	const struct wording *w = &wordings[type];
	const char *name = rxp_type_row(type)->wire;
	_Alignas(max_align_t) uint8_t record[RECORD_SIZE_MAX];

	if (w->write == NULL && type != RXP_TYPE_PING)
		return RXP_ERR_STATE;
	if (w->write == NULL ? records.len != 0 : read_record(record, w->tag, records) != 0)
		return RXP_ERR_STATE;
	rxp_buf_puts(out, "<");
	rxp_buf_puts(out, name);
	rxp_buf_puts(out, " xmlns=\"" NS_BODY "\">");
	if (w->write != NULL)
		w->write(out, record);
	rxp_buf_puts(out, "</");
	rxp_buf_puts(out, name);
	return rxp_buf_puts(out, ">");
}

bool node_content_is_read(enum rxp_type type)
{
	return type == RXP_TYPE_PING || wordings[type].read != NULL;
}

int node_content_read(struct rxp_buf *records, enum rxp_type type, const struct _xmlNode *content)
{
	const struct wording *w = &wordings[type];
	_Alignas(max_align_t) uint8_t record[RECORD_SIZE_MAX] = {0};
	struct rxp_walk walk;
	int rc;

	if (w->read == NULL)
		return 0;
	rxp_walk_init(&walk, content, NS_BODY);
	rc = w->read(record, &walk);
	if (rc == RXP_ERR_UNSUPPORTED)
		return rc;
	if (rc != 0 || rxp_walk_end(&walk) != 0)
		return RXP_ERR_SCHEMA;
	return record_list_put(records, w->tag, record_type_of(w->tag), record);
}
