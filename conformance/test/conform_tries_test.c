/*
 * Goals, with a plan of the test's own in the place of those of the suite:
 * - a case that came to no end for want of time is tried once more behind all others, and the report has what it came to then, and why
 * - one that came to no end at once is not, nor one that failed
 * - where two come to no end again the rest is not tried again, nor is any of a product of which nothing comes any more
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <unistd.h>

#include "conformance/cli/tries.h"
#include "conformance/cli/vain.h"
#include "conformance/test/world.h"

#define WAIT_MS 1000
#define CASES 12

/* What each case comes to, a letter for each try: p pass, f fail, i incomplete at once, l incomplete after its whole time. */
static const char *script[CASES];
static size_t n_cases, tried[CASES];

static size_t total(void)
{
	return n_cases;
}

static const struct case_facts *facts(size_t i)
{
	static const struct case_facts all[CASES] = {
#define ROW(n) {"PNG-001.S.p" #n, "RXP-PNG-001", "a case"}
	    ROW(1), ROW(2), ROW(3), ROW(4), ROW(5), ROW(6), ROW(7), ROW(8), ROW(9), ROW(10),
	    ROW(11), ROW(12)};

	return &all[i];
}

static void describe(struct outcome *out, size_t i)
{
	outcome_init(out, facts(i), "nothing", "sent");
}

static void run(struct outcome *out, size_t i, const struct target *target)
{
	char letter = script[i][tried[i]];

	describe(out, i);
	assert_int_not_equal(letter, '\0'); /* one time would be one too many */
	tried[i]++;
	if (letter == 'f')
		outcome_rule(out, VERDICT_FAIL, "it is wrong");
	else if (letter != 'p')
		outcome_rule(out, VERDICT_INCOMPLETE, "nothing came");
	if (letter == 'l')
		out->took_ms = target->wait_ms;
}

static const struct plan plan = {.name = "initiate",
    .letter = 'S',
    .total = total,
    .facts = facts,
    .describe = describe,
    .run = run};

/* The caller frees it. */
static struct report *try_script(const struct world *w, size_t n, const char *const of[])
{
	const struct target target = {.parties = &w->parties, .wait_ms = WAIT_MS};
	struct report *report = NULL;

	n_cases = n;
	for (size_t i = 0; i < n; i++) {
		script[i] = of[i];
		tried[i] = 0;
	}
	assert_int_equal(report_new(&report, &target, plan.name, "try", NOW_MS), 0);
	assert_int_equal(tries_all(report, &plan, &target, "try", "*"), 0);
	assert_int_equal(report_cases(report), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(tried[i], strlen(script[i]));
	return report;
}

static void test_late(void **state)
{
	const struct world *w = *state;
	static const char *const of[] = {"p", "lp", "i", "f", "lf"};
	struct report *report = try_script(w, 5, of);
	char path[128];
	json_t *root, *cases;

	(void)snprintf(path, sizeof path, "%s/report.json", w->folder);
	assert_int_equal(report_count(report, VERDICT_PASS), 2);
	assert_int_equal(report_count(report, VERDICT_FAIL), 2);
	assert_int_equal(report_count(report, VERDICT_INCOMPLETE), 1);
	assert_int_equal(report_write(report, path, NOW_MS), 0);
	root = json_load_file(path, 0, NULL);
	cases = json_object_get(root, "cases");
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(root, "summary"), "again")), 2);
	for (size_t i = 0; i < 5; i++) {
		const json_t *c = json_array_get(cases, i);

		assert_string_equal(json_string_value(json_object_get(c, "id")), facts(i)->id);
		assert_true((json_object_get(c, "again") != NULL) == (of[i][0] == 'l'));
	}
	json_decref(root);
	assert_int_equal(unlink(path), 0);
	report_free(report);
}

static void test_slow_product(void **state)
{
	static const char *const of[] = {"ll", "p", "ll", "p", "l", "p"};
	struct report *report = try_script(*state, 6, of);

	assert_int_equal(report_count(report, VERDICT_INCOMPLETE), 3);
	report_free(report);
}

static void test_dead_product(void **state)
{
	static const char *const of[] = {"l", "l", "l", "l", "l", "l", "l", "l", "", ""};
	struct report *report = try_script(*state, VAIN_MOST + 2, of);

	assert_int_equal(report_count(report, VERDICT_INCOMPLETE), VAIN_MOST + 2);
	report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_slow_product),
	    cmocka_unit_test(test_dead_product),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
