#include "daemon/sealer/answer.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/sealer/node.h"
#include "daemon/sealer/own_seal.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/message/answer.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/seal.h"
#include "protocol/xml/xml.h"

/* Copy text that is bounded by the source's type; RXP_ERR_BOUND if the destination is shorter. */
static int copy_text(char *out, size_t out_size, const char *text, size_t len)
{
	if (len >= out_size || memchr(text, '\0', len) != NULL)
		return RXP_ERR_BOUND;
	memcpy(out, text, len);
	out[len] = '\0';
	return 0;
}

static int split_flags(char flags[RXP_MAX_FLAGS][RXP_FLAG_TEXT], struct bytes words)
{
	const char *at = (const char *)words.data;
	size_t n = 0, left = words.len;

	while (left > 0) {
		const char *space = memchr(at, ' ', left);
		size_t len = space != NULL ? (size_t)(space - at) : left;

		if (n == RXP_MAX_FLAGS || len == 0 || len + 1 == left ||
		    copy_text(flags[n++], RXP_FLAG_TEXT, at, len) != 0)
			return RXP_ERR_BOUND;
		if (space != NULL)
			len++;
		at += len;
		left -= len;
	}
	return 0;
}

static int join_flags(struct rxp_buf *words, char flags[RXP_MAX_FLAGS][RXP_FLAG_TEXT])
{
	for (size_t i = 0; i < RXP_MAX_FLAGS && flags[i][0] != '\0'; i++) {
		if (i > 0)
			rxp_buf_puts(words, " ");
		rxp_buf_puts(words, flags[i]);
	}
	return rxp_buf_error(words);
}

static int read_receipt(struct rxp_answer *out, const struct msg_seal_answer *q)
{
	if (!q->has_fingerprint || q->refusal != 0)
		return RXP_ERR_STATE;
	out->kind = RXP_ANSWER_RECEIPT;
	out->received_ms = q->received_ms;
	out->log_count = q->log_count;
	memcpy(out->log_id, q->log_id, sizeof out->log_id);
	memcpy(out->log_head, q->log_head, sizeof out->log_head);
	return split_flags(out->flags, q->flags);
}

/* The answering party's view of the case, its own last document first. */
static void read_view(struct rxp_answer *out, const struct msg_seal_answer *q)
{
	struct rxp_answer_last *own = &out->view[0];
	struct rxp_answer_last *peer = &out->view[1];

	out->has_view = q->has_view != 0;
	if (!out->has_view)
		return;
	memcpy(own->party, out->from, sizeof own->party);
	own->position = q->own_position;
	memcpy(own->fingerprint, q->own_fingerprint, sizeof own->fingerprint);
	memcpy(peer->party, out->to, sizeof peer->party);
	peer->position = q->peer_position;
	memcpy(peer->fingerprint, q->peer_fingerprint, sizeof peer->fingerprint);
}

static int read_refusal(struct rxp_answer *out, const struct msg_seal_answer *q)
{
	const char *place = (const char *)q->place.data;
	int rc;

	if (q->refusal == 0 || q->refusal > RXP_REFUSAL_COUNT)
		return RXP_ERR_STATE;
	out->kind = RXP_ANSWER_REFUSAL;
	out->refusal = (enum rxp_refusal)(q->refusal - 1);
	out->retry_ms = q->retry_ms;
	read_view(out, q);
	rc = copy_text(
	    out->requirement, sizeof out->requirement, q->requirement, strlen(q->requirement));
	if (rc == 0 && q->place.len > 0)
		rc = copy_text(out->place, sizeof out->place, place, q->place.len);
	if (rc == 0)
		rc = rxp_buf_put(&out->working, q->working.data, q->working.len);
	return rc;
}

typedef int read_fn(struct rxp_answer *out, const struct msg_seal_answer *q);

static read_fn *const readers[] = {
    [RXP_ANSWER_RECEIPT] = read_receipt,
    [RXP_ANSWER_REFUSAL] = read_refusal,
};

static bool is_time(int64_t ms)
{
	return ms >= 0 && ms <= RXP_MAX_TIME_MS;
}

