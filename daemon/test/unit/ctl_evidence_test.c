/*
 * ctl_evidence_test - goals:
 *   evidence export writes the container of a case page by page, verifies it before, and never touches a file
 *     that exists; a message goes by another path
 *   readmit-verify says who sealed what and when, what is proved and what is not, without a call; with roots,
 *     with wrong ones, and with none
 *   what the documents say comes in if it is asked for and still there
 *   a document that is refused and seen keeps its place, and the contradiction is told
 *   a case that goes on while it is exported is not exported half; one that is too large for a container is told so
 *   wrong use has a status of its own, and so has what is no container
 * links: ctl verify
 */
#include "daemon/test/unit/ctl_evidence_rig.h"

#include <unistd.h>

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* --- tests -------------------------------------------------------------------------------------------- */

static void exports_and_verifies(void **state)
{
	struct world *w = *state;
	const struct rxp_entry *chronology;
	struct rxp_container c;

	evidence_assert_says(w->asked,
	    "/v1/cases/" CASE "/evidence?after=0 /v1/cases/" CASE "/evidence?after=3 "
	    "/v1/cases/" CASE "/evidence/seal ");
	evidence_assert_says(w->err, "4 documents, 3 receipts in ");
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_FAILED);
	evidence_assert_says(w->err, "File exists");
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	assert_string_equal(w->err, "");
	evidence_assert_says(w->out, "\nPROVED\n");
	evidence_assert_says(w->out,
	    "\n02  ReadmissionReply\n    QRB sealed it for QRA at 2026-11-18T11:07:40.000Z, as its "
	    "document 1 in case " CASE
	    ".\n    QRA sealed, at 2026-11-18T11:07:41.000Z, that it had "
	    "received all of it at 2026-11-18T11:07:41.000Z.\n    By that it stands to the first 0 "
	    "entries of its log 44444444-4444-4444-8444-444444444444, up to e669c3b7bd536bf2.\n");
	evidence_assert_says(
	    w->out, "    QRB sealed, at 2026-11-18T11:08:41.000Z, that it refuses it: state.\n");
	evidence_assert_says(w->out, "none that came before any of them is missing.\n");
	evidence_assert_says(w->out,
	    "QRA put these files together and sealed that they are these, at "
	    "2026-11-18T12:06:40.000Z.\n");
	evidence_assert_says(w->out, "\nNOT PROVED\n- What 4 of 4 documents said: ");
	evidence_load(w, &c);
	chronology = rxp_container_find(&c, RXP_EVIDENCE_CHRONOLOGY);
	snprintf(w->out, sizeof(w->out), "%.*s", (int)chronology->octets.len,
	    (const char *)chronology->octets.data);
	evidence_assert_says(w->out, "\nQRA ");
	evidence_assert_says(w->out,
	    "\n01 ReadmissionApplication, from QRA to QRB, message "
	    "01890a5d-ac96-774b-bcce-b302099a8000, document 1 of QRA in case " CASE "\n");
	evidence_assert_says(w->out, "2026-11-18T11:08:40.000Z QRA sealed document 03\n"
				     "2026-11-18T11:08:41.000Z QRB refused document 03: state\n"
				     "2026-11-18T11:09:40.000Z QRA sealed document 04\n"
				     "2026-11-18T11:09:41.000Z QRB had received document 04\n");
	chronology = rxp_container_find(&c, RXP_EVIDENCE_PAGE);
	snprintf(w->out, sizeof(w->out), "%.*s", (int)chronology->octets.len,
	    (const char *)chronology->octets.data);
	evidence_assert_says(
	    w->out, "<p>Case <code>" CASE "</code>, under the agreement model/1.</p>\n");
	evidence_assert_says(w->out,
	    "<tr><td>2026-11-18, wednesday</td><td>11:08:41</td><td>QRB</td><td>refused document 03: "
	    "state, ");
	evidence_assert_says(w->out, "<td>QRA</td><td>sealed document 04 for QRB: Withdrawal. It ");
	evidence_assert_says(w->out, "had received document 04, all of it.</td></tr>\n</table>\n");
	rxp_container_clear(&c);
}

