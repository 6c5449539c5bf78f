/*
 * ctl_evidence_test - goals:
 *   evidence export writes the folder of a case page by page, verifies it, and never touches a folder
 *     that exists; a message goes by another path
 *   evidence verify says who sealed what and when, without a call; with roots, and with wrong ones
 *   a document that is refused and seen keeps its place, and the contradiction is told
 *   what is verified is told as JSON
 * links: ctl
 */
#include "daemon/test/unit/ctl_evidence_rig.h"

/* --- tests -------------------------------------------------------------------------------------------- */

static void exports_and_verifies(void **state)
{
	struct world *w = *state;
	char path[PATH_TEXT], *readme;
	FILE *f;

	evidence_assert_says(
	    w->asked, "/v1/cases/" CASE "/evidence?after=0 /v1/cases/" CASE "/evidence?after=3 ");
	evidence_assert_says(w->err, "4 documents, 3 receipts in ");
	assert_int_equal(evidence_export_to(w, CASE, w->folder), EXIT_FAILED);
	evidence_assert_says(w->err, "File exists");
	assert_int_equal(evidence_verify(w), EXIT_OK);
	assert_string_equal(w->err, "");
	evidence_assert_says(w->out, "QRA root ");
	evidence_assert_says(w->out, "(not compared");
	evidence_assert_says(w->out,
	    "\n02-ReadmissionReply-QRB  position 1  sealed 2026-11-18T11:07:40.000Z"
	    "  received by QRA 2026-11-18T11:07:41.000Z\n");
	evidence_assert_says(w->out, "\n03-Withdrawal-QRA  position 2  ");
	evidence_assert_says(w->out, "refused by QRB");
	evidence_assert_says(w->out, "\n4 documents, 3 receipts verified\n");
	evidence_path_of(w, path, EVIDENCE_README);
	f = fopen(path, "rb");
	assert_non_null(f);
	readme = w->out;
	evidence_slurp(f, readme);
	evidence_assert_says(readme, "\n01  ReadmissionApplication\n");
	evidence_assert_says(readme, "refused by QRB: state\n");
}

static void a_message_alone(void **state)
{
	struct world *w = *state;
	char whole[PATH_TEXT];
	json_t *rows = w->rows;

	memcpy(whole, w->folder, sizeof(whole));
	snprintf(w->folder, sizeof(w->folder), "%.*s-alone", PATH_TEXT / 2, whole);
	w->rows = json_array();
	assert_int_equal(evidence_export_to(w, MESSAGE, w->folder), EXIT_FAILED);
	evidence_assert_says(w->err, "nothing to prove");
	json_array_append(w->rows, json_array_get(rows, 3));
	assert_int_equal(evidence_export_to(w, MESSAGE, w->folder), EXIT_OK);
	evidence_assert_says(w->asked, "/v1/messages/" MESSAGE "/evidence?after=0 ");
	assert_int_equal(evidence_verify(w), EXIT_OK);
	evidence_assert_says(w->err, "the documents before this one are not in the folder");
	evidence_assert_says(w->out, "1 documents, 1 receipts verified\n");
	json_decref(w->rows);
	w->rows = rows;
	memcpy(w->folder, whole, sizeof(whole));
}

static void a_case_with_a_hole(void **state)
{
	struct world *w = *state;
	char folder[PATH_TEXT];
	json_t *rows = w->rows;

	snprintf(folder, sizeof(folder), "%.*s-hole", PATH_TEXT / 2, w->folder);
	w->rows = json_deep_copy(rows);
	json_array_remove(w->rows, 1);
	assert_int_equal(evidence_export_to(w, CASE, folder), EXIT_FAILED);
	evidence_assert_says(w->err,
	    "documents/03-Withdrawal-QRA/header.xml: does not fit the other "
	    "documents of its case (RXP-CHN-004)");
	json_decref(w->rows);
	w->rows = rows;
}

/* RXP-EVI-011: QRB refuses what it names as seen, as it may end a Void (RXP-VOI-007). */
static void a_refusal_that_contradicts(void **state)
{
	static const struct plan PLANS[] = {
	    {0, "ReadmissionApplication", 1, -1, -1, false},
	    {0, "Withdrawal", 2, 0, -1, true},
	    {1, "ReadmissionReply", 1, -1, 1, false},
	    {0, "Withdrawal", 3, 1, 2, false},
	};
	struct world *w = *state;

	snprintf(strrchr(w->folder, '/'), 16, "/contradicted");
	evidence_plan(w, PLANS, 4);
	assert_int_equal(evidence_export_to(w, CASE, w->folder), EXIT_OK);
	assert_int_equal(evidence_verify(w), EXIT_OK);
	evidence_assert_says(w->out, "  contradicts-seen\n03-ReadmissionReply-QRB");
	evidence_assert_says(w->out, "4 documents, 3 receipts verified\n");
}

