/*
 * Goals of edit: the first place is changed, a span reaches to its end, @FOUND@ is what was there; an edit that finds
 * nothing or changes nothing is refused and leaves the text.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/message/edit.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

static void check(struct edit e, int rc, const char *after)
{
	struct rxp_buf text;

	rxp_buf_init(&text, 64);
	assert_int_equal(rxp_buf_puts(&text, "<a><b>1</b><b>2</b></a>"), 0);
	assert_int_equal(edit_apply(&text, &e), rc);
	assert_int_equal(text.len, strlen(after));
	assert_memory_equal(text.data, after, text.len);
	rxp_buf_free(&text);
}

static void test_edits(void **state)
{
	(void)state;
	check((struct edit){"<b>", NULL, "<c>"}, 0, "<a><c>1</b><b>2</b></a>");
	check((struct edit){"<b>", "</b>", ""}, 0, "<a><b>2</b></a>");
	check(
	    (struct edit){"<b>", "</b>", "@FOUND@-@FOUND@"}, 0, "<a><b>1</b>-<b>1</b><b>2</b></a>");
	check((struct edit){"", NULL, "x"}, 0, "x<a><b>1</b><b>2</b></a>");
}

static void test_refused(void **state)
{
	const char *same = "<a><b>1</b><b>2</b></a>";

	(void)state;
	check((struct edit){"<z>", NULL, "y"}, RXP_ERR_NOT_FOUND, same);
	check((struct edit){"<b>", "</z>", "y"}, RXP_ERR_NOT_FOUND, same);
	check((struct edit){"<b>", NULL, "<b>"}, RXP_ERR_NOT_FOUND, same);
	check(
	    (struct edit){"<b>", NULL,
		"@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@@FOUND@"},
	    RXP_ERR_BOUND, same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_edits),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
