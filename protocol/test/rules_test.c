/*
 * Goals:
 *  - rules between fields, and between content and manifest, find what they are for and nothing else;
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
#include <libxml/tree.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/test/example.h"
#include "protocol/test/library.h"
#include "protocol/xml/xml.h"

#define PERSON "ReadmissionApplication/Person"

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
	struct example e = {example_parse(&content), example_parse(&manifest)};
	struct example_fault fault;
	int rc = example_check(&fault, &e);

	if (path == NULL) {
		assert_int_equal(rc, 0);
	} else {
		assert_int_equal(rc, RXP_ERR_SCHEMA);
		assert_true(example_place_is(fault.path, path));
		assert_string_equal(fault.text, text);
		assert_int_equal(fault.n, 1);
	}
	example_free(&e);
	rxp_buf_free(&content);
	rxp_buf_free(&manifest);
}

static void test_manifest(void **unused)
{
	(void)unused;
	assert_change("<Photograph>\n      <Attachment>1<", "<Photograph>\n      <Attachment>3<",
	    NULL, NULL, "Attachments/Attachment", "the content does not name this attachment");
	assert_change(NULL, NULL, "<Type>document-scan<", "<Type>photograph<", NULL, NULL);
	assert_change(NULL, NULL, "number=\"1\">\n    <Type>photograph<",
	    "number=\"1\">\n    <Type>document-scan<", PERSON "/Photograph/Attachment",
	    "the attachment named is not a photograph");
	assert_change(NULL, NULL, "number=\"3\"", "number=\"2\"", "Attachments/Attachment",
	    "a value occurs twice");
}

static void assert_line(const char *name, unsigned long line)
{
	struct example e = example_load(name);
	struct example_fault fault;

	assert_int_equal(example_check(&fault, &e), RXP_ERR_SCHEMA);
	assert_int_equal(fault.line, line);
	example_free(&e);
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
	assert_line("invalid/application-date-of-birth.xml", 22);
	assert_change("<Role>spouse<", "<Role>principal<", NULL, NULL, PERSON "/Role",
	    "exactly one person must be the principal");
	assert_change("<Attachment>3<", "<Attachment>4<", "number=\"3\"", "number=\"4\"",
	    "Attachments/Attachment", "the numbers of the manifest must be 1, 2, 3 and so on");
	for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		char to[sizeof date];

		snprintf(to, sizeof to, "<Date certainty=\"documented\">%s</Date>\n      <Place>",
		    dates[i].date);
		assert_change(date, to, NULL, NULL, dates[i].exists ? NULL : PERSON "/Birth/Date",
		    "no calendar has this date");
	}
}

/* Where a rule about travel begins to hold, on both sides of it. */
static void test_travel_to_the_minute(void **unused)
{
	static const struct {
		const char *name, *from, *to;
		int rc;
	} cases[] = {
	    {"advance-notice-child.xml", ">2031-06-30<", ">2026-12-15<", 0},
	    {"advance-notice-child.xml", ">2031-06-30<", ">2026-12-14<", RXP_ERR_SCHEMA},
	    {"travel-document-notice.xml", ">2026-12-11<", ">2027-06-11<", 0},
	    {"travel-document-notice.xml", ">2026-12-11<", ">2027-06-12<", RXP_ERR_SCHEMA},
	    {"transfer-notification-child.xml", "T09:40<", "T13:54<", 0},
	    {"transfer-notification-child.xml", "T09:40<", "T13:55<", RXP_ERR_SCHEMA},
	    {"transfer-notification-child.xml", ">+01:00<", ">-03:00<", 0},
	    {"transfer-notification-child.xml", ">+01:00<", ">-03:15<", RXP_ERR_SCHEMA},
	    {"transfer-notification-child.xml", "scheme=\"icao\" code=\"QASC",
		"scheme=\"local\" code=\"7", 0},
	    {"transfer-notification-child.xml", "code=\"QASC", "code=\"QAS1", RXP_ERR_SCHEMA},
	    {"transfer-notification-own-document.xml", "code=\"QBZNT", "code=\"QBZ23", 0},
	    {"transfer-notification-own-document.xml", "code=\"QBZNT", "code=\"Q2ZNT",
		RXP_ERR_SCHEMA},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf octets = example_change(cases[i].name, cases[i].from, cases[i].to);
		struct example e = example_load(cases[i].name);
		struct example_fault fault;

		rxp_xml_free(e.content);
		e.content = example_parse(&octets);
		if (example_check(&fault, &e) != cases[i].rc)
			fail_msg("%s: %s", cases[i].name, cases[i].to);
		example_free(&e);
		rxp_buf_free(&octets);
	}
}

