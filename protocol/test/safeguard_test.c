/*
 * Goals:
 *  - each rule begins to hold where the specification says, on both sides of the limit: ages of attestations and of
 *    persons, kinds of node, officers, confirmed names;
 *  - sender and receiver judge what is theirs: a receiver never refuses for a rule of the sender alone;
 *  - nothing that is reported is a value of the document; the number of reports is bounded;
 *  - an application without attestations, which every schema admits, is refused for each of them.
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

#define RULE(name) (1u << RXP_SAFEGUARD_##name)
#define DAY_MS INT64_C(86400000)

struct seen {
	unsigned rules; /* mask */
	unsigned n;
	char path[512]; /* of the first */
};

static void note(void *arg, enum rxp_safeguard rule, unsigned long line, const char *path)
{
	struct seen *seen = arg;

	assert_true(line > 0);
	seen->rules |= 1u << rule;
	if (seen->n++ == 0)
		snprintf(seen->path, sizeof seen->path, "%s", path);
}

static unsigned judge(const struct rxp_safeguard_context *context, const struct example *e)
{
	struct seen seen = {0};
	int rc = rxp_safeguards_check(context, rxp_xml_root(e->content),
	    e->manifest == NULL ? NULL : rxp_xml_root(e->manifest), note, &seen);

	assert_int_equal(rc, seen.n == 0 ? 0 : RXP_ERR_NOT_ACCEPTABLE);
	return seen.rules;
}

/* The rules that an example with one change breaks. The change leaves it free of faults of form. */
static unsigned judge_change_as(
    const struct rxp_safeguard_context *context, const char *name, const char *from, const char *to)
{
	struct rxp_buf octets = example_change(name, from, to);
	struct example e = example_load(name);
	struct example_fault fault;
	unsigned rules;

	rxp_xml_free(e.content);
	e.content = example_parse(&octets);
	if (example_check(&fault, &e) != 0)
		fail_msg("%s: %s: %s", to, fault.path, fault.text);
	rules = judge(context, &e);
	example_free(&e);
	rxp_buf_free(&octets);
	return rules;
}

static unsigned judge_change(const char *name, const char *from, const char *to)
{
	struct rxp_safeguard_context context = example_context(name);

	return judge_change_as(&context, name, from, to);
}

static unsigned judge_as(const struct rxp_safeguard_context *context, const char *name)
{
	struct example e = example_load(name);
	unsigned rules = judge(context, &e);

	example_free(&e);
	return rules;
}

