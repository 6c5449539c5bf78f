/*
 * Goals
 * - the items of a correction and of its reply are read as they stand, and nothing else is taken for one (RXP-COR-006);
 * - a field is found by its path and number, in what was sealed, whatever else is changed (RXP-COR-005);
 * - what is shown has the last value, and not what is erased or blocked; what stood there is told (RXP-COR-014, RXP-COR-015);
 * - a field that is not there, or that holds elements, corrects nothing, and is told as such;
 * - nothing is told of persons who are hidden (RXP-RET-006).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/case/correction.h"
#include "protocol/test/library.h"
#include "protocol/xml/xml.h"

#define NS " xmlns=\"urn:rxp:1:body\""

static struct rxp_xml *parse(const char *text)
{
	struct rxp_xml *xml = NULL;

	assert_int_equal(
	    rxp_xml_parse(&xml, (const uint8_t *)text, strlen(text), strlen(text), RXP_XML_BODY),
	    0);
	return xml;
}

/* --- reading --------------------------------------------------------------------------------------- */

static void items_are_read(void **unused)
{
	struct rxp_correction_item items[RXP_MAX_CORRECTION_ITEMS];
	struct rxp_xml *xml =
	    parse("<DataCorrection" NS "><Document>d</Document>"
		  "<Item number=\"1\"><Rectify><Field>A/B[2]</Field><Value>v</Value>"
		  "</Rectify></Item><Item number=\"2\"><Erase><All/></Erase></Item>"
		  "<Item number=\"3\"><Block><Field>C</Field></Block></Item>"
		  "<Reason>inaccurate</Reason></DataCorrection>");
	size_t n = 0;

	(void)unused;
	assert_int_equal(rxp_correction_read(items, &n, rxp_xml_root(xml)), 0);
	assert_int_equal(n, 3);
	assert_int_equal(items[0].asked, RXP_ASKED_RECTIFY);
	assert_string_equal(items[0].field, "A/B[2]");
	assert_string_equal(items[0].value, "v");
	assert_int_equal(items[1].asked, RXP_ASKED_ERASE);
	assert_null(items[1].field);
	assert_int_equal(items[2].asked, RXP_ASKED_BLOCK);
	assert_string_equal(items[2].field, "C");
	assert_string_equal(items[2].value, "");
	rxp_xml_free(xml);
}

static void other_items_are_not(void **unused)
{
	static const char *const wrong[] = {
	    "<DataCorrection" NS "/>",
	    "<DataCorrection" NS "><Item number=\"1\"/></DataCorrection>",
	    "<DataCorrection" NS "><Item number=\"1\"><Done/></Item></DataCorrection>",
	    "<DataCorrection" NS "><Item number=\"1\"><Rectify><Value>v</Value></Rectify></Item>"
	    "</DataCorrection>",
	};
	struct rxp_correction_item items[RXP_MAX_CORRECTION_ITEMS];
	size_t n = 77;

	(void)unused;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct rxp_xml *xml = parse(wrong[i]);

		assert_int_equal(rxp_correction_read(items, &n, rxp_xml_root(xml)), RXP_ERR_SCHEMA);
		assert_int_equal(n, 77);
		rxp_xml_free(xml);
	}
}

static void no_more_items_than_there_can_be(void **unused)
{
	struct rxp_correction_item items[RXP_MAX_CORRECTION_ITEMS];
	enum rxp_answered answers[RXP_MAX_CORRECTION_ITEMS];

	(void)unused;
	for (size_t over = 0; over < 2; over++) {
		struct rxp_buf text;
		struct rxp_xml *xml;
		size_t n = 0;

		rxp_buf_init(&text, 16384);
		rxp_buf_puts(&text, "<X" NS ">");
		for (size_t i = 0; i < RXP_MAX_CORRECTION_ITEMS + over; i++)
			rxp_buf_puts(&text, "<Item><Erase><All/></Erase></Item>");
		rxp_buf_puts(&text, "</X>");
		assert_int_equal(rxp_buf_putc(&text, '\0'), 0);
		xml = parse((const char *)text.data);
		assert_int_equal(rxp_correction_read(items, &n, rxp_xml_root(xml)),
		    over == 0 ? 0 : RXP_ERR_SCHEMA);
		assert_int_equal(
		    rxp_correction_reply_read(answers, &n, rxp_xml_root(xml)), RXP_ERR_SCHEMA);
		rxp_xml_free(xml);
		rxp_buf_free(&text);
	}
}

