/*
 * Goals
 * - each rule of RXP-XML-001 to RXP-XML-005 refuses an object that breaks it alone, while its twin passes,
 *   for each kind of object;
 * - each bound holds exactly at its value, and a flood costs little (RXP-XML-007);
 * - no file is opened and nothing is expanded;
 * - canonicalization in place equals that of a copied subtree and the known octets.
 * Reading what was parsed is xml_walk_test.c's.
 */
#include "protocol/test/xml_rig.h"

#include <stdlib.h>
#include <time.h>

#include <libxml/c14n.h>
#include <libxml/tree.h>

#include "protocol/xml/xml_fault.h"

#define ALL_KINDS 3

static int try_octets(const char *octets, size_t len, enum rxp_xml_kind kind)
{
	struct rxp_xml *xml = NULL;
	int rc = rxp_xml_parse(&xml, (const uint8_t *)octets, len, RXP_MAX_ENVELOPE_OCTETS, kind);

	if (rc == 0)
		assert_non_null(xml);
	else
		assert_null(xml);
	rxp_xml_free(xml);
	return rc;
}

/* --- the strict profile -------------------------------------------------------------------- */

struct profile_case {
	int rc;
	const char *octets;
	size_t len;
};

/* A literal with its length, since some cases hold a NUL. */
#define OCTETS(text) (text), sizeof(text) - 1
#define OK 0
#define SYNTAX RXP_ERR_SYNTAX
#define STRICT RXP_ERR_STRICT