static void a_message_alone(void **state)
{
	struct world *w = *state;
	json_t *rows = w->rows;

	snprintf(strrchr(w->file, '/'), 16, "/alone");
	w->rows = json_array();
	assert_int_equal(evidence_export_to(w, MESSAGE, w->file), EXIT_FAILED);
	evidence_assert_says(w->err, "nothing to prove");
	json_array_append(w->rows, json_array_get(rows, 3));
	assert_int_equal(evidence_export_to(w, MESSAGE, w->file), EXIT_OK);
	evidence_assert_says(w->asked,
	    "/v1/messages/" MESSAGE "/evidence?after=0 /v1/messages/" MESSAGE "/evidence/seal ");
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	evidence_assert_says(w->out, "What came before it in its case is not here.\n");
	assert_null(strstr(w->out, "documents of one case"));
	json_decref(w->rows);
	w->rows = rows;
}

/* Of the document of that number, from 0, the node holds nothing: it is named as one of FROM (RXP-EVI-032). */
static void assert_hole(struct world *w, size_t at, const char *from)
{
	char says[96];

	(void)remove(w->file);
	json_array_remove(w->rows, at);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_IN_PART);
	evidence_assert_says(
	    w->err, "of 1 documents nothing is stored, though others speak of them");
	assert_int_equal(evidence_verify(w), VERIFY_IN_PART);
	snprintf(says, sizeof(says),
	    "NOT GIVEN: QRA says that it holds nothing of such a document of %s", from);
	evidence_assert_says(w->out, says);
	evidence_assert_says(w->out, "which is none of these: there was one.");
}

/* Of the first of the receipted ones and of what came between nothing is held: what is left of the case is one receipted, one refused. */
static void a_case_with_little_left(void **state)
{
	struct world *w = *state;
	json_t *rows = w->rows;

	snprintf(strrchr(w->file, '/'), 16, "/little");
	w->rows = json_deep_copy(rows);
	json_array_remove(w->rows, 0);
	json_array_remove(w->rows, 0);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_IN_PART);
	evidence_assert_says(
	    w->err, "of 2 documents nothing is stored, though others speak of them");
	assert_int_equal(evidence_verify(w), VERIFY_IN_PART);
	evidence_assert_says(w->out, "What came before some of them in their case is not here.\n");
	json_decref(w->rows);
	w->rows = rows;
}

/* One document is left of the case: what came before it is named as not given all the same. */
static void a_case_with_one_left(void **state)
{
	struct world *w = *state;
	json_t *rows = w->rows;

	snprintf(strrchr(w->file, '/'), 16, "/one");
	w->rows = json_array();
	json_array_append(w->rows, json_array_get(rows, 3));
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_IN_PART);
	evidence_assert_says(
	    w->err, "of 2 documents nothing is stored, though others speak of them");
	assert_int_equal(evidence_verify(w), VERIFY_IN_PART);
	evidence_assert_says(
	    w->out, "NOT GIVEN: QRA says that it holds nothing of such a document of QRA");
	evidence_assert_says(
	    w->out, "NOT GIVEN: QRA says that it holds nothing of such a document of QRB");
	json_decref(w->rows);
	w->rows = rows;
}

/* None that takes a Position: nothing says that none is missing, unless what they name is here. */
static void what_was_refused_alone(void **state)
{
	static const struct plan PLANS[] = {{0, "ReadmissionApplication", 1, -1, -1, true, NULL},
	    {0, "Withdrawal", 2, 0, -1, true, NULL}, {0, "Withdrawal", 2, 0, -1, true, NULL}};
	struct world *w = *state;

	evidence_plan(w, PLANS, 3);
	snprintf(strrchr(w->file, '/'), 16, "/refused");
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	evidence_assert_says(w->out, "documents of one case, and none that came before");
	(void)remove(w->file);
	json_array_remove(w->rows, 0);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	evidence_assert_says(w->out, "What came before some of them in their case is not here.\n");
	assert_null(strstr(w->out, "documents of one case"));
}

