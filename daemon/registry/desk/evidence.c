#include "daemon/registry/desk/evidence.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_evidence.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_list.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/evidence_name.h"

/* A request on its way to the journal. */
struct reading {
	struct store_item item;
	struct node *node;
	const struct keys *keys;
	uint64_t request;
	bool seals; /* a container of all of it, else a page is read */
	uint8_t bodies[RXP_EVIDENCE_DOCUMENTS_MAX]; /* of a container, as evidence_seal has them */
	size_t n_bodies;
	uint32_t after; /* of a page */
	char user[RECORD_NAME_MAX], reason[RECORD_NAME_MAX];
	bool of_case;
	uint8_t case_id[RXP_ID_OCTETS], local_id[RXP_ID_OCTETS]; /* one of the two */
	char peer[RXP_PARTY_TEXT];
	int64_t at_ms;
};

static void answer_seal(struct node *n, uint64_t request, int result, struct bytes signatures)
{
	struct msg_evidence_sealed m = {.result = (uint32_t)result, .signatures = signatures};

	link_answer(n->desk, IPC_evidence_sealed, request, &m, NULL, 0);
}

static void refuse(struct node *n, uint64_t request, bool seals, int result)
{
	struct msg_evidence_got m = {.result = (uint32_t)result};

	if (seals)
		answer_seal(n, request, result, (struct bytes){.len = 0});
	else
		link_answer(n->desk, IPC_evidence_got, request, &m, NULL, 0);
}

/* Whose case or message is it? */
static int find_peer(struct reading *r, struct db *db)
{
	struct rec_message_row row;
	struct store_case stored;
	int rc;

	if (r->of_case)
		return store_case_get(db, &stored, r->peer, r->case_id);
	rc = store_list_message(db, &row, NULL, NULL, r->local_id);
	if (rc == 0)
		memcpy(r->peer, row.peer, sizeof r->peer);
	return rc;
}

static int journal_apply(void *arg, struct db *db)
{
	struct reading *r = arg;
	int rc = find_peer(r, db);

	return rc != 0 ? rc
		       : store_journal(db,
			     &(struct store_journal_entry){.at_ms = r->at_ms,
				 .user = r->user,
				 .action = r->seals ? JOURNAL_EVIDENCE_SEAL : JOURNAL_EVIDENCE_READ,
				 .reason = r->reason,
				 .peer = r->peer,
				 .case_id = r->of_case ? r->case_id : NULL,
				 .local_id = r->of_case ? NULL : r->local_id});
}

/* Rows, more and the descriptors of one page. */
struct page {
	struct rxp_buf rows, peer_descriptor;
	struct bytes own_descriptor;
	bool more;
};

static void page_free(struct page *p)
{
	rxp_buf_free(&p->rows);
	rxp_buf_free(&p->peer_descriptor);
}

static struct bytes bytes_of(const struct rxp_buf *b)
{
	return (struct bytes){.data = b->data, .len = b->len};
}

static int page_read(
    struct page *p, const struct reading *r, const struct store_evidence_bounds *bounds, size_t max)
{
	struct db *db = store_db(r->node->store);
	const struct store_evidence of = {.own = r->node->own,
	    .peer = r->peer,
	    .case_id = r->of_case ? r->case_id : NULL,
	    .local_id = r->local_id};
	uint8_t root[RXP_DIGEST_OCTETS];
	int rc;

