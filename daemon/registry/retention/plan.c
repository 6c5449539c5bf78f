#include "daemon/registry/retention/plan.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/registry/cases/case_facts.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/clock_times.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store_retention.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define DOCUMENTS_STEP 16

static const char *const words[] = {
    [PLAN_NONE] = "none",
    [PLAN_ON_ITS_WAY] = "on-its-way",
    [PLAN_HELD] = "held",
    [PLAN_BLOCKED] = "blocked",
    [PLAN_ERASED] = "erased",
};

const char *plan_content_word(enum plan_content content)
{
	return words[content];
}

/* --- persons -------------------------------------------------------------------------------------- */

static int take_persons(struct plan *p, const struct rxp_case_times *times)
{
	int rc = 0;

	for (unsigned key = 1; rc == 0 && key <= RXP_MAX_PERSONS; key++) {
		p->states[key - 1] = rxp_case_person(times->c, key);
		if (p->states[key - 1] == RXP_CASE_UNKNOWN)
			continue;
		p->known |= UINT32_C(1) << (key - 1);
		rc = rxp_retention(&p->persons[key - 1], times, key);
	}
	return rc;
}

/* RXP-RET-009, RXP-RET-010: a peer's receipt of ours ends nobody before the document was made, nor after the
 * receipt was here. */
static void bound_receipts(struct clock_times *times, const struct cases *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct cases_entry *e = &c->entries[i];
		int64_t *received_ms = &times->moments[i].received_ms;

		if (!e->own)
			continue;
		if (e->answered_ms != 0 && *received_ms > e->answered_ms)
			*received_ms = e->answered_ms;
		if (*received_ms < e->created_ms)
			*received_ms = e->created_ms;
	}
}

/* *profile: borrowed of the terms; NULL if the node does not hold it. */
static int fold_persons(struct plan *p, const struct rxp_profile **profile, const struct node *n,
    const struct terms *terms, struct db *db, int64_t now_ms)
{
	struct clock_times *times = NULL;
	struct rxp_case *folded = NULL;
	struct cases c = {.n = 0};
	int rc = cases_load(&c, db, n->own, p->row.peer, p->row.case_id);

	if (rc == 0)
		rc = cases_fold(&folded, &c);
	if (rc == 0 && (times = malloc(sizeof *times)) == NULL)
		rc = RXP_ERR_NOMEM;
	if (rc == 0)
		rc = clock_times_gather(times, db, &c, folded, terms, now_ms);
	if (rc == 0) {
		bound_receipts(times, &c);
		*profile = times->in.profile;
		rc = take_persons(p, &times->in);
	}
	free(times);
	rxp_case_free(folded);
	cases_clear(&c);
	return rc;
}

/* --- documents ------------------------------------------------------------------------------------ */

/* Bits of the persons whom it names; all of the case if its type names none. */
static int persons_of(uint32_t *out, const struct plan *p, const struct store_retained *d)
{
	struct rxp_case_document facts = {.position = 0};

	if (rxp_type_parse(&facts.type, d->type) != 0 || case_facts_read(&facts, d->facts) != 0)
		return RXP_ERR_STATE;
	*out = rxp_case_type(facts.type)->names_persons ? 0 : p->known;
	for (unsigned i = 0; i < facts.n_persons; i++)
		*out |= UINT32_C(1) << (facts.persons[i].key - 1);
	return 0;
}

static enum plan_content content_of(const struct store_retained *d)
{
	if (d->erased_ms != 0)
		return PLAN_ERASED;
	if (!d->held)
		return PLAN_NONE;
	if (d->answered_ms == 0)
		return PLAN_ON_ITS_WAY;
	return d->blocked_ms != 0 ? PLAN_BLOCKED : PLAN_HELD;
}

static int take_document(void *arg, const struct store_retained *s)
{
	struct plan *p = arg;
	struct plan_document d = {.own = s->own,
	    .state = s->state,
	    .position = s->position,
	    .content = content_of(s),
	    .due_ms = RXP_DUE_NEVER,
	    .answered_ms = s->answered_ms,
	    .erased_ms = s->erased_ms,
	    .blocked_ms = s->blocked_ms};
	/* Of one that was given up nothing is stored at all. */
	int rc = d.content == PLAN_NONE ? 0 : persons_of(&d.persons, p, s);

	if (rc != 0)
		return rc;
	memcpy(d.local_id, s->local_id, sizeof d.local_id);
	memcpy(d.type, s->type, sizeof d.type);
	if (p->n % DOCUMENTS_STEP == 0) {
		struct plan_document *more =
		    realloc(p->documents, (p->n + DOCUMENTS_STEP) * sizeof *more);

		if (more == NULL)
			return RXP_ERR_NOMEM;
		p->documents = more;
	}
	p->documents[p->n++] = d;
	return 0;
}

