/*
 * Goals:
 *  - each valid example of spec/examples satisfies its schema and the rules;
 *  - each invalid one has exactly the one fault listed here, found at this line and place, with this
 *    text, by the schema or by the rules;
 *  - what a safeguard refuses is no fault of form: a nationality, a stale or missing attestation;
 *  - a report names no element that only the sender knows, and their number is bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/err.h"
#include "protocol/init.h"
#include "protocol/limits.h"
#include "protocol/place.h"
#include "protocol/rules.h"
#include "protocol/schema.h"
#include "protocol/test/example.h"
#include "protocol/xml.h"

#define APPLICATION "ReadmissionApplication"
#define PERSON APPLICATION "/Person"
#define ELEMENT "an element is missing, misplaced or not allowed here"
#define FORM "not of the required form"
#define LISTED "not one of the listed values"

struct seen {
	unsigned n;
	unsigned long line;
	char path[512];
	char text[128];
};

static void note(void *arg, unsigned long line, const char *path, const char *text)
{
	struct seen *seen = arg;

	if (seen->n++ > 0)
		return;
	seen->line = line;
	snprintf(seen->path, sizeof seen->path, "%s", path);
	snprintf(seen->text, sizeof seen->text, "%s", text);
}

/* As a receiver does it: the schemas, then the rules. */
static int check(
    struct seen *seen, const struct rxp_buf *content, const struct rxp_buf *attachments)
{
	struct rxp_xml *xml = example_parse(content);
	struct rxp_xml *manifest = attachments == NULL ? NULL : example_parse(attachments);
	int rc;

	*seen = (struct seen){0};
	rc = rxp_schema_validate(xml, note, seen);
	if (rc == 0 && manifest != NULL)
		rc = rxp_schema_validate(manifest, note, seen);
	if (rc == 0)
		rc = rxp_rules_check(rxp_xml_root(xml),
		    manifest == NULL ? NULL : rxp_xml_root(manifest), note, seen);
	rxp_xml_free(xml);
	rxp_xml_free(manifest);
	return rc;
}

static void test_valid(void **unused)
{
	static const struct {
		const char *content, *attachments;
	} examples[] = {
	    {"application-family.xml", "application-family.attachments.xml"},
	    {"application-single.xml", NULL},
	    {"reply-split.xml", NULL},
	    {"withdrawal.xml", NULL},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		struct rxp_buf content = example_read(examples[i].content);
		struct rxp_buf attachments = {0};
		struct seen seen;
		int rc;

		if (examples[i].attachments != NULL)
			attachments = example_read(examples[i].attachments);
		rc = check(&seen, &content, attachments.len > 0 ? &attachments : NULL);
		if (rc != 0)
			print_message("%s:%lu: %s: %s\n", examples[i].content, seen.line, seen.path,
			    seen.text);
		assert_int_equal(rc, 0);
		assert_int_equal(seen.n, 0);
		rxp_buf_free(&content);
		rxp_buf_free(&attachments);
	}
}

static const struct {
	const char *name;
	unsigned long line;
	const char *path, *text;
} invalid[] = {
    {"application-unknown-element", 26, PERSON "/*", ELEMENT},
    {"application-evidence-database", 29, PERSON "/Evidence/Kind", LISTED},
    {"application-observations-long", 46, APPLICATION "/Observations", "too long"},
    {"application-direction-mark", 18, PERSON "/Name/Primary", FORM},
    {"application-white-space", 19, PERSON "/Name/Secondary", FORM},
    {"application-person-25", 14, PERSON, FORM},
    {"application-no-person", 14, APPLICATION "/Observations", ELEMENT},
    {"application-first-key", 14, PERSON, "the keys of the persons must be P1, P2, P3 and so on"},
    {"application-no-principal", 2, APPLICATION, "exactly one person must be the principal"},
    {"application-date-of-birth", 22, PERSON "/Birth/Date", "no calendar has this date"},
    {"application-time-zone", 8, APPLICATION "/Head/Date", FORM},
    {"application-check-digit", 32, PERSON "/Evidence/Document/MrzLine[1]",
	"the machine-readable lines have a wrong form or check digit"},
    {"application-no-evidence", 2, APPLICATION,
	"without any evidence an interview must be requested"},
    {"application-attachment", 35, PERSON "/Evidence/Attachment",
	"the manifest has no attachment of this number"},
    {"reply-reason", 25, "ReadmissionReply/Person[2]/Refused/Reason", LISTED},
    {"reply-no-outcome", 23, "ReadmissionReply/Person[2]", ELEMENT},
    {"reply-person-twice", 29, "ReadmissionReply/Person[3]",
	"each person must be named once, in the order of the keys"},
    {"reply-valid-until", 31, "ReadmissionReply/Person[3]/Accepted/ValidUntil",
	"no calendar has this date"},
    {"reply-office", 42, "ReadmissionReply/Contact/Office", LISTED},
    {"withdrawal-reason", 4, "Withdrawal/Reason", LISTED},
};

static void test_invalid(void **unused)
{
	unsigned wrong = 0;

	(void)unused;
	for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
		char name[128];
		struct rxp_buf content;
		struct seen seen;
		int rc;

		snprintf(name, sizeof name, "invalid/%s.xml", invalid[i].name);
		content = example_read(name);
		rc = check(&seen, &content, NULL);
		if (rc != RXP_ERR_SCHEMA || seen.n != 1 || seen.line != invalid[i].line ||
		    strcmp(seen.path, invalid[i].path) != 0 ||
		    strcmp(seen.text, invalid[i].text) != 0) {
			print_message("%s: %d, %u faults, line %lu: %s: %s\n", name, rc, seen.n,
			    seen.line, seen.path, seen.text);
			wrong++;
		}
		rxp_buf_free(&content);
	}
	assert_int_equal(wrong, 0);
}

