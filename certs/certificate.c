#include "certs/certificate.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "certs/file.h"
#include "certs/keypair.h"
#include "certs/report.h"
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

int certificate_make(struct rxp_buf *pem, enum certificate_use use, struct evp_pkey_st *key,
    const struct certificate_subject *subject, int64_t now_ms)
{
	const EVP_MD *digest = EVP_PKEY_get_bits(key) > 256 ? EVP_sha384() : EVP_sha256();
	X509 *x = NULL;
	int rc = RXP_ERR_CRYPTO;

	if (!certificate_subject_fits(subject))
		return RXP_ERR_CONFIG;
	x = X509_new();
	if (x == NULL)
		return RXP_ERR_NOMEM;
	if (X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	    set_dates(x, uses[use].years, now_ms) && set_names(x, use, subject) &&
	    X509_set_pubkey(x, key) == 1 && add_extensions(x, use) && X509_sign(x, key, digest) > 0)
		rc = write_pem(pem, x);
	X509_free(x);
	return rc;
}

int certificate_der(struct rxp_buf *der, const struct rxp_buf *pem)
{
	BIO *bio = pem->len > INT_MAX ? NULL : BIO_new_mem_buf(pem->data, (int)pem->len);
	X509 *x = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
	uint8_t *octets = NULL;
	int len = x == NULL ? -1 : i2d_X509(x, &octets);
	int rc = len <= 0 ? RXP_ERR_KEY : rxp_buf_put(der, octets, (size_t)len);

	OPENSSL_free(octets);
	X509_free(x);
	BIO_free(bio);
	return rc;
}

int certificate_read(struct rxp_buf *der, struct rxp_cert **cert, const char *path)
{
	struct rxp_buf pem;
	int rc;

	rxp_buf_init(&pem, KEYPAIR_MAX_PEM_OCTETS);
	rc = file_read(&pem, path);
	if (rc == 0)
		rc = certificate_der(der, &pem);
	if (rc == 0)
		rc = rxp_cert_parse(cert, der->data, der->len);
	rxp_buf_free(&pem);
	return report_failure(path, rc);
}
