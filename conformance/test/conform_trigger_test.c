/*
 * Goals: a trigger that is ended is gone within seconds, with all that it had started, also if it does not want to end.
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
#include <unistd.h>

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

/* It starts another process, says that it has begun, and would last for ever. */
static void end_one(const char *first)
{
	static const char *const words[] = {"SEA-001.S.p1", "ping", NULL};
	int64_t began_ms;
	char command[256];
	pid_t trigger;

	(void)snprintf(command, sizeof command,
	    "%s sleep 600 & : >%s; while :; do sleep 1; done; :", first, begun);
	trigger = trigger_start(command, "QMA", words);
	assert_true(trigger > 0);
	await(has_begun, trigger);
	began_ms = tls_now_ms();
	trigger_end(trigger);
	assert_true(tls_now_ms() - began_ms < PATIENCE_MS);
	await(is_gone, trigger);
	assert_int_equal(unlink(begun), 0);
}

static void test_ends(void **state)
{
	(void)state;
	end_one("");
}

static void test_does_not_want_to(void **state)
{
	(void)state;
	(void)alarm(2 * PATIENCE_MS / 1000); /* not for ever */
	end_one("trap '' TERM;");
	(void)alarm(0);
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
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