/* RXP-SAF-004, 006: a day more on either side, and not two. */
static void test_ages_of_attestations(void **unused)
{
	static const struct {
		const char *name, *from, *to;
		unsigned rules;
	} cases[] = {
	    {"application-single.xml", "2026-11-18", "2026-11-21", 0},
	    {"application-single.xml", "2026-11-18", "2026-11-22", RULE(ATTESTED_WHEN)},
	    {"application-single.xml", "2026-11-18", "2026-10-20", 0},
	    {"application-single.xml", "2026-11-18", "2026-10-19", RULE(ATTESTED_WHEN)},
	    {"application-single.xml", "2026-11-02", "2026-08-21", 0},
	    {"application-single.xml", "2026-11-02", "2026-08-20", RULE(ATTESTED_WHEN)},
	    {"application-single.xml", "2026-11-12", "2026-08-21", 0},
	    {"application-single.xml", "2026-11-12", "2026-08-20", RULE(ATTESTED_WHEN)},
	    {"application-child.xml", "2026-11-19", "2026-08-21", 0},
	    {"application-child.xml", "2026-11-19", "2026-08-20", RULE(ATTESTED_WHEN)},
	    {"application-family.xml", "2026-11-12</Declared>", "2026-11-21</Declared>", 0},
	    {"application-family.xml", "2026-11-12</Declared>", "2026-11-22</Declared>",
		RULE(DECLARED)},
	    {"transfer-notification-child.xml", "2026-12-03", "2026-11-10", 0},
	    {"transfer-notification-child.xml", "2026-12-03", "2026-11-09", RULE(ATTESTED_WHEN)},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (judge_change(cases[i].name, cases[i].from, cases[i].to) != cases[i].rules)
			fail_msg("%s: %s", cases[i].name, cases[i].to);
}

/* RXP-TRF-010, RXP-SAF-030: what was fresh becomes stale while a draft waits. */
static void test_stale_by_created(void **unused)
{
	struct rxp_safeguard_context context = example_context("transfer-notification.xml");
	int64_t attested_ms = context.created_ms - DAY_MS; /* the hour does not matter */

	(void)unused;
	for (int days = -3; days <= 10; days++) {
		bool is_fresh = days >= -1 && days <= 8;

		context.created_ms = attested_ms + days * DAY_MS;
		assert_int_equal(judge_as(&context, "transfer-notification.xml"),
		    is_fresh ? 0 : RULE(ATTESTED_WHEN));
	}
	context.created_ms = 0;
	assert_int_equal(judge_as(&context, "transfer-notification.xml"), RULE(ATTESTED_WHEN));
	context.created_ms = RXP_MAX_TIME_MS;
	assert_int_equal(judge_as(&context, "transfer-notification.xml"), RULE(ATTESTED_WHEN));
}

/* RXP-SAF-009: created on 2026-11-20. */
static void test_who_is_a_child(void **unused)
{
	static const struct {
		const char *certainty, *date;
		bool is_child;
	} births[] = {
	    {"documented", "2008-11-19", false},
	    {"documented", "2008-11-20", true},
	    {"documented", "2020-01-01", true},
	    {"documented", "2008-10", false},
	    {"documented", "2008-11", true},
	    {"documented", "2007", false},
	    {"documented", "2008", true},
	    {"declared", "2008-11-19", false},
	    {"declared", "2008-11-20", true},
	    {"age-assessed", "2008-11-19", false},
	    {"age-assessed", "2008", true},
	    {"estimated", "2008-11-19", true},
	    {"estimated", "2006-11-19", false},
	    {"estimated", "2006-11-20", true},
	    {"estimated", "2005", false},
	    {"estimated", "2006", true},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof births / sizeof births[0]; i++) {
		unsigned rules;
		char to[64];

		snprintf(
		    to, sizeof to, "certainty=\"%s\">%s<", births[i].certainty, births[i].date);
		rules = judge_change(
		    "application-single.xml", "certainty=\"documented\">1974-08-12<", to);
		if (rules != (births[i].is_child ? RULE(CHILD) | RULE(BEST_INTERESTS) : 0))
			fail_msg("%s", to);
	}
	assert_int_equal(judge_change("application-single.xml", ">own-national<", ">minor-child<"),
	    RULE(CHILD) | RULE(BEST_INTERESTS));
	/* one who is marked as a child is one, whatever the date says */
	assert_int_equal(judge_change("application-child.xml", "2011-02-17", "1990-02-17"), 0);
	assert_int_equal(
	    judge_change("application-child.xml", "<Unaccompanied>true", "<Unaccompanied>false"),
	    RULE(ALONE));
}

/* RXP-SAF-007: each attestation by each role. */
static void test_roles(void **unused)
{
	static const char *const roles[] = {
	    "decision-officer", "legal-officer", "return-officer", "child-protection-officer"};
	static const struct {
		const char *officer, *role;
		bool may[4];
	} rows[] = {
	    {"2001", "legal-officer", {true, true, false, false}},
	    {"1042", "return-officer", {true, true, true, true}},
	    {"0007", "child-protection-officer", {false, false, false, true}},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t k = 0; k < sizeof roles / sizeof roles[0]; k++) {
			char from[128], to[128];

			snprintf(from, sizeof from, "%s</Officer>\n        <Role>%s<",
			    rows[i].officer, rows[i].role);
			snprintf(to, sizeof to, "%s</Officer>\n        <Role>%s<", rows[i].officer,
			    roles[k]);
			assert_int_equal(judge_change("application-child.xml", from, to),
			    rows[i].may[k] ? 0 : RULE(ATTESTED_BY));
		}
	}
}

