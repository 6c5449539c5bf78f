#include "daemon/sealer/warmup.h"

#include <string.h>

#include <openssl/crypto.h>

#include "daemon/sealer/close.h"
#include "daemon/sealer/keys.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"
#include "daemon/sealer/stand_in.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"

#define CREATED_MS 1000LL /* any time: nothing that is made here is kept */

static int make_header(struct rxp_header *out, const struct node *node)
{
	struct rxp_header h = {
	    .outer = {.created_ms = CREATED_MS, .expires_ms = 2 * CREATED_MS},
	    .type = "Ping",
	    .from_office = "NODE",
	    .to_office = "NODE",
	};
	int rc = rxp_id_make_v7(h.outer.message_id, CREATED_MS, &node->random);

	memcpy(h.outer.from, node_party(node), sizeof h.outer.from);
	memcpy(h.outer.to, node_party(node), sizeof h.outer.to);
	if (rc == 0)
		*out = h;
	return rc;
}

static int close_one(struct node *node, struct bytes spki, struct reply *closed)
{
	struct rxp_header header;
	struct rxp_buf content;
	int rc;

	rxp_buf_init(&content, 64);
	rc = make_header(&header, node);
	if (rc == 0)
		rc = rxp_buf_puts(&content, "<Ping xmlns=\"urn:rxp:1:body\"/>");
	if (rc == 0)
		rc = close_document(node, &header, &content, NULL, spki, closed);
	rxp_buf_free(&content);
	return rc;
}

static int open_one(
    struct node *node, const struct bytes *octets, const struct msg_key_made *own_key)
{
	const struct rxp_cert *cert = node->cert;
	struct rxp_agreement_key *key = NULL;
	struct rxp_envelope *envelope = NULL;
	struct rxp_document *document = NULL;
	struct rxp_buf plain;
	int rc;

	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	if ((rc = keys_unwrap_agreement(&key, &node->storage, own_key->key_id,
		 own_key->wrapped.data, own_key->wrapped.len)) != 0 ||
	    (rc = rxp_envelope_parse(&envelope, octets->data, octets->len)) != 0 ||
	    (rc = rxp_envelope_decrypt(&plain, envelope, key, NULL)) != 0)
		goto done;
	rc = rxp_document_open(
	    &document, plain.data, plain.len, rxp_envelope_outer(envelope), &cert, 1);
done:
	rxp_document_free(document);
	rxp_envelope_free(envelope);
	rxp_agreement_key_free(key);
	rxp_buf_free(&plain);
	return rc;
}

static int close_and_open(struct node *node)
{
	struct reply key;
	struct reply closed;
	int rc;

	reply_init(&key);
	reply_init(&closed);
	keys_make_handle(node, NULL, &key);
	rc = (int)key.body.key_made.result;
	if (rc == 0)
		rc = close_one(node, key.body.key_made.spki, &closed);
	if (rc == 0)
		rc = open_one(node, &closed.body.closed.envelope, &key.body.key_made);
	reply_clear(&closed);
	reply_clear(&key);
	return rc;
}

int warmup_run(struct node *node)
{
	struct stand_in s = {.cert = NULL};
	int rc;

	if (node->remote == NULL)
		return close_and_open(node);
	rc = stand_in_take(&s, node);
	if (rc != 0)
		return rc;
	rc = close_and_open(node);
	stand_in_leave(&s, node);
	return rc;
}
