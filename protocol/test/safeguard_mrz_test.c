/*
 * Goals, of dates of birth that machine-readable lines tell (RXP-SAF-036, 037, 033):
 *  - a person counts as a child by them on both sides of the 18th birthday, and of the century that two digits leave open;
 *  - a date that a document or an assessment shows decides, one that is said or estimated does not make an adult;
 *  - they count in each document in which somebody can be called a child, and stand in no other;
 *  - lines of each form are read, and no other line than the second.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/document/mrz.h"
#include "protocol/test/example.h"
#include "protocol/test/library.h"
#include "protocol/xml/xml.h"

#define RULE(name) (1u << RXP_SAFEGUARD_##name)
#define CHILD_APPLIED (RULE(CHILD) | RULE(BEST_INTERESTS))

/* A second line of a passport of UTO; of the Number L898902C3, and its own digits. */
#define LINE(birth, digit, last) \
	"L898902C36UTO" birth digit \
	"F3106305&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;0" last
#define OF_CHILD LINE("150309", "2", "6")
#define SINGLE_LINE "L898902C36UTO7408122F1204159ZE184226B&lt;&lt;&lt;&lt;&lt;10"
#define OWN_LINE \
	"L898902C36UTO7408122F3204153&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;4"

static void note(void *arg, enum rxp_safeguard rule, unsigned long line, const char *path)
{
	unsigned *rules = arg;

	(void)line;
	(void)path;
	*rules |= 1u << rule;
}

/* The rules that both States judge, as the receiver does, of an example with changes; it has no other fault of form. */
static unsigned judge(const char *name, const char *const changes[][2], size_t n)
{
	struct rxp_safeguard_context context = example_context(name);
	struct rxp_buf octets = example_read(name);
	struct example e = example_load(name);
	struct example_fault fault;
	unsigned rules = 0;

	for (size_t i = 0; i < n; i++) {
		struct rxp_buf changed = example_replaced(&octets, changes[i][0], changes[i][1]);

		rxp_buf_free(&octets);
		octets = changed;
	}
	rxp_xml_free(e.content);
	e.content = example_parse(&octets);
	if (example_check(&fault, &e) != 0)
		fail_msg("%s: %s: %s", name, fault.path, fault.text);
	context.judged = RXP_SAFEGUARD_BOTH;
	rxp_safeguards_check(&context, rxp_xml_root(e.content),
	    e.manifest == NULL ? NULL : rxp_xml_root(e.manifest), note, &rules);
	example_free(&e);
	rxp_buf_free(&octets);
	return rules;
}

/* Created on 2026-11-20: of whom a line tells, with a date that somebody says beside it. */
static void test_who_is_a_child(void **unused)
{
	static const struct {
		const char *line;
		bool is_child;
	} lines[] = {
	    {LINE("081119", "4", "4"), false},
	    {LINE("081120", "8", "4"), true},
	    {LINE("150309", "2", "6"), true},
	    /* born today, or tomorrow elsewhere; a day later it is the century before */
	    {LINE("261121", "7", "2"), true},
	    {LINE("261122", "8", "2"), false},
	    {LINE("741231", "6", "6"), false},
	    /* what is left open may be the latest day */
	    {LINE("0811&lt;&lt;", "2", "4"), true},
	    {LINE("08&lt;&lt;&lt;&lt;", "4", "0"), true},
	    {LINE("07&lt;&lt;&lt;&lt;", "1", "0"), false},
	    {LINE("&lt;&lt;0309", "0", "2"), false},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		const char *const changes[][2] = {
		    {"certainty=\"documented\"", "certainty=\"declared\""},
		    {SINGLE_LINE, lines[i].line}};

		if (judge("application-single.xml", changes, 2) !=
		    (lines[i].is_child ? CHILD_APPLIED : 0))
			fail_msg("%s", lines[i].line);
	}
}

static void test_other_dates(void **unused)
{
	static const struct {
		const char *birth;
		unsigned rules;
	} births[] = {
	    {"certainty=\"documented\">1974-08-12<", 0},
	    {"certainty=\"age-assessed\">1974<", 0},
	    {"certainty=\"declared\">1974-08-12<", CHILD_APPLIED},
	    {"certainty=\"estimated\">1974<", CHILD_APPLIED},
	    {"certainty=\"documented\">2015-03-09<", CHILD_APPLIED},
	    {"certainty=\"documented\">1915-03-09<", 0}, /* 111 years old, by a document */
	    {"certainty=\"documented\">2008<", CHILD_APPLIED},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof births / sizeof births[0]; i++) {
		const char *const changes[][2] = {
		    {"certainty=\"documented\">1974-08-12<", births[i].birth},
		    {SINGLE_LINE, OF_CHILD}};

		if (judge("application-single.xml", changes, 2) != births[i].rules)
			fail_msg("%s", births[i].birth);
	}
}

/* A child who is said to be one is no fault, and whoever is none is not made one by somebody else's lines. */
static void test_said(void **unused)
{
	static const char *const adult_said[][2] = {
	    {"certainty=\"documented\"", "certainty=\"declared\""}};

	(void)unused;
	assert_int_equal(judge("advance-notice-child.xml", NULL, 0), 0);
	assert_int_equal(judge("application-single.xml", adult_said, 1), 0);
	assert_int_equal(judge("advance-notice-family.xml", NULL, 0), 0);
}