static void answers_are_read(void **unused)
{
	enum rxp_answered items[RXP_MAX_CORRECTION_ITEMS];
	struct rxp_xml *xml =
	    parse("<DataCorrectionReply" NS "><Correction>d</Correction><Item number=\"1\"><Done/>"
		  "</Item><Item number=\"2\"><Blocked><Reason>legal-hold</Reason></Blocked></Item>"
		  "</DataCorrectionReply>");
	size_t n = 0;

	(void)unused;
	assert_int_equal(rxp_correction_reply_read(items, &n, rxp_xml_root(xml)), 0);
	assert_int_equal(n, 2);
	assert_int_equal(items[0], RXP_ANSWERED_DONE);
	assert_int_equal(items[1], RXP_ANSWERED_BLOCKED);
	rxp_xml_free(xml);
}

static void words_there_and_back(void **unused)
{
	enum rxp_asked asked;
	enum rxp_answered answered;

	(void)unused;
	for (unsigned i = 0; i < RXP_ASKED_COUNT; i++) {
		assert_int_equal(rxp_asked_parse(&asked, rxp_asked_word((enum rxp_asked)i)), 0);
		assert_int_equal(asked, i);
	}
	for (unsigned i = 0; i < RXP_ANSWERED_COUNT; i++) {
		assert_int_equal(
		    rxp_answered_parse(&answered, rxp_answered_word((enum rxp_answered)i)), 0);
		assert_int_equal(answered, i);
	}
	assert_int_equal(rxp_asked_parse(&asked, "done"), RXP_ERR_NOT_FOUND);
	assert_int_equal(rxp_answered_parse(&answered, "erase"), RXP_ERR_NOT_FOUND);
}

static void files_of_fields(void **unused)
{
	static const struct {
		const char *field;
		unsigned file;
	} rows[] = {{"Attachments", RXP_CORRECTION_EVERY_FILE}, {"Attachments/Attachment[2]", 2},
	    {"Attachments/Attachment", 1}, {"Attachments/Attachment[128]/Type", 128},
	    {"Attachments/Attachment[129]", RXP_CORRECTION_EVERY_FILE},
	    {"Attachments[1]/Attachment[3]", 3}, {"Person/Attachments", 0}, {"AttachmentsOf", 0}};

	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(rxp_correction_file(rows[i].field), rows[i].file);
}

/* --- showing --------------------------------------------------------------------------------------- */

#define CONTENT \
	"<A" NS "><Person key=\"P1\"><Name>n</Name><Name>m</Name></Person>" \
	"<Person key=\"P2\"><Name>o</Name><Deep><Leaf>l</Leaf></Deep></Person><Last></Last></A>"

static char told[256];

static void tell(void *arg, size_t i, const char *was)
{
	size_t used = strlen(told);

	assert_null(arg);
	snprintf(told + used, sizeof told - used, "%zu:%s ", i, was != NULL ? was : "-");
}

#define RECTIFY(f, v) \
	{ \
		RXP_ASKED_RECTIFY, (f), (v) \
	}
#define ERASE(f) \
	{ \
		RXP_ASKED_ERASE, (f), "" \
	}
#define BLOCK(f) \
	{ \
		RXP_ASKED_BLOCK, (f), "" \
	}

