#include "daemon/sealer/open.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>

#include "daemon/sealer/digest.h"
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
#include "protocol/peering/descriptor.h"
#include "protocol/xml/xml.h"

/* A run of one request; the pointers are owned by open_handle(). */
struct opening {
	struct node *node;
	const struct msg_open *request;
	struct rxp_envelope *envelope;
	struct rxp_document *document;
	uint8_t cek[RXP_KEY_OCTETS];
};

/* A verdict: the answer carries the refusal. */
static int refuse(struct msg_opened *a, enum rxp_refusal code)
{
	a->refusal = 1u + (uint32_t)code;
	return 0;
}

/* Failures of this machine give no verdict; all others are the sender's and look alike. */
static int refuse_unopened(struct msg_opened *a, int why)
{
	return why == RXP_ERR_NOMEM ? why : refuse(a, RXP_REFUSAL_UNOPENABLE);
}

/* The Envelope's own claims. */
static void claim(struct msg_opened *a, const struct rxp_outer *outer)
{
	memcpy(a->message_id, outer->message_id, sizeof a->message_id);
	memcpy(a->from, outer->from, sizeof a->from);
	memcpy(a->to, outer->to, sizeof a->to);
}

/* Decrypt to the equality of the headers: RXP_ERR_NOMEM, or any other code with one meaning. *lapsed: the seal is one that
 * is revoked, or retired for too long; the registry knows whether it was good when the document came first
 * (RXP-DSC-043). */
static int decrypt_and_verify(struct opening *o, bool *lapsed, const struct rxp_agreement_key *key)
{
	const int64_t received_ms = o->request->received_ms;
	struct register_seals seals;
	struct rxp_buf plain;
	int rc;

	register_seals(o->node->peers, o->request->party, REGISTER_ALL, &seals);
	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	rc = rxp_envelope_decrypt(&plain, o->envelope, key, o->cek);
	if (rc == 0) /* RXP-ENV-011 */
		rc = rxp_document_open(&o->document, plain.data, plain.len,
		    rxp_envelope_outer(o->envelope), seals.certs, seals.n);
	if (rc == 0)
		*lapsed = !register_seals_good(&seals, o->document->seal.cert,
		    o->document->header.outer.created_ms, received_ms);
	rxp_buf_free(&plain);
	return rc;
}

/* The place in its case that the document claims. */
static void place_in_case(struct msg_opened *a, const struct rxp_header *h)
{
	a->in_case = h->in_case;
	if (!h->in_case)
		return;
	memcpy(a->case_id, h->case_id, sizeof a->case_id);
	a->position = h->position;
	a->has_previous = h->has_previous;
	a->has_seen = h->has_seen;
	memcpy(a->previous, h->previous, sizeof a->previous);
	memcpy(a->seen, h->seen, sizeof a->seen);
	memcpy(a->profile_id, h->profile_id, sizeof a->profile_id);
	memcpy(a->profile_version, h->profile_version, sizeof a->profile_version);
}

static int describe(struct msg_opened *a, const struct rxp_document *d, struct rxp_buf *evidence)
{
	int rc = evidence_put(evidence, &d->seal);

	if (rc != 0)
		return rc;
	a->opened = 1;
	a->created_ms = d->header.outer.created_ms;
	a->expires_ms = d->header.outer.expires_ms;
	memcpy(a->fingerprint, d->seal.fingerprint, sizeof a->fingerprint);
	memcpy(a->type, d->header.type, sizeof a->type);
	place_in_case(a, &d->header);
	rxp_cert_digest(d->seal.cert, a->seal_cert);
	a->evidence = reply_bytes(evidence);
	return 0;
}

/* Does anybody here act on it: a case, the desk, or this node itself (RXP-DOC-013)? */
static bool is_heard(enum rxp_type type)
{
	const struct rxp_type_row *row = rxp_type_row(type);

	return row->scope == RXP_SCOPE_CASE || row->collected || node_content_is_read(type);
}

/* RXP-DOC-004, RXP-DOC-005: the type is known and of a level that we declare, the content is valid. */
static int check_content(const struct opening *o, struct rxp_buf *place, struct rxp_buf *facts)
{
	const struct rxp_document *d = o->document;
	enum rxp_type type;
	int rc;

	if (rxp_type_parse(&type, d->header.type) != 0 || !is_heard(type) ||
	    (o->node->own->identity.levels & 1u << rxp_type_row(type)->level) == 0)
		return RXP_ERR_UNSUPPORTED;
	rc = rxp_document_check(d, place);
	if (rc == 0)
		rc = rxp_document_office_keys(d, &o->node->own->identity.office_keys, place);
	if (rc == 0)
		rc = safeguards_judge(o->node, d);
	if (rc != 0)
		return rc;
	return d->header.in_case ? facts_put(facts, d) : node_content_read(facts, type, d->content);
}

