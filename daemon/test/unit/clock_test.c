/*
 * Goal of this test: the clock file moves wall time, with a second number rests too, and nothing else, is read anew each time, moves
 * nothing back while it is rewritten, and whatever it contains the result is a time that can be written, and no rest begins again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "protocol/base/limits.h"

#define SLACK_MS 5000

static int file;

static void put(const char *text)
{
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(pwrite(file, text, strlen(text), 0), (ssize_t)strlen(text));
}

static int64_t moved_by(const char *text)
{
	int64_t before;

	clock_set_offset_file(-1);
	before = clock_wall_ms();
	clock_set_offset_file(file);
	put(text);
	return clock_wall_ms() - before;
}

#define ASSERT_NEAR(a, b) assert_true(llabs((long long)(a) - (long long)(b)) < SLACK_MS)

static void offsets(void **state)
{
	int64_t mono = clock_mono_ms();

	(void)state;
	ASSERT_NEAR(moved_by("0"), 0);
	ASSERT_NEAR(moved_by("86400000\n"), 86400000);
	ASSERT_NEAR(moved_by("-86400000"), -86400000);
	ASSERT_NEAR(clock_mono_ms(), mono);
	ASSERT_NEAR(moved_by(""), 0);
	ASSERT_NEAR(moved_by("86400000x"), 0);
	ASSERT_NEAR(moved_by("x"), 0);
	ASSERT_NEAR(moved_by("99999999999999999999"), 0);
	moved_by("253402300799000");
	assert_int_equal(clock_wall_ms(), RXP_MAX_TIME_MS);
	moved_by("-253402300799000");
	assert_int_equal(clock_wall_ms(), 0);
	clock_set_offset_file(-1);
	assert_true(clock_wall_ms() > 0);
}

/* Between the cut and what is written behind it time does not go back. */
static void rewritten(void **state)
{
	int64_t before = clock_wall_ms();

	(void)state;
	(void)moved_by("86400000");
	put("");
	ASSERT_NEAR(clock_wall_ms(), before + 86400000);
	put("90000000");
	ASSERT_NEAR(clock_wall_ms(), before + 90000000);
	clock_set_offset_file(-1);
}

/* Rests pass, and come not back. */
static void rests(void **state)
{
	int64_t mono = clock_mono_ms();

	(void)state;
	ASSERT_NEAR(moved_by("86400000 60000\n"), 86400000);
	ASSERT_NEAR(clock_mono_ms(), mono + 60000);
	ASSERT_NEAR(moved_by("86400000 30000"), 86400000);
	ASSERT_NEAR(clock_mono_ms(), mono + 60000);
	ASSERT_NEAR(moved_by("86400000 x"), 0);
	ASSERT_NEAR(moved_by("86400000 90000 1"), 0);
	ASSERT_NEAR(clock_mono_ms(), mono + 60000);
	put("0 -90000");
	ASSERT_NEAR(clock_mono_ms(), mono + 60000);
	clock_set_offset_file(-1);
	ASSERT_NEAR(clock_mono_ms(), mono + 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offsets), cmocka_unit_test(rewritten), cmocka_unit_test(rests)};

	file = memfd_create("clock", 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
