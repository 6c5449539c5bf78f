#include "conformance/state/keypair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/seal/cert.h"

#define MAX_PATH 4096
#define MAX_PEM_OCTETS 4096
#define YEARS_MS (10LL * 365 * 86400 * 1000)
#define HOUR_MS (3600LL * 1000)

/* --- making ---------------------------------------------------------------------------------- */

static bool set_serial(X509 *x)
{
	uint64_t serial;

	return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1;
}

static X509 *make_certificate(
    EVP_PKEY *key, const char *party, const char *use, int64_t from_ms, int64_t until_ms)
{
	X509 *x = X509_new();
	time_t from = (time_t)(from_ms / 1000), until = (time_t)(until_ms / 1000);
	X509_NAME *name;
	char common[64];

	(void)snprintf(common, sizeof common, "%s %s", party, use);
	if (x == NULL || X509_set_version(x, X509_VERSION_3) != 1 || !set_serial(x) ||
	    X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &from) == NULL ||
	    X509_time_adj_ex(X509_getm_notAfter(x), 0, 0, &until) == NULL)
		goto failed;
	name = X509_get_subject_name(x);
	if (X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)common, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
	    X509_sign(x, key, EVP_sha256()) > 0)
		return x;
failed:
	X509_free(x);
	return NULL;
}

/* What is derived from key and certificate. */
static int complete(struct keypair *k)
{
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char *der = NULL;
	char *pem;
	long pem_len;
	int der_len = i2d_X509(k->certificate, &der);
	int rc = RXP_ERR_CRYPTO;

	if (bio == NULL || der_len <= 0 ||
	    PEM_write_bio_PKCS8PrivateKey(bio, k->key, NULL, NULL, 0, NULL, NULL) != 1)
		goto done;
	pem_len = BIO_get_mem_data(bio, &pem);
	rc = rxp_cert_parse(&k->cert, der, (size_t)der_len);
	if (rc == 0)
		rc =
		    rxp_key_signer_open(&k->signer, (const uint8_t *)pem, (size_t)pem_len, k->cert);
done:
	OPENSSL_free(der);
	BIO_free(bio);
	return rc;
}

int keypair_make(struct keypair *k, const char *party, const char *use, int64_t now_ms)
{
	int rc = RXP_ERR_CRYPTO;

	k->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	if (k->key != NULL)
		k->certificate =
		    make_certificate(k->key, party, use, now_ms - HOUR_MS, now_ms + YEARS_MS);
	if (k->certificate != NULL)
		rc = complete(k);
	if (rc != 0)
		keypair_clear(k);
	return rc;
}

int keypair_recertify(struct keypair *k, const struct keypair *of, const char *party,
    const char *use, int64_t from_ms, int64_t until_ms)
{
	int rc = RXP_ERR_CRYPTO;

	if (EVP_PKEY_up_ref(of->key) != 1)
		return rc;
	k->key = of->key;
	k->certificate = make_certificate(k->key, party, use, from_ms, until_ms);
	if (k->certificate != NULL)
		rc = complete(k);
	if (rc != 0)
		keypair_clear(k);
	return rc;
}

void keypair_clear(struct keypair *k)
{
	rxp_key_signer_free(k->signer);
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

struct rxp_signer keypair_signer(const struct keypair *k)
{
	return rxp_key_signer_interface(k->signer);
}
