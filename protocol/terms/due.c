#include "protocol/terms/due.h"

#include <stdlib.h>

#include "protocol/base/err.h"

#define HOUR_MS 3600000LL
#define MAX_WALK_DAYS 200000 /* no period of a profile, stopped or not, is longer */

/* One computation. */
struct work {
	struct rxp_due due;
	const struct rxp_profile *profile;
	const struct rxp_limit *limit;
	const struct rxp_calendars *calendars;
	const struct rxp_due_facts *facts;
	size_t version; /* of the calendars: the one that applies */
	bool disturbable; /* outages and attempts play a part */
	bool unsure; /* where it begins rests on a provisional due instant */
	enum rxp_word outage, pause, attempt; /* their effects */
	int32_t event_day;
};

static struct rxp_due_step *add_step(struct work *w, enum rxp_due_step_kind kind)
{
	struct rxp_due_step *step;

	if (w->due.n_steps == RXP_MAX_DUE_STEPS)
		abort();
	step = &w->due.steps[w->due.n_steps++];
	*step = (struct rxp_due_step){.kind = kind};
	return step;
}

/* --- days ---------------------------------------------------------------------------------- */

static const struct rxp_calendar *calendar_for(const struct work *w, int32_t day)
{
	bool covered;

	return rxp_calendars_for(w->calendars, w->version, day, &covered);
}

static enum rxp_day_kind kind_of(const struct work *w, int32_t day)
{
	return rxp_calendar_kind(calendar_for(w, day), day);
}

static int64_t end_of(const struct work *w, int32_t day)
{
	return rxp_calendar_day_end(calendar_for(w, day), day);
}

static bool has_effect(const struct work *w, const struct rxp_due_span *o, enum rxp_word effect)
{
	return o->from_ms < o->until_ms && (o->pause ? w->pause : w->outage) == effect;
}

/* Does an outage or pause of this effect touch the span? */
static bool in_outage(const struct work *w, int64_t first_ms, int64_t last_ms, enum rxp_word effect)
{
	for (size_t i = 0; i < w->facts->n_outages; i++) {
		const struct rxp_due_span *o = &w->facts->outages[i];

		if (has_effect(w, o, effect) && o->from_ms <= last_ms && o->until_ms > first_ms)
			return true;
	}
	return false;
}

static bool has_attempt(const struct work *w, int64_t first_ms, int64_t last_ms)
{
	for (size_t i = 0; i < w->facts->n_attempts; i++)
		if (w->facts->attempts[i] >= first_ms && w->facts->attempts[i] <= last_ms)
			return true;
	return false;
}

/* RXP-CLK-012: an outage stops the day. */
static bool is_stopped(const struct work *w, int32_t day)
{
	return w->disturbable && w->facts->n_outages > 0 &&
	       in_outage(w, end_of(w, day - 1) + 1, end_of(w, day), RXP_EFFECT_STOP);
}

/* RXP-CLK-012, 013: the period does not end on it. */
static bool is_disturbed(const struct work *w, int32_t day)
{
	int64_t first, last;

	if (!w->disturbable || w->facts->n_outages + w->facts->n_attempts == 0)
		return false;
	first = end_of(w, day - 1) + 1;
	last = end_of(w, day);
	return in_outage(w, first, last, RXP_EFFECT_STOP) ||
	       in_outage(w, first, last, RXP_EFFECT_EXTEND) ||
	       (w->attempt == RXP_EFFECT_EXTEND && has_attempt(w, first, last));
}

/* --- counting ------------------------------------------------------------------------------ */

static void pass(struct rxp_due_step *step, enum rxp_day_kind kind, bool disturbed)
{
	if (disturbed)
		step->disturbed++;
	else if (kind == RXP_DAY_WEEKEND)
		step->weekend++;
	else
		step->holidays++;
}

/* Walks number days that count on from step->to_day. */
static int walk(const struct work *w, struct rxp_due_step *step, uint32_t number, bool working)
{
	while (number > 0) {
		int32_t day = step->to_day + 1;
		bool stopped;
		enum rxp_day_kind kind;

		if (day > RXP_MAX_DAY || day - step->from_day > MAX_WALK_DAYS)
			return RXP_ERR_BOUND;
		step->to_day = day;
		stopped = is_stopped(w, day);
		kind = working ? kind_of(w, day) : RXP_DAY_WORKING;
		if (stopped || kind != RXP_DAY_WORKING)
			pass(step, kind, stopped);
		else
			number--;
	}
	return 0;
}

