/*
 * Goals:
 *  - RXP-PRF-027: an office, a crossing point of each State and a fallback that the profile lists is agreed, its twin
 *    that differs in one thing is not; where the profile has no such list, anything is;
 *  - RXP-PRF-020: the fallback is that of the requested State named, else that of any;
 *  - each row of listed.def is found in the content of a document, and its like elsewhere is not.
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
#include "protocol/case/listed.h"
#include "protocol/test/library.h"
#include "protocol/test/terms_file.h"
#include "protocol/xml/xml.h"

#define CONTENT_MAX 1024

static const char *const parties[2] = {"QRA", "QRB"}; /* QRA asks */
static const char *const swapped[2] = {"QRB", "QRA"};
static struct rxp_profile p;

static void read_profile(const char *name)
{
	struct rxp_buf octets = terms_read(name);

	assert_int_equal(rxp_profile_draft(&p, octets.data, octets.len, NULL), 0);
	rxp_buf_free(&octets);
}

static bool agreed(enum rxp_listed_kind kind, const char *parent, const char *named)
{
	const struct rxp_listed_row *row = rxp_listed_find(kind, parent);

	assert_non_null(row);
	return rxp_listed_agreed(&p, parties, row, named);
}

static void test_offices(void **unused)
{
	(void)unused;
	read_profile("generic-test");
	assert_true(agreed(RXP_LISTED_OFFICE, "Contact", "CONSULAR"));
	assert_false(agreed(RXP_LISTED_OFFICE, "Contact", "HEALTH"));
	p.offices.n = 0;
	assert_true(agreed(RXP_LISTED_OFFICE, "Contact", "HEALTH"));
}

static void test_crossing_points(void **unused)
{
	const struct rxp_listed_row *arrival = rxp_listed_find(RXP_LISTED_POINT, "Arrival");

	(void)unused;
	read_profile("generic-test");
	assert_true(agreed(RXP_LISTED_POINT, "Arrival", "iata:ZNT"));
	assert_false(agreed(RXP_LISTED_POINT, "Arrival", "icao:ZNT"));
	assert_false(agreed(RXP_LISTED_POINT, "Arrival", "iata:ZNU"));
	assert_false(agreed(RXP_LISTED_POINT, "Departure", "iata:ZNT")); /* it lies in QRB */
	assert_true(agreed(RXP_LISTED_POINT, "Departure", "icao:QASC"));
	assert_false(rxp_listed_agreed(&p, swapped, arrival, "iata:ZNT"));
	assert_true(rxp_listed_agreed(&p, swapped, arrival, "icao:QASC"));
	assert_true(agreed(RXP_LISTED_POINT, "Delivered", "iata:ZNT"));
	assert_true(agreed(RXP_LISTED_POINT, "Delivered", "icao:QASC"));
	assert_false(agreed(RXP_LISTED_POINT, "Delivered", "iata:ZNU"));
}

/* The profile says nothing of the points of one State. */
static void test_crossing_points_of_one_state(void **unused)
{
	(void)unused;
	read_profile("generic-test");
	for (size_t i = 0; i < p.crossing_points.n; i++)
		if (strcmp(p.crossing_points.rows[i].party, "QRA") == 0)
			memcpy(p.crossing_points.rows[i].party, "QRC", sizeof "QRC");
	assert_true(agreed(RXP_LISTED_POINT, "Departure", "iata:ZNU"));
	assert_false(agreed(RXP_LISTED_POINT, "Arrival", "iata:ZNU"));
	assert_true(agreed(RXP_LISTED_POINT, "Delivered", "iata:ZNU")); /* perhaps in QRA */
}

