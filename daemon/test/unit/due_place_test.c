/*
 * Goals: a place in the list of what is due comes back from its text, which the command line and the daemon read alike;
 * anything that differs from that form in one thing is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/due_place.h"
#include "protocol/base/err.h"

#define TIME "2026-12-05T00:00:00.000Z"
#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

static void test_comes_back(void **unused)
{
	struct due_place place;
	char text[DUE_PLACE_TEXT];

	(void)unused;
	assert_int_equal(due_place_parse(&place, TIME "." CASE ".QMB"), 0);
	assert_true(place.due_ms == INT64_C(1796428800000));
	assert_int_equal(place.case_id[0], 0x6b);
	assert_string_equal(place.peer, "QMB");
	due_place_text(text, &place);
	assert_string_equal(text, TIME "." CASE ".QMB");
}

static void test_nothing_else(void **unused)
{
	static const char *const wrong[] = {"", CASE, TIME "." CASE, TIME "." CASE ".QMBX",
	    TIME "." CASE ".qmb", TIME "-" CASE ".QMB", TIME "." CASE "-QMB",
	    "2026-13-05T00:00:00.000Z." CASE ".QMB",
	    TIME ".6ba7b810-9dad-71d1-80b4-00c04fd430c8.QMB"};
	struct due_place place;

	(void)unused;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(due_place_parse(&place, wrong[i]), RXP_ERR_SYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_comes_back),
	    cmocka_unit_test(test_nothing_else),
	};

	return cmocka_run_group_tests_name("due_place", tests, NULL, NULL);
}