/* RXP-SAF-014, 015 */
static void test_kind_of_node(void **unused)
{
	static const struct {
		const char *code;
		unsigned at_test_node, at_live_node;
	} codes[] = {
	    {"UTO", 0, RULE(NODE_KIND)},
	    {"QMA", 0, RULE(NODE_KIND)},
	    {"QZZ", 0, RULE(NODE_KIND)},
	    {"QLZ", RULE(NODE_KIND), 0},
	    {"FRA", RULE(NODE_KIND), 0},
	    {"XXA", RULE(NODE_KIND), 0},
	    {"XXX", RULE(NODE_KIND), 0},
	    {"XKX", RULE(NODE_KIND), 0},
	    {"XXB", RULE(PROTECTED), RULE(PROTECTED)},
	    {"XXC", RULE(PROTECTED), RULE(PROTECTED)},
	};
	struct rxp_safeguard_context test = example_context("supplement.xml");
	struct rxp_safeguard_context live = test;

	(void)unused;
	live.test_node = false;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		char to[32];

		snprintf(to, sizeof to, "<Issuer>%s<", codes[i].code);
		assert_int_equal(
		    judge_change_as(&test, "travel-document-notice.xml", "<Issuer>UTO<", to),
		    codes[i].at_test_node);
		/* the other codes of the example are of test nodes */
		assert_int_equal(
		    judge_change_as(&live, "travel-document-notice.xml", "<Issuer>UTO<", to) &
			RULE(PROTECTED),
		    codes[i].at_live_node & RULE(PROTECTED));
	}
	assert_int_equal(
	    judge_as(&live, "application-single.xml") & RULE(NODE_KIND), RULE(NODE_KIND));
	assert_int_equal(judge_as(&live, "application-stateless.xml"), 0);
	assert_int_equal(judge_as(&live, "withdrawal.xml"), 0);
}

/* RXP-SAF-014: what is not sent cannot be sent as a correction. */
static void test_corrected_country(void **unused)
{
	static const struct {
		const char *field, *value;
		unsigned rules;
	} cases[] = {
	    {"Person[1]/Nationality", "QMA", 0},
	    {"Person[1]/Nationality", "XXB", RULE(PROTECTED)},
	    {"Person[1]/Nationality[2]", "XXC", RULE(PROTECTED)},
	    {"Person[1]/Nationality[2]", "XXA", 0},
	    {"Person[1]/Birth/Country", "XXA", RULE(NODE_KIND)},
	    {"Person[24]/Birth/Country", "FRA", RULE(NODE_KIND)},
	    {"Person[1]/Birth/Place", "XXB", 0},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char to[128];

		snprintf(to, sizeof to, "<Field>%s</Field>\n      <Value>%s<", cases[i].field,
		    cases[i].value);
		if (judge_change("data-correction.xml",
			"<Field>Person[2]/Birth/Date</Field>\n      <Value>1976-03-09<",
			to) != cases[i].rules)
			fail_msg("%s", to);
	}
}

/* RXP-SAF-033: the Value counts as documented, whatever it replaces. */
static void test_corrected_birth(void **unused)
{
	static const struct {
		const char *field, *value;
		bool is_child;
	} cases[] = {
	    {"Person[1]/Birth/Date", "2008-12-11", true},
	    {"Person[1]/Birth/Date", "2008-12-10", false},
	    {"Person/Birth/Date", "2008", true},
	    {"Person[3]/Accepted/ConfirmedIdentity/Birth[1]/Date[1]", "2010-01", true},
	    {"Person[1]/Birth/Date/Other", "2010-01", false},
	    {"Person[1]/Birth/Place", "2010", false},
	    {"Head/Date", "2026-11-20", false},
	    {"Birth/Date", "20101", false},
	    {"Birth/Date", "2010-1-1", false},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char to[160];

		snprintf(to, sizeof to, "<Field>%s</Field>\n      <Value>%s<", cases[i].field,
		    cases[i].value);
		if (judge_change("data-correction.xml",
			"<Field>Person[2]/Birth/Date</Field>\n      <Value>1976-03-09<",
			to) != (cases[i].is_child ? RULE(CHILD_TOLD) : 0))
			fail_msg("%s", to);
	}
}

/* RXP-SAF-016 */
static void test_family(void **unused)
{
	(void)unused;
	assert_int_equal(judge_change("application-family.xml", "moveTogether=\"true\"",
			     "moveTogether=\"false\" split=\"own-wish\""),
	    0);
	assert_int_equal(judge_change("application-family.xml", "moveTogether=\"true\"",
			     "moveTogether=\"false\""),
	    RULE(FAMILY));
}