	rxp_buf_init(&p->rows, max);
	rxp_buf_init(&p->peer_descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	p->own_descriptor = keys_descriptor(r->keys, root);
	rc = store_evidence_page(db, &p->rows, &p->more, &of, bounds);
	if (rc == 0)
		rc = store_peer_descriptor(db, &p->peer_descriptor, r->peer);
	return rc == 0 && p->own_descriptor.len == 0 ? RXP_ERR_NOT_FOUND : rc;
}

static void answer(struct reading *r)
{
	const struct store_evidence_bounds bounds = {.after = r->after,
	    .rows = REGISTRY_EVIDENCE_ROWS_MAX,
	    .enough = REGISTRY_EVIDENCE_ENOUGH};
	struct msg_evidence_got m = {.result = 0};
	struct page p = {.more = false};
	int rc = page_read(&p, r, &bounds, REGISTRY_EVIDENCE_MAX);

	m.result = (uint32_t)rc;
	if (rc == 0) {
		m.more = p.more;
		m.rows = bytes_of(&p.rows);
		m.own_descriptor = p.own_descriptor;
		m.peer_descriptor = bytes_of(&p.peer_descriptor);
	}
	link_answer(r->node->desk, IPC_evidence_got, r->request, &m, NULL, 0);
	page_free(&p);
	free(r);
}

/* --- a container --------------------------------------------------------------------------------- */

static void sealed(void *arg, int result, const struct link_message *m)
{
	struct reading *r = arg;
	const struct msg_container_sealed *a = m != NULL ? m->body : NULL;

	if (result != 0 || a == NULL)
		answer_seal(r->node, r->request, RXP_ERR_DAMAGED, (struct bytes){.len = 0});
	else
		answer_seal(r->node, r->request, (int)(int32_t)a->result, a->signatures);
	free(r);
}

static void seal(struct reading *r)
{
	const struct store_evidence_bounds bounds = {
	    .rows = RXP_EVIDENCE_DOCUMENTS_MAX, .enough = REGISTRY_EVIDENCE_SEAL_ENOUGH};
	struct msg_seal_container q = {.created_ms = r->at_ms};
	struct page p = {.more = false};
	int rc = page_read(&p, r, &bounds, REGISTRY_EVIDENCE_SEAL_MAX);

	if (rc == 0 && p.more)
		rc = RXP_ERR_BOUND;
	if (rc == 0 && p.rows.len == 0)
		rc = RXP_ERR_NOT_FOUND;
	if (rc == 0) {
		q.bodies = (struct bytes){.data = r->bodies, .len = r->n_bodies};
		q.rows = bytes_of(&p.rows);
		q.own_descriptor = p.own_descriptor;
		q.peer_descriptor = bytes_of(&p.peer_descriptor);
		rc = work_submit(r->node->work, IPC_seal_container, &q, NULL, 0, sealed, r);
	}
	page_free(&p);
	if (rc != 0) {
		refuse(r->node, r->request, true, rc);
		free(r);
	}
}

/* --- the journal first ---------------------------------------------------------------------------- */

static void journal_done(void *arg, int result)
{
	struct reading *r = arg;

	if (result != 0) {
		refuse(r->node, r->request, r->seals, result);
		free(r);
	} else if (r->seals) {
		seal(r);
	} else {
		answer(r);
	}
}

static bool is_zero(const uint8_t *octets, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= octets[i];
	return any == 0;
}

/* Takes a copy of what was filled in by the request. */
static void begin(const struct reading *filled)
{
	struct reading *r = calloc(1, sizeof *r);

	if (r == NULL || !journal_reason_is(filled->reason)) {
		refuse(filled->node, filled->request, filled->seals,
		    r == NULL ? RXP_ERR_NOMEM : RXP_ERR_SYNTAX);
		free(r);
		return;
	}
	*r = *filled;
	r->of_case = !is_zero(r->case_id, sizeof r->case_id);
	r->at_ms = clock_wall_ms();
	r->item = (struct store_item){.apply = journal_apply, .done = journal_done, .arg = r};
	store_submit(r->node->store, &r->item);
}

void evidence_get(
    struct node *n, const struct keys *keys, uint64_t request, const struct msg_evidence_get *q)
{
	struct reading r = {.node = n, .keys = keys, .request = request, .after = q->after};

	memcpy(r.user, q->user, sizeof r.user);
	memcpy(r.reason, q->reason, sizeof r.reason);
	memcpy(r.case_id, q->case_id, sizeof r.case_id);
	memcpy(r.peer, q->peer, sizeof r.peer);
	memcpy(r.local_id, q->local_id, sizeof r.local_id);
	begin(&r);
}

void evidence_seal(
    struct node *n, const struct keys *keys, uint64_t request, const struct msg_evidence_seal *q)
{
	struct reading r = {.node = n, .keys = keys, .request = request, .seals = true};

	if (q->bodies.len > sizeof r.bodies) {
		refuse(n, request, true, RXP_ERR_BOUND);
		return;
	}
	if (q->bodies.len > 0)
		memcpy(r.bodies, q->bodies.data, q->bodies.len);
	r.n_bodies = q->bodies.len;
	memcpy(r.user, q->user, sizeof r.user);
	memcpy(r.reason, q->reason, sizeof r.reason);
	memcpy(r.case_id, q->case_id, sizeof r.case_id);
	memcpy(r.peer, q->peer, sizeof r.peer);
	memcpy(r.local_id, q->local_id, sizeof r.local_id);
	begin(&r);
}
