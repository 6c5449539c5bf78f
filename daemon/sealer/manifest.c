#include "daemon/sealer/manifest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "daemon/sealer/box.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/attachment.h"

_Static_assert(RXP_ATTACHMENT_TEXT == RECORD_NAME_MAX, "texts of a manifest are names of records");
_Static_assert(RXP_ATTACHMENT_KEY_OCTETS >= sizeof(uint32_t), "a number in place of a key");

/* Rows on their way from one form to the other. */
struct manifest {
	size_t n;
	struct rxp_attachment rows[RXP_MAX_ATTACHMENTS];
};

static void wipe(struct manifest *m)
{
	if (m != NULL)
		OPENSSL_cleanse(m, sizeof *m);
	free(m);
}

/* The key of a row; node is NULL for a number in its place. */
static int read_key(
    struct rxp_attachment *out, const struct node *node, const struct rec_attachment_row *r)
{
	if (node == NULL) {
		memcpy(out->key, &r->number, sizeof r->number);
		return 0;
	}
	return box_open_exact(out->key, sizeof out->key, &node->storage, BOX_OWN_ATTACHMENT,
	    &box_no_context, r->key.data, r->key.len);
}

static int read_row(struct rxp_attachment *out, const struct node *node, struct bytes fields)
{
	struct rec_attachment_row r;

	if (record_decode(&r, &record_attachment_row, fields.data, fields.len) != 0 ||
	    r.length > INT64_MAX ||
	    r.ciphertext_length != rxp_attachment_ciphertext_length(r.length))
		return RXP_ERR_DAMAGED;
	out->number = r.number;
	memcpy(out->type, r.type, sizeof out->type);
	memcpy(out->media_type, r.media_type, sizeof out->media_type);
	out->length = r.length;
	memcpy(out->file_digest, r.file_digest, sizeof out->file_digest);
	memcpy(out->ciphertext_digest, r.ciphertext_digest, sizeof out->ciphertext_digest);
	memcpy(out->checked_by, r.checked_by, sizeof out->checked_by);
	return read_key(out, node, &r);
}

static int read_rows(struct manifest *m, const struct node *node, struct bytes rows)
{
	struct record_cursor cursor = {.at = rows.data, .left = rows.len};
	struct bytes fields;
	uint16_t tag;
	int more;

	while ((more = record_list_next(&cursor, &tag, &fields)) == 1) {
		int rc = RXP_ERR_DAMAGED;

		if (tag == REC_attachment_row && m->n < RXP_MAX_ATTACHMENTS)
			rc = read_row(&m->rows[m->n], node, fields);
		if (rc != 0)
			return rc;
		m->n++;
	}
	return more == 0 ? 0 : RXP_ERR_DAMAGED;
}

static int write_rows(struct rxp_buf *out, const struct node *node, struct bytes rows)
{
	struct manifest *m;
	int rc;

	if (rows.len == 0)
		return 0;
	m = calloc(1, sizeof *m);
	if (m == NULL)
		return RXP_ERR_NOMEM;
	rc = read_rows(m, node, rows);
	if (rc == 0)
		rc = rxp_attachment_write(out, m->rows, m->n);
	wipe(m);
	return rc;
}

int manifest_write(struct rxp_buf *out, const struct node *node, struct bytes rows)
{
	return write_rows(out, node, rows);
}

int manifest_write_unkeyed(struct rxp_buf *out, struct bytes rows)
{
	return write_rows(out, NULL, rows);
}

static int put_row(struct rxp_buf *out, const struct node *node, const struct rxp_attachment *a)
{
	struct rec_attachment_row r = {.number = a->number,
	    .length = a->length,
	    .ciphertext_length = rxp_attachment_ciphertext_length(a->length)};
	struct rxp_buf box;
	int rc;

	memcpy(r.type, a->type, sizeof r.type);
	memcpy(r.media_type, a->media_type, sizeof r.media_type);
	memcpy(r.file_digest, a->file_digest, sizeof r.file_digest);
	memcpy(r.ciphertext_digest, a->ciphertext_digest, sizeof r.ciphertext_digest);
	memcpy(r.checked_by, a->checked_by, sizeof r.checked_by);
	rxp_buf_init(&box, BOX_OVERHEAD_OCTETS + sizeof a->key);
	rc = box_seal(&box, &node->storage, BOX_PEER_ATTACHMENT, &box_no_context, a->key,
	    sizeof a->key, &node->random);
	r.key = reply_bytes(&box);
	if (rc == 0)
		rc = record_list_put(out, REC_attachment_row, &record_attachment_row, &r);
	rxp_buf_free(&box);
	return rc;
}

int manifest_put_rows(
    struct rxp_buf *out, const struct node *node, const struct _xmlNode *attachments)
{
	struct manifest *m = calloc(1, sizeof *m);
	int rc;

	if (m == NULL)
		return RXP_ERR_NOMEM;
	rc = rxp_attachment_read(m->rows, &m->n, attachments);
	for (size_t i = 0; i < m->n && rc == 0; i++)
		rc = put_row(out, node, &m->rows[i]);
	wipe(m);
	return rc;
}
