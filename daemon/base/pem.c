#include "daemon/base/pem.h"

#include <limits.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

int pem_certificate(struct rxp_buf *der, const struct rxp_buf *pem)
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
