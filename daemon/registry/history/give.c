#include "daemon/registry/history/give.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/history/again.h"
#include "daemon/registry/history/copy.h"
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
	struct again again; /* what was given up */
	bool carried; /* for a bundle; the peer was on a line last at: */
	int64_t contact_ms;
	bool settles; /* nothing more is written than in the place of what is given up */
};

struct give {
	const struct history_config *of;
	struct timer *next; /* lets the loop go on between two steps */
	struct store_item item, tidy;
	bool busy, tidying;
	char after[RXP_PARTY_TEXT]; /* the peer of which something is in work just now */
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

enum { GIVE_END, GIVE_NONE, GIVE_PIECE }; /* the last one; one without a document; one with it */

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

/* RXP-HIS-015: who has the first piece gets something under the Number behind it, if nothing is left of the document, too. */
static int take_rest(struct giving *g)
{
	bool may = false;
	int rc = find_rest(g);

	if (rc == 0)
		rc = may_give(&may, g, g->source.case_id, g->source.local_id);
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	g->row.piece = g->row.pieces;
	return may ? GIVE_PIECE : GIVE_NONE;
}

/* What comes next. Of a piece, g->source is to be given, and row says which piece of it. RXP_ERR_FULL: later, since
 * that is enough for one transaction. */
static int find_next(struct giving *g)
{
	bool may;
	int rc;

	if (g->row.piece < g->row.pieces)
		return take_rest(g);
	while ((rc = find_source(g)) == 0) {
		if (g->folded >= REGISTRY_FOLDED_CASES)
			return RXP_ERR_FULL;
		rc = may_give(&may, g, g->source.case_id, g->source.local_id);
		if (rc != 0)
			return rc;
		stand_at(g, g->source.case_id, g->source.position);
		if (may) {
			g->row.piece = 1;
			g->row.pieces = g->envelope_len > REGISTRY_HISTORY_WHOLE_OCTETS ? 2 : 1;
			return GIVE_PIECE;
		}
	}
	return rc == RXP_ERR_NOT_FOUND ? GIVE_END : rc;
}

/* --- the message ---------------------------------------------------------------------------------- */

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
	uint8_t local_id[RXP_ID_OCTETS];
	int rc = check_day(g);

	if (rc == 0)
		rc = find_next(g);

	if (rc < 0)
		return rc;
	memcpy(says.request, g->row.request, sizeof says.request);
	g->row.open = rc != GIVE_END;
	says.last = rc == GIVE_END;
	if (rc == GIVE_PIECE) {
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
	rc = rxp_id_make_v7(local_id, g->now_ms, &g->of->node->random);
	if (rc == 0)
		rc = copy_write(g->db, &g->row, &says, says.pieces != 0 ? g->source.local_id : NULL,
		    local_id, g->now_ms);
	g->made = rc == 0;
	return rc;
}

/* The octets of those that have their end are needed no more. RXP-HIS-008: a final refusal ends the request. */
static int end_copies(struct giving *g)
{
	struct store_copy c;
	enum state state;
	int rc;

	while ((rc = store_copy_end(g->db, &c, &state, g->row.peer)) == 0) {
		if (state == STATE_DELIVERED || state == STATE_DELIVERED_LATE)
			continue;
		if (state == STATE_DISCARDED) {
			rc = again_write(&g->again, g->of, g->db, &g->row, &c, g->now_ms);
			if (rc != 0)
				return rc;
		} else if (memcmp(c.request, g->row.request, sizeof c.request) == 0) {
			g->row.open = false;
			g->row.refused = true;
		}
	}
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

/* RXP_ERR_LATER: what is given no more is in work. */
static int go_on(struct giving *g)
{
	bool may = false;
	int rc = end_copies(g);

	if (rc == 0)
		rc = again_give(&g->again, g->of, g->db, &g->row, g->now_ms);
	if (rc == RXP_ERR_LATER && (g->carried || g->again.written > 0))
		rc = RXP_ERR_NOT_FOUND;
	if (rc != RXP_ERR_NOT_FOUND)
		return rc;
	if (g->settles)
		return 0;
	rc = may_write(&may, g);
	return rc == 0 && may ? write_next(g) : rc;
}

static int step(struct giving *g, const char *peer)
{
	int rc = store_given_get(g->db, &g->row, &g->cases, peer);

	if (rc == 0)
		rc = go_on(g);
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
	int rc = store_given_next(db, peer, by->after, clock_wall_ms());

	begin(&by->now, by->of, db);
	return rc != 0 ? rc : step(&by->now, peer);
}

static void tell(const struct giving *g)
{
	struct peer *peer = g->made ? peers_find(g->of->peers, g->row.peer) : NULL;

	again_tell(&g->again, g->of, g->row.peer);
	if (peer == NULL)
		return;
	peer->met_counts = true; /* RXP-BND-014 */
	peers_count(peer, STATE_NONE, STATE_WAITING);
	pace_kick(g->of->pace);
	if (!g->row.open)
		log_event(LOG_HISTORY_GIVEN, LOG_S(g->row.peer), LOG_N(g->row.documents));
}

static void look(struct give *g);

static void done(void *arg, int result)
{
	struct give *by = arg;

	by->busy = false;
	if (result == RXP_ERR_LATER) { /* the next peer meanwhile */
		memcpy(by->after, by->now.row.peer, sizeof by->after);
		look(by);
	}
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
	bool settles;
	struct giving now;
	give_more_done *heard;
	void *arg;
};

static int more_apply(void *arg, struct db *db)
{
	struct more *m = arg;

	begin(&m->now, m->by->of, db);
	m->now.carried = true;
	m->now.settles = m->settles;
	m->now.contact_ms = m->contact_ms;
	return step(&m->now, m->peer);
}

static void more_done(void *arg, int result)
{
	struct more *m = arg;
	bool done = m->now.made || m->now.again.written > 0 || m->now.again.how != AGAIN_LEFT;

	if (result == 0)
		tell(&m->now);
	if (result == RXP_ERR_LATER || (result == 0 && !done))
		result = RXP_ERR_NOT_FOUND;
	m->heard(m->arg, result);
	free(m);
}

static int write_more(
    struct give *g, const struct peer *peer, bool settles, give_more_done *heard, void *arg)
{
	struct more *m = calloc(1, sizeof *m);

	if (m == NULL)
		return RXP_ERR_NOMEM;
	*m = (struct more){.by = g,
	    .contact_ms = peer->last_contact_ms,
	    .settles = settles,
	    .heard = heard,
	    .arg = arg};
	memcpy(m->peer, peer->party, sizeof m->peer);
	m->item = (struct store_item){.apply = more_apply, .done = more_done, .arg = m};
	store_submit(g->of->node->store, &m->item);
	return 0;
}

int give_more(struct give *g, const struct peer *peer, give_more_done *heard, void *arg)
{
	return write_more(g, peer, false, heard, arg);
}

int give_settle(struct give *g, const struct peer *peer, give_more_done *heard, void *arg)
{
	return write_more(g, peer, true, heard, arg);
}

static void look(struct give *g)
{
	struct db *db = store_db(g->of->node->store);
	char peer[RXP_PARTY_TEXT];

	if (g->busy || store_given_next(db, peer, g->after, clock_wall_ms()) != 0)
		return;
	g->busy = true;
	g->item = (struct store_item){.apply = apply, .done = done, .arg = g};
	store_submit(g->of->node->store, &g->item);
}

void give_round(struct give *g)
{
	if (!g->busy)
		g->after[0] = '\0';
	look(g);
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
