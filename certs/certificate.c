#include "certs/certificate.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "certs/file.h"
#include "certs/keypair.h"
#include "certs/report.h"
#include "daemon/base/pem.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/seal/cert.h"

#define SERIAL_BITS 127 /* positive, 16 octets */
#define DAYS_OF_YEARS(years) ((years)*1461 / 4)

static const struct {
	const char *word, *curve;
	int years;
	const char *usage, *extended;
} uses[] = {
#define CERTIFICATE(name, word, curve, years, usage, extended) \
	[CERTIFICATE_##name] = {word, curve, years, usage, extended},
    CERTIFICATES
#undef CERTIFICATE
};

const char *certificate_word(enum certificate_use use)
{
	return uses[use].word;
}

const char *certificate_curve(enum certificate_use use)
{
	return uses[use].curve;
}

bool certificate_subject_fits(const struct certificate_subject *s)
{
	return rxp_party_valid(s->party) && strlen(s->country) == 2 &&
	       strspn(s->country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2 &&
	       s->organisation[0] != '\0' && strlen(s->organisation) <= CERTIFICATE_MAX_NAME &&
	       s->organisation_id[0] != '\0' && strlen(s->organisation_id) <= CERTIFICATE_MAX_NAME;
}

static bool add_name(X509_NAME *name, int nid, const char *text)
{
	return X509_NAME_add_entry_by_NID(
		   name, nid, MBSTRING_UTF8, (const uint8_t *)text, -1, -1, 0) == 1;
}

static bool set_names(X509 *x, enum certificate_use use, const struct certificate_subject *s)
{
	X509_NAME *name = X509_get_subject_name(x);
	char common[32];

	snprintf(common, sizeof common, "%s %s", s->party, uses[use].word);
	return add_name(name, NID_countryName, s->country) &&
	       add_name(name, NID_organizationName, s->organisation) &&
	       add_name(name, NID_organizationIdentifier, s->organisation_id) &&
	       add_name(name, NID_commonName, common) && X509_set_issuer_name(x, name) == 1;
}

static bool set_serial(X509 *x)
{
	BIGNUM *serial = BN_new();
	bool done = serial != NULL &&
		    BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
		    BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x)) != NULL;

	BN_free(serial);
	return done;
}

static bool set_dates(X509 *x, int years, int64_t now_ms)
{
	time_t now = (time_t)(now_ms / 1000);

	return X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &now) != NULL &&
	       X509_time_adj_ex(X509_getm_notAfter(x), DAYS_OF_YEARS(years), 0, &now) != NULL;
}

static bool add_extension(X509 *x, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
	bool done = extension != NULL && X509_add_ext(x, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return done;
}

static bool add_extensions(X509 *x, enum certificate_use use)
{
	const char *extended = uses[use].extended;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	return add_extension(x, &ctx, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x, &ctx, NID_key_usage, uses[use].usage) &&
	       (extended == NULL || add_extension(x, &ctx, NID_ext_key_usage, extended)) &&
	       add_extension(x, &ctx, NID_subject_key_identifier, "hash");
}

static int write_pem(struct rxp_buf *pem, X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	int rc = RXP_ERR_CRYPTO;

	if (bio != NULL && PEM_write_bio_X509(bio, x) == 1) {
		long len = BIO_get_mem_data(bio, &data);

		rc = rxp_buf_put(pem, data, (size_t)len);
	}
	BIO_free(bio);
	return rc;
}

static const EVP_MD *digest_for(const EVP_PKEY *key)
{
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_bits(key) > 256
		   ? EVP_sha384()
		   : EVP_sha256();
}

/* All but the signature. The caller frees it; NULL if that fails. */
static X509 *describe(enum certificate_use use, EVP_PKEY *key,
    const struct certificate_subject *subject, int64_t now_ms)
{
	X509 *x = X509_new();

	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	    set_dates(x, uses[use].years, now_ms) && set_names(x, use, subject) &&
	    X509_set_pubkey(x, key) == 1 && add_extensions(x, use))
		return x;
	X509_free(x);
	return NULL;
}

int certificate_make(struct rxp_buf *pem, enum certificate_use use, struct evp_pkey_st *key,
    const struct certificate_subject *subject, int64_t now_ms)
{
	X509 *x = NULL;
	int rc = RXP_ERR_CRYPTO;

	if (!certificate_subject_fits(subject))
		return RXP_ERR_CONFIG;
	x = describe(use, key, subject, now_ms);
	if (x != NULL && X509_sign(x, key, digest_for(key)) > 0)
		rc = write_pem(pem, x);
	X509_free(x);
	return rc;
}

/* --- a certificate of a key that is elsewhere ------------------------------------------------------- */

/* A key of the same kind. The library writes the names of the algorithm only where it signs itself. */
static EVP_PKEY *another_like(const EVP_PKEY *key)
{
	char group[32] = "";

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return EVP_RSA_gen((unsigned)EVP_PKEY_get_bits(key));
	return EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 ? EVP_EC_gen(group)
									    : NULL;
}

static int parse(struct rxp_cert **out, const X509 *x)
{
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);
	int rc = len > 0 ? rxp_cert_parse(out, der, (size_t)len) : RXP_ERR_CRYPTO;

	OPENSSL_free(der);
	return rc;
}

