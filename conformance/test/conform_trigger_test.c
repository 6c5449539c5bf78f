/*
 * Goals:
 * - a trigger that is ended is gone within seconds, with all that it had started, also if it does not want to end; so is one between
 *   two products
 * - what it reads is empty, whoever may write to the suite
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/run/pair.h"
#include "conformance/run/trigger.h"
#include "conformance/wire/tls.h"

#define PATIENCE_MS 20000

static char folder[] = "/tmp/readmit-trigger.XXXXXX";
static char begun[64]; /* a file that is there once the trigger has begun */

/* Until it holds, in bounded time. */
static void await(bool (*holds)(pid_t trigger), pid_t trigger)
{
	int64_t until_ms = tls_now_ms() + PATIENCE_MS;

	while (!holds(trigger) && tls_now_ms() < until_ms)
		(void)poll(NULL, 0, 10);
	assert_true(holds(trigger));
}

static bool has_begun(pid_t trigger)
{
	(void)trigger;
	return access(begun, F_OK) == 0;
}

static bool is_gone(pid_t trigger)
{
	return kill(-trigger, 0) != 0;
}

static pid_t start(const char *command)
{
	static const char *const words[] = {"SEA-001.S.p1", "ping", NULL};
	pid_t trigger = trigger_start(command, "QMA", words);

	assert_true(trigger > 0);
	return trigger;
}

/* It starts another process, says that it has begun, and would last for ever. */
static void end_one(const char *first, void (*end)(pid_t trigger))
{
	int64_t began_ms;
	char command[256];
	pid_t trigger;

	(void)snprintf(command, sizeof command,
	    "%s sleep 600 & : >%s; while :; do sleep 1; done; :", first, begun);
	trigger = start(command);
	await(has_begun, trigger);
	began_ms = tls_now_ms();
	end(trigger);
	assert_true(tls_now_ms() - began_ms < PATIENCE_MS);
	await(is_gone, trigger);
	assert_int_equal(unlink(begun), 0);
}

static void test_ends(void **state)
{
	(void)state;
	end_one("", trigger_end);
}

static void test_does_not_want_to(void **state)
{
	(void)state;
	(void)alarm(2 * PATIENCE_MS / 1000); /* not for ever */
	end_one("trap '' TERM;", trigger_end);
	(void)alarm(0);
}

static void end_pair(pid_t trigger)
{
	struct pair p = {.running = trigger};

	pair_close(&p);
	assert_int_equal(p.running, 0);
}

static void test_between_two(void **state)
{
	(void)state;
	(void)alarm(2 * PATIENCE_MS / 1000);
	end_one("", end_pair);
	end_one("trap '' TERM;", end_pair);
	(void)alarm(0);
}

/* Somebody could write there, so that to wait for that would last for ever. */
static void test_reads_nothing(void **state)
{
	int ends[2], own = dup(STDIN_FILENO), status = -1;
	char command[256];
	pid_t trigger;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_true(own >= 0 && dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	(void)snprintf(command, sizeof command, "cat >%s; :", begun);
	trigger = start(command);
	(void)alarm(PATIENCE_MS / 1000);
	assert_int_equal(waitpid(trigger, &status, 0), trigger);
	(void)alarm(0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(dup2(own, STDIN_FILENO) == STDIN_FILENO);
	assert_true(close(own) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0);
	assert_int_equal(unlink(begun), 0);
}

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(begun, sizeof begun, "%s/begun", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_does_not_want_to),
	    cmocka_unit_test(test_between_two),
	    cmocka_unit_test(test_reads_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
