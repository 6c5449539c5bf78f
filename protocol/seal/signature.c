#include "protocol/seal/signature.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "protocol/base/err.h"
#include "protocol/seal/cert.h"

/* DER of r and s of 384 bits: three headers and a sign octet each. */
#define ECDSA_DER_OCTETS 128

static int der_from_raw(
    uint8_t der[ECDSA_DER_OCTETS], size_t *der_len, const uint8_t *raw, size_t raw_len)
{
	int half = (int)(raw_len / 2);
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, half, NULL);
	BIGNUM *s = BN_bin2bn(raw + half, half, NULL);
	uint8_t *at = der;
	int len, rc = RXP_ERR_NOMEM;

	if (pair == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(pair, r, s) != 1)
		goto done;
	r = s = NULL;
	len = i2d_ECDSA_SIG(pair, NULL);
	rc = RXP_ERR_CRYPTO;
	if (len <= 0 || len > ECDSA_DER_OCTETS || i2d_ECDSA_SIG(pair, &at) != len)
		goto done;
	*der_len = (size_t)len;
	rc = 0;
done:
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(pair);
	return rc;
}

int rxp_signature_verify(const struct rxp_cert *cert, const uint8_t *octets, size_t len,
    const uint8_t *value, size_t value_len)
{
	static const char *const digests[] = {
#define SEAL_ALG(name, key, group, digest, uri, xmlsec) [RXP_SEAL_##name] = (digest),
#include "protocol/seal/seal_alg.def"
#undef SEAL_ALG
	};
	enum rxp_seal_alg alg = rxp_cert_alg(cert);
	uint8_t der[ECDSA_DER_OCTETS];
	EVP_MD_CTX *ctx = NULL;
	int rc = 0;

	if (value_len != rxp_cert_value_length(cert))
		return RXP_ERR_SEAL;
	if (alg != RXP_SEAL_RSA) {
		if ((rc = der_from_raw(der, &value_len, value, value_len)) != 0)
			return rc;
		value = der;
	}
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return RXP_ERR_NOMEM;
	if (EVP_DigestVerifyInit_ex(
		ctx, NULL, digests[alg], NULL, NULL, rxp_cert_key(cert), NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	else if (EVP_DigestVerify(ctx, value, value_len, octets, len) != 1)
		rc = RXP_ERR_SEAL;
	EVP_MD_CTX_free(ctx);
	return rc;
}
