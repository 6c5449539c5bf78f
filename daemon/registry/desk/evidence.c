#include "daemon/registry/desk/evidence.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_evidence.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_list.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/ident.h"
#include "protocol/limits.h"

/* A request on its way to the journal. */
struct reading {
	struct store_item item;
	struct node *node;
	const struct keys *keys;
	uint64_t request;
	struct msg_evidence_get q;
	bool of_case;
	char peer[RXP_PARTY_TEXT];
	int64_t at_ms;
};

static void refuse(struct node *n, uint64_t request, int result)
{
	struct msg_evidence_got m = {.result = (uint32_t)result};

	link_answer(n->desk, IPC_evidence_got, request, &m, NULL, 0);
}

/* Whose case or message is it? */
static int find_peer(struct reading *r, struct db *db)
{
	struct rec_message_row row;
	struct store_case stored;
	int rc;

	if (r->of_case) {
		rc = store_case_first(db, &stored, r->q.case_id);
		if (rc == 0)
			memcpy(r->peer, stored.peer, sizeof r->peer);
		return rc;
	}
	rc = store_list_message(db, &row, NULL, NULL, r->q.local_id);
	if (rc == 0)
		memcpy(r->peer, row.peer, sizeof r->peer);
	return rc;
}

static int journal_apply(void *arg, struct db *db)
{
	struct reading *r = arg;
	int rc = find_peer(r, db);

	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = r->at_ms,
					       .user = r->q.user,
					       .action = JOURNAL_EVIDENCE_READ,
					       .reason = r->q.reason,
					       .peer = r->peer,
					       .case_id = r->of_case ? r->q.case_id : NULL,
					       .local_id = r->of_case ? NULL : r->q.local_id});
}

static void answer(struct reading *r)
{
	struct db *db = store_db(r->node->store);
	const struct store_evidence of = {.own = r->node->own,
	    .peer = r->peer,
	    .case_id = r->of_case ? r->q.case_id : NULL,
	    .local_id = r->q.local_id};
	const struct store_evidence_bounds bounds = {.after = r->q.after,
	    .rows = REGISTRY_EVIDENCE_ROWS_MAX,
	    .enough = REGISTRY_EVIDENCE_ENOUGH};
	struct rxp_buf rows, descriptor;
	uint8_t root[RXP_DIGEST_OCTETS];
	struct msg_evidence_got m = {.own_descriptor = keys_descriptor(r->keys, root)};
	bool more = false;
	int rc;

	rxp_buf_init(&rows, REGISTRY_EVIDENCE_MAX);
	rxp_buf_init(&descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = store_evidence_page(db, &rows, &more, &of, &bounds);
	if (rc == 0)
		rc = store_peer_descriptor(db, &descriptor, r->peer);
	if (rc == 0 && m.own_descriptor.len == 0)
		rc = RXP_ERR_NOT_FOUND;
	m.result = (uint32_t)rc;
	if (rc == 0) {
		m.more = more;
		m.rows = (struct bytes){.data = rows.data, .len = rows.len};
		m.peer_descriptor = (struct bytes){.data = descriptor.data, .len = descriptor.len};
	}
	link_answer(r->node->desk, IPC_evidence_got, r->request, &m, NULL, 0);
	rxp_buf_free(&rows);
	rxp_buf_free(&descriptor);
}

static void journal_done(void *arg, int result)
{
	struct reading *r = arg;

	if (result == 0)
		answer(r);
	else
		refuse(r->node, r->request, result);
	free(r);
}

static bool is_zero(const uint8_t *octets, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= octets[i];
	return any == 0;
}

void evidence_get(
    struct node *n, const struct keys *keys, uint64_t request, const struct msg_evidence_get *q)
{
	struct reading *r = calloc(1, sizeof *r);

	if (r == NULL || !journal_reason_is(q->reason)) {
		refuse(n, request, r == NULL ? RXP_ERR_NOMEM : RXP_ERR_SYNTAX);
		free(r);
		return;
	}
	*r = (struct reading){.node = n,
	    .keys = keys,
	    .request = request,
	    .q = *q,
	    .of_case = !is_zero(q->case_id, sizeof q->case_id),
	    .at_ms = clock_wall_ms()};
	r->item = (struct store_item){.apply = journal_apply, .done = journal_done, .arg = r};
	store_submit(n->store, &r->item);
}