static const struct profile_case any_kind[] = {
    {OK, OCTETS("<A/>")},
    {OK, OCTETS("<A>\n <B a=\"1\">t</B>\n</A>")},
    {SYNTAX, OCTETS("")},
    {SYNTAX, OCTETS("A")},
    {SYNTAX, OCTETS(">")},
    {SYNTAX, OCTETS("<A>")},
    {SYNTAX, OCTETS("<A></B>")},
    {SYNTAX, OCTETS("<A/><B/>")},
    {SYNTAX, OCTETS("<A/>t<B/>")},
    {SYNTAX, OCTETS("<A/>\n")},
    {SYNTAX, OCTETS(" <A/>")},
    {SYNTAX, OCTETS("<A/>x")},
    {SYNTAX, OCTETS("<A a=\"1\" a=\"1\"/>")},
    {SYNTAX, OCTETS("<A a=1/>")},
    {SYNTAX, OCTETS("<A a=\"<\"/>")},
    /* reported while the attributes behind it are still to be read from the input */
    {SYNTAX, OCTETS("<A xml:id=\"1 2\" a=\"a value that is copied from the input\"/>")},
    /* octets and characters */
    {SYNTAX, OCTETS("<A/>\0")},
    {SYNTAX, OCTETS("<A/>\0<!-- -->")},
    {SYNTAX, OCTETS("<A>\0</A>")},
    {STRICT, OCTETS("\xef\xbb\xbf<A/>")},
    {OK, OCTETS("<A>\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80</A>")},
    {OK, OCTETS("<A>\xef\xbb\xbf</A>")},
    {OK, OCTETS("<A>\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd\xf4\x8f\xbf\xbf</A>")},
    {SYNTAX, OCTETS("<A>\xe9</A>")}, /* ISO 8859-1 */
    {SYNTAX, OCTETS("<A>\x80</A>")},
    {SYNTAX, OCTETS("<A>\xc0\xbc</A>")}, /* overlong < */
    {SYNTAX, OCTETS("<A>\xc1\xbf</A>")},
    {SYNTAX, OCTETS("<A>\xe0\x9f\xbf</A>")},
    {SYNTAX, OCTETS("<A>\xf0\x8f\xbf\xbf</A>")},
    {SYNTAX, OCTETS("<A>\xed\xa0\x80</A>")}, /* surrogate */
    {SYNTAX, OCTETS("<A>\xef\xbf\xbe</A>")}, /* U+FFFE */
    {SYNTAX, OCTETS("<A>\xef\xbf\xbf</A>")},
    {SYNTAX, OCTETS("<A>\xf4\x90\x80\x80</A>")}, /* above U+10FFFF */
    {SYNTAX, OCTETS("<A>\xf8\x88\x80\x80\x80</A>")},
    {SYNTAX, OCTETS("<A>\xe2\x82</A>")}, /* cut short */
    {SYNTAX, OCTETS("<A>\x01</A>")},
    {SYNTAX, OCTETS("<A>\x1b</A>")},
    {SYNTAX, OCTETS("\xff\xfe<\0A\0/\0>\0")}, /* UTF-16 */
    {SYNTAX, OCTETS("\x4c\x6f\xa7\x94\x93")}, /* EBCDIC */
    {OK, OCTETS("<A>&#xE9;&#233;&#13;</A>")},
    {SYNTAX, OCTETS("<A>&#0;</A>")},
    {SYNTAX, OCTETS("<A>&#1;</A>")},
    {SYNTAX, OCTETS("<A>&#xD800;</A>")},
    {SYNTAX, OCTETS("<A>&#xFFFF;</A>")},
    {SYNTAX, OCTETS("<A>&#x110000;</A>")},
    /* entities and markup */
    {OK, OCTETS("<A a=\"&amp;&lt;&gt;&quot;&apos;\">&amp;&lt;&gt;&quot;&apos;</A>")},
    {SYNTAX, OCTETS("<A>&eacute;</A>")},
    {SYNTAX, OCTETS("<A a=\"&x;\"/>")},
    {SYNTAX, OCTETS("<A>a & b</A>")},
    {STRICT, OCTETS("<A><!-- c --></A>")},
    {STRICT, OCTETS("<!-- c --><A/>")},
    {STRICT, OCTETS("<A/><!-- c -->")},
    {STRICT, OCTETS("<A><![CDATA[c]]></A>")},
    {STRICT, OCTETS("<A><?p?></A>")},
    {STRICT, OCTETS("<?p?><A/>")},
    {STRICT, OCTETS("<?xml-stylesheet href=\"x\"?><A/>")},
    {STRICT, OCTETS("<!DOCTYPE A><A/>")},
    {STRICT, OCTETS("<!DOCTYPE A SYSTEM \"file:///etc/hostname\"><A/>")},
    {STRICT, OCTETS("<!DOCTYPE A [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><A>&e;</A>")},
    {STRICT, OCTETS("<!DOCTYPE A [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">"
		    "<!ENTITY c \"&b;&b;&b;&b;&b;&b;\">]><A>&c;&c;&c;</A>")},
    {STRICT, OCTETS("<!DOCTYPE A [<!ATTLIST A a CDATA \"1\">]><A/>")},
    {STRICT, OCTETS("<!doctype A><A/>")},
    {OK,
	OCTETS(
	    "<A><X xmlns=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/hostname\"/></A>")},
    /* names and namespaces */
    {OK, OCTETS("<p:A xmlns:p=\"urn:p\"/>")},
    {SYNTAX, OCTETS("<p:A/>")},
    {SYNTAX, OCTETS("<A p:a=\"1\"/>")},
    {SYNTAX, OCTETS("<A xmlns:p=\"\"/>")},
    {SYNTAX, OCTETS("<A xmlns=\"relative\"/>")},
    {SYNTAX, OCTETS("<A xmlns:p=\"relative\"/>")},
    {SYNTAX, OCTETS("<A xmlns:xml=\"urn:p\"/>")},
    {STRICT, OCTETS("<A xmlns:p=\"urn:p\" p:a=\"1\"/>")},
    {STRICT, OCTETS("<A xml:lang=\"en\"/>")},
    {STRICT, OCTETS("<A xml:space=\"preserve\"/>")},
    {STRICT, OCTETS("<A xml:id=\"a\"/>")},
    {STRICT, OCTETS("<A xml:base=\"urn:p\"/>")},
    {STRICT,
	OCTETS("<A xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/>")},
    {OK, OCTETS("<A id=\"header\"/>")},
    {STRICT, OCTETS("<A ID=\"header\"/>")},
    {STRICT, OCTETS("<A Id=\"other\"/>")},
    {STRICT, OCTETS("<A><B Id=\"\"/></A>")},
};

