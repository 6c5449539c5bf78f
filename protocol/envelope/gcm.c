#include "protocol/envelope/gcm.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* A context with key and IV; NULL on failure. */
static EVP_CIPHER_CTX *start(
    const char *name, const uint8_t *key, const uint8_t iv[RXP_IV_OCTETS], int encrypt)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = cipher == NULL ? NULL : EVP_CIPHER_CTX_new();

	if (ctx != NULL && EVP_CipherInit_ex2(ctx, cipher, key, iv, encrypt, NULL) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_CIPHER_free(cipher);
	return ctx;
}

int rxp_gcm_encrypt(struct rxp_buf *out, const char *cipher, const uint8_t *key,
    const uint8_t iv[RXP_IV_OCTETS], const uint8_t *octets, size_t len)
{
	size_t before = out->len;
	EVP_CIPHER_CTX *ctx = NULL;
	uint8_t *room;
	int made = 0;
	int last = 0;
	int rc;

	if (len > INT32_MAX - RXP_TAG_OCTETS)
		return RXP_ERR_BOUND;
	rc = rxp_buf_room(out, len + RXP_TAG_OCTETS, &room);
	if (rc != 0)
		return rc;
	ctx = start(cipher, key, iv, 1);
	if (ctx == NULL || EVP_CipherUpdate(ctx, room, &made, octets, (int)len) != 1 ||
	    EVP_CipherFinal_ex(ctx, room + made, &last) != 1 ||
	    (size_t)made + (size_t)last != len ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, RXP_TAG_OCTETS, room + len) != 1) {
		rxp_buf_cut(out, before);
		rc = RXP_ERR_CRYPTO;
	}
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

/* The tag, the octets before it if there are any, and that both belong together. An empty run needs
 * no room: there is no address to write to. */
static bool finish(EVP_CIPHER_CTX *ctx, uint8_t *room, const uint8_t *octets, size_t len)
{
	uint8_t tag[RXP_TAG_OCTETS];
	uint8_t none[1];
	int made = 0;
	int last = 0;

	memcpy(tag, octets + len, sizeof tag);
	return (len == 0 || EVP_CipherUpdate(ctx, room, &made, octets, (int)len) == 1) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1 &&
	       EVP_CipherFinal_ex(ctx, len == 0 ? none : room + made, &last) == 1 &&
	       (size_t)made + (size_t)last == len;
}

int rxp_gcm_decrypt(struct rxp_buf *out, const char *cipher, const uint8_t *key,
    const uint8_t iv[RXP_IV_OCTETS], const uint8_t *octets, size_t len)
{
	size_t before = out->len;
	EVP_CIPHER_CTX *ctx = NULL;
	uint8_t *room;
	int rc;

	if (len < RXP_TAG_OCTETS || len > INT32_MAX)
		return RXP_ERR_DECRYPT;
	len -= RXP_TAG_OCTETS;
	rc = rxp_buf_room(out, len, &room);
	if (rc != 0)
		return rc;
	ctx = start(cipher, key, iv, 0);
	if (ctx == NULL || !finish(ctx, room, octets, len)) {
		rxp_buf_cut(out, before);
		rc = RXP_ERR_DECRYPT;
	}
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}
