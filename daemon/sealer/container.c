#include "daemon/sealer/container.h"

#include <string.h>

#include "daemon/base/memfile.h"
#include "daemon/base/record.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/container.h"
#include "protocol/evidence/container_seal.h"
#include "protocol/evidence/dossier_make.h"
#include "protocol/peering/identity_known.h"

/* A container being made. */
struct making {
	struct rxp_container container;
	struct rxp_evidence_party *parties[RXP_DOSSIER_PARTIES];
	struct rxp_identity_known *known; /* what was read of their descriptors */
	unsigned n, pages; /* documents, and pages of logs */
	struct rxp_dossier_left left;
};

static void set_piece(
    struct rxp_dossier_row *row, enum rxp_evidence_piece piece, struct bytes octets)
{
	row->evidence.piece[piece].data = octets.data;
	row->evidence.piece[piece].len = octets.len;
}

static const uint8_t *unless_zero(const uint8_t id[RXP_ID_OCTETS])
{
	static const uint8_t zero[RXP_ID_OCTETS];

	return memcmp(id, zero, sizeof zero) == 0 ? NULL : id;
}

static int put_row(struct making *m, struct bytes fields)
{
	struct rec_evidence_row stored;
	struct rec_evidence e;
	struct rxp_dossier_row row;

	if (record_decode(&stored, &record_evidence_row, fields.data, fields.len) != 0)
		return RXP_ERR_DAMAGED;
	if (record_decode(&e, &record_evidence, stored.evidence.data, stored.evidence.len) != 0)
		e = (struct rec_evidence){.seal_cert = {0}}; /* which does not verify */
	row = (struct rxp_dossier_row){.type = stored.type,
	    .from = stored.from,
	    .answer = stored.answer.data,
	    .answer_len = stored.answer.len,
	    .body = stored.body.data,
	    .body_len = stored.body.len,
	    .unproved = stored.unproved != 0,
	    .message_id = stored.message_id,
	    .fingerprint = stored.fingerprint,
	    .case_id = unless_zero(stored.case_id)};
	memcpy(row.seal_cert, e.seal_cert, sizeof row.seal_cert);
	set_piece(&row, RXP_EVIDENCE_HEADER, e.header);
	set_piece(&row, RXP_EVIDENCE_PROPERTIES, e.properties);
	set_piece(&row, RXP_EVIDENCE_SIGNED_INFO, e.signed_info);
	set_piece(&row, RXP_EVIDENCE_VALUE, e.value);
	return rxp_dossier_put_document(&m->container, m->parties, &m->n, &m->left, &row);
}

static int put_page(struct making *m, struct bytes fields)
{
	struct rec_evidence_page page;

	if (record_decode(&page, &record_evidence_page, fields.data, fields.len) != 0)
		return RXP_ERR_DAMAGED;
	return rxp_dossier_put_log_page(
	    &m->container, m->parties, &m->pages, page.owner, page.octets.data, page.octets.len);
}

/* Everything but the descriptors. */
static int put_rows(struct making *m, const uint8_t *rows, size_t len)
{
	struct record_cursor cursor = {.at = rows, .left = len};
	struct bytes fields;
	uint16_t tag;
	int rc;

	while ((rc = record_list_next(&cursor, &tag, &fields)) == 1) {
		rc = tag == REC_evidence_former ? 0
		     : tag == REC_evidence_row  ? put_row(m, fields)
		     : tag == REC_evidence_page ? put_page(m, fields)
						: RXP_ERR_DAMAGED;
		if (rc != 0)
			return rc;
	}
	return rc;
}

/* Those of one State; former is borrowed from the rows. */
struct papers {
	struct rxp_dossier_papers papers;
	struct rxp_evidence_descriptor former[RXP_EVIDENCE_FORMER_MAX];
};

static int add_former(struct papers *own, struct papers *peer, struct bytes fields)
{
	struct rec_evidence_former r;
	struct papers *p;

	if (record_decode(&r, &record_evidence_former, fields.data, fields.len) != 0)
		return RXP_ERR_DAMAGED;
	p = r.own != 0 ? own : peer;
	if (p->papers.n_former == RXP_EVIDENCE_FORMER_MAX)
		return RXP_ERR_BOUND;
	p->former[p->papers.n_former++] =
	    (struct rxp_evidence_descriptor){r.octets.data, r.octets.len};
	return 0;
}

/* The descriptors of both. */
static int read_papers(struct papers *own, struct papers *peer, const struct msg_seal_container *q,
    const uint8_t *rows, size_t len)
{
	struct record_cursor cursor = {.at = rows, .left = len};
	struct bytes fields;
	uint16_t tag;
	int rc;

	own->papers = (struct rxp_dossier_papers){
	    .in_force = {q->own_descriptor.data, q->own_descriptor.len}, .former = own->former};
	peer->papers = (struct rxp_dossier_papers){
	    .in_force = {q->peer_descriptor.data, q->peer_descriptor.len}, .former = peer->former};
	while ((rc = record_list_next(&cursor, &tag, &fields)) == 1)
		if (tag == REC_evidence_former && (rc = add_former(own, peer, fields)) != 0)
			return rc;
	return rc;
}

static int put_file(struct making *m, const struct msg_seal_container *q, int file)
{
	struct papers own, peer;
	uint8_t *rows = NULL;
	size_t len = 0;
	int rc = memfile_map(&rows, &len, file, IPC_CONTAINER_ROWS_MAX);

	if (rc == 0)
		rc = read_papers(&own, &peer, q, rows, len);
	if (rc == 0)
		rc = rxp_dossier_put_parties(
		    &m->container, m->parties, m->known, &own.papers, &peer.papers);
	if (rc == 0)
		rc = put_rows(m, rows, len);
	if (rc == 0)
		rc = rxp_dossier_put_former(&m->container, m->parties, &own.papers, &peer.papers);
	memfile_unmap(rows, len);
	return rc;
}

/* What is wrong is told to whoever makes the same container outside. */
static void problem(void *arg, const char *entry, const char *text)
{
	(void)arg;
	(void)entry;
	(void)text;
}

int container_seal_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_seal_container *q = request;
	struct msg_container_sealed *a = &reply->body.container_sealed;
	const struct rxp_dossier_bodies bodies = {.there = q->bodies.data, .n = q->bodies.len};
	struct making m = {.n = 0};
	int rc;

	if (q->created_ms < 0 || q->created_ms > RXP_MAX_TIME_MS)
		return RXP_ERR_STATE;
	m.known = rxp_identity_known_new();
	if (m.known == NULL)
		return RXP_ERR_NOMEM;
	rxp_container_init(&m.container);
	if ((rc = put_file(&m, q, reply->file)) == 0 &&
	    (rc = rxp_dossier_put_chronology(
		 &m.container, m.known, &m.left, &bodies, problem, NULL)) == 0)
		rc = rxp_container_seal(
		    &reply->octets[0], &m.container, q->created_ms, &node->signer);
	if (rc == 0)
		a->signatures = reply_bytes(&reply->octets[0]);
	/* Also if there is nothing else: the operator is to know (RXP-EVI-032). */
	if (rc == RXP_ERR_MISMATCH && m.n == 0 && m.left.n > 0 &&
	    m.left.n == m.left.by[RXP_WITHHELD_UNPROVED])
		rc = RXP_ERR_STATE; /* until a person lets it stand */
	a->withheld = m.left.n - m.left.by[RXP_WITHHELD_UNPROVED];
	a->result = (uint32_t)rc;
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		rxp_evidence_party_free(m.parties[i]);
	rxp_container_clear(&m.container);
	rxp_identity_known_free(m.known);
	return 0;
}
