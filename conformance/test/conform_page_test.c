/*
 * Goals, for the page of a report and its other forms:
 * - the page says first whether it passed, was not passed, or is not decided yet, each for what makes it so and not for its twin;
 * - cases that went wrong in the same way stand in one group, the most of them first, with the clause of each requirement;
 * - the likely cause follows from what came, where that says more than the stage: a product that refused is not said to have taken;
 * - what could not be tried says who has to do what;
 * - text of a report is no markup of the page; only words that are on the page are explained;
 * - JUnit's XML has the elements that both of its schemas ask for.
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
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "conformance/report/forms.h"
#include "conformance/report/report_file.h"
#include "protocol/base/buf.h"

#define MAX_OCTETS (1024UL * 1024)
#define UNOPENABLE "wanted the Refusal unopenable, got "
#define FINGERPRINT "RXP-ANS-003: it names another Fingerprint than that of the Document"

typedef int form(struct rxp_buf *out, const struct report_file *f);

/* A row for each case; why is NULL of one that passed. */
struct one {
	const char *id, *requirement, *verdict, *expected, *seen, *why;
};

static json_t *case_json(const struct one *c)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "id", c->id,
	    "requirement", c->requirement, "level", "MUST", "name", "a <change>", "base", "a Ping",
	    "stage", "encrypted", "expected", c->expected, "seen", c->seen, "milliseconds", 5);

	(void)json_object_set_new(j, "verdict", json_string(c->verdict));
	if (c->why != NULL)
		(void)json_object_set_new(j, "why", json_string(c->why));
	return j;
}

/* The caller frees it. */
static char *form_of(form *make, const char *command, const struct one *cases, size_t n)
{
	char path[] = "/tmp/conform-page-XXXXXX", *text;
	int fd = mkstemp(path);
	json_t *list = json_array(), *root;
	struct report_file *f = NULL;
	struct rxp_buf out;

	assert_true(fd >= 0);
	(void)close(fd);
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list, case_json(&cases[i]));
	root = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:s, s:s, s:o}", "suite", "readmit-conform",
	    "version", "1", "role", "respond", "product", "party", "QRA", "endpoint",
	    "https://qra.example", "command", command, "began", "2026-11-03T10:00:00.000Z", "cases",
	    list);
	assert_int_equal(json_dump_file(root, path, 0), 0);
	json_decref(root);
	assert_int_equal(report_file_open(&f, path), 0);
	(void)unlink(path);
	rxp_buf_init(&out, MAX_OCTETS);
	assert_int_equal(make(&out, f), 0);
	text = strndup((const char *)out.data, out.len);
	assert_non_null(text);
	rxp_buf_free(&out);
	report_file_free(f);
	return text;
}

static const struct one passed = {
    "ANS-005.R.p1", "RXP-ANS-005", "pass", "a Receipt", "a Receipt", NULL};
static const struct one failed = {"ENV-009.R.n1", "RXP-ENV-009", "fail", "the Refusal rekey",
    "a Receipt", "wanted the Refusal rekey, got a Receipt"};
static const struct one untried = {"LOG-002.R.p1", "RXP-LOG-002", "incomplete", "a Receipt", "",
    "it needs a document of the product, and nothing makes it send one: --trigger"};

