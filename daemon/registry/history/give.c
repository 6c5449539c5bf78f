#include "daemon/registry/history/give.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/retention/plan.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_history.h"
#include "protocol/base/buf.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define CASES_MAX 4096 /* octets of the ids that one request may name */
#define STORED_MAX \
	(RXP_MAX_ENVELOPE_OCTETS + 1024UL) /* octets of an envelope and its wrapped key */

/* One look at one request, inside its transaction. */
struct giving {
	const struct history_config *of;
	struct db *db;
	int64_t now_ms;
	struct store_given row;
	struct rxp_buf cases; /* ids that it names */
	unsigned folded; /* cases looked at */
	bool has_plan;
	struct plan plan; /* of the case looked at last */
	struct store_source source;
	struct rxp_buf octets; /* of the source: its envelope, and behind it the wrapped key */
	size_t envelope_len;
	bool made; /* a message was written */
};

struct give {
	const struct history_config *of;
	struct timer *next; /* lets the loop go on between two steps */
	struct store_item item, tidy;
	bool busy, tidying;
	struct giving now;
};

/* --- may it be given? ----------------------------------------------------------------------------- */

static int plan_case(struct giving *g, const uint8_t case_id[RXP_ID_OCTETS])
{
	struct store_case row;
	int rc;

	if (g->has_plan && memcmp(g->plan.row.case_id, case_id, RXP_ID_OCTETS) == 0)
		return 0;
	if (g->has_plan)
		plan_clear(&g->plan);
	g->has_plan = false;
	g->folded++;
	rc = store_case_get(g->db, &row, g->row.peer, case_id);
	if (rc == 0)
		rc = plan_make(&g->plan, g->of->node, g->of->terms, g->db, &row, g->now_ms);
	g->has_plan = rc == 0;
	return rc;
}

/* RXP-HIS-009. Of a case that is damaged nothing is given. */
static int may_give(bool *out, struct giving *g, const uint8_t case_id[RXP_ID_OCTETS],
    const uint8_t local_id[RXP_ID_OCTETS])
{
	int rc = plan_case(g, case_id);

	*out = false;
	if (rc == RXP_ERR_STATE || rc == RXP_ERR_DAMAGED || rc == RXP_ERR_NOT_FOUND)
		return 0;
	for (size_t i = 0; rc == 0 && i < g->plan.n; i++) {
		const struct plan_document *d = &g->plan.documents[i];

		if (!d->own && memcmp(d->local_id, local_id, sizeof d->local_id) == 0)
			*out = d->content == PLAN_HELD && d->hidden == 0;
	}
	return rc;
}

/* --- what comes next ------------------------------------------------------------------------------ */

/* The first of the ids named that is not before this one; NULL: none, or all are asked for. */
static const uint8_t *named_from(const struct giving *g, const uint8_t case_id[RXP_ID_OCTETS])
{
	for (size_t at = 0; at < g->cases.len; at += RXP_ID_OCTETS)
		if (memcmp(g->cases.data + at, case_id, RXP_ID_OCTETS) >= 0)
			return g->cases.data + at;
	return NULL;
}

static void stand_at(struct giving *g, const uint8_t case_id[RXP_ID_OCTETS], uint64_t position)
{
	memcpy(g->row.case_id, case_id, sizeof g->row.case_id);
	g->row.position = position;
	g->row.piece = g->row.pieces = 0;
}

/* The peer's document behind the place where we are, of a case that it asked for. RXP_ERR_NOT_FOUND. */
static int find_source(struct giving *g)
{
	const uint8_t *named;

	for (;;) {
		int rc;

		rxp_buf_reset(&g->octets);
		rc = store_source_after(g->db, &g->source, &g->octets, &g->envelope_len,
		    g->row.peer, g->row.case_id, g->row.position);
		if (rc != 0 || g->row.all)
			return rc;
		named = named_from(g, g->source.case_id);
		if (named == NULL)
			return RXP_ERR_NOT_FOUND;
		if (memcmp(named, g->source.case_id, RXP_ID_OCTETS) == 0)
			return 0;
		stand_at(g, named, 0);
	}
}

/* The second piece of the document that was given last. */
static int find_rest(struct giving *g)
{
	rxp_buf_reset(&g->octets);
	return store_source_after(g->db, &g->source, &g->octets, &g->envelope_len, g->row.peer,
	    g->row.case_id, g->row.position - 1);
}

