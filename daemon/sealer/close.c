#include "daemon/sealer/close.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>

#include "daemon/sealer/digest.h"
#include "daemon/sealer/draft.h"
#include "daemon/sealer/evidence.h"
#include "daemon/sealer/facts.h"
#include "daemon/sealer/keys.h"
#include "daemon/sealer/manifest.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/node_content.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/reply.h"
#include "daemon/sealer/safeguards.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"
#include "protocol/message/answer.h"

/* Our own document as its receiver will see it: checked anew, its evidence and its facts. */
static int prove(struct rxp_buf *evidence, struct rxp_buf *facts, const struct node *node,
    const struct rxp_header *header, const struct rxp_buf *document)
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
		rc = safeguards_judge(node, d);
	if (rc == 0)
		rc = evidence_put(evidence, &d->seal);
	if (rc == 0 && header->in_case)
		rc = facts_put(facts, d);
	rxp_document_free(d);
	rxp_buf_free(&place);
	return rc;
}

int close_envelope(struct node *node, const struct rxp_outer *outer, const struct rxp_buf *document,
    struct bytes spki, const struct close_made *made)
{
	uint8_t cek[RXP_KEY_OCTETS];
	int rc;

	rc = rxp_envelope_close(made->envelope, outer, document->data, document->len, spki.data,
	    spki.len, &node->random, cek);
	if (rc == 0)
		rc = keys_wrap_content(made->wrapped_key, node, outer, cek);
	if (rc == 0)
		rc = digest_make(made->digest, made->envelope->data, made->envelope->len);
	OPENSSL_cleanse(cek, sizeof cek);
	return rc;
}

int close_document(struct node *node, const struct rxp_header *header,
    const struct rxp_buf *content, const struct rxp_buf *attachments, struct bytes spki,
    struct reply *reply)
{
	struct msg_closed *a = &reply->body.closed;
	struct rxp_office_keys offices = {0};
	struct rxp_draft draft = {content, attachments, &offices};
	const struct close_made made = {&reply->octets[0], &reply->octets[2], a->envelope_digest};
	struct rxp_buf document;
	int rc;

	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	if ((rc = register_office_keys(node->peers, header->outer.to, &offices)) != 0 ||
	    (rc = rxp_document_seal(&document, header, &draft, header->outer.created_ms,
		 &node->random, &node->signer, a->fingerprint)) != 0 ||
	    (rc = prove(&reply->octets[1], &reply->octets[3], node, header, &document)) != 0 ||
	    (rc = close_envelope(node, &header->outer, &document, spki, &made)) != 0)
		goto done;
	a->envelope = reply_bytes(&reply->octets[0]);
	a->evidence = reply_bytes(&reply->octets[1]);
	a->wrapped_key = reply_bytes(&reply->octets[2]);
	a->facts = reply_bytes(&reply->octets[3]);
done:
	rxp_office_keys_clear(&offices);
	rxp_buf_free(&document);
	return rc;
}

/* The place in its case that the registry gives to the document. */
static int read_place(struct rxp_header *h, const struct msg_close *q)
{
	if (q->position == 0 || q->has_previous > 1 || q->has_seen > 1)
		return RXP_ERR_STATE;
	h->in_case = true;
	memcpy(h->case_id, q->case_id, sizeof h->case_id);
	h->position = q->position;
	h->has_previous = q->has_previous != 0;
	h->has_seen = q->has_seen != 0;
	memcpy(h->previous, q->previous, sizeof h->previous);
	memcpy(h->seen, q->seen, sizeof h->seen);
	memcpy(h->profile_id, q->profile_id, sizeof h->profile_id);
	memcpy(h->profile_version, q->profile_version, sizeof h->profile_version);
	return 0;
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
	if (q->in_case != 0 && read_place(&h, q) != 0)
		return RXP_ERR_STATE;
	*out = h;
	return 0;
}

/* A document is in a case or not, and says something or nothing, as its type wants it; attachments only in a
 * case. */
static bool scope_fits(const struct msg_close *q)
{
	enum rxp_type type;
	bool in_case;

	if (rxp_type_parse(&type, q->type) != 0)
		return false;
	in_case = rxp_type_row(type)->scope == RXP_SCOPE_CASE;
	return q->in_case == in_case && (q->draft.len != 0) == (type != RXP_TYPE_PING) &&
	       (in_case || q->attachments.len == 0);
}

/* What does not open and is no draft (draft.h) is damaged. */
static int undamaged(int rc)
{
	return rc == RXP_ERR_DECRYPT || rc == RXP_ERR_MISMATCH ? RXP_ERR_DAMAGED : rc;
}

/* What a person wrote comes sealed, what the node says as records (RXP-DOC-014). */
static int read_content(struct rxp_buf *out, const struct node *node, const struct msg_close *q)
{
	struct draft_for of = {.type = q->type, .peer = q->peer, .attachments = q->attachments};
	enum rxp_type type;
	int rc = rxp_type_parse(&type, q->type);

	if (rc != 0)
		return rc;
	if (!rxp_type_row(type)->collected)
		return undamaged(node_content_write(out, node, type, q->draft));
	if (q->in_case != 0)
		memcpy(of.case_id, q->case_id, sizeof of.case_id);
	return draft_open(out, node, &of, q->draft);
}

/* Content and manifest together, then the document. */
static int close_parts(struct node *node, const struct msg_close *q,
    const struct rxp_header *header, struct bytes spki, struct reply *reply)
{
	struct rxp_buf manifest;
	struct rxp_buf content;
	int rc;

	rxp_buf_init(&manifest, DRAFT_MAX_CONTENT_OCTETS);
	rxp_buf_init(&content, DRAFT_MAX_CONTENT_OCTETS);
	rc = read_content(&content, node, q);
	if (rc == 0)
		rc = undamaged(manifest_write(&manifest, node, q->attachments));
	if (rc == 0)
		rc = undamaged(close_document(
		    node, header, &content, manifest.len > 0 ? &manifest : NULL, spki, reply));
	rxp_buf_free(&content);
	rxp_buf_free(&manifest);
	return rc;
}

int close_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_close *q = request;
	struct rxp_header header;
	struct bytes spki;
	int rc;

	if (!scope_fits(q) || read_header(&header, node, q) != 0)
		return RXP_ERR_STATE;
	rc = register_peer_key(node->peers, q->peer, q->key_id, &spki);
	if (rc == 0)
		rc = close_parts(node, q, &header, spki, reply);
	reply->body.closed.result = (uint32_t)rc;
	return 0;
}
