#include "conformance/state/keypair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "conformance/state/chance.h"
#include "conformance/state/ecdsa.h"
#include "conformance/state/rsa.h"
#include "protocol/base/err.h"
#include "protocol/seal/cert.h"

#define MAX_PATH 4096
#define MAX_TBS_OCTETS 1024
#define YEARS_MS (30LL * 365 * 86400 * 1000)
#define RSA_BITS 3072
#define HOUR_MS (3600LL * 1000)

/* --- making ---------------------------------------------------------------------------------- */

static size_t scalar_octets(enum keypair_kind kind)
{
	return kind == KEYPAIR_P384 ? ECDSA_MAX_HALF_OCTETS : ECDSA_HALF_OCTETS;
}

/* RFC 5915, without the public part, which OpenSSL adds. */
EVP_PKEY *keypair_key_of(enum keypair_kind kind, const uint8_t *scalar)
{
	static const uint8_t p_256[] = {
	    0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
	static const uint8_t p_384[] = {0xa0, 0x07, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
	bool wide = kind == KEYPAIR_P384;
	const uint8_t *curve = wide ? p_384 : p_256, *at;
	size_t len = scalar_octets(kind), curve_len = wide ? sizeof p_384 : sizeof p_256;
	const uint8_t before[] = {
	    0x30, (uint8_t)(5 + len + curve_len), 0x02, 0x01, 0x01, 0x04, (uint8_t)len};
	uint8_t der[sizeof before + ECDSA_MAX_HALF_OCTETS + sizeof p_256];

	memcpy(der, before, sizeof before);
	memcpy(der + sizeof before, scalar, len);
	memcpy(der + sizeof before + len, curve, curve_len);
	at = der;
	return d2i_PrivateKey(EVP_PKEY_EC, NULL, &at, (long)(sizeof before + len + curve_len));
}

static EVP_PKEY *make_key(enum keypair_kind kind)
{
	uint8_t scalar[ECDSA_MAX_HALF_OCTETS];

	if (kind == KEYPAIR_RSA)
		return rsa_make(RSA_BITS);
	if (chance()->fill(chance()->arg, scalar, scalar_octets(kind)) != 0)
		return NULL;
	/* Below the order, at the price of a bit. */
	scalar[0] &= 0x7f;
	return keypair_key_of(kind, scalar);
}

static bool is_elliptic(const EVP_PKEY *key)
{
	return EVP_PKEY_get_id(key) == EVP_PKEY_EC;
}

static bool is_wide(const EVP_PKEY *key)
{
	return is_elliptic(key) && EVP_PKEY_get_bits(key) == 8 * ECDSA_MAX_HALF_OCTETS;
}

/* RXP-SEA-008 */
static const EVP_MD *digest_for(const EVP_PKEY *key)
{
	return is_wide(key) ? EVP_sha384() : EVP_sha256();
}

static bool set_serial(X509 *x)
{
	uint64_t serial;

	return chance()->fill(chance()->arg, (uint8_t *)&serial, sizeof serial) == 0 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1;
}

/* The signature as DER. */
static int sign_der(uint8_t **out, EVP_PKEY *key, const uint8_t *octets, size_t len)
{
	uint8_t pair[2 * ECDSA_MAX_HALF_OCTETS];
	ECDSA_SIG *both = ECDSA_SIG_new();
	BIGNUM *r = BN_new(), *s = BN_new();
	size_t pair_len;
	int n = -1;

	if (both != NULL && r != NULL && s != NULL &&
	    ecdsa_sign(pair, &pair_len, key, digest_for(key), octets, len) == 0 &&
	    BN_bin2bn(pair, (int)pair_len / 2, r) != NULL &&
	    BN_bin2bn(pair + pair_len / 2, (int)pair_len / 2, s) != NULL &&
	    ECDSA_SIG_set0(both, r, s) == 1) {
		r = s = NULL;
		n = i2d_ECDSA_SIG(both, out);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(both);
	return n;
}

/* The same certificate with a signature that follows from its octets: what OpenSSL puts there is another each time. */
static X509 *sign_again(X509 *x, EVP_PKEY *key)
{
	/* SEQUENCE { tbs, ecdsa-with-SHA256 or SHA384, BIT STRING } with lengths of two octets */
	const uint8_t algorithm[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04,
	    0x03, is_wide(key) ? 0x03 : 0x02};
	uint8_t der[MAX_TBS_OCTETS + 128], *tbs = NULL, *value = NULL;
	int tbs_len = i2d_re_X509_tbs(x, &tbs), value_len = -1;
	const uint8_t *at = der;
	size_t n, content;
	X509 *out = NULL;

	if (tbs_len > 0 && tbs_len < MAX_TBS_OCTETS)
		value_len = sign_der(&value, key, tbs, (size_t)tbs_len);
	if (value_len <= 0)
		goto done;
	content = (size_t)tbs_len + sizeof algorithm + 3 + (size_t)value_len;
	memcpy(der, (const uint8_t[]){0x30, 0x82, (uint8_t)(content >> 8), (uint8_t)content}, 4);
	n = 4;
	memcpy(der + n, tbs, (size_t)tbs_len);
	n += (size_t)tbs_len;
	memcpy(der + n, algorithm, sizeof algorithm);
	n += sizeof algorithm;
	memcpy(der + n, (const uint8_t[]){0x03, (uint8_t)(value_len + 1), 0}, 3);
	n += 3;
	memcpy(der + n, value, (size_t)value_len);
	out = d2i_X509(NULL, &at, (long)(n + (size_t)value_len));
done:
	OPENSSL_free(tbs);
	OPENSSL_free(value);
	X509_free(x);
	return out;
}

/* A critical extension that nobody knows. */
static bool extend(X509 *x)
{
	static const unsigned char value[] = {0x0c, 0x01, 'x'};
	ASN1_OBJECT *id = OBJ_txt2obj("1.3.6.1.4.1.55555.1", 1);
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e = NULL;
	bool good;

	if (id != NULL && octets != NULL && ASN1_OCTET_STRING_set(octets, value, sizeof value) == 1)
		e = X509_EXTENSION_create_by_OBJ(NULL, id, 1, octets);
	good = e != NULL && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(octets);
	ASN1_OBJECT_free(id);
	return good;
}

static X509 *make_certificate(
    EVP_PKEY *key, const char *party, const char *use, int64_t from_ms, int64_t until_ms, bool odd)
{
	X509 *x = X509_new();
	time_t from = (time_t)(from_ms / 1000), until = (time_t)(until_ms / 1000);
	X509_NAME *name;
	char common[64];

	(void)snprintf(common, sizeof common, "%s %s", party, use);
	if (x == NULL || X509_set_version(x, X509_VERSION_3) != 1 || !set_serial(x) ||
	    X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &from) == NULL ||
	    X509_time_adj_ex(X509_getm_notAfter(x), 0, 0, &until) == NULL || (odd && !extend(x)))
		goto failed;
	name = X509_get_subject_name(x);
	if (X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)common, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
	    X509_sign(x, key, digest_for(key)) > 0)
		return is_elliptic(key) ? sign_again(x, key) : x;
failed:
	X509_free(x);
	return NULL;
}

/* The certificate as seals use it. */
static int complete(struct keypair *k)
{
	unsigned char *der = NULL;
	int der_len = i2d_X509(k->certificate, &der);
	int rc = der_len <= 0 ? RXP_ERR_CRYPTO : rxp_cert_parse(&k->cert, der, (size_t)der_len);

	OPENSSL_free(der);
	return rc;
}

int keypair_make(struct keypair *k, const char *party, const char *use, int64_t now_ms)
{
	return keypair_make_kind(k, KEYPAIR_P256, party, use, now_ms);
}

int keypair_make_kind(
    struct keypair *k, enum keypair_kind kind, const char *party, const char *use, int64_t now_ms)
{
	int rc = RXP_ERR_CRYPTO;

	k->key = make_key(kind);
	if (k->key != NULL)
		k->certificate = make_certificate(
		    k->key, party, use, now_ms - HOUR_MS, now_ms + YEARS_MS, false);
	if (k->certificate != NULL)
		rc = complete(k);
	if (rc != 0)
		keypair_clear(k);
	return rc;
}

static int certify(struct keypair *k, const struct keypair *of, const char *party, const char *use,
    int64_t from_ms, int64_t until_ms, bool odd)
{
	int rc = RXP_ERR_CRYPTO;

	if (EVP_PKEY_up_ref(of->key) != 1)
		return rc;
	k->key = of->key;
	k->certificate = make_certificate(k->key, party, use, from_ms, until_ms, odd);
	if (k->certificate != NULL)
		rc = complete(k);
	if (rc != 0)
		keypair_clear(k);
	return rc;
}

int keypair_recertify(struct keypair *k, const struct keypair *of, const char *party,
    const char *use, int64_t from_ms, int64_t until_ms)
{
	return certify(k, of, party, use, from_ms, until_ms, false);
}

int keypair_recertify_oddly(
    struct keypair *k, const struct keypair *of, const char *party, const char *use)
{
	return certify(k, of, party, use, -YEARS_MS / 2, YEARS_MS / 2, true);
}

void keypair_clear(struct keypair *k)
{
	rxp_cert_free(k->cert);
	X509_free(k->certificate);
	EVP_PKEY_free(k->key);
	*k = (struct keypair){0};
}

/* --- files ----------------------------------------------------------------------------------- */

static int open_named(FILE **out, const char *dir, const char *use, const char *kind, int flags)
{
	char path[MAX_PATH];
	int n = snprintf(path, sizeof path, "%s/%s.%s", dir, use, kind);
	int fd;

	if (n < 0 || (size_t)n >= sizeof path)
		return RXP_ERR_BOUND;
	fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST   ? RXP_ERR_EXISTS
		       : errno == ENOENT ? RXP_ERR_NOT_FOUND
					 : RXP_ERR_IO;
	*out = fdopen(fd, (flags & O_WRONLY) != 0 ? "w" : "r");
	if (*out == NULL) {
		(void)close(fd);
		return RXP_ERR_NOMEM;
	}
	return 0;
}

int keypair_save(const struct keypair *k, const char *dir, const char *use)
{
	FILE *key = NULL, *certificate = NULL;
	bool written;
	int rc = open_named(&key, dir, use, "key", O_WRONLY | O_CREAT | O_EXCL);

	if (rc == 0)
		rc = open_named(&certificate, dir, use, "crt", O_WRONLY | O_CREAT | O_EXCL);
	if (rc == 0 && (PEM_write_PKCS8PrivateKey(key, k->key, NULL, NULL, 0, NULL, NULL) != 1 ||
			   PEM_write_X509(certificate, k->certificate) != 1))
		rc = RXP_ERR_IO;
	written = (key == NULL || fclose(key) == 0);
	written = (certificate == NULL || fclose(certificate) == 0) && written;
	return rc == 0 && !written ? RXP_ERR_IO : rc;
}

int keypair_load(struct keypair *k, const char *dir, const char *use)
{
	FILE *key = NULL, *certificate = NULL;
	int rc = open_named(&key, dir, use, "key", O_RDONLY);

	if (rc == 0)
		rc = open_named(&certificate, dir, use, "crt", O_RDONLY);
	if (rc == 0) {
		k->key = PEM_read_PrivateKey(key, NULL, NULL, NULL);
		k->certificate = PEM_read_X509(certificate, NULL, NULL, NULL);
		rc = k->key == NULL || k->certificate == NULL ? RXP_ERR_KEY : complete(k);
	}
	if (key != NULL)
		(void)fclose(key);
	if (certificate != NULL)
		(void)fclose(certificate);
	if (rc != 0)
		keypair_clear(k);
	return rc;
}

void keypair_pin(const struct keypair *k, uint8_t pin[32])
{
	rxp_cert_spki_digest(k->cert, pin);
}

/* RSASSA-PKCS1-v1_5, which follows from key and octets by itself. */
static int sign_rsa(EVP_PKEY *key, const uint8_t *octets, size_t len,
    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t made = RXP_MAX_SIGNATURE_OCTETS;
	bool good = ctx != NULL && EVP_DigestSignInit(ctx, NULL, digest_for(key), NULL, key) == 1 &&
		    EVP_DigestSign(ctx, value, &made, octets, len) == 1;

	EVP_MD_CTX_free(ctx);
	*value_len = made;
	return good ? 0 : RXP_ERR_CRYPTO;
}

static int seal_sign(void *arg, const uint8_t *octets, size_t len,
    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	return is_elliptic(arg) ? ecdsa_sign(value, value_len, arg, digest_for(arg), octets, len)
				: sign_rsa(arg, octets, len, value, value_len);
}

struct rxp_signer keypair_signer(const struct keypair *k)
{
	return (struct rxp_signer){seal_sign, k->key, k->cert};
}