static void test_fallbacks(void **unused)
{
	(void)unused;
	read_profile("generic-test");
	assert_true(agreed(RXP_LISTED_FALLBACK, "Person", "eu-standard-document"));
	assert_false(agreed(RXP_LISTED_FALLBACK, "Person", "reply"));
	p.fallbacks.rows[0].by = RXP_FALLBACK_NONE;
	assert_false(agreed(RXP_LISTED_FALLBACK, "Person", "eu-standard-document"));
	p.fallbacks.rows[0].by = RXP_FALLBACK_UNKNOWN;
	assert_true(agreed(RXP_LISTED_FALLBACK, "Person", "reply"));
	p.fallbacks.n = 0;
	assert_true(agreed(RXP_LISTED_FALLBACK, "Person", "reply"));
	assert_int_equal(rxp_listed_fallback(&p, "QRB"), RXP_WORD_ABSENT);
	read_profile("turkey");
	assert_int_equal(rxp_listed_fallback(&p, "TUR"), RXP_FALLBACK_REPLY);
	assert_int_equal(rxp_listed_fallback(&p, "NLD"), RXP_FALLBACK_EU_STANDARD);
}

/* --- in a document ------------------------------------------------------------------------- */

static const char *leaf_of(enum rxp_listed_kind kind)
{
	static const char *const leaves[RXP_LISTED_KIND_COUNT] = {
	    [RXP_LISTED_OFFICE] = "<Office>BORDER</Office>",
	    [RXP_LISTED_POINT] =
		"<CrossingPoint scheme=\"iata\" code=\"ZNT\">Somewhere</CrossingPoint>",
	    [RXP_LISTED_FALLBACK] = "<Fallback>reply</Fallback>",
	};

	return leaves[kind];
}

static const char *value_of(enum rxp_listed_kind kind)
{
	static const char *const values[RXP_LISTED_KIND_COUNT] = {
	    [RXP_LISTED_OFFICE] = "BORDER",
	    [RXP_LISTED_POINT] = "iata:ZNT",
	    [RXP_LISTED_FALLBACK] = "reply",
	};

	return values[kind];
}

static struct rxp_xml *parsed(const char *text)
{
	struct rxp_xml *xml = NULL;

	assert_int_equal(
	    rxp_xml_parse(&xml, (const uint8_t *)text, strlen(text), CONTENT_MAX, RXP_XML_BODY), 0);
	return xml;
}

static void test_each_row_is_found(void **unused)
{
	const struct rxp_listed_row *row, *found;

	(void)unused;
	for (size_t i = 0; (row = rxp_listed_row(i)) != NULL; i++) {
		char text[CONTENT_MAX], value[RXP_LISTED_TEXT];
		const struct _xmlNode *element;
		struct rxp_xml *xml;

		snprintf(text, sizeof text,
		    "<Content xmlns=\"urn:rxp:1:body\"><Other>%s</Other><%s>%s</%s></Content>",
		    leaf_of(row->kind), row->parent, leaf_of(row->kind), row->parent);
		xml = parsed(text);
		element = rxp_listed_next(&found, rxp_xml_root(xml), rxp_xml_root(xml));
		assert_non_null(element);
		assert_ptr_equal(found, row);
		assert_int_equal(rxp_listed_value(value, row, element), 0);
		assert_string_equal(value, value_of(row->kind));
		assert_null(rxp_listed_next(&found, rxp_xml_root(xml), element));
		rxp_xml_free(xml);
	}
}

static void test_what_has_no_form(void **unused)
{
	static const char *const wrong[] = {
	    "<Arrival xmlns=\"urn:rxp:1:body\"><CrossingPoint scheme=\"iata\">X</CrossingPoint></Arrival>",
	    "<Arrival xmlns=\"urn:rxp:1:body\"><CrossingPoint scheme=\"iata\" "
	    "code=\"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDE\">X</CrossingPoint></Arrival>"};
	const struct rxp_listed_row *row;
	char value[RXP_LISTED_TEXT];

	(void)unused;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct rxp_xml *xml = parsed(wrong[i]);
		const struct _xmlNode *element =
		    rxp_listed_next(&row, rxp_xml_root(xml), rxp_xml_root(xml));

		assert_non_null(element);
		assert_int_equal(rxp_listed_value(value, row, element), RXP_ERR_SCHEMA);
		rxp_xml_free(xml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_offices),
	    cmocka_unit_test(test_crossing_points),
	    cmocka_unit_test(test_crossing_points_of_one_state),
	    cmocka_unit_test(test_fallbacks),
	    cmocka_unit_test(test_each_row_is_found),
	    cmocka_unit_test(test_what_has_no_form),
	};

	return cmocka_run_group_tests_name("listed", tests, library_begin, library_end);
}
