/*
 * Goals (RXP-STA-002 to 010):
 *  - a quarter begins and ends to the millisecond, and nothing else is a period;
 *  - each document counts in the quarter of its receipt, for whom it took effect; what is in doubt does not;
 *  - answers are told apart in time and late to the millisecond, and what was missed counts where it was due;
 *  - who is unanswered at the end of a quarter is so by what was received before;
 *  - a figure below 5 is not told, nor one that it could be computed from;
 *  - the counters are those of the schema, and a report has its shape.
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
#include "protocol/case/statistics.h"
#include "protocol/test/case_times.h"
#include "protocol/test/library.h"

#define Q STORY_Q
#define D STORY_D
#define P1 1u
#define P2 2u
#define BOTH 3u
#define S(name) RXP_STATISTIC_##name

static struct case_times t;

static int set_up(void **unused)
{
	(void)unused;
	case_times_init(&t);
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	case_times_clear(&t);
	return 0;
}

static void tell(
    const char *from, enum rxp_case_event event, uint32_t persons, const char *received)
{
	case_times_tell(&t, from, event, persons, received);
}

static struct rxp_statistics count(const char *quarter, bool with_profile)
{
	struct rxp_statistics s = {{0}};
	struct rxp_period period;
	struct rxp_case *fold;
	struct rxp_case_times in = case_times_of(&t, &fold, "12-31 23:59");

	if (!with_profile)
		in.profile = NULL;
	assert_int_equal(rxp_period_parse(&period, quarter), 0);
	assert_int_equal(rxp_statistics_add(&s, &in, &period, STORY_Q), 0);
	rxp_case_free(fold);
	return s;
}

static void assert_count(const char *quarter, enum rxp_statistic which, unsigned n)
{
	struct rxp_statistics s = count(quarter, true);

	if (s.counts[which] != n)
		fail_msg(
		    "%s in %s: %u", rxp_statistic_code(which), quarter, (unsigned)s.counts[which]);
}

/* --- quarters ------------------------------------------------------------------------------------- */

static void test_quarters(void **unused)
{
	static const char *const bad[] = {"", "2026", "2026-Q0", "2026-Q5", "1999-Q4", "2026-q1",
	    "2026-Q1 ", "26-Q1", "2026-04", "2100-Q1"};
	struct rxp_period a, b;
	int64_t ms;

	(void)unused;
	assert_int_equal(rxp_period_parse(&a, "2026-Q4"), 0);
	assert_int_equal(rxp_time_parse(&ms, "2026-10-01T00:00:00.000Z"), 0);
	assert_true(a.from_ms == ms);
	assert_int_equal(rxp_period_parse(&b, "2027-Q1"), 0);
	assert_true(a.until_ms == b.from_ms);
	assert_int_equal(rxp_period_parse(&b, "2026-Q3"), 0);
	assert_true(a.from_ms == b.until_ms);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(rxp_period_parse(&a, bad[i]), RXP_ERR_SYNTAX);
}

/* --- documents ------------------------------------------------------------------------------------ */

static void test_documents(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, BOTH, "06-30 23:59");
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "07-01 00:00");
	tell(Q, RXP_CASE_EVENT_WITHDRAW, P2, NULL); /* in doubt */
	assert_count("2026-Q2", S(APPLICATIONS), 1);
	assert_count("2026-Q2", S(PERSONS), 2);
	assert_count("2026-Q2", S(REGISTERED), 0);
	assert_count("2026-Q3", S(APPLICATIONS), 0);
	assert_count("2026-Q3", S(REGISTERED), 2);
	assert_count("2026-Q3", S(WITHDRAWN), 0);
}

static void test_corrections_count_once(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, BOTH, "06-07 09:15");
	tell(Q, RXP_CASE_EVENT_CORRECT, 0, "06-08 09:15");
	assert_count("2026-Q2", S(CORRECTIONS_ASKED), 1);
	assert_count("2026-Q2", S(CORRECTIONS_DONE), 0);
}

/* --- in time, late, missed ------------------------------------------------------------------------ */

/* As in case_clock_test: registered on 9 June, the reply is due at 20:59:59.999 on 17 June. */
static void test_answers(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, BOTH, "06-07 09:15");
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-17 20:59");
	tell(D, RXP_CASE_EVENT_REFUSE, P2, "06-17 21:00");
	assert_count("2026-Q2", S(ACCEPTED_IN_TIME), 1);
	assert_count("2026-Q2", S(ACCEPTED_LATE), 0);
	assert_count("2026-Q2", S(REFUSED_IN_TIME), 0);
	assert_count("2026-Q2", S(REFUSED_LATE), 1);
	assert_count("2026-Q2", S(MISSED_REPLY), 1);
	assert_count("2026-Q2", S(UNANSWERED), 0);
	assert_count("2026-Q3", S(MISSED_REPLY), 0);
	assert_int_equal(count("2026-Q2", false).counts[S(REFUSED_IN_TIME)], 1);
	assert_int_equal(count("2026-Q2", false).counts[S(REFUSED_LATE)], 0);
	assert_int_equal(count("2026-Q2", false).counts[S(MISSED_REPLY)], 0);
}

