#include "protocol/case/case_clock.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"

/* --- the table ----------------------------------------------------------------------------- */

#define TRAIT_ALWAYS 0u /* no trait is asked for */
#define TRAIT_NEVER 0u /* no trait speaks against it */
#define RXP_CASE_TRAIT_ALWAYS RXP_CASE_TRAIT_COUNT
#define RXP_CASE_TRAIT_NEVER RXP_CASE_TRAIT_COUNT
#define BIT(trait) ((trait) == RXP_CASE_TRAIT_COUNT ? 0u : (rxp_traits)1 << (trait))

static const struct clock {
	bool is; /* documents begin and end it */
	enum rxp_case_side actor;
	rxp_traits given, unless; /* of one trait */
} clocks[RXP_CLOCK_COUNT] = {
#define CASE_CLOCK(clock, actor_, given_, unless_) \
	[RXP_CLOCK_##clock] = {.is = true, \
	    .actor = RXP_CASE_##actor_, \
	    .given = BIT(RXP_CASE_TRAIT_##given_), \
	    .unless = BIT(RXP_CASE_TRAIT_##unless_)},
#include "protocol/case/case_clock.def"
};

/* For whom the first is, the other is in its place if the profile says nothing of it. */
static const struct {
	enum rxp_clock clock, other;
} elses[] = {
#define CASE_CLOCK_ELSE(clock_, other_) {RXP_CLOCK_##clock_, RXP_CLOCK_##other_},
#include "protocol/case/case_clock.def"
};

static const bool runs_in[RXP_CLOCK_COUNT][RXP_CASE_STATE_COUNT] = {
#define CASE_CLOCK_STATE(clock, state) [RXP_CLOCK_##clock][RXP_CASE_##state] = true,
#include "protocol/case/case_clock.def"
};

static const struct row {
	enum rxp_clock clock;
	enum rxp_case_event event;
	rxp_traits given;
	enum rxp_case_clock_does does;
} rows[] = {
#define CASE_CLOCK_EVENT(clock, event, given, does, requirement) \
	{RXP_CLOCK_##clock, RXP_CASE_EVENT_##event, BIT(RXP_CASE_TRAIT_##given), RXP_CLOCK_##does},
#include "protocol/case/case_clock.def"
};

enum instant_kind { INSTANT_NONE, INSTANT_PLAN, INSTANT_FACT, INSTANT_SINCE };

static const struct instant {
	const char *element;
	enum instant_kind kind;
} instants[RXP_TYPE_COUNT] = {
#define CASE_INSTANT(type, element_, kind_, meaning) \
	[RXP_TYPE_##type] = {.element = (element_), .kind = INSTANT_##kind_},
#include "protocol/case/case_clock.def"
};

static const struct {
	const char *element;
	enum rxp_case_day_kind kind;
} days[RXP_TYPE_COUNT] = {
#define CASE_DAY(type, element_, kind_, meaning) \
	[RXP_TYPE_##type] = {.element = (element_), .kind = RXP_CASE_DAY_##kind_},
#include "protocol/case/case_clock.def"
};

static const char *const status_words[RXP_CLOCK_STATUS_COUNT] = {
    [RXP_CLOCK_IDLE] = "idle",
    [RXP_CLOCK_UNCOUNTED] = "uncounted",
    [RXP_CLOCK_NO_CALENDAR] = "no-calendar",
    [RXP_CLOCK_WAITS] = "waits",
    [RXP_CLOCK_RUNS] = "runs",
    [RXP_CLOCK_STANDS] = "stands",
    [RXP_CLOCK_PAST] = "past",
    [RXP_CLOCK_MET] = "met",
    [RXP_CLOCK_BROKEN] = "broken",
    [RXP_CLOCK_ENDED] = "ended",
};

const char *rxp_clock_status_word(enum rxp_clock_status status)
{
	if ((unsigned)status >= RXP_CLOCK_STATUS_COUNT)
		abort();
	return status_words[status];
}

int rxp_clock_status_parse(enum rxp_clock_status *out, const char *word)
{
	for (unsigned i = 0; i < RXP_CLOCK_STATUS_COUNT; i++)
		if (strcmp(status_words[i], word) == 0) {
			*out = (enum rxp_clock_status)i;
			return 0;
		}
	return RXP_ERR_NOT_FOUND;
}

const char *rxp_case_instant(enum rxp_type type)
{
	if ((unsigned)type >= RXP_TYPE_COUNT)
		abort();
	return instants[type].element;
}

const char *rxp_case_day(enum rxp_type type)
{
	if ((unsigned)type >= RXP_TYPE_COUNT)
		abort();
	return days[type].element;
}

enum rxp_case_day_kind rxp_case_day_kind(enum rxp_type type)
{
	if ((unsigned)type >= RXP_TYPE_COUNT)
		abort();
	return days[type].kind;
}

/* --- what the documents do to one clock ------------------------------------------------------ */

/* What one document says about the person. */
struct act {
	size_t document;
	enum rxp_case_event event;
	rxp_traits gives; /* by its marks */
	enum rxp_case_state to;
	int32_t stated_day;
	int64_t at_ms; /* the instant of what it says: it was received, or it states a fact */
	int64_t since_ms; /* since when something is, not later than that; 0: it does not say */
};

/* A clock of a person, as far as the documents were taken. */
struct period {
	bool begun, met, ended;
	bool suspended;
	bool spent; /* it was suspended once, and cannot be again (RXP-CLK-044) */
	size_t begun_by, done_by;
	int64_t start_ms, done_ms;
	int64_t registered_ms, handed_over_ms;
	int64_t extended_ms;
	int32_t extended_to; /* the day that was asked for; 0: it was not extended */
	int32_t valid_until; /* the day that was said; 0: none was */
	struct rxp_due_span pauses[RXP_MAX_PAUSES];
	size_t n_pauses;
};

struct run {
	const struct rxp_case_times *in;
	enum rxp_clock clock;
	unsigned key;
	struct period p;
};

static bool is_running(const struct period *p)
{
	return p->begun && !p->met && !p->ended;
}

static bool is_pausing(const struct period *p)
{
	return p->n_pauses > 0 && p->pauses[p->n_pauses - 1].until_ms == RXP_DUE_NEVER;
}

static void begin(struct run *r, const struct act *a)
{
	r->p = (struct period){.begun = true,
	    .spent = r->p.spent,
	    .begun_by = a->document,
	    .start_ms = a->at_ms,
	    .registered_ms = RXP_DUE_NEVER,
	    .handed_over_ms = RXP_DUE_NEVER};
}

static void on_start(struct run *r, const struct act *a)
{
	if (!is_running(&r->p) && runs_in[r->clock][a->to])
		begin(r, a);
}

/* RXP-CLK-048 */
static void on_since(struct run *r, const struct act *a)
{
	if (a->since_ms == 0)
		return;
	begin(r, a);
	r->p.start_ms = a->since_ms;
}

static void on_restart(struct run *r, const struct act *a)
{
	if (runs_in[r->clock][a->to])
		begin(r, a);
}

static void on_register(struct run *r, const struct act *a)
{
	if (is_running(&r->p) && r->p.registered_ms == RXP_DUE_NEVER)
		r->p.registered_ms = a->at_ms;
}

/* Does the document concern the one that began the clock, or a later one of its sender (RXP-CLK-046)? */
static bool reaches(const struct run *r, const struct rxp_case_document *d)
{
	const struct rxp_case_document *begun_by = &r->in->docs[r->p.begun_by];

	for (size_t i = 0; i < r->in->n; i++)
		if (memcmp(r->in->docs[i].fingerprint, d->about, sizeof d->about) == 0)
			return strcmp(r->in->docs[i].from, begun_by->from) == 0 &&
			       r->in->docs[i].position >= begun_by->position;
	return false;
}

static void on_hand_over(struct run *r, const struct act *a)
{
	if (is_running(&r->p) && r->p.handed_over_ms == RXP_DUE_NEVER &&
	    reaches(r, &r->in->docs[a->document]))
		r->p.handed_over_ms = a->at_ms;
}

static void on_extend(struct run *r, const struct act *a)
{
	if (!is_running(&r->p) || r->p.extended_to != 0)
		return;
	r->p.extended_to = a->stated_day;
	r->p.extended_ms = a->at_ms;
}

/* RXP-CLK-044: nobody stops time after the registration was due. */
static bool is_overdue(const struct run *r, int64_t at_ms)
{
	struct rxp_due due;
	struct rxp_due_facts facts = RXP_DUE_NOTHING;

	facts.event_ms = r->p.start_ms;
	return rxp_due_compute(
		   &due, RXP_CLOCK_REGISTRATION, r->in->profile, r->in->calendars, &facts) == 0 &&
	       due.outcome == RXP_DUE_SET && !due.provisional && at_ms > due.due_ms;
}

static void on_suspend(struct run *r, const struct act *a)
{
	if (!is_running(&r->p) || r->p.spent || is_overdue(r, a->at_ms))
		return;
	r->p.suspended = true;
	r->p.spent = true;
}

static void on_pause(struct run *r, const struct act *a)
{
	struct period *p = &r->p;

	if (is_running(p) && !p->suspended && !is_pausing(p) && p->n_pauses < RXP_MAX_PAUSES)
		p->pauses[p->n_pauses++] = (struct rxp_due_span){
		    .from_ms = a->at_ms, .until_ms = RXP_DUE_NEVER, .pause = true};
}

static void on_resume(struct run *r, const struct act *a)
{
	if (!is_running(&r->p))
		return;
	if (r->p.suspended)
		begin(r, a);
	else if (is_pausing(&r->p))
		r->p.pauses[r->p.n_pauses - 1].until_ms = a->at_ms;
}

static void on_meet(struct run *r, const struct act *a)
{
	if (!is_running(&r->p))
		return;
	r->p.met = true;
	r->p.done_by = a->document;
	r->p.done_ms = a->at_ms;
}

static void on_cancel(struct run *r, const struct act *a)
{
	if (!is_running(&r->p))
		return;
	r->p.ended = true;
	r->p.done_by = a->document;
	r->p.done_ms = a->at_ms;
}

/* RXP-CLK-053 */
static void on_reopen(struct run *r, const struct act *a)
{
	(void)a;
	r->p.met = false;
}

/* RXP-CLK-054 */
static void on_until(struct run *r, const struct act *a)
{
	if (is_running(&r->p))
		r->p.valid_until = a->stated_day;
}

static void (*const handlers[RXP_CLOCK_DOES_COUNT])(struct run *, const struct act *) = {
    [RXP_CLOCK_START] = on_start,
    [RXP_CLOCK_SINCE] = on_since,
    [RXP_CLOCK_RESTART] = on_restart,
    [RXP_CLOCK_REGISTER] = on_register,
    [RXP_CLOCK_HAND_OVER] = on_hand_over,
    [RXP_CLOCK_EXTEND] = on_extend,
    [RXP_CLOCK_SUSPEND] = on_suspend,
    [RXP_CLOCK_PAUSE] = on_pause,
    [RXP_CLOCK_RESUME] = on_resume,
    [RXP_CLOCK_MEET] = on_meet,
    [RXP_CLOCK_CANCEL] = on_cancel,
    [RXP_CLOCK_REOPEN] = on_reopen,
    [RXP_CLOCK_UNTIL] = on_until,
};

static void take(struct run *r, const struct act *a)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].clock == r->clock && rows[i].event == a->event &&
		    (rows[i].given == TRAIT_ALWAYS || (rows[i].given & a->gives) != 0))
			handlers[rows[i].does](r, a);
	if (!runs_in[r->clock][a->to])
		on_cancel(r, a);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What the document says about the person; the fold found that it takes effect. */
static struct act read_act(const struct rxp_case_times *in, size_t document, unsigned key)
{
	const struct rxp_case_document *d = &in->docs[document];
	struct act a = {.document = document,
	    .event = (enum rxp_case_event)d->event,
	    .stated_day = d->stated_day,
	    .at_ms = in->moments[document].received_ms};

	for (unsigned i = 0; i < d->n_persons; i++) {
		if (d->persons[i].key != key)
			continue;
		a.event = (enum rxp_case_event)d->persons[i].event;
		a.gives = d->persons[i].gives;
		a.stated_day = d->persons[i].stated_day;
		if (instants[d->type].kind == INSTANT_FACT && d->persons[i].at_ms != 0)
			a.at_ms = earlier(a.at_ms, d->persons[i].at_ms);
		if (instants[d->type].kind == INSTANT_SINCE && d->persons[i].at_ms != 0)
			a.since_ms = earlier(a.at_ms, d->persons[i].at_ms);
	}
	return a;
}

static void take_all(struct run *r)
{
	enum rxp_case_state state = RXP_CASE_UNKNOWN;
	rxp_traits traits = 0;
	struct rxp_case_turn turn;

	for (size_t k = 0; rxp_case_turn(&turn, r->in->c, k) == 0; k++) {
		rxp_traits had = traits;
		struct act a;

		if ((turn.persons & UINT32_C(1) << (r->key - 1)) == 0)
			continue;
		a = read_act(r->in, turn.document, r->key);
		traits |= rxp_case_keeps(a.event, a.gives);
		state = rxp_case_next(rxp_case_cell(state, a.event), state, had, traits);
		a.to = state;
		take(r, &a);
	}
}

/* --- when it is due -------------------------------------------------------------------------- */

/* The computation of one clock: its facts, and the spans that they borrow. */
struct sum {
	const struct run *r;
	struct rxp_due_facts facts;
	struct rxp_due_span spans[RXP_MAX_DISTURBANCES];
	int64_t attempts[RXP_MAX_DISTURBANCES];
};

/* Is the document the act that the clock waits for, or would it be? */
static bool would_meet(const struct run *r, size_t document)
{
	struct act a;

	if (r->p.met)
		return document == r->p.done_by;
	a = read_act(r->in, document, r->key);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].clock == r->clock && rows[i].does == RXP_CLOCK_MEET &&
		    rows[i].event == a.event &&
		    (rows[i].given == TRAIT_ALWAYS || (rows[i].given & a.gives) != 0))
			return true;
	return false;
}

/* Those of the act alone: nobody keeps a limit by failing with something else (RXP-CLK-013). */
static size_t take_attempts(struct sum *s, const struct run *r)
{
	enum rxp_case_side actor = clocks[r->clock].actor;
	size_t n = 0;

	for (size_t i = 0; i < r->in->attempts[actor].n; i++)
		if (would_meet(r, r->in->attempts[actor].tried[i].document))
			s->attempts[n++] = r->in->attempts[actor].tried[i].at_ms;
	return n;
}

static int prepare(struct sum *s, const struct run *r)
{
	const struct rxp_case_times *in = r->in;
	const struct period *p = &r->p;
	size_t n = 0;

	if (in->n_outages > RXP_MAX_DISTURBANCES - RXP_MAX_PAUSES ||
	    in->attempts[clocks[r->clock].actor].n > RXP_MAX_DISTURBANCES)
		return RXP_ERR_BOUND;
	for (size_t i = 0; i < in->n_outages; i++)
		s->spans[n++] = in->outages[i];
	for (size_t i = 0; i < p->n_pauses; i++)
		if (p->pauses[i].from_ms != RXP_DUE_NEVER && p->pauses[i].until_ms != RXP_DUE_NEVER)
			s->spans[n++] = p->pauses[i];
	s->r = r;
	s->facts = (struct rxp_due_facts){.event_ms = p->start_ms,
	    .registered_ms = p->registered_ms,
	    .handed_over_ms = p->handed_over_ms,
	    .attachments_ms = in->moments[p->begun_by].attachments_ms,
	    .as_of_ms = p->met || p->ended ? earlier(in->as_of_ms, p->done_ms) : in->as_of_ms,
	    .outages = s->spans,
	    .n_outages = n,
	    .attempts = s->attempts,
	    .n_attempts = take_attempts(s, r),
	    .extension_ms = p->extended_ms,
	    .valid_until = p->valid_until};
	return 0;
}

static int compute(struct rxp_due *out, const struct sum *s)
{
	return rxp_due_compute(out, s->r->clock, s->r->in->profile, s->r->in->calendars, &s->facts);
}

/*
 * The number by which it is extended: the smallest that reaches the day asked for, or all that the
 * profile allows (RXP-CLK-045). A longer extension never ends earlier.
 */
static int find_extension(struct sum *s)
{
	const struct rxp_limit *limit = &s->r->in->profile->clocks[RXP_CLOCK_EXTENSION];
	uint32_t low = 1;
	uint32_t high = limit->value;

	if (s->r->p.extended_to == 0 || s->r->p.extended_ms == RXP_DUE_NEVER || limit->consent ||
	    !rxp_unit_counts(limit->unit))
		return 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct rxp_due due;
		int rc;

		s->facts.extension = middle;
		rc = compute(&due, s);
		if (rc != 0)
			return rc;
		if (due.outcome != RXP_DUE_SET || due.last_day >= s->r->p.extended_to)
			high = middle;
		else
			low = middle + 1;
	}
	s->facts.extension = low;
	return 0;
}

/* RXP-CLK-015: does the pause that has not ended stop it? */
static bool stands(const struct run *r, const struct rxp_due *due)
{
	const struct period *p = &r->p;

	return p->suspended || (is_pausing(p) &&
				   rxp_profile_effect(r->in->profile, RXP_DISTURBANCE_SUPPLEMENT) !=
				       RXP_EFFECT_NONE &&
				   (due->outcome != RXP_DUE_SET ||
				       p->pauses[p->n_pauses - 1].from_ms <= due->due_ms));
}

/* How far an instant lies on the wrong side of the due instant; 0 if it does not. */
static int64_t wrong_by(const struct rxp_due *due, int64_t at_ms)
{
	if (due->outcome != RXP_DUE_SET || due->provisional || at_ms == RXP_DUE_NEVER)
		return 0;
	if (rxp_clock_row(due->clock)->kind == RXP_CLOCK_KIND_MINIMUM)
		return at_ms <= due->due_ms ? due->due_ms - at_ms + 1 : 0;
	return at_ms > due->due_ms && !due->tendered ? at_ms - due->due_ms : 0;
}

static enum rxp_clock_status status_of(struct rxp_case_clock *out, const struct run *r)
{
	const struct rxp_due *due = &out->due;
	bool limit = rxp_clock_row(due->clock)->kind != RXP_CLOCK_KIND_MINIMUM;

	if (due->outcome != RXP_DUE_SET && due->outcome != RXP_DUE_WAITS)
		return RXP_CLOCK_UNCOUNTED;
	if (r->p.met) {
		out->off_ms = wrong_by(due, r->p.done_ms);
		return out->off_ms > 0 ? RXP_CLOCK_BROKEN : RXP_CLOCK_MET;
	}
	if (r->p.ended) {
		out->off_ms = limit ? wrong_by(due, r->p.done_ms) : 0;
		return RXP_CLOCK_ENDED;
	}
	if (stands(r, due))
		return RXP_CLOCK_STANDS;
	if (due->outcome == RXP_DUE_WAITS)
		return RXP_CLOCK_WAITS;
	return r->in->as_of_ms > due->due_ms && !due->provisional ? RXP_CLOCK_PAST : RXP_CLOCK_RUNS;
}

static int evaluate(struct rxp_case_clock *out, const struct run *r)
{
	struct rxp_case_clock clock = {.actor = clocks[r->clock].actor,
	    .begun_by = r->p.begun_by,
	    .done_by = r->p.done_by,
	    .done_ms = r->p.done_ms};
	struct sum s;
	int rc = prepare(&s, r);

	if (rc != 0)
		return rc;
	rc = r->clock == RXP_CLOCK_REPLY ? find_extension(&s) : 0;
	if (rc == 0)
		rc = compute(&clock.due, &s);
	if (rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_BOUND)
		clock.status = RXP_CLOCK_NO_CALENDAR;
	else if (rc != 0)
		return rc;
	else
		clock.status = status_of(&clock, r);
	*out = clock;
	return 0;
}

/* RXP-CLK-052 */
static bool is_in_place(const struct rxp_profile *profile, enum rxp_clock clock, rxp_traits traits)
{
	for (size_t i = 0; i < sizeof elses / sizeof elses[0]; i++)
		if (elses[i].other == clock && (clocks[elses[i].clock].given & traits) != 0 &&
		    profile->clocks[elses[i].clock].source == RXP_WORD_ABSENT)
			return true;
	return false;
}

/* RXP-CLK-042 */
static bool is_for(const struct rxp_profile *profile, enum rxp_clock clock, rxp_traits traits)
{
	const struct clock *row = &clocks[clock];

	return row->is && (row->given == TRAIT_ALWAYS || (row->given & traits) != 0) &&
	       (row->unless == TRAIT_NEVER || (row->unless & traits) == 0 ||
		   is_in_place(profile, clock, traits));
}

int rxp_case_clock(
    struct rxp_case_clock *out, const struct rxp_case_times *in, unsigned key, enum rxp_clock clock)
{
	struct run r = {.in = in, .clock = clock, .key = key};

	if ((unsigned)clock >= RXP_CLOCK_COUNT)
		abort();
	if (is_for(in->profile, clock, rxp_case_traits(in->c, key)))
		take_all(&r);
	if (r.p.begun)
		return evaluate(out, &r);
	*out = (struct rxp_case_clock){.status = RXP_CLOCK_IDLE};
	return 0;
}
