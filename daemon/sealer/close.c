#include "daemon/sealer/close.h"

#include <string.h>

#include <openssl/crypto.h>

#include "protocol/answer.h"
#include "protocol/document.h"
#include "protocol/err.h"
#include "protocol/limits.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/evidence.h"
#include "daemon/sealer/keys.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/reply.h"

#define CONTENT_OCTETS_MAX 256 /* of a type whose content is one empty element */

/* Our own document as its receiver will see it. */
static int prove(struct rxp_buf *evidence, const struct node *node, const struct rxp_header *header,
    const struct rxp_buf *document)
{
	const struct rxp_cert *cert = node->cert;
	struct rxp_document *d = NULL;
	struct rxp_buf place;
	int rc;

	rxp_buf_init(&place, RXP_PLACE_TEXT);
	rc = rxp_document_open(&d, document->data, document->len, &header->outer, &cert, 1);
	if (rc == 0)
		rc = rxp_document_check(d, &place);
	if (rc == 0)
		rc = evidence_put(evidence, &d->seal);
	rxp_document_free(d);
	rxp_buf_free(&place);
	return rc;
}

static int encrypt(struct node *node, const struct rxp_outer *outer, const struct rxp_buf *document,
    struct bytes spki, struct reply *reply)
{
	struct msg_closed *a = &reply->body.closed;
	struct rxp_buf *envelope = &reply->octets[0];
	struct rxp_buf *wrapped = &reply->octets[2];
	uint8_t cek[RXP_KEY_OCTETS];
	int rc;

	rc = rxp_envelope_close(envelope, outer, document->data, document->len, spki.data, spki.len,
	    &node->random, cek);
	if (rc == 0)
		rc = keys_wrap_content(wrapped, node, outer, cek);
	if (rc == 0)
		rc = digest_make(a->envelope_digest, envelope->data, envelope->len);
	OPENSSL_cleanse(cek, sizeof cek);
	return rc;
}

int close_document(struct node *node, const struct rxp_header *header,
    const struct rxp_buf *content, struct bytes spki, struct reply *reply)
{
	struct msg_closed *a = &reply->body.closed;
	struct rxp_buf document;
	int rc;

	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	if ((rc = rxp_document_seal(&document, header, content, NULL, header->outer.created_ms,
		 &node->random, &node->signer, a->fingerprint)) != 0 ||
	    (rc = prove(&reply->octets[1], node, header, &document)) != 0 ||
	    (rc = encrypt(node, &header->outer, &document, spki, reply)) != 0)
		goto done;
	a->envelope = reply_bytes(&reply->octets[0]);
	a->evidence = reply_bytes(&reply->octets[1]);
	a->wrapped_key = reply_bytes(&reply->octets[2]);
done:
	rxp_buf_free(&document);
	return rc;
}

static int read_header(struct rxp_header *out, const struct node *node, const struct msg_close *q)
{
	struct rxp_header h = {.outer = {.created_ms = q->created_ms, .expires_ms = q->expires_ms}};

	if (!rxp_party_valid(q->peer) || !rxp_office_valid(q->from_office) ||
	    !rxp_office_valid(q->to_office) || q->created_ms < 0 ||
	    q->expires_ms <= q->created_ms || q->expires_ms > RXP_MAX_TIME_MS)
		return RXP_ERR_STATE;
	memcpy(h.outer.message_id, q->message_id, sizeof h.outer.message_id);
	memcpy(h.outer.from, node_party(node), sizeof h.outer.from);
	memcpy(h.outer.to, q->peer, sizeof h.outer.to);
	memcpy(h.type, q->type, sizeof h.type);
	memcpy(h.from_office, q->from_office, sizeof h.from_office);
	memcpy(h.to_office, q->to_office, sizeof h.to_office);
	*out = h;
	return 0;
}

/* The content of a type that carries no draft: its empty element. */
static int empty_content(struct rxp_buf *out, const char *type)
{
	rxp_buf_puts(out, "<");
	rxp_buf_puts(out, type);
	return rxp_buf_puts(out, " xmlns=\"urn:rxp:1:body\"/>");
}

int close_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_close *q = request;
	struct msg_closed *a = &reply->body.closed;
	struct rxp_header header;
	struct rxp_buf content;
	struct bytes spki;
	enum rxp_type type;
	int rc;

	if (rxp_type_parse(&type, q->type) != 0 || rxp_type_row(type)->scope != RXP_SCOPE_NODE ||
	    q->draft.len != 0 || read_header(&header, node, q) != 0)
		return RXP_ERR_STATE;
	rxp_buf_init(&content, CONTENT_OCTETS_MAX);
	rc = register_peer_key(node->peers, q->peer, q->key_id, &spki);
	if (rc == 0)
		rc = empty_content(&content, q->type);
	if (rc == 0)
		rc = close_document(node, &header, &content, spki, reply);
	a->result = (uint32_t)rc;
	rxp_buf_free(&content);
	return 0;
}