/* One change to a valid example or to its manifest, and the fault; NULL: none. */
static void assert_change(const char *content_from, const char *content_to,
    const char *manifest_from, const char *manifest_to, const char *path, const char *text)
{
	struct rxp_buf content = content_from == NULL ? example_read("application-family.xml")
						      : example_change("application-family.xml",
							    content_from, content_to);
	struct rxp_buf manifest =
	    manifest_from == NULL
		? example_read("application-family.attachments.xml")
		: example_change("application-family.attachments.xml", manifest_from, manifest_to);
	struct seen seen;
	int rc = check(&seen, &content, &manifest);

	if (path == NULL) {
		assert_int_equal(rc, 0);
	} else {
		assert_int_equal(rc, RXP_ERR_SCHEMA);
		assert_string_equal(seen.path, path);
		assert_string_equal(seen.text, text);
		assert_int_equal(seen.n, 1);
	}
	rxp_buf_free(&content);
	rxp_buf_free(&manifest);
}

/* What goes to the other State has names alone. */
static void test_place_names(void **unused)
{
	struct rxp_buf names;

	(void)unused;
	rxp_buf_init(&names, 64);
	assert_int_equal(rxp_place_names(&names, "A/Person[2]/B[10]/*"), 0);
	assert_int_equal(names.len, strlen("A/Person/B/*"));
	assert_memory_equal(names.data, "A/Person/B/*", names.len);
	rxp_buf_free(&names);
}

static void test_manifest(void **unused)
{
	(void)unused;
	assert_change("<Photograph>\n      <Attachment>1<", "<Photograph>\n      <Attachment>3<",
	    NULL, NULL, "Attachments/Attachment[1]", "the content does not name this attachment");
	assert_change(NULL, NULL, "<Type>document-scan<", "<Type>photograph<", NULL, NULL);
	assert_change(NULL, NULL, "number=\"1\">\n    <Type>photograph<",
	    "number=\"1\">\n    <Type>document-scan<", PERSON "[1]/Photograph/Attachment",
	    "the attachment named is not a photograph");
	assert_change(NULL, NULL, "number=\"3\"", "number=\"2\"", "Attachments/Attachment[3]",
	    "a value occurs twice");
}

static void test_rules_between_fields(void **unused)
{
	static const char date[] =
	    "<Date certainty=\"documented\">1974-08-12</Date>\n      <Place>";
	static const struct {
		const char *date;
		bool exists;
	} dates[] = {{"1972-02-29", true}, {"2000-02-29", true}, {"1900-02-29", false},
	    {"1974-04-31", false}, {"1974-12-31", true}, {"1974-12", true}};

	(void)unused;
	assert_change("<Role>spouse<", "<Role>principal<", NULL, NULL, PERSON "[2]/Role",
	    "exactly one person must be the principal");
	assert_change("<Attachment>3<", "<Attachment>4<", "number=\"3\"", "number=\"4\"",
	    "Attachments/Attachment[3]", "the numbers of the manifest must be 1, 2, 3 and so on");
	for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		char to[sizeof date];

		snprintf(to, sizeof to, "<Date certainty=\"documented\">%s</Date>\n      <Place>",
		    dates[i].date);
		assert_change(date, to, NULL, NULL,
		    dates[i].exists ? NULL : PERSON "[1]/Birth/Date", "no calendar has this date");
	}
}

static void test_safeguards_are_not_of_form(void **unused)
{
	(void)unused;
	assert_change("<Nationality status=\"previous\">QMA<",
	    "<Nationality status=\"previous\">XXB<", NULL, NULL, NULL, NULL);
	assert_change("<Nationality status=\"previous\">QMA<",
	    "<Nationality status=\"previous\">XXC<", NULL, NULL, NULL, NULL);
	assert_change("      <BestInterests>\n        <Date>2026-11-19</Date>\n"
		      "        <Officer>C-0007</Officer>\n"
		      "        <Role>child-protection-officer</Role>\n"
		      "        <Commitment>",
	    "      <BestInterests>\n        <Date>2011-11-19</Date>\n"
	    "        <Officer>C-0007</Officer>\n        <Role>legal-officer</Role>\n"
	    "        <Commitment>",
	    NULL, NULL, NULL, NULL);
}

/* A content of which nearly every value is wrong, as long as a Document may be. */
static void test_reports_are_bounded(void **unused)
{
	struct rxp_buf content;
	struct seen seen;

	(void)unused;
	rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_puts(&content, "<Withdrawal xmlns=\"urn:rxp:1:body\">");
	for (unsigned i = 0; i < 9000; i++)
		rxp_buf_puts(&content, "<Person key=\"\"/>");
	assert_int_equal(rxp_buf_puts(&content, "</Withdrawal>"), 0);
	assert_int_equal(check(&seen, &content, NULL), RXP_ERR_SCHEMA);
	assert_in_range(seen.n, 20, RXP_MAX_REPORTS);
	rxp_buf_free(&content);
}

static int set_up(void **unused)
{
	(void)unused;
	return rxp_init();
}

static int tear_down(void **unused)
{
	(void)unused;
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_valid),
	    cmocka_unit_test(test_invalid),
	    cmocka_unit_test(test_place_names),
	    cmocka_unit_test(test_manifest),
	    cmocka_unit_test(test_rules_between_fields),
	    cmocka_unit_test(test_safeguards_are_not_of_form),
	    cmocka_unit_test(test_reports_are_bounded),
	};

	return cmocka_run_group_tests_name("examples", tests, set_up, tear_down);
}
