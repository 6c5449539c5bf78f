#include "protocol/seal/cert.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/seal/sound.h"

#define SMALLEST_RSA_BITS 3072
#define LARGEST_RSA_BITS 4096
#define RSA_EXPONENT 65537
#define DIGEST_OCTETS 32
#define EPOCH_YEAR 70 /* in struct tm */
#define CERTIFICATE_TEXT (RXP_BASE64_LENGTH(RXP_MAX_CERTIFICATE_OCTETS) + 1)

struct rxp_cert {
	EVP_PKEY *key; /* owned */
	enum rxp_seal_alg alg;
	size_t value_len;
	int64_t not_before_ms;
	int64_t not_after_ms;
	uint8_t digest[DIGEST_OCTETS];
	uint8_t spki_digest[DIGEST_OCTETS];
	uint8_t der[RXP_MAX_CERTIFICATE_OCTETS];
	size_t der_len;
	char base64[CERTIFICATE_TEXT];
};

static const struct {
	const char *key;
	const char *group;
} algs[] = {
#define SEAL_ALG(name, key, group, digest, uri, xmlsec) [RXP_SEAL_##name] = {key, group},
#include "protocol/seal/seal_alg.def"
#undef SEAL_ALG
};

static bool rsa_is_allowed(const EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);
	BIGNUM *e = NULL;
	bool allowed;

	allowed = bits >= SMALLEST_RSA_BITS && bits <= LARGEST_RSA_BITS &&
		  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
		  BN_is_word(e, RSA_EXPONENT);
	BN_free(e);
	return allowed;
}

/* The curve by its name; explicit parameters are refused even where they equal a named curve's. */
static bool ec_is_allowed(const EVP_PKEY *key, const char *group)
{
	char name[64];
	int explicit_params = 0;

	return EVP_PKEY_get_group_name(key, name, sizeof name, NULL) == 1 &&
	       strcmp(name, group) == 0 &&
	       EVP_PKEY_get_int_param(
		   key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_params) == 1 &&
	       explicit_params == 0;
}

/* Behind read_digests(). */
static int read_key(struct rxp_cert *cert, X509 *x509)
{
	EVP_PKEY *key = X509_get0_pubkey(x509);

	if (key == NULL)
		return RXP_ERR_KEY;
	for (int i = 0; i < RXP_SEAL_ALG_COUNT; i++) {
		bool is_ec = algs[i].group != NULL;

		if (!EVP_PKEY_is_a(key, algs[i].key) ||
		    !(is_ec ? ec_is_allowed(key, algs[i].group) : rsa_is_allowed(key)))
			continue;
		if (!rxp_key_is_sound(key, cert->spki_digest) || EVP_PKEY_up_ref(key) != 1)
			return RXP_ERR_KEY;
		cert->key = key;
		cert->alg = (enum rxp_seal_alg)i;
		cert->value_len =
		    is_ec ? (size_t)EVP_PKEY_get_bits(key) / 8 * 2 : (size_t)EVP_PKEY_get_size(key);
		return 0;
	}
	return RXP_ERR_KEY;
}

static int read_time(int64_t *out, const ASN1_TIME *time)
{
	char text[64];
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return RXP_ERR_KEY;
	/* A date is for people to be told (RXP-DSC-041): one before all others says enough. */
	if (tm.tm_year < EPOCH_YEAR) {
		*out = 0;
		return 0;
	}
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.000Z", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return rxp_time_parse(out, text) == 0 ? 0 : RXP_ERR_KEY;
}

static int read_digests(struct rxp_cert *cert, const X509 *x509)
{
	uint8_t *spki = NULL;
	int spki_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
	int rc = 0;

	if (spki_len <= 0)
		return RXP_ERR_KEY;
	if (EVP_Digest(spki, (size_t)spki_len, cert->spki_digest, NULL, EVP_sha256(), NULL) != 1 ||
	    EVP_Digest(cert->der, cert->der_len, cert->digest, NULL, EVP_sha256(), NULL) != 1)
		rc = RXP_ERR_NOMEM;
	OPENSSL_free(spki);
	return rc;
}

/* The certificate at der if these octets, all of them, are what encoding it anew gives. */
static X509 *decode(const uint8_t *der, size_t der_len)
{
	const uint8_t *at = der;
	uint8_t *again = NULL;
	int again_len = -1;
	X509 *x509 = d2i_X509(NULL, &at, (long)der_len);

	/* Encoding the inner part first makes OpenSSL forget the octets it came from. */
	if (x509 != NULL && at == der + der_len && i2d_re_X509_tbs(x509, NULL) > 0)
		again_len = i2d_X509(x509, &again);
	if (again_len < 0 || (size_t)again_len != der_len || memcmp(again, der, der_len) != 0 ||
	    X509_get_version(x509) != X509_VERSION_3) {
		X509_free(x509);
		x509 = NULL;
	}
	OPENSSL_free(again);
	return x509;
}

int rxp_cert_parse(struct rxp_cert **out, const uint8_t *der, size_t der_len)
{
	struct rxp_cert *cert = NULL;
	X509 *x509 = NULL;
	int rc = RXP_ERR_KEY;

	if (der_len == 0 || der_len > RXP_MAX_CERTIFICATE_OCTETS)
		return RXP_ERR_KEY;
	x509 = decode(der, der_len);
	if (x509 == NULL)
		goto done;
	cert = calloc(1, sizeof *cert);
	if (cert == NULL) {
		rc = RXP_ERR_NOMEM;
		goto done;
	}
	memcpy(cert->der, der, der_len);
	cert->der_len = der_len;
	EVP_EncodeBlock((uint8_t *)cert->base64, der, (int)der_len);
	if ((rc = read_digests(cert, x509)) != 0 || (rc = read_key(cert, x509)) != 0 ||
	    (rc = read_time(&cert->not_before_ms, X509_get0_notBefore(x509))) != 0 ||
	    (rc = read_time(&cert->not_after_ms, X509_get0_notAfter(x509))) != 0)
		goto done;
	*out = cert;
	cert = NULL;
done:
	rxp_cert_free(cert);
	X509_free(x509);
	return rc;
}

void rxp_cert_free(struct rxp_cert *cert)
{
	if (cert == NULL)
		return;
	EVP_PKEY_free(cert->key);
	free(cert);
}

const uint8_t *rxp_cert_der(const struct rxp_cert *cert, size_t *len)
{
	*len = cert->der_len;
	return cert->der;
}

const char *rxp_cert_base64(const struct rxp_cert *cert)
{
	return cert->base64;
}

void rxp_cert_digest(const struct rxp_cert *cert, uint8_t out[32])
{
	memcpy(out, cert->digest, DIGEST_OCTETS);
}

void rxp_cert_spki_digest(const struct rxp_cert *cert, uint8_t out[32])
{
	memcpy(out, cert->spki_digest, DIGEST_OCTETS);
}

enum rxp_seal_alg rxp_cert_alg(const struct rxp_cert *cert)
{
	return cert->alg;
}

size_t rxp_cert_value_length(const struct rxp_cert *cert)
{
	return cert->value_len;
}

void rxp_cert_validity(const struct rxp_cert *cert, int64_t *not_before_ms, int64_t *not_after_ms)
{
	*not_before_ms = cert->not_before_ms;
	*not_after_ms = cert->not_after_ms;
}

struct evp_pkey_st *rxp_cert_key(const struct rxp_cert *cert)
{
	return cert->key;
}
