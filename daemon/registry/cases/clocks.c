#include "daemon/registry/cases/clocks.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/clock_rows.h"
#include "daemon/registry/cases/clock_times.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "protocol/base/err.h"

/* What is to be told once a commit says that it was: of one clock of a case, for some of its persons. */
struct telling {
	struct store_clock_case of;
	struct store_clock clock;
	unsigned persons;
};

struct clocks {
	struct node *node;
	const struct terms *terms;
	/* too large for the stack; nothing in them outlives a call */
	struct clock_times times;
	struct clock_rows rows;
	/* the tick */
	struct timer *more;
	bool busy; /* the item waits for its commit */
	struct store_item item;
	struct store_clock_case cases[REGISTRY_LOOKS_MAX];
	int n_cases;
	struct telling tellings[REGISTRY_TELLINGS_MAX];
	size_t n_tellings;
};

/* --- the clocks of a case ------------------------------------------------------------------------ */

static enum rxp_case_side side_of(const struct cases *c)
{
	return c->row.requesting ? RXP_CASE_REQUESTING : RXP_CASE_REQUESTED;
}

/* Into k->rows; none if the profile is not held, or says nothing that can be counted with. */
static int compute(struct clocks *k, struct db *db, const struct cases *c,
    const struct rxp_case *folded, int64_t now_ms)
{
	int rc = clock_times_fill(&k->times, db, c, folded, k->terms, now_ms);

	if (rc == 0)
		rc = clock_rows_compute(&k->rows, &k->times, side_of(c));
	if (rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_BOUND || rc == RXP_ERR_STATE) {
		k->rows.n = 0;
		k->rows.changes_ms = RXP_DUE_NEVER;
		return 0;
	}
	return rc != 0 ? rc : clock_rows_carry(&k->rows, db, c->row.peer, c->row.case_id);
}

int clocks_refresh(
    struct clocks *k, struct db *db, const char *peer, const uint8_t case_id[16], int64_t now_ms)
{
	struct rxp_case *folded = NULL;
	struct cases c = {.n = 0};
	int rc = cases_load(&c, db, k->node->own, peer, case_id);

	if (rc == 0)
		rc = cases_fold(&folded, &c);
	if (rc == 0)
		rc = cases_summarise(&c, folded, db, now_ms);
	if (rc == 0)
		rc = compute(k, db, &c, folded, now_ms);
	if (rc == 0)
		rc = clock_rows_store(&k->rows, db, peer, case_id);
	if (rc == 0)
		rc = store_clock_look(db, peer, case_id, clock_rows_next(&k->rows, now_ms));
	rxp_case_free(folded);
	cases_clear(&c);
	return rc;
}

int clocks_times(const struct clock_times **out, struct clocks *k, struct db *db,
    const struct cases *c, const struct rxp_case *folded, int64_t as_of_ms)
{
	int rc = clock_times_fill(&k->times, db, c, folded, k->terms, as_of_ms);

	if (rc == 0)
		*out = &k->times;
	return rc;
}

int clocks_stale(struct db *db, const char *peer)
{
	return store_clock_look_all(db, peer);
}

/* --- one document -------------------------------------------------------------------------------- */

int clocks_judge(struct clocks *k, struct rxp_case_judgement *out, struct db *db, struct cases *c,
    const struct rxp_case_document *d, int64_t at_ms)
{
	struct rxp_case_judgement j = {.flags = 0};
	struct rxp_case *folded = NULL;
	int rc = cases_with(c, d, at_ms);

	if (rc == 0)
		rc = cases_fold(&folded, c);
	if (rc != 0)
		return rc;
	rc = clock_times_fill(&k->times, db, c, folded, k->terms, at_ms);
	if (rc == 0)
		rc = rxp_case_judge(&j, &k->times.in, c->n - 1);
	rxp_case_free(folded);
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND && rc != RXP_ERR_BOUND && rc != RXP_ERR_STATE)
		return rc;
	*out = j;
	return 0;
}

const char *clocks_bar_words(const char *requirement)
{
	static const struct {
		const char *requirement, *words;
	} rows[] = {
	    {"RXP-APP-024", "the agreement counts nothing from StayKnownSince"},
	    {"RXP-APP-025", "the time for an application has run out"},
	    {"RXP-TRF-001", "the transfer is planned before the notice ends"},
	    {"RXP-TRF-018", "the transfer is planned after the acceptance ends"},
	    {"RXP-TRN-009", "the transit is planned before the notice ends"},
	    {"RXP-TDN-002", "the time for the travel document has not run out"},
	    {"RXP-EXT-001", "the time for the reply has run out"},
	    {"RXP-TKB-009", "the time for this claim has run out"},
	    {"RXP-DEE-008", "silence does not speak now, or not yet"},
	    {"RXP-PRF-011", "silence is no consent for this person"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].requirement, requirement) == 0)
			return rows[i].words;
	return "time does not allow it";
}

/* --- what is told -------------------------------------------------------------------------------- */

