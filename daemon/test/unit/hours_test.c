/*
 * Goal: hours and rates as people write them.
 *  - each form is read and written back; everything next to a form is refused, and the value stays
 *  - a part of a day is open from its first minute to before its last, also over midnight
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/hours.h"
#include "protocol/base/err.h"

#define MINUTE INT64_C(60000)
#define DAY (1440 * MINUTE)

static void forms(void **state)
{
	static const char *const good[] = {"always", "08:00-18:00", "20:00-06:00", "00:00-23:59"};
	static const char *const bad[] = {"", "Always", "8:00-18:00", "08:00-18:00 ", "08:00-24:00",
	    "08:60-18:00", "08:00-08:00", "08:00", "08.00-18:00", "08:00_18:00", "0a:00-18:00",
	    "always "};
	struct hours h = {7, 9};
	char text[HOURS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(hours_parse(&h, bad[i]), RXP_ERR_SYNTAX);
		assert_true(h.from == 7 && h.until == 9);
	}
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(hours_parse(&h, good[i]), 0);
		hours_text(text, &h);
		assert_string_equal(text, good[i]);
	}
}

static void open_hours(void **state)
{
	static const struct {
		const char *text;
		int64_t minute;
		bool open;
	} rows[] = {{"always", 0, true}, {"08:00-18:00", 479, false}, {"08:00-18:00", 480, true},
	    {"08:00-18:00", 1079, true}, {"08:00-18:00", 1080, false}, {"20:00-06:00", 1199, false},
	    {"20:00-06:00", 1200, true}, {"20:00-06:00", 0, true}, {"20:00-06:00", 359, true},
	    {"20:00-06:00", 360, false}};
	struct hours h;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(hours_parse(&h, rows[i].text), 0);
		assert_int_equal(
		    hours_open(&h, 20000 * DAY + rows[i].minute * MINUTE), rows[i].open);
	}
}

static void rates(void **state)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t rate;
		const char *back;
	} rows[] = {{"none", 0, 0, "none"}, {"96k", 0, 96000, "96k"}, {"2M", 0, 2000000, "2000k"},
	    {"16001", 0, 16001, "16001"}, {"16k", 0, 16000, "16k"},
	    {"1000M", 0, 1000000000, "1000000k"}, {"15999", RXP_ERR_BOUND, 1, ""},
	    {"1001M", RXP_ERR_BOUND, 1, ""}, {"", RXP_ERR_SYNTAX, 1, ""},
	    {"k", RXP_ERR_SYNTAX, 1, ""}, {"96K", RXP_ERR_SYNTAX, 1, ""},
	    {"96 k", RXP_ERR_SYNTAX, 1, ""}, {"-96k", RXP_ERR_SYNTAX, 1, ""},
	    {"99999999999999999999", RXP_ERR_SYNTAX, 1, ""}};
	char text[HOURS_RATE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t rate = 1;

		assert_int_equal(hours_rate_parse(&rate, rows[i].text), rows[i].rc);
		assert_int_equal(rate, rows[i].rate);
		if (rows[i].rc != 0)
			continue;
		hours_rate_text(text, rate);
		assert_string_equal(text, rows[i].back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forms), cmocka_unit_test(open_hours), cmocka_unit_test(rates)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
