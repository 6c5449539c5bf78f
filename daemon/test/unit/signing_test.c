/*
 * Goal of this test: a PIN that the token refused is not tried again by whatever signer, until its file was changed; and what
 * the end of a signer says.
 *
 * links: parent
 */
#include <setjmp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/parent/config.h"
#include "daemon/parent/signing.h"

#define ENDED_BY(signal) (signal) /* a wait status */
#define ENDED_WITH(code) ((code) << 8)

static char pin_path[] = "/tmp/signing-test-XXXXXX";
static struct config config; /* too large for a stack */

static int make_pin(void **state)
{
	int fd = mkstemp(pin_path);

	(void)state;
	snprintf(config.token_pin, sizeof config.token_pin, "file:%s", pin_path);
	return fd >= 0 && write(fd, "1234\n", 5) == 5 ? close(fd) : -1;
}

static int remove_pin(void **state)
{
	(void)state;
	return unlink(pin_path);
}

/* As an editor does: its time is another one. */
static void change_pin(int64_t second)
{
	const struct timespec times[2] = {{.tv_sec = second}, {.tv_sec = second}};

	assert_int_equal(utimensat(AT_FDCWD, pin_path, times, 0), 0);
}

static void refused_once(void **state)
{
	struct signing s;

	(void)state;
	change_pin(1000);
	signing_init(&s);
	assert_true(signing_may_start(&s, &config));
	signing_said(&s, TOKEN_PIN_WRONG);
	signing_ended(&s, ENDED_WITH(0));
	assert_int_equal(s.state, TOKEN_PIN_WRONG);
	assert_false(signing_may_start(&s, &config));
	assert_false(signing_may_start(&s, &config));
	change_pin(1001);
	assert_true(signing_may_start(&s, &config));
	signing_said(&s, TOKEN_READY);
	signing_ended(&s, ENDED_BY(SIGKILL));
	assert_true(signing_may_start(&s, &config)); /* this one was right */
}

static void other_reasons_are_tried_again(void **state)
{
	(void)state;
	for (int i = 0; i < TOKEN_STATES; i++) {
		struct signing s;

		signing_init(&s);
		assert_true(signing_may_start(&s, &config));
		signing_said(&s, (enum token_state)i);
		assert_int_equal(s.state, i);
		assert_int_equal(signing_may_start(&s, &config), i != TOKEN_PIN_WRONG);
	}
}

static void ends(void **state)
{
	struct signing s;

	(void)state;
	signing_init(&s);
	signing_may_start(&s, &config);
	signing_ended(&s, ENDED_BY(SIGKILL));
	assert_int_equal(s.state, TOKEN_HUNG);
	signing_may_start(&s, &config);
	signing_said(&s, TOKEN_READY);
	signing_ended(&s, ENDED_BY(SIGSYS));
	assert_int_equal(s.state, TOKEN_DIED);
	signing_may_start(&s, &config);
	signing_said(&s, TOKEN_ABSENT); /* its word counts, not its end */
	signing_ended(&s, ENDED_BY(SIGKILL));
	assert_int_equal(s.state, TOKEN_ABSENT);
}

static void pauses(void **state)
{
	struct signing s;
	int64_t before = 0;

	(void)state;
	signing_init(&s);
	for (int i = 0; i < 20; i++) {
		assert_true(signing_pause(&s) >= before);
		before = signing_pause(&s);
		signing_said(&s, TOKEN_ABSENT);
	}
	assert_int_equal(before, 16000);
	signing_said(&s, TOKEN_READY);
	assert_int_equal(signing_pause(&s), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refused_once),
	    cmocka_unit_test(other_reasons_are_tried_again),
	    cmocka_unit_test(ends),
	    cmocka_unit_test(pauses),
	};

	return cmocka_run_group_tests(tests, make_pin, remove_pin);
}
