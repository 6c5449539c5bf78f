#include "protocol/envelope/attachment.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/xml/write.h"
#include "protocol/xml/xml.h"

#define NS_DOCUMENT "urn:rxp:1:document"
#define CIPHER "AES-256-GCM"
#define COUNTER_OCTETS (RXP_IV_OCTETS - 1)
#define START_TEXT 32 /* Attachment with its number */

uint64_t rxp_attachment_ciphertext_length(uint64_t length)
{
	uint64_t segments = length == 0 ? 1 : (length - 1) / RXP_SEGMENT_OCTETS + 1;

	return length + segments * RXP_TAG_OCTETS;
}

/* RXP-ATT-005 */
static bool length_fits(uint64_t counter, bool last, size_t len)
{
	if (!last)
		return len == RXP_SEGMENT_OCTETS;
	return len <= RXP_SEGMENT_OCTETS && (len > 0 || counter == 0);
}

/* RXP-ATT-006 */
static void make_nonce(uint8_t nonce[RXP_IV_OCTETS], uint64_t counter, bool last)
{
	memset(nonce, 0, RXP_IV_OCTETS);
	for (size_t i = 0; i < sizeof counter; i++)
		nonce[COUNTER_OCTETS - 1 - i] = (uint8_t)(counter >> 8 * i);
	nonce[COUNTER_OCTETS] = last ? 1 : 0;
}

int rxp_attachment_encrypt(struct rxp_buf *out, const uint8_t key[RXP_ATTACHMENT_KEY_OCTETS],
    uint64_t counter, bool last, const uint8_t *octets, size_t len)
{
	uint8_t nonce[RXP_IV_OCTETS];

	if (!length_fits(counter, last, len))
		return RXP_ERR_BOUND;
	make_nonce(nonce, counter, last);
	return rxp_gcm_encrypt(out, CIPHER, key, nonce, octets, len);
}

int rxp_attachment_decrypt(struct rxp_buf *out, const uint8_t key[RXP_ATTACHMENT_KEY_OCTETS],
    uint64_t counter, bool last, const uint8_t *octets, size_t len)
{
	uint8_t nonce[RXP_IV_OCTETS];

	if (len < RXP_TAG_OCTETS || !length_fits(counter, last, len - RXP_TAG_OCTETS))
		return RXP_ERR_DECRYPT;
	make_nonce(nonce, counter, last);
	return rxp_gcm_decrypt(out, CIPHER, key, nonce, octets, len);
}

/* --- the manifest --------------------------------------------------------------------------- */

static void write_row(struct rxp_buf *out, const struct rxp_attachment *a)
{
	char start[START_TEXT];

	snprintf(start, sizeof start, "<Attachment number=\"%u\">", a->number);
	rxp_buf_puts(out, start);
	rxp_write_text(out, "Type", a->type);
	rxp_write_text(out, "MediaType", a->media_type);
	rxp_write_number(out, "Length", a->length);
	rxp_write_base64(out, "FileDigest", a->file_digest, sizeof a->file_digest);
	rxp_write_base64(
	    out, "CiphertextDigest", a->ciphertext_digest, sizeof a->ciphertext_digest);
	rxp_write_base64(out, "Key", a->key, sizeof a->key);
	rxp_write_text(out, "CheckedBy", a->checked_by);
	rxp_buf_puts(out, "</Attachment>");
}

int rxp_attachment_write(struct rxp_buf *out, const struct rxp_attachment *rows, size_t n)
{
	rxp_buf_puts(out, "<Attachments xmlns=\"" NS_DOCUMENT "\">");
	for (size_t i = 0; i < n; i++)
		write_row(out, &rows[i]);
	return rxp_buf_puts(out, "</Attachments>");
}

static int read_row(struct rxp_attachment *out, unsigned number, const struct _xmlNode *attachment)
{
	const char *written = rxp_xml_attribute(attachment, "number");
	char want[START_TEXT];
	struct rxp_walk w;

	snprintf(want, sizeof want, "%u", number);
	if (written == NULL || strcmp(written, want) != 0)
		return RXP_ERR_STRUCTURE;
	out->number = number;
	rxp_walk_init(&w, attachment, NS_DOCUMENT);
	rxp_walk_text(&w, "Type", out->type, sizeof out->type);
	rxp_walk_text(&w, "MediaType", out->media_type, sizeof out->media_type);
	rxp_walk_number(&w, "Length", &out->length, INT64_MAX);
	rxp_walk_octets(&w, "FileDigest", out->file_digest, sizeof out->file_digest);
	rxp_walk_octets(
	    &w, "CiphertextDigest", out->ciphertext_digest, sizeof out->ciphertext_digest);
	rxp_walk_octets(&w, "Key", out->key, sizeof out->key);
	rxp_walk_text(&w, "CheckedBy", out->checked_by, sizeof out->checked_by);
	return rxp_walk_end(&w);
}

int rxp_attachment_read(struct rxp_attachment *rows, size_t *n, const struct _xmlNode *manifest)
{
	unsigned count = 0;
	struct rxp_walk w;
	int rc;

	rxp_walk_init(&w, manifest, NS_DOCUMENT);
	while (w.next != NULL) {
		const struct _xmlNode *attachment = rxp_walk_element(&w, "Attachment");

		if (attachment == NULL || count == RXP_MAX_ATTACHMENTS)
			return RXP_ERR_STRUCTURE;
		rc = read_row(&rows[count], count + 1, attachment);
		if (rc != 0)
			return rc;
		count++;
	}
	*n = count;
	return 0;
}
