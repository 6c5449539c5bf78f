#include "daemon/sealer/keys.h"

#include <string.h>

#include <openssl/crypto.h>

#include "daemon/sealer/box.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/envelope/envelope.h"

#define SCALAR_OCTETS 32 /* of a private key on P-256 */
#define SPKI_OCTETS_MAX 256

static struct box_context key_context(const uint8_t key_id[32])
{
	struct box_context c = {.len = 32};

	memcpy(c.octets, key_id, 32);
	return c;
}

static struct box_context content_context(const struct rxp_outer *outer)
{
	const size_t party = RXP_PARTY_TEXT - 1;
	struct box_context c = {.len = party + RXP_ID_OCTETS};

	memcpy(c.octets, outer->from, party);
	memcpy(c.octets + party, outer->message_id, RXP_ID_OCTETS);
	return c;
}

/* SHA-256 of the public part. */
static int key_id_of(uint8_t out[32], const struct rxp_agreement_key *key, struct rxp_buf *spki)
{
	int rc = rxp_agreement_key_spki(key, spki);

	return rc != 0 ? rc : digest_make(out, spki->data, spki->len);
}

static int make(struct msg_key_made *a, struct node *node, struct rxp_agreement_key *key,
    struct rxp_buf *spki, struct rxp_buf *wrapped)
{
	struct rxp_buf scalar;
	struct box_context context;
	uint8_t key_id[32];
	int rc;

	rxp_buf_init(&scalar, SCALAR_OCTETS);
	if ((rc = key_id_of(key_id, key, spki)) != 0 ||
	    (rc = rxp_agreement_key_export(key, &scalar)) != 0)
		goto done;
	context = key_context(key_id);
	rc = box_seal(wrapped, &node->storage, BOX_AGREEMENT_KEY, &context, scalar.data, scalar.len,
	    &node->random);
	if (rc != 0)
		goto done;
	memcpy(a->key_id, key_id, sizeof key_id);
	a->spki = reply_bytes(spki);
	a->wrapped = reply_bytes(wrapped);
done:
	rxp_buf_free(&scalar);
	return rc;
}

int keys_make_handle(struct node *node, const void *request, struct reply *reply)
{
	struct rxp_agreement_key *key = NULL;
	int rc = rxp_agreement_key_make(&key, &rxp_suite_p256, &node->random);

	(void)request;
	if (rc == 0)
		rc = make(&reply->body.key_made, node, key, &reply->octets[0], &reply->octets[1]);
	reply->body.key_made.result = (uint32_t)rc;
	rxp_agreement_key_free(key);
	return 0;
}

int keys_wrap_content(struct rxp_buf *out, const struct node *node, const struct rxp_outer *outer,
    const uint8_t cek[RXP_KEY_OCTETS])
{
	struct box_context context = content_context(outer);

	return box_seal(
	    out, &node->storage, BOX_CONTENT_KEY, &context, cek, RXP_KEY_OCTETS, &node->random);
}

int keys_unwrap_content(uint8_t cek[RXP_KEY_OCTETS], const struct node *node,
    const struct rxp_outer *outer, const uint8_t *wrapped, size_t len)
{
	struct box_context context = content_context(outer);

	return box_open_exact(
	    cek, RXP_KEY_OCTETS, &node->storage, BOX_CONTENT_KEY, &context, wrapped, len);
}

int keys_unwrap_agreement(struct rxp_agreement_key **out, const struct box_ring *storage,
    const uint8_t key_id[32], const uint8_t *wrapped, size_t len)
{
	struct box_context context = key_context(key_id);
	struct rxp_agreement_key *key = NULL;
	struct rxp_buf spki;
	uint8_t scalar[SCALAR_OCTETS];
	uint8_t id[32];
	int rc;

	rxp_buf_init(&spki, SPKI_OCTETS_MAX);
	rc = box_open_exact(
	    scalar, sizeof scalar, storage, BOX_AGREEMENT_KEY, &context, wrapped, len);
	if (rc == 0)
		rc = rxp_agreement_key_import(&key, &rxp_suite_p256, scalar, sizeof scalar);
	if (rc == 0)
		rc = key_id_of(id, key, &spki);
	if (rc == 0 && memcmp(id, key_id, sizeof id) != 0)
		rc = RXP_ERR_DAMAGED;
	if (rc == 0) {
		*out = key;
		key = NULL;
	}
	OPENSSL_cleanse(scalar, sizeof scalar);
	rxp_agreement_key_free(key);
	rxp_buf_free(&spki);
	return rc == 0 || rc == RXP_ERR_NOMEM ? rc : RXP_ERR_DAMAGED;
}
