/*
 * retention - until when what is held of a person of a case is kept (spec/rxp-1.md, "Retention and erasure";
 * protocol/case/case_state.def).
 *
 * Pure, as case_clock: two nodes that give the same get the same.
 */
#ifndef RXP_RETENTION_H
#define RXP_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/case/case_clock.h"

enum rxp_retention_after {
	RXP_RETAINED_NEVER, /* the person has not ended */
	RXP_RETAINED_AT_ONCE,
	RXP_RETAINED_REFUSED,
	RXP_RETAINED_WITHDRAWN,
	RXP_RETAINED_COMPLETED,
	RXP_RETAINED_LAPSED,
};

struct rxp_retention {
	enum rxp_retention_after after; /* after which end; NEVER: none yet */
	int64_t ended_ms; /* 0: no end yet */
	uint32_t months; /* that the profile says; 0 with due_ms NEVER: it says nothing */
	enum rxp_word source; /* of the profile's value; ABSENT without */
	int64_t due_ms; /* from then on it must be gone; RXP_DUE_NEVER: no such time is known */
	/* No end yet, and none comes with time: the agreement lets what was agreed be used longer (RXP-RET-012). */
	bool extendable;
	/* What documents that are kept for others say of the person is not shown any more (RXP-RET-006). */
	bool blocked;
};

/* Can time alone end somebody in this state, without another document? */
bool rxp_retention_lapses(enum rxp_case_state state);

/* The word of an end, as the list `retention` of a profile has it; "at-once", or "" for NEVER. */
const char *rxp_retention_word(enum rxp_retention_after after);

/*
 * Of person key, 1 to RXP_MAX_PERSONS, at in->as_of_ms. in->profile may be NULL if the node does not hold it:
 * nothing is due then but what goes at once. RXP_ERR_BOUND, RXP_ERR_STATE as rxp_case_clock() says.
 */
int rxp_retention(struct rxp_retention *out, const struct rxp_case_times *in, unsigned key);

/* The words of the profile for a day of end: the beginning of the day after the last one of so many months.
 * RXP_DUE_NEVER beyond the year 9999. */
int64_t rxp_retention_due(int64_t ended_ms, uint32_t months);

#endif
