#include "protocol/case/case_judge.h"

#include "protocol/base/err.h"

#define FLAG(name) (1u << RXP_FLAG_##name)
#define TRAIT(name) ((rxp_traits)1 << RXP_CASE_TRAIT_##name)

/* One document and one of the persons for whom it takes effect. */
struct judging {
	struct rxp_case_judgement j;
	const struct rxp_case_times *in;
	size_t document;
	const struct rxp_case_document *d;
	unsigned key;
	enum rxp_case_event event;
	int64_t plan_ms; /* what it states; 0: nothing */
	int32_t stated_day; /* 0: none */
	struct rxp_case_clock clocks[RXP_CLOCK_COUNT];
};

static void flag(struct judging *g, unsigned flags, const char *barred)
{
	g->j.flags |= flags;
	if (barred != NULL && g->j.barred == NULL)
		g->j.barred = barred;
}

static enum rxp_clock_kind kind_of(unsigned clock)
{
	return rxp_clock_row((enum rxp_clock)clock)->kind;
}

static bool is_provisional(const struct rxp_case_clock *c)
{
	return c->due.outcome == RXP_DUE_SET && c->due.provisional;
}

/* --- what it does ---------------------------------------------------------------------------- */

/* It is the act that a clock waited for (RXP-FLG-002 to 004). */
static void judge_act(struct judging *g, unsigned clock)
{
	const struct rxp_case_clock *c = &g->clocks[clock];

	if (is_provisional(c))
		flag(g, FLAG(PROVISIONAL), NULL);
	if (c->status != RXP_CLOCK_BROKEN)
		return;
	if (kind_of(clock) == RXP_CLOCK_KIND_MINIMUM)
		flag(g, FLAG(EARLY), NULL);
	else if (g->event == RXP_CASE_EVENT_CLAIM_ERROR)
		flag(g, FLAG(TIME_BARRED), "RXP-TKB-009");
	else if (g->event == RXP_CASE_EVENT_APPLY) /* the States can have extended it */
		flag(g, FLAG(TIME_BARRED),
		    g->in->profile->clocks[clock].extendable ? NULL : "RXP-APP-025");
	else
		flag(g, FLAG(LATE), NULL);
}

/* It plans something and begins the time that must pass before (RXP-FLG-003). */
static void judge_plan(struct judging *g, unsigned clock)
{
	const struct rxp_case_clock *c = &g->clocks[clock];

	if (c->due.outcome != RXP_DUE_SET || g->plan_ms == 0)
		return;
	if (c->due.provisional)
		flag(g, FLAG(PROVISIONAL), NULL);
	else if (g->plan_ms <= c->due.due_ms)
		flag(g, FLAG(EARLY),
		    clock == RXP_CLOCK_TRANSIT_NOTICE ? "RXP-TRN-009" : "RXP-TRF-001");
}

/* What it plans needs an acceptance that is still valid then (RXP-FLG-012). */
static void judge_validity(struct judging *g)
{
	const struct rxp_case_clock *notice = &g->clocks[RXP_CLOCK_NOTICE];
	const struct rxp_case_clock *c = &g->clocks[RXP_CLOCK_CONSENT];

	if (notice->status == RXP_CLOCK_IDLE || notice->begun_by != g->document || g->plan_ms == 0)
		return;
	if (c->status == RXP_CLOCK_IDLE || c->status == RXP_CLOCK_NO_CALENDAR ||
	    c->due.outcome != RXP_DUE_SET)
		return;
	if (c->due.provisional)
		flag(g, FLAG(PROVISIONAL), NULL);
	else if (g->plan_ms > c->due.due_ms)
		flag(g, FLAG(LATE), /* the States can have extended it */
		    g->in->profile->clocks[RXP_CLOCK_CONSENT].extendable ? NULL : "RXP-TRF-018");
}

static void judge_clocks(struct judging *g)
{
	for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++) {
		const struct rxp_case_clock *c = &g->clocks[clock];

		if ((c->status == RXP_CLOCK_MET || c->status == RXP_CLOCK_BROKEN) &&
		    c->done_by == g->document)
			judge_act(g, clock);
		else if (c->status != RXP_CLOCK_IDLE && c->begun_by == g->document &&
			 kind_of(clock) == RXP_CLOCK_KIND_MINIMUM)
			judge_plan(g, clock);
	}
}

/* --- what serves if the travel document does not come -------------------------------------------- */

