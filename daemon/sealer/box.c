#include "daemon/sealer/box.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/random.h"

#define VERSION 2
#define IV_OCTETS 12
#define TAG_OCTETS 16
#define IV_AT (1 + BOX_ID_OCTETS)

_Static_assert(BOX_OVERHEAD_OCTETS == IV_AT + IV_OCTETS + TAG_OCTETS, "what a box adds");
_Static_assert(BOX_NAME_OCTETS == BOX_ID_OCTETS + IV_OCTETS, "what names a box");

static const char *const purposes[BOX_PURPOSES] = {
    [BOX_AGREEMENT_KEY] = "readmit agreement key",
    [BOX_CONTENT_KEY] = "readmit content key",
    [BOX_DRAFT] = "readmit draft",
    [BOX_OWN_ATTACHMENT] = "readmit own attachment",
    [BOX_PEER_ATTACHMENT] = "readmit peer attachment",
    [BOX_CORRECTION] = "readmit correction",
    [BOX_TICKET] = "readmit ticket",
};

const struct box_context box_no_context;

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

/* Encrypt into box, which has room for the secret and BOX_OVERHEAD_OCTETS. */
static int encrypt(uint8_t *box, const uint8_t *key, enum box_purpose purpose,
    const struct box_context *context, const uint8_t *secret, size_t len)
{
	const uint8_t *iv = box + IV_AT;
	uint8_t *text = box + IV_AT + IV_OCTETS;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int made = 0;
	int rc = RXP_ERR_CRYPTO;

	if (ctx == NULL)
		return RXP_ERR_NOMEM;
	if (start(ctx, true, key, iv, purpose, context) &&
	    EVP_CipherUpdate(ctx, text, &made, secret, (int)len) == 1 &&
	    EVP_CipherFinal_ex(ctx, text + made, &made) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_OCTETS, text + len) == 1)
		rc = 0;
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

int box_seal(struct rxp_buf *out, const struct box_ring *ring, enum box_purpose purpose,
    const struct box_context *context, const uint8_t *secret, size_t len,
    const struct rxp_random *random)
{
	struct rxp_buf made;
	uint8_t *box;
	int rc;

	if (len > BOX_MAX_SECRET_OCTETS || context->len > BOX_MAX_CONTEXT_OCTETS)
		abort();
	rxp_buf_init(&made, BOX_OVERHEAD_OCTETS + len);
	rc = rxp_buf_room(&made, BOX_OVERHEAD_OCTETS + len, &box);
	if (rc != 0)
		goto done;
	box[0] = VERSION;
	memcpy(box + 1, ring->keys[0].id, BOX_ID_OCTETS);
	if ((rc = random->fill(random->arg, box + IV_AT, IV_OCTETS)) != 0 ||
	    (rc = encrypt(box, ring->keys[0].octets, purpose, context, secret, len)) != 0)
		goto done;
	rc = rxp_buf_put(out, made.data, made.len);
done:
	rxp_buf_free(&made);
	return rc;
}

/* Decrypt len octets into secret, which holds nothing of worth on failure. */
static int decrypt(uint8_t *secret, size_t len, const uint8_t *key, enum box_purpose purpose,
    const struct box_context *context, const uint8_t *box)
{
	const uint8_t *iv = box + IV_AT;
	const uint8_t *text = iv + IV_OCTETS;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t tag[TAG_OCTETS];
	int made = 0;
	int rc = RXP_ERR_DECRYPT;

	if (ctx == NULL)
		return RXP_ERR_NOMEM;
	memcpy(tag, text + len, sizeof tag);
	if (start(ctx, false, key, iv, purpose, context) &&
	    EVP_CipherUpdate(ctx, secret, &made, text, (int)len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_OCTETS, tag) == 1 &&
	    EVP_CipherFinal_ex(ctx, secret + made, &made) == 1)
		rc = 0;
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

static const uint8_t *find_key(const struct box_ring *ring, const uint8_t *id)
{
	for (size_t i = 0; i < ring->n; i++)
		if (memcmp(ring->keys[i].id, id, BOX_ID_OCTETS) == 0)
			return ring->keys[i].octets;
	return NULL;
}

int box_open(struct rxp_buf *secret, const struct box_ring *ring, enum box_purpose purpose,
    const struct box_context *context, const uint8_t *box, size_t box_len)
{
	struct rxp_buf opened;
	const uint8_t *key;
	uint8_t *room;
	size_t len;
	int rc;

	if (context->len > BOX_MAX_CONTEXT_OCTETS)
		abort();
	if (box_len < BOX_OVERHEAD_OCTETS ||
	    box_len - BOX_OVERHEAD_OCTETS > BOX_MAX_SECRET_OCTETS || box[0] != VERSION)
		return RXP_ERR_DECRYPT;
	key = find_key(ring, box + 1);
	if (key == NULL)
		return RXP_ERR_DECRYPT;
	len = box_len - BOX_OVERHEAD_OCTETS;
	rxp_buf_init(&opened, len);
	rc = rxp_buf_room(&opened, len, &room);
	if (rc == 0)
		rc = decrypt(room, len, key, purpose, context, box);
	if (rc == 0)
		rc = rxp_buf_put(secret, opened.data, opened.len);
	rxp_buf_free(&opened);
	return rc;
}

int box_open_exact(uint8_t *secret, size_t len, const struct box_ring *ring,
    enum box_purpose purpose, const struct box_context *context, const uint8_t *box, size_t box_len)
{
	struct rxp_buf opened;
	int rc;

	if (len > BOX_MAX_SECRET_OCTETS)
		abort();
	if (box_len != BOX_OVERHEAD_OCTETS + len)
		return RXP_ERR_DECRYPT;
	rxp_buf_init(&opened, len);
	rc = box_open(&opened, ring, purpose, context, box, box_len);
	if (rc == 0)
		memcpy(secret, opened.data, len);
	rxp_buf_free(&opened);
	return rc;
}
