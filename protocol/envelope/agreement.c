#include "protocol/envelope/agreement.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/envelope/agreement_key.h"

#define WRAP_EXTRA_OCTETS 8 /* RFC 3394: the integrity check */

const struct rxp_suite rxp_suite_p256 = {
    .name = "RXP-1-P256",
    .group = "prime256v1",
    .curve_urn = "urn:oid:1.2.840.10045.3.1.7",
    .field_octets = 32,
    .kdf_digest = "SHA256",
    .wrap_cipher = "AES-256-WRAP",
    .wrap_key_octets = 32,
    .content_cipher = "AES-256-GCM",
    .content_key_octets = 32,
};

/* The other side's key on our curve; setting the point refuses one that is not on the curve. */
static EVP_PKEY *peer_key(const struct rxp_agreement_key *own, const uint8_t *point, size_t len)
{
	EVP_PKEY *peer = EVP_PKEY_new();

	if (peer != NULL && EVP_PKEY_copy_parameters(peer, own->pkey) == 1 &&
	    EVP_PKEY_set1_encoded_public_key(peer, point, len) == 1)
		return peer;
	EVP_PKEY_free(peer);
	return NULL;
}

/* Z, field_octets long. The curves have cofactor 1, so that a point on the curve that is not
 * infinity needs no further check of its order. */
static int shared_secret(uint8_t z[RXP_MAX_SECRET_OCTETS], const struct rxp_suite *suite,
    const struct rxp_agreement_key *own, EVP_PKEY *peer)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own->pkey, NULL);
	size_t len = RXP_MAX_SECRET_OCTETS;
	int rc = RXP_ERR_CRYPTO;

	if (ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1 && EVP_PKEY_derive(ctx, z, &len) == 1 &&
	    len == suite->field_octets)
		rc = 0;
	EVP_PKEY_CTX_free(ctx);
	return rc;
}

/* OSSL_PARAM has no const form; the KDF only reads these octets. */
static OSSL_PARAM octets_param(const char *name, const uint8_t *octets, size_t len)
{
	OSSL_PARAM param = {.key = name, .data_type = OSSL_PARAM_OCTET_STRING, .data_size = len};

	memcpy(&param.data, &octets, sizeof param.data);
	return param;
}

static int concat_kdf(uint8_t kek[RXP_KEY_OCTETS], const struct rxp_suite *suite, const uint8_t *z,
    const uint8_t *info, size_t info_len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SSKDF", NULL);
	EVP_KDF_CTX *ctx = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	OSSL_PARAM digest = {.key = OSSL_KDF_PARAM_DIGEST,
	    .data_type = OSSL_PARAM_UTF8_STRING,
	    .data_size = strlen(suite->kdf_digest)};
	OSSL_PARAM params[4];
	size_t n = 0;
	int rc = RXP_ERR_CRYPTO;

	memcpy(&digest.data, &suite->kdf_digest, sizeof digest.data);
	params[n++] = digest;
	params[n++] = octets_param(OSSL_KDF_PARAM_KEY, z, suite->field_octets);
	if (info_len > 0)
		params[n++] = octets_param(OSSL_KDF_PARAM_INFO, info, info_len);
	params[n] = OSSL_PARAM_construct_end();
	if (ctx != NULL && EVP_KDF_derive(ctx, kek, suite->wrap_key_octets, params) == 1)
		rc = 0;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return rc;
}

int rxp_agreement_derive(uint8_t kek[RXP_KEY_OCTETS], const struct rxp_suite *suite,
    const struct rxp_agreement_key *own, const uint8_t *point, size_t point_len,
    const uint8_t *info, size_t info_len)
{
	uint8_t z[RXP_MAX_SECRET_OCTETS];
	EVP_PKEY *peer;
	int rc;

	if (point_len != 1 + 2 * suite->field_octets || point[0] != POINT_CONVERSION_UNCOMPRESSED)
		return RXP_ERR_KEY;
	peer = peer_key(own, point, point_len);
	if (peer == NULL)
		return RXP_ERR_KEY;
	rc = shared_secret(z, suite, own, peer);
	if (rc == 0)
		rc = concat_kdf(kek, suite, z, info, info_len);
	OPENSSL_cleanse(z, sizeof z);
	EVP_PKEY_free(peer);
	return rc;
}

/* A context that wraps or unwraps with this key; NULL on failure. */
static EVP_CIPHER_CTX *wrap_context(const struct rxp_suite *suite, const uint8_t *kek, int wrap)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, suite->wrap_cipher, NULL);
	EVP_CIPHER_CTX *ctx = cipher == NULL ? NULL : EVP_CIPHER_CTX_new();

	if (ctx != NULL) {
		EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
		if (EVP_CipherInit_ex2(ctx, cipher, kek, NULL, wrap, NULL) != 1) {
			EVP_CIPHER_CTX_free(ctx);
			ctx = NULL;
		}
	}
	EVP_CIPHER_free(cipher);
	return ctx;
}

int rxp_agreement_wrap(struct rxp_buf *out, const struct rxp_suite *suite,
    const uint8_t kek[RXP_KEY_OCTETS], const uint8_t *cek)
{
	EVP_CIPHER_CTX *ctx = wrap_context(suite, kek, 1);
	uint8_t wrapped[RXP_KEY_OCTETS + WRAP_EXTRA_OCTETS];
	int want = (int)suite->content_key_octets + WRAP_EXTRA_OCTETS;
	int len = 0;
	int rc = RXP_ERR_CRYPTO;

	if (ctx != NULL &&
	    EVP_CipherUpdate(ctx, wrapped, &len, cek, (int)suite->content_key_octets) == 1 &&
	    len == want)
		rc = rxp_buf_put(out, wrapped, (size_t)len);
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

int rxp_agreement_unwrap(uint8_t cek[RXP_KEY_OCTETS], const struct rxp_suite *suite,
    const uint8_t kek[RXP_KEY_OCTETS], const uint8_t *wrapped, size_t len)
{
	EVP_CIPHER_CTX *ctx = NULL;
	uint8_t key[RXP_KEY_OCTETS + WRAP_EXTRA_OCTETS];
	int made = 0;
	int rc = RXP_ERR_DECRYPT;

	if (len != suite->content_key_octets + WRAP_EXTRA_OCTETS)
		return rc;
	ctx = wrap_context(suite, kek, 0);
	if (ctx != NULL && EVP_CipherUpdate(ctx, key, &made, wrapped, (int)len) == 1 &&
	    made == (int)suite->content_key_octets) {
		memcpy(cek, key, suite->content_key_octets);
		rc = 0;
	}
	OPENSSL_cleanse(key, sizeof key);
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

int rxp_agreement_encrypt(struct rxp_buf *out, const struct rxp_suite *suite, const uint8_t *cek,
    const uint8_t iv[RXP_IV_OCTETS], const uint8_t *octets, size_t len)
{
	size_t before = out->len;
	int rc = rxp_buf_put(out, iv, RXP_IV_OCTETS);

	if (rc == 0)
		rc = rxp_gcm_encrypt(out, suite->content_cipher, cek, iv, octets, len);
	if (rc != 0)
		rxp_buf_cut(out, before);
	return rc;
}

int rxp_agreement_decrypt(struct rxp_buf *out, const struct rxp_suite *suite, const uint8_t *cek,
    const uint8_t *octets, size_t len)
{
	if (len < RXP_IV_OCTETS)
		return RXP_ERR_DECRYPT;
	return rxp_gcm_decrypt(
	    out, suite->content_cipher, cek, octets, octets + RXP_IV_OCTETS, len - RXP_IV_OCTETS);
}