static const struct profile_case only_sealed[] = {
    {OK, OCTETS("<A><B Id=\"header\"/><B Id=\"body\"/><B Id=\"seal\"/><B Id=\"sig\"/>"
		"<B Id=\"ref-header\"/><B Id=\"ref-body\"/></A>")},
    {STRICT, OCTETS("<?xml version=\"1.0\"?><A/>")},
    {STRICT, OCTETS("<A Id=\" header\"/>")},
};

static const struct profile_case all_but_sealed[] = {
    {STRICT, OCTETS("<A Id=\"header\"/>")},
    {OK, OCTETS("<?xml version=\"1.0\"?><A/>")},
    {OK, OCTETS("<?xml version='1.0' ?>\r\n<A/>")},
    {OK, OCTETS("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A/>")},
    {OK, OCTETS("<?xml version = \"1.0\"\tencoding = 'utf-8'?><A/>")},
    {STRICT, OCTETS("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><A/>")},
    {STRICT, OCTETS("<?xml version=\"1.0\" encoding=\"UTF-16\"?><A/>")},
    {STRICT, OCTETS("<?xml version=\"1.0\" encoding=\"UTF-7\"?><A/>")},
    {STRICT, OCTETS("<?xml version=\"1.0\" encoding=\"UTF-8X\"?><A/>")},
    {OK, OCTETS("<?xml version=\"1.0\" standalone=\"yes\"?><A/>")},
    {OK, OCTETS("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?><A/>")},
    {STRICT, OCTETS("<?xml version=\"1.0\" standalone=\"maybe\"?><A/>")},
    {STRICT, OCTETS("<?xml version=\"1.0\" standalone=\"yes\" standalone=\"no\"?><A/>")},
    {STRICT, OCTETS("<?xml version=\"1.0\" standalone=\"no\" encoding=\"UTF-8\"?><A/>")},
    {SYNTAX, OCTETS("<?xml version=\"1.0\" standalone=\"YES\"?><A/>")},
    {STRICT, OCTETS("<?xml version=\"1.1\"?><A/>")},
    {STRICT, OCTETS("<?xml version=\"2.0\"?><A/>")},
    {STRICT, OCTETS("<?xml encoding=\"UTF-8\"?><A/>")},
    {STRICT, OCTETS("<?xml version=\"1.0'?><A/>")},
    {STRICT, OCTETS("<?xml version=\"1.0\"><A/>")},
    {STRICT, OCTETS("<?xml")},
    {STRICT, OCTETS("<?xml version=\"1.0\"?><?xml version=\"1.0\"?><A/>")},
    {SYNTAX, OCTETS("\n<?xml version=\"1.0\"?><A/>")},
    {SYNTAX, OCTETS("<?xml version=\"1.0\"?>")},
};

static void run_cases(const struct profile_case *cases, size_t n, enum rxp_xml_kind kind)
{
	for (size_t i = 0; i < n; i++) {
		int rc = try_octets(cases[i].octets, cases[i].len, kind);

		if (rc != cases[i].rc)
			fail_msg("kind %d: %s: %s", kind, cases[i].octets, rxp_err_text(rc));
	}
}

#define RUN(cases, kind) run_cases(cases, sizeof(cases) / sizeof(cases)[0], kind)

static void the_strict_profile(void **state)
{
	(void)state;
	for (int kind = 0; kind < ALL_KINDS; kind++)
		RUN(any_kind, (enum rxp_xml_kind)kind);
	RUN(only_sealed, RXP_XML_SEALED);
	RUN(all_but_sealed, RXP_XML_ENVELOPE);
	RUN(all_but_sealed, RXP_XML_BODY);
}

/* --- bounds -------------------------------------------------------------------------------- */

/* head, n times each, tail. */
static struct rxp_buf repeat(const char *head, const char *each, int n, const char *tail)
{
	struct rxp_buf text;

