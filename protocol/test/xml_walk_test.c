/*
 * Goals
 * - accessors and the walk return what stands there;
 * - the walk's errors are sticky, and leave what they should have filled as it was;
 * - a number has one form.
 */
#include "protocol/test/xml_rig.h"

static void accessors(void **state)
{
	struct rxp_xml *xml =
	    parse("<A xmlns=\"" NS "\">\n<B a=\"x&amp;y\" b=\"\">t&lt;\xc3\xa9</B>\n"
		  "<C xmlns=\"\"/>text<D><E/></D></A>");
	struct _xmlNode *a = rxp_xml_root(xml);
	struct _xmlNode *b = rxp_xml_first(a);
	struct _xmlNode *c = rxp_xml_next(b);
	struct _xmlNode *d = rxp_xml_next(c);
	struct rxp_buf text;

	(void)state;
	assert_string_equal(rxp_xml_name(a), "A");
	assert_string_equal(rxp_xml_namespace(b), NS);
	assert_string_equal(rxp_xml_namespace(c), "");
	assert_true(rxp_xml_is(b, NS, "B") && rxp_xml_is(c, "", "C") && !rxp_xml_is(c, NS, "C"));
	assert_true(rxp_xml_line(a) == 1 && rxp_xml_line(b) == 2 && rxp_xml_line(d) == 3);
	assert_null(rxp_xml_next(d));
	assert_null(rxp_xml_first(c));
	assert_string_equal(rxp_xml_attribute(b, "a"), "x&y");
	assert_string_equal(rxp_xml_attribute(b, "b"), "");
	assert_null(rxp_xml_attribute(b, "c"));
	rxp_buf_init(&text, 5);
	assert_int_equal(rxp_xml_text(&text, b), 0);
	assert_int_equal(text.len, 4);
	assert_memory_equal(text.data, "t<\xc3\xa9", 4);
	assert_int_equal(rxp_xml_text(&text, c), 0);
	assert_int_equal(rxp_xml_text(&text, d), RXP_ERR_STRUCTURE);
	assert_int_equal(rxp_xml_text(&text, b), RXP_ERR_BOUND);
	rxp_buf_free(&text);
	rxp_xml_free(xml);
	rxp_xml_free(NULL);
}

#define WALKED \
	"<A xmlns=\"" NS "\"><Text>abc</Text><Time>2026-11-23T10:00:00.000Z</Time>" \
	"<Id>019aafe2-5c00-7d31-9a0e-2f6b1c9d7e55</Id><Party>QRA</Party>" \
	"<Octets>AAEC</Octets><Base64>AAECAw==</Base64><Number>42</Number></A>"

static void a_whole_walk(void **state)
{
	static const uint8_t want[] = {0, 1, 2, 3};
	struct rxp_xml *xml = parse(WALKED);
	struct rxp_walk w;
	struct rxp_buf base64;
	uint8_t id[16];
	uint8_t octets[3];
	uint64_t number = 0;
	int64_t time = 0;
	char text[4];
	char party[4];

	(void)state;
	rxp_buf_init(&base64, 4);
	rxp_walk_init(&w, rxp_xml_root(xml), NS);
	assert_true(rxp_walk_at(&w, "Text"));
	assert_false(rxp_walk_at(&w, "Time"));
	assert_int_equal(rxp_walk_text(&w, "Text", text, sizeof text), 0);
	assert_string_equal(text, "abc");
	assert_int_equal(rxp_walk_time(&w, "Time", &time), 0);
	assert_true(time == 1795428000000LL);
	assert_int_equal(rxp_walk_id(&w, "Id", id, 7), 0);
	assert_int_equal(id[0], 0x01);
	assert_int_equal(rxp_walk_party(&w, "Party", party), 0);
	assert_string_equal(party, "QRA");
	assert_int_equal(rxp_walk_octets(&w, "Octets", octets, sizeof octets), 0);
	assert_memory_equal(octets, want, 3);
	assert_int_equal(rxp_walk_base64(&w, "Base64", &base64), 0);
	assert_memory_equal(base64.data, want, 4);
	assert_int_equal(rxp_walk_number(&w, "Number", &number, 42), 0);
	assert_true(number == 42);
	assert_int_equal(rxp_walk_end(&w), 0);
	assert_null(rxp_walk_element(&w, "More"));
	assert_int_equal(rxp_walk_end(&w), RXP_ERR_STRUCTURE);
	rxp_buf_free(&base64);
	rxp_xml_free(xml);
}

static void walk_errors_are_sticky(void **state)
{
	struct rxp_xml *xml = parse(WALKED);
	struct rxp_walk w;
	char small[3] = "--";
	char text[8] = "--";

	(void)state;
	rxp_walk_init(&w, rxp_xml_root(xml), NS);
	assert_int_equal(rxp_walk_text(&w, "Text", small, sizeof small), RXP_ERR_SYNTAX);
	assert_string_equal(small, "--");
	assert_false(rxp_walk_at(&w, "Time"));
	assert_null(rxp_walk_element(&w, "Time"));
	assert_int_equal(rxp_walk_end(&w), RXP_ERR_SYNTAX);
	rxp_walk_init(&w, rxp_xml_root(xml), "urn:other");
	assert_int_equal(rxp_walk_text(&w, "Text", text, sizeof text), RXP_ERR_STRUCTURE);
	rxp_walk_init(&w, rxp_xml_root(xml), NS);
	assert_non_null(rxp_walk_element(&w, "Text"));
	assert_int_equal(rxp_walk_end(&w), RXP_ERR_STRUCTURE);
	assert_string_equal(text, "--");
	rxp_xml_free(xml);
}

static int number_of(const char *text, uint64_t *out, uint64_t max)
{
	struct rxp_buf whole;
	struct rxp_xml *xml;
	struct rxp_walk w;
	int rc;

	rxp_buf_init(&whole, 1000);
	rxp_buf_puts(&whole, "<A><N>");
	rxp_buf_puts(&whole, text);
	rxp_buf_put(&whole, "</N></A>", 9);
	xml = parse((const char *)whole.data);
	rxp_walk_init(&w, rxp_xml_root(xml), "");
	rc = rxp_walk_number(&w, "N", out, max);
	rxp_xml_free(xml);
	rxp_buf_free(&whole);
	return rc;
}

static void numbers(void **state)
{
	static const char *const refused[] = {
	    "", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "1e1", "0x1", "18446744073709551616"};
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_int_equal(number_of(refused[i], &n, UINT64_MAX), RXP_ERR_SYNTAX);
	assert_int_equal(number_of("101", &n, 100), RXP_ERR_SYNTAX);
	assert_int_equal(number_of("9", &n, 5), RXP_ERR_SYNTAX);
	assert_true(n == 7);
	assert_int_equal(number_of("100", &n, 100), 0);
	assert_true(n == 100);
	assert_int_equal(number_of("0", &n, 0), 0);
	assert_true(n == 0);
	assert_int_equal(number_of("18446744073709551615", &n, UINT64_MAX), 0);
	assert_true(n == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(accessors),
	    cmocka_unit_test(a_whole_walk),
	    cmocka_unit_test(walk_errors_are_sticky),
	    cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