/* RXP-CLK-006: the day of the same number; each stopped day before it moves it by one. */
static int walk_months(const struct work *w, struct rxp_due_step *step, uint32_t months)
{
	uint32_t stopped = 0;

	step->to_day = rxp_day_add_months(step->from_day, months);
	if (step->to_day > RXP_MAX_DAY)
		return RXP_ERR_BOUND;
	for (int32_t day = step->from_day + 1; day <= step->to_day; day++)
		stopped += is_stopped(w, day);
	step->disturbed = stopped;
	return walk(w, step, stopped, false);
}

/* RXP-CLK-007, 012, 013: from *day on to the first day on which the period may end. */
static int roll(struct work *w, int32_t *day)
{
	bool to_working = w->profile->counting.roll == RXP_ROLL_NEXT && w->disturbable;
	struct rxp_due_step step = {.kind = RXP_DUE_STEP_ROLLED, .from_day = *day, .to_day = *day};

	for (;; step.to_day++) {
		bool disturbed = is_disturbed(w, step.to_day);
		enum rxp_day_kind kind = to_working ? kind_of(w, step.to_day) : RXP_DAY_WORKING;

		if (!disturbed && kind == RXP_DAY_WORKING)
			break;
		if (step.to_day == RXP_MAX_DAY || step.to_day - step.from_day > MAX_WALK_DAYS)
			return RXP_ERR_BOUND;
		pass(&step, kind, disturbed);
	}
	if (step.to_day != step.from_day)
		*add_step(w, RXP_DUE_STEP_ROLLED) = step;
	*day = step.to_day;
	return 0;
}

/* The last day of a period that follows the day from; ends on a day on which it may. */
static int count_days(
    struct work *w, int32_t from, uint32_t number, enum rxp_word unit, int32_t *last)
{
	struct rxp_due_step *step = add_step(w, RXP_DUE_STEP_DAYS);
	int rc;

	step->from_day = from;
	step->to_day = from;
	step->number = number;
	step->word = unit;
	rc = unit == RXP_UNIT_MONTHS ? walk_months(w, step, number)
				     : walk(w, step, number, unit == RXP_UNIT_WORKING_DAYS);
	if (rc != 0)
		return rc;
	*last = step->to_day;
	return roll(w, last);
}

/* RXP-CLK-008, 012: hours run from the instant, and stand still in outages of this effect. */
static int64_t run_hours(
    const struct work *w, int64_t start_ms, int64_t left_ms, enum rxp_word effect)
{
	int64_t at = start_ms;

	for (;;) {
		int64_t stop = RXP_DUE_NEVER; /* the next outage begins */
		int64_t resume = RXP_DUE_NEVER; /* the one that holds `at` ends */

		for (size_t i = 0; i < w->facts->n_outages; i++) {
			const struct rxp_due_span *o = &w->facts->outages[i];

			if (!has_effect(w, o, effect))
				continue;
			if (o->from_ms <= at && o->until_ms > at)
				resume = o->until_ms;
			else if (o->from_ms > at && o->from_ms < stop)
				stop = o->from_ms;
		}
		if (resume != RXP_DUE_NEVER) {
			at = resume;
			continue;
		}
		if (stop == RXP_DUE_NEVER || stop - at >= left_ms)
			return at + left_ms;
		left_ms -= stop - at;
		at = stop;
	}
}

static int64_t count_hours(struct work *w, int64_t start_ms, uint32_t hours)
{
	int64_t due = start_ms + hours * HOUR_MS;
	struct rxp_due_step *step = add_step(w, RXP_DUE_STEP_HOURS);

	if (w->disturbable) {
		due = run_hours(w, start_ms, hours * HOUR_MS, RXP_EFFECT_STOP);
		due = run_hours(w, due, 0, RXP_EFFECT_EXTEND);
	}
	step->number = hours;
	step->at_ms = due;
	return due;
}

/* --- start --------------------------------------------------------------------------------- */

static int compute(struct work *w);

