/*
 * attachment - files beside a Document: their segments (RXP-ATT-005, RXP-ATT-006) and the manifest by which
 * the Document names them and gives their keys.
 */
#ifndef RXP_ATTACHMENT_H
#define RXP_ATTACHMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/gcm.h"

struct _xmlNode;
struct rxp_buf;

#define RXP_ATTACHMENT_KEY_OCTETS 32 /* AES-256 */
#define RXP_ATTACHMENT_TEXT 64 /* a type, media type or role with its NUL */
#define RXP_SEALED_SEGMENT_OCTETS \
	(RXP_SEGMENT_OCTETS + RXP_TAG_OCTETS) /* of every one but the last */

/* One row of the manifest. Type, media type and role are the schema's to judge. */
struct rxp_attachment {
	unsigned number; /* from 1 */
	char type[RXP_ATTACHMENT_TEXT];
	char media_type[RXP_ATTACHMENT_TEXT];
	uint64_t length; /* octets of the file */
	uint8_t file_digest[RXP_DIGEST_OCTETS];
	uint8_t ciphertext_digest[RXP_DIGEST_OCTETS];
	uint8_t key[RXP_ATTACHMENT_KEY_OCTETS]; /* who fills one wipes it */
	char checked_by[RXP_ATTACHMENT_TEXT];
};

/* Octets of the ciphertext of a file of this length, which is at most INT64_MAX as in a manifest. */
uint64_t rxp_attachment_ciphertext_length(uint64_t length);

/*
 * Append one segment of a file, encrypted, with its tag. A key serves one pass over one file: a
 * counter that comes twice under one key gives away what both segments hold, and nothing here could
 * notice it (RXP-ATT-004). RXP_ERR_BOUND: not the length of such a segment; a segment that is not
 * the last is full, and only that of an empty file is empty. RXP_ERR_CRYPTO, the buffer's errors.
 */
int rxp_attachment_encrypt(struct rxp_buf *out, const uint8_t key[RXP_ATTACHMENT_KEY_OCTETS],
    uint64_t counter, bool last, const uint8_t *octets, size_t len);

/*
 * Append what one segment with its tag holds. RXP_ERR_DECRYPT: another key, file, place in the file
 * or end of it, altered octets, or no length that a segment of this place has. The buffer's errors.
 */
int rxp_attachment_decrypt(struct rxp_buf *out, const uint8_t key[RXP_ATTACHMENT_KEY_OCTETS],
    uint64_t counter, bool last, const uint8_t *octets, size_t len);

/* Append the element Attachments of n rows, as rxp_document_seal() takes it. The buffer's errors. */
int rxp_attachment_write(struct rxp_buf *out, const struct rxp_attachment *rows, size_t n);

/*
 * The rows of an Attachments element that satisfies its schema and the rules (rxp_document_check):
 * at most RXP_MAX_ATTACHMENTS, for which rows has room. RXP_ERR_STRUCTURE, RXP_ERR_SYNTAX: it does
 * not; the content of rows is then undefined, *n untouched.
 */
int rxp_attachment_read(struct rxp_attachment *rows, size_t *n, const struct _xmlNode *manifest);

#endif
