#include "protocol/envelope.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "protocol/codec.h"
#include "protocol/envelope_key.h"
#include "protocol/envelope_shape.h"
#include "protocol/err.h"
#include "protocol/limits.h"
#include "protocol/timestamp.h"
#include "protocol/xml.h"

static int read_outer(struct rxp_outer *outer, const char *const slots[RXP_SLOT_COUNT])
{
	int rc;

	if ((rc = rxp_id_parse(outer->message_id, slots[RXP_SLOT_MESSAGE_ID], 7)) != 0 ||
	    (rc = rxp_time_parse(&outer->created_ms, slots[RXP_SLOT_CREATED])) != 0 ||
	    (rc = rxp_time_parse(&outer->expires_ms, slots[RXP_SLOT_EXPIRES])) != 0)
		return rc;
	if (!rxp_party_valid(slots[RXP_SLOT_FROM]) || !rxp_party_valid(slots[RXP_SLOT_TO]))
		return RXP_ERR_SYNTAX;
	memcpy(outer->from, slots[RXP_SLOT_FROM], RXP_PARTY_TEXT);
	memcpy(outer->to, slots[RXP_SLOT_TO], RXP_PARTY_TEXT);
	if (outer->expires_ms <= outer->created_ms ||
	    outer->expires_ms - outer->created_ms > RXP_MAX_LIFETIME_MS)
		return RXP_ERR_STRUCTURE; /* RXP-TIM-002 */
	return 0;
}

/* RXP-ENV-007: the attributes say what the receiver computes, and nothing else. */
static int check_info(const struct rxp_outer *outer, const char *const slots[RXP_SLOT_COUNT])
{
	static const enum rxp_envelope_slot order[RXP_INFO_PARTS] = {
	    RXP_SLOT_ALGORITHM_ID, RXP_SLOT_PARTY_U, RXP_SLOT_PARTY_V, RXP_SLOT_SUPP_PUB};
	struct rxp_envelope_info info;

	rxp_envelope_info(&info, outer);
	for (size_t i = 0; i < RXP_INFO_PARTS; i++)
		if (strcmp(slots[order[i]], info.part[i]) != 0)
			return RXP_ERR_STRUCTURE;
	return 0;
}

static int read_key(struct rxp_envelope *e, const char *const slots[RXP_SLOT_COUNT])
{
	int rc;

	if ((rc = rxp_base64_get_exact(e->point, sizeof e->point, slots[RXP_SLOT_POINT])) != 0 ||
	    (rc = rxp_hex_get(e->key_id, sizeof e->key_id, slots[RXP_SLOT_KEY_NAME], false)) != 0 ||
	    (rc = rxp_base64_get_exact(e->wrapped, sizeof e->wrapped, slots[RXP_SLOT_WRAPPED])) !=
		0)
		return rc;
	return e->point[0] == 0x04 ? 0 : RXP_ERR_STRUCTURE; /* RXP-ENV-008 */
}

static int read_cipher(struct rxp_envelope *e, const char *text)
{
	int rc;

	rxp_buf_init(&e->cipher, RXP_MAX_DOCUMENT_OCTETS + RXP_CIPHER_EXTRA_OCTETS);
	rc = rxp_base64_get(&e->cipher, text, strlen(text));
	if (rc == 0 && e->cipher.len <= RXP_CIPHER_EXTRA_OCTETS)
		rc = RXP_ERR_STRUCTURE;
	return rc;
}

int rxp_envelope_parse(struct rxp_envelope **out, const uint8_t *octets, size_t len)
{
	const char *slots[RXP_SLOT_COUNT] = {NULL};
	struct rxp_envelope *e = NULL;
	struct rxp_xml *xml = NULL;
	int rc = rxp_xml_parse(&xml, octets, len, RXP_MAX_ENVELOPE_OCTETS, RXP_XML_ENVELOPE);

	if (rc != 0)
		return rc;
	e = calloc(1, sizeof *e);
	if (e == NULL) {
		rc = RXP_ERR_NOMEM;
		goto done;
	}
	if ((rc = rxp_envelope_shape_read(slots, xml)) != 0 ||
	    (rc = read_outer(&e->outer, slots)) != 0 || (rc = check_info(&e->outer, slots)) != 0 ||
	    (rc = read_key(e, slots)) != 0 || (rc = read_cipher(e, slots[RXP_SLOT_CIPHER])) != 0)
		goto done;
	*out = e;
	e = NULL;
done:
	rxp_envelope_free(e);
	rxp_xml_free(xml);
	return rc;
}

void rxp_envelope_free(struct rxp_envelope *e)
{
	if (e == NULL)
		return;
	rxp_buf_free(&e->cipher);
	free(e);
}

const struct rxp_outer *rxp_envelope_outer(const struct rxp_envelope *e)
{
	return &e->outer;
}

const uint8_t *rxp_envelope_key_id(const struct rxp_envelope *e)
{
	return e->key_id;
}

/* Whatever fails looks the same. */
static int one_answer(int rc)
{
	return rc == 0 || rc == RXP_ERR_NOMEM ? rc : RXP_ERR_DECRYPT;
}

int rxp_envelope_decrypt_with(
    struct rxp_buf *document, const struct rxp_envelope *e, const uint8_t cek[RXP_KEY_OCTETS])
{
	return one_answer(
	    rxp_agreement_decrypt(document, &rxp_suite_p256, cek, e->cipher.data, e->cipher.len));
}

int rxp_envelope_decrypt(struct rxp_buf *document, const struct rxp_envelope *e,
    const struct rxp_agreement_key *key, uint8_t cek[RXP_KEY_OCTETS])
{
	const struct rxp_suite *suite = &rxp_suite_p256;
	struct rxp_envelope_info info;
	uint8_t kek[RXP_KEY_OCTETS];
	uint8_t content_key[RXP_KEY_OCTETS];
	int rc;

	rxp_envelope_info(&info, &e->outer);
	if ((rc = rxp_agreement_derive(
		 kek, suite, key, e->point, sizeof e->point, info.octets, info.len)) != 0 ||
	    (rc = rxp_agreement_unwrap(content_key, suite, kek, e->wrapped, sizeof e->wrapped)) !=
		0 ||
	    (rc = rxp_envelope_decrypt_with(document, e, content_key)) != 0)
		goto done;
	if (cek != NULL)
		memcpy(cek, content_key, sizeof content_key);
done:
	OPENSSL_cleanse(kek, sizeof kek);
	OPENSSL_cleanse(content_key, sizeof content_key);
	return one_answer(rc);
}
