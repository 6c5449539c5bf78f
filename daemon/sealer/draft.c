#include "daemon/sealer/draft.h"

#include <string.h>

#include "daemon/sealer/box.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/node.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"

#define PARTY_OCTETS (RXP_PARTY_TEXT - 1)
#define ROWS_MAX (RXP_ID_OCTETS + RXP_MAX_ATTACHMENTS * 512UL) /* octets, without keys */

_Static_assert(RXP_TYPE_TEXT - 1 + PARTY_OCTETS <= BOX_MAX_CONTEXT_OCTETS,
    "every type has room beside a party");

/* All parties are of one length: no two places make one context. */
static struct box_context draft_context(const struct draft_for *of)
{
	struct box_context c = {.len = strnlen(of->type, RXP_TYPE_TEXT - 1)};

	memcpy(c.octets, of->type, c.len);
	memcpy(c.octets + c.len, of->peer, PARTY_OCTETS);
	c.len += PARTY_OCTETS;
	return c;
}

/* Of the case, and of the files as they are, in their order: their keys are boxes, which are made anew. */
static int digest_place(uint8_t out[RXP_DIGEST_OCTETS], const struct draft_for *of)
{
	struct record_cursor cursor = {.at = of->attachments.data, .left = of->attachments.len};
	struct bytes fields;
	struct rxp_buf rows;
	uint16_t tag;
	int rc;

	rxp_buf_init(&rows, ROWS_MAX);
	rxp_buf_put(&rows, of->case_id, sizeof of->case_id);
	while ((rc = record_list_next(&cursor, &tag, &fields)) == 1) {
		struct rec_attachment_row r;

		if (tag != REC_attachment_row ||
		    record_decode(&r, &record_attachment_row, fields.data, fields.len) != 0) {
			rc = RXP_ERR_SYNTAX;
			break;
		}
		r.key = (struct bytes){.len = 0};
		record_list_put(&rows, REC_attachment_row, &record_attachment_row, &r);
	}
	if (rc == 0)
		rc = rxp_buf_error(&rows);
	if (rc == 0)
		rc = digest_make(out, rows.data, rows.len);
	rxp_buf_free(&rows);
	return rc;
}

int draft_seal(struct rxp_buf *out, const struct node *node, const struct draft_for *of,
    const struct rxp_buf *content)
{
	const struct box_context context = draft_context(of);
	uint8_t place[RXP_DIGEST_OCTETS];
	struct rxp_buf secret;
	int rc = digest_place(place, of);

	rxp_buf_init(&secret, BOX_MAX_SECRET_OCTETS);
	if (rc == 0) {
		rxp_buf_put(&secret, place, sizeof place);
		rc = rxp_buf_put(&secret, content->data, content->len);
	}
	if (rc == 0)
		rc = box_seal(out, &node->storage, BOX_DRAFT, &context, secret.data, secret.len,
		    &node->random);
	rxp_buf_free(&secret);
	return rc;
}

int draft_open(struct rxp_buf *content, const struct node *node, const struct draft_for *of,
    struct bytes draft)
{
	const struct box_context context = draft_context(of);
	uint8_t place[RXP_DIGEST_OCTETS];
	struct rxp_buf secret;
	int rc = digest_place(place, of);

	rxp_buf_init(&secret, BOX_MAX_SECRET_OCTETS);
	if (rc == 0)
		rc = box_open(&secret, &node->storage, BOX_DRAFT, &context, draft.data, draft.len);
	if (rc == 0 && (secret.len < sizeof place || memcmp(secret.data, place, sizeof place) != 0))
		rc = RXP_ERR_MISMATCH;
	if (rc == 0)
		rc = rxp_buf_put(content, secret.data + sizeof place, secret.len - sizeof place);
	rxp_buf_free(&secret);
	return rc;
}
