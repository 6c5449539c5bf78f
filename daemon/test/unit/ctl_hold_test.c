/*
 * ctl_hold_test - goals: holds through readmitctl:
 *   hold and lift call the daemon with the persons and the code, and say what a hold met
 *   --take-back sends the daemon's own TransferChange as any document is sent, and only then; if it fails, that
 *     it is held all the same is said
 *   case show says whom each hold is of
 *   without a code nothing is called
 *   each command that takes a case passes on whose it is, and shows whose there are
 *   the transfers that a stop concerns come from all pages
 * links: ctl
 */
#include "daemon/test/unit/ctl_rig.h"

#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define OTHER_CASE "7ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define TRANSFERS(person, next) \
	"{\"items\":[{\"case_id\":\"" CASE "\",\"peer\":\"QMB\",\"person\":" person \
	",\"state\":\"planned\"}],\"next\":" next "}"
#define CHANGE "<TransferChange/>"
#define HELD(change) \
	"{\"peer\":\"QMB\",\"messages\":[{\"local_id\":\"" ID \
	"\",\"type\":\"Supplement\",\"outcome\":\"stopped\"}],\"notified\":[\"P1\"]," \
	"\"transfer_change\":" change "}"

static void hold(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200, HELD("\"" CHANGE "\""));
	assert_int_equal(
	    run(&d, "case|hold|" CASE "|--person|P1|--person|P2|--because|legal"), EXIT_OK);
	assert_int_equal(d.n_calls, 1);
	assert_string_equal(d.method[0], "POST");
	assert_string_equal(d.path[0], "/v1/cases/" CASE "/hold?person=P1&person=P2&reason=legal");
	assert_non_null(strstr(d.out, ID "  Supplement  stopped\n"));
	assert_non_null(strstr(d.err, "--take-back"));
	assert_int_equal(run(&d, "case|hold|" CASE), EXIT_USAGE);
	assert_int_equal(d.n_calls, 0);
	answers(&d, 200, HELD("null"));
	assert_int_equal(run(&d, "case|hold|" CASE "|--because|other"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE "/hold?reason=other");
	assert_null(strstr(d.err, "--take-back"));
}

static void take_back(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200, HELD("\"" CHANGE "\""));
	d.answers[1] = (struct canned){CALL_DONE, 202, "{\"local_id\":\"" ID "\"}"};
	d.n_answers = 2;
	assert_int_equal(run(&d, "case|hold|" CASE "|--because|legal|--take-back"), EXIT_OK);
	assert_int_equal(d.n_calls, 2);
	assert_string_equal(d.path[1], "/v1/messages?peer=QMB&case=" CASE);
	assert_string_equal(d.body, CHANGE);
	assert_string_equal(d.media, "application/xml");
	assert_int_equal(strncmp(d.header[1], "Idempotency-Key: ", 17), 0);
	d.answers[1] = (struct canned){CALL_DONE, 503, "{}"};
	assert_int_not_equal(run(&d, "case|hold|" CASE "|--because|legal|--take-back"), EXIT_OK);
	assert_non_null(strstr(d.err, "it is held, but the TransferChange is not sent"));
	answers(&d, 200, HELD("null"));
	assert_int_equal(run(&d, "case|hold|" CASE "|--because|legal|--take-back"), EXIT_OK);
	assert_int_equal(d.n_calls, 1);
}

static void lift(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 204, "");
	assert_int_equal(run(&d, "case|lift|" CASE "|--person|P3|--because|health"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE "/lift?person=P3&reason=health");
	assert_int_equal(run(&d, "case|lift|" CASE), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE "/lift");
	answers(
	    &d, 409, "{\"title\":\"Not allowed in the present state\",\"reason\":\"RXP-HLD-005\"}");
	assert_int_not_equal(run(&d, "case|lift|" CASE), EXIT_OK);
	assert_non_null(strstr(d.err, "RXP-HLD-005"));
}

