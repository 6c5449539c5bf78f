/*
 * Goals, for what the page of a report shows of a message and its answer:
 * - the field that decides is told with what was expected and what came, and marked there, and whether the same came in all cases of a
 *   group;
 * - what was changed in a message is told with what gave way to it, and marked where it stands, in text and in digits;
 * - of an answer that nobody can believe it says what it is, and the one thing for which it cannot be believed.
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

/* Where both are the same words, the line says that the fault lies elsewhere. */
static void what_came_as_expected_is_not_left_so(void **state)
{
	static const struct one cases[] = {
	    {"ANS-006.R.p1", "RXP-ANS-006", "fail", "a Receipt", "a Receipt",
		"RXP-ANS-006: its ReceivedAt is no time at which the message can have come",
		.name = NULL}};
	char *page = form_of(form_html, "readmit-conform respond", cases, 1);

	(void)state;
	assert_non_null(strstr(page,
	    "expected <code>a Receipt</code>, received <code>a Receipt</code>, but wrong: see Defect</p>"));
	free(page);
	page = form_of(form_html, "readmit-conform respond", &hung, 1);
	assert_null(strstr(page, "but wrong"));
	free(page);
}

static void what_was_changed_is_marked(void **state)
{
	static char long_text[20000];
	static const struct {
		const char *octets;
		struct difference is;
		const char *told, *marked;
	} rows[] = {
	    {"<To>QRB</To>", {"QRA", "QRB", "inside", 4},
		"in the place of <code>QRA</code> stands <code>QRB</code>",
		"&lt;To&gt;<mark>QRB</mark>&lt;/To&gt;"},
	    {"<A></A>", {"", "<A></A>", "inside", 0}, "<dd>with <code>&lt;A&gt;",
		"<mark>&lt;A&gt;&lt;/A&gt;</mark>"},
	    {"<A></A>", {"b", "", "inside", 3}, "<dd>without <code>b</code>",
		"&lt;A&gt;<mark>\u2038</mark>&lt;/A&gt;"},
	    {"\x01\x02\x03", {"\x7f", "\x02", "inside", 1}, "stands <code>02",
		"01<mark>02</mark>03"},
	    {long_text, {"a", "Z", "inside", 19000}, "stands <code>Z</code>", "a<mark>Z</mark>a"},
	    {"<A></A>", {"b", "c", "inside", 800}, "stands <code>c</code>",
		"<pre tabindex=\"0\">&lt;A&gt;&lt;/A&gt;</pre>"},
	};

	(void)state;
	memset(long_text, 'a', sizeof long_text - 1);
	long_text[19000] = 'Z';
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct one one = failed;
		char *page;

		one.inside = rows[i].octets;
		one.sent = "<Envelope/>";
		one.changed = &rows[i].is;
		page = form_of(form_html, "readmit-conform respond", &one, 1);
		if (strstr(page, rows[i].told) == NULL || strstr(page, rows[i].marked) == NULL)
			fail_msg("row %zu", i);
		assert_non_null(strstr(page, ">&lt;Envelope/&gt;</pre>"));
		free(page);
	}
}

#define ID_ELEMENT "<MessageId>01a229c9-8f69-7622-8b44-4cdebd43ccb8</MessageId>"
#define SIGNED_INFO \
	"<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"></ds:SignedInfo>"
#define OF_SIGNED_INFO "5E27ty3FDSmJvlECYKIHMs60CJuw5udQD7+u4UuMFm4=" /* SHA-256 */
#define DOCUMENT \
	"<Document xmlns=\"urn:rxp:1:document\"><Header>" ID_ELEMENT "</Header>" \
	"<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">" SIGNED_INFO \
	"</ds:Signature></Document>"
#define RECEIPT(fingerprint) \
	"<Receipt xmlns=\"urn:rxp:1:receipt\"><Header>" ID_ELEMENT \
	"</Header><Body><Fingerprint>" fingerprint "</Fingerprint></Body></Receipt>"
