/*
 * Goals, for the page of a report:
 * - the page says first whether it passed, was not passed, or is not decided yet, each for what makes it so and not for its twin;
 * - cases that went wrong in the same way stand in one group, the gravest first, then the most of them, with the clause of each requirement;
 * - of each group it says what that means for the two States and for persons;
 * - what perhaps lies behind it follows from the change or from what came, where that says more than the stage: a product that
 *   refused is not said to have taken;
 * - what hangs is told from what ends the connection, and a page for people, which something else than the product may have written,
 *   from an answer;
 * - each requirement is said to be for something, in plain words;
 * - the clause that is broken has the square, and not the requirement in whose case it was found;
 * - a product that goes wrong with right messages is not said to be unknown; of what the report says nothing it says why;
 * - what could not be tried says who has to do what, and what waits for another failure leads to that failure;
 * - text of a report is no markup of the page; only words that are on the page are explained;
 * - its colours can be told from the text on them and from the page around them, light or dark.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/report/forms.h"
#include "conformance/report/html_case.h"
#include "conformance/requirement/requirement.h"
#include "conformance/test/reported.h"
#include "protocol/base/buf.h"

static void the_first_words_are_the_verdict(void **state)
{
	static const struct {
		const struct one *second;
		const char *selected, *says;
	} rows[] = {
	    {&passed, NULL, "<b>Passed.</b>"},
	    {&passed, "ANS*", "<b>Nothing wrong in a part.</b>"},
	    {&passed, EARLIER, "<b>Nothing wrong in what was tried.</b>"},
	    {&untried, NULL, "<b>Not decided yet.</b>"},
	    {&failed, NULL, "<b>Not passed.</b>"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct one cases[] = {passed, *rows[i].second};
		char *page =
		    form_of_part(form_html, "readmit-conform respond", rows[i].selected, cases, 2);

		assert_int_equal(strstr(page, "respond --select 'ANS*'</pre>") != NULL ||
				     strstr(page, "respond --select &#39;ANS*") != NULL,
		    rows[i].selected != NULL && rows[i].selected != EARLIER);

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
	UNOPENABLE "a Receipt", .name = NULL},
    {"ANS-005.R.p1", "RXP-ANS-005", "fail", "a Receipt", "a Receipt", FINGERPRINT, .name = NULL},
    {"ANS-005.R.p2", "RXP-ANS-005", "fail", "a Receipt", "a Receipt", FINGERPRINT, .name = NULL},
    {"ENV-003.R.p1", "RXP-ENV-003", "fail", "a Receipt", "a Receipt", FINGERPRINT, .name = NULL},
    {"OPN-001.R.n1", "RXP-OPN-001", "fail", "the Refusal unopenable",
	"the status 500 without a signed answer",
	UNOPENABLE "the status 500 without a signed answer", .name = NULL},
    {"OPN-001.R.n2", "RXP-OPN-001", "fail", "the Refusal unopenable", "the Refusal rekey",
	UNOPENABLE "the Refusal rekey", .name = NULL},
};

static void what_is_only_recommended_is_not_called_wrong(void **state)
{
	static const struct one warned = {"ANS-022.R.p1", "RXP-ANS-022", "warn", "the Place of it",
	    "none", "wanted the Place of it, got none", .name = NULL};
	const struct one cases[] = {warned, warned};
	char *page = form_of(form_html, "readmit-conform respond", cases, 2);

	(void)state;
	assert_non_null(strstr(page, "It should give <b>the Place of it</b>"));
	assert_non_null(strstr(page, "The other 1 case that came to the same"));
	assert_null(strstr(page, "went wrong so"));
	assert_null(strstr(page, "What this means"));
	free(page);
}

static void what_goes_wrong_alike_stands_together(void **state)
{
	char *page =
	    form_of(form_html, "readmit-conform respond", wrong, sizeof wrong / sizeof wrong[0]);
	const char *group = strstr(page, "<article id=\"fail-2\">");

	(void)state;
	assert_non_null(strstr(page, "<b>4 ways</b>"));
	assert_non_null(group);
	assert_non_null(strstr(page, "<article id=\"fail-1\"><h3>1. It must give <b>the Refusal "
				     "unopenable</b> and gives <b>a Receipt</b>"));
	assert_non_null(strstr(group,
	    "it names another Fingerprint than that of the Document</b> "
	    "<small>(<span class=\"weight\">its proof is worthless</span>: 3 cases, 2 requirements)"));
	assert_non_null(strstr(group, "What this means: the other State holds nothing with which"));
	assert_non_null(strstr(group, "The other 2 cases that went wrong so"));
	assert_non_null(strstr(
	    group, "colspan=\"4\">Requirement RXP-ANS-005 <small>(as the first, above)</small>"));
	assert_non_null(strstr(
	    group, "<tr id=\"ANS-005.R.p2\"><th scope=\"row\"><code>ANS-005.R.p2</code></th>"));
	assert_null(strstr(group, "<tr id=\"ANS-005.R.p1\">"));
	assert_non_null(strstr(group,
	    "colspan=\"4\">Requirement RXP-ENV-003</th></tr>\n<tr class=\"octets\"><td "
	    "colspan=\"4\"><details><summary>What RXP-ENV-003 says</summary><blockquote>"));
	assert_non_null(strstr(group, "<tr id=\"ENV-003.R.p1\">"));
	assert_non_null(strstr(group, "RXP-ANS-003 says"));
	assert_non_null(strstr(page, "<article id=\"fail-4\">"));
	assert_null(strstr(page, "<article id=\"fail-5\">"));
	assert_non_null(strstr(page, "title=\"RXP-ANS-005: 2 of 2 failed by RXP-ANS-003\""));
	assert_null(strstr(page, "title=\"RXP-ANS-005: 2 of 2 fail\""));
	assert_non_null(strstr(page, "class=\"mark fail\" title=\"RXP-ANS-003: 3 of 3 fail\""));
	assert_non_null(strstr(page,
	    "<b>0</b> passed, <b>3</b> failed, <b>0</b> not tried, or not in full, <b>2</b> not judged"));
	free(page);
}

/* What is told as the cause of the one case. */
static void the_cause_follows_from_what_came(void **state)
{
	static const struct {
		size_t i;
		const char *says;
	} rows[] = {{0, "the tag of the encryption is not checked"},
	    {1, "the Fingerprint is not computed from"}, {4, "an error that nobody caught"},
	    {5, "failures to decrypt are told apart"}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *page = form_of(form_html, "readmit-conform respond", &wrong[rows[i].i], 1);

		for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
			assert_int_equal(strstr(page, rows[k].says) != NULL, k == i);
		free(page);
	}
}

