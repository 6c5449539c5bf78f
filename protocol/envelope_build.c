#include "protocol/envelope.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "protocol/codec.h"
#include "protocol/envelope_key.h"
#include "protocol/envelope_shape.h"
#include "protocol/err.h"
#include "protocol/limits.h"
#include "protocol/random.h"
#include "protocol/timestamp.h"

/* Fills in the key information of e: a fresh ephemeral key, and cek wrapped for spki. */
static int wrap_key(struct rxp_envelope *e, const uint8_t cek[RXP_KEY_OCTETS], const uint8_t *spki,
    size_t spki_len, const struct rxp_random *random)
{
	const struct rxp_suite *suite = &rxp_suite_p256;
	struct rxp_agreement_key *ephemeral = NULL;
	struct rxp_envelope_info info;
	struct rxp_buf peer, own, wrapped;
	uint8_t kek[RXP_KEY_OCTETS];
	int rc;

	rxp_buf_init(&peer, RXP_POINT_OCTETS);
	rxp_buf_init(&own, RXP_POINT_OCTETS);
	rxp_buf_init(&wrapped, RXP_WRAPPED_OCTETS);
	rxp_envelope_info(&info, &e->outer);
	if ((rc = rxp_agreement_spki_point(&peer, suite, spki, spki_len)) != 0 ||
	    (rc = rxp_agreement_key_make(&ephemeral, suite, random)) != 0 ||
	    (rc = rxp_agreement_key_point(ephemeral, &own)) != 0 ||
	    (rc = rxp_agreement_derive(
		 kek, suite, ephemeral, peer.data, peer.len, info.octets, info.len)) != 0 ||
	    (rc = rxp_agreement_wrap(&wrapped, suite, kek, cek)) != 0)
		goto done;
	if (EVP_Digest(spki, spki_len, e->key_id, NULL, EVP_sha256(), NULL) != 1) {
		rc = RXP_ERR_CRYPTO;
		goto done;
	}
	memcpy(e->point, own.data, sizeof e->point);
	memcpy(e->wrapped, wrapped.data, sizeof e->wrapped);
done:
	OPENSSL_cleanse(kek, sizeof kek);
	rxp_agreement_key_free(ephemeral);
	rxp_buf_free(&peer);
	rxp_buf_free(&own);
	rxp_buf_free(&wrapped);
	return rc;
}

/* The texts of all slots; those in base64 stand one after the other in a buffer. */
struct texts {
	char message_id[RXP_ID_TEXT];
	char created[RXP_TIME_TEXT];
	char expires[RXP_TIME_TEXT];
	char key_name[RXP_DIGEST_HEX];
	struct rxp_envelope_info info;
	struct rxp_buf point, wrapped, cipher;
};

static int base64_text(struct rxp_buf *out, const uint8_t *octets, size_t len)
{
	rxp_buf_init(out, RXP_BASE64_LENGTH(len) + 1);
	rxp_base64_put(out, octets, len);
	return rxp_buf_putc(out, '\0');
}

static int write_envelope(struct rxp_buf *out, const struct rxp_envelope *e)
{
	struct texts t;
	size_t before = out->len;
	int rc, rc_point, rc_wrapped;

	rxp_id_text(t.message_id, e->outer.message_id);
	rxp_time_text(t.created, e->outer.created_ms);
	rxp_time_text(t.expires, e->outer.expires_ms);
	rxp_hex_put(t.key_name, e->key_id, sizeof e->key_id, false);
	rxp_envelope_info(&t.info, &e->outer);
	rc_point = base64_text(&t.point, e->point, sizeof e->point);
	rc_wrapped = base64_text(&t.wrapped, e->wrapped, sizeof e->wrapped);
	rc = base64_text(&t.cipher, e->cipher.data, e->cipher.len);
	if (rc == 0 && (rc = rc_point) == 0 && (rc = rc_wrapped) == 0)
		rc = rxp_envelope_shape_write(
		    out, (const char *const[RXP_SLOT_COUNT]){
			     [RXP_SLOT_SUITE] = rxp_suite_p256.name,
			     [RXP_SLOT_MESSAGE_ID] = t.message_id,
			     [RXP_SLOT_FROM] = e->outer.from,
			     [RXP_SLOT_TO] = e->outer.to,
			     [RXP_SLOT_CREATED] = t.created,
			     [RXP_SLOT_EXPIRES] = t.expires,
			     [RXP_SLOT_ALGORITHM_ID] = t.info.part[0],
			     [RXP_SLOT_PARTY_U] = t.info.part[1],
			     [RXP_SLOT_PARTY_V] = t.info.part[2],
			     [RXP_SLOT_SUPP_PUB] = t.info.part[3],
			     [RXP_SLOT_POINT] = (const char *)t.point.data,
			     [RXP_SLOT_KEY_NAME] = t.key_name,
			     [RXP_SLOT_WRAPPED] = (const char *)t.wrapped.data,
			     [RXP_SLOT_CIPHER] = (const char *)t.cipher.data,
			 });
	rxp_buf_free(&t.point);
	rxp_buf_free(&t.wrapped);
	rxp_buf_free(&t.cipher);
	if (rc != 0)
		rxp_buf_cut(out, before);
	return rc;
}

int rxp_envelope_close(struct rxp_buf *out, const struct rxp_outer *outer, const uint8_t *document,
    size_t document_len, const uint8_t *spki, size_t spki_len, const struct rxp_random *random,
    uint8_t cek[RXP_KEY_OCTETS])
{
	struct rxp_envelope e = {.outer = *outer};
	uint8_t key[RXP_KEY_OCTETS];
	uint8_t iv[RXP_IV_OCTETS];
	int rc;

	if (document_len > RXP_MAX_DOCUMENT_OCTETS || outer->expires_ms <= outer->created_ms ||
	    outer->expires_ms - outer->created_ms > RXP_MAX_LIFETIME_MS)
		return RXP_ERR_BOUND;
	if (random->fill(random->arg, key, sizeof key) != 0 ||
	    random->fill(random->arg, iv, sizeof iv) != 0)
		return RXP_ERR_CRYPTO;
	rxp_buf_init(&e.cipher, document_len + RXP_CIPHER_EXTRA_OCTETS);
	if ((rc = wrap_key(&e, key, spki, spki_len, random)) != 0 ||
	    (rc = rxp_agreement_encrypt(
		 &e.cipher, &rxp_suite_p256, key, iv, document, document_len)) != 0 ||
	    (rc = write_envelope(out, &e)) != 0)
		goto done;
	memcpy(cek, key, sizeof key);
done:
	OPENSSL_cleanse(key, sizeof key);
	rxp_buf_free(&e.cipher);
	return rc;
}

int rxp_envelope_rekey(struct rxp_buf *out, const struct rxp_envelope *e,
    const uint8_t cek[RXP_KEY_OCTETS], const uint8_t *spki, size_t spki_len,
    const struct rxp_random *random)
{
	struct rxp_envelope anew = *e; /* borrows the ciphertext */
	int rc = wrap_key(&anew, cek, spki, spki_len, random);

	return rc != 0 ? rc : write_envelope(out, &anew);
}
