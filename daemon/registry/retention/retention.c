#include "daemon/registry/retention/retention.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/retention/erase.h"
#include "daemon/registry/retention/plan.h"
#include "daemon/registry/retention/replay.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_halt.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_retention.h"
#include "daemon/registry/store/store_tray.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define DAY_MS 86400000LL

struct retention {
	struct retention_config of;
	struct timer *next; /* lets the loop go on between two cases */
	bool busy; /* the item waits for its commit */
	bool confirmed; /* a message to the peer says so */
	uint64_t dropped; /* documents that waited for their place in the case */
	bool worked; /* the last tick found something to do */
	struct store_item item;
	char peer[RXP_PARTY_TEXT]; /* the case in work */
	uint8_t case_id[16];
	int64_t now_ms;
	struct erased erased;
	struct erasure owed; /* in work, or the last one of this pass */
	int64_t owed_ms; /* monotonic: no pass before */
	int search; /* for documents that wait to be erased, among those that are here; RXP_ERR_NOT_FOUND: over */
	struct erasure_document found; /* one of them … */
	uint8_t found_id[16]; /* … and up to where was searched */
};

/* --- one case, inside the transaction --------------------------------------------------------------- */

static int erase_due(struct retention *r, struct db *db, struct plan *p)
{
	const struct erase_order order = {
	    .peer = r->peer, .why = "retention", .now_ms = r->now_ms, .erased_ms = r->now_ms};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		struct plan_document *d = &p->documents[i];

		if (p->row.legal_hold_ms != 0 || !plan_is_due(d, r->now_ms))
			continue;
		rc = erase_document(&r->erased, db, d, &order);
		if (rc == 0) {
			d->content = PLAN_ERASED;
			d->erased_ms = r->now_ms;
		}
	}
	return rc;
}

static int64_t erased_ms(const struct plan *p)
{
	int64_t last_ms = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->documents[i].erased_ms > last_ms)
			last_ms = p->documents[i].erased_ms;
	return last_ms;
}

/* The other State is told, once (RXP-NOT-014): also if that is lost and is said again, of the same day. */
static int confirm(struct retention *r, struct db *db, const struct plan *p)
{
	const struct peer *peer = peers_find(r->of.peers, r->peer);
	struct rec_node_erased says = {.case_id = {0}};
	uint8_t local_id[RXP_ID_OCTETS];
	char day[RXP_DAY_TEXT];
	int rc;

	if (peer == NULL || !peer->active)
		return 0;
	rxp_day_text(day, (int32_t)(erased_ms(p) / DAY_MS));
	snprintf(says.day, sizeof says.day, "%s", day);
	memcpy(says.case_id, r->case_id, sizeof says.case_id);
	rc = rxp_id_make_v7(local_id, r->now_ms, &r->of.node->random);
	if (rc == 0)
		rc = store_outbox_say(
		    db, local_id, r->peer, RXP_TYPE_NODE_NOTICE, REC_node_erased, &says, r->now_ms);
	r->confirmed = rc == 0;
	return rc;
}

/* Nothing is left but what proves its documents: why persons of it were held does not stay either. */
static int end_case(struct retention *r, struct db *db, const struct plan *p)
{
	int rc = store_hold_forget(db, r->peer, r->case_id);

	if (rc == 0 && strcmp(p->row.state, CASES_ERASED) != 0)
		rc = confirm(r, db, p);
	return rc != 0 ? rc : store_case_name_state(db, r->peer, r->case_id, CASES_ERASED);
}