/* 1: g->source is to be given, and row says which piece of it; 0: that was all; RXP_ERR_FULL: later, since that is
 * enough for one transaction. */
static int find_next(struct giving *g)
{
	bool rest = g->row.piece < g->row.pieces, may;
	int rc;

	while ((rc = rest ? find_rest(g) : find_source(g)) == 0) {
		if (g->folded >= REGISTRY_FOLDED_CASES)
			return RXP_ERR_FULL;
		rc = may_give(&may, g, g->source.case_id, g->source.local_id);
		if (rc != 0)
			return rc;
		if (may && rest) {
			g->row.piece++;
			return 1;
		}
		stand_at(g, g->source.case_id, g->source.position);
		rest = false;
		if (may) {
			g->row.piece = 1;
			g->row.pieces = g->envelope_len > REGISTRY_HISTORY_WHOLE_OCTETS ? 2 : 1;
			return 1;
		}
	}
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* --- the message ---------------------------------------------------------------------------------- */

/* Its draft is the copy to be closed; facts that outlive it there are none. */
static int write_copy(struct giving *g, const struct rec_node_history_copy *says)
{
	const struct rxp_type_row *type = rxp_type_row(RXP_TYPE_HISTORY_COPY);
	struct store_outbox m = {.state = STATE_WAITING};
	struct store_draft d = {.key = NULL};
	struct rxp_buf draft;
	int rc = rxp_id_make_v7(m.local_id, g->now_ms, &g->of->node->random);

	if (rc != 0)
		return rc;
	memcpy(m.peer, g->row.peer, sizeof m.peer);
	snprintf(m.type, sizeof m.type, "%s", type->wire);
	snprintf(m.from_office, sizeof m.from_office, "%s", type->asking_office);
	snprintf(m.to_office, sizeof m.to_office, "%s", type->asked_office);
	rxp_buf_init(&draft, IPC_MESSAGE_MAX);
	rc = record_list_put(&draft, REC_node_history_copy, &record_node_history_copy, says);
	d.draft = (struct bytes){.data = draft.data, .len = draft.len};
	if (rc == 0)
		rc = store_outbox_add(g->db, &m, &d, g->now_ms);
	rxp_buf_free(&draft);
	g->made = rc == 0;
	memcpy(g->row.copy, m.local_id, sizeof g->row.copy);
	return rc;
}

/* RXP-HIS-010. RXP_ERR_FULL: none before tomorrow. */
static int check_day(struct giving *g)
{
	int64_t day = g->now_ms / RXP_DAY_MS;

	if (g->row.copy_day != day)
		g->row.copies = 0;
	g->row.copy_day = day;
	if (g->row.copies < REGISTRY_HISTORY_COPIES_DAY)
		return 0;
	g->row.not_before_ms = (day + 1) * RXP_DAY_MS;
	return RXP_ERR_FULL;
}

static int write_next(struct giving *g)
{
	struct rec_node_history_copy says = {.number = g->row.number + 1};
	int rc = check_day(g);

	if (rc == 0)
		rc = find_next(g);

	if (rc < 0)
		return rc;
	memcpy(says.request, g->row.request, sizeof says.request);
	g->row.has_source = g->row.has_copy = g->row.open = rc == 1;
	says.last = rc == 0;
	if (rc == 1) {
		memcpy(says.message_id, g->source.message_id, sizeof says.message_id);
		memcpy(
		    says.receipted, g->source.receipted, sizeof says.receipted); /* RXP-HIS-007 */
		memcpy(g->row.source, g->source.local_id, sizeof g->row.source);
		says.piece = g->row.piece;
		says.pieces = g->row.pieces;
		says.octets = (struct bytes){.data = g->octets.data, .len = g->envelope_len};
		says.wrapped_key = (struct bytes){.data = g->octets.data + g->envelope_len,
		    .len = g->octets.len - g->envelope_len};
		g->row.documents += says.piece == 1;
	}
	g->row.number = says.number;
	g->row.copies++;
	return write_copy(g, &says);
}

/* Its octets are needed no more. *on: its answer was a receipt. */
static int end_copy(bool *on, struct giving *g)
{
	struct store_outbox m;
	int rc = store_outbox_get(g->db, &m, NULL, g->row.copy);

	if (rc == 0)
		rc = store_copy_forget(g->db, g->row.copy);
	*on = rc == 0 && (m.state == STATE_DELIVERED || m.state == STATE_DELIVERED_LATE);
	g->row.has_source = g->row.has_copy = false;
	return rc;
}

/* --- one step ------------------------------------------------------------------------------------- */

static void begin(struct giving *g, const struct history_config *of, struct db *db)
{
	*g = (struct giving){.of = of, .db = db, .now_ms = clock_wall_ms()};
	rxp_buf_init(&g->cases, CASES_MAX);
	rxp_buf_init(&g->octets, STORED_MAX);
}

static void clear(struct giving *g)
{
	if (g->has_plan)
		plan_clear(&g->plan);
	g->has_plan = false;
	rxp_buf_free(&g->cases);
	rxp_buf_free(&g->octets);
}

/* RXP-HIS-008: a final refusal ends it. */
static int apply(void *arg, struct db *db)
{
	struct give *by = arg;
	struct giving *g = &by->now;
	char peer[RXP_PARTY_TEXT];
	bool on = true;
	int rc = store_given_next(db, peer, clock_wall_ms());

	begin(g, by->of, db);
	if (rc == 0)
		rc = store_given_get(db, &g->row, &g->cases, peer);
	if (rc == 0 && g->row.has_copy)
		rc = end_copy(&on, g);
	g->row.open = g->row.open && on;
	if (rc == 0 && on)
		rc = write_next(g);
	if (rc == 0 || rc == RXP_ERR_FULL)
		rc = store_given_put(
		    db, &g->row, (struct bytes){.data = g->cases.data, .len = g->cases.len});
	clear(g);
	return rc;
}

static void done(void *arg, int result)
{
	struct give *by = arg;
	const struct store_given *row = &by->now.row;

	by->busy = false;
	if (result != 0)
		return; /* nothing is to be given, or the next tick looks again */
	if (by->now.made) {
		peers_count(peers_find(by->of->peers, row->peer), STATE_NONE, STATE_WAITING);
		pace_kick(by->of->pace);
	}
	if (by->now.made && !row->open)
		log_event(LOG_HISTORY_GIVEN, LOG_S(row->peer), LOG_N(row->documents));
	timer_arm(by->next, REGISTRY_HISTORY_PAUSE_MS);
}

void give_round(struct give *g)
{
	char peer[RXP_PARTY_TEXT];

	if (g->busy || store_given_next(store_db(g->of->node->store), peer, clock_wall_ms()) != 0)
		return;
	g->busy = true;
	g->item = (struct store_item){.apply = apply, .done = done, .arg = g};
	store_submit(g->of->node->store, &g->item);
}

static void on_next(void *arg)
{
	give_round(arg);
}

/* --- what may be given no more -------------------------------------------------------------------- */

static int look_at(struct db *db, const struct history_config *of, const char *peer)
{
	struct giving g;
	bool may;
	int rc;

	begin(&g, of, db);
	rc = store_given_get(db, &g.row, &g.cases, peer);
	if (rc == 0)
		rc = may_give(&may, &g, g.row.case_id, g.row.source);
	if (rc == 0 && !may)
		rc = store_copy_forget(db, g.row.copy);
	clear(&g);
	return rc;
}

static int tidy_apply(void *arg, struct db *db)
{
	struct give *by = arg;
	char peer[RXP_PARTY_TEXT] = "";
	int rc;

	while ((rc = store_given_under_way(db, peer, peer)) == 0)
		if ((rc = look_at(db, by->of, peer)) != 0)
			return rc;
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

static void tidy_done(void *arg, int result)
{
	struct give *by = arg;

	(void)result; /* the next tick looks again */
	by->tidying = false;
}

void give_tick(struct give *g)
{
	char peer[RXP_PARTY_TEXT];

	if (g->tidying || store_given_under_way(store_db(g->of->node->store), peer, "") != 0)
		return;
	g->tidying = true;
	g->tidy = (struct store_item){.apply = tidy_apply, .done = tidy_done, .arg = g};
	store_submit(g->of->node->store, &g->tidy);
}

/* --- the module ----------------------------------------------------------------------------------- */

int give_new(struct give **out, const struct history_config *config)
{
	struct give *g = calloc(1, sizeof *g);
	int rc;

	if (g == NULL)
		return RXP_ERR_NOMEM;
	g->of = config;
	rc = timer_new(&g->next, config->node->loop, on_next, g);
	if (rc != 0) {
		give_free(g);
		return rc;
	}
	*out = g;
	return 0;
}

void give_free(struct give *g)
{
	if (g == NULL)
		return;
	timer_free(g->next);
	free(g);
}
