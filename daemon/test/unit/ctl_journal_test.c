/*
 * ctl_journal_test - goals: the journal on the command line:
 *   list: what goes to the daemon for each option; users of this machine by name
 *   verify: a chain computed elsewhere holds over several pages; one that was changed, that lacks an entry, or
 *   whose number is wrong does not, and the entry is named (RXP-JRN-005)
 *   case retention: when what is held goes, or why nobody can say
 * links: ctl
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/test/unit/ctl_rig.h"

#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
/* Two entries, whose heads were computed by another program. */
#define FIRST(user) \
	"{\"n\":1,\"at\":\"2026-11-29T08:00:00.000Z\",\"user\":\"" user "\",\"role\":\"operate\"," \
	"\"action\":\"peer-add\",\"reason\":null,\"peer\":\"QMB\",\"case_id\":null,\"local_id\":null," \
	"\"number\":0,\"head\":\"e07e99917ab9906a4a619a8102c0630af24c04c77a717cfc30d901d8afd032a3\"}"
#define SECOND(n) \
	"{\"n\":" n ",\"at\":\"2026-11-29T08:00:01.000Z\",\"user\":\"uid:4000000000\"," \
	"\"role\":\"receive\",\"action\":\"attachment-read\",\"reason\":\"review\",\"peer\":\"QMB\"," \
	"\"case_id\":\"" CASE "\",\"local_id\":\"" ID "\",\"number\":2," \
	"\"head\":\"4b07bb14af38692dd60d230e448398b2a4388372f2486a749bad00ff817c34fa\"}"
#define PAGE(items, next) "{\"items\":[" items "],\"next\":" next "}"

static void lists(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200, PAGE(FIRST("uid:0") "," SECOND("2"), "2"));
	assert_int_equal(run(&d, "journal|list"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/journal?limit=50");
	assert_non_null(strstr(d.out, "uid:0 (root)"));
	assert_non_null(strstr(d.out, "uid:4000000000 "));
	assert_non_null(strstr(d.out, CASE));
	assert_string_equal(d.err, "more: --after 2\n");
	assert_int_equal(
	    run(&d, "journal|list|--after|2|--case|" CASE "|--since|2026-11-29|--user|root"),
	    EXIT_OK);
	assert_string_equal(d.path[0],
	    "/v1/journal?limit=50&after=2&case=" CASE "&since=2026-11-29T00:00:00.000Z&user=0");
	assert_int_equal(
	    run(&d, "journal|list|--since|2026-11-29T08:00:00.000Z|--user|4000000000"), EXIT_OK);
	assert_string_equal(
	    d.path[0], "/v1/journal?limit=50&since=2026-11-29T08:00:00.000Z&user=4000000000");
	assert_int_equal(run(&d, "journal|list|--user|no-such-user-here"), EXIT_USAGE);
	assert_int_equal(d.n_calls, 0);
	answers(&d, 200, PAGE("", "null"));
	assert_int_equal(run(&d, "journal|list"), EXIT_OK);
	assert_string_equal(d.err, "no entries\n");
}

static void verifies(void **state)
{
	struct daemon d = {.answers = {{CALL_DONE, 200, PAGE(FIRST("uid:0"), "1")},
			       {CALL_DONE, 200, PAGE(SECOND("2"), "null")}},
	    .n_answers = 2};

	(void)state;
	assert_int_equal(run(&d, "journal|verify"), EXIT_OK);
	assert_int_equal(d.n_calls, 2);
	assert_string_equal(d.path[1], "/v1/journal?limit=100&after=1");
	assert_string_equal(d.out,
	    "2 entries, head 4b07bb14af38692dd60d230e448398b2a4388372f2486a749bad00ff817c34fa\n");
}

static void finds_what_was_changed(void **state)
{
	static const struct {
		const char *page, *says;
	} BAD[] = {
	    {PAGE(FIRST("uid:1") "," SECOND("2"), "null"), "at entry 1\n"},
	    {PAGE(FIRST("uid:0") "," FIRST("uid:0"), "null"), "at entry 2\n"},
	    {PAGE(FIRST("uid:0") "," SECOND("3"), "null"), "at entry 2\n"},
	    {PAGE(SECOND("2"), "null"), "at entry 1\n"},
	    {PAGE("{}", "null"), "at entry 1\n"},
	};
	struct daemon d;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		answers(&d, 200, BAD[i].page);
		assert_int_equal(run(&d, "journal|verify"), EXIT_FAILED);
		if (strstr(d.err, BAD[i].says) == NULL)
			fail_msg("%s: %s", BAD[i].page, d.err);
	}
	answers(&d, 200, PAGE(FIRST("uid:0"), "null")); /* the twin */
	assert_int_equal(run(&d, "journal|verify"), EXIT_OK);
	answers(&d, 403, "{\"title\":\"T\",\"detail\":\"D.\"}");
	assert_int_equal(run(&d, "journal|verify"), EXIT_NOT_PERMITTED);
}