static int read_request(struct rxp_answer *out, const struct msg_seal_answer *q, const char *own)
{
	if (q->kind >= sizeof readers / sizeof readers[0] || !rxp_party_valid(q->to))
		return RXP_ERR_STATE;
	memcpy(out->message_id, q->message_id, sizeof out->message_id);
	memcpy(out->from, own, sizeof out->from);
	memcpy(out->to, q->to, sizeof out->to);
	out->created_ms = q->created_ms;
	memcpy(out->envelope_digest, q->envelope_digest, sizeof out->envelope_digest);
	out->has_fingerprint = q->has_fingerprint != 0;
	memcpy(out->fingerprint, q->fingerprint, sizeof out->fingerprint);
	return readers[q->kind](out, q);
}

int answer_seal_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_seal_answer *q = request;
	struct msg_answer_sealed *a = &reply->body.answer_sealed;
	struct rxp_answer answer;
	int rc;

	/* What cannot be written comes from outside, with the octets or their time. */
	if (!is_time(q->created_ms) || !is_time(q->received_ms) || !is_time(q->retry_ms)) {
		a->result = (uint32_t)RXP_ERR_BOUND;
		return 0;
	}
	rxp_answer_init(&answer);
	rc = read_request(&answer, q, node_party(node));
	if (rc != 0) {
		rxp_answer_clear(&answer);
		return RXP_ERR_STATE;
	}
	rc = rxp_answer_seal(&reply->octets[0], &answer, q->created_ms, &node->signer);
	if (rc == 0)
		a->octets = reply_bytes(&reply->octets[0]);
	a->result = (uint32_t)rc;
	rxp_answer_clear(&answer);
	return 0;
}

/* The certificate inside an answer: of one that the registry stored as ours, no more is to be known. */
static int claimed_cert(struct rxp_cert **out, struct bytes octets)
{
	struct rxp_xml *xml = NULL;
	int rc =
	    rxp_xml_parse(&xml, octets.data, octets.len, RXP_MAX_ANSWER_OCTETS, RXP_XML_SEALED);

	if (rc == 0)
		rc = rxp_seal_claimed_cert(out, xml, RXP_KIND_RECEIPT);
	if (rc == RXP_ERR_STRUCTURE)
		rc = rxp_seal_claimed_cert(out, xml, RXP_KIND_REFUSAL);
	rxp_xml_free(xml);
	return rc;
}

/* Open one of ours. stands: its seal is one that peers take. */
static int open_own(
    struct rxp_answer *answer, bool *stands, const struct node *node, struct bytes octets)
{
	const struct rxp_evidence_party *own = node->seals;
	int rc = rxp_answer_open(answer, octets.data, octets.len, own->certs, own->n);
	struct rxp_cert *cert = NULL;
	const struct rxp_cert *only;

	*stands = rc == 0 && rxp_evidence_party_revoked(own, answer->cert) == 0;
	if (rc != RXP_ERR_SIGNER)
		return rc;
	rc = claimed_cert(&cert, octets);
	only = cert;
	if (rc == 0)
		rc = rxp_answer_open(answer, octets.data, octets.len, &only, 1);
	answer->cert = NULL;
	rxp_cert_free(cert);
	return rc;
}

/* All that it says stays; the time of the signature is that of now. */
static int reseal(struct node *node, const struct msg_reseal_answer *q, struct rxp_buf *out)
{
	struct rxp_answer answer;
	bool stands;
	int rc;

	rxp_answer_init(&answer);
	rc = open_own(&answer, &stands, node, q->octets);
	if (rc == 0 && strcmp(answer.from, node_party(node)) != 0)
		rc = RXP_ERR_MISMATCH;
	if (rc == 0 && !stands)
		rc = rxp_answer_seal(out, &answer, q->now_ms, &node->signer);
	rxp_answer_clear(&answer);
	return rc;
}

int answer_reseal_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_reseal_answer *q = request;
	struct msg_answer_resealed *a = &reply->body.answer_resealed;
	int rc = is_time(q->now_ms) ? reseal(node, q, &reply->octets[0]) : RXP_ERR_BOUND;

	if (rc == 0)
		a->octets = reply_bytes(&reply->octets[0]);
	a->result = (uint32_t)rc;
	return 0;
}

/* own is the answering party, as in seal_answer. */
static void write_view(struct msg_answer_checked *a, const struct rxp_answer *answer)
{
	a->has_view = answer->has_view;
	if (!answer->has_view)
		return;
	a->own_position = answer->view[0].position;
	memcpy(a->own_fingerprint, answer->view[0].fingerprint, sizeof a->own_fingerprint);
	a->peer_position = answer->view[1].position;
	memcpy(a->peer_fingerprint, answer->view[1].fingerprint, sizeof a->peer_fingerprint);
}