/* RXP-SAF-008, 021 */
static void test_officers(void **unused)
{
	static const struct {
		const char *officer, *second;
		unsigned rules;
	} cases[] = {
	    {"S-3001", "S-3002", 0},
	    {"S-3001", "S-3001", RULE(SECOND_OFFICER)},
	    {"S-3001", "", RULE(SECOND_OFFICER)},
	    {"S-3001", NULL, RULE(SECOND_OFFICER)},
	    {"", "S-3002", RULE(SECOND_OFFICER)},
	    {NULL, "S-3002", RULE(SECOND_OFFICER)},
	    {NULL, NULL, RULE(SECOND_OFFICER)},
	    {"R-2001", "S-3002", RULE(ATTESTED_BY_SENDER)},
	};
	struct rxp_safeguard_context context = example_context("application-family.xml");

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		context.officer = cases[i].officer;
		context.second_officer = cases[i].second;
		assert_int_equal(judge_as(&context, "application-family.xml"), cases[i].rules);
	}
	/* without prose nobody else is needed */
	context.officer = context.second_officer = NULL;
	assert_int_equal(judge_as(&context, "application-child.xml"), 0);
}

/* RXP-SAF-022: in a name the second officer confirms, elsewhere nobody. */
static void test_confirmed_names(void **unused)
{
	static const struct {
		const char *from, *to;
		bool can_be_confirmed;
	} cases[] = {
	    {">1 Specimen Street<", ">1 Old Prison Street<", true},
	    {"<Place>Specimen City<", "<Place>Asylum Hill<", true},
	    {"<Secondary>Johan<", "<Secondary>Asylum Seeker<", true},
	    {"<Authority>Specimen Passport Office<", "<Authority>Refugee Office<", true},
	    {">Specimen Return Counselling<", ">Refugee Counselling<", false},
	    {">scar on the left hand<", ">scars of torture<", false},
	    {">The family asks to travel on a weekday.<", ">She was in prison.<", false},
	};
	struct rxp_safeguard_context context = example_context("application-family.xml");

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *from = cases[i].from;
		const char *to = cases[i].to;

		context.names_confirmed = false;
		assert_int_equal(
		    judge_change_as(&context, "application-family.xml", from, to), RULE(WORDS));
		context.names_confirmed = true;
		assert_int_equal(judge_change_as(&context, "application-family.xml", from, to),
		    cases[i].can_be_confirmed ? 0 : RULE(WORDS));
		context.second_officer = context.officer;
		assert_true((judge_change_as(&context, "application-family.xml", from, to) &
				RULE(WORDS)) != 0);
		context.second_officer = "S-3002";
	}
}

/* RXP-SAF-023 */
static void test_references(void **unused)
{
	static const struct {
		const char *reference;
		bool is_opaque;
	} cases[] = {{"7K2M-0420", true}, {"7K2M-0420-AB3C-9999", true}, {"0000-0000", true},
	    {"7K2M", false}, {"7K2M0420", false}, {"7K2M-042", false}, {"7K2M-04200", false},
	    {"7KMZ-0420", false}, {"7K2M-0420-AB3C-9999-1111", false}, {"ABCD-0420", false}};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (judge_change("application-single.xml", "7K2M-0420", cases[i].reference) !=
		    (cases[i].is_opaque ? 0 : RULE(REFERENCE)))
			fail_msg("%s", cases[i].reference);
}

/* RXP-SAF-026: however it is written, and over two lines. */
static void test_centres(void **unused)
{
	static const char *const none[] = {"", " - "};
	struct rxp_safeguard_context context = example_context("application-family.xml");
	const char *from = "<Line>1 Specimen Street</Line>\n      <Line>Zenith</Line>";

	(void)unused;
	assert_int_equal(judge_change_as(&context, "application-family.xml", from,
			     "<Line>Specimen</Line><Line>RECEPTION-CENTRE 4</Line>"),
	    RULE(CENTRE));
	assert_int_equal(judge_change_as(&context, "application-family.xml", from,
			     "<Line>Specimen Reception Centres</Line>"),
	    0);
	context.centres = none;
	context.n_centres = 2;
	assert_int_equal(judge_as(&context, "application-family.xml"), 0);
}

