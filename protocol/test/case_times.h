/*
 * case_times - a case with the times of its receipts, for tests of its clocks: QRA asks, QRB is asked, under the
 * profile generic-test and QRB's calendar (works Sunday to Thursday, three hours east of UTC).
 *
 * A failure here fails the test.
 */
#ifndef CASE_TIMES_H
#define CASE_TIMES_H

#include "protocol/case/case_clock.h"
#include "protocol/test/story.h"

#define CASE_TIMES_MAX 64
#define CASE_TIMES_SPANS 4

struct case_times {
	struct story story;
	struct rxp_case_moment moments[CASE_TIMES_MAX];
	struct rxp_profile profile;
	struct rxp_calendar *calendar;
	const struct rxp_calendar *versions[1];
	struct rxp_calendars calendars;
	struct rxp_due_span outages[CASE_TIMES_SPANS];
	size_t n_outages;
	struct rxp_case_attempt attempts[2][CASE_TIMES_SPANS]; /* by enum rxp_case_side */
	size_t n_attempts[2];
};

void case_times_init(struct case_times *t);
void case_times_clear(struct case_times *t);

/* "06-08 09:15", of 2026, UTC; NULL: RXP_DUE_NEVER. */
int64_t case_times_ms(const char *text);

/* The next document, received then; the last one told. */
struct rxp_case_document *case_times_tell(struct case_times *t, const char *from,
    enum rxp_case_event event, uint32_t persons, const char *received);

/* Set what the profile says of a clock. */
void case_times_set(struct case_times *t, enum rxp_clock clock, uint32_t value, enum rxp_word unit);
void case_times_effect(struct case_times *t, enum rxp_word of, enum rxp_word does);

/* The clock of a person at a time. *fold must be freed after the last use of what was computed. */
struct rxp_case_times case_times_of(
    const struct case_times *t, struct rxp_case **fold, const char *as_of);
struct rxp_case_clock case_times_clock(
    const struct case_times *t, unsigned key, enum rxp_clock clock, const char *as_of);

#endif
