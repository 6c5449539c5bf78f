#include "certs/escrow_key.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "certs/keypair.h"
#include "daemon/base/locked.h"
#include "daemon/base/storage_key.h"
#include "protocol/base/err.h"

static const struct {
	enum sheet_kind kind;
	const char *label; /* of the PEM */
} labels[] = {
    {SHEET_PLAIN, PEM_STRING_PKCS8INF},
    {SHEET_LOCKED, PEM_STRING_PKCS8},
};

#define N_LABELS (sizeof labels / sizeof labels[0])

void escrow_key_init(struct escrow_key *k)
{
	memset(k, 0, sizeof *k);
	rxp_buf_init(&k->octets, ESCROW_KEY_MAX_OCTETS);
}

void escrow_key_free(struct escrow_key *k)
{
	rxp_buf_free(&k->octets);
}

/* The octets in a PEM, appended, and the kind that its label says. RXP_ERR_KEY. */
static int read_pem(struct rxp_buf *octets, enum sheet_kind *kind, const struct rxp_buf *pem)
{
	BIO *bio = pem->len > INT_MAX ? NULL : BIO_new_mem_buf(pem->data, (int)pem->len);
	char *label = NULL, *header = NULL;
	uint8_t *data = NULL;
	long len = 0;
	int rc = RXP_ERR_KEY;

	if (bio == NULL || PEM_read_bio(bio, &label, &header, &data, &len) != 1 || len <= 0)
		goto done;
	for (size_t i = 0; i < N_LABELS; i++) {
		if (strcmp(label, labels[i].label) != 0)
			continue;
		rc = rxp_buf_put(octets, data, (size_t)len);
		*kind = labels[i].kind;
	}
done:
	OPENSSL_free(label);
	OPENSSL_free(header);
	OPENSSL_clear_free(data, len > 0 ? (size_t)len : 0);
	BIO_free(bio);
	return rc;
}

static int write_pem(struct rxp_buf *pem, const char *label, const struct rxp_buf *octets)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;
	int rc = RXP_ERR_CRYPTO;

	if (bio != NULL && octets->len <= LONG_MAX &&
	    PEM_write_bio(bio, label, "", octets->data, (long)octets->len) > 0) {
		long len = BIO_get_mem_data(bio, &text);

		rc = rxp_buf_put(pem, text, (size_t)len);
	}
	BIO_free(bio);
	return rc;
}

static int public_digest(uint8_t out[RXP_DIGEST_OCTETS], EVP_PKEY *key)
{
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	int ok = len > 0 && EVP_Digest(der, (size_t)len, out, NULL, EVP_sha256(), NULL) == 1;

	OPENSSL_free(der);
	return ok ? 0 : RXP_ERR_CRYPTO;
}

static int storage_fingerprint(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *octets)
{
	return octets->len == STORAGE_KEY_OCTETS ? storage_key_check(out, octets->data)
						 : RXP_ERR_KEY;
}

int escrow_key_fingerprint(uint8_t out[RXP_DIGEST_OCTETS], enum sheet_kind kind,
    const struct rxp_buf *octets, const struct rxp_buf *passphrase)
{
	EVP_PKEY *key = NULL;
	struct rxp_buf pem;
	int rc;

	if (kind == SHEET_STORAGE)
		return storage_fingerprint(out, octets);
	rxp_buf_init(&pem, KEYPAIR_MAX_PEM_OCTETS);
	if ((rc = escrow_key_write(&pem, kind, octets)) == 0 &&
	    (rc = keypair_read(&key, &pem, kind == SHEET_LOCKED ? passphrase : NULL)) == 0)
		rc = public_digest(out, key);
	keypair_free(key);
	rxp_buf_free(&pem);
	return rc;
}

int escrow_key_write(struct rxp_buf *file, enum sheet_kind kind, const struct rxp_buf *octets)
{
	if (kind == SHEET_STORAGE)
		return octets->len == STORAGE_KEY_OCTETS ? storage_key_write(file, octets->data)
							 : RXP_ERR_KEY;
	for (size_t i = 0; i < N_LABELS; i++)
		if (labels[i].kind == kind)
			return write_pem(file, labels[i].label, octets);
	return RXP_ERR_KEY;
}

/* The PEM of a key that its passphrase opens, without it. */
static int unlock(struct rxp_buf *out, const struct rxp_buf *pem, const struct rxp_buf *passphrase)
{
	EVP_PKEY *key = NULL;
	int rc = keypair_read(&key, pem, passphrase);

	if (rc == 0)
		rc = keypair_write(out, key, NULL);
	keypair_free(key);
	return rc;
}

static int read_storage(struct escrow_key *k, const struct rxp_buf *file)
{
	uint8_t key[STORAGE_KEY_OCTETS];
	int rc = storage_key_read(key, file);

	if (rc == 0)
		rc = rxp_buf_put(&k->octets, key, sizeof key);
	k->kind = SHEET_STORAGE;
	OPENSSL_cleanse(key, sizeof key);
	return rc;
}

/* One that lies encrypted on the disk of its node: on paper it is as without its passphrase. */
static int read_locked_storage(
    struct escrow_key *k, const struct rxp_buf *file, const struct rxp_buf *passphrase)
{
	struct rxp_buf opened;
	int rc = RXP_ERR_KEY;

	if (passphrase == NULL || !locked_is(file))
		return rc;
	rxp_buf_init(&opened, LOCKED_MAX_OCTETS);
	if (locked_open(&opened, file, passphrase) == 0)
		rc = read_storage(k, &opened);
	rxp_buf_free(&opened);
	return rc;
}

static int read_private(
    struct escrow_key *k, const struct rxp_buf *file, const struct rxp_buf *passphrase, bool plain)
{
	struct rxp_buf unlocked;
	int rc = read_pem(&k->octets, &k->kind, file);

	if (rc != 0 || k->kind != SHEET_LOCKED || !plain)
		return rc;
	rxp_buf_init(&unlocked, KEYPAIR_MAX_PEM_OCTETS);
	rxp_buf_reset(&k->octets);
	rc = unlock(&unlocked, file, passphrase);
	if (rc == 0)
		rc = read_pem(&k->octets, &k->kind, &unlocked);
	rxp_buf_free(&unlocked);
	return rc;
}

int escrow_key_read(struct escrow_key *out, const struct rxp_buf *file,
    const struct rxp_buf *passphrase, bool plain)
{
	struct escrow_key k;
	int rc;

	escrow_key_init(&k);
	rc = read_storage(&k, file);
	if (rc == RXP_ERR_KEY)
		rc = read_locked_storage(&k, file, passphrase);
	if (rc == RXP_ERR_KEY)
		rc = read_private(&k, file, passphrase, plain);
	if (rc == 0)
		rc = escrow_key_fingerprint(k.fingerprint, k.kind, &k.octets, passphrase);
	if (rc != 0) {
		escrow_key_free(&k);
		return rc;
	}
	*out = k;
	return 0;
}