static int write_facts(
    struct msg_answer_checked *a, struct rxp_answer *answer, struct rxp_buf octets[REPLY_BUFFERS])
{
	bool refusal = answer->kind == RXP_ANSWER_REFUSAL;
	int rc;

	a->kind = (uint32_t)answer->kind;
	memcpy(a->message_id, answer->message_id, sizeof a->message_id);
	memcpy(a->from, answer->from, sizeof a->from);
	memcpy(a->to, answer->to, sizeof a->to);
	a->created_ms = answer->created_ms;
	memcpy(a->envelope_digest, answer->envelope_digest, sizeof a->envelope_digest);
	a->has_fingerprint = answer->has_fingerprint;
	memcpy(a->fingerprint, answer->fingerprint, sizeof a->fingerprint);
	a->received_ms = answer->received_ms;
	memcpy(a->log_id, answer->log_id, sizeof a->log_id);
	a->log_count = answer->log_count;
	memcpy(a->log_head, answer->log_head, sizeof a->log_head);
	a->refusal = refusal ? 1u + (uint32_t)answer->refusal : 0;
	a->final = rxp_answer_final(answer);
	a->retry_ms = answer->retry_ms;
	write_view(a, answer);
	if ((rc = join_flags(&octets[2], answer->flags)) != 0 ||
	    (rc = copy_text(a->requirement, sizeof a->requirement, answer->requirement,
		 strlen(answer->requirement))) != 0 ||
	    (rc = rxp_buf_puts(&octets[0], answer->place)) != 0 ||
	    (rc = rxp_buf_put(&octets[1], answer->working.data, answer->working.len)) != 0)
		return rc;
	a->place = reply_bytes(&octets[0]);
	a->working = reply_bytes(&octets[1]);
	a->flags = reply_bytes(&octets[2]);
	return 0;
}

/* Of the peer, under one of its seals. */
static int open_theirs(
    struct rxp_answer *out, const struct node *node, const struct msg_check_answer *q)
{
	struct register_seals seals;
	int rc;

	register_seals(node->peers, q->peer, INT64_MAX, &seals);
	rc = rxp_answer_open(out, q->octets.data, q->octets.len, seals.certs, seals.n);
	if (rc == 0 && !register_seals_good(&seals, out->cert, out->created_ms, 0))
		rc = RXP_ERR_SIGNER;
	if (rc == 0 && strcmp(out->from, q->peer) != 0)
		rc = RXP_ERR_MISMATCH;
	return rc;
}

/* One of ours to the peer, which it brings back (RXP-RCV-004). */
static int open_ours(struct rxp_answer *out, struct own_seal *seal, struct node *node,
    const struct msg_check_answer *q)
{
	const struct rxp_evidence_party *own = own_seals(node);
	int rc = rxp_answer_open(out, q->octets.data, q->octets.len, own->certs, own->n_joined);

	if (rc == 0 && !own_seal_good(seal, own, out->cert, out->created_ms))
		rc = RXP_ERR_SIGNER;
	if (rc == 0 && (strcmp(out->from, node_party(node)) != 0 || strcmp(out->to, q->peer) != 0))
		rc = RXP_ERR_MISMATCH;
	return rc;
}

int answer_check_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_check_answer *q = request;
	struct msg_answer_checked *a = &reply->body.answer_checked;
	struct own_seal seal = {.revoked_ms = 0};
	struct rxp_answer answer;
	int rc;

	if (!rxp_party_valid(q->peer) || q->own > 1)
		return RXP_ERR_STATE;
	rxp_answer_init(&answer);
	rc = open_theirs(&answer, node, q);
	if (rc == RXP_ERR_SIGNER && q->own != 0) {
		rxp_answer_clear(&answer);
		rxp_answer_init(&answer);
		rc = open_ours(&answer, &seal, node, q);
		a->revoked_ms = seal.revoked_ms;
		memcpy(a->seal, seal.key, sizeof a->seal);
	}
	if (rc == 0)
		rc = write_facts(a, &answer, reply->octets);
	a->result = (uint32_t)rc;
	rxp_answer_clear(&answer);
	return 0;
}
