#include "daemon/registry/retention/replay.h"

#include <string.h>

#include "daemon/registry/node.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_retention.h"
#include "protocol/base/err.h"

static int erase(struct erased *e, struct db *db, const struct store_retained *row,
    const char *peer, const struct erasure *of, int64_t now_ms)
{
	const struct erase_order order = {
	    .peer = peer, .why = "restored", .now_ms = now_ms, .erased_ms = of->at_ms};
	struct plan_document d = {.own = row->own,
	    .state = row->state,
	    .content = row->held ? PLAN_HELD : PLAN_NONE,
	    .answered_ms = row->answered_ms,
	    .erased_ms = row->erased_ms};

	memcpy(d.local_id, row->local_id, sizeof d.local_id);
	if (!row->held || row->erased_ms != 0)
		return 0;
	return of->attachment == 0 ? erase_again(e, db, &d, &order)
				   : erase_attachment_again(e, db, &d, of->attachment);
}

int replay_one(
    struct erased *e, char peer[4], struct db *db, const struct erasure *of, int64_t now_ms)
{
	struct store_retained row;
	uint8_t case_id[16];
	int rc = store_retained_one(db, &row, peer, case_id, of->local_id);

	if (rc == RXP_ERR_NOT_FOUND) { /* the copy is older than the document */
		peer[0] = '\0';
		return of->named ? store_erasure_await(db, of->n) : store_erasure_done(db, of->n);
	}
	/* What may still have to be sent is not erased (RXP-RET-004), and shown to nobody meanwhile: of an attachment alone, that it is
	 * owed says so to who reads it. */
	if (rc == 0 && row.held && row.answered_ms == 0)
		return row.blocked_ms != 0 || of->attachment != 0
			   ? 0
			   : store_retention_block(db, of->local_id, of->at_ms);
	if (rc == 0)
		rc = erase(e, db, &row, peer, of, now_ms);
	if (rc == 0)
		rc = store_retention_look(db, peer, case_id, now_ms);
	return rc != 0 ? rc : store_erasure_done(db, of->n);
}

int replay_back(struct erased *e, struct db *db, const struct node *n,
    const struct erasure_document *d, const uint8_t local_id[16], int64_t now_ms)
{
	struct erasure of = {.n = 0};
	char peer[4];
	int rc;

	while ((rc = store_erasure_awaited(db, &of, d, of.n)) == 0) {
		if (!node_may_destroy(n))
			return RXP_ERR_MISMATCH;
		memcpy(of.local_id, local_id, sizeof of.local_id);
		rc = store_erasure_here(db, of.n, local_id);
		if (rc == 0)
			rc = replay_one(e, peer, db, &of, now_ms);
		if (rc != 0)
			return rc;
	}
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

int replay_find(struct db *db, struct erasure_document *out, uint8_t local_id[16])
{
	struct erasure of;
	int rc;

	while ((rc = store_erasure_document_next(db, out, local_id)) == 0) {
		rc = store_erasure_awaited(db, &of, out, 0);
		if (rc != RXP_ERR_NOT_FOUND)
			return rc;
	}
	return rc;
}
