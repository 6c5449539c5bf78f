/*
 * Goal: the due dates of each agreement among spec/profiles, counted by hand from what is known of the agreement and
 * not from its profile: a number, a unit, a start or a mode that is changed there shows here (RXP-PRF-008 to 010).
 *
 * All of them count from Monday 2026-06-08, 11:15 at the requested State, whose weekend is Saturday and Sunday and
 * which has no holiday until December. What an agreement does not set is told by the word that stands in its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/date.h"
#include "protocol/terms/due.h"
#include "protocol/test/due_vector.h"
#include "protocol/test/library.h"
#include "protocol/test/terms_file.h"

#define MONDAY "2026-06-08T09:15:00.000Z"
#define LONGEST 3660 /* who asks for so much gets what the agreement allows */

static const struct {
	const char *agreement;
	const char *clock;
	const char *last; /* the last day, or why there is none */
	bool extended; /* all that the agreement allows was asked for in time */
} rows[] = {
    /* 8 days; 2, 4 working days; 3 months; 5 days, of which the last is a Saturday */
    {"cabo-verde", "reply", "2026-06-16", false},
    {"cabo-verde", "accelerated-reply", "2026-06-10", false},
    {"cabo-verde", "travel-document", "2026-06-12", false},
    {"cabo-verde", "transfer", "2026-09-08", false},
    {"cabo-verde", "time-bar-third-country", "unknown", false},
    {"cabo-verde", "transit-reply", "2026-06-15", false},
    /* 12 days end on a Saturday; 6 months */
    {"georgia", "reply", "2026-06-22", false},
    {"georgia", "reply", "2026-06-22", true},
    {"georgia", "accelerated-reply", "2026-06-10", false},
    {"georgia", "travel-document", "2026-06-11", false},
    {"georgia", "transfer", "2026-09-08", false},
    {"georgia", "time-bar-third-country", "2026-12-08", false},
    {"georgia", "transit-reply", "2026-06-15", false},
    /* 30 days, or 60 in all */
    {"pakistan", "reply", "2026-07-08", false},
    {"pakistan", "reply", "2026-08-07", true},
    {"pakistan", "accelerated-reply", "none", false},
    {"pakistan", "travel-document", "at once", false},
    {"armenia", "reply", "2026-06-22", false},
    {"armenia", "accelerated-reply", "2026-06-10", false},
    {"armenia", "travel-document", "2026-06-11", false},
    {"armenia", "time-bar-third-country", "2026-12-08", false},
    /* 15 days from the acknowledgement, which came on Wednesday */
    {"azerbaijan", "reply", "2026-06-25", false},
    {"azerbaijan", "travel-document", "2026-06-15", false},
    {"azerbaijan", "time-bar-third-country", "2026-12-08", false},
    /* 25 days, or 60 in all; 3 and 5 working days */
    {"turkey", "reply", "2026-07-03", false},
    {"turkey", "reply", "2026-08-07", true},
    {"turkey", "accelerated-reply", "2026-06-15", false},
    {"turkey", "accelerated-application", "2026-06-11", false},
    {"turkey", "travel-document", "2026-06-11", false},
    {"turkey", "time-bar-third-country", "2026-12-08", false},
    {"turkey", "transit-reply", "2026-06-15", false},
    /* 14 days, or 30 in all; a year; 10 days */
    {"ukraine", "reply", "2026-06-22", false},
    {"ukraine", "reply", "2026-07-08", true},
    {"ukraine", "accelerated-transfer", "2026-06-10", false},
    {"ukraine", "time-bar-third-country", "2027-06-08", false},
    {"ukraine", "transit-reply", "2026-06-18", false},
    /* 11 and 3 working days */
    {"moldova", "reply", "2026-06-23", false},
    {"moldova", "travel-document", "2026-06-11", false},
    {"moldova", "time-bar-third-country", "2026-12-08", false},
    {"moldova", "transit-reply", "2026-06-11", false},
    /* 10 days, and 6 more */
    {"serbia", "reply", "2026-06-18", false},
    {"serbia", "reply", "2026-06-24", true},
    {"serbia", "accelerated-reply", "2026-06-10", false},
    {"serbia", "time-bar-third-country", "2027-06-08", false},
    {"serbia", "transit-reply", "2026-06-15", false},
    {"montenegro", "reply", "2026-06-22", false},
    {"bosnia-and-herzegovina", "reply", "2026-06-18", false},
    {"north-macedonia", "reply", "2026-06-22", false},
    {"sri-lanka", "reply", "2026-07-08", false},
    {"sri-lanka", "travel-document", "2026-07-08", false},
    {"albania", "reply", "2026-06-22", false},
    {"albania", "accelerated-reply", "none", false},
    {"albania", "time-bar-third-country", "2027-06-08", false},
    {"belarus", "reply", "2026-06-18", false},
    /* 25 days, or 60 in all; 90 end on a Sunday, 180 on a Saturday; 5 working days */
    {"russia", "reply", "2026-07-03", false},
    {"russia", "reply", "2026-08-07", true},
    {"russia", "transfer", "2026-09-07", false},
    {"russia", "accelerated-transfer", "2026-06-10", false},
    {"russia", "time-bar-third-country", "2026-12-07", false},
    {"russia", "transit-reply", "2026-06-15", false},
    {"hong-kong", "reply", "2026-06-23", false},
    {"hong-kong", "time-bar-third-country", "2027-06-08", false},
    {"macao", "reply", "2026-06-23", false},
    {"macao", "time-bar-third-country", "2027-06-08", false},
    {"denmark-iraq", "reply", "none", false},
    {"customary", "reply", "none", false},
    {"customary", "transfer", "none", false},
};

static struct rxp_due compute(size_t i)
{
	char qra[] = "qra-1";
	char *calendars[] = {qra};
	struct rxp_buf draft = terms_read(rows[i].agreement);
	struct vector v;
	struct rxp_due due;

	vector_init(&v);
	vector_calendars(&v, calendars, 1);
	assert_int_equal(rxp_profile_draft(&v.profile, draft.data, draft.len, NULL), 0);
	assert_int_equal(rxp_clock_parse(&v.clock, rows[i].clock), 0);
	v.period = v.profile.clocks[v.clock];
	v.facts.event_ms = vector_instant(MONDAY);
	v.facts.handed_over_ms = vector_instant("2026-06-10T09:15:00.000Z");
	if (rows[i].extended) {
		v.facts.extension = LONGEST;
		v.facts.extension_ms = vector_instant("2026-06-12T09:15:00.000Z");
	}
	due = vector_compute(&v);
	vector_clear(&v);
	rxp_buf_free(&draft);
	return due;
}

static const char *outcome(char day[RXP_DAY_TEXT], const struct rxp_due *due)
{
	switch (due->outcome) {
	case RXP_DUE_SET:
		rxp_day_text(day, due->last_day);
		return day;
	case RXP_DUE_NONE:
		return "none";
	case RXP_DUE_AT_ONCE:
		return "at once";
	case RXP_DUE_UNKNOWN:
		return "unknown";
	default:
		return "";
	}
}

static void test_agreements(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_due due = compute(i);
		char day[RXP_DAY_TEXT];
		const char *got = outcome(day, &due);

		if (strcmp(got, rows[i].last) == 0)
			continue;
		print_message("%s, %s: %s instead of %s\n", rows[i].agreement, rows[i].clock, got,
		    rows[i].last);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_agreements)};

	return cmocka_run_group_tests_name("due_agreement", tests, library_begin, library_end);
}
