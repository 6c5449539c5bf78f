#include "conformance/document/bundle.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/document/ping.h"
#include "conformance/state/chance.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"
#include "protocol/envelope/envelope.h"

#define BLOCK 512
#define NAME_TEXT 100
#define MAX_SPKI_OCTETS 128
#define MESSAGE_ID "<MessageId>"

/* A header, and the octets up to the end of their last block. */
static int put_entry(
    struct rxp_buf *out, const char *name, char type, const uint8_t *octets, size_t len)
{
	static const uint8_t zeros[BLOCK];
	char block[BLOCK] = {0};
	unsigned sum = 0;
	int rc;

	(void)snprintf(block, NAME_TEXT, "%s", name);
	(void)snprintf(
	    block + 100, 8, "0000600"); /* mode, owner and group, which nobody looks at */
	(void)snprintf(block + 108, 8, "0000000");
	(void)snprintf(block + 116, 8, "0000000");
	(void)snprintf(block + 124, 12, "%011zo", len);
	(void)snprintf(block + 136, 12, "00000000000");
	memset(block + 148, ' ', 8);
	block[156] = type;
	(void)snprintf(block + 257, 6, "ustar");
	memset(block + 263, '0', 2);
	for (size_t i = 0; i < sizeof block; i++)
		sum += (unsigned char)block[i];
	(void)snprintf(block + 148, 8, "%06o", sum);
	rc = rxp_buf_put(out, block, sizeof block);
	if (rc == 0)
		rc = rxp_buf_put(out, octets, len);
	return rc == 0 ? rxp_buf_put(out, zeros, (BLOCK - len % BLOCK) % BLOCK) : rc;
}

/* FOLDER and the MessageId that the octets name first, or the one given. */
static int put_by_id(
    struct rxp_buf *out, const char *folder, const struct rxp_buf *octets, const char *other_id)
{
	const uint8_t *at = memmem(octets->data, octets->len, MESSAGE_ID, strlen(MESSAGE_ID));
	char name[NAME_TEXT];

	if (at == NULL)
		return RXP_ERR_STRUCTURE;
	(void)snprintf(name, sizeof name, "%s%.*s.xml", folder, RXP_ID_TEXT - 1,
	    other_id != NULL ? other_id : (const char *)at + strlen(MESSAGE_ID));
	return put_entry(out, name, '0', octets->data, octets->len);
}

static int put_attachment(struct rxp_buf *out)
{
	static const uint8_t octets[] = "ciphertext that only its key opens";
	uint8_t digest[RXP_DIGEST_OCTETS];
	char hex[RXP_DIGEST_HEX], name[NAME_TEXT];

	if (EVP_Digest(octets, sizeof octets, digest, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	rxp_hex_put(hex, digest, sizeof digest, false);
	(void)snprintf(name, sizeof name, "attachments/%s", hex);
	return put_entry(out, name, '0', octets, sizeof octets);
}

static int put_message(
    struct rxp_buf *out, const struct state *own, const struct state *other, int64_t now_ms)
{
	struct rxp_header h;
	struct rxp_buf document, envelope, spki;
	uint8_t cek[RXP_KEY_OCTETS];
	int rc;

	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&envelope, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_init(&spki, MAX_SPKI_OCTETS);
	rc = ping_seal(&document, &h, own, other, now_ms);
	if (rc == 0)
		rc = rxp_agreement_key_spki(other->agreement, &spki);
	if (rc == 0)
		rc = rxp_envelope_close(&envelope, &h.outer, document.data, document.len, spki.data,
		    spki.len, chance(), cek);
	if (rc == 0)
		rc = put_by_id(out, "messages/", &envelope, NULL);
	rxp_buf_free(&document);
	rxp_buf_free(&envelope);
	rxp_buf_free(&spki);
	return rc;
}

static int put_descriptor(struct rxp_buf *out, const struct state *own)
{
	char name[NAME_TEXT];

	(void)snprintf(name, sizeof name, "descriptor/%s.xml", own->party);
	return put_entry(out, name, '0', own->descriptor.data, own->descriptor.len);
}

/* What stands where the flaw is. */
static int put_flaw(struct rxp_buf *out, enum bundle_flaw flaw)
{
	static const uint8_t nothing[1];

	switch (flaw) {
	case BUNDLE_FLAW_NAME:
		return put_entry(out, "messages/../../outside.xml", '0', nothing, 1);
	case BUNDLE_FLAW_FOLDER:
		return put_entry(out, "messages/", '5', nothing, 0);
	case BUNDLE_FLAW_EMPTY:
		return put_entry(
		    out, "messages/01a2286f-c3d6-76b8-96cc-eb319d399a6f.xml", '0', nothing, 0);
	default:
		return 0;
	}
}

int bundle_make(struct rxp_buf *out, const struct state *own, const struct state *other,
    const struct bundle_objects *objects, int64_t now_ms, enum bundle_flaw flaw)
{
	static const uint8_t end[2UL * BLOCK];
	const char *id = flaw == BUNDLE_FLAW_ID ? "01a2286f-c3d6-76b8-96cc-eb319d399a6f" : NULL;
	int rc = flaw == BUNDLE_FLAW_NO_DESCRIPTOR ? 0 : put_descriptor(out, own);

	if (rc == 0 && flaw == BUNDLE_FLAW_ORDER)
		rc = put_message(out, own, other, now_ms);
	if (rc == 0)
		rc = put_by_id(out, "answers/", &objects->answer, id);
	if (rc == 0 && objects->page.len > 0)
		rc = put_entry(out, flaw == BUNDLE_FLAW_NUMBER ? "logs/1.xml" : "logs/0.xml", '0',
		    objects->page.data, objects->page.len);
	if (rc == 0)
		rc = put_attachment(out);
	if (rc == 0)
		rc = put_flaw(out, flaw);
	if (rc == 0 && flaw != BUNDLE_FLAW_ORDER)
		rc = put_message(out, own, other, now_ms);
	return rc == 0 && flaw != BUNDLE_FLAW_NO_END ? rxp_buf_put(out, end, sizeof end) : rc;
}
