#include "protocol/envelope/encrypted.h"

#include <string.h>

#include <openssl/crypto.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/envelope/encrypted_shape.h"

void rxp_encrypted_clear(struct rxp_encrypted *e)
{
	rxp_buf_free(&e->cipher);
	*e = (struct rxp_encrypted){0};
}

/* RXP-ENV-007: the attributes say what the receiver computes, and nothing else. */
static int check_info(const struct rxp_info *info, const char *const slots[RXP_SLOT_COUNT])
{
	static const enum rxp_encrypted_slot order[RXP_INFO_PARTS] = {
	    RXP_SLOT_ALGORITHM_ID, RXP_SLOT_PARTY_U, RXP_SLOT_PARTY_V, RXP_SLOT_SUPP_PUB};

	for (size_t i = 0; i < RXP_INFO_PARTS; i++)
		if (strcmp(slots[order[i]], info->part[i]) != 0)
			return RXP_ERR_STRUCTURE;
	return 0;
}

static int read_key(struct rxp_encrypted *e, const char *const slots[RXP_SLOT_COUNT])
{
	int rc;

	if ((rc = rxp_base64_get_exact(e->point, sizeof e->point, slots[RXP_SLOT_POINT])) != 0 ||
	    (rc = rxp_hex_get(e->key_id, sizeof e->key_id, slots[RXP_SLOT_KEY_NAME], false)) != 0 ||
	    (rc = rxp_base64_get_exact(e->wrapped, sizeof e->wrapped, slots[RXP_SLOT_WRAPPED])) !=
		0)
		return rc;
	return e->point[0] == 0x04 ? 0 : RXP_ERR_STRUCTURE; /* RXP-ENV-008 */
}

static int read_cipher(struct rxp_encrypted *e, const char *text, size_t max)
{
	int rc;

	rxp_buf_init(&e->cipher, max + RXP_CIPHER_EXTRA_OCTETS);
	rc = rxp_base64_get(&e->cipher, text, strlen(text));
	if (rc == 0 && e->cipher.len <= RXP_CIPHER_EXTRA_OCTETS)
		rc = RXP_ERR_STRUCTURE;
	return rc;
}

int rxp_encrypted_read(
    struct rxp_encrypted *e, const struct _xmlNode *data, const struct rxp_info *info, size_t max)
{
	const char *slots[RXP_SLOT_COUNT] = {NULL};
	int rc;

	if ((rc = rxp_encrypted_shape_read(slots, data)) != 0 ||
	    (rc = check_info(info, slots)) != 0 || (rc = read_key(e, slots)) != 0)
		return rc;
	rc = read_cipher(e, slots[RXP_SLOT_CIPHER], max);
	if (rc != 0)
		rxp_encrypted_clear(e);
	return rc;
}

int rxp_encrypted_key_id(uint8_t key_id[RXP_DIGEST_OCTETS], const struct _xmlNode *data)
{
	const char *slots[RXP_SLOT_COUNT] = {NULL};
	int rc = rxp_encrypted_shape_read(slots, data);

	return rc != 0 ? rc
		       : rxp_hex_get(key_id, RXP_DIGEST_OCTETS, slots[RXP_SLOT_KEY_NAME], false);
}

/* Whatever fails looks the same. */
static int one_answer(int rc)
{
	return rc == 0 || rc == RXP_ERR_NOMEM ? rc : RXP_ERR_DECRYPT;
}

int rxp_encrypted_open_with(
    struct rxp_buf *out, const struct rxp_encrypted *e, const uint8_t cek[RXP_KEY_OCTETS])
{
	return one_answer(
	    rxp_agreement_decrypt(out, &rxp_suite_p256, cek, e->cipher.data, e->cipher.len));
}

int rxp_encrypted_open(struct rxp_buf *out, const struct rxp_encrypted *e,
    const struct rxp_info *info, const struct rxp_agreement_key *key, uint8_t cek[RXP_KEY_OCTETS])
{
	const struct rxp_suite *suite = &rxp_suite_p256;
	uint8_t kek[RXP_KEY_OCTETS];
	uint8_t content_key[RXP_KEY_OCTETS];
	int rc;

	if ((rc = rxp_agreement_derive(
		 kek, suite, key, e->point, sizeof e->point, info->octets, info->len)) != 0 ||
	    (rc = rxp_agreement_unwrap(content_key, suite, kek, e->wrapped, sizeof e->wrapped)) !=
		0 ||
	    (rc = rxp_encrypted_open_with(out, e, content_key)) != 0)
		goto done;
	if (cek != NULL)
		memcpy(cek, content_key, sizeof content_key);
done:
	OPENSSL_cleanse(kek, sizeof kek);
	OPENSSL_cleanse(content_key, sizeof content_key);
	return one_answer(rc);
}