/* What came says only that nothing did; why it did not tells one that hangs from one that ends the connection. */
static const struct one closed = {"SEA-011.R.n1", "RXP-SEA-011", "fail", "the Refusal unopenable",
    "no octet of HTTP", UNOPENABLE "no octet of HTTP: the other side closed the connection",
    .name = NULL};

static void what_hangs_is_told_from_what_ends(void **state)
{
	char *page = form_of(form_html, "readmit-conform respond", &hung, 1);

	(void)state;
	assert_non_null(strstr(page, "<dt>Likely cause</dt><dd>the software hangs"));
	assert_non_null(strstr(page, "received <code>no octet of HTTP: no answer in time</code>"));
	free(page);
	page = form_of(form_html, "readmit-conform respond", &closed, 1);
	assert_non_null(strstr(page, "<dt>Likely cause</dt><dd>the software ends the connection"));
	free(page);
}

/* Whoever wrote it took nothing, and was perhaps not the product. */
static void a_page_for_people_is_no_answer(void **state)
{
	static const struct {
		const char *received;
		bool is_page;
	} rows[] = {{"<!doctype HTML><title>Sign in</title>", true},
	    {"\n<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"/>", true},
	    {"<Receipt xmlns=\"urn:rxp:1:receipt\"></Receipt>", false}, {"htm", false},
	    {NULL, false}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct one one = {"ENV-004.R.n2", "RXP-ENV-004", "fail",
		    "the status 422 without a signed answer",
		    "the status 200 without a signed answer",
		    "wanted the status 422 without a signed answer, got the status 200 without a signed answer",
		    .received = rows[i].received};
		char *page = form_of(form_html, "readmit-conform respond", &one, 1);

		assert_int_equal(
		    strstr(page, "<dt>Likely cause</dt><dd>a page of HTML came") != NULL,
		    rows[i].is_page);
		assert_int_equal(
		    strstr(page, "it takes what it must refuse") == NULL, rows[i].is_page);
		assert_int_equal(
		    strstr(page, "</b>, with a page of HTML") != NULL, rows[i].is_page);
		assert_non_null(strstr(page, "In the one case that was tried, the product of QRA"));
		free(page);
	}
}

static void what_is_seen_without_a_key_is_no_oracle(void **state)
{
	static const struct one cases[] = {{"ENV-008.R.n5", "RXP-ENV-008", "fail",
	    "the status 422 without a signed answer", "the Refusal unopenable",
	    "wanted the status 422 without a signed answer, got the Refusal unopenable",
	    .name = "a point in the hybrid form"}};
	char *page = form_of(form_html, "readmit-conform respond", cases, 1);

	(void)state;
	assert_non_null(
	    strstr(page, "<dt>Likely cause</dt><dd>it is judged with what is encrypted"));
	assert_null(strstr(page, "an oracle"));
	free(page);
}

static void a_space_that_was_taken_is_not_the_seal(void **state)
{
	static const struct one cases[] = {
	    {"DOC-011.R.n3", "RXP-DOC-011", "fail", "the Refusal schema", "a Receipt",
		"wanted the Refusal schema, got a Receipt", .name = "a space before an office"}};
	char *page = form_of(form_html, "readmit-conform respond", cases, 1);

	(void)state;
	assert_non_null(strstr(page, "<dt>Likely cause</dt><dd>blanks around a value"));
	assert_non_null(strstr(page, "it takes what it must refuse"));
	assert_null(strstr(page, "the tag of the encryption"));
	free(page);
}

/* What is refused in another way is no sign of that. */
static void what_was_taken_has_the_cause_of_its_area(void **state)
{
	static const struct one taken = {"XML-003.R.n6", "RXP-XML-003", "fail",
	    "the Refusal unopenable", "a Receipt", UNOPENABLE "a Receipt", .name = NULL};
	static const struct one refused = {"XML-003.R.n6", "RXP-XML-003", "fail",
	    "the Refusal unopenable", "the Refusal rekey", UNOPENABLE "the Refusal rekey",
	    .name = NULL};

	(void)state;
	for (int i = 0; i < 2; i++) {
		char *page =
		    form_of(form_html, "readmit-conform respond", i == 0 ? &taken : &refused, 1);

		assert_int_equal(strstr(page, "<dt>Likely cause</dt><dd>the text is read by a "
					      "parser as it comes") != NULL,
		    i == 0);
		assert_int_equal(strstr(page, "which is an oracle") != NULL, i == 1);
		free(page);
	}
}

static void what_waits_for_a_failure_leads_to_it(void **state)
{
	static const struct one cases[] = {
	    {"RCV-004.R.p1", "RXP-RCV-004", "fail", "the status 204 without a signed answer",
		"the status 422 without a signed answer",
		"wanted the status 204 without a signed answer, got the status 422 without a signed answer",
		.name = NULL},
	    {"RCV-004.R.p2", "RXP-RCV-004", "incomplete", "the status 204 without a signed answer",
		"",
		"before it, 'POST /rxp/1/answers' wants the status 204 without a signed answer and gets the "
		"status 422 without a signed answer",
		.name = NULL}};
	char *page = form_of(form_html, "readmit-conform respond --state DIR", cases, 2);

	(void)state;
	assert_non_null(strstr(page, "<h2 id=\"blocked\">"));
	assert_non_null(strstr(page,
	    "Likely, not certain, this stands in the way: <a href=\"#fail-1\">failure 1</a>"));
	assert_non_null(strstr(page,
	    " 1 more could not be tried (<a href=\"#blocked\">other failures stand in the way</a>)."));
	assert_null(strstr(page, "id=\"untried\""));
	assert_non_null(strstr(
	    page, "<b>HTTP status</b>: expected <code>204</code>, received <code>422</code>"));
	free(page);
}

/* A message that gets no answer at all is one that gets none under the seal. */
static void what_waits_for_an_answer_leads_to_what_hangs(void **state)
{
	const struct one cases[] = {failed, hung,
	    {"LOG-002.R.p1", "RXP-LOG-002", "incomplete", "the log of all", "",
		"before it, one of its messages gets no answer under the product's seal",
		.name = NULL}};
	char *page = form_of(form_html, "readmit-conform respond --state DIR", cases, 3);

	(void)state;
	assert_non_null(strstr(page,
	    "Likely, not certain, this stands in the way: <a href=\"#fail-2\">failure 2</a>,"));
	free(page);
}

/* The reason names the requirement that was broken on the way, and how: a case of it that failed so is the same. */
static void what_was_met_on_the_way_is_certain(void **state)
{
	struct one cases[] = {{"PUL-013.R.p1", "RXP-PUL-013", "fail", "its own answers", "",
				  "an answer that was posted back is given again", .name = NULL},
	    {"NOT-006.R.p1", "RXP-NOT-006", "incomplete", "its own answers; then the messages", "",
		"before it, RXP-PUL-013: an answer that was posted back is given again",
		.name = NULL}};
	static const char link[] =
	    "<p>This stands in the way: <a href=\"#fail-1\">failure 1</a>, which was met here";
	char *page = form_of(form_html, "readmit-conform respond --state DIR", cases, 2);

	(void)state;
	assert_non_null(strstr(page, link));
	assert_null(strstr(page, "Likely, not certain"));
	free(page);
	cases[1].why = "before it, RXP-RCV-009: an answer that was posted back is given again";
	page = form_of(form_html, "readmit-conform respond --state DIR", cases, 2);
	assert_null(strstr(page, link));
	free(page);
}

static void each_requirement_is_for_something(void **state)
{
	char *page = form_of(form_html, "readmit-conform respond", &failed, 1);

	(void)state;
	for (size_t i = 0; i < requirement_total(); i++)
		if (html_purpose(requirement_at(i)->id) == NULL)
			fail_msg("what is %s for?", requirement_at(i)->id);
	assert_null(html_purpose("another text"));
	assert_non_null(strstr(page, "What it is for: nobody on the way can read a document"));
	free(page);
}

static void the_command_says_what_stands_in_it(void **state)
{
	const struct one cases[] = {passed, untried};
	char *page = form_of(form_html, "readmit-conform respond --state DIR", cases, 2);

	(void)state;
	assert_non_null(strstr(page, "<h2 id=\"command\">Command of this run</h2>"));
	assert_non_null(strstr(page, "passes alone depends on what came before it"));
	assert_non_null(strstr(page, "<dt><code>--state DIR</code></dt>"));
	assert_null(strstr(page, "<dt><code>--second DIR</code></dt>"));
	assert_non_null(strstr(page, "Add <code>--trigger ./send.sh</code>"));
	free(page);
	page = form_of(form_html, "readmit-conform respond --state DIR", &passed, 1);
	assert_null(strstr(page, "--trigger"));
	free(page);
}

/* Of no case anything can be said, and yet there is something to mend. */
static void what_stops_all_is_not_nothing(void **state)
{
	struct one one = untried;
	char *page;

	(void)state;
	page = form_of(form_html, "readmit-conform respond", &one, 1);
	assert_non_null(strstr(page, "<b>Nothing is known yet.</b>"));
	assert_null(strstr(page, "makers</b> mend"));
	free(page);
	one.why = "before it, a valid message gets the Refusal unopenable";
	page = form_of(form_html, "readmit-conform respond", &one, 1);
	assert_null(strstr(page, "Nothing is known yet"));
	assert_null(strstr(page, "other failures"));
	assert_non_null(strstr(page, "<b>Not passed, and hardly tried.</b>"));
	assert_non_null(strstr(page, "makers</b> mend"));
	assert_non_null(strstr(
	    page, "<p>Before each of them, a valid message gets the Refusal unopenable.</p>"));
	free(page);
}

/* Not selected, of another role, or of no case: each requirement that is not in the report is in one list. */
static void what_was_not_tested_is_told(void **state)
{
	static const struct {
		const char *id, *behind;
	} rows[] = {
	    {"RXP-SEA-009", "have cases in this role, of which none was selected"},
	    {"RXP-TLS-004", "have cases in other roles alone"},
	    {"RXP-JRN-001", "have no case of their own"},
	};
	char *page = form_of_part(form_html, "readmit-conform respond", "ANS*", &failed, 1);
	const char *left = strstr(page, "<h2 id=\"left\">");

	(void)state;
	assert_non_null(left);
	assert_non_null(strstr(page, "Only a part was tried, which somebody selected"));
	assert_null(strstr(left, "<dt><code>RXP-ENV-009</code>")); /* it was */
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *list = strstr(left, rows[i].behind);
		const char *end = list == NULL ? NULL : strstr(list, "</details>");
		const char *found;
		char entry[64];

		(void)snprintf(entry, sizeof entry, "<dt><code>%s</code></dt>", rows[i].id);
		found = end == NULL ? NULL : strstr(list, entry);
		if (found == NULL || found > end)
			fail_msg("%s", rows[i].id);
	}
	free(page);
}

