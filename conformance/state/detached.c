#include "conformance/state/detached.h"

#include <stdbool.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "conformance/state/files.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define MAX_PEM_OCTETS 65536

/* What is signed goes as it is, and stands elsewhere. */
#define SIGN_FLAGS (CMS_BINARY | CMS_DETACHED | CMS_NOSMIMECAP)
/* Of the certificates that may stand in the signature none is looked at. */
#define VERIFY_FLAGS (CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY)

static BIO *over(const struct rxp_buf *octets)
{
	return BIO_new_mem_buf(
	    octets->len == 0 ? "" : (const char *)octets->data, (int)octets->len);
}

/* What a file of PEM has: a certificate, or else a key; the other is NULL. */
static int read_pem(X509 **certificate, EVP_PKEY **key, const char *path)
{
	struct rxp_buf octets;
	BIO *pem = NULL;
	bool found = false;
	int rc;

	rxp_buf_init(&octets, MAX_PEM_OCTETS);
	rc = files_read(&octets, NULL, path);
	if (rc == 0) {
		pem = over(&octets);
		rc = pem == NULL ? RXP_ERR_NOMEM : 0;
	}
	if (rc == 0 && certificate != NULL) {
		*certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL);
		found = *certificate != NULL;
	} else if (rc == 0 && key != NULL) {
		*key = PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL);
		found = *key != NULL;
	}
	if (rc == 0 && !found)
		rc = RXP_ERR_KEY;
	BIO_free(pem);
	rxp_buf_free(&octets);
	return rc;
}

static int put_der(struct rxp_buf *out, CMS_ContentInfo *cms)
{
	unsigned char *der = NULL;
	int len = i2d_CMS_ContentInfo(cms, &der), rc = RXP_ERR_CRYPTO;

	if (len > 0)
		rc = rxp_buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
	return rc;
}

int detached_sign(
    struct rxp_buf *out, const struct rxp_buf *octets, const char *key, const char *certificate)
{
	CMS_ContentInfo *cms = NULL;
	EVP_PKEY *signer = NULL;
	X509 *of = NULL;
	BIO *content = over(octets);
	int rc = content == NULL ? RXP_ERR_NOMEM : read_pem(&of, NULL, certificate);

	if (rc == 0)
		rc = read_pem(NULL, &signer, key);
	if (rc == 0 && X509_check_private_key(of, signer) != 1)
		rc = RXP_ERR_KEY;
	if (rc == 0) {
		cms = CMS_sign(of, signer, NULL, content, SIGN_FLAGS);
		rc = cms == NULL ? RXP_ERR_KEY : put_der(out, cms);
	}
	CMS_ContentInfo_free(cms);
	BIO_free(content);
	EVP_PKEY_free(signer);
	X509_free(of);
	ERR_clear_error();
	return rc;
}

static int verify(const struct rxp_buf *octets, CMS_ContentInfo *cms, X509 *signer)
{
	STACK_OF(X509) *only = sk_X509_new_null();
	BIO *content = over(octets);
	int rc = RXP_ERR_NOMEM;

	if (only != NULL && content != NULL && sk_X509_push(only, signer) > 0)
		rc = CMS_verify(cms, only, NULL, content, NULL, VERIFY_FLAGS) == 1 ? 0
										   : RXP_ERR_SEAL;
	sk_X509_free(only);
	BIO_free(content);
	return rc;
}

int detached_verify(
    const struct rxp_buf *octets, const struct rxp_buf *signature, const char *certificate)
{
	const unsigned char *at = signature->data;
	CMS_ContentInfo *cms = NULL;
	X509 *signer = NULL;
	int rc = read_pem(&signer, NULL, certificate);

	if (rc == 0) {
		cms = d2i_CMS_ContentInfo(NULL, &at, (long)signature->len);
		/* One that brings content of its own says nothing of these octets. */
		rc = cms == NULL || at != signature->data + signature->len ||
			     CMS_is_detached(cms) != 1
			 ? RXP_ERR_SYNTAX
			 : verify(octets, cms, signer);
	}
	CMS_ContentInfo_free(cms);
	X509_free(signer);
	ERR_clear_error();
	return rc;
}