static void show(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200,
	    "{\"case_id\":\"" CASE "\",\"states\":[],\"held\":["
	    "{\"person\":0,\"reason\":\"legal\",\"user\":\"uid:7\",\"at\":\"now\"},"
	    "{\"person\":2,\"reason\":\"health\",\"user\":\"uid:8\",\"at\":\"then\"}]}");
	assert_int_equal(run(&d, "case|show|" CASE), EXIT_OK);
	assert_non_null(strstr(d.out, "\nall   legal    uid:7  now\n"));
	assert_non_null(strstr(d.out, "\nP2    health   uid:8  then\n"));
}

/* Each command that takes a case says whose it is, if it is told. */
static void whose(void **state)
{
	static const struct {
		const char *line, *path;
	} ROWS[] = {
	    {"case|hold|" CASE "|--peer|QMB|--person|P1|--because|legal",
		"/v1/cases/" CASE "/hold?peer=QMB&person=P1&reason=legal"},
	    {"case|lift|" CASE "|--peer|QMB", "/v1/cases/" CASE "/lift?peer=QMB"},
	    {"case|show|" CASE "|--peer|QMB", "/v1/cases/" CASE "?peer=QMB"},
	    {"case|timeline|" CASE "|--peer|QMB", "/v1/cases/" CASE "/timeline?peer=QMB"},
	    {"case|retention|" CASE "|--peer|QMB", "/v1/cases/" CASE "/retention?peer=QMB"},
	    {"case|corrections|" CASE "|--peer|QMB", "/v1/cases/" CASE "/corrections?peer=QMB"},
	    {"case|legal-hold|" CASE "|--peer|QMB", "/v1/cases/" CASE "/legal-hold?peer=QMB"},
	    {"case|lift-legal-hold|" CASE "|--peer|QMB",
		"/v1/cases/" CASE "/legal-hold/lift?peer=QMB"},
	    {"case|sheet|" CASE "|P2|--peer|QMB|--language|en|--reason|review",
		"/v1/cases/" CASE "/persons/2/sheet?peer=QMB"},
	    {"evidence|export|" CASE "|--peer|QMB|--reason|review|--out|whose",
		"/v1/cases/" CASE "/evidence?after=0&peer=QMB"},
	    {"journal|list|--case|" CASE "|--peer|QMB",
		"/v1/journal?limit=50&case=" CASE "&peer=QMB"},
	};
	struct daemon d = {.librxp = true};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		answers(&d, 409, "{\"title\":\"More than one\",\"reason\":\"QMA, QMB\"}");
		assert_int_not_equal(run(&d, ROWS[i].line), EXIT_OK);
		assert_string_equal(d.path[0], ROWS[i].path);
		assert_non_null(strstr(d.err, "QMA, QMB"));
	}
}

/* All pages of the transfers that a stop concerns; none is asked for twice. */
static void transfers(void **state)
{
	struct daemon d = {.answers = {{CALL_DONE, 200, TRANSFERS("1", "\"" CASE "\"")},
			       {CALL_DONE, 200, "{\"items\":[],\"next\":\"" OTHER_CASE "\"}"},
			       {CALL_DONE, 200, TRANSFERS("2", "null")}},
	    .n_answers = 3};

	(void)state;
	assert_int_equal(run(&d, "stop|transfers|" ID), EXIT_OK);
	assert_int_equal(d.n_calls, 3);
	assert_string_equal(d.path[0], "/v1/stops/" ID "/transfers");
	assert_string_equal(d.path[1], "/v1/stops/" ID "/transfers?after=" CASE);
	assert_string_equal(d.path[2], "/v1/stops/" ID "/transfers?after=" OTHER_CASE);
	assert_non_null(strstr(d.out, "QMB   1       planned"));
	assert_non_null(strstr(d.out, "QMB   2       planned"));
	answers(&d, 200, TRANSFERS("1", "\"" CASE "\""));
	assert_int_equal(run(&d, "stop|transfers|" ID), EXIT_FAILED);
	assert_int_equal(d.n_calls, 2);
	answers(&d, 200, "{\"items\":[],\"next\":null}");
	assert_int_equal(run(&d, "stop|transfers|" ID), EXIT_OK);
	assert_string_equal(d.err, "no transfers\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hold),
	    cmocka_unit_test(take_back),
	    cmocka_unit_test(lift),
	    cmocka_unit_test(show),
	    cmocka_unit_test(whose),
	    cmocka_unit_test(transfers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
