#include "daemon/registry/cases/halt.h"

#include <string.h>

#include "daemon/base/halt.h"
#include "daemon/registry/cases/case_facts.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/store/store_halt.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/case/listed.h"

#define EVERYBODY UINT32_MAX

const char *halt_words(enum halt halt)
{
	static const char *const words[] = {
	    [HALT_NONE] = "",
	    [HALT_HOLD] = "RXP-HLD-002: a hold stops it",
	    [HALT_STOP] = "RXP-HLD-009: an emergency stop stops it",
	};

	return words[halt];
}

/* --- holds --------------------------------------------------------------------------------------- */

static int add_held(void *arg, const struct rec_hold_row *row)
{
	uint32_t *persons = arg;

	if (row->person == 0 || row->person > RXP_MAX_PERSONS)
		*persons = EVERYBODY;
	else
		*persons |= UINT32_C(1) << (row->person - 1);
	return 0;
}

int halt_held(uint32_t *persons, struct db *db, const char *peer, const uint8_t case_id[16])
{
	uint32_t held = 0;
	int rc = store_hold_each(db, peer, case_id, add_held, &held);

	if (rc == 0)
		*persons = held;
	return rc;
}

/* --- what a document does --------------------------------------------------------------------------- */

/* Of these persons, the furthest step; what speaks of the whole case speaks of each. */
static enum rxp_case_step step_of(const struct rxp_case_document *d, uint32_t persons)
{
	enum rxp_case_step step = RXP_CASE_FREE;

	if (!rxp_case_type(d->type)->names_persons)
		return persons != 0 ? rxp_case_step((enum rxp_case_event)d->event, 0) : step;
	for (unsigned i = 0; i < d->n_persons; i++) {
		enum rxp_case_step one =
		    rxp_case_step((enum rxp_case_event)d->persons[i].event, d->persons[i].gives);

		if ((persons & UINT32_C(1) << (d->persons[i].key - 1)) != 0 && one > step)
			step = one;
	}
	return step;
}

/* --- stops --------------------------------------------------------------------------------------- */

static bool names_place(struct bytes facts, const char *place)
{
	struct record_cursor c = {.at = facts.data, .left = facts.len};
	struct rec_fact_named n;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1)
		if (tag == REC_fact_named &&
		    record_decode(&n, &record_fact_named, fields.data, fields.len) == 0 &&
		    strcmp(n.element, rxp_listed_element(RXP_LISTED_POINT)) == 0 &&
		    strcmp(n.value, place) == 0)
			return true;
	return false;
}

bool halt_planned(enum rxp_case_state state)
{
	const struct rxp_case_cell *change = rxp_case_cell(state, RXP_CASE_EVENT_CHANGE_TRANSFER);
	const struct rxp_case_cell *deliver = rxp_case_cell(state, RXP_CASE_EVENT_DELIVER);

	return change->requirement != NULL ||
	       (deliver->requirement != NULL && deliver->foreseen && deliver->to != state);
}

bool halt_concerns(
    const struct rec_stop_row *stop, const char *peer, rxp_traits given, struct bytes facts)
{
	enum rxp_case_trait trait;
	enum stop_kind kind;

	if (stop_kind_parse(&kind, stop->kind) != 0)
		return true;
	switch (kind) {
	case STOP_PEER:
		return strcmp(stop->what, peer) == 0;
	case STOP_CROSSING:
		return names_place(facts, stop->what);
	case STOP_CATEGORY:
		return rxp_case_trait_parse(&trait, stop->what) != 0 ||
		       (given & (rxp_traits)1 << trait) != 0;
	default:
		return true;
	}
}

/* Of a document of which no more is known than its type and its peer. */
static bool may_concern(const struct rec_stop_row *stop, const char *peer)
{
	enum stop_kind kind;

	return stop_kind_parse(&kind, stop->kind) != 0 || kind != STOP_PEER ||
	       strcmp(stop->what, peer) == 0;
}

struct stopping {
	const struct halt_document *of;
	const struct rxp_case_document *d; /* NULL: its facts are damaged */
	const struct rxp_case *folded; /* NULL: nothing is known of the persons yet */
	bool unsure, found;
};