/* Is something of what was lost on its way back? At the start it is known by the mark alone. */
static int comes_back(bool *out, struct db *db, const char *peer)
{
	struct store_recovery row = {.stage = RECOVERY_OVER};
	int64_t at_ms;
	int rc = store_put_back_get(db, &at_ms);

	*out = rc == 0;
	if (rc == RXP_ERR_NOT_FOUND) {
		rc = store_recovery_get(db, &row, peer);
		*out = rc == 0 && recovery_holds(row.stage);
	}
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* What waits for its place in the case (RXP-RET-021): as long as something lost is on its way back it may find it. */
static int end_unless_awaited(struct retention *r, struct db *db, const struct plan *p)
{
	uint64_t waiting = 0;
	bool back = false;
	int rc = store_tray_of_case(db, &waiting, r->peer, r->case_id);

	if (rc == 0 && waiting > 0)
		rc = comes_back(&back, db, r->peer);
	if (rc == 0 && back)
		return store_retention_look(
		    db, r->peer, r->case_id, r->now_ms + REGISTRY_RETENTION_MS);
	if (rc == 0 && waiting > 0)
		rc = store_tray_drop_case(db, r->peer, r->case_id);
	if (rc == 0)
		rc = end_case(r, db, p);
	r->dropped = rc == 0 ? waiting : 0;
	return rc;
}

static int look(struct retention *r, struct db *db, const struct store_case *row)
{
	struct plan p = {.n = 0};
	int rc = plan_make(&p, r->of.node, r->of.terms, db, row, r->now_ms);

	/* One that is damaged is left alone for a day: that shows elsewhere. */
	if (rc == RXP_ERR_STATE || rc == RXP_ERR_DAMAGED)
		return store_retention_look(
		    db, r->peer, r->case_id, r->now_ms + REGISTRY_RETENTION_MS);
	if (rc == 0)
		rc = erase_due(r, db, &p);
	if (rc == 0)
		rc = store_retention_look(db, r->peer, r->case_id, plan_look_ms(&p, r->now_ms));
	if (rc == 0 && plan_is_erased(&p))
		rc = end_unless_awaited(r, db, &p);
	plan_clear(&p);
	return rc;
}

static int apply(void *arg, struct db *db)
{
	struct retention *r = arg;
	struct store_case row;
	int rc = store_case_get(db, &row, r->peer, r->case_id);

	return rc != 0 ? rc : look(r, db, &row);
}

static void done(void *arg, int result)
{
	struct retention *r = arg;

	r->busy = false;
	r->worked = result == 0;
	if (result == 0 && r->dropped > 0)
		log_event(LOG_PLACE_NONE, LOG_S(r->peer), LOG_N(r->dropped), LOG_S("erased"));
	if (result == 0 && (r->erased.documents > 0 || r->erased.n_files > 0 || r->dropped > 0))
		erase_end(&r->erased, r->of.node, r->of.peers, r->peer);
	r->dropped = 0;
	erase_clear(&r->erased);
	if (result == 0 && r->confirmed)
		peers_count(peers_find(r->of.peers, r->peer), STATE_NONE, STATE_WAITING);
	r->confirmed = false;
	if (result == 0)
		timer_arm(r->next, REGISTRY_RETENTION_PAUSE_MS);
}

/* --- keys of idempotency, and the digests with them (RXP-RET-011) ------------------------------------ */

static int keys_apply(void *arg, struct db *db)
{
	const struct retention *r = arg;

	return store_retention_forget_keys(
	    db, r->now_ms - REGISTRY_IDEMPOTENCY_MS, REGISTRY_FORGET_KEYS_MAX);
}

static void keys_done(void *arg, int result)
{
	struct retention *r = arg;

	r->busy = false;
	if (result != 0)
		return;
	/* If not now, then with its next turn, or at the next start. */
	(void)db_checkpoint(store_db(r->of.node->store));
	timer_arm(r->next, REGISTRY_RETENTION_PAUSE_MS);
}

/* --- erasures that are owed (RXP-RET-018) ------------------------------------------------------------- */

static int owed_apply(void *arg, struct db *db)
{
	struct retention *r = arg;

	return replay_one(&r->erased, r->peer, db, &r->owed, r->now_ms);
}

static bool find_owed(struct retention *r)
{
	struct db *db = store_db(r->of.node->store);

	if (clock_mono_ms() < r->owed_ms)
		return false;
	if (store_erasure_owed(db, &r->owed, r->owed.n) == 0)
		return true;
	r->owed.n = 0;
	r->owed_ms = clock_mono_ms() + REGISTRY_OWED_MS;
	return false;
}

/* Of data that were put back: documents that have another local id here than when they were erased (RXP-RET-020). */

static int found_apply(void *arg, struct db *db)
{
	struct retention *r = arg;

	memcpy(r->peer, r->found.peer, sizeof r->peer);
	return replay_back(&r->erased, db, r->of.node, &r->found, r->found_id, r->now_ms);
}

static bool find_here(struct retention *r)
{
	if (r->search == 0)
		r->search = replay_find(store_db(r->of.node->store), &r->found, r->found_id);
	return r->search == 0;
}

/* --- what is next ------------------------------------------------------------------------------------ */

static void begin(struct retention *r, store_apply *apply_it, store_done *done_it)
{
	r->busy = r->worked = true;
	r->item = (struct store_item){.apply = apply_it, .done = done_it, .arg = r};
	store_submit(r->of.node->store, &r->item);
}

void retention_tick(struct retention *r)
{
	struct db *db = store_db(r->of.node->store);

	if (r->busy)
		return;
	r->worked = false;
	if (!node_may_destroy(r->of.node))
		return;
	r->now_ms = clock_wall_ms();
	if (find_owed(r)) {
		begin(r, owed_apply, done);
		return;
	}
	if (find_here(r)) {
		begin(r, found_apply, done);
		return;
	}
	if (store_retention_keyed(db, r->now_ms - REGISTRY_IDEMPOTENCY_MS) == 0) {
		begin(r, keys_apply, keys_done);
		return;
	}
	if (store_retention_due(db, r->peer, r->case_id, r->now_ms) != 0)
		return; /* an error shows elsewhere, and the next look comes */
	begin(r, apply, done);
}

static void on_next(void *arg)
{
	retention_tick(arg);
}

/* Of data that were put back: everything that is owed, then everything that is due, before anybody is served. */
static int catch_up(struct retention *r)
{
	struct node *n = r->of.node;
	int64_t at_ms;

	if (store_erasure_owed(store_db(n->store), &r->owed, 0) != 0 &&
	    store_put_back_get(store_db(n->store), &at_ms) != 0)
		return 0;
	r->owed.n = 0;
	r->search = 0;
	do {
		retention_tick(r);
		store_round(n->store);
	} while (r->worked && !store_failing(n->store));
	if (store_failing(n->store))
		return RXP_ERR_IO;
	return r->search == RXP_ERR_NOT_FOUND ? 0 : r->search;
}

/* --- the module ------------------------------------------------------------------------------------- */

int retention_new(struct retention **out, const struct retention_config *config)
{
	struct retention *r = calloc(1, sizeof *r);
	int rc;

	if (r == NULL)
		return RXP_ERR_NOMEM;
	rc = db_checkpoint(store_db(config->node->store));
	if (rc == 0)
		rc = timer_new(&r->next, config->node->loop, on_next, r);
	if (rc != 0) {
		free(r);
		return rc;
	}
	r->of = *config;
	r->search = RXP_ERR_NOT_FOUND;
	rc = catch_up(r);
	if (rc != 0) {
		retention_free(r);
		return rc;
	}
	*out = r;
	return 0;
}

void retention_free(struct retention *r)
{
	if (r == NULL)
		return;
	timer_free(r->next);
	erase_clear(&r->erased);
	free(r);
}