static bool was_declined(const struct judging *g)
{
	struct rxp_case_turn turn;

	for (size_t k = 0; rxp_case_turn(&turn, g->in->c, k) == 0; k++) {
		const struct rxp_case_document *d = &g->in->docs[turn.document];

		for (unsigned i = 0; i < d->n_persons; i++)
			if (d->persons[i].key == g->key &&
			    d->persons[i].event == RXP_CASE_EVENT_DECLINE_DOCUMENT &&
			    (turn.persons & UINT32_C(1) << (g->key - 1)) != 0)
				return true;
	}
	return false;
}

/* RXP-FLG-011: the document ends the time for the issue, which has not run out. */
static void judge_fallback(struct judging *g)
{
	const struct rxp_case_clock *c = &g->clocks[RXP_CLOCK_TRAVEL_DOCUMENT];

	if (c->status != RXP_CLOCK_ENDED || c->done_by != g->document ||
	    c->due.outcome != RXP_DUE_SET || was_declined(g))
		return;
	if (c->due.provisional)
		flag(g, FLAG(PROVISIONAL), NULL);
	else if (c->off_ms == 0)
		flag(g, FLAG(EARLY), "RXP-TDN-002");
}

/* --- the application ------------------------------------------------------------------------- */

/* RXP-APP-024: since when the stay is known is not said for nothing. */
static void judge_since(struct judging *g)
{
	static const enum rxp_clock counted[] = {RXP_CLOCK_ACCELERATED_APPLICATION,
	    RXP_CLOCK_TIME_BAR_OWN, RXP_CLOCK_TIME_BAR_THIRD_COUNTRY};

	if (g->plan_ms == 0)
		return;
	for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++)
		if (g->clocks[counted[i]].status != RXP_CLOCK_IDLE &&
		    g->clocks[counted[i]].status != RXP_CLOCK_UNCOUNTED)
			return;
	flag(g, 0, "RXP-APP-024");
}

/* --- the reply ------------------------------------------------------------------------------- */

/* The clock of the reply in the person's procedure. */
static const struct rxp_case_clock *reply_of(const struct judging *g)
{
	return &g->clocks[(rxp_case_traits(g->in->c, g->key) & TRAIT(ACCELERATED)) != 0
			      ? RXP_CLOCK_ACCELERATED_REPLY
			      : RXP_CLOCK_REPLY];
}

/* One that came in time made it due later, if the profile lets it; whatever it did, it came after this instant. */
static void judge_extension(struct judging *g)
{
	const struct rxp_case_clock *c = reply_of(g);

	if (c->status == RXP_CLOCK_IDLE || c->status == RXP_CLOCK_NO_CALENDAR ||
	    c->due.outcome != RXP_DUE_SET)
		return;
	if (c->due.provisional)
		flag(g, FLAG(PROVISIONAL), NULL);
	else if (g->in->moments[g->document].received_ms > c->due.due_ms)
		flag(g, FLAG(LATE), "RXP-EXT-001");
}

/* RXP-FLG-007 */
static void judge_due_day(struct judging *g)
{
	const struct rxp_case_clock *c = reply_of(g);

	if (rxp_case_day_kind(g->d->type) != RXP_CASE_DAY_DUE || g->stated_day == 0 ||
	    c->status == RXP_CLOCK_IDLE)
		return;
	if (is_provisional(c))
		flag(g, FLAG(PROVISIONAL), NULL);
	else if (c->due.outcome != RXP_DUE_SET || c->due.last_day != g->stated_day)
		flag(g, FLAG(DUE_DIFFERS), NULL);
}

/* --- silence --------------------------------------------------------------------------------- */

static bool silence_speaks(const struct judging *g, const struct rxp_due *due)
{
	rxp_traits traits = rxp_case_traits(g->in->c, g->key);
	enum rxp_word persons = (traits & TRAIT(THIRD_COUNTRY)) != 0 ? RXP_PERSONS_THIRD_COUNTRY
								     : RXP_PERSONS_OWN_NATIONALS;
	enum rxp_word after = RXP_AFTER_REPLY;

	if ((traits & TRAIT(ACCELERATED)) != 0)
		after = RXP_AFTER_ACCELERATED;
	else if (due->extended)
		after = RXP_AFTER_EXTENSION;
	return rxp_profile_silence(g->in->profile, persons, after) == RXP_SILENCE_CONSENT;
}

static bool was_disturbed(const struct judging *g, const struct rxp_due *due)
{
	if (due->tendered)
		return true;
	for (size_t i = 0; i < g->in->n_outages; i++) {
		const struct rxp_due_span *o = &g->in->outages[i];

		if (o->from_ms < o->until_ms && o->from_ms <= due->due_ms &&
		    o->until_ms > due->start_ms &&
		    rxp_profile_effect(g->in->profile, RXP_DISTURBANCE_OUTAGE) != RXP_EFFECT_NONE)
			return true;
	}
	return false;
}

