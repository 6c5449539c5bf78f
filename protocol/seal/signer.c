#include "protocol/seal/signer.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "protocol/base/err.h"
#include "protocol/seal/cert.h"

/* DER of r and s of 384 bits: three headers and a sign octet each. */
#define ECDSA_DER_OCTETS 128

struct rxp_key_signer {
	EVP_PKEY *key; /* owned */
	const struct rxp_cert *cert; /* borrowed */
};

static const char *const digests[] = {
#define SEAL_ALG(name, key, group, digest, uri, xmlsec) [RXP_SEAL_##name] = (digest),
#include "protocol/seal/seal_alg.def"
#undef SEAL_ALG
};

static EVP_PKEY *decode_pkcs8(const uint8_t *der, size_t len)
{
	const uint8_t *at = der;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)len);
	EVP_PKEY *key = NULL;

	if (info != NULL && at == der + len)
		key = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

/* Reads the block itself: OpenSSL's own reader would ask a terminal for a passphrase. */
static EVP_PKEY *decode_pem(const uint8_t *pem, size_t pem_len)
{
	BIO *bio = pem_len > INT_MAX ? NULL : BIO_new_mem_buf(pem, (int)pem_len);
	EVP_PKEY *key = NULL;
	char *name = NULL;
	char *header = NULL;
	uint8_t *der = NULL;
	long der_len = 0;

	if (bio != NULL && PEM_read_bio(bio, &name, &header, &der, &der_len) == 1 &&
	    strcmp(name, PEM_STRING_PKCS8INF) == 0 && header[0] == '\0')
		key = decode_pkcs8(der, (size_t)der_len);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_clear_free(der, (size_t)der_len);
	BIO_free(bio);
	return key;
}

/* That the private part belongs to the public part, which alone is compared with the certificate. */
static bool is_pair(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool pair = ctx != NULL && EVP_PKEY_pairwise_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	return pair;
}

int rxp_key_signer_open(
    struct rxp_key_signer **out, const uint8_t *pem, size_t pem_len, const struct rxp_cert *cert)
{
	struct rxp_key_signer *s = calloc(1, sizeof *s);
	int rc = 0;

	if (s == NULL)
		return RXP_ERR_NOMEM;
	s->cert = cert;
	s->key = decode_pem(pem, pem_len);
	if (s->key == NULL || !is_pair(s->key))
		rc = RXP_ERR_KEY;
	else if (EVP_PKEY_eq(s->key, rxp_cert_key(cert)) != 1)
		rc = RXP_ERR_MISMATCH;
	if (rc == 0) {
		*out = s;
		s = NULL;
	}
	rxp_key_signer_free(s);
	return rc;
}

void rxp_key_signer_free(struct rxp_key_signer *s)
{
	if (s == NULL)
		return;
	EVP_PKEY_free(s->key);
	free(s);
}

static int raw_from_der(const uint8_t *der, size_t der_len, uint8_t *value, size_t value_len)
{
	const uint8_t *at = der;
	int half = (int)(value_len / 2);
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
	int rc = RXP_ERR_CRYPTO;

	if (pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), value, half) == half &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(pair), value + half, half) == half)
		rc = 0;
	ECDSA_SIG_free(pair);
	return rc;
}

static int sign(void *arg, const uint8_t *octets, size_t len,
    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	struct rxp_key_signer *s = arg;
	enum rxp_seal_alg alg = rxp_cert_alg(s->cert);
	size_t want = rxp_cert_value_length(s->cert);
	uint8_t der[ECDSA_DER_OCTETS];
	bool is_rsa = alg == RXP_SEAL_RSA;
	size_t made = is_rsa ? RXP_MAX_SIGNATURE_OCTETS : sizeof der;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = RXP_ERR_CRYPTO;

	if (ctx == NULL)
		return RXP_ERR_NOMEM;
	if (EVP_DigestSignInit_ex(ctx, NULL, digests[alg], NULL, NULL, s->key, NULL) != 1 ||
	    EVP_DigestSign(ctx, is_rsa ? value : der, &made, octets, len) != 1)
		goto done;
	rc = is_rsa ? 0 : raw_from_der(der, made, value, want);
	if (rc == 0)
		*value_len = want;
done:
	EVP_MD_CTX_free(ctx);
	return rc;
}

struct rxp_signer rxp_key_signer_interface(struct rxp_key_signer *s)
{
	return (struct rxp_signer){.sign = sign, .arg = s, .cert = s->cert};
}
