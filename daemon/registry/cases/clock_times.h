/*
 * clock_times - all that the clocks of a case come from (protocol/case/case_clock.h), gathered from what is
 * stored: the receipts of its documents, its profile and calendars, outages, and our own attempts. Of
 * the peer's attempts nobody here knows (RXP-CLK-049).
 */
#ifndef REGISTRY_CLOCK_TIMES_H
#define REGISTRY_CLOCK_TIMES_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/base/limits.h"
#include "protocol/case/case_clock.h"

struct cases;
struct db;
struct terms;

#define CLOCK_TIMES_OUTAGES_MAX (2 * RXP_MAX_SIDE_OUTAGES)
#define CLOCK_TIMES_DAYS_MAX (RXP_MAX_DISTURBANCES / 2) /* two attempts of each */

_Static_assert(CLOCK_TIMES_OUTAGES_MAX <= RXP_MAX_DISTURBANCES - RXP_MAX_PAUSES,
    "the outages of both sides fit beside the pauses");

struct clock_times {
	struct rxp_case_times in; /* points into the rest */
	const char *zone; /* whose calendar counts: a party; borrowed of the profile or the case */
	bool
	    outage_lasts; /* one of them, or one ahead, has not ended: time alone may move a due instant */
	struct rxp_calendars calendars;
	struct rxp_case_moment moments[RXP_MAX_CASE_DOCUMENTS + 1];
	struct rxp_due_span outages[CLOCK_TIMES_OUTAGES_MAX];
	struct rxp_case_attempt attempts[RXP_MAX_DISTURBANCES];
};

/*
 * Fill it from the case and its fold, of the documents in the chain; both are borrowed, and so are the terms.
 * One of ours that counts without a receipt is as if received at as_of_ms. out is large: keep it off the
 * stack. RXP_ERR_NOT_FOUND: this node does not hold the profile; errors as in db.h.
 */
int clock_times_fill(struct clock_times *out, struct db *db, const struct cases *c,
    const struct rxp_case *folded, const struct terms *terms, int64_t as_of_ms);

/* The same where a case says something without its profile too: out->in.profile is NULL if the node does not hold
 * it. */
int clock_times_gather(struct clock_times *out, struct db *db, const struct cases *c,
    const struct rxp_case *folded, const struct terms *terms, int64_t as_of_ms);

#endif