static void a_case_with_a_hole(void **state)
{
	static const struct {
		size_t at;
		const char *from;
	} holes[] = {{1, "QRB"}, {0, "QRA"}};
	struct world *w = *state;
	json_t *rows = w->rows;

	snprintf(strrchr(w->file, '/'), 16, "/hole");
	for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
		w->rows = json_deep_copy(rows);
		assert_hole(w, holes[i].at, holes[i].from);
		json_decref(w->rows);
	}
	/* Nothing that is here speaks of the last. */
	(void)remove(w->file);
	w->rows = json_deep_copy(rows);
	json_array_remove(w->rows, 3);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	json_decref(w->rows);
	w->rows = rows;
}

/* RXP-EVI-019: with what is still there; what was erased is told, and changes nothing. */
static void with_content(void **state)
{
	struct world *w = *state;

	snprintf(strrchr(w->file, '/'), 16, "/content");
	w->erased = 3;
	assert_int_equal(evidence_export_content(w, CASE, w->file), EXIT_OK);
	evidence_assert_says(w->err, "its content was erased");
	evidence_assert_says(w->err, "what document 03 says is left out");
	assert_null(strstr(w->err, "Not found")); /* it succeeded */
	assert_null(strstr(w->err, "Look."));
	evidence_assert_says(w->asked, "/evidence/seal?bodies=1101 ");
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	evidence_assert_says(
	    w->out, "case " CASE ".\n    body.xml is what it sealed, to the octet.\n");
	evidence_assert_says(w->out, "- What 1 of 4 documents said: ");
	w->erased = 0;
	snprintf(strrchr(w->file, '/'), 16, "/whole");
	assert_int_equal(evidence_export_content(w, CASE, w->file), EXIT_OK);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	assert_null(strstr(w->out, "documents said"));
}

/* The last document is answered between the pages and the seal. */
static void answered_now(struct world *w)
{
	if (strstr(w->asked, "after=0 ") != NULL && json_array_size(w->rows) == 2)
		json_array_append_new(w->rows, json_deep_copy(w->withheld));
}

/* More than a container may hold, which hundreds of refused documents make. */
static void a_case_too_large(void **state)
{
	struct world *w = *state;
	json_t *rows = w->rows;

	snprintf(strrchr(w->file, '/'), 16, "/large");
	w->page = RXP_EVIDENCE_DOCUMENTS_MAX + 1;
	w->rows = json_array();
	for (size_t i = 0; i < w->page; i++)
		json_array_append_new(w->rows, json_null());
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_FAILED);
	evidence_assert_says(w->err, "more than 1024 documents");
	assert_int_equal(access(w->file, F_OK), -1);
	json_decref(w->rows);
	w->rows = rows;
	w->page = 0;
}

static void a_case_that_goes_on(void **state)
{
	struct world *w = *state;

	w->withheld = json_deep_copy(json_array_get(w->rows, 2));
	json_array_remove(w->rows, 3);
	json_array_remove(w->rows, 2);
	w->meanwhile = answered_now;
	snprintf(strrchr(w->file, '/'), 16, "/on");
	/* What was answered between reading and sealing is in it, since it was made anew. */
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	assert_int_equal(json_array_size(w->rows), 3);
	json_decref(w->withheld);
}

/* RXP-EVI-011: QRB refuses what it names as seen, as it may end a Void (RXP-VOI-007). */
static void a_refusal_that_contradicts(void **state)
{
	static const struct plan PLANS[] = {
	    {0, "ReadmissionApplication", 1, -1, -1, false, NULL},
	    {0, "Withdrawal", 2, 0, -1, true, NULL},
	    {1, "ReadmissionReply", 1, -1, 1, false, NULL},
	    {0, "Withdrawal", 3, 1, 2, false, NULL},
	};
	struct world *w = *state;

	snprintf(strrchr(w->file, '/'), 16, "/contradicted");
	evidence_plan(w, PLANS, 4);
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	evidence_assert_says(w->out,
	    "that it refuses it: state.\n    Yet QRB names it as seen in a "
	    "later document, so it keeps its place");
}

/* RXP-EVI-007: document 1 was received, and the last answer made, one second and three minutes after the
 * beginning; the container is sealed an hour later, under the same certificate. */