static void begin(struct work *w, const struct work *like, enum rxp_clock clock)
{
	const struct rxp_clock_row *row = rxp_clock_row(clock);

	*w = (struct work){
	    .due = {.clock = clock, .warn_ms = RXP_DUE_NEVER, .waits_until_ms = RXP_DUE_NEVER},
	    .profile = like->profile,
	    .limit = &like->profile->clocks[clock],
	    .calendars = like->calendars,
	    .facts = like->facts,
	    .disturbable = row->kind == RXP_CLOCK_KIND_LIMIT,
	    .outage = rxp_profile_effect(like->profile, RXP_DISTURBANCE_OUTAGE),
	    .pause = rxp_profile_effect(like->profile, RXP_DISTURBANCE_SUPPLEMENT),
	    .attempt = rxp_profile_effect(like->profile, RXP_DISTURBANCE_ATTEMPT)};
}

/* RXP-CLK-009: the instant by which the application must be registered; NEVER if the profile sets
 * none. */
static int registration_limit(const struct work *w, int64_t *limit_ms, bool *provisional)
{
	struct work r;
	int rc;

	*limit_ms = RXP_DUE_NEVER;
	*provisional = false;
	begin(&r, w, RXP_CLOCK_REGISTRATION);
	if (!rxp_unit_counts(r.limit->unit))
		return 0;
	rc = compute(&r);
	if (rc == 0) {
		*limit_ms = r.due.due_ms;
		*provisional = r.due.provisional;
	}
	return rc;
}

/* The event that the profile names, or receipt if it was not in time (RXP-CLK-009). */
static int await_event(struct work *w, int64_t event_ms)
{
	int64_t limit_ms;
	bool provisional;
	int rc = registration_limit(w, &limit_ms, &provisional);

	if (rc != 0)
		return rc;
	if (event_ms != RXP_DUE_NEVER && event_ms <= limit_ms) {
		if (event_ms > w->due.start_ms)
			w->due.start_ms = event_ms;
		return 0;
	}
	if (event_ms == RXP_DUE_NEVER &&
	    (limit_ms == RXP_DUE_NEVER || w->facts->as_of_ms <= limit_ms)) {
		w->due.outcome = RXP_DUE_WAITS;
		w->due.waits_until_ms = limit_ms;
		return 0;
	}
	w->due.started_by = RXP_START_RECEIPT;
	w->unsure = provisional; /* RXP-CLK-051 */
	add_step(w, RXP_DUE_STEP_STALLED)->at_ms = limit_ms;
	return 0;
}

/* RXP-CLK-003 */
static void await_attachments(struct work *w)
{
	int64_t last_ms = w->facts->attachments_ms;

	if (w->profile->attachments.pending != RXP_PENDING_CLOCK_WAITS ||
	    last_ms <= w->due.start_ms)
		return;
	if (last_ms == RXP_DUE_NEVER) {
		w->due.outcome = RXP_DUE_WAITS;
		w->due.waits_until_ms = RXP_DUE_NEVER;
		return;
	}
	w->due.start_ms = last_ms;
	add_step(w, RXP_DUE_STEP_ATTACHMENTS)->at_ms = last_ms;
}

static int find_start(struct work *w)
{
	struct rxp_due_step *step;
	int rc = 0;

	w->due.start_ms = w->facts->event_ms;
	if (w->due.start_ms == RXP_DUE_NEVER) {
		w->due.outcome = RXP_DUE_WAITS;
		return 0;
	}
	if (!rxp_clock_row(w->due.clock)->profile_starts)
		goto done;
	w->due.started_by =
	    w->limit->start == RXP_WORD_ABSENT ? RXP_START_RECEIPT : w->limit->start;
	if (w->limit->start == RXP_START_REGISTRATION)
		rc = await_event(w, w->facts->registered_ms);
	else if (w->limit->start == RXP_START_HANDED_OVER)
		rc = await_event(w, w->facts->handed_over_ms);
	if (rc != 0)
		return rc;
	if (w->due.outcome != RXP_DUE_WAITS)
		await_attachments(w);
	if (w->due.outcome == RXP_DUE_WAITS)
		return 0;
done:
	step = add_step(w, RXP_DUE_STEP_START);
	step->at_ms = w->due.start_ms;
	step->word = w->due.started_by;
	return 0;
}

