/*
 * Goals, for the forms of a report that machines read:
 * - JUnit's XML has the elements that both of its schemas ask for, and of what did not pass the command that tries it again; TAP says why
 *   something was not asked.
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

#include "conformance/report/forms.h"
#include "conformance/test/reported.h"

static void junit_has_what_its_schemas_ask_for(void **state)
{
	static const char *const has[] = {"timestamp=\"2026-11-03T10:00:00\"", "<properties/>",
	    "</system-out>\n  <system-err/>", " id=\"0\"", "package=\"respond\"",
	    "<failure type=\"fail\"", "<error type=\"incomplete\"",
	    "<skipped message=", "SEA-009.R.n1 weak: &lt;other&gt;",
	    "\nexpected: the Refusal rekey\nseen: a Receipt\nagain: readmit-conform respond",
	    " --select ENV-009.R.n1</failure></testcase>"};
	const struct one cases[] = {passed, failed, untried,
	    {"SEA-009.R.n1", "RXP-SEA-009", "weak", "a", "b", "<other>", .name = NULL},
	    {"SEA-009.R.n2", "RXP-SEA-009", "not-asked", "a", "", "not claimed", .name = NULL}};
	char *xml = form_of(form_junit, "readmit-conform respond --state DIR", cases,
	    sizeof cases / sizeof cases[0]);

	(void)state;
	for (size_t i = 0; i < sizeof has / sizeof has[0]; i++)
		if (strstr(xml, has[i]) == NULL)
			fail_msg("no %s", has[i]);
	free(xml);
}

static void tap_says_why_something_was_not_asked(void **state)
{
	const struct one cases[] = {
	    {"SEA-009.R.n2", "RXP-SEA-009", "not-asked", "a", "", "it needs #keys", .name = NULL}};
	char *tap = form_of(form_tap, "", cases, 1);

	(void)state;
	assert_non_null(strstr(tap, "ok 1 - SEA-009.R.n2 a <change> # SKIP it needs  keys\n"));
	free(tap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(junit_has_what_its_schemas_ask_for),
	    cmocka_unit_test(tap_says_why_something_was_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
