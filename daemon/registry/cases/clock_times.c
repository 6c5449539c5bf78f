#include "daemon/registry/cases/clock_times.h"

#include <string.h>

#include "daemon/registry/cases/cases.h"
#include "daemon/registry/store/store_disturbance.h"
#include "daemon/registry/store/store_pending.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/base/err.h"

/* What a walk over rows of the case needs. */
struct gathering {
	struct clock_times *t;
	const struct cases *c;
	enum rxp_case_side own;
};

/* --- receipts ------------------------------------------------------------------------------------ */

/* RXP-CLK-050 */
static int take_pending(void *arg, const struct store_pending *p)
{
	const struct gathering *g = arg;
	int64_t at_ms = p->complete_ms;

	if (p->received_ms < at_ms)
		at_ms = p->received_ms;
	for (size_t i = 0; i < g->c->n; i++)
		if (memcmp(g->c->entries[i].local_id, p->local_id, sizeof p->local_id) == 0)
			g->t->moments[i].attachments_ms = at_ms != 0 ? at_ms : RXP_DUE_NEVER;
	return 0;
}

static void fill_moments(struct clock_times *t, const struct cases *c)
{
	for (size_t i = 0; i < c->n; i++) {
		int64_t received_ms = c->entries[i].received_ms;

		if (received_ms == 0)
			received_ms = c->entries[i].answered_ms; /* RXP-VOI-007 */
		if (received_ms == 0)
			received_ms = c->docs[i].in_doubt ? RXP_DUE_NEVER : t->in.as_of_ms;
		t->moments[i] = (struct rxp_case_moment){.received_ms = received_ms};
	}
}

/* --- what disturbed it --------------------------------------------------------------------------- */

/* RXP-CLK-047: one that has not ended lasts until the time of asking; what it does, the profile says
 * (RXP-NOT-004). */
static int take_outage(void *arg, const struct store_outage *o)
{
	struct clock_times *t = arg;
	struct rxp_due_span span = {.from_ms = o->from_ms, .until_ms = o->until_ms};

	if (o->until_ms > t->in.as_of_ms) {
		span.until_ms = t->in.as_of_ms;
		t->outage_lasts = true;
	}
	t->outages[t->in.n_outages++] = span;
	return 0;
}

/* One that is still to begin takes no place, but time alone will make it count. */
static int gather_outages(struct clock_times *t, struct db *db, const char *peer)
{
	struct store_outage ahead;
	int rc = store_outage_ahead(db, &ahead, peer, t->in.as_of_ms);

	if (rc == 0)
		t->outage_lasts = true;
	return rc != 0 && rc != RXP_ERR_NOT_FOUND
		   ? rc
		   : store_outage_counted(db, peer, t->in.as_of_ms, take_outage, t);
}

static int take_attempts(void *arg, const uint8_t local_id[16], int64_t first_ms, int64_t last_ms)
{
	struct gathering *g = arg;
	size_t *n = &g->t->in.attempts[g->own].n;
	size_t i = 0;

	while (i < g->c->n && (!g->c->entries[i].own ||
				  memcmp(g->c->entries[i].local_id, local_id, RXP_ID_OCTETS) != 0))
		i++;
	if (i == g->c->n)
		return 0; /* refused or discarded: it is no part of the case */
	g->t->attempts[(*n)++] = (struct rxp_case_attempt){.document = i, .at_ms = first_ms};
	if (last_ms != first_ms)
		g->t->attempts[(*n)++] = (struct rxp_case_attempt){.document = i, .at_ms = last_ms};
	return 0;
}

/* --- the whole ----------------------------------------------------------------------------------- */

/* Without a profile no calendar counts. */
static void fill_terms(struct clock_times *t, const struct terms_of_case *of, const struct cases *c)
{
	t->in.profile = of->profile;
	t->calendars = of->calendars;
	t->zone = NULL;
	if (of->profile != NULL)
		t->zone =
		    rxp_profile_calendar(of->profile, c->row.requesting ? c->own : c->row.peer,
			c->row.requesting ? c->row.peer : c->own);
}

int clock_times_gather(struct clock_times *t, struct db *db, const struct cases *c,
    const struct rxp_case *folded, const struct terms *terms, int64_t as_of_ms)
{
	struct gathering g = {
	    .t = t, .c = c, .own = c->row.requesting ? RXP_CASE_REQUESTING : RXP_CASE_REQUESTED};
	struct terms_of_case of = {.profile = NULL};
	int rc = terms_find(&of, terms, &c->row);

	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	t->outage_lasts = false;
	t->in = (struct rxp_case_times){.c = folded,
	    .docs = c->docs,
	    .moments = t->moments,
	    .n = c->n,
	    .calendars = &t->calendars,
	    .outages = t->outages,
	    .as_of_ms = as_of_ms};
	t->in.attempts[g.own].tried = t->attempts;
	fill_terms(t, &of, c);
	fill_moments(t, c);
	rc = store_pending_each(db, c->row.peer, c->row.case_id, take_pending, &g);
	if (rc == 0)
		rc = gather_outages(t, db, c->row.peer);
	return rc != 0 ? rc
		       : store_attempt_each(db, c->row.peer, c->row.case_id, CLOCK_TIMES_DAYS_MAX,
			     take_attempts, &g);
}

int clock_times_fill(struct clock_times *t, struct db *db, const struct cases *c,
    const struct rxp_case *folded, const struct terms *terms, int64_t as_of_ms)
{
	int rc = clock_times_gather(t, db, c, folded, terms, as_of_ms);

	return rc == 0 && t->in.profile == NULL ? RXP_ERR_NOT_FOUND : rc;
}