/* RXP-CLK-004, 005 */
static void find_event_day(struct work *w)
{
	const struct rxp_calendar *c = w->calendars->versions[w->version];
	int cut_off = w->profile->counting.cut_off;
	struct rxp_due_step *step;
	int32_t day = rxp_calendar_day(c, w->due.start_ms);

	w->event_day = day;
	if (cut_off >= 0 && (rxp_calendar_minute(c, w->due.start_ms) >= cut_off ||
				kind_of(w, day) != RXP_DAY_WORKING)) {
		do
			w->event_day++;
		while (kind_of(w, w->event_day) != RXP_DAY_WORKING);
	}
	step = add_step(w, w->event_day == day ? RXP_DUE_STEP_EVENT_DAY : RXP_DUE_STEP_CUT_OFF);
	step->from_day = day;
	step->to_day = w->event_day;
}

/* --- the whole ----------------------------------------------------------------------------- */

/* RXP-CLK-054 */
static bool is_stated(const struct work *w)
{
	return w->facts->valid_until != 0 &&
	       rxp_clock_row(w->due.clock)->kind == RXP_CLOCK_KIND_VALIDITY;
}

static void end_as_stated(struct work *w)
{
	int32_t day = w->facts->valid_until;

	if (!is_stated(w) || end_of(w, day) >= w->due.due_ms)
		return;
	w->due.last_day = day;
	w->due.due_ms = end_of(w, day);
	add_step(w, RXP_DUE_STEP_STATED)->to_day = day;
}

/* The period that the profile sets; without one nothing but what is stated ends it. */
static int set_due(struct work *w)
{
	int rc;

	if (w->limit->unit == RXP_UNIT_HOURS) {
		w->due.due_ms = count_hours(w, w->due.start_ms, w->limit->value);
		w->event_day =
		    rxp_calendar_day(w->calendars->versions[w->version], w->due.start_ms);
		w->due.last_day =
		    rxp_calendar_day(w->calendars->versions[w->version], w->due.due_ms);
		return 0;
	}
	find_event_day(w);
	if (!rxp_unit_counts(w->limit->unit)) {
		w->due.due_ms = RXP_DUE_NEVER;
		return 0;
	}
	rc = count_days(w, w->event_day, w->limit->value, w->limit->unit, &w->due.last_day);
	if (rc == 0)
		w->due.due_ms = end_of(w, w->due.last_day);
	return rc;
}

/* RXP-CLK-010 */
static int extend(struct work *w)
{
	const struct rxp_limit *longer = &w->profile->clocks[RXP_CLOCK_EXTENSION];
	uint32_t number = w->facts->extension;
	struct rxp_due_step *step;
	int32_t last;
	int rc;

	if (number == 0 || w->due.clock != RXP_CLOCK_REPLY || !rxp_unit_counts(longer->unit))
		return 0;
	if (w->facts->extension_ms > w->due.due_ms) {
		add_step(w, RXP_DUE_STEP_TOO_LATE)->at_ms = w->facts->extension_ms;
		return 0;
	}
	if (number > longer->value) {
		number = longer->value;
		add_step(w, RXP_DUE_STEP_CAPPED)->number = number;
	}
	step = add_step(w, RXP_DUE_STEP_EXTENSION);
	step->at_ms = w->facts->extension_ms;
	step->word = longer->mode;
	step->number = number;
	rc = count_days(w, longer->mode == RXP_MODE_ADDITIVE ? w->due.last_day : w->event_day,
	    number, longer->unit, &last);
	if (rc == 0 && end_of(w, last) > w->due.due_ms) {
		w->due.last_day = last;
		w->due.due_ms = end_of(w, last);
		w->due.extended = true;
	}
	return rc;
}

/* RXP-CAL-008; a period of hours needs no calendar. */
static bool is_provisional(const struct work *w)
{
	bool covered = w->limit->unit != RXP_UNIT_HOURS || w->due.extended;

	if (!covered)
		return false;
	for (int32_t day = w->event_day; covered && day <= w->due.last_day; day++)
		rxp_calendars_for(w->calendars, w->version, day, &covered);
	return !covered;
}