	rxp_buf_init(&text, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_puts(&text, head);
	for (int i = 0; i < n; i++)
		rxp_buf_puts(&text, each);
	assert_int_equal(rxp_buf_puts(&text, tail), 0);
	return text;
}

static int try_buf(struct rxp_buf text)
{
	int rc = try_octets((const char *)text.data, text.len, RXP_XML_ENVELOPE);

	rxp_buf_free(&text);
	return rc;
}

static struct rxp_buf nested(int depth)
{
	struct rxp_buf text = repeat("", "<A>", depth, "");

	for (int i = 0; i < depth; i++)
		rxp_buf_puts(&text, "</A>");
	return text;
}

static struct rxp_buf attributes(int plain, int declared)
{
	struct rxp_buf text = repeat("<A", "", 0, "");
	char name[] = " ?=\"1\"";

	for (int i = 0; i < plain; i++) {
		name[1] = (char)('a' + i);
		rxp_buf_puts(&text, name);
	}
	for (int i = 0; i < declared; i++) {
		char declaration[] = " xmlns:?=\"urn:p\"";

		declaration[7] = (char)('a' + i);
		rxp_buf_puts(&text, declaration);
	}
	rxp_buf_puts(&text, "/>");
	return text;
}

static void bounds(void **state)
{
	struct rxp_xml *xml = NULL;

	(void)state;
	assert_int_equal(try_buf(nested(RXP_MAX_XML_DEPTH)), 0);
	assert_int_equal(try_buf(nested(RXP_MAX_XML_DEPTH + 1)), RXP_ERR_STRICT);
	assert_int_equal(try_buf(nested(20000)), RXP_ERR_STRICT);
	assert_int_equal(try_buf(attributes(RXP_MAX_XML_ATTRIBUTES, 0)), 0);
	assert_int_equal(try_buf(attributes(RXP_MAX_XML_ATTRIBUTES + 1, 0)), RXP_ERR_STRICT);
	assert_int_equal(try_buf(attributes(10, RXP_MAX_XML_ATTRIBUTES - 10)), 0);
	assert_int_equal(try_buf(attributes(10, RXP_MAX_XML_ATTRIBUTES - 9)), RXP_ERR_STRICT);
	assert_int_equal(try_buf(repeat("<A>", "<B/>", RXP_MAX_XML_ELEMENTS - 1, "</A>")), 0);
	assert_int_equal(
	    try_buf(repeat("<A>", "<B/>", RXP_MAX_XML_ELEMENTS, "</A>")), RXP_ERR_STRICT);
	/* An equals sign in a value or a text is no attribute. */
	assert_int_equal(
	    try_buf(repeat("<A a=\"'", "=", 50, "'\">==='=\"====================</A>")), 0);
	assert_int_equal(
	    rxp_xml_parse(&xml, (const uint8_t *)"<A/>", 4, 3, RXP_XML_SEALED), RXP_ERR_BOUND);
	assert_int_equal(rxp_xml_parse(&xml, (const uint8_t *)"<A/>", 4, 4, RXP_XML_SEALED), 0);
	rxp_xml_free(xml);
}

/* Every row of the table: what was wrong first, in which line, and its own error. */
static void faults_are_told(void **state)
{
	static const struct {
		const char *text;
		unsigned long line;
		enum rxp_xml_wrong wrong;
		int error;
	} rows[] = {
	    {"\xef\xbb\xbf<A/>", 1, RXP_XML_WRONG_MARK, STRICT},
	    {"<A>\n\xe9</A>", 2, RXP_XML_WRONG_CHARACTER, SYNTAX},
	    {"<A>\n&#1;</A>", 2, RXP_XML_WRONG_CHARACTER, SYNTAX},
	    {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><A/>", 1, RXP_XML_WRONG_DECLARATION,
		STRICT},
	    {"\n\n<A/>", 1, RXP_XML_WRONG_OUTSIDE, SYNTAX},
	    {"", 1, RXP_XML_WRONG_OUTSIDE, SYNTAX},
	    {"<A>\n</A>\n<B/>", 3, RXP_XML_WRONG_OUTSIDE, SYNTAX},
	    {"<!DOCTYPE A>\n<A/>", 1, RXP_XML_WRONG_DOCTYPE, STRICT},
	    {"<A>\n<!-- c -->\n</A>", 2, RXP_XML_WRONG_COMMENT, STRICT},
	    {"<A>\n\n<![CDATA[c]]></A>", 3, RXP_XML_WRONG_CDATA, STRICT},
	    {"<A>\n<?c?></A>", 2, RXP_XML_WRONG_INSTRUCTION, STRICT},
	    {"<A>\n&nbsp;</A>", 2, RXP_XML_WRONG_ENTITY, SYNTAX},
	    {"<A>\n<B>\n</A>", 3, RXP_XML_WRONG_END_TAG, SYNTAX},
	    {"<A>\n<B>", 2, RXP_XML_WRONG_CUT, SYNTAX},
	    {"<A>\n<B", 2, RXP_XML_WRONG_CUT, SYNTAX},
	    {"<A>\n<B a=\"1\" a=\"1\"/></A>", 2, RXP_XML_WRONG_TWICE, SYNTAX},
	    {"<A>\n<p:B/></A>", 2, RXP_XML_WRONG_PREFIX, SYNTAX},
	    {"<A>\n<B a=1/></A>", 2, RXP_XML_WRONG_FORM, SYNTAX},
	    {"<A>\n<B xml:lang=\"en\"/></A>", 2, RXP_XML_WRONG_QUALIFIED, STRICT},
	    {"<A>\n<B ID=\"x\"/></A>", 2, RXP_XML_WRONG_ID, STRICT},
	};
	bool seen[RXP_XML_WRONGS] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_xml_fault fault;
		struct rxp_xml *xml = NULL;
		size_t len = strlen(rows[i].text);

		assert_int_equal(rxp_xml_parse_told(&xml, (const uint8_t *)rows[i].text, len, len,
				     RXP_XML_BODY, &fault),
		    rows[i].error);
		if (fault.wrong != rows[i].wrong || fault.line != rows[i].line)
			fail_msg("%s: %d in line %lu", rows[i].text, fault.wrong, fault.line);
		seen[fault.wrong] = true;
	}
	/* bounds() has them. */
	seen[RXP_XML_WRONG_DEPTH] = seen[RXP_XML_WRONG_ELEMENTS] = true;
	seen[RXP_XML_WRONG_ATTRIBUTES] = true;
	for (int i = RXP_XML_RIGHT + 1; i < RXP_XML_WRONGS; i++)
		assert_true(seen[i]);
}