/* A refused document made nobody part of the case: it is kept as after a withdrawal, from its answer on. */
static int64_t due_of_stranger(const struct rxp_profile *profile, int64_t answered_ms)
{
	for (size_t i = 0; profile != NULL && i < profile->retention.n; i++)
		if (profile->retention.rows[i].after == RXP_RETENTION_WITHDRAWN)
			return rxp_retention_due(answered_ms, profile->retention.rows[i].months);
	return RXP_DUE_NEVER;
}

static bool is_withdrawal(const struct plan_document *d)
{
	enum rxp_type type;

	return rxp_type_parse(&type, d->type) == 0 &&
	       rxp_case_type(type)->rank == RXP_CASE_RANK_WITHDRAWAL;
}

/* What takes a case or a transit back says nothing of the person but that, and somebody must act on it: it is read
 * although the person is blocked, until its time is over (RXP-RET-006). */
static bool is_hidden(
    const struct plan_document *d, const struct rxp_retention *person, int64_t now_ms)
{
	return person->blocked && (!is_withdrawal(d) || person->due_ms <= now_ms);
}

/* Its last person decides (RXP-RET-004). */
static void judge(
    struct plan *p, struct plan_document *d, const struct rxp_profile *profile, int64_t now_ms)
{
	int64_t last_ms = 0;

	for (unsigned at = 0; at < RXP_MAX_PERSONS; at++) {
		uint32_t bit = UINT32_C(1) << at;
		int64_t due_ms;

		if ((d->persons & bit) == 0)
			continue;
		if ((p->known & bit) == 0) {
			due_ms = due_of_stranger(profile, d->answered_ms);
		} else {
			due_ms = p->persons[at].due_ms;
			d->hidden |= is_hidden(d, &p->persons[at], now_ms) ? bit : 0;
		}
		last_ms = due_ms > last_ms ? due_ms : last_ms;
	}
	d->due_ms = last_ms != 0 ? last_ms : RXP_DUE_NEVER;
	if (d->content == PLAN_HELD && d->persons != 0 && d->hidden == d->persons)
		d->content = PLAN_BLOCKED;
}

/* --- the plan ------------------------------------------------------------------------------------- */

int plan_make(struct plan *out, const struct node *n, const struct terms *terms, struct db *db,
    const struct store_case *row, int64_t now_ms)
{
	struct plan p = {.row = *row};
	const struct rxp_profile *profile = NULL;
	int rc = fold_persons(&p, &profile, n, terms, db, now_ms);

	if (rc == 0)
		rc = store_retained(db, row->peer, row->case_id, take_document, &p);
	if (rc != 0) {
		plan_clear(&p);
		return rc;
	}
	for (size_t i = 0; i < p.n; i++)
		judge(&p, &p.documents[i], profile, now_ms);
	p.has_profile = profile != NULL;
	*out = p;
	return 0;
}

void plan_clear(struct plan *p)
{
	free(p->documents);
	p->documents = NULL;
	p->n = 0;
}

static bool is_held(const struct plan_document *d)
{
	return d->content == PLAN_HELD || d->content == PLAN_BLOCKED;
}

bool plan_is_due(const struct plan_document *d, int64_t now_ms)
{
	return is_held(d) && d->due_ms <= now_ms;
}

/* Time alone can end a person's acceptance, and bring a profile that is not held; whatever else matters is told
 * as a change. */
static bool may_change_by_itself(const struct plan *p)
{
	for (unsigned at = 0; at < RXP_MAX_PERSONS; at++) {
		const struct rxp_retention *kept = &p->persons[at];

		if ((p->known & UINT32_C(1) << at) == 0)
			continue;
		if (kept->after == RXP_RETAINED_NEVER ? rxp_retention_lapses(p->states[at])
						      : kept->due_ms == RXP_DUE_NEVER)
			return true;
	}
	return !p->has_profile;
}

int64_t plan_look_ms(const struct plan *p, int64_t now_ms)
{
	int64_t look_ms = RXP_DUE_NEVER;
	bool held = false;

	for (size_t i = 0; i < p->n; i++) {
		const struct plan_document *d = &p->documents[i];

		if (!is_held(d))
			continue;
		held = true;
		if (d->due_ms > now_ms && d->due_ms < look_ms)
			look_ms = d->due_ms;
	}
	if (!held)
		return 0;
	if (may_change_by_itself(p) && now_ms + REGISTRY_RETENTION_MS < look_ms)
		look_ms = now_ms + REGISTRY_RETENTION_MS;
	return look_ms != RXP_DUE_NEVER ? look_ms : 0;
}

bool plan_is_erased(const struct plan *p)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++) {
		enum plan_content content = p->documents[i].content;

		if (content != PLAN_ERASED && content != PLAN_NONE)
			return false;
		any = any || content == PLAN_ERASED;
	}
	return any;
}