static void finish(struct work *w)
{
	int64_t lead = rxp_clock_row(w->due.clock)->warn_ms;
	struct rxp_due_step *step = add_step(w, RXP_DUE_STEP_END);
	int64_t tendered = RXP_DUE_NEVER;

	step->at_ms = w->due.due_ms;
	step->to_day = w->due.last_day;
	if (lead > 0)
		w->due.warn_ms =
		    w->due.due_ms - w->due.start_ms > lead ? w->due.due_ms - lead : w->due.start_ms;
	w->due.provisional = w->unsure || is_provisional(w);
	if (w->due.provisional)
		add_step(w, RXP_DUE_STEP_PROVISIONAL)->to_day = w->due.last_day;
	if (!w->disturbable || w->attempt != RXP_EFFECT_STOP)
		return;
	for (size_t i = 0; i < w->facts->n_attempts; i++)
		if (w->facts->attempts[i] >= w->due.start_ms &&
		    w->facts->attempts[i] <= w->due.due_ms && w->facts->attempts[i] < tendered)
			tendered = w->facts->attempts[i];
	w->due.tendered = tendered != RXP_DUE_NEVER;
	if (w->due.tendered)
		add_step(w, RXP_DUE_STEP_TENDERED)->at_ms = tendered;
}

/* A clock that counts. */
static int compute(struct work *w)
{
	int rc = find_start(w);

	if (rc != 0 || w->due.outcome == RXP_DUE_WAITS)
		return rc;
	if ((rc = rxp_calendars_at(&w->version, w->calendars, w->due.start_ms)) != 0 ||
	    (rc = set_due(w)) != 0 || (rc = extend(w)) != 0)
		return rc;
	end_as_stated(w);
	if (w->due.due_ms > RXP_MAX_TIME_MS || w->due.last_day > RXP_MAX_DAY)
		return RXP_ERR_BOUND;
	finish(w);
	return 0;
}

static bool instant_valid(int64_t ms)
{
	return ms == RXP_DUE_NEVER || (ms >= 0 && ms <= RXP_MAX_TIME_MS);
}

static bool facts_valid(const struct rxp_due_facts *f)
{
	bool valid = instant_valid(f->event_ms) && instant_valid(f->registered_ms) &&
		     instant_valid(f->handed_over_ms) && instant_valid(f->attachments_ms) &&
		     instant_valid(f->as_of_ms) && instant_valid(f->extension_ms) &&
		     f->valid_until >= 0 && f->valid_until <= RXP_MAX_DAY &&
		     f->n_outages <= RXP_MAX_DISTURBANCES && f->n_attempts <= RXP_MAX_DISTURBANCES;

	for (size_t i = 0; valid && i < f->n_outages; i++)
		valid = f->outages[i].from_ms >= 0 && f->outages[i].until_ms >= 0 &&
			f->outages[i].from_ms <= RXP_MAX_TIME_MS &&
			f->outages[i].until_ms <= RXP_MAX_TIME_MS;
	return valid;
}

static enum rxp_due_outcome uncounted(enum rxp_word unit)
{
	switch (unit) {
	case RXP_UNIT_NONE:
		return RXP_DUE_NONE;
	case RXP_UNIT_AT_ONCE:
		return RXP_DUE_AT_ONCE;
	case RXP_UNIT_UNKNOWN:
		return RXP_DUE_UNKNOWN;
	default:
		return RXP_DUE_ABSENT;
	}
}

int rxp_due_compute(struct rxp_due *out, enum rxp_clock clock, const struct rxp_profile *profile,
    const struct rxp_calendars *calendars, const struct rxp_due_facts *facts)
{
	const struct work like = {.profile = profile, .calendars = calendars, .facts = facts};
	struct work w;
	int rc = 0;

	if (profile->has_base || rxp_clock_row(clock)->kind == RXP_CLOCK_KIND_LONGER)
		return RXP_ERR_STATE;
	if (!facts_valid(facts))
		return RXP_ERR_BOUND;
	begin(&w, &like, clock);
	if (rxp_unit_counts(w.limit->unit) || is_stated(&w))
		rc = compute(&w);
	else
		w.due.outcome = uncounted(w.limit->unit);
	if (rc == 0)
		*out = w.due;
	return rc;
}
