/*
 * Goals:
 * - of a product that hangs no more cases are tried than eight in a row that waited in vain
 * - where it answers a Ping, the trigger alone is given up, and what needs none is tried
 * - a case that comes to something begins the row anew
 * - a case that failed since no answer came in time is tried once more with more patience, and then what it comes to stands
 *
 * links: conform
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/cli/vain.h"
#include "conformance/hear/ear.h"
#include "conformance/run/again.h"
#include "conformance/run/sender.h"
#include "conformance/state/state.h"
#include "conformance/test/world.h"
#include "conformance/wire/tls.h"

#define WAIT_MS 10000
#define CASES 20

/* --- cases of which some wait in vain ---------------------------------------------------------- */

static unsigned tried;
static bool in_vain[CASES];

static const struct case_facts *facts(size_t i)
{
	static const struct case_facts all = {"PNG-001.S.p1", "RXP-PNG-001", "a case"};

	(void)i;
	return &all;
}

static void describe(struct outcome *out, size_t i)
{
	outcome_init(out, facts(i), "nothing", "sent");
}

static void run(struct outcome *out, size_t i, const struct target *target)
{
	describe(out, i);
	tried++;
	if (!in_vain[i])
		return;
	outcome_rule(out, VERDICT_INCOMPLETE, "nothing came");
	out->took_ms = target->wait_ms;
}

static const struct plan plan = {
    .name = "cases", .letter = 'S', .facts = facts, .describe = describe, .run = run};

/* How many of so many cases are tried. */
static unsigned try_all(const struct target *target, size_t n)
{
	struct vain v = {0};

	tried = 0;
	for (size_t i = 0; i < n; i++) {
		struct outcome o;

		vain_try(&v, &o, &plan, i, target);
		assert_int_equal(
		    o.verdict, in_vain[i] || tried <= i ? VERDICT_INCOMPLETE : VERDICT_PASS);
		outcome_clear(&o);
	}
	return tried;
}

static void wait_in_vain(size_t from, size_t until)
{
	for (size_t i = 0; i < CASES; i++)
		in_vain[i] = i >= from && i < until;
}

/* --- a product that answers -------------------------------------------------------------------- */

/* In a child process, until it is ended. */
static pid_t serve(const struct world *w, const char *at)
{
	struct ear *e = NULL;
	pid_t child = fork();

	if (child != 0)
		return child;
	if (ear_open(&e, &w->back, w->folder, at) != WIRE_NONE)
		_exit(1);
	ear_take_all(e);
	for (;;)
		ear_turn(e, tls_now_ms() + WAIT_MS);
}

static void test_hangs(void **state)
{
	struct world *w = *state;
	struct sender s = {.trigger = "true"};
	struct target target = {
	    .parties = &w->parties, .endpoint = "https://127.0.0.1:1", .wait_ms = 1, .sender = &s};

	wait_in_vain(0, CASES);
	assert_int_equal(try_all(&target, CASES), VAIN_MOST);
	assert_false(s.is_given_up);
	wait_in_vain(0, VAIN_MOST - 1);
	assert_int_equal(try_all(&target, CASES), CASES);
	wait_in_vain(1, VAIN_MOST + 1);
	assert_int_equal(try_all(&target, CASES), VAIN_MOST + 1);
}

static void test_trigger_hangs(void **state)
{
	struct world *w = *state;
	struct sender s = {.trigger = "true"};
	char at[TLS_AUTHORITY], endpoint[TLS_AUTHORITY + sizeof "https://"];
	struct target target = {
	    .parties = &w->parties, .endpoint = endpoint, .wait_ms = WAIT_MS, .sender = &s};
	pid_t child;

	(void)world_address(at);
	(void)snprintf(endpoint, sizeof endpoint, "https://%s", at);
	child = serve(w, at);
	wait_in_vain(0, VAIN_MOST);
	assert_int_equal(try_all(&target, CASES), CASES);
	assert_true(s.is_given_up);
	/* What waits in vain without it is not that. */
	wait_in_vain(0, CASES);
	assert_int_equal(try_all(&target, CASES), 2 * VAIN_MOST);
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	world_forget(w);
}

/* --- a product that is slow -------------------------------------------------------------------- */

/* The i-th case needs so many times the wait; 0: whatever it has, it fails. */
static void run_slowly(struct outcome *out, size_t i, const struct target *target)
{
	tried++;
	out->was_late = target->wait_ms < (int)i * WAIT_MS;
	if (i == 0 || out->was_late)
		outcome_rule(out, VERDICT_FAIL, "wanted an answer, got none");
}

static void test_slow(void **state)
{
	static const struct again slow = {describe, run_slowly};
	static const struct {
		size_t waits;
		unsigned tries;
		enum verdict verdict;
	} rows[] = {{1, 1, VERDICT_PASS}, {AGAIN_PATIENCE, 2, VERDICT_PASS},
	    {AGAIN_PATIENCE + 1, 2, VERDICT_FAIL}, {0, 1, VERDICT_FAIL}};
	struct target target = {.wait_ms = WAIT_MS};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct outcome o;

		tried = 0;
		again_run(&o, &slow, rows[i].waits, &target);
		assert_int_equal(tried, rows[i].tries);
		assert_int_equal(o.verdict, rows[i].verdict);
		outcome_clear(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hangs),
	    cmocka_unit_test(test_trigger_hangs),
	    cmocka_unit_test(test_slow),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as the suite does: the other end may be gone */
	return cmocka_run_group_tests(tests, world_make, world_end);
}