/* r||s as X.509 has it: two INTEGERs in a SEQUENCE. */
static int put_pair(struct rxp_buf *out, const uint8_t *value, size_t len)
{
	BIGNUM *r = BN_bin2bn(value, (int)(len / 2), NULL);
	BIGNUM *s = BN_bin2bn(value + len / 2, (int)(len / 2), NULL);
	ECDSA_SIG *pair = ECDSA_SIG_new();
	uint8_t *der = NULL;
	int made = -1;

	if (r != NULL && s != NULL && pair != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
		r = s = NULL; /* the pair's now */
		made = i2d_ECDSA_SIG(pair, &der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(pair);
	made = made > 0 ? rxp_buf_put(out, der, (size_t)made) : RXP_ERR_CRYPTO;
	OPENSSL_free(der);
	return made;
}

/* SEQUENCE { what is signed, the algorithm as x has it, BIT STRING }, read back as a certificate. */
static int assemble(
    X509 **out, const X509 *x, const struct rxp_buf *tbs, const struct rxp_buf *value)
{
	uint8_t der[RXP_MAX_CERTIFICATE_OCTETS], *at = der;
	const uint8_t *from = der;
	const ASN1_BIT_STRING *unused;
	const X509_ALGOR *algorithm;
	ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
	int alg_len, bits_len = -1, content, rc = RXP_ERR_CRYPTO;

	X509_get0_signature(&unused, &algorithm, x);
	alg_len = i2d_X509_ALGOR(algorithm, NULL);
	if (bits != NULL && ASN1_STRING_set(bits, value->data, (int)value->len) == 1) {
		bits->flags |= ASN1_STRING_FLAG_BITS_LEFT; /* and none is unused */
		bits_len = i2d_ASN1_BIT_STRING(bits, NULL);
	}
	content = (int)tbs->len + alg_len + bits_len;
	if (alg_len > 0 && bits_len > 0 &&
	    (size_t)ASN1_object_size(1, content, V_ASN1_SEQUENCE) <= sizeof der) {
		ASN1_put_object(&at, 1, content, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
		memcpy(at, tbs->data, tbs->len);
		at += tbs->len;
		i2d_X509_ALGOR(algorithm, &at);
		i2d_ASN1_BIT_STRING(bits, &at);
		*out = d2i_X509(NULL, &from, at - der);
		rc = *out != NULL && X509_verify(*out, X509_get0_pubkey(*out)) == 1
			 ? 0
			 : RXP_ERR_CRYPTO;
	}
	ASN1_BIT_STRING_free(bits);
	return rc;
}

static int sign_by(X509 **out, X509 *x, const struct certificate_signer *by)
{
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS], *octets = NULL;
	struct rxp_cert *cert = NULL;
	struct rxp_buf tbs, signature;
	size_t value_len = 0;
	int len = i2d_re_X509_tbs(x, &octets);
	int rc = parse(&cert, x);

	rxp_buf_init(&tbs, RXP_MAX_CERTIFICATE_OCTETS);
	rxp_buf_init(&signature, RXP_MAX_SIGNATURE_OCTETS);
	if (rc == 0)
		rc = len > 0 ? rxp_buf_put(&tbs, octets, (size_t)len) : RXP_ERR_CRYPTO;
	if (rc == 0)
		rc = by->sign(by->arg, cert, tbs.data, tbs.len, value, &value_len);
	if (rc == 0)
		rc = rxp_cert_alg(cert) == RXP_SEAL_RSA ? rxp_buf_put(&signature, value, value_len)
							: put_pair(&signature, value, value_len);
	if (rc == 0)
		rc = assemble(out, x, &tbs, &signature);
	rxp_buf_free(&tbs);
	rxp_buf_free(&signature);
	rxp_cert_free(cert);
	OPENSSL_free(octets);
	return rc;
}

int certificate_make_for(struct rxp_buf *pem, enum certificate_use use,
    struct evp_pkey_st *public_key, const struct certificate_signer *by,
    const struct certificate_subject *subject, int64_t now_ms)
{
	EVP_PKEY *other = NULL;
	X509 *x = NULL, *made = NULL;
	int rc = RXP_ERR_CRYPTO;

	if (!certificate_subject_fits(subject))
		return RXP_ERR_CONFIG;
	x = describe(use, public_key, subject, now_ms);
	other = another_like(public_key);
	if (x != NULL && other != NULL && X509_sign(x, other, digest_for(public_key)) > 0)
		rc = sign_by(&made, x, by);
	if (rc == 0)
		rc = write_pem(pem, made);
	X509_free(made);
	X509_free(x);
	EVP_PKEY_free(other);
	return rc;
}

int certificate_read(struct rxp_buf *der, struct rxp_cert **cert, const char *path)
{
	struct rxp_buf pem;
	int rc;

	rxp_buf_init(&pem, KEYPAIR_MAX_PEM_OCTETS);
	rc = file_read(&pem, path);
	if (rc == 0)
		rc = pem_certificate(der, &pem);
	if (rc == 0)
		rc = rxp_cert_parse(cert, der->data, der->len);
	rxp_buf_free(&pem);
	return report_failure(path, rc);
}
