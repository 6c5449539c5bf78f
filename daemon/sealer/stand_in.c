#include "daemon/sealer/stand_in.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "daemon/sealer/node.h"
#include "protocol/base/err.h"
#include "protocol/seal/cert.h"

#define DAY_S 86400L

static X509 *make_certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();

	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 &&
	    ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(x), 0) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(x), DAY_S) != NULL && X509_set_pubkey(x, key) == 1 &&
	    X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

static int parse(struct rxp_cert **out, const X509 *x)
{
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);
	int rc = len > 0 ? rxp_cert_parse(out, der, (size_t)len) : RXP_ERR_CRYPTO;

	OPENSSL_free(der);
	return rc;
}

static int open_key(struct rxp_key_signer **out, const EVP_PKEY *key, const struct rxp_cert *cert)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *pem = NULL;
	int rc = RXP_ERR_CRYPTO;

	if (bio != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
		long len = BIO_get_mem_data(bio, &pem);

		rc = rxp_key_signer_open(out, (const uint8_t *)pem, (size_t)len, cert);
	}
	BIO_free(bio);
	return rc;
}

int stand_in_take(struct stand_in *s, struct node *node)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = key != NULL ? make_certificate(key) : NULL;
	int rc = x != NULL ? parse(&s->cert, x) : RXP_ERR_CRYPTO;

	if (rc == 0)
		rc = open_key(&s->key, key, s->cert);
	if (rc == 0) {
		s->own_cert = node->cert;
		s->own = node->signer;
		node->cert = s->cert;
		node->signer = rxp_key_signer_interface(s->key);
	} else {
		rxp_cert_free(s->cert);
	}
	X509_free(x);
	EVP_PKEY_free(key);
	return rc;
}

void stand_in_leave(struct stand_in *s, struct node *node)
{
	node->cert = s->own_cert;
	node->signer = s->own;
	rxp_key_signer_free(s->key);
	rxp_cert_free(s->cert);
}
