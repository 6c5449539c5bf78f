/*
 * desk_problem_test - goals:
 *   every error code of the project has a problem of its own choice, none falls to "internal" unseen
 *   codes are unique and fit a URN; statuses are those of errors; every detail tells what to do
 *   an unknown code is an internal problem
 * links: desk
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/desk/problem.h"
#include "protocol/base/err.h"

static const struct {
	int error;
	const char *name;
} ERRORS[] = {
#define ERR(name, code, text) {(code), #name},
#include "protocol/base/err.def"
#undef ERR
};

static const char *const MAPPED[] = {
#define PROBLEM_OF(error, name) #error,
#include "daemon/desk/problem.def"
#undef PROBLEM_OF
};

static void every_error_is_mapped(void **state)
{
	(void)state;
	assert_int_equal(sizeof(ERRORS) / sizeof(ERRORS[0]), sizeof(MAPPED) / sizeof(MAPPED[0]));
	for (size_t i = 0; i < sizeof(ERRORS) / sizeof(ERRORS[0]); i++) {
		size_t n = 0;

		for (size_t k = 0; k < sizeof(MAPPED) / sizeof(MAPPED[0]); k++)
			n += strcmp(ERRORS[i].name, MAPPED[k]) == 0;
		if (n != 1)
			fail_msg("%s has %zu rows", ERRORS[i].name, n);
		assert_true(problem_of(ERRORS[i].error) != PROBLEM_NONE);
	}
	assert_int_equal(problem_of(RXP_ERR_FULL), PROBLEM_BUSY);
	assert_int_equal(problem_of(RXP_ERR_NOT_FOUND), PROBLEM_NOT_FOUND);
	assert_int_equal(problem_of(-9999), PROBLEM_INTERNAL);
	assert_int_equal(problem_of(0), PROBLEM_INTERNAL);
}

static void rows_are_well_formed(void **state)
{
	(void)state;
	for (int p = PROBLEM_NONE + 1; p < PROBLEM_COUNT; p++) {
		const struct problem_row *row = problem_row((enum problem)p);

		assert_true(row->status >= 400 && row->status <= 599);
		assert_int_equal(
		    strspn(row->code, "abcdefghijklmnopqrstuvwxyz-"), strlen(row->code));
		assert_true(strlen(row->title) > 0 && row->title[strlen(row->title) - 1] != '.');
		assert_true(strlen(row->detail) > 0 && row->detail[strlen(row->detail) - 1] == '.');
		for (int k = PROBLEM_NONE + 1; k < p; k++)
			assert_string_not_equal(problem_row((enum problem)k)->code, row->code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_error_is_mapped),
	    cmocka_unit_test(rows_are_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