#define REFUSAL(id, code, class, more) \
	"<Refusal xmlns=\"urn:rxp:1:refusal\"><Header>" id "</Header><Body><EnvelopeDigest>" \
	"twBI3kaG1MhTqjmVJ+TmgBPlcQJykLw7MF8NOzg6Zc8=</EnvelopeDigest><Code>" code \
	"</Code><Class>" class "</Class>" more "</Body></Refusal>"
#define ENVELOPE "<Envelope xmlns=\"urn:rxp:1:envelope\"><Header>" ID_ELEMENT "</Header></Envelope>"
#define BAD "an answer that is none, does not verify, or is about something else"
#define BAD_GAP(answer) \
	{ \
		"CHN-007.R.n1", "RXP-CHN-007", "fail", "the Refusal gap", BAD, \
		    "wanted the Refusal gap, got " BAD, .received = (answer), .inside = DOCUMENT, \
							.sent = ENVELOPE \
	}

/* RXP-ANS-003 */
static void a_wrong_fingerprint_stands_beside_the_right_one(void **state)
{
	static const struct one two[] = {
	    {"ANS-005.R.p1", "RXP-ANS-005", "fail", "a Receipt", "a Receipt", FINGERPRINT,
		.received = RECEIPT("BwcH"), .inside = DOCUMENT},
	    {"ANS-005.R.p2", "RXP-ANS-005", "fail", "a Receipt", "a Receipt", FINGERPRINT,
		.received = RECEIPT("BwcH"), .inside = DOCUMENT}};
	struct one cases[2];
	char *page;

	(void)state;
	memcpy(cases, two, sizeof cases);
	page = form_of(form_html, "readmit-conform respond", cases, 2);
	assert_non_null(strstr(page, "The Receipt carries a <b>wrong Fingerprint</b>"));
	assert_non_null(strstr(page, "<b>Fingerprint</b>: expected <code>" OF_SIGNED_INFO
				     "</code>, received <code>BwcH</code>"));
	assert_non_null(strstr(page, "The same in all 2 cases: Fingerprint <code>BwcH</code>"));
	free(page);
	cases[1].received = RECEIPT("CAgI");
	page = form_of(form_html, "readmit-conform respond", cases, 2);
	assert_null(strstr(page, "The same in all"));
	free(page);
}

static void an_answer_that_nobody_believes_is_told(void **state)
{
	static const struct {
		struct one one;
		const char *says;
	} rows[] = {
	    {BAD_GAP(REFUSAL(ID_ELEMENT, "busy", "later", "<View></View>")),
		"its Code is wrong; the View in it is right"},
	    {BAD_GAP(REFUSAL(ID_ELEMENT, "fork", "later", "")),
		"it carries no View, which its Code must"},
	    {BAD_GAP(REFUSAL(ID_ELEMENT, "busy", "never", "")), "its Class is not"},
	    {BAD_GAP(REFUSAL(ID_ELEMENT, "crowded", "later", "")), "its Code is none"},
	    {BAD_GAP(REFUSAL("<MessageId>another</MessageId>", "busy", "later", "")),
		"another MessageId"},
	    {BAD_GAP(REFUSAL(ID_ELEMENT, "busy", "later", "")), "perhaps its seal does not verify"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *page = form_of(form_html, "readmit-conform respond", &rows[i].one, 1);

		for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
			assert_int_equal(strstr(page, rows[k].says) != NULL, k == i);
		assert_non_null(
		    strstr(page, "<b>Code</b>: expected <code>gap</code>, received <code>"));
		assert_non_null(strstr(page, "<mark>&lt;Code&gt;"));
		assert_non_null(strstr(page, "&lt;/Code&gt;</mark>&lt;"));
		assert_null(strstr(strstr(page, "<mark>") + 1, "<mark>"));
		assert_int_equal(strstr(page, "RXP-CHN-011 says") != NULL, i < 2);
		free(page);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_came_as_expected_is_not_left_so),
	    cmocka_unit_test(what_was_changed_is_marked),
	    cmocka_unit_test(a_wrong_fingerprint_stands_beside_the_right_one),
	    cmocka_unit_test(an_answer_that_nobody_believes_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