static void test_unanswered(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, BOTH, "06-29 09:15");
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-30 23:59");
	tell(D, RXP_CASE_EVENT_ACCEPT, P2, "07-01 00:00");
	assert_count("2026-Q1", S(UNANSWERED), 0);
	assert_count("2026-Q2", S(UNANSWERED), 1);
	assert_count("2026-Q3", S(UNANSWERED), 0);
	assert_count("2026-Q2", S(ACCEPTED_IN_TIME), 1);
	assert_count("2026-Q3", S(ACCEPTED_IN_TIME), 1);
}

/* --- what is told --------------------------------------------------------------------------------- */

static struct rxp_statistics all_of(uint64_t n)
{
	struct rxp_statistics s;

	for (int i = 0; i < RXP_STATISTIC_COUNT; i++)
		s.counts[i] = n;
	return s;
}

static void test_small_figures(void **unused)
{
	struct rxp_statistics s = all_of(5);

	(void)unused;
	for (int i = 0; i < RXP_STATISTIC_COUNT; i++)
		assert_int_equal(rxp_statistics_told(&s, (enum rxp_statistic)i), RXP_TOLD_COUNT);
	s.counts[S(REFUSED_LATE)] = 4;
	assert_int_equal(rxp_statistics_told(&s, S(REFUSED_LATE)), RXP_TOLD_FEW);
	assert_int_equal(rxp_statistics_told(&s, S(PERSONS)), RXP_TOLD_NOTHING);
	assert_int_equal(rxp_statistics_told(&s, S(REFUSED_IN_TIME)), RXP_TOLD_COUNT);
	assert_int_equal(rxp_statistics_told(&s, S(NOTIFIED)), RXP_TOLD_COUNT);
	s = all_of(0);
	for (int i = 0; i < RXP_STATISTIC_COUNT; i++)
		assert_int_equal(rxp_statistics_told(&s, (enum rxp_statistic)i), RXP_TOLD_FEW);
}

/* No figure of 1 to 4 is in a report, whatever the figures are. */
static void test_report(void **unused)
{
	struct rxp_statistics many = all_of(7), few = all_of(3);
	struct rxp_buf out;

	(void)unused;
	many.counts[S(TRANSITS_REFUSED)] = 2;
	rxp_buf_init(&out, 65536);
	assert_int_equal(rxp_statistics_put(&out, "2026-Q4", &many, &few), 0);
	rxp_buf_putc(&out, '\0');
	assert_int_equal(rxp_buf_error(&out), 0);
	assert_non_null(
	    strstr((char *)out.data, "<Period>2026-Q4</Period><Requesting><Counter "
				     "code=\"applications\"><Count>7</Count></Counter>"));
	assert_non_null(strstr(
	    (char *)out.data, "<Counter code=\"transits-refused\"><FewerThanFive/></Counter>"));
	assert_null(strstr((char *)out.data, "<Count>2<"));
	assert_null(strstr((char *)out.data, "<Count>3<"));
	rxp_buf_free(&out);
}

/* Each code is one of the schema. */
static void test_codes(void **unused)
{
	char xsd[16384];
	FILE *f = fopen("spec/xsd/statistics.xsd", "r");
	enum rxp_statistic which;
	size_t n;

	(void)unused;
	assert_non_null(f);
	n = fread(xsd, 1, sizeof xsd - 1, f);
	xsd[n] = '\0';
	fclose(f);
	for (int i = 0; i < RXP_STATISTIC_COUNT; i++) {
		const char *code = rxp_statistic_code((enum rxp_statistic)i);
		char line[128];

		snprintf(line, sizeof line, "<xs:enumeration value=\"%s\"/>", code);
		if (strstr(xsd, line) == NULL)
			fail_msg("%s", code);
		assert_int_equal(rxp_statistic_parse(&which, code), 0);
		assert_int_equal(which, i);
	}
	assert_int_equal(rxp_statistic_parse(&which, "holds"), RXP_ERR_NOT_FOUND);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_quarters),
	    TEST(test_documents),
	    TEST(test_corrections_count_once),
	    TEST(test_answers),
	    TEST(test_unanswered),
	    cmocka_unit_test(test_small_figures),
	    cmocka_unit_test(test_report),
	    cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests_name("statistics", tests, library_begin, library_end);
}