/* RXP-EVI-027 */
static bool is_erased(const struct rxp_buf *facts)
{
	struct record_cursor c = {.at = facts->data, .left = facts->len};
	struct bytes fields;
	uint16_t tag;

	return record_list_next(&c, &tag, &fields) == 1 && tag == REC_node_erased;
}

/* The keys of a refused document are kept by nobody. */
static int judge(struct opening *o, struct reply *reply)
{
	struct msg_opened *a = &reply->body.opened;
	struct rxp_buf *place = &reply->octets[1];
	struct rxp_buf *facts = &reply->octets[2];
	struct rxp_buf *wrapped = &reply->octets[3];
	struct rxp_buf *rows = &reply->octets[4];
	struct rxp_buf *body = &reply->octets[5];
	int rc = check_content(o, place, facts);

	if (rc == RXP_ERR_UNSUPPORTED)
		return refuse(a, RXP_REFUSAL_UNSUPPORTED);
	if (rc == RXP_ERR_SCHEMA || rc == RXP_ERR_KEY) {
		a->place = reply_bytes(place);
		return refuse(a, rc == RXP_ERR_KEY ? RXP_REFUSAL_OFFICE_KEY : RXP_REFUSAL_SCHEMA);
	}
	if (rc == RXP_ERR_NOT_ACCEPTABLE)
		return refuse(a, RXP_REFUSAL_NOT_ACCEPTABLE);
	if (rc == 0)
		rc = keys_wrap_content(wrapped, o->node, &o->document->header.outer, o->cek);
	if (rc == 0 && is_erased(facts))
		rc = rxp_xml_c14n(body, o->document->xml, o->document->seal.body);
	if (rc == 0 && o->document->attachments != NULL)
		rc = manifest_put_rows(rows, o->node, o->document->attachments);
	if (rc == 0) {
		a->facts = reply_bytes(facts);
		a->attachments = reply_bytes(rows);
		a->wrapped_key = reply_bytes(wrapped);
		a->body = reply_bytes(body);
	}
	return rc;
}

static int open_envelope(struct opening *o, struct reply *reply)
{
	struct msg_opened *a = &reply->body.opened;
	const struct rxp_outer *outer = rxp_envelope_outer(o->envelope);
	const struct rxp_agreement_key *key = NULL;
	bool lapsed = false;
	int rc;

	claim(a, outer);
	if (strcmp(outer->to, node_party(o->node)) != 0) /* RXP-ENV-012 */
		return refuse(a, RXP_REFUSAL_RECIPIENT);
	if (strcmp(outer->from, o->request->party) != 0)
		return refuse(a, RXP_REFUSAL_SENDER);
	rc = register_own_key(o->node->peers, rxp_envelope_key_id(o->envelope), &key);
	if (rc == RXP_ERR_NOT_FOUND)
		return refuse(a, RXP_REFUSAL_REKEY);
	if (rc != 0)
		return rc;
	rc = decrypt_and_verify(o, &lapsed, key);
	a->lapsed = lapsed;
	a->unknown_seal = rc == RXP_ERR_SIGNER;
	if (rc != 0)
		return refuse_unopened(a, rc);
	memcpy(a->key_id, rxp_envelope_key_id(o->envelope), sizeof a->key_id);
	rc = describe(a, o->document, &reply->octets[0]);
	return rc != 0 ? rc : judge(o, reply);
}

int open_handle(struct node *node, const void *request, struct reply *reply)
{
	struct opening o = {.node = node, .request = request};
	const struct bytes *octets = &o.request->envelope;
	struct msg_opened *a = &reply->body.opened;
	int rc;

	if (!rxp_party_valid(o.request->party))
		return RXP_ERR_STATE;
	rc = digest_make(a->envelope_digest, octets->data, octets->len);
	if (rc == 0) {
		rc = rxp_envelope_parse(&o.envelope, octets->data, octets->len);
		if (rc == 0)
			rc = open_envelope(&o, reply);
		else if (rc == RXP_ERR_UNSUPPORTED)
			rc = refuse(a, RXP_REFUSAL_UNSUPPORTED);
		else
			rc = refuse_unopened(a, rc);
	}
	a->result = (uint32_t)rc;
	OPENSSL_cleanse(o.cek, sizeof o.cek);
	rxp_document_free(o.document);
	rxp_envelope_free(o.envelope);
	return 0;
}