/* Unless it decides: then it stands above. */
static void the_status_of_an_answer_is_told(void **state)
{
	struct one cases[] = {wrong[0], wrong[4]};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *page;

		cases[i].status = i == 0 ? 200 : 500;
		page = form_of(form_html, "readmit-conform respond", &cases[i], 1);
		assert_int_equal(
		    strstr(page, "<dt>HTTP status</dt><dd><code>200</code></dd>") != NULL, i == 0);
		assert_null(strstr(page, "<dt>HTTP status</dt><dd><code>500</code></dd>"));
		free(page);
	}
}

/* x to the power of 2.4 (Newton's method), between 0.01 and 1. */
static double power(double x)
{
	double root = 1; /* the fifth of x squared */

	for (int i = 0; i < 40; i++)
		root = (4 * root + x * x / (root * root * root * root)) / 5;
	return x * x * root;
}

/* Relative luminance of a colour "#rrggbb", and the contrast of two (WCAG 2.2). */
static double luminance(const char *colour)
{
	static const double share[] = {0.2126, 0.7152, 0.0722};
	unsigned long all = strtoul(colour + 1, NULL, 16);
	double sum = 0;

	for (unsigned i = 0; i < 3; i++) {
		double c = (double)(all >> (16 - 8 * i) & 0xff) / 255;

		sum += share[i] * (c <= 0.04045 ? c / 12.92 : power((c + 0.055) / 1.055));
	}
	return sum;
}

