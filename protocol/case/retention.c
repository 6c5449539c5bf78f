#include "protocol/case/retention.h"

#include "protocol/base/date.h"
#include "protocol/base/limits.h"

static const enum rxp_retention_after afters[RXP_CASE_STATE_COUNT] = {
#define CASE_STATE(name, word, kind, kept, meaning) [RXP_CASE_##name] = RXP_RETAINED_##kept,
#include "protocol/case/case.def"
};

/* The word of a profile for each end. */
static const enum rxp_word words[] = {
    [RXP_RETAINED_NEVER] = RXP_WORD_ABSENT,
    [RXP_RETAINED_AT_ONCE] = RXP_WORD_ABSENT,
    [RXP_RETAINED_REFUSED] = RXP_RETENTION_REFUSED,
    [RXP_RETAINED_WITHDRAWN] = RXP_RETENTION_WITHDRAWN,
    [RXP_RETAINED_COMPLETED] = RXP_RETENTION_COMPLETED,
    [RXP_RETAINED_LAPSED] = RXP_RETENTION_LAPSED,
};

const char *rxp_retention_word(enum rxp_retention_after after)
{
	return after == RXP_RETAINED_AT_ONCE ? "at-once" : rxp_word_text(words[after]);
}

bool rxp_retention_lapses(enum rxp_case_state state)
{
	return afters[state] == RXP_RETAINED_LAPSED;
}

int64_t rxp_retention_due(int64_t ended_ms, uint32_t months)
{
	int32_t last = rxp_day_add_months((int32_t)(ended_ms / RXP_DAY_MS), months);

	return last < RXP_MAX_DAY ? (int64_t)(last + 1) * RXP_DAY_MS : RXP_DUE_NEVER;
}

/* When the person came to where the person is: the receipt of the last document that changed the state. */
static int64_t moved_ms(const struct rxp_case_times *in, unsigned key)
{
	struct rxp_case_turn turn;
	int64_t at_ms = 0;

	for (size_t k = 0; rxp_case_turn(&turn, in->c, k) == 0; k++)
		if ((turn.changed & UINT32_C(1) << (key - 1)) != 0)
			at_ms = in->moments[turn.document].received_ms;
	return at_ms == RXP_DUE_NEVER ? 0 : at_ms;
}

/* When a clock ends what was agreed: which one, and the one in its place if that is extendable. */
static const struct lapse {
	enum rxp_clock clock, other;
} lapses[] = {
#define CASE_CLOCK_LAPSE(clock_, other_) {RXP_CLOCK_##clock_, RXP_CLOCK_##other_},
#include "protocol/case/case_clock.def"
};

/* RXP-RET-012: the clock that ends it in the place of one that may be extended; IDLE if there is none. */
static int take_other(struct rxp_case_clock *clock, const struct rxp_case_times *in, unsigned key,
    enum rxp_clock other)
{
	const struct rxp_limit *limit = &in->profile->clocks[other];
	int rc = 0;

	if (limit->extendable || !rxp_unit_counts(limit->unit))
		*clock = (struct rxp_case_clock){.status = RXP_CLOCK_IDLE};
	else
		rc = rxp_case_clock(clock, in, key, other);
	return rc;
}

static int lapse_by(struct rxp_retention *r, const struct rxp_case_times *in, unsigned key,
    const struct lapse *lapse)
{
	struct rxp_case_clock clock;
	int rc = rxp_case_clock(&clock, in, key, lapse->clock);

	if (rc != 0 || clock.status == RXP_CLOCK_IDLE)
		return rc;
	if (in->profile->clocks[lapse->clock].extendable) {
		rc = take_other(&clock, in, key, lapse->other);
		if (rc != 0)
			return rc;
		r->extendable = clock.status == RXP_CLOCK_IDLE;
	}
	if (clock.status == RXP_CLOCK_PAST && !clock.due.provisional)
		r->ended_ms = clock.due.due_ms;
	return 0;
}

/* What was agreed and is not used ends with the time for it. */
static int lapse(struct rxp_retention *r, const struct rxp_case_times *in, unsigned key)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && in->profile != NULL && r->ended_ms == 0 &&
			   i < sizeof lapses / sizeof lapses[0];
	     i++)
		rc = lapse_by(r, in, key, &lapses[i]);
	return rc;
}

/* Of persons who withdrew, or for whom others withdrew, nothing is shown although it is kept for others. */
static bool is_blocked(const struct rxp_retention *r, int64_t as_of_ms)
{
	return r->after == RXP_RETAINED_WITHDRAWN || r->after == RXP_RETAINED_AT_ONCE ||
	       r->due_ms <= as_of_ms;
}

static void apply_profile(struct rxp_retention *r, const struct rxp_profile *p)
{
	for (size_t i = 0; p != NULL && i < p->retention.n; i++) {
		if (p->retention.rows[i].after != words[r->after])
			continue;
		r->months = p->retention.rows[i].months;
		r->source = p->retention.rows[i].source;
		r->due_ms = rxp_retention_due(r->ended_ms, r->months);
	}
}

int rxp_retention(struct rxp_retention *out, const struct rxp_case_times *in, unsigned key)
{
	struct rxp_retention r = {
	    .after = afters[rxp_case_person(in->c, key)], .due_ms = RXP_DUE_NEVER};
	int rc = 0;

	if (r.after == RXP_RETAINED_LAPSED)
		rc = lapse(&r, in, key);
	else if (r.after != RXP_RETAINED_NEVER)
		r.ended_ms = moved_ms(in, key);
	if (rc != 0)
		return rc;
	if (r.ended_ms == 0)
		r.after = RXP_RETAINED_NEVER;
	else if (r.after == RXP_RETAINED_AT_ONCE)
		r.due_ms = r.ended_ms;
	else
		apply_profile(&r, in->profile);
	r.blocked = is_blocked(&r, in->as_of_ms);
	*out = r;
	return 0;
}