static int compare_stop(void *arg, const struct rec_stop_row *stop)
{
	struct stopping *s = arg;

	if (strcmp(stop->state, STORE_STOP_PROPOSED) == 0)
		return 0;
	if (s->d == NULL)
		s->found = s->found || may_concern(stop, s->of->peer);
	for (unsigned i = 0; s->d != NULL && i < s->d->n_persons; i++) {
		unsigned key = s->d->persons[i].key;
		rxp_traits given = s->d->persons[i].gives |
				   (s->folded != NULL ? rxp_case_traits(s->folded, key) : 0) |
				   (s->unsure ? ~(rxp_traits)0 : 0);

		s->found = s->found || halt_concerns(stop, s->of->peer, given, s->of->facts);
	}
	return 0;
}

/* Traits stand in the fold; a case that cannot be folded may have any. */
static int judge_stops(bool *out, struct db *db, const char *own, const struct halt_document *of,
    const struct rxp_case_document *d)
{
	struct stopping s = {.of = of, .d = d};
	struct rxp_case *folded = NULL;
	struct cases c = {.n = 0};
	int rc = 0;

	if (of->case_id != NULL) {
		rc = cases_load(&c, db, own, of->peer, of->case_id);
		if (rc == 0)
			rc = cases_fold(&folded, &c);
		s.unsure = rc == RXP_ERR_STATE;
		s.folded = folded;
		if (rc == RXP_ERR_STATE || rc == RXP_ERR_NOT_FOUND)
			rc = 0;
	}
	if (rc == 0)
		rc = store_stop_each(db, compare_stop, &s);
	rxp_case_free(folded);
	cases_clear(&c);
	if (rc == 0)
		*out = s.found;
	return rc;
}

/* --- the judgement --------------------------------------------------------------------------------- */

/* What it says cannot be read: its type alone tells what it may do. */
static int judge_damaged(enum halt *out, struct db *db, const struct halt_document *of,
    enum rxp_type type, uint32_t held)
{
	struct stopping s = {.of = of};
	int rc = 0;

	if (held == 0 && rxp_case_may_ask_transfer(type))
		rc = store_stop_each(db, compare_stop, &s);
	if (rc != 0)
		return rc;
	if (held != 0)
		*out = HALT_HOLD;
	else
		*out = s.found ? HALT_STOP : HALT_NONE;
	return 0;
}

int halt_judge(enum halt *out, struct db *db, const char *own, const struct halt_document *of)
{
	struct rxp_case_document d = {.position = 0};
	enum halt found = HALT_NONE;
	bool stopped = false, in_case;
	uint32_t held = 0;
	int rc = 0;

	in_case = rxp_type_parse(&d.type, of->type) == 0 && rxp_case_type(d.type)->in_case;
	if (in_case && of->case_id != NULL)
		rc = halt_held(&held, db, of->peer, of->case_id);
	if (rc != 0)
		return rc;
	if (!in_case) {
		*out = HALT_NONE; /* it concerns nobody */
		return 0;
	}
	if (case_facts_read(&d, of->facts) != 0)
		return judge_damaged(out, db, of, d.type, held);
	if (step_of(&d, held) != RXP_CASE_FREE)
		found = HALT_HOLD;
	else if (step_of(&d, EVERYBODY) == RXP_CASE_TRANSFER)
		rc = judge_stops(&stopped, db, own, of, &d);
	if (rc == 0)
		*out = stopped ? HALT_STOP : found;
	return rc;
}

int halt_judge_message(enum halt *out, struct db *db, const char *own, const uint8_t local_id[16])
{
	struct store_halted m;
	struct rxp_buf facts;
	int rc;

	rxp_buf_init(&facts, IPC_INLINE_MAX);
	rc = store_halt_message(db, &m, &facts, local_id);
	if (rc == 0)
		rc = halt_judge(out, db, own,
		    &(struct halt_document){.peer = m.peer,
			.case_id = m.in_case ? m.case_id : NULL,
			.type = m.type,
			.facts = {.data = facts.data, .len = facts.len}});
	rxp_buf_free(&facts);
	return rc;
}

int halt_judge_going(enum halt *out, struct db *db, const char *own, const struct store_outbox *row)
{
	*out = HALT_NONE;
	if (!row->place.in_case || (row->attempts > 0 && row->ordered))
		return 0;
	return halt_judge_message(out, db, own, row->local_id);
}
