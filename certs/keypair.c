#include "certs/keypair.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "certs/file.h"
#include "daemon/base/locked.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/envelope/agreement.h"

#define AGREEMENT_GROUP "prime256v1"

int keypair_make(struct evp_pkey_st **out, const char *curve)
{
	EVP_PKEY *key = EVP_EC_gen(curve);

	if (key == NULL)
		return RXP_ERR_CRYPTO;
	*out = key;
	return 0;
}

void keypair_free(struct evp_pkey_st *key)
{
	EVP_PKEY_free(key);
}

static int write_pem(struct rxp_buf *out, struct evp_pkey_st *key)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	char *data = NULL;
	int rc = RXP_ERR_CRYPTO;

	if (bio != NULL && info != NULL && PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, info) == 1) {
		long len = BIO_get_mem_data(bio, &data);

		rc = len > 0 ? rxp_buf_put(out, data, (size_t)len) : RXP_ERR_CRYPTO;
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	BIO_free(bio);
	return rc;
}

int keypair_write(struct rxp_buf *out, struct evp_pkey_st *key, const struct rxp_buf *passphrase)
{
	struct rxp_buf plain;
	int rc;

	if (passphrase == NULL)
		return write_pem(out, key);
	rxp_buf_init(&plain, KEYPAIR_MAX_PEM_OCTETS);
	rc = write_pem(&plain, key);
	if (rc == 0)
		rc = locked_make(out, &plain, passphrase);
	rxp_buf_free(&plain);
	return rc;
}

/* OpenSSL's question for the passphrase, answered from memory. */
static int give(char *out, int size, int rwflag, void *arg)
{
	const struct rxp_buf *passphrase = arg;

	(void)rwflag;
	if (passphrase == NULL || passphrase->len > (size_t)size)
		return -1;
	memcpy(out, passphrase->data, passphrase->len);
	return (int)passphrase->len;
}

int keypair_read(
    struct evp_pkey_st **out, const struct rxp_buf *pem, const struct rxp_buf *passphrase)
{
	struct rxp_buf none = {0};
	struct rxp_buf copy = passphrase == NULL ? none : *passphrase;
	BIO *bio = pem->len > INT_MAX ? NULL : BIO_new_mem_buf(pem->data, (int)pem->len);
	EVP_PKEY *key = NULL;

	if (bio != NULL)
		key = PEM_read_bio_PrivateKey(bio, NULL, give, passphrase == NULL ? NULL : &copy);
	BIO_free(bio);
	if (key == NULL)
		return RXP_ERR_KEY;
	*out = key;
	return 0;
}

int keypair_agreement(struct rxp_agreement_key **out, struct evp_pkey_st *key)
{
	uint8_t scalar[RXP_KEY_OCTETS];
	char group[32] = "";
	BIGNUM *number = NULL;
	int rc = RXP_ERR_KEY;

	if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
	    strcmp(group, AGREEMENT_GROUP) == 0 &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1 &&
	    BN_bn2binpad(number, scalar, sizeof scalar) == (int)sizeof scalar)
		rc = rxp_agreement_key_import(out, &rxp_suite_p256, scalar, sizeof scalar);
	BN_clear_free(number);
	OPENSSL_cleanse(scalar, sizeof scalar);
	return rc;
}

int keypair_write_public(struct rxp_buf *out, struct evp_pkey_st *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	int rc = RXP_ERR_CRYPTO;

	if (bio != NULL && PEM_write_bio_PUBKEY(bio, key) == 1) {
		long len = BIO_get_mem_data(bio, &data);

		rc = rxp_buf_put(out, data, (size_t)len);
	}
	BIO_free(bio);
	return rc;
}

int keypair_read_public(struct rxp_buf *der, const struct rxp_buf *pem)
{
	BIO *bio = pem->len > INT_MAX ? NULL : BIO_new_mem_buf(pem->data, (int)pem->len);
	EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	uint8_t *octets = NULL;
	int len = key == NULL ? -1 : i2d_PUBKEY(key, &octets);
	int rc = len <= 0 ? RXP_ERR_KEY : rxp_buf_put(der, octets, (size_t)len);

	OPENSSL_free(octets);
	EVP_PKEY_free(key);
	BIO_free(bio);
	return rc;
}

int keypair_passphrase(struct rxp_buf *out, const char *path)
{
	struct rxp_buf file;
	const uint8_t *end;
	int rc;

	rxp_buf_init(&file, KEYPAIR_MAX_PASSPHRASE);
	rc = file_read(&file, path);
	if (rc == 0) {
		end = file.len == 0 ? NULL : memchr(file.data, '\n', file.len);
		if (end != NULL)
			file.len = (size_t)(end - file.data);
		rc = file.len == 0 ? RXP_ERR_KEY : rxp_buf_put(out, file.data, file.len);
	}
	rxp_buf_free(&file);
	return rc;
}