/* --- retention ------------------------------------------------------------------------------------- */
#define RETAINED(held) \
	"{\"case_id\":\"" CASE \
	"\",\"peer\":\"QMB\",\"profile_id\":\"p\",\"profile_version\":\"1\"," \
	"\"profile_held\":" held ",\"persons\":[{\"person\":1,\"state\":\"refused\"," \
	"\"after\":\"refused\",\"ended\":\"2026-01-01T00:00:00.000Z\",\"months\":12,\"source\":\"X\"," \
	"\"due\":\"2027-01-02T00:00:00.000Z\",\"blocked\":0},{\"person\":2,\"state\":\"withdrawn\"," \
	"\"after\":\"withdrawn\",\"ended\":\"2026-01-03T00:00:00.000Z\",\"months\":0," \
	"\"source\":null,\"due\":null,\"blocked\":1},{\"person\":3,\"state\":\"received\"," \
	"\"after\":null,\"ended\":null,\"months\":0,\"source\":null,\"due\":null,\"blocked\":0," \
	"\"extendable\":0},{\"person\":4,\"state\":\"ready\",\"after\":null,\"ended\":null," \
	"\"months\":0,\"source\":null,\"due\":null,\"blocked\":0,\"extendable\":1}]," \
	"\"documents\":[{\"local_id\":\"" ID "\",\"from\":\"QMA\",\"type\":\"Withdrawal\"," \
	"\"position\":2,\"content\":\"held\",\"persons\":5,\"hidden\":4,\"due\":null," \
	"\"erased\":null}]}"

static void retention(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200, RETAINED("true"));
	assert_int_equal(run(&d, "case|retention|" CASE), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE "/retention");
	assert_non_null(strstr(d.out, "2027-01-02T00:00:00.000Z"));
	assert_non_null(strstr(d.out, "the profile does not say"));
	assert_non_null(strstr(d.out, "not before the case ends")); /* P3 */
	assert_non_null(
	    strstr(d.out, "the agreement lets the transfer limit be extended")); /* P4 */
	assert_non_null(strstr(d.out, "P1 P3    P3         held"));
	answers(&d, 200, RETAINED("false"));
	assert_int_equal(run(&d, "case|retention|" CASE), EXIT_OK);
	assert_non_null(strstr(d.out, "this node does not hold the profile"));
	assert_null(strstr(d.out, "the profile does not say"));
	assert_int_equal(run(&d, "case|retention|" CASE "|--json"), EXIT_OK);
	assert_non_null(strstr(d.out, "\"hidden\":4"));
}

static void corrections(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200, "{\"content\":\"erased\",\"reason\":null}");
	assert_int_equal(run(&d, "message|erase|" ID), EXIT_USAGE); /* nobody can be asked */
	assert_int_equal(d.n_calls, 0);
	assert_int_equal(run(&d, "message|erase|" ID "|--yes"), EXIT_OK);
	assert_string_equal(d.method[0], "POST");
	assert_string_equal(d.path[0], "/v1/messages/" ID "/erase");
	assert_string_equal(d.err, ID ": its content is erased\n");
	answers(&d, 200, "{\"content\":\"blocked\",\"reason\":\"the case is under a legal hold\"}");
	assert_int_equal(run(&d, "message|erase|" ID "|--yes"), EXIT_OK);
	assert_string_equal(
	    d.err, ID ": its content is blocked, since the case is under a legal hold\n");
	assert_int_equal(run(&d, "message|block|" ID), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/messages/" ID "/block");
	assert_int_equal(run(&d, "message|unblock|" ID), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/messages/" ID "/unblock");
	answers(&d, 204, "");
	assert_int_equal(run(&d, "case|legal-hold|" CASE), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE "/legal-hold");
	assert_int_equal(run(&d, "case|lift-legal-hold|" CASE), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE "/legal-hold/lift");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists),
	    cmocka_unit_test(verifies),
	    cmocka_unit_test(finds_what_was_changed),
	    cmocka_unit_test(retention),
	    cmocka_unit_test(corrections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
