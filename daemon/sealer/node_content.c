#include "daemon/sealer/node_content.h"

#include <stddef.h>

#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/write.h"

#define RECORD_SIZE_MAX 512 /* octets of the largest struct node_* */

/* --- what each type says -------------------------------------------------------------------------- */

static void write_handed_over(struct rxp_buf *out, const void *record)
{
	const struct rec_node_handed_over *r = record;

	rxp_write_base64(out, "Document", r->document, sizeof r->document);
	rxp_buf_puts(out, r->requesting != 0 ? "<AtRequestingDesk/>" : "<AtRequestedDesk/>");
}

/* --- by type -------------------------------------------------------------------------------------- */

typedef void write_fn(struct rxp_buf *out, const void *record);

struct wording {
	uint16_t tag; /* of its record; REC_none: it says nothing */
	write_fn *write;
};

static const struct wording wordings[RXP_TYPE_COUNT] = {
    [RXP_TYPE_HANDED_OVER] = {REC_node_handed_over, write_handed_over},
};

_Static_assert(sizeof(struct rec_node_handed_over) <= RECORD_SIZE_MAX, "there is room for it");

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
	rxp_buf_puts(out, " xmlns=\"urn:rxp:1:body\">");
	if (w->write != NULL)
		w->write(out, record);
	rxp_buf_puts(out, "</");
	rxp_buf_puts(out, name);
	return rxp_buf_puts(out, ">");
}