static double contrast(const char *a, const char *b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

	return x > y ? x / y : y / x;
}

/* The dark pages are those of browsers. */
static void colours_can_be_told_apart(void **state)
{
	static const char *const around[] = {"#ffffff", "#121212", "#1c1b22"};
	static const char begin[] = "{background:#";
	char *page = form_of(form_html, "readmit-conform respond", &failed, 1);
	size_t n = 0;

	(void)state;
	for (const char *at = page; (at = strstr(at, begin)) != NULL; n++) {
		at += sizeof begin - 2;
		assert_true(contrast(at, "#ffffff") >= 4.5);
		for (size_t i = 0; i < sizeof around / sizeof around[0]; i++)
			if (contrast(at, around[i]) < 3)
				fail_msg("%.7s on %s", at, around[i]);
	}
	assert_int_equal(n, 8);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_words_are_the_verdict),
	    cmocka_unit_test(what_is_only_recommended_is_not_called_wrong),
	    cmocka_unit_test(what_goes_wrong_alike_stands_together),
	    cmocka_unit_test(the_cause_follows_from_what_came),
	    cmocka_unit_test(what_hangs_is_told_from_what_ends),
	    cmocka_unit_test(a_page_for_people_is_no_answer),
	    cmocka_unit_test(what_is_seen_without_a_key_is_no_oracle),
	    cmocka_unit_test(a_space_that_was_taken_is_not_the_seal),
	    cmocka_unit_test(what_was_taken_has_the_cause_of_its_area),
	    cmocka_unit_test(what_waits_for_a_failure_leads_to_it),
	    cmocka_unit_test(what_waits_for_an_answer_leads_to_what_hangs),
	    cmocka_unit_test(what_was_met_on_the_way_is_certain),
	    cmocka_unit_test(each_requirement_is_for_something),
	    cmocka_unit_test(the_command_says_what_stands_in_it),
	    cmocka_unit_test(what_stops_all_is_not_nothing),
	    cmocka_unit_test(what_was_not_tested_is_told),
	    cmocka_unit_test(the_status_of_an_answer_is_told),
	    cmocka_unit_test(colours_can_be_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
