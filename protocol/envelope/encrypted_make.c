#include "protocol/envelope/encrypted.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/random.h"
#include "protocol/envelope/encrypted_shape.h"

static void put_part(struct rxp_info *info, int part, const void *octets, size_t len)
{
	uint8_t padded[1 + RXP_INFO_PART_OCTETS] = {
	    0}; /* the first octet counts padding bits: none */

	memcpy(padded + 1, octets, len);
	rxp_hex_put(info->part[part], padded, 1 + len, true);
	memcpy(info->octets + info->len, octets, len);
	info->len += len;
}

void rxp_info_make(struct rxp_info *info, const char *algorithm, const char *party_u,
    const char *party_v, const uint8_t supp_pub[RXP_ID_OCTETS])
{
	info->len = 0;
	put_part(info, 0, algorithm, strlen(algorithm));
	put_part(info, 1, party_u, strlen(party_u));
	put_part(info, 2, party_v, strlen(party_v));
	put_part(info, 3, supp_pub, RXP_ID_OCTETS);
}

int rxp_encrypted_wrap(struct rxp_encrypted *e, const struct rxp_info *info,
    const uint8_t cek[RXP_KEY_OCTETS], const uint8_t *spki, size_t spki_len,
    const struct rxp_random *random)
{
	const struct rxp_suite *suite = &rxp_suite_p256;
	struct rxp_agreement_key *ephemeral = NULL;
	struct rxp_buf peer, own, wrapped;
	uint8_t kek[RXP_KEY_OCTETS];
	int rc;

	rxp_buf_init(&peer, RXP_POINT_OCTETS);
	rxp_buf_init(&own, RXP_POINT_OCTETS);
	rxp_buf_init(&wrapped, RXP_WRAPPED_OCTETS);
	if ((rc = rxp_agreement_spki_point(&peer, suite, spki, spki_len)) != 0 ||
	    (rc = rxp_agreement_key_make(&ephemeral, suite, random)) != 0 ||
	    (rc = rxp_agreement_key_point(ephemeral, &own)) != 0 ||
	    (rc = rxp_agreement_derive(
		 kek, suite, ephemeral, peer.data, peer.len, info->octets, info->len)) != 0 ||
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

int rxp_encrypted_make(struct rxp_encrypted *e, const struct rxp_info *info, const uint8_t *octets,
    size_t len, const uint8_t *spki, size_t spki_len, const struct rxp_random *random,
    uint8_t cek[RXP_KEY_OCTETS])
{
	uint8_t key[RXP_KEY_OCTETS];
	uint8_t iv[RXP_IV_OCTETS];
	int rc;

	if (random->fill(random->arg, key, sizeof key) != 0 ||
	    random->fill(random->arg, iv, sizeof iv) != 0)
		return RXP_ERR_CRYPTO;
	rxp_buf_init(&e->cipher, len + RXP_CIPHER_EXTRA_OCTETS);
	if ((rc = rxp_encrypted_wrap(e, info, key, spki, spki_len, random)) == 0 &&
	    (rc = rxp_agreement_encrypt(&e->cipher, &rxp_suite_p256, key, iv, octets, len)) == 0)
		memcpy(cek, key, sizeof key);
	else
		rxp_encrypted_clear(e);
	OPENSSL_cleanse(key, sizeof key);
	return rc;
}

static int base64_text(struct rxp_buf *out, const uint8_t *octets, size_t len)
{
	rxp_buf_init(out, RXP_BASE64_LENGTH(len) + 1);
	rxp_base64_put(out, octets, len);
	return rxp_buf_putc(out, '\0');
}

int rxp_encrypted_write(
    struct rxp_buf *out, const struct rxp_encrypted *e, const struct rxp_info *info)
{
	struct rxp_buf point, wrapped, cipher;
	char key_name[RXP_DIGEST_HEX];
	int rc, rc_point, rc_wrapped;

	rxp_hex_put(key_name, e->key_id, sizeof e->key_id, false);
	rc_point = base64_text(&point, e->point, sizeof e->point);
	rc_wrapped = base64_text(&wrapped, e->wrapped, sizeof e->wrapped);
	rc = base64_text(&cipher, e->cipher.data, e->cipher.len);
	if (rc == 0 && (rc = rc_point) == 0 && (rc = rc_wrapped) == 0)
		rc = rxp_encrypted_shape_write(
		    out, (const char *const[RXP_SLOT_COUNT]){
			     [RXP_SLOT_ALGORITHM_ID] = info->part[0],
			     [RXP_SLOT_PARTY_U] = info->part[1],
			     [RXP_SLOT_PARTY_V] = info->part[2],
			     [RXP_SLOT_SUPP_PUB] = info->part[3],
			     [RXP_SLOT_POINT] = (const char *)point.data,
			     [RXP_SLOT_KEY_NAME] = key_name,
			     [RXP_SLOT_WRAPPED] = (const char *)wrapped.data,
			     [RXP_SLOT_CIPHER] = (const char *)cipher.data,
			 });
	rxp_buf_free(&point);
	rxp_buf_free(&wrapped);
	rxp_buf_free(&cipher);
	return rc;
}
