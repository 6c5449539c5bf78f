#include "certs/fingerprint.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "certs/certificate.h"
#include "certs/keypair.h"
#include "daemon/base/pem.h"
#include "daemon/base/storage_key.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"

static const char pem_start[] = "-----BEGIN ";
static const char public_start[] = "-----BEGIN PUBLIC KEY-----";

static bool begins(const struct rxp_buf *file, const char *start)
{
	return file->len >= strlen(start) && memcmp(file->data, start, strlen(start)) == 0;
}

bool fingerprint_is_pem(const struct rxp_buf *file)
{
	return begins(file, pem_start);
}

static int of_root(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *file)
{
	struct rxp_descriptor *d = NULL;
	int rc = rxp_descriptor_open(&d, file->data, file->len, NULL);

	if (rc == 0)
		memcpy(out, d->root, RXP_DIGEST_OCTETS);
	rxp_descriptor_free(d);
	return rc;
}

int fingerprint_certificate(struct rxp_cert **out, const struct rxp_buf *pem)
{
	struct rxp_buf der;
	int rc;

	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rc = pem_certificate(&der, pem);
	if (rc == 0)
		rc = rxp_cert_parse(out, der.data, der.len);
	rxp_buf_free(&der);
	return rc;
}

static int of_certificate(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *pem)
{
	struct rxp_cert *cert = NULL;
	int rc = fingerprint_certificate(&cert, pem);

	if (rc == 0)
		rxp_cert_spki_digest(cert, out);
	rxp_cert_free(cert);
	return rc;
}

static int of_public(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *pem)
{
	struct rxp_buf der;
	int rc;

	rxp_buf_init(&der, KEYPAIR_MAX_PEM_OCTETS);
	rc = keypair_read_public(&der, pem);
	if (rc == 0)
		SHA256(der.data, der.len, out);
	rxp_buf_free(&der);
	return rc;
}

static int of_storage(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *file)
{
	uint8_t key[STORAGE_KEY_OCTETS];
	int rc = storage_key_read(key, file);

	if (rc == 0)
		rc = storage_key_check(out, key);
	OPENSSL_cleanse(key, sizeof key);
	return rc;
}

int fingerprint_of(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *file)
{
	if (begins(file, public_start))
		return of_public(out, file);
	if (fingerprint_is_pem(file))
		return of_certificate(out, file);
	if (file->len == STORAGE_KEY_FILE_OCTETS)
		return of_storage(out, file);
	return of_root(out, file);
}
