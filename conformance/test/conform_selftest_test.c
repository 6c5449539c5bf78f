/*
 * Goals, with a plan of the test's own in the place of those of the suite:
 * - a defect is found by a case that fails with it and passes without it, and survives one that always passes or always fails;
 * - one that no case found is tried once more with the cases that came to no end, with it or without it: a machine that was busy
 *   then is none of the suite's faults;
 * - what is found late counts if the product without the defect passes twice;
 * - what comes to no end twice finds nothing;
 * - a defect for which the suite would have to listen, or to stand between two products, is not tried without that, and nothing is;
 * - nor does a case that failed with a defect after which the product works no more, which ends the run, and the matrix says so.
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
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <unistd.h>

#include "conformance/run/plan.h"
#include "conformance/run/preflight.h"
#include "conformance/run/preflight_pair.h"
#include "conformance/selftest/selftest.h"
#include "protocol/base/err.h"

#define DEFECT 7

static char folder[] = "/tmp/readmit-selftest.XXXXXX";
static char list[64], switch_file[64], matrix[64];

/* What the one case comes to, each time, with the defect and without it; one more time would be one too many. */
static const enum verdict *script[2];
static size_t tried[2];
static bool breaks; /* from its first try with the defect on, the product works no more */

static const struct case_facts facts = {.id = "SEA-001.R.n1", .requirement = "RXP-SEA-001"};

static size_t one(void)
{
	return 1;
}

static const struct case_facts *facts_of(size_t i)
{
	assert_int_equal(i, 0);
	return &facts;
}

static void describe(struct outcome *out, size_t i)
{
	outcome_init(out, facts_of(i), "", "");
}

static void run(struct outcome *out, size_t i, const struct target *target)
{
	uint32_t number = 0;
	int fd = open(switch_file, O_RDONLY | O_CLOEXEC);
	bool with;

	(void)target;
	assert_int_equal(read(fd, &number, sizeof number), sizeof number);
	assert_int_equal(close(fd), 0);
	with = number == DEFECT;
	describe(out, i);
	out->verdict = script[with][tried[with]++];
	assert_int_not_equal(out->verdict, VERDICT_COUNT);
}

static struct plan plan = {"respond", 'R', "", one, facts_of, describe, run};

size_t plan_total(void)
{
	return 1;
}

const struct plan *plan_at(size_t i)
{
	assert_int_equal(i, 0);
	return &plan;
}

bool preflight(const struct target *t, preflight_told *told, void *arg)
{
	(void)t;
	(void)told;
	(void)arg;
	return !breaks || tried[1] == 0;
}

/* Nothing is waited for: a product that broke here never works again. */
int poll(struct pollfd *fds, nfds_t n, int ms)
{
	(void)fds;
	(void)n;
	(void)ms;
	return 0;
}

bool preflight_pair(struct pair *p, preflight_told *told, void *arg)
{
	(void)p;
	(void)told;
	(void)arg;
	return true;
}