/* libxml2 alone needs a large part of a second for each of these. */
static void floods_are_cheap(void **state)
{
	struct timespec from;
	struct timespec to;

	(void)state;
	assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from), 0);
	for (int i = 0; i < 20; i++) {
		struct rxp_buf text = repeat("<A", "", 0, "");

		for (int n = 0; n < 20000; n++) {
			char name[] = " aaaa=\"\"";

			for (int digit = 1, rest = n; digit < 5; digit++, rest /= 26)
				name[digit] = (char)('a' + rest % 26);
			rxp_buf_puts(&text, name);
		}
		rxp_buf_puts(&text, "/>");
		assert_int_equal(try_buf(text), RXP_ERR_STRICT);
		assert_int_equal(try_buf(repeat("<A>", "<B>", 60000, "")), RXP_ERR_STRICT);
	}
	assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to), 0);
	assert_true(to.tv_sec - from.tv_sec < 5);
}

/* --- canonicalization ---------------------------------------------------------------------- */

/* The other way: the subtree alone, copied into a document of its own. */
static void assert_equals_copied(const struct rxp_buf *canonical, xmlNode *element)
{
	xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
	xmlChar *octets = NULL;
	int len;

	xmlDocSetRootElement(doc, xmlDocCopyNode(element, doc, 1));
	len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, &octets);
	assert_int_equal(len, canonical->len);
	assert_memory_equal(octets, canonical->data, canonical->len);
	xmlFree(octets);
	xmlFreeDoc(doc);
}