/* A Supplement that brings the document of a child, without any Birth. */
static void test_supplement(void **unused)
{
#define BIRTH "<Birth>\n      <Date certainty=\"documented\">2010-02</Date>\n    </Birth>"
#define EVIDENCE(line) \
	"<Evidence list=\"1\" strength=\"proof\"><Kind>passport</Kind><Document><Number>L898902C3</Number>" \
	"<MrzLine>P&lt;UTOERIKSSON&lt;&lt;LENA&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;" \
	"&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;</MrzLine><MrzLine>" line \
	"</MrzLine></Document><AuthenticatedCopy>true</AuthenticatedCopy></Evidence>"
	static const char *const with_minor[][2] = {
	    {BIRTH, ""}, {"</Minor>", "</Minor>" EVIDENCE(OF_CHILD)}};
	struct rxp_buf octets = example_read("supplement-minor.xml");
	uint8_t *from, *to;

	(void)unused;
	assert_int_equal(judge("supplement-minor.xml", with_minor, 2), 0);
	from = memmem(octets.data, octets.len, "<Minor>", 7);
	to = memmem(octets.data, octets.len, "</Minor>", 8);
	assert_true(from != NULL && to != NULL);
	{
		char minor[1024];
		const char *const unsaid[][2] = {{BIRTH, ""}, {minor, EVIDENCE(OF_CHILD)}};
		const char *const adult[][2] = {
		    {BIRTH, ""}, {minor, EVIDENCE(LINE("741231", "6", "6"))}};

		snprintf(minor, sizeof minor, "%.*s", (int)(to - from + 8), (const char *)from);
		assert_int_equal(judge("supplement-minor.xml", unsaid, 2), RULE(CHILD_TOLD));
		assert_int_equal(judge("supplement-minor.xml", adult, 2), 0);
	}
	rxp_buf_free(&octets);
}

/* Where nothing can say that somebody is a child. */
static void test_no_place(void **unused)
{
	static const struct {
		const char *name, *line;
		unsigned besides;
	} documents[] = {
	    {"transfer-notification-own-document.xml", OWN_LINE, RULE(BEST_INTERESTS)},
	    {"travel-document-notice.xml",
		"E000047115UTO7408122F2706111&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;"
		"&lt;8",
		0},
	    {"standard-travel-document-notice-expired.xml",
		"L898902C36UTO7408122F1204159&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;"
		"&lt;8",
		0},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
		const char *const changes[][2] = {{documents[i].line, OF_CHILD}};

		assert_int_equal(judge(documents[i].name, NULL, 0), 0);
		assert_int_equal(
		    judge(documents[i].name, changes, 1), RULE(CHILD_LINES) | documents[i].besides);
	}
}

/* Evidence of whoever was taken over, likewise. */
static void test_take_back(void **unused)
{
#define STATEMENT \
	"<Evidence list=\"2\" strength=\"proof\">\n      <Kind>official-statement</Kind>\n      " \
	"<AuthenticatedCopy>false</AuthenticatedCopy>\n    </Evidence>"
	static const char *const child[][2] = {{STATEMENT, EVIDENCE(OF_CHILD)}};
	static const char *const adult[][2] = {{STATEMENT, EVIDENCE(LINE("741231", "6", "6"))}};

	(void)unused;
	assert_int_equal(judge("take-back-request.xml", child, 1), RULE(CHILD_LINES));
	assert_int_equal(judge("take-back-request.xml", adult, 1), 0);
}

/* What is not sent cannot be sent as a correction; another line, and another field, tell no date. */
static void test_corrected_line(void **unused)
{
	static const struct {
		const char *field, *value;
		bool is_child;
	} cases[] = {
	    {"Person[1]/Evidence/Document/MrzLine[2]", OF_CHILD, true},
	    {"Person[1]/Evidence/Document/MrzLine[2]", SINGLE_LINE, false},
	    {"Person[1]/Evidence/Document/MrzLine[1]", OF_CHILD, false},
	    {"Person[1]/Evidence/Document/Number", OF_CHILD, false},
	    {"Person[1]/TravelDocument/MrzLine[2]",
		"1503092F3106305UTO&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;4", true},
	    {"Person[1]/TravelDocument/MrzLine[2]", "150309", false},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char to[256];
		const char *const changes[][2] = {
		    {"<Field>Person[2]/Birth/Date</Field>\n      <Value>1976-03-09<", to}};

		snprintf(to, sizeof to, "<Field>%s</Field>\n      <Value>%s<", cases[i].field,
		    cases[i].value);
		if (judge("data-correction.xml", changes, 1) !=
		    (cases[i].is_child ? RULE(CHILD_TOLD) : 0))
			fail_msg("%s", to);
	}
}

static void test_forms(void **unused)
{
	(void)unused;
	assert_memory_equal(rxp_mrz_birth("7408122F1204159UTO<<<<<<<<<<<6"), "740812", 6);
	assert_memory_equal(rxp_mrz_birth("D231458907UTO7408122F1204159<<<<<<<6"), "740812", 6);
	assert_memory_equal(
	    rxp_mrz_birth("L898902C36UTO7408122F1204159ZE184226B<<<<<10"), "740812", 6);
	assert_null(rxp_mrz_birth(""));
	assert_null(rxp_mrz_birth("L898902C36UTO7408122F1204159ZE184226B<<<<<1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_is_a_child),
	    cmocka_unit_test(test_other_dates),
	    cmocka_unit_test(test_said),
	    cmocka_unit_test(test_supplement),
	    cmocka_unit_test(test_no_place),
	    cmocka_unit_test(test_take_back),
	    cmocka_unit_test(test_corrected_line),
	    cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests(tests, library_begin, library_end);
}