/* RXP-EVI-007: document 1 was received, and the last answer made, one second and three minutes after the
 * beginning. */
static void a_revoked_seal(void **state)
{
	static const struct {
		size_t who;
		int64_t since_ms;
		const char *says; /* NULL: verified */
	} CASES[] = {
	    {0, NOW_MS + 181001, NULL},
	    {0, NOW_MS + 181000,
		"documents/04-Withdrawal-QRA/certificate.der: revoked before the document was answered"},
	    {0, NOW_MS + 121000, "documents/03-Withdrawal-QRA/certificate.der: revoked"},
	    {1, NOW_MS + 181001, NULL},
	    {1, NOW_MS + 181000,
		"documents/04-Withdrawal-QRA/receipt.xml: sealed by a certificate"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		char folder[PATH_TEXT];

		snprintf(folder, sizeof(folder), "%.*s-%zu", PATH_TEXT / 2, w->folder, i);
		evidence_make_descriptor(&w->states[CASES[i].who], CASES[i].since_ms);
		assert_int_equal(evidence_export_to(w, CASE, folder),
		    CASES[i].says == NULL ? EXIT_OK : EXIT_FAILED);
		if (CASES[i].says != NULL)
			evidence_assert_says(w->err, CASES[i].says);
		evidence_make_descriptor(&w->states[CASES[i].who], 0);
	}
}

static void roots(void **state)
{
	struct world *w = *state;
	char a[80], b[80];
	const char *argv[] = {
	    "readmitctl", "evidence", "verify", w->folder, "--root", a, "--root", b, "--json"};
	json_t *json;

	snprintf(a, sizeof(a), "QRA=%s", w->states[0].fingerprint);
	snprintf(b, sizeof(b), "QRB=%s", w->states[1].fingerprint);
	assert_int_equal(evidence_run(w, evidence_nobody, 8, argv), EXIT_OK);
	assert_null(strstr(w->out, "not compared"));
	assert_int_equal(evidence_run(w, evidence_nobody, 9, argv), EXIT_OK);
	json = json_loads(w->out, 0, NULL);
	assert_true(json_is_true(json_object_get(json, "verified")));
	assert_int_equal(json_array_size(json_object_get(json, "documents")), DOCUMENTS);
	assert_int_equal(json_integer_value(json_object_get(json, "receipts")), 3);
	json_decref(json);
	snprintf(b, sizeof(b), "QRB=%s", w->states[0].fingerprint);
	assert_int_equal(evidence_run(w, evidence_nobody, 9, argv), EXIT_FAILED);
	evidence_assert_says(w->err, "descriptors/QRB.xml: not sealed under the root given");
	json = json_loads(w->out, 0, NULL);
	assert_true(json_is_false(json_object_get(json, "verified")));
	assert_int_equal(json_array_size(json_object_get(json, "problems")), 1);
	json_decref(json);
	snprintf(b, sizeof(b), "QRC=%s", w->states[1].fingerprint);
	assert_int_equal(evidence_run(w, evidence_nobody, 8, argv), EXIT_FAILED);
	evidence_assert_says(w->err, "a root is given for a party that is not here");
}

static void wrong_use(void **state)
{
	struct world *w = *state;
	const char *no_out[] = {"readmitctl", "evidence", "export", CASE};
	const char *no_dir[] = {"readmitctl", "evidence", "verify", "/nonexistent"};

	assert_int_equal(evidence_run(w, evidence_nobody, 4, no_out), EXIT_USAGE);
	assert_int_equal(evidence_run(w, evidence_nobody, 4, no_dir), EXIT_FAILED);
	evidence_assert_says(w->err, "/nonexistent: No such file");
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, evidence_set_up, evidence_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(exports_and_verifies),
	    TEST(a_message_alone),
	    TEST(a_case_with_a_hole),
	    TEST(a_refusal_that_contradicts),
	    TEST(a_revoked_seal),
	    TEST(roots),
	    TEST(wrong_use),
	};
	int failed;

	if (rxp_init() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rxp_cleanup();
	return failed;
}