static const struct {
	const char *text; /* the subtree is the root's first child */
	const char *canonical;
} c14n_cases[] = {
    {"<A xmlns=\"urn:a\"><B/></A>", "<B xmlns=\"urn:a\"></B>"},
    {"<A xmlns=\"urn:a\" xmlns:p=\"urn:p\"><B z=\"1\" a='2'>x</B></A>",
	"<B xmlns=\"urn:a\" a=\"2\" z=\"1\">x</B>"},
    {"<A xmlns=\"urn:a\"><B><C xmlns=\"\"><D/></C></B></A>",
	"<B xmlns=\"urn:a\"><C xmlns=\"\"><D></D></C></B>"},
    {"<A xmlns:p=\"urn:p\"><p:B><p:C xmlns:p=\"urn:q\"/><p:D/></p:B></A>",
	"<p:B xmlns:p=\"urn:p\"><p:C xmlns:p=\"urn:q\"></p:C><p:D></p:D></p:B>"},
    {"<p:A xmlns:p=\"urn:p\" xmlns=\"urn:a\"><B><p:C/><p:C/></B></p:A>",
	"<B xmlns=\"urn:a\"><p:C xmlns:p=\"urn:p\"></p:C><p:C xmlns:p=\"urn:p\"></p:C></B>"},
    {"<A><B a=\"&#9;&#10;&#13;&quot;&lt;>\">&#13;\r\n\t&gt;&amp;\xf0\x9f\x98\x80</B></A>",
	"<B a=\"&#x9;&#xA;&#xD;&quot;&lt;>\">&#xD;\n\t&gt;&amp;\xf0\x9f\x98\x80</B>"},
    {"<A xmlns=\"urn:a\" xmlns:q=\"urn:a\"><q:B><B/></q:B></A>",
	"<q:B xmlns:q=\"urn:a\"><B xmlns=\"urn:a\"></B></q:B>"},
};

static void canonical_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof c14n_cases / sizeof c14n_cases[0]; i++) {
		struct rxp_xml *xml = parse(c14n_cases[i].text);
		struct _xmlNode *element = rxp_xml_first(rxp_xml_root(xml));
		struct rxp_buf out;

		rxp_buf_init(&out, 1000);
		assert_int_equal(rxp_xml_c14n(&out, xml, element), 0);
		assert_int_equal(out.len, strlen(c14n_cases[i].canonical));
		assert_memory_equal(out.data, c14n_cases[i].canonical, out.len);
		assert_equals_copied(&out, element);
		rxp_buf_free(&out);
		rxp_buf_init(&out, 10);
		assert_int_equal(rxp_xml_c14n(&out, xml, element), RXP_ERR_BOUND);
		rxp_buf_free(&out);
		rxp_xml_free(xml);
	}
}

/* Of persons who are blocked nothing is shown, and nothing else is missing (RXP-RET-006). */
static void persons_are_hidden(void **state)
{
	static const struct {
		uint32_t persons;
		const char *shown;
	} cases[] = {
	    {0, "<A><Person key=\"P1\">a</Person><Person key=\"P2\">b</Person><X key=\"P1\"></X>"
		"<Person key=\"P12\"></Person></A>"},
	    {1, "<A><Person key=\"P2\">b</Person><X key=\"P1\"></X><Person key=\"P12\"></Person></A>"},
	    {1u << 11, "<A><Person key=\"P1\">a</Person><Person key=\"P2\">b</Person><X key=\"P1\">"
		       "</X></A>"},
	    {UINT32_MAX, "<A><X key=\"P1\"></X></A>"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_xml *xml = parse(cases[0].shown);
		struct rxp_buf out;

		rxp_buf_init(&out, 1000);
		rxp_xml_hide_persons(rxp_xml_root(xml), cases[i].persons);
		assert_int_equal(rxp_xml_c14n(&out, xml, rxp_xml_root(xml)), 0);
		assert_int_equal(out.len, strlen(cases[i].shown));
		assert_memory_equal(out.data, cases[i].shown, out.len);
		rxp_buf_free(&out);
		rxp_xml_free(xml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_strict_profile),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(persons_are_hidden),
	    cmocka_unit_test(faults_are_told),
	    cmocka_unit_test(floods_are_cheap),
	    cmocka_unit_test(canonical_forms),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
