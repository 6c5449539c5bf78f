#include "daemon/base/locked.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "daemon/base/storage_key.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* scrypt: 16 MiB of memory for each guess. */
#define SCRYPT_N (1 << 14)
#define SCRYPT_R 8
#define SCRYPT_P 1

static const char start[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

bool locked_is(const struct rxp_buf *file)
{
	return file->len >= sizeof start - 1 && memcmp(file->data, start, sizeof start - 1) == 0;
}

static BIO *open_bio(const struct rxp_buf *file)
{
	return file->len > INT_MAX ? NULL : BIO_new_mem_buf(file->data, (int)file->len);
}

/* What was written into a BIO in memory, appended. */
static int take(struct rxp_buf *out, BIO *bio)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	return len > 0 ? rxp_buf_put(out, data, (size_t)len) : RXP_ERR_CRYPTO;
}

/* --- opening ------------------------------------------------------------------------------------ */

/* The storage key in its own file's form. */
static int put_storage(struct rxp_buf *out, const PKCS8_PRIV_KEY_INFO *info)
{
	const unsigned char *octets = NULL;
	const ASN1_OBJECT *algorithm = NULL;
	int len = 0;

	if (PKCS8_pkey_get0(&algorithm, &octets, &len, NULL, info) != 1 ||
	    len != STORAGE_KEY_OCTETS)
		return RXP_ERR_KEY;
	return storage_key_write(out, octets);
}

static bool is_storage(const PKCS8_PRIV_KEY_INFO *info)
{
	const ASN1_OBJECT *algorithm = NULL;

	return PKCS8_pkey_get0(&algorithm, NULL, NULL, NULL, info) == 1 &&
	       OBJ_obj2nid(algorithm) == NID_aes_256_gcm;
}

static int put_private(struct rxp_buf *out, const PKCS8_PRIV_KEY_INFO *info)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	int rc = RXP_ERR_CRYPTO;

	if (bio != NULL && PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, info) == 1)
		rc = take(out, bio);
	BIO_free(bio);
	return rc;
}

int locked_open(struct rxp_buf *out, const struct rxp_buf *file, const struct rxp_buf *passphrase)
{
	BIO *bio = open_bio(file);
	X509_SIG *locked = bio != NULL ? PEM_read_bio_PKCS8(bio, NULL, NULL, NULL) : NULL;
	PKCS8_PRIV_KEY_INFO *info = NULL;
	int rc = RXP_ERR_KEY;

	if (locked != NULL) {
		info = PKCS8_decrypt(locked, (const char *)passphrase->data, (int)passphrase->len);
		rc = info != NULL ? 0 : RXP_ERR_DECRYPT;
	}
	if (rc == 0)
		rc = is_storage(info) ? put_storage(out, info) : put_private(out, info);
	PKCS8_PRIV_KEY_INFO_free(info);
	X509_SIG_free(locked);
	BIO_free(bio);
	ERR_clear_error();
	return rc;
}

/* --- making ------------------------------------------------------------------------------------- */

static PKCS8_PRIV_KEY_INFO *of_storage(const uint8_t key[STORAGE_KEY_OCTETS])
{
	PKCS8_PRIV_KEY_INFO *info = PKCS8_PRIV_KEY_INFO_new();
	unsigned char *copy = OPENSSL_memdup(key, STORAGE_KEY_OCTETS);

	if (info != NULL && copy != NULL &&
	    PKCS8_pkey_set0(info, OBJ_nid2obj(NID_aes_256_gcm), 0, V_ASN1_UNDEF, NULL, copy,
		STORAGE_KEY_OCTETS) == 1)
		return info;
	OPENSSL_clear_free(copy, STORAGE_KEY_OCTETS);
	PKCS8_PRIV_KEY_INFO_free(info);
	return NULL;
}

/* NULL if the file is neither kind of key. */
static PKCS8_PRIV_KEY_INFO *read_plain(const struct rxp_buf *file)
{
	uint8_t storage[STORAGE_KEY_OCTETS];
	PKCS8_PRIV_KEY_INFO *info = NULL;
	BIO *bio = NULL;

	if (storage_key_read(storage, file) == 0) {
		info = of_storage(storage);
	} else if ((bio = open_bio(file)) != NULL) {
		info = PEM_read_bio_PKCS8_PRIV_KEY_INFO(bio, NULL, NULL, NULL);
		BIO_free(bio);
	}
	OPENSSL_cleanse(storage, sizeof storage);
	ERR_clear_error();
	return info;
}

static X509_SIG *encrypt(PKCS8_PRIV_KEY_INFO *info, const struct rxp_buf *passphrase)
{
	X509_ALGOR *scheme =
	    PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	X509_SIG *made = NULL;

	if (scheme == NULL)
		return NULL;
	made = PKCS8_set0_pbe((const char *)passphrase->data, (int)passphrase->len, info, scheme);
	if (made == NULL)
		X509_ALGOR_free(scheme);
	return made;
}

int locked_make(struct rxp_buf *out, const struct rxp_buf *file, const struct rxp_buf *passphrase)
{
	PKCS8_PRIV_KEY_INFO *info = read_plain(file);
	X509_SIG *locked = NULL;
	BIO *bio = NULL;
	int rc = RXP_ERR_CRYPTO;

	if (info == NULL)
		return RXP_ERR_KEY;
	locked = encrypt(info, passphrase);
	bio = BIO_new(BIO_s_mem());
	if (locked != NULL && bio != NULL && PEM_write_bio_PKCS8(bio, locked) == 1)
		rc = take(out, bio);
	BIO_free(bio);
	X509_SIG_free(locked);
	PKCS8_PRIV_KEY_INFO_free(info);
	return rc;
}
