#include "daemon/registry/desk/evidence.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/memfile.h"
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
#include "protocol/evidence/evidence_party.h"

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

/* Of both States. peer is freed by whoever read them, also on failure. */
struct descriptors {
	struct bytes own;
	struct rxp_buf peer;
};

static struct bytes bytes_of(const struct rxp_buf *b)
{
	return (struct bytes){.data = b->data, .len = b->len};
}

static struct store_evidence evidence_of(const struct reading *r)
{
	return (struct store_evidence){.own = r->node->own,
	    .peer = r->peer,
	    .case_id = r->of_case ? r->case_id : NULL,
	    .local_id = r->local_id};
}

static int descriptors_read(struct descriptors *d, const struct reading *r)
{
	uint8_t root[RXP_DIGEST_OCTETS];

	rxp_buf_init(&d->peer, RXP_MAX_DESCRIPTOR_OCTETS);
	d->own = keys_descriptor(r->keys, root);
	if (d->own.len == 0)
		return RXP_ERR_NOT_FOUND;
	return store_peer_descriptor(store_db(r->node->store), &d->peer, r->peer);
}

static void answer(struct reading *r)
{
	const struct store_evidence_bounds bounds = {.after = r->after,
	    .rows = REGISTRY_EVIDENCE_ROWS_MAX,
	    .enough = REGISTRY_EVIDENCE_ENOUGH};
	const struct store_evidence of = evidence_of(r);
	struct msg_evidence_got m = {.result = 0};
	struct descriptors d;
	struct rxp_buf rows;
	uint32_t n = 0;
	bool more = false;
	int rc = descriptors_read(&d, r);

	rxp_buf_init(&rows, REGISTRY_EVIDENCE_MAX);
	if (rc == 0)
		rc = store_evidence_page(store_db(r->node->store), &rows, &n, &more, &of, &bounds);
	m.result = (uint32_t)rc;
	if (rc == 0) {
		m.more = more;
		m.rows = bytes_of(&rows);
		m.own_descriptor = d.own;
		m.peer_descriptor = bytes_of(&d.peer);
	}
	link_answer(r->node->desk, IPC_evidence_got, r->request, &m, NULL, 0);
	rxp_buf_free(&rows);
	rxp_buf_free(&d.peer);
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
	if (a != NULL && a->withheld > 0)
		log_event(LOG_EVIDENCE_WITHHELD, LOG_S(r->peer), LOG_N(a->withheld));
	free(r);
}

/* All rows, page after page, so that no more than one of them is in memory. RXP_ERR_BOUND: more than a container may
 * have. RXP_ERR_NOT_FOUND: there is none. */
static int put_all(int file, const struct reading *r)
{
	struct store_evidence_bounds bounds = {
	    .rows = REGISTRY_EVIDENCE_ROWS_MAX, .enough = REGISTRY_EVIDENCE_ENOUGH};
	struct db *db = store_db(r->node->store);
	const struct store_evidence of = evidence_of(r);
	struct rxp_buf rows;
	size_t octets = 0;
	bool more = true;
	int rc = 0;

	rxp_buf_init(&rows, REGISTRY_EVIDENCE_MAX);
	while (rc == 0 && more) {
		uint32_t n = 0;

		rxp_buf_reset(&rows);
		rc = store_evidence_page(db, &rows, &n, &more, &of, &bounds);
		bounds.after += n;
		octets += rows.len;
		if (rc == 0 && (bounds.after > RXP_EVIDENCE_DOCUMENTS_MAX + RXP_EVIDENCE_PAGES_MAX +
						   2 * RXP_EVIDENCE_FORMER_MAX ||
				   octets > IPC_CONTAINER_ROWS_MAX))
			rc = RXP_ERR_BOUND;
		if (rc == 0)
			rc = memfile_put(file, rows.data, rows.len);
	}
	rxp_buf_free(&rows);
	return rc == 0 && octets == 0 ? RXP_ERR_NOT_FOUND : rc;
}

static int submit(struct reading *r, int file)
{
	struct msg_seal_container q = {
	    .created_ms = r->at_ms, .bodies = {.data = r->bodies, .len = r->n_bodies}};
	struct descriptors d;
	int rc = descriptors_read(&d, r);

	if (rc == 0) {
		q.own_descriptor = d.own;
		q.peer_descriptor = bytes_of(&d.peer);
		rc = work_submit(r->node->work, IPC_seal_container, &q, &file, 1, sealed, r);
	}
	rxp_buf_free(&d.peer);
	return rc;
}

static void seal(struct reading *r)
{
	int file = -1, rc = memfile_begin(&file, "evidence");

	if (rc == 0)
		rc = put_all(file, r);
	if (rc == 0)
		rc = memfile_seal(file);
	if (rc == 0)
		rc = submit(r, file);
	if (file >= 0)
		close(file);
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
