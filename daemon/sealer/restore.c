#include "daemon/sealer/restore.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/base/ipc.h"
#include "daemon/sealer/close.h"
#include "daemon/sealer/evidence.h"
#include "daemon/sealer/facts.h"
#include "daemon/sealer/history_content.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/own_seal.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/reply.h"
#include "daemon/sealer/stored.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/message/answer.h"
#include "protocol/xml/xml.h"

/* --- what was given back -------------------------------------------------------------------------- */

static int add_piece(struct rxp_buf *octets, const struct node *node, struct bytes envelope,
    struct bytes wrapped_key)
{
	const struct _xmlNode *content = NULL;
	struct rxp_xml *xml = NULL;
	struct rxp_buf copy;
	int rc;

	rxp_buf_init(&copy, RXP_MAX_DOCUMENT_OCTETS);
	rc = stored_decrypt(&copy, node, envelope, wrapped_key);
	if (rc == 0)
		rc = rxp_xml_parse(
		    &xml, copy.data, copy.len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED);
	if (rc == 0)
		content = stored_content(xml);
	if (rc == 0)
		rc = content != NULL ? history_copied(octets, content) : RXP_ERR_DAMAGED;
	rxp_xml_free(xml);
	rxp_buf_free(&copy);
	return rc;
}

static int join(struct rxp_buf *octets, const struct node *node, const struct msg_restore *q)
{
	int rc = add_piece(octets, node, q->first, q->first_key);

	return rc != 0 || q->second.len == 0 ? rc
					     : add_piece(octets, node, q->second, q->second_key);
}

/* --- our own seal --------------------------------------------------------------------------------- */

/* Under any that our chain ever listed, as far as that is known. */
static int open_own(struct rxp_document **out, struct own_seal *seal, struct node *node,
    const struct rxp_buf *octets)
{
	const struct rxp_evidence_party *own = own_seals(node);
	struct rxp_document *d = NULL;
	int rc = rxp_document_open(&d, octets->data, octets->len, NULL, own->certs, own->n_joined);

	if (rc == 0 && !own_seal_good(seal, own, d->seal.cert, d->header.outer.created_ms))
		rc = RXP_ERR_SIGNER;
	if (rc == 0)
		*out = d;
	else
		rxp_document_free(d);
	return rc;
}

static int check(const struct rxp_document *d, const struct node *node, const char *peer)
{
	struct rxp_buf place;
	int rc;

	if (strcmp(d->header.outer.from, node_party(node)) != 0 ||
	    strcmp(d->header.outer.to, peer) != 0 || !d->header.in_case)
		return RXP_ERR_MISMATCH;
	rxp_buf_init(&place, RXP_PLACE_TEXT);
	rc = rxp_document_check(d, &place);
	rxp_buf_free(&place);
	return rc;
}

/* --- closed anew ---------------------------------------------------------------------------------- */

static void describe(struct msg_restored *a, const struct rxp_document *d)
{
	const struct rxp_header *h = &d->header;

	memcpy(a->message_id, h->outer.message_id, sizeof a->message_id);
	a->created_ms = h->outer.created_ms;
	a->expires_ms = h->outer.expires_ms;
	memcpy(a->fingerprint, d->seal.fingerprint, sizeof a->fingerprint);
	memcpy(a->type, h->type, sizeof h->type);
	memcpy(a->from_office, h->from_office, sizeof h->from_office);
	memcpy(a->to_office, h->to_office, sizeof h->to_office);
	memcpy(a->case_id, h->case_id, sizeof a->case_id);
	a->position = h->position;
	a->has_previous = h->has_previous;
	a->has_seen = h->has_seen;
	memcpy(a->previous, h->previous, sizeof a->previous);
	memcpy(a->seen, h->seen, sizeof a->seen);
	memcpy(a->profile_id, h->profile_id, sizeof h->profile_id);
	memcpy(a->profile_version, h->profile_version, sizeof h->profile_version);
}

static int give(struct reply *reply, struct node *node, const struct rxp_document *d,
    const struct rxp_buf *octets, struct bytes spki)
{
	struct msg_restored *a = &reply->body.restored;
	const struct close_made made = {&reply->octets[0], &reply->octets[2], a->envelope_digest};
	int rc = close_envelope(node, &d->header.outer, octets, spki, &made);

	if (rc == 0)
		rc = evidence_put(&reply->octets[1], &d->seal);
	if (rc == 0)
		rc = facts_put(&reply->octets[3], d);
	if (rc != 0)
		return rc;
	describe(a, d);
	a->envelope = reply_bytes(&reply->octets[0]);
	a->evidence = reply_bytes(&reply->octets[1]);
	a->wrapped_key = reply_bytes(&reply->octets[2]);
	a->facts = reply_bytes(&reply->octets[3]);
	return 0;
}

int restore_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_restore *q = request;
	struct msg_restored *a = &reply->body.restored;
	struct own_seal seal = {.revoked_ms = 0};
	struct rxp_document *d = NULL;
	struct rxp_buf octets;
	struct bytes spki;
	int rc;

	if (!rxp_party_valid(q->peer))
		return RXP_ERR_STATE;
	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	rc = register_peer_key(node->peers, q->peer, q->key_id, &spki);
	if (rc == 0)
		rc = join(&octets, node, q);
	if (rc == 0)
		rc = open_own(&d, &seal, node, &octets);
	a->revoked_ms = seal.revoked_ms;
	memcpy(a->seal, seal.key, sizeof a->seal);
	if (rc == 0)
		rc = check(d, node, q->peer);
	if (rc == 0)
		rc = give(reply, node, d, &octets, spki);
	a->result = (uint32_t)rc;
	rxp_document_free(d);
	rxp_buf_free(&octets);
	return 0;
}
