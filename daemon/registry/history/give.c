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
	bool carried; /* for a bundle; the peer was on a line last at: */
	int64_t contact_ms;
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

/* Until it is answered. The row of the request stands before it. */
static int note_copy(struct giving *g, const uint8_t local_id[RXP_ID_OCTETS], bool has_source)
{
	struct store_copy c = {.has_source = has_source};

	memcpy(c.peer, g->row.peer, sizeof c.peer);
	memcpy(c.copy, local_id, sizeof c.copy);
	memcpy(c.request, g->row.request, sizeof c.request);
	memcpy(c.case_id, g->row.case_id, sizeof c.case_id);
	if (has_source)
		memcpy(c.source, g->source.local_id, sizeof c.source);
	return store_copy_add(g->db, &c);
}

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
	return rc != 0 ? rc : note_copy(g, m.local_id, says->last == 0);
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
	g->row.open = rc == 1;
	says.last = rc == 0;
	if (rc == 1) {
		memcpy(says.message_id, g->source.message_id, sizeof says.message_id);
		memcpy(
		    says.receipted, g->source.receipted, sizeof says.receipted); /* RXP-HIS-007 */
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

/* The octets of those that are answered are needed no more. RXP-HIS-008: a final refusal ends the request. */
static int end_copies(struct giving *g)
{
	struct store_copy c;
	bool receipted;
	int rc;

	while ((rc = store_copy_end(g->db, &c, &receipted, g->row.peer)) == 0)
		if (!receipted && memcmp(c.request, g->row.request, sizeof c.request) == 0)
			g->row.open = false;
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* On a line one at a time; in a bundle some, as long as no line is there. */
static int may_write(bool *out, struct giving *g)
{
	uint64_t n = 0;
	int64_t since_ms = 0;
	int rc = g->row.open && g->row.not_before_ms <= g->now_ms
		     ? store_copy_out(g->db, &n, &since_ms, &g->row)
		     : RXP_ERR_NOT_FOUND;

	*out =
	    rc == 0 &&
	    (n == 0 || (g->carried && n < REGISTRY_HISTORY_BUNDLE_MAX && g->contact_ms < since_ms));
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
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

static int step(struct giving *g, const char *peer)
{
	bool may = false;
	int rc = store_given_get(g->db, &g->row, &g->cases, peer);

	if (rc == 0)
		rc = end_copies(g);
	if (rc == 0)
		rc = may_write(&may, g);
	if (rc == 0 && may)
		rc = write_next(g);
	if (rc == 0 || rc == RXP_ERR_FULL)
		rc = store_given_put(
		    g->db, &g->row, (struct bytes){.data = g->cases.data, .len = g->cases.len});
	clear(g);
	return rc;
}

static int apply(void *arg, struct db *db)
{
	struct give *by = arg;
	char peer[RXP_PARTY_TEXT];
	int rc = store_given_next(db, peer, clock_wall_ms());

	begin(&by->now, by->of, db);
	return rc != 0 ? rc : step(&by->now, peer);
}

static void tell(const struct giving *g)
{
	if (!g->made)
		return;
	peers_count(peers_find(g->of->peers, g->row.peer), STATE_NONE, STATE_WAITING);
	pace_kick(g->of->pace);
	if (!g->row.open)
		log_event(LOG_HISTORY_GIVEN, LOG_S(g->row.peer), LOG_N(g->row.documents));
}

static void done(void *arg, int result)
{
	struct give *by = arg;

	by->busy = false;
	if (result != 0)
		return; /* nothing is to be given, or the next tick looks again */
	tell(&by->now);
	timer_arm(by->next, REGISTRY_HISTORY_PAUSE_MS);
}

/* --- for a bundle --------------------------------------------------------------------------------- */

struct more {
	struct store_item item;
	struct give *by;
	char peer[RXP_PARTY_TEXT];
	int64_t contact_ms;
	struct giving now;
	give_more_done *heard;
	void *arg;
};

static int more_apply(void *arg, struct db *db)
{
	struct more *m = arg;

	begin(&m->now, m->by->of, db);
	m->now.carried = true;
	m->now.contact_ms = m->contact_ms;
	return step(&m->now, m->peer);
}

static void more_done(void *arg, int result)
{
	struct more *m = arg;

	if (result == 0)
		tell(&m->now);
	m->heard(m->arg, result == 0 && !m->now.made ? RXP_ERR_NOT_FOUND : result);
	free(m);
}

int give_more(struct give *g, const struct peer *peer, give_more_done *heard, void *arg)
{
	struct more *m = calloc(1, sizeof *m);

	if (m == NULL)
		return RXP_ERR_NOMEM;
	*m =
	    (struct more){.by = g, .contact_ms = peer->last_contact_ms, .heard = heard, .arg = arg};
	memcpy(m->peer, peer->party, sizeof m->peer);
	m->item = (struct store_item){.apply = more_apply, .done = more_done, .arg = m};
	store_submit(g->of->node->store, &m->item);
	return 0;
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

static int look_at(struct db *db, const struct history_config *of, const struct store_copy *c)
{
	struct giving g;
	bool may;
	int rc;

	begin(&g, of, db);
	memcpy(g.row.peer, c->peer, sizeof g.row.peer);
	rc = may_give(&may, &g, c->case_id, c->source);
	if (rc == 0 && !may)
		rc = store_copy_forget(db, c->copy);
	clear(&g);
	return rc;
}

static int tidy_apply(void *arg, struct db *db)
{
	struct give *by = arg;
	struct store_copy c = {.has_source = false};
	int rc;

	while ((rc = store_copy_under_way(db, &c, c.copy)) == 0)
		if ((rc = look_at(db, by->of, &c)) != 0)
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
	struct store_copy c = {.has_source = false};

	if (g->tidying || store_copy_under_way(store_db(g->of->node->store), &c, c.copy) != 0)
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
