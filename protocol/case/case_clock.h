/*
 * case_clock - the clocks of the persons of a case: which of them run, when they are due, who must act by
 * them, and whether it was done in time (spec/rxp-1.md, "Clocks of a case"; protocol/case/case_clock.def).
 *
 * Pure: the documents of a case with the times of their receipts, the profile, the calendars and the
 * disturbances in; a clock out. Two nodes that give the same get the same, in whatever order they hold
 * the documents.
 */
#ifndef RXP_CASE_CLOCK_H
#define RXP_CASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/case/case.h"
#include "protocol/terms/due.h"

#define RXP_MAX_PAUSES 32 /* of one clock; those after them stop nothing */

enum rxp_case_clock_does {
	RXP_CLOCK_START,
	RXP_CLOCK_SINCE,
	RXP_CLOCK_RESTART,
	RXP_CLOCK_REGISTER,
	RXP_CLOCK_HAND_OVER,
	RXP_CLOCK_EXTEND,
	RXP_CLOCK_SUSPEND,
	RXP_CLOCK_PAUSE,
	RXP_CLOCK_RESUME,
	RXP_CLOCK_MEET,
	RXP_CLOCK_CANCEL,
	RXP_CLOCK_REOPEN,
	RXP_CLOCK_UNTIL,
	RXP_CLOCK_DOES_COUNT
};

/* When a document was received; beside the documents of a case, one for each. */
struct rxp_case_moment {
	int64_t received_ms; /* ReceivedAt of its Receipt; RXP_DUE_NEVER as long as there is none */
	int64_t
	    attachments_ms; /* of the last that was pending: 0 if none was, RXP_DUE_NEVER if one is */
};

/* One of the documents was tried and got no signed answer (RXP-CLK-013). */
struct rxp_case_attempt {
	size_t document; /* its index */
	int64_t at_ms;
};

/* All that the clocks of a case come from. Borrowed. */
struct rxp_case_times {
	const struct rxp_case *c; /* the fold of docs */
	const struct rxp_case_document *docs;
	const struct rxp_case_moment *moments;
	size_t n;
	const struct rxp_profile *profile; /* that of the case; no overlay */
	const struct rxp_calendars *calendars; /* those that rxp_profile_calendar() names */
	const struct rxp_due_span *outages; /* declared by either side */
	size_t n_outages; /* at most RXP_MAX_DISTURBANCES - RXP_MAX_PAUSES (RXP-CLK-047) */
	struct {
		const struct rxp_case_attempt *tried;
		size_t n; /* at most RXP_MAX_DISTURBANCES */
	} attempts[2]; /* to serve, by the enum rxp_case_side of who tried */
	int64_t as_of_ms;
};

enum rxp_clock_status {
	RXP_CLOCK_IDLE, /* there is no such clock for the person, or nothing began it */
	RXP_CLOCK_UNCOUNTED, /* the profile gives no number; due.outcome says what it says */
	RXP_CLOCK_NO_CALENDAR, /* no calendar that the node holds applies, or the year 9999 ends first */
	RXP_CLOCK_WAITS, /* for the event that the profile lets it begin with */
	RXP_CLOCK_RUNS,
	RXP_CLOCK_STANDS, /* it is suspended or pauses */
	RXP_CLOCK_PAST, /* the due instant has passed and nothing was done */
	RXP_CLOCK_MET, /* it was done, and on the right side of the due instant */
	RXP_CLOCK_BROKEN, /* it was done, and on the wrong side */
	RXP_CLOCK_ENDED, /* the case went on without it */
	RXP_CLOCK_STATUS_COUNT
};

const char *rxp_clock_status_word(enum rxp_clock_status status);
int rxp_clock_status_parse(enum rxp_clock_status *out, const char *word); /* RXP_ERR_NOT_FOUND */

struct rxp_case_clock {
	enum rxp_clock_status status;
	/* The rest is meant for all but IDLE. */
	enum rxp_case_side actor; /* who must act */
	size_t begun_by; /* index of the document */
	size_t done_by; /* MET, BROKEN, ENDED: index of the document */
	int64_t done_ms; /* and the instant of the act; RXP_DUE_NEVER if it has no receipt yet */
	int64_t
	    off_ms; /* BROKEN: how far on the wrong side; ENDED: how long it was overdue, or 0 */
	struct rxp_due due; /* zeros if NO_CALENDAR */
};

/*
 * One clock of person key, 1 to RXP_MAX_PERSONS. A clock that began more than once is the last one.
 * RXP_ERR_BOUND, RXP_ERR_STATE as rxp_due_compute() says.
 */
int rxp_case_clock(struct rxp_case_clock *out, const struct rxp_case_times *in, unsigned key,
    enum rxp_clock clock);

/* The element in which documents of this type state an instant; NULL: they state none. */
const char *rxp_case_instant(enum rxp_type type);

/* What the day is that documents of a type state. */
enum rxp_case_day_kind { RXP_CASE_DAY_NONE, RXP_CASE_DAY_DUE, RXP_CASE_DAY_UNTIL };
enum rxp_case_day_kind rxp_case_day_kind(enum rxp_type type);

/* The element in which they state it; NULL if they state none. */
const char *rxp_case_day(enum rxp_type type);

#endif