/* What every schema admits: persons without any attestation. */
static void test_nothing_attested(void **unused)
{
	struct rxp_safeguard_context context = example_context("application-family.xml");
	struct example e = example_load("application-family.xml");
	struct _xmlNode *root = rxp_xml_root(e.content);
	struct example_fault fault;
	struct seen seen = {0};

	(void)unused;
	for (struct _xmlNode *at = root; at != NULL; at = rxp_xml_below(root, at)) {
		while (strcmp(rxp_xml_name(at), "Attestations") == 0 && at->children != NULL) {
			xmlNode *child = at->children;

			xmlUnlinkNode(child);
			xmlFreeNode(child);
		}
	}
	assert_int_equal(example_check(&fault, &e), 0);
	assert_int_equal(
	    rxp_safeguards_check(&context, root, rxp_xml_root(e.manifest), note, &seen),
	    RXP_ERR_NOT_ACCEPTABLE);
	assert_int_equal(seen.rules, RULE(ATTESTED) | RULE(BEST_INTERESTS));
	assert_int_equal(seen.n, 3 * 3 + 1);
	example_free(&e);
}

/* RXP-SAF-001: of each invalid example what the receiver says, and that without a report. */
static void test_who_judges(void **unused)
{
	struct example_list files = example_list("invalid/");
	unsigned n[2] = {0, 0};

	(void)unused;
	for (size_t i = 0; i < files.n; i++) {
		struct example e = example_load(files.names[i]);
		struct rxp_safeguard_context context = example_context(files.names[i]);
		struct example_fault fault;

		if (example_check(&fault, &e) == 0) {
			unsigned rules = judge(&context, &e);
			unsigned rule = 0;
			bool is_both;

			while ((rules & 1u << rule) == 0)
				rule++;
			is_both = rxp_safeguard_row(rule)->judged == RXP_SAFEGUARD_BOTH;
			context.judged = RXP_SAFEGUARD_BOTH;
			assert_int_equal(
			    rxp_safeguards_check(&context, rxp_xml_root(e.content),
				e.manifest == NULL ? NULL : rxp_xml_root(e.manifest), NULL, NULL),
			    is_both ? RXP_ERR_NOT_ACCEPTABLE : 0);
			n[is_both]++;
		}
		example_free(&e);
	}
	assert_true(n[0] > 3 && n[1] > 10);
	example_list_free(&files);
}

/* 9,000 persons that no application has, of which nothing is attested. */
static void test_reports_are_bounded(void **unused)
{
	struct rxp_safeguard_context context = example_context("application-single.xml");
	struct rxp_buf octets;
	struct example e = {0};
	struct seen seen = {0};

	(void)unused;
	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_puts(&octets, "<ReadmissionApplication xmlns=\"urn:rxp:1:body\">");
	for (unsigned i = 0; i < 3000; i++)
		rxp_buf_puts(&octets, "<Person key=\"P1\"><Attestations/></Person>");
	assert_int_equal(rxp_buf_puts(&octets, "</ReadmissionApplication>"), 0);
	e.content = example_parse(&octets);
	assert_int_equal(rxp_safeguards_check(&context, rxp_xml_root(e.content), NULL, note, &seen),
	    RXP_ERR_NOT_ACCEPTABLE);
	assert_int_equal(seen.n, RXP_MAX_REPORTS);
	assert_string_equal(seen.path, "ReadmissionApplication/Family");
	example_free(&e);
	rxp_buf_free(&octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ages_of_attestations),
	    cmocka_unit_test(test_stale_by_created),
	    cmocka_unit_test(test_who_is_a_child),
	    cmocka_unit_test(test_roles),
	    cmocka_unit_test(test_kind_of_node),
	    cmocka_unit_test(test_corrected_country),
	    cmocka_unit_test(test_corrected_birth),
	    cmocka_unit_test(test_family),
	    cmocka_unit_test(test_officers),
	    cmocka_unit_test(test_confirmed_names),
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_centres),
	    cmocka_unit_test(test_nothing_attested),
	    cmocka_unit_test(test_who_judges),
	    cmocka_unit_test(test_reports_are_bounded),
	};

	return cmocka_run_group_tests_name("safeguard", tests, library_begin, library_end);
}
