/*
 * due - when a clock is due: the one computation that both States make from the same sealed inputs
 * (spec/rxp-1.md, "Clocks").
 *
 * Pure: an instant, a profile, calendars and facts in; a due instant and the steps to it out. The
 * time of the machine plays no part, except as the as_of_ms that the caller gives.
 */
#ifndef RXP_DUE_H
#define RXP_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/terms/calendar.h"
#include "protocol/terms/profile.h"

struct rxp_buf;

#define RXP_DUE_NEVER INT64_MAX /* an event that has not happened */
#define RXP_MAX_DUE_STEPS 16

struct rxp_due_span {
	int64_t from_ms;
	int64_t until_ms; /* the first instant after it; empty spans count for nothing */
	bool pause; /* of the clock, until a supplement (RXP-CLK-015); else a declared outage */
};

/* What happened. Instants in milliseconds, or RXP_DUE_NEVER. */
struct rxp_due_facts {
	int64_t event_ms; /* what begins the clock; the receipt for one that the profile starts */
	int64_t registered_ms;
	int64_t handed_over_ms;
	int64_t attachments_ms; /* receipt of the last pending attachment; 0 if none was pending */
	int64_t as_of_ms; /* the time of asking; decides only whether a registration is overdue */
	const struct rxp_due_span *outages; /* and pauses, in any order, also overlapping */
	size_t n_outages; /* at most RXP_MAX_DISTURBANCES */
	const int64_t *attempts; /* of the side that must act; in any order */
	size_t n_attempts; /* at most RXP_MAX_DISTURBANCES */
	uint32_t extension; /* asked for, in the unit of the profile's extension; 0: none */
	int64_t extension_ms; /* receipt of the Extension, and of the consent if one is needed */
	int32_t
	    valid_until; /* the day that what a VALIDITY counts is said to end on; 0: it is not said */
};

/* Nothing has happened. */
#define RXP_DUE_NOTHING \
	{ \
		.event_ms = RXP_DUE_NEVER, .registered_ms = RXP_DUE_NEVER, \
		.handed_over_ms = RXP_DUE_NEVER, .as_of_ms = RXP_DUE_NEVER \
	}

enum rxp_due_outcome {
	RXP_DUE_SET, /* there is a due instant */
	RXP_DUE_ABSENT, /* the profile does not set this clock */
	RXP_DUE_NONE, /* the agreement has no such limit */
	RXP_DUE_AT_ONCE, /* it says so and gives no number */
	RXP_DUE_UNKNOWN, /* whether it has one is not known */
	RXP_DUE_WAITS, /* the event that starts the clock has not happened */
};

enum rxp_due_step_kind {
#define DUE_STEP(name, requirement, text) RXP_DUE_STEP_##name,
#include "protocol/terms/due_step.def"
#undef DUE_STEP
	RXP_DUE_STEP_COUNT
};

struct rxp_due_step {
	enum rxp_due_step_kind kind;
	int64_t at_ms;
	int32_t from_day, to_day;
	uint32_t number;
	enum rxp_word word;
	uint32_t weekend, holidays, disturbed; /* days passed over */
};

struct rxp_due {
	enum rxp_clock clock;
	enum rxp_due_outcome outcome;
	/* The rest is meant for RXP_DUE_SET, but for waits_until_ms. */
	int64_t start_ms;
	enum rxp_word started_by; /* RXP_START_*; ABSENT for a clock with a fixed event */
	int64_t due_ms; /* the last instant in time */
	int32_t last_day; /* the local day of due_ms */
	bool provisional; /* no consequence may be drawn from it (RXP-CAL-008) */
	bool extended;
	bool tendered; /* an attempt in time keeps the limit (RXP-CLK-013) */
	int64_t warn_ms; /* when the one who must act is warned; RXP_DUE_NEVER: not at all */
	int64_t waits_until_ms; /* RXP_DUE_WAITS: from then on it counts from receipt; or NEVER */
	size_t n_steps;
	struct rxp_due_step steps[RXP_MAX_DUE_STEPS];
};

/*
 * Compute one clock of a profile without a base. calendars are the versions that this node holds of the
 * calendar that rxp_profile_calendar() names. 0, with an outcome;
 * RXP_ERR_NOT_FOUND: no calendar applies at the start; RXP_ERR_BOUND: too many outages or attempts, an
 * instant outside the years 1970 to 9999, or a due instant beyond them; RXP_ERR_STATE: the profile has
 * a base that it was not laid on, or the clock only lengthens another.
 */
int rxp_due_compute(struct rxp_due *out, enum rxp_clock clock, const struct rxp_profile *profile,
    const struct rxp_calendars *calendars, const struct rxp_due_facts *facts);

/* Append the steps in words, one a line, each with its requirement. The buffer's errors. */
int rxp_due_explain(struct rxp_buf *out, const struct rxp_due *due);

#endif
