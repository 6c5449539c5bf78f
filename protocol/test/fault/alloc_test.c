/*
 * Goals:
 *  - for each operation of the library and each allocation that its own code and OpenSSL ask for: with
 *    that one failing, and with that one and all behind it failing, the operation fails with a code that
 *    stands for it, or succeeds; it does not crash, leaves its out alone and leaks nothing; afterwards
 *    the same operation succeeds;
 *  - want of memory is never told as a fault of what a peer or the ministry sent;
 *  - where libxml2 or xmlsec do not get what they ask for the process ends before they go on.
 *
 * Of an operation with many allocations some are taken, by chance; with RXP_TORTURE set all are. The seed is
 * printed; RXP_SEED sets it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "protocol/base/err.h"
#include "protocol/init.h"
#include "protocol/test/fault/fault.h"
#include "protocol/test/fault/operation.h"

#define ALL_UP_TO 600 /* allocations of an operation, of which each is taken */
#define SAMPLES 64 /* else */
#define LEAK_ROUNDS 3 /* what grows this often in a row is no cache */
#define FORKS 6 /* for each operation */

/* xmlSecTransformCreateOutputBuffer() forgets its buffer when what it is for fails. A stack as short as
 * the sanitizer keeps it names the library alone. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libxmlsec1.so";
}

static uint64_t seed;

/* Up to the seed, which of every step allocations is taken. */
static uint64_t first_of(uint64_t step)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return 1 + (seed >> 33) % step;
}

static uint64_t allocations_of(const struct operation *o)
{
	/* Twice, so that what a library makes at its first use is there. */
	assert_int_equal(o->run(), 0);
	assert_int_equal(o->run(), 0);
	fault_arm(0, false);
	assert_int_equal(o->run(), 0);
	return fault_disarm();
}

static bool stands_for_it(const struct operation *o, int rc)
{
	bool found = rc == 0 || rc == RXP_ERR_NOMEM;

	for (size_t i = 0; i < OPERATION_CODES; i++)
		found = found || rc == o->codes[i];
	return found;
}

/* Returns whether blocks are left that were not there before. */
static bool fail_one(const struct operation *o, uint64_t nth, bool all_behind)
{
	int64_t before = fault_blocks();
	int rc;

	fault_arm(nth, all_behind);
	rc = o->run();
	fault_disarm();
	ERR_clear_error();
	if (!stands_for_it(o, rc))
		fail_msg("%s: allocation %ju (%s): %s", o->name, (uintmax_t)nth, fault_where(),
		    rxp_err_text(rc));
	rc = o->run();
	if (rc != 0)
		fail_msg("%s: after allocation %ju (%s): %s", o->name, (uintmax_t)nth,
		    fault_where(), rxp_err_text(rc));
	return fault_blocks() > before;
}

static void fail_each(const struct operation *o, bool all_behind)
{
	uint64_t n = allocations_of(o);
	uint64_t step = n <= ALL_UP_TO || getenv("RXP_TORTURE") != NULL ? 1 : n / SAMPLES;

	for (uint64_t nth = first_of(step); nth <= n; nth += step) {
		int rounds = 0;

		while (rounds < LEAK_ROUNDS && fail_one(o, nth, all_behind))
			rounds++;
		if (rounds == LEAK_ROUNDS)
			fail_msg("%s: allocation %ju (%s): leak", o->name, (uintmax_t)nth,
			    fault_where());
	}
}

static void one_allocation_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < operation_count; i++)
		fail_each(&operations[i], false);
}

static void all_allocations_behind_one_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < operation_count; i++)
		fail_each(&operations[i], true);
}

/* In a process of its own. Returns whether it aborted; it may also come to an end. */
static bool aborts(const struct operation *o, uint64_t nth)
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		fault_arm(nth, false);
		_exit(stands_for_it(o, o->run()) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		assert_int_equal(WTERMSIG(status), SIGABRT);
	else
		assert_int_equal(WEXITSTATUS(status), 0);
	return WIFSIGNALED(status);
}

static void libxml2_does_not_go_on_without_memory(void **state)
{
	unsigned aborted = 0;

	(void)state;
	for (size_t i = 0; i < operation_count; i++) {
		uint64_t n = allocations_of(&operations[i]);
		uint64_t step = n < FORKS ? 1 : n / FORKS;

		for (uint64_t nth = first_of(step); nth <= n; nth += step)
			aborted += aborts(&operations[i], nth);
	}
	assert_true(aborted > operation_count);
}

static int start(void **state)
{
	const char *given = getenv("RXP_SEED");

	(void)state;
	seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	print_message("RXP_SEED=%ju\n", (uintmax_t)seed);
	fault_install();
	if (rxp_init() != 0)
		return -1;
	operation_start();
	return 0;
}

static int spare_xml(void **state)
{
	(void)state;
	fault_spare_xml();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	operation_stop();
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(libxml2_does_not_go_on_without_memory),
	    cmocka_unit_test_setup(one_allocation_fails, spare_xml),
	    cmocka_unit_test_setup(all_allocations_behind_one_fail, spare_xml),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