/* RXP-EVI-027 */
static void what_was_erased(void **state)
{
	static const struct plan PLANS[] = {{0, "ReadmissionApplication", 1, -1, -1, false, NULL},
	    {1, "ReadmissionReply", 1, -1, 0, false, NULL},
	    {1, "NodeNotice", 0, -1, -1, false, CASE}};
	struct world *w = *state;
	const struct rxp_entry *text;
	struct rxp_container c;

	evidence_plan(w, PLANS, 3);
	snprintf(strrchr(w->file, '/'), 16, "/erased");
	assert_int_equal(evidence_export_to(w, CASE, w->file), EXIT_OK);
	assert_int_equal(evidence_verify(w), VERIFY_PROVED);
	evidence_assert_says(w->out, "03  NodeNotice\n    QRB sealed it for QRA at ");
	evidence_assert_says(w->out, "    It says that nothing of the content of case " CASE
				     " is left at QRB since 2027-03-01.\n");
	evidence_assert_says(w->out, "none that came before any of them is missing.\n");
	evidence_assert_says(w->out, "\nNOT PROVED\n- What 2 of 3 documents said: ");
	evidence_assert_says(w->out, "only that it said so.\n");
	evidence_load(w, &c);
	text = rxp_container_find(&c, RXP_EVIDENCE_CHRONOLOGY);
	snprintf(
	    w->out, sizeof(w->out), "%.*s", (int)text->octets.len, (const char *)text->octets.data);
	evidence_assert_says(
	    w->out, ", that nothing of case " CASE " is left at QRB since 2027-03-01\n");
	rxp_container_clear(&c);
}

/* Each is what_was_erased but for one thing. */
static void what_was_erased_elsewhere(void **state)
{
	static const struct {
		struct plan plans[4];
		size_t n;
		enum exit_status status;
		const char *why;
	} rows[] = {
	    {{{0, "ReadmissionApplication", 1, -1, -1, false, NULL},
		 {1, "NodeNotice", 0, -1, -1, false, "44444444-4444-4444-8444-444444444445"}},
		2, EXIT_IN_PART, "what is stored of it does not verify"},
	    {{{0, "ReadmissionApplication", 1, -1, -1, false, NULL},
		 {1, "NodeNotice", 0, -1, -1, false, CASE},
		 {1, "NodeNotice", 0, -1, -1, false, CASE}},
		3, EXIT_FAILED, "its State says so once"},
	    {{{1, "NodeNotice", 0, -1, -1, false, CASE},
		 {0, "ReadmissionApplication", 1, -1, -1, false, NULL}},
		2, EXIT_FAILED, "says nothing of the case of the other documents"},
	};
	struct world *w = *state;

	snprintf(strrchr(w->file, '/'), 16, "/elsewhere");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		evidence_plan(w, rows[i].plans, rows[i].n);
		(void)remove(w->file);
		assert_int_equal(evidence_export_to(w, CASE, w->file), rows[i].status);
		evidence_assert_says(w->err, rows[i].why);
	}
}

static void roots(void **state)
{
	struct world *w = *state;
	char a[80], b[80];
	const char *argv[] = {"readmit-verify", w->file, "--root", a, "--root", b};

	snprintf(a, sizeof(a), "QRA=%s", w->states[0].fingerprint);
	snprintf(b, sizeof(b), "QRB=%s", w->states[1].fingerprint);
	assert_int_equal(evidence_verify_with(w, 6, argv), VERIFY_PROVED);
	assert_null(strstr(w->out, "NOT COMPARED"));
	assert_int_equal(evidence_verify_with(w, 4, argv), VERIFY_NOT_COMPARED);
	evidence_assert_says(
	    w->out, "     NOT COMPARED: nothing here says that this is the State's key");
	evidence_assert_says(w->out, "PROVED, if these are the States' root keys\n");
	assert_int_equal(evidence_verify_with(w, 2, argv), VERIFY_NOT_COMPARED);
	snprintf(b, sizeof(b), "QRB=%s", w->states[0].fingerprint);
	assert_int_equal(evidence_verify_with(w, 6, argv), VERIFY_WRONG);
	evidence_assert_says(w->err, "descriptors/QRB.xml: not sealed under the root given");
	evidence_assert_says(w->out, "is WRONG and must not be relied upon");
	assert_null(strstr(w->out, "PROVED"));
	snprintf(b, sizeof(b), "QRC=%s", w->states[1].fingerprint);
	assert_int_equal(evidence_verify_with(w, 6, argv), VERIFY_WRONG);
	evidence_assert_says(w->err, "a root is given for a party that is not here");
}