static void the_first_words_are_the_verdict(void **state)
{
	static const struct {
		const struct one *second;
		const char *command, *says;
	} rows[] = {
	    {&passed, "readmit-conform respond", "<b>Passed.</b>"},
	    {&passed, "readmit-conform respond --select ANS*", "<b>Nothing wrong in a part.</b>"},
	    {&untried, "readmit-conform respond", "<b>Not decided yet.</b>"},
	    {&failed, "readmit-conform respond", "<b>Not passed.</b>"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct one cases[] = {passed, *rows[i].second};
		char *page = form_of(form_html, rows[i].command, cases, 2);

		for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
			assert_int_equal(strstr(page, rows[k].says) != NULL, k == i);
		assert_int_equal(strstr(page, "id=\"wrong\"") != NULL, rows[i].second == &failed);
		assert_int_equal(strstr(page, "<b>To do:</b> give readmit-conform the option "
					      "<code>--trigger</code>") != NULL,
		    rows[i].second == &untried);
		assert_int_equal(
		    strstr(page, "<dt>Refusal rekey</dt>") != NULL, rows[i].second == &failed);
		assert_null(strstr(page, "<change>"));
		assert_non_null(strstr(page, "3 November 2026, 10:00 UTC"));
		free(page);
	}
}

static const struct one wrong[] = {
    {"SEA-009.R.n1", "RXP-SEA-009", "fail", "the Refusal unopenable", "a Receipt",
	UNOPENABLE "a Receipt"},
    {"ANS-005.R.p1", "RXP-ANS-005", "fail", "a Receipt", "a Receipt", FINGERPRINT},
    {"ANS-005.R.p2", "RXP-ANS-005", "fail", "a Receipt", "a Receipt", FINGERPRINT},
    {"ENV-003.R.p1", "RXP-ENV-003", "fail", "a Receipt", "a Receipt", FINGERPRINT},
    {"OPN-001.R.n1", "RXP-OPN-001", "fail", "the Refusal unopenable",
	"the status 500 without a signed answer",
	UNOPENABLE "the status 500 without a signed answer"},
    {"OPN-001.R.n2", "RXP-OPN-001", "fail", "the Refusal unopenable", "the Refusal rekey",
	UNOPENABLE "the Refusal rekey"},
};

static void what_goes_wrong_alike_stands_together(void **state)
{
	char *page =
	    form_of(form_html, "readmit-conform respond", wrong, sizeof wrong / sizeof wrong[0]);
	const char *group = strstr(page, "<article id=\"fail-1\">");

	(void)state;
	assert_non_null(strstr(page, "<b>4 ways</b>"));
	assert_non_null(group);
	assert_non_null(strstr(
	    page, "<article id=\"fail-1\"><h3>1. It does what it must, but <b>it names another"));
	assert_non_null(strstr(group, "it names another Fingerprint than that of the Document</b> "
				      "<small>(3 cases, 2 requirements)"));
	assert_non_null(strstr(group, "All 3 cases, by requirement"));
	assert_non_null(strstr(group, "Requirement RXP-ENV-003"));
	assert_non_null(strstr(group, "RXP-ANS-003 says"));
	assert_non_null(strstr(page, "<article id=\"fail-4\">"));
	assert_null(strstr(page, "<article id=\"fail-5\">"));
	assert_non_null(strstr(page, "class=\"mark fail\" title=\"RXP-ANS-005: 2 of 2 fail\""));
	free(page);
}

/* What is told as the cause of the one case. */
static void the_cause_follows_from_what_came(void **state)
{
	static const struct {
		size_t i;
		const char *says;
	} rows[] = {{0, "the tag of the encryption is not checked"},
	    {1, "what is written into the answer does not come from"},
	    {4, "met an error of its own"}, {5, "failures to decrypt are told apart"}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *page = form_of(form_html, "readmit-conform respond", &wrong[rows[i].i], 1);

		for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
			assert_int_equal(strstr(page, rows[k].says) != NULL, k == i);
		free(page);
	}
}

static void junit_has_what_its_schemas_ask_for(void **state)
{
	static const char *const has[] = {"timestamp=\"2026-11-03T10:00:00\"", "<properties/>",
	    "</system-out>\n  <system-err/>", " id=\"0\"", "package=\"respond\"",
	    "<failure type=\"fail\"", "<error type=\"incomplete\"",
	    "<skipped message=", "SEA-009.R.n1 weak: &lt;other&gt;"};
	const struct one cases[] = {passed, failed, untried,
	    {"SEA-009.R.n1", "RXP-SEA-009", "weak", "a", "b", "<other>"},
	    {"SEA-009.R.n2", "RXP-SEA-009", "not-asked", "a", "", "not claimed"}};
	char *xml = form_of(form_junit, "", cases, sizeof cases / sizeof cases[0]);

	(void)state;
	for (size_t i = 0; i < sizeof has / sizeof has[0]; i++)
		if (strstr(xml, has[i]) == NULL)
			fail_msg("no %s", has[i]);
	free(xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_words_are_the_verdict),
	    cmocka_unit_test(what_goes_wrong_alike_stands_together),
	    cmocka_unit_test(the_cause_follows_from_what_came),
	    cmocka_unit_test(junit_has_what_its_schemas_ask_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