static const struct {
	struct rxp_corrected corrected[3];
	size_t n;
	uint32_t hidden;
	const char *told, *gone, *there;
} shows[] = {
    {{RECTIFY("Person[2]/Name", "x&<")}, 1, 0, "0:o ", "<Name>o</Name>", "<Name>x&amp;&lt;</Name>"},
    {{RECTIFY("Person/Name[2]", "x")}, 1, 0, "0:m ", "<Name>m</Name>",
	"<Name>n</Name><Name>x</Name>"},
    {{RECTIFY("Last", "x")}, 1, 0, "0: ", "<Last></Last>", "<Last>x</Last>"},
    /* the last one counts, and it is told what stood before it */
    {{RECTIFY("Last", "x"), RECTIFY("Last", "y")}, 2, 0, "0: 1:x ", "<Last>x", "<Last>y</Last>"},
    /* paths are those of what was sealed */
    {{ERASE("Person[1]/Name[1]"), BLOCK("Person[1]/Name[2]")}, 2, 0, "0: 1: ", "<Name>n",
	"<Name>o"},
    {{ERASE("Person[2]"), ERASE("Person[2]/Name"), ERASE("Person[2]")}, 3, 0, "0: 1: 2: ", "P2",
	"P1"},
    {{RECTIFY("Person[2]/Name", "x"), ERASE("Person[2]/Name")}, 2, 0, "0:o 1: ", "<Name>x",
	"<Deep>"},
    /* no such field, or no leaf */
    {{RECTIFY("Person[3]/Name", "x")}, 1, 0, "0:- ", ">x<", "<Name>o</Name>"},
    {{RECTIFY("Person[2]/Deep", "x")}, 1, 0, "0:- ", ">x<", "<Deep><Leaf>l</Leaf></Deep>"},
    {{ERASE("Person[2]/Deep")}, 1, 0, "0: ", "Deep", "<Name>o</Name>"},
    {{RECTIFY("Names", "x"), RECTIFY("Person/Nam", "x")}, 2, 0, "0:- 1:- ", ">x<",
	"<Name>o</Name>"},
    /* whoever is hidden is not quoted; the other is */
    {{RECTIFY("Person[2]/Name", "x"), RECTIFY("Person[1]/Name", "y")}, 2, 2, "1:n ", "<Name>n",
	"<Name>y"},
    {{RECTIFY("Person[2]/No", "x")}, 1, 2, "", "<No>", "<Name>n"},
};

static void corrected_content_is_shown(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof shows / sizeof shows[0]; i++) {
		struct rxp_xml *xml = parse(CONTENT);
		struct rxp_buf out;

		told[0] = '\0';
		rxp_buf_init(&out, 1000);
		assert_int_equal(rxp_correction_show(rxp_xml_root(xml), shows[i].corrected,
				     shows[i].n, shows[i].hidden, tell, NULL),
		    0);
		assert_int_equal(rxp_xml_c14n(&out, xml, rxp_xml_root(xml)), 0);
		assert_int_equal(rxp_buf_putc(&out, '\0'), 0);
		assert_string_equal(told, shows[i].told);
		assert_null(strstr((const char *)out.data, shows[i].gone));
		assert_non_null(strstr((const char *)out.data, shows[i].there));
		rxp_buf_free(&out);
		rxp_xml_free(xml);
	}
}

static void no_more_than_is_shown(void **unused)
{
	static const struct rxp_corrected one = RECTIFY("Last", "x");
	struct rxp_corrected many[RXP_MAX_CORRECTED + 1];
	struct rxp_xml *xml = parse(CONTENT);

	(void)unused;
	for (size_t i = 0; i <= RXP_MAX_CORRECTED; i++)
		many[i] = one;
	told[0] = '\0';
	assert_int_equal(
	    rxp_correction_show(rxp_xml_root(xml), many, RXP_MAX_CORRECTED + 1, 0, tell, NULL),
	    RXP_ERR_BOUND);
	assert_string_equal(told, "");
	rxp_xml_free(xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(items_are_read),
	    cmocka_unit_test(other_items_are_not),
	    cmocka_unit_test(no_more_items_than_there_can_be),
	    cmocka_unit_test(answers_are_read),
	    cmocka_unit_test(words_there_and_back),
	    cmocka_unit_test(files_of_fields),
	    cmocka_unit_test(corrected_content_is_shown),
	    cmocka_unit_test(no_more_than_is_shown),
	};

	return cmocka_run_group_tests(tests, library_begin, library_end);
}
