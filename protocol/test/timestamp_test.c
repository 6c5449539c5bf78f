/*
 * Goals
 * - known instants both ways, first and last millisecond, leap days;
 * - every day of the range goes there and back, in order and without gap;
 * - every other form and every date that is none is refused, untouched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"

static void known_instants(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} known[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {1, "1970-01-01T00:00:00.001Z"},
	    {951782400000LL, "2000-02-29T00:00:00.000Z"},
	    {1795428000000LL, "2026-11-23T10:00:00.000Z"},
	    {4107542399999LL, "2100-02-28T23:59:59.999Z"},
	    {4107542400000LL, "2100-03-01T00:00:00.000Z"},
	    {RXP_MAX_TIME_MS, "9999-12-31T23:59:59.999Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		char text[RXP_TIME_TEXT];
		int64_t ms = -1;

		rxp_time_text(text, known[i].ms);
		assert_string_equal(text, known[i].text);
		assert_int_equal(rxp_time_parse(&ms, text), 0);
		assert_true(ms == known[i].ms);
	}
}

static void every_day(void **state)
{
	char before[RXP_TIME_TEXT] = "";

	(void)state;
	for (int64_t ms = 43200123; ms <= RXP_MAX_TIME_MS; ms += 86400000) {
		char text[RXP_TIME_TEXT];
		int64_t back = -1;

		rxp_time_text(text, ms);
		assert_int_equal(rxp_time_parse(&back, text), 0);
		assert_true(back == ms);
		assert_true(strcmp(before, text) < 0);
		memcpy(before, text, sizeof text);
	}
	assert_string_equal(before, "9999-12-31T12:00:00.123Z");
}

static void refused(void **state)
{
	static const char *const texts[] = {"", "2026-11-23T10:00:00Z", "2026-11-23T10:00:00.00Z",
	    "2026-11-23T10:00:00.0000Z", "2026-11-23T10:00:00.000", "2026-11-23T10:00:00.000z",
	    "2026-11-23t10:00:00.000Z", "2026-11-23 10:00:00.000Z", "2026-11-23T10:00:00,000Z",
	    "2026-11-23T10:00:00.000+00:00", "2026-11-23T24:00:00.000Z", "2026-11-23T10:60:00.000Z",
	    "2026-11-23T23:59:60.000Z", "2026-02-29T10:00:00.000Z", "2026-02-30T10:00:00.000Z",
	    "2100-02-29T10:00:00.000Z", "2026-04-31T10:00:00.000Z", "2026-13-01T10:00:00.000Z",
	    "2026-00-01T10:00:00.000Z", "2026-01-00T10:00:00.000Z", "1969-12-31T23:59:59.999Z",
	    "0000-01-01T00:00:00.000Z", "-026-11-23T10:00:00.000Z", "+026-11-23T10:00:00.000Z",
	    " 026-11-23T10:00:00.000Z", "2026-11-23T10:00:00.-01Z", "2026/11/23T10:00:00.000Z",
	    "2026-1a-23T10:00:00.000Z", "2026-11-23T10:00:00.000Z ", "10000-01-01T00:00:00.00Z"};
	int64_t ms = 42;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(rxp_time_parse(&ms, texts[i]), RXP_ERR_SYNTAX);
	assert_true(ms == 42);
}

static void local_times(void **state)
{
	static const struct {
		const char *local, *offset;
		int64_t ms; /* -1: refused */
	} cases[] = {
	    {"2026-11-23T10:00", "+00:00", 1795428000000LL},
	    {"2026-11-23T11:00", "+01:00", 1795428000000LL},
	    {"2026-11-23T06:30", "-03:30", 1795428000000LL},
	    {"2026-11-24T00:00", "+14:00", 1795428000000LL},
	    {"1970-01-01T01:00", "+01:00", 0},
	    {"1970-01-01T01:00", "+01:01", -1},
	    {"9999-12-31T23:59", "-00:01", -1},
	    {"2026-02-29T10:00", "+00:00", -1},
	    {"2026-11-23T10:00:00", "+00:00", -1},
	    {"2026-11-23T10:00", "00:00", -1},
	    {"2026-11-23T10:00", "+0000", -1},
	    {"2026-11-23T10:00", "+1a:00", -1},
	    {"2026-11-23T10:00", "+01:60", -1},
	    {"2026-11-23T10:00", "+01.00", -1},
	    {"", "", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t ms = -1;

		assert_int_equal(rxp_time_local(&ms, cases[i].local, cases[i].offset),
		    cases[i].ms < 0 ? RXP_ERR_SYNTAX : 0);
		assert_true(ms == cases[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_instants),
	    cmocka_unit_test(every_day),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(local_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
