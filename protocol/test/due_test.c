/*
 * Goals:
 *  - every example of spec/examples/due-dates.txt comes out as it says, and its explanation ends with
 *    the due instant (RXP-CLK-001 to 013, RXP-CAL-001, RXP-CAL-008), from the profile and the
 *    calendars alone (RXP-PRF-001);
 *  - clocks that count nothing say why; what lies outside the bounds is refused; a warning never comes
 *    before the start (RXP-CLK-014); a clock that only lengthens another is none (RXP-CLK-023).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/terms/due.h"
#include "protocol/test/due_vector.h"
#include "protocol/test/example.h"
#include "protocol/test/library.h"

/* The last instant that the explanation names. */
static void assert_explained(const struct rxp_due *due, const char *name)
{
	char time[RXP_TIME_TEXT];
	struct rxp_buf text;

	rxp_time_text(time, due->due_ms);
	rxp_buf_init(&text, 4096);
	assert_int_equal(rxp_due_explain(&text, due), 0);
	rxp_buf_putc(&text, '\0');
	if (strstr((const char *)text.data, time) == NULL ||
	    strstr((const char *)text.data, "(RXP-CLK-002)") == NULL)
		fail_msg("%s: %s", name, text.data);
	rxp_buf_free(&text);
}

static unsigned judge(struct vector *v)
{
	struct rxp_due due = vector_compute(v);
	char got[RXP_TIME_TEXT] = "";

	if (v->waits) {
		if (due.outcome == RXP_DUE_WAITS && due.waits_until_ms == v->waits_ms)
			return 0;
		print_message("%s: outcome %d\n", v->name, due.outcome);
		return 1;
	}
	if (due.outcome == RXP_DUE_SET)
		rxp_time_text(got, due.due_ms);
	if (due.outcome != RXP_DUE_SET || due.due_ms != v->due_ms || due.last_day != v->last_day ||
	    due.extended != v->extended || due.provisional != v->provisional ||
	    due.tendered != v->tendered) {
		print_message("%s: %s\n", v->name, got);
		return 1;
	}
	assert_true(due.warn_ms >= due.start_ms);
	assert_explained(&due, v->name);
	return 0;
}

static void test_vectors(void **state)
{
	struct rxp_buf file = example_read("due-dates.txt");
	unsigned wrong = 0, n = 0;
	struct vector v;
	char *rest, *line;

	(void)state;
	rxp_buf_puts(&file, "\n\n");
	rxp_buf_putc(&file, '\0');
	rest = (char *)file.data;
	vector_init(&v);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] == '#')
			continue;
		if (line[0] != '\0') {
			vector_read_line(&v, line);
		} else if (v.name[0] != '\0') {
			wrong += judge(&v);
			n++;
			vector_clear(&v);
			vector_init(&v);
		}
	}
	print_message("%u examples\n", n);
	assert_in_range(n, 100, 1000);
	assert_int_equal(wrong, 0);
	rxp_buf_free(&file);
}

/* --- what is not counted --------------------------------------------------------------------- */

/* An example made in the test: 8 calendar days of QRA from a Monday. */
static void plain(struct vector *v)
{
	char qra[] = "qra-1", event[] = "2026-06-08T09:15:00.000Z";
	char *calendars[] = {qra};

	vector_init(v);
	vector_calendars(v, calendars, 1);
	v->facts.event_ms = vector_instant(event);
	v->period = (struct rxp_limit){
	    .source = RXP_SOURCE_INVENTED, .unit = RXP_UNIT_CALENDAR_DAYS, .value = 8};
}

/* A whole explanation, word for word. */
static void test_explanation(void **state)
{
	static const char want[] =
	    "starts at 2026-03-26T17:30:00.000Z by receipt (RXP-CLK-003)\n"
	    "outside the hours of thursday 2026-03-26: the event is of friday 2026-03-27, a day "
	    "that is not counted (RXP-CLK-005)\n"
	    "8 calendar-days after friday 2026-03-27, passing over 0 weekend days, 0 holidays and 0 "
	    "stopped days: saturday 2026-04-04 (RXP-CLK-006)\n"
	    "does not end on saturday 2026-04-04: passing over 2 weekend days, 1 holidays and 1 "
	    "disturbed days to wednesday 2026-04-08 (RXP-CLK-007)\n"
	    "ends with wednesday 2026-04-08, at 2026-04-08T21:59:59.999Z (RXP-CLK-002)\n";
	struct rxp_due due;
	struct rxp_buf text;
	struct vector v;

	(void)state;
	plain(&v);
	v.facts.event_ms = vector_instant("2026-03-26T17:30:00.000Z");
	v.profile.counting.cut_off = 17 * 60;
	vector_add_effect(&v, RXP_DISTURBANCE_OUTAGE, "extend");
	v.facts.n_outages = 1;
	v.outages[0].from_ms = vector_instant("2026-04-07T10:00:00.000Z");
	v.outages[0].until_ms = vector_instant("2026-04-07T11:00:00.000Z");
	due = vector_compute(&v);
	rxp_buf_init(&text, 4096);
	assert_int_equal(rxp_due_explain(&text, &due), 0);
	rxp_buf_putc(&text, '\0');
	assert_string_equal((const char *)text.data, want);
	rxp_buf_free(&text);
	vector_clear(&v);
}

