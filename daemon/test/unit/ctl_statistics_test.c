/*
 * ctl_statistics_test - goals: statistics on the command line:
 *   pages are added up, each side for itself; a report of them has no small figure
 *   a report that agrees is found so; a figure that differs is named with its cases, where this State asks against
 *   where the other is asked; what is left out or small is no difference (RXP-STA-006)
 *   a quarter that has not ended is shown and not reported
 *   what is no report, and no quarter, is refused
 * links: ctl
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/test/unit/ctl_rig.h"
#include "protocol/init.h"

#define C1 "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define C2 "7ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define ROW(id, role, counter, count) \
	"{\"case_id\":\"" id "\",\"peer\":\"QMB\",\"role\":\"" role "\",\"counter\":\"" counter \
	"\",\"count\":" count "}"
#define UNTIL "\"until\":\"2027-01-01T00:00:00.000Z\""
#define PAGE(items, next) "{\"items\":[" items "],\"next\":" next "," UNTIL ",\"ended\":true}"
#define RUNNING(items) "{\"items\":[" items "],\"next\":null," UNTIL ",\"ended\":false}"
#define REPORT(requesting, requested) \
	"<StatisticsReport xmlns=\"urn:rxp:1:body\"><Period>2026-Q4</Period><Requesting>" requesting \
	"</Requesting><Requested>" requested "</Requested></StatisticsReport>"
#define COUNTER(code, n) "<Counter code=\"" code "\"><Count>" n "</Count></Counter>"
#define FEW(code) "<Counter code=\"" code "\"><FewerThanFive/></Counter>"

static struct daemon pages(void)
{
	return (struct daemon){.librxp = true,
	    .answers = {{CALL_DONE, 200,
			    PAGE(ROW(C1, "requesting", "persons", "4") "," ROW(
				     C1, "requested", "persons", "1"),
				"\"" C1 "\"")},
		{CALL_DONE, 200, PAGE(ROW(C2, "requesting", "persons", "3"), "null")}},
	    .n_answers = 2};
}

static void shows(void **state)
{
	struct daemon d = pages();

	(void)state;
	assert_int_equal(run(&d, "statistics|show|--period|2026-Q4|--peer|QMB"), EXIT_OK);
	assert_int_equal(d.n_calls, 2);
	assert_string_equal(d.path[0], "/v1/statistics?period=2026-Q4&peer=QMB");
	assert_string_equal(d.path[1], "/v1/statistics?period=2026-Q4&peer=QMB&after=" C1);
	assert_non_null(strstr(d.out, "\npersons                             7          1\n"));
	assert_int_equal(run(&d, "statistics|show"), EXIT_USAGE);
	assert_int_equal(run(&d, "statistics|show|--period|2026-Q5"), EXIT_USAGE);
	assert_int_equal(d.n_calls, 0);
}

static void reports(void **state)
{
	struct daemon d = pages();

	(void)state;
	assert_int_equal(run(&d, "statistics|report|--period|2026-Q4"), EXIT_OK);
	assert_non_null(strstr(d.out, "<Period>2026-Q4</Period>"));
	assert_null(strstr(d.out, "<Count>"));
	assert_null(strstr(d.out, "\"persons\"><Count>")); /* its parts are small */
	assert_non_null(strstr(d.out, "<Counter code=\"applications\"><FewerThanFive/></Counter>"));
}

/* RXP-STA-011 */
static void of_a_quarter_that_runs(void **state)
{
	struct daemon d = {.librxp = true};

	(void)state;
	answers(&d, 200, RUNNING(ROW(C1, "requesting", "persons", "9")));
	assert_int_equal(run(&d, "statistics|show|--period|2026-Q4"), EXIT_OK);
	answers(&d, 200, RUNNING(ROW(C1, "requesting", "persons", "9")));
	assert_int_equal(run(&d, "statistics|report|--period|2026-Q4"), EXIT_INVALID);
	assert_string_equal(d.out, "");
	assert_non_null(
	    strstr(d.err, "2026-Q4 has not ended: report it from 2027-01-01T00:00:00.000Z on"));
}

static enum exit_status compare(struct daemon *d, const char *report)
{
	FILE *f = fopen("report.xml", "w");
	enum exit_status status;

	assert_non_null(f);
	fputs(report, f);
	fclose(f);
	status = run(d, "statistics|compare|report.xml|--peer|QMB");
	unlink("report.xml");
	return status;
}

static void compares(void **state)
{
	struct daemon d = pages();

	(void)state;
	assert_int_equal(compare(&d, REPORT(FEW("persons"), COUNTER("persons", "7"))), EXIT_OK);
	assert_string_equal(d.err, "0 figures of 2026-Q4 differ\n");
	assert_string_equal(d.path[0], "/v1/statistics?period=2026-Q4&peer=QMB");
	assert_int_equal(compare(&d, REPORT("", FEW("refused-late"))), EXIT_OK);
	assert_int_equal(compare(&d, REPORT(FEW("persons"), COUNTER("persons", "8"))), EXIT_FAILED);
	assert_string_equal(d.out, "persons, where this State is requesting: here 7, there 8\n"
				   "    case " C1 ": 4\n    case " C2 ": 3\n");
	assert_int_equal(compare(&d, REPORT("", FEW("persons"))), EXIT_FAILED);
	assert_non_null(strstr(d.out, "here 7, there fewer than 5\n"));
	assert_int_equal(compare(&d, REPORT(COUNTER("persons", "7"), "")), EXIT_FAILED);
	assert_non_null(strstr(d.out, "where this State is requested: here 1, there 7\n"));
}

static void no_report(void **state)
{
	static const char *const BAD[] = {"<A/>", "no XML", REPORT("<Other/>", ""),
	    REPORT("<Counter code=\"persons\"/>", ""), REPORT(COUNTER("persons", "-1"), "")};
	struct daemon d = pages();

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(compare(&d, BAD[i]), EXIT_INVALID);
	assert_int_equal(d.n_calls, 0);
	assert_int_equal(run(&d, "statistics|compare|report.xml"), EXIT_USAGE);
	answers(&d, 200, PAGE(ROW(C1, "requesting", "holds", "1"), "null"));
	assert_int_equal(run(&d, "statistics|show|--period|2026-Q4"), EXIT_FAILED);
}

static int set_up(void **state)
{
	(void)state;
	return rxp_init();
}

static int clean_up(void **state)
{
	(void)state;
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows),
	    cmocka_unit_test(reports),
	    cmocka_unit_test(of_a_quarter_that_runs),
	    cmocka_unit_test(compares),
	    cmocka_unit_test(no_report),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
