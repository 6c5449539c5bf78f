/*
 * ctl_evidence_forgery_test - goals:
 *   each file with one octet changed, at its beginning, middle and end, fails and is named; so does each
 *     file that is missing
 *   a receipt of another document, a renamed folder, a gap in the numbers, a missing document of the
 *     case, a foreign file: each fails
 * links: ctl
 */
#include "daemon/test/unit/ctl_evidence_rig.h"

#include <sys/stat.h>
#include <unistd.h>

/* --- files -------------------------------------------------------------------------------------------- */

static const char *const FILES[] = {
    EVIDENCE_README,
    "descriptors/QRA.xml",
    "descriptors/QRB.xml",
#define DOCUMENT(folder, answer) \
	"documents/" folder "/header.xml", "documents/" folder "/properties.xml", \
	    "documents/" folder "/signed-info.xml", "documents/" folder "/signature.bin", \
	    "documents/" folder "/certificate.der", "documents/" folder "/" answer
    DOCUMENT("01-ReadmissionApplication-QRA", "receipt.xml"),
    DOCUMENT("02-ReadmissionReply-QRB", "receipt.xml"),
    DOCUMENT("03-Withdrawal-QRA", "refusal.xml"),
    DOCUMENT("04-Withdrawal-QRA", "receipt.xml"),
#undef DOCUMENT
};

#define N_FILES (sizeof(FILES) / sizeof(FILES[0]))

static void flip(const struct world *w, const char *file, long at)
{
	char path[PATH_TEXT];
	FILE *f;
	int octet;

	evidence_path_of(w, path, file);
	f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	octet = fgetc(f);
	assert_true(octet != EOF);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	fputc(octet ^ 1, f);
	assert_int_equal(fclose(f), 0);
}

static void move(const struct world *w, const char *from, const char *to)
{
	char source_path[PATH_TEXT], target[PATH_TEXT];

	evidence_path_of(w, source_path, from);
	evidence_path_of(w, target, to);
	assert_int_equal(rename(source_path, target), 0);
}

/* --- tests -------------------------------------------------------------------------------------------- */

static void each_octet_counts(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < N_FILES; i++) {
		char path[PATH_TEXT];
		struct stat st;

		evidence_path_of(w, path, FILES[i]);
		assert_int_equal(stat(path, &st), 0);
		for (int k = 0; k < 3; k++) {
			long at = k * ((long)st.st_size - 1) / 2;
			char named[PATH_TEXT];

			flip(w, FILES[i], at);
			assert_int_equal(evidence_verify(w), EXIT_FAILED);
			snprintf(named, sizeof(named), "readmitctl: %s: ", FILES[i]);
			evidence_assert_says(w->err, named);
			assert_null(strstr(w->out, "receipts verified"));
			flip(w, FILES[i], at);
		}
	}
	assert_int_equal(evidence_verify(w), EXIT_OK);
}

static void each_file_counts(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < N_FILES; i++) {
		char named[PATH_TEXT];

		move(w, FILES[i], "aside");
		assert_int_equal(evidence_verify(w), EXIT_FAILED);
		snprintf(named, sizeof(named), "readmitctl: %.*s", (int)strcspn(FILES[i], "/"),
		    FILES[i]);
		evidence_assert_says(w->err, named);
		move(w, "aside", FILES[i]);
	}
	move(w, "documents/03-Withdrawal-QRA/refusal.xml", "aside");
	assert_int_equal(evidence_verify(w), EXIT_FAILED);
	evidence_assert_says(
	    w->err, "03-Withdrawal-QRA/receipt.xml: missing, and no refusal.xml either");
	move(w, "aside", "documents/03-Withdrawal-QRA/refusal.xml");
	assert_int_equal(evidence_verify(w), EXIT_OK);
}

static void what_is_misplaced(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} MOVES[] = {
	    {"documents/04-Withdrawal-QRA", "documents/05-Withdrawal-QRA",
		"documents: number 4 is missing"},
	    {"documents/04-Withdrawal-QRA", "documents/04-ReadmissionReply-QRA",
		"header.xml: not what the folder's name says"},
	    {"documents/04-Withdrawal-QRA", "documents/04-Withdrawal-QRB",
		"04-Withdrawal-QRB/receipt.xml: "},
	    {"documents/04-Withdrawal-QRA", "documents/04-Withdrawal-QRC",
		"of a party whose descriptor is not here"},
	    {"documents/04-Withdrawal-QRA", "aside", "README.txt: "},
	    {"documents/03-Withdrawal-QRA/refusal.xml", "documents/03-Withdrawal-QRA/receipt.xml",
		"receipt.xml: an answer of the other kind"},
	    {EVIDENCE_README, "documents/notes.txt", "documents: holds what is no document"},
	    {"descriptors/QRA.xml", "descriptors/QRC.xml",
		"descriptors/QRC.xml: the descriptor of another party"},
	    {"documents", "aside", "documents: no document is here"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(MOVES) / sizeof(MOVES[0]); i++) {
		move(w, MOVES[i].from, MOVES[i].to);
		assert_int_equal(evidence_verify(w), EXIT_FAILED);
		evidence_assert_says(w->err, MOVES[i].says);
		move(w, MOVES[i].to, MOVES[i].from);
	}
	move(w, "documents/01-ReadmissionApplication-QRA/receipt.xml", "aside");
	move(w, "documents/04-Withdrawal-QRA/receipt.xml",
	    "documents/01-ReadmissionApplication-QRA/receipt.xml");
	move(w, "aside", "documents/04-Withdrawal-QRA/receipt.xml");
	assert_int_equal(evidence_verify(w), EXIT_FAILED);
	evidence_assert_says(
	    w->err, "01-ReadmissionApplication-QRA/signed-info.xml: not what the answer names");
	evidence_assert_says(
	    w->err, "04-Withdrawal-QRA/signed-info.xml: not what the answer names");
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, evidence_set_up, evidence_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(each_octet_counts),
	    TEST(each_file_counts),
	    TEST(what_is_misplaced),
	};
	int failed;

	if (rxp_init() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rxp_cleanup();
	return failed;
}