/* The manual page has each exit status with its meaning. */
static void statuses_are_documented(void **state)
{
	static const struct {
		int status;
		const char *meaning;
	} ROWS[] = {
#define VERIFY_EXIT(name, status, meaning) {status, meaning},
#include "daemon/verify/exit.def"
#undef VERIFY_EXIT
	};
	struct world *w = *state;
	FILE *f = fopen("daemon/man/readmit-verify.1.scd", "rb");

	assert_non_null(f);
	evidence_slurp(f, w->out);
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		char line[128];

		assert_int_equal(ROWS[i].status, i);
		snprintf(line, sizeof(line), "\n*%d*\n\t%s", ROWS[i].status, ROWS[i].meaning);
		evidence_assert_says(w->out, line);
	}
}

static void wrong_use(void **state)
{
	static const struct {
		const char *says, *argv[6];
		int argc;
		enum verify_exit status;
	} ROWS[] = {
	    {"which file?", {"readmit-verify"}, 1, VERIFY_USAGE},
	    {"one file at a time", {"readmit-verify", "a", "b"}, 3, VERIFY_USAGE},
	    {"an option that it does not know", {"readmit-verify", "--rot"}, 2, VERIFY_USAGE},
	    {"--root takes PARTY=HEX", {"readmit-verify", "a", "--root"}, 3, VERIFY_USAGE},
	    {"64 hexadecimal digits", {"readmit-verify", "a", "--root", "QRA=12"}, 4, VERIFY_USAGE},
	    {"--root is given once for each root",
		{"readmit-verify", "a", "--root", "QRA=" DIGITS, "--root", "QRA=" DIGITS}, 6,
		VERIFY_USAGE},
	    {"No such file", {"readmit-verify", "/nonexistent"}, 2, VERIFY_UNREADABLE},
	    {"/: ", {"readmit-verify", "/"}, 2, VERIFY_UNREADABLE},
	    {"no regular file", {"readmit-verify", "/dev/zero"}, 2, VERIFY_UNREADABLE},
	    {"no ZIP file", {"readmit-verify", "/etc/passwd"}, 2, VERIFY_NO_CONTAINER},
	};
	struct world *w = *state;
	const char *no_out[] = {"readmitctl", "evidence", "export", CASE};
	const char *help[] = {"readmit-verify", "--help"};

	assert_int_equal(evidence_run(w, evidence_nobody, 4, no_out), EXIT_USAGE);
	assert_int_equal(evidence_verify_with(w, 2, help), VERIFY_PROVED);
	evidence_assert_says(w->out, "\n  4  the file is no container of evidence");
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_int_equal(
		    evidence_verify_with(w, ROWS[i].argc, ROWS[i].argv), ROWS[i].status);
		evidence_assert_says(w->err, ROWS[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EVIDENCE_TEST(exports_and_verifies),
	    EVIDENCE_TEST(a_message_alone),
	    EVIDENCE_TEST(with_content),
	    EVIDENCE_TEST(a_case_with_a_hole),
	    EVIDENCE_TEST(a_case_with_little_left),
	    EVIDENCE_TEST(a_case_with_one_left),
	    EVIDENCE_TEST(what_was_refused_alone),
	    EVIDENCE_TEST(a_case_too_large),
	    EVIDENCE_TEST(a_case_that_goes_on),
	    EVIDENCE_TEST(a_refusal_that_contradicts),
	    EVIDENCE_TEST(what_was_erased),
	    EVIDENCE_TEST(what_was_erased_elsewhere),
	    EVIDENCE_TEST(roots),
	    EVIDENCE_TEST(statuses_are_documented),
	    EVIDENCE_TEST(wrong_use),
	};

	return cmocka_run_group_tests(tests, evidence_begin, evidence_end);
}