/* What is said to the example without the first element of this name. */
static int check_without(const char *name, const char *element)
{
	struct example e = example_load(name);
	struct _xmlNode *root = rxp_xml_root(e.content);
	struct _xmlNode *at = root;
	struct example_fault fault;
	int rc;

	do
		at = rxp_xml_below(root, at);
	while (at != NULL && strcmp(rxp_xml_name(at), element) != 0);
	assert_non_null(at);
	xmlUnlinkNode(at);
	xmlFreeNode(at);
	rc = example_check(&fault, &e);
	example_free(&e);
	return rc;
}

static void test_safeguards_are_not_of_form(void **unused)
{
	static const char *const nationalities[] = {"XXB", "XXC"};
	static const struct {
		const char *name, *element;
	} missing[] = {
	    {"application-child.xml", "DecisionFinal"},
	    {"application-child.xml", "RefoulementChecked"},
	    {"application-child.xml", "PersonInformed"},
	    {"application-child.xml", "BestInterests"},
	    {"advance-notice-child.xml", "DecisionFinal"},
	    {"advance-notice-child.xml", "BestInterests"},
	    {"advance-notice-child.xml", "Enforceable"},
	    {"advance-notice-child.xml", "GuardianConfirmed"},
	    {"transfer-notification-child.xml", "Enforceable"},
	    {"transfer-notification-child.xml", "NothingSuspensive"},
	    {"transfer-notification-child.xml", "RefoulementChecked"},
	    {"transfer-notification-child.xml", "GuardianConfirmed"},
	    {"transfer-notification-child.xml", "BestInterests"},
	    {"transfer-reply-child.xml", "Guardian"},
	    {"transfer-record-arrived.xml", "HandedTo"},
	    {"transit-application-child.xml", "ReceptionConfirmed"},
	    {"reply-split.xml", "Guardian"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof nationalities / sizeof nationalities[0]; i++) {
		char to[64];

		snprintf(to, sizeof to, "<Nationality status=\"previous\">%s<", nationalities[i]);
		assert_change("<Nationality status=\"previous\">QMA<", to, NULL, NULL, NULL, NULL);
	}
	for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
		assert_int_equal(check_without(missing[i].name, missing[i].element), 0);
	assert_int_equal(
	    check_without("transfer-notification-child.xml", "Arrival"), RXP_ERR_SCHEMA);
	/* stale, and of an officer who may not */
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
	struct example e = {0};
	struct example_fault fault;

	(void)unused;
	rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_puts(&content, "<Withdrawal xmlns=\"urn:rxp:1:body\">");
	for (unsigned i = 0; i < 9000; i++)
		rxp_buf_puts(&content, "<Person key=\"\"/>");
	assert_int_equal(rxp_buf_puts(&content, "</Withdrawal>"), 0);
	e.content = example_parse(&content);
	assert_int_equal(example_check(&fault, &e), RXP_ERR_SCHEMA);
	assert_in_range(fault.n, 20, RXP_MAX_REPORTS);
	example_free(&e);
	rxp_buf_free(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_manifest),
	    cmocka_unit_test(test_rules_between_fields),
	    cmocka_unit_test(test_travel_to_the_minute),
	    cmocka_unit_test(test_safeguards_are_not_of_form),
	    cmocka_unit_test(test_reports_are_bounded),
	};

	return cmocka_run_group_tests_name("rules", tests, library_begin, library_end);
}