static void write_file(const char *path, const void *octets, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(octets, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

#define ENDS VERDICT_COUNT

struct story {
	const char *must;
	enum verdict with[4], without[4]; /* up to ENDS */
	bool killed, again;
};

static void try(const struct story *s)
{
	static const struct target target = {.wait_ms = 1};
	const struct selftest by = {&target, list, switch_file, "*", false, NULL, s->again};
	struct selftest_result result = {0, 0, 0};
	char line[80];

	(void)snprintf(line, sizeof line, "%d\tSEA-001.m1\tR\t%s\tno words\n", DEFECT, s->must);
	write_file(list, line, strlen(line));
	write_file(switch_file, "\0\0\0", sizeof(uint32_t));
	script[0] = s->without;
	script[1] = s->with;
	memset(tried, 0, sizeof tried);
	assert_int_equal(selftest_run(&result, &by), 0);
	assert_int_equal(result.defects, 1);
	assert_int_equal(result.killed, s->killed);
	assert_int_equal(result.tried, tried[1]);
	/* No story has a try more than it wants. */
	assert_int_equal(s->without[tried[0]], ENDS);
	assert_int_equal(s->with[tried[1]], ENDS);
}

#define OK VERDICT_PASS
#define NO VERDICT_FAIL
#define OPEN VERDICT_INCOMPLETE

static void test_found(void **state)
{
	(void)state;
	try(&(struct story){"fail", {NO, ENDS}, {OK, ENDS}, true, false});
	try(&(struct story){"fail", {VERDICT_WARN, ENDS}, {OK, ENDS}, true, false});
	try(&(struct story){"incomplete", {OPEN, ENDS}, {OK, ENDS}, true, false});
}

static void test_survives(void **state)
{
	(void)state;
	try(&(struct story){"fail", {OK, ENDS}, {OK, ENDS}, false, false});
	try(&(struct story){"fail", {NO, ENDS}, {NO, ENDS}, false, false});
	try(&(struct story){"fail", {OK, ENDS}, {OPEN, ENDS}, false, false});
}

static void test_once_more(void **state)
{
	(void)state;
	try(&(struct story){"fail", {NO, ENDS}, {OPEN, OK, OK, ENDS}, true, false});
	try(&(struct story){"fail", {OPEN, NO, ENDS}, {OK, OK, ENDS}, true, false});
	try(&(struct story){"fail", {OPEN, NO, ENDS}, {OPEN, OK, OK, ENDS}, true, false});
	try(&(struct story){"incomplete", {OPEN, ENDS}, {OPEN, OK, OK, ENDS}, true, false});
	try(&(struct story){"fail", {NO, ENDS}, {OK, OK, ENDS}, true, true});
}

/* A case that passes without the defect once and fails then has found nothing when it fails with it. */
static void test_not_by_chance(void **state)
{
	(void)state;
	try(&(struct story){"fail", {NO, ENDS}, {OPEN, OK, NO, ENDS}, false, false});
	try(&(struct story){"fail", {OPEN, NO, ENDS}, {OK, NO, ENDS}, false, false});
	try(&(struct story){"fail", {NO, ENDS}, {OK, NO, ENDS}, false, true});
	try(&(struct story){"fail", {NO, ENDS}, {NO, ENDS}, false, true});
}

static void test_not_for_ever(void **state)
{
	(void)state;
	try(&(struct story){"fail", {OPEN, OPEN, ENDS}, {OK, OK, ENDS}, false, false});
	try(&(struct story){"fail", {NO, ENDS}, {OPEN, OPEN, ENDS}, false, false});
	try(&(struct story){"fail", {OPEN, OK, ENDS}, {OK, OK, ENDS}, false, false});
	try(&(struct story){"fail", {NO, ENDS}, {OPEN, NO, ENDS}, false, false});
}

/* What came to nothing without the defect once is tried anew for the next one. */
static void test_not_for_others(void **state)
{
	static const struct target target = {.wait_ms = 1};
	static const char lines[] = "7\tSEA-001.m1\tR\tfail\tno words\n"
				    "7\tSEA-001.m2\tR\tfail\tno words\n";
	static const enum verdict with[] = {NO, NO, ENDS}, without[] = {NO, OK, ENDS};
	const struct selftest by = {&target, list, switch_file, "*", false, NULL, false};
	struct selftest_result result = {0, 0, 0};

	(void)state;
	write_file(list, lines, strlen(lines));
	write_file(switch_file, "\0\0\0", sizeof(uint32_t));
	script[0] = without;
	script[1] = with;
	memset(tried, 0, sizeof tried);
	assert_int_equal(selftest_run(&result, &by), 0);
	assert_int_equal(result.defects, 2);
	assert_int_equal(result.killed, 1);
}

/* Not even whether the product works. */
static void test_not_without_the_means(void **state)
{
	static struct pair *const between = (struct pair *)list; /* nothing looks into it */
	static const struct {
		struct target target;
		int rc;
		char letter;
	} rows[] = {
	    {{.wait_ms = 1}, 0, 'R'},
	    {{.wait_ms = 1}, RXP_ERR_CONFIG, 'S'},
	    {{.sender = (struct sender *)list}, 0, 'S'},
	    {{.wait_ms = 1}, RXP_ERR_CONFIG, 'P'},
	    {{.pair = between}, 0, 'P'},
	    {{.pair = between}, RXP_ERR_CONFIG, 'R'},
	};
	static const enum verdict with[] = {NO, ENDS}, without[] = {OK, ENDS};

	(void)state;
	script[0] = without;
	script[1] = with;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct selftest by = {
		    &rows[i].target, list, switch_file, "*", false, NULL, false};
		struct selftest_result result = {0, 0, 0};
		char line[80];

		(void)snprintf(line, sizeof line, "%d\tSEA-001.m1\t%c\tfail\tno words\n", DEFECT,
		    rows[i].letter);
		write_file(list, line, strlen(line));
		write_file(switch_file, "\0\0\0", sizeof(uint32_t));
		memset(tried, 0, sizeof tried);
		plan.letter = rows[i].letter;
		assert_int_equal(selftest_run(&result, &by), rows[i].rc);
		plan.letter = 'R';
		assert_int_equal(tried[0] + tried[1], rows[i].rc == 0 ? 2 : 0);
	}
}

static void test_broken(void **state)
{
	static const struct target target = {.wait_ms = 1};
	static const char line[] = "7\tSEA-001.m1\tR\tfail\tno words\n";
	static const enum verdict with[] = {NO, ENDS}, without[] = {OK, ENDS};
	const struct selftest by = {&target, list, switch_file, "*", false, matrix, false};
	struct selftest_result result = {0, 0, 0};
	json_t *root;
	const json_t *one;

	(void)state;
	write_file(list, line, strlen(line));
	write_file(switch_file, "\0\0\0", sizeof(uint32_t));
	script[0] = without;
	script[1] = with;
	memset(tried, 0, sizeof tried);
	breaks = true;
	assert_int_equal(selftest_run(&result, &by), RXP_ERR_STATE);
	breaks = false;
	assert_int_equal(tried[1], 1);
	root = json_load_file(matrix, 0, NULL);
	one = json_array_get(json_object_get(root, "matrix"), 0);
	assert_int_equal(json_integer_value(json_object_get(root, "killed")), 0);
	assert_true(json_is_false(json_object_get(one, "killed")));
	json_decref(root);
}

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(list, sizeof list, "%s/list", folder);
	(void)snprintf(switch_file, sizeof switch_file, "%s/switch", folder);
	(void)snprintf(matrix, sizeof matrix, "%s/matrix", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)remove(list);
	(void)remove(switch_file);
	(void)remove(matrix);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_found),
	    cmocka_unit_test(test_survives),
	    cmocka_unit_test(test_once_more),
	    cmocka_unit_test(test_not_by_chance),
	    cmocka_unit_test(test_not_for_ever),
	    cmocka_unit_test(test_not_for_others),
	    cmocka_unit_test(test_not_without_the_means),
	    cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
