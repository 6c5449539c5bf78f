#include "conformance/message/attached.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/message/edit.h"
#include "conformance/state/chance.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/envelope/attachment.h"

#define MANIFEST_TEXT 2048

static int digest(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *octets)
{
	return EVP_Digest(octets->data, octets->len, out, NULL, EVP_sha256(), NULL) == 1
		   ? 0
		   : RXP_ERR_CRYPTO;
}

static int random_octets(struct rxp_buf *out, size_t n)
{
	uint8_t *room;
	int rc = rxp_buf_room(out, n, &room);

	return rc == 0 ? chance()->fill(NULL, room, n) : rc;
}

static int encrypt(struct rxp_buf *out, const struct rxp_buf *plain, const uint8_t *key)
{
	uint64_t counter = 0;
	size_t at = 0;
	int rc;

	do {
		size_t left = plain->len - at;
		size_t n = left < RXP_SEGMENT_OCTETS ? left : RXP_SEGMENT_OCTETS;

		rc = rxp_attachment_encrypt(out, key, counter++, n == left, plain->data + at, n);
		at += n;
	} while (rc == 0 && at < plain->len);
	return rc;
}

int attached_make(struct rxp_buf *file, struct rxp_buf *manifest, const char *type, size_t octets)
{
	struct rxp_attachment row = {.number = 1,
	    .media_type = "image/jpeg",
	    .length = octets,
	    .checked_by = "return-officer"};
	struct rxp_buf plain;
	int rc;

	(void)snprintf(row.type, sizeof row.type, "%s", type);
	rxp_buf_init(&plain, octets);
	rc = random_octets(&plain, octets);
	if (rc == 0)
		rc = chance()->fill(NULL, row.key, sizeof row.key);
	if (rc == 0)
		rc = digest(row.file_digest, &plain);
	if (rc == 0)
		rc = encrypt(file, &plain, row.key);
	if (rc == 0)
		rc = digest(row.ciphertext_digest, file);
	if (rc == 0)
		rc = rxp_attachment_write(manifest, &row, 1);
	rxp_buf_free(&plain);
	return rc;
}

int attached_open(struct rxp_buf *out, const struct rxp_buf *ciphertext, const uint8_t *key)
{
	uint64_t counter = 0;
	size_t at = 0;
	int rc;

	do {
		size_t left = ciphertext->len - at;
		size_t n = left < RXP_SEALED_SEGMENT_OCTETS ? left : RXP_SEALED_SEGMENT_OCTETS;

		rc = rxp_attachment_decrypt(
		    out, key, counter++, n == left, ciphertext->data + at, n);
		at += n;
	} while (rc == 0 && at < ciphertext->len);
	return rc;
}

int attached_join(struct rxp_buf *manifest, const struct rxp_buf *other)
{
	static const char first[] = "<Attachment number=\"1\">", end[] = "</Attachments>";
	const char *text = (const char *)other->data;
	const char *from = memmem(text, other->len, first, sizeof first - 1);
	char row[MANIFEST_TEXT];

	if (from == NULL)
		return RXP_ERR_NOT_FOUND;
	from += sizeof first - 1;
	(void)snprintf(row, sizeof row, "<Attachment number=\"2\">%.*s",
	    (int)(other->len - (size_t)(from - text)), from);
	return edit_apply(manifest, &(struct edit){end, NULL, row});
}

int attached_name(char out[ATTACHED_NAME], const struct rxp_buf *file)
{
	uint8_t name[RXP_DIGEST_OCTETS];
	int rc = digest(name, file);

	if (rc == 0)
		rxp_hex_put(out, name, sizeof name, false);
	return rc;
}
