/*
 * Goals, for what the commands say to the person at them:
 * - the command that tries a case again is what a shell reads as the same words, whatever stands in them;
 * - in a report the words that are of this machine give way to what stands for them;
 * - a check of preflight that does not hold says what was seen, whose it is and what to do, and which State it was made as; every end of a
 *   connection has a side and a hint.
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

#include "conformance/cli/play.h"
#include "conformance/wire/wire.h"

static void the_command_is_the_same_to_a_shell(void **state)
{
	static const struct {
		const char *given, *shown;
	} rows[] = {
	    {"./send.sh", " --trigger ./send.sh"},
	    {"./send.sh QRA", " --trigger './send.sh QRA'"},
	    {"sh -c 'a b'", " --trigger 'sh -c '\\''a b'\\'''"},
	    {"it's", " --trigger 'it'\\''s'"},
	    {"#no", " --trigger '#no'"},
	    {"a\\b", " --trigger 'a\\b'"},
	    {"[ab]", " --trigger '[ab]'"},
	    {"", " --trigger ''"},
	};
	char command[OPTIONS_COMMAND];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct options o = {.verb = "respond"};

		o.values[OPTION_TRIGGER] = rows[i].given;
		o.values[OPTION_SELECT] = "SEA-*";
		options_command(command, &o, false);
		assert_string_equal(command + strlen("readmit-conform respond"), rows[i].shown);
		options_command(command, &o, true);
		assert_string_equal(command, "readmit-conform respond --trigger CMD");
	}
}

static void one_that_takes_no_argument_has_none(void **state)
{
	struct options o = {.verb = "wire"};
	char command[OPTIONS_COMMAND];

	(void)state;
	o.values[OPTION_SLOW] = "";
	o.values[OPTION_WAIT] = "5";
	options_command(command, &o, false);
	assert_string_equal(command, "readmit-conform wire --wait 5 --slow");
}

/* The caller frees it. */
static char *said_by(const struct preflight_said *said)
{
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	assert_non_null(file);
	play_print_check(file, said);
	assert_int_equal(fclose(file), 0);
	return text;
}

static void a_check_says_whose_it_is(void **state)
{
	struct preflight_said said = {
	    .words = "it goes", .seen = "it stands", .side = "the owner", .hint = "push"};
	char *text = said_by(&said);

	(void)state;
	assert_string_equal(text,
	    "CONFIG  not so: it goes\n        seen: it stands\n        side: the owner\n        do: push\n");
	free(text);
	said.party = "QMB";
	text = said_by(&said);
	assert_non_null(strstr(text, "not so: it goes, as QMB\n"));
	free(text);
	said.holds = true;
	text = said_by(&said);
	assert_string_equal(text, "ok      it goes, as QMB\n");
	free(text);
}

static void each_end_has_a_side(void **state)
{
	(void)state;
	for (unsigned end = 0; end < WIRE_END_COUNT; end++) {
		bool ends = end != WIRE_NONE && end != WIRE_WAIT;

		assert_int_equal(wire_end_side((enum wire_end)end)[0] != '\0', ends);
		assert_int_equal(wire_end_hint((enum wire_end)end)[0] != '\0', ends);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_command_is_the_same_to_a_shell),
	    cmocka_unit_test(one_that_takes_no_argument_has_none),
	    cmocka_unit_test(a_check_says_whose_it_is),
	    cmocka_unit_test(each_end_has_a_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