static bool is_same(
    const struct telling *t, const struct store_clock_case *of, const struct store_clock *c)
{
	return memcmp(t->of.case_id, of->case_id, sizeof of->case_id) == 0 &&
	       strcmp(t->of.peer, of->peer) == 0 && t->clock.clock == c->clock &&
	       t->clock.due_ms == c->due_ms && t->clock.said == c->said;
}

/* One telling for all persons for whom the same is due. false: there is no room for another one now. */
static bool keep_telling(
    struct clocks *k, const struct store_clock_case *of, const struct store_clock *c)
{
	for (size_t i = 0; i < k->n_tellings; i++)
		if (is_same(&k->tellings[i], of, c)) {
			k->tellings[i].persons++;
			return true;
		}
	if (k->n_tellings == REGISTRY_TELLINGS_MAX)
		return false;
	k->tellings[k->n_tellings++] = (struct telling){.of = *of, .clock = *c, .persons = 1};
	return true;
}

static void tell(const struct telling *t)
{
	const char *clock = rxp_clock_row(t->clock.clock)->word;
	char id[RXP_ID_TEXT];

	rxp_id_text(id, t->of.case_id);
	if (t->clock.said == STORE_CLOCK_WARNED)
		log_event(LOG_CLOCK_NEAR, LOG_S(t->of.peer), LOG_S(id), LOG_S(clock),
		    LOG_S(t->clock.local), LOG_N(t->persons));
	else if (t->clock.own)
		log_event(LOG_CLOCK_PASSED, LOG_S(t->of.peer), LOG_S(id), LOG_S(clock),
		    LOG_S(t->clock.local), LOG_N(t->persons));
	else
		log_event(LOG_CLOCK_PASSED_PEER, LOG_S(t->of.peer), LOG_S(id), LOG_S(clock),
		    LOG_S(t->clock.local), LOG_N(t->persons));
}

/* --- the tick ------------------------------------------------------------------------------------ */

static int look_at(struct clocks *k, struct db *db, const struct store_clock_case *of, int64_t now)
{
	struct rxp_case *folded = NULL;
	struct cases c = {.n = 0};
	int rc = cases_load(&c, db, k->node->own, of->peer, of->case_id);

	if (rc == 0)
		rc = cases_fold(&folded, &c);
	if (rc == 0)
		rc = compute(k, db, &c, folded, now);
	for (size_t i = 0; rc == 0 && i < k->rows.n; i++) {
		struct store_clock told = k->rows.rows[i];

		told.said = clock_rows_to_tell(&told, now);
		if (told.said != k->rows.rows[i].said && keep_telling(k, of, &told))
			k->rows.rows[i].said = told.said;
	}
	if (rc == 0)
		rc = clock_rows_store(&k->rows, db, of->peer, of->case_id);
	if (rc == 0)
		rc = store_clock_looked(db, of, clock_rows_next(&k->rows, now));
	rxp_case_free(folded);
	cases_clear(&c);
	return rc;
}

static int looks_apply(void *arg, struct db *db)
{
	struct clocks *k = arg;
	int64_t now = clock_wall_ms();
	int rc = 0;

	k->n_tellings = 0;
	for (int i = 0; rc == 0 && i < k->n_cases; i++) {
		rc = look_at(k, db, &k->cases[i], now);
		/* What is damaged shows where it is used; here it would be looked at for ever. */
		if (rc == RXP_ERR_STATE || rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_DAMAGED)
			rc = store_clock_looked(db, &k->cases[i], RXP_DUE_NEVER);
	}
	return rc;
}

static void looks_done(void *arg, int result)
{
	struct clocks *k = arg;

	k->busy = false;
	for (size_t i = 0; result == 0 && i < k->n_tellings; i++)
		tell(&k->tellings[i]);
	if (result == 0 && k->n_cases == REGISTRY_LOOKS_MAX)
		timer_arm(k->more, 0); /* there may be more; others come between */
}

void clocks_tick(struct clocks *k)
{
	if (k->busy)
		return;
	k->n_cases = store_clock_looks(
	    store_db(k->node->store), k->cases, REGISTRY_LOOKS_MAX, clock_wall_ms());
	if (k->n_cases <= 0)
		return; /* an error shows elsewhere, and the next tick comes */
	k->busy = true;
	k->item = (struct store_item){.apply = looks_apply, .done = looks_done, .arg = k};
	store_submit(k->node->store, &k->item);
}

static void on_more(void *arg)
{
	clocks_tick(arg);
}

/* --- the module ---------------------------------------------------------------------------------- */

int clocks_new(struct clocks **out, struct node *n, const struct terms *terms)
{
	struct clocks *k = calloc(1, sizeof *k);
	int rc;

	if (k == NULL)
		return RXP_ERR_NOMEM;
	k->node = n;
	k->terms = terms;
	rc = timer_new(&k->more, n->loop, on_more, k);
	if (rc != 0) {
		clocks_free(k);
		return rc;
	}
	*out = k;
	return 0;
}

void clocks_free(struct clocks *k)
{
	if (k == NULL)
		return;
	timer_free(k->more);
	free(k);
}