static void test_uncounted(void **state)
{
	static const struct {
		enum rxp_word unit;
		enum rxp_due_outcome outcome;
	} cases[] = {{RXP_WORD_ABSENT, RXP_DUE_ABSENT}, {RXP_UNIT_NONE, RXP_DUE_NONE},
	    {RXP_UNIT_AT_ONCE, RXP_DUE_AT_ONCE}, {RXP_UNIT_UNKNOWN, RXP_DUE_UNKNOWN}};
	struct vector v;

	(void)state;
	plain(&v);
	assert_int_equal(vector_compute(&v).outcome, RXP_DUE_SET);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		v.period.unit = cases[i].unit;
		assert_int_equal(vector_compute(&v).outcome, cases[i].outcome);
	}
	v.period.unit = RXP_UNIT_CALENDAR_DAYS;
	v.facts.event_ms = RXP_DUE_NEVER;
	assert_int_equal(vector_compute(&v).outcome, RXP_DUE_WAITS);
	vector_clear(&v);
}

static int try(struct vector *v)
{
	struct rxp_due due;

	return vector_try(&due, v);
}

static void test_refused(void **state)
{
	struct vector v;

	(void)state;
	plain(&v);
	assert_int_equal(try(&v), 0);
	v.profile.has_base = true;
	assert_int_equal(try(&v), RXP_ERR_STATE);
	v.profile.has_base = false;
	v.clock = RXP_CLOCK_EXTENSION;
	assert_int_equal(try(&v), RXP_ERR_STATE);
	v.clock = RXP_CLOCK_REPLY;
	v.facts.event_ms = v.versions[0]->effective_ms - 1;
	assert_int_equal(try(&v), RXP_ERR_NOT_FOUND);
	v.facts.event_ms++;
	assert_int_equal(try(&v), 0);
	v.facts.event_ms = -1;
	assert_int_equal(try(&v), RXP_ERR_BOUND);
	v.facts.event_ms = RXP_MAX_TIME_MS;
	assert_int_equal(try(&v), RXP_ERR_BOUND);
	v.facts.event_ms = RXP_MAX_TIME_MS - 12 * RXP_DAY_MS;
	assert_int_equal(try(&v), 0);
	v.period.unit = RXP_UNIT_HOURS;
	v.period.value = 12 * 24;
	assert_int_equal(try(&v), RXP_ERR_BOUND);
	v.period.value = 11 * 24;
	assert_int_equal(try(&v), 0);
	v.facts.n_outages = RXP_MAX_DISTURBANCES + 1;
	assert_int_equal(try(&v), RXP_ERR_BOUND);
	vector_clear(&v);
}

/* An outage that never ends is told from a long one by the bound. */
static void test_endless_outage(void **state)
{
	struct vector v;

	(void)state;
	plain(&v);
	vector_add_effect(&v, RXP_DISTURBANCE_OUTAGE, "stop");
	v.facts.n_outages = 1;
	v.outages[0].from_ms = v.facts.event_ms;
	v.outages[0].until_ms = RXP_MAX_TIME_MS;
	assert_int_equal(try(&v), RXP_ERR_BOUND);
	v.outages[0].until_ms = v.facts.event_ms + 1000 * RXP_DAY_MS;
	assert_int_equal(try(&v), 0);
	vector_clear(&v);
}

static void test_warning(void **state)
{
	struct vector v;
	struct rxp_due due;

	(void)state;
	plain(&v);
	due = vector_compute(&v);
	assert_true(due.warn_ms == due.due_ms - rxp_clock_row(RXP_CLOCK_REPLY)->warn_ms);
	v.period.value = 1;
	due = vector_compute(&v);
	assert_true(due.warn_ms == due.start_ms);
	v.clock = RXP_CLOCK_NOTICE;
	assert_true(vector_compute(&v).warn_ms == RXP_DUE_NEVER);
	vector_clear(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vectors),
	    cmocka_unit_test(test_explanation),
	    cmocka_unit_test(test_uncounted),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_endless_outage),
	    cmocka_unit_test(test_warning),
	};

	return cmocka_run_group_tests_name("due", tests, library_begin, library_end);
}