/* The end of the last working day before the last day; the due instant is set. */
static int64_t reminder_limit(const struct judging *g, const struct rxp_due *due)
{
	const struct rxp_calendar *c;
	int32_t day = due->last_day;
	size_t version;
	bool covered;

	if (rxp_calendars_at(&version, g->in->calendars, due->start_ms) != 0)
		return 0;
	do
		c = rxp_calendars_for(g->in->calendars, version, --day, &covered);
	while (day > 0 && rxp_calendar_kind(c, day) != RXP_DAY_WORKING);
	return rxp_calendar_day_end(c, day);
}

static bool was_reminded(const struct judging *g, const struct rxp_due *due)
{
	int64_t limit_ms = reminder_limit(g, due);
	struct rxp_case_turn turn;

	for (size_t k = 0; rxp_case_turn(&turn, g->in->c, k) == 0; k++)
		if ((turn.persons & UINT32_C(1) << (g->key - 1)) != 0 &&
		    g->in->docs[turn.document].n_persons == 0 &&
		    g->in->docs[turn.document].event == RXP_CASE_EVENT_REMIND_REPLY &&
		    g->in->moments[turn.document].received_ms <= limit_ms)
			return true;
	return false;
}

/* RXP-FLG-005, 006 */
static void judge_claim(struct judging *g)
{
	const struct rxp_case_clock *c = reply_of(g);
	bool is_set = c->due.outcome == RXP_DUE_SET;

	if (is_provisional(c))
		flag(g, FLAG(PROVISIONAL), NULL);
	if (c->status != RXP_CLOCK_PAST &&
	    (is_set || c->due.outcome == RXP_DUE_WAITS || c->status == RXP_CLOCK_STANDS))
		flag(g, FLAG(DEEMED_EARLY), "RXP-DEE-008");
	if (!silence_speaks(g, &c->due))
		flag(g, FLAG(DEEMED_UNFOUNDED), "RXP-PRF-011");
	else if (!is_set ||
		 (!is_provisional(c) && (!was_reminded(g, &c->due) || was_disturbed(g, &c->due))))
		flag(g, FLAG(DEEMED_UNFOUNDED), "RXP-DEE-008");
}

/* --- the whole ------------------------------------------------------------------------------- */

static void read_person(struct judging *g)
{
	const struct rxp_case_document *d = g->d;

	g->event = (enum rxp_case_event)d->event;
	g->stated_day = d->stated_day;
	g->plan_ms = 0;
	for (unsigned i = 0; i < d->n_persons; i++)
		if (d->persons[i].key == g->key) {
			g->event = (enum rxp_case_event)d->persons[i].event;
			g->stated_day = d->persons[i].stated_day;
			g->plan_ms = d->persons[i].at_ms;
		}
}

static int judge_person(struct judging *g)
{
	int rc = 0;

	read_person(g);
	for (unsigned clock = 0; rc == 0 && clock < RXP_CLOCK_COUNT; clock++)
		rc = rxp_case_clock(&g->clocks[clock], g->in, g->key, (enum rxp_clock)clock);
	if (rc != 0)
		return rc;
	judge_clocks(g);
	judge_validity(g);
	judge_due_day(g);
	if (g->event == RXP_CASE_EVENT_APPLY)
		judge_since(g);
	if (g->event == RXP_CASE_EVENT_USE_STANDARD_DOCUMENT)
		judge_fallback(g);
	if (g->event == RXP_CASE_EVENT_EXTEND)
		judge_extension(g);
	if (g->event == RXP_CASE_EVENT_DEEM)
		judge_claim(g);
	return 0;
}

int rxp_case_judge(struct rxp_case_judgement *out, const struct rxp_case_times *in, size_t i)
{
	struct rxp_case_times then = *in;
	struct judging g = {.in = &then, .document = i, .d = &in->docs[i]};
	struct rxp_case_turn turn = {.persons = 0};
	int rc = 0;

	then.as_of_ms = in->moments[i].received_ms;
	for (size_t k = 0; rxp_case_turn(&turn, in->c, k) == 0 && turn.document != i; k++)
		continue;
	for (g.key = 1; rc == 0 && turn.document == i && g.key <= RXP_MAX_PERSONS; g.key++)
		if ((turn.persons & UINT32_C(1) << (g.key - 1)) != 0)
			rc = judge_person(&g);
	if (rc == 0)
		*out = g.j;
	return rc;
}
