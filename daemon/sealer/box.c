#include "daemon/sealer/box.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/random.h"

#define VERSION 1
#define IV_OCTETS 12
#define TAG_OCTETS 16

static const char *const purposes[BOX_PURPOSES] = {
    [BOX_AGREEMENT_KEY] = "readmit agreement key",
    [BOX_CONTENT_KEY] = "readmit content key",
};

/* Key, IV and additional data; encrypting or not. */
static bool start(EVP_CIPHER_CTX *ctx, bool encrypt, const uint8_t *key, const uint8_t *iv,
    enum box_purpose purpose, const struct box_context *context)
{
	const char *name = purposes[purpose];
	int len = 0;

	return EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), key, iv, encrypt, NULL) == 1 &&
	       EVP_CipherUpdate(ctx, NULL, &len, (const uint8_t *)name, (int)strlen(name) + 1) ==
		   1 &&
	       EVP_CipherUpdate(ctx, NULL, &len, context->octets, (int)context->len) == 1;
}

int box_seal(struct rxp_buf *out, const uint8_t key[BOX_KEY_OCTETS], enum box_purpose purpose,
    const struct box_context *context, const uint8_t *secret, size_t len,
    const struct rxp_random *random)
{
	uint8_t box[BOX_OVERHEAD_OCTETS + BOX_MAX_SECRET_OCTETS];
	uint8_t *iv = box + 1;
	uint8_t *text = iv + IV_OCTETS;
	EVP_CIPHER_CTX *ctx = NULL;
	int made = 0;
	int rc;

	if (len > BOX_MAX_SECRET_OCTETS || context->len > BOX_MAX_CONTEXT_OCTETS)
		abort();
	box[0] = VERSION;
	rc = random->fill(random->arg, iv, IV_OCTETS);
	if (rc != 0)
		return rc;
	ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL)
		return RXP_ERR_NOMEM;
	if (start(ctx, true, key, iv, purpose, context) &&
	    EVP_CipherUpdate(ctx, text, &made, secret, (int)len) == 1 &&
	    EVP_CipherFinal_ex(ctx, text + made, &made) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_OCTETS, text + len) == 1)
		rc = rxp_buf_put(out, box, BOX_OVERHEAD_OCTETS + len);
	else
		rc = RXP_ERR_CRYPTO;
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

int box_open(uint8_t *secret, size_t len, const uint8_t key[BOX_KEY_OCTETS],
    enum box_purpose purpose, const struct box_context *context, const uint8_t *box, size_t box_len)
{
	uint8_t opened[BOX_MAX_SECRET_OCTETS];
	uint8_t tag[TAG_OCTETS];
	const uint8_t *iv = box + 1;
	const uint8_t *text = iv + IV_OCTETS;
	EVP_CIPHER_CTX *ctx = NULL;
	int made = 0;
	int rc = RXP_ERR_DECRYPT;

	if (len > BOX_MAX_SECRET_OCTETS || context->len > BOX_MAX_CONTEXT_OCTETS)
		abort();
	if (box_len != BOX_OVERHEAD_OCTETS + len || box[0] != VERSION)
		return RXP_ERR_DECRYPT;
	memcpy(tag, text + len, sizeof tag);
	ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL)
		return RXP_ERR_NOMEM;
	if (start(ctx, false, key, iv, purpose, context) &&
	    EVP_CipherUpdate(ctx, opened, &made, text, (int)len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_OCTETS, tag) == 1 &&
	    EVP_CipherFinal_ex(ctx, opened + made, &made) == 1) {
		memcpy(secret, opened, len);
		rc = 0;
	}
	OPENSSL_cleanse(opened, len);
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}
