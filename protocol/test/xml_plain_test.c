/*
 * Goal: content in whatever markup leaves in one form, which says nothing of its writer (RXP-DOC-016): no prefix and
 * no declaration that is not needed, a line for each element, and every name, attribute and text as before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/test/example.h"
#include "protocol/test/library.h"
#include "protocol/xml/xml.h"

#define NS "urn:rxp:1:body"

static int plain(struct rxp_buf *out, const char *text, size_t len)
{
	struct rxp_xml *xml = NULL;
	int rc;

	assert_int_equal(rxp_xml_parse(&xml, (const uint8_t *)text, len, len, RXP_XML_BODY), 0);
	rc = rxp_xml_plain(xml);
	rxp_buf_init(out, RXP_MAX_DOCUMENT_OCTETS);
	if (rc == 0)
		assert_int_equal(rxp_xml_c14n(out, xml, rxp_xml_root(xml)), 0);
	rxp_xml_free(xml);
	return rc;
}

static void assert_plain(const char *text, const char *want)
{
	struct rxp_buf got;

	assert_int_equal(plain(&got, text, strlen(text)), 0);
	rxp_buf_putc(&got, '\0');
	assert_string_equal(got.data, want);
	rxp_buf_free(&got);
}

static void one_form(void **state)
{
	static const char want[] = "<A xmlns=\"" NS "\">\n  <B>\n    <C k=\"1\">t &amp; u</C>\n"
				   "  </B>\n  <D></D>\n</A>";

	(void)state;
	assert_plain("<A xmlns=\"" NS "\"><B><C k=\"1\">t &amp; u</C></B><D/></A>", want);
	assert_plain(want, want);
	assert_plain(
	    "<x:A xmlns:x=\"" NS "\"><x:B><x:C k='1'>t &#38; u</x:C></x:B><x:D/></x:A>", want);
	assert_plain("<A xmlns=\"" NS "\" xmlns:x=\"" NS "\" xmlns:y=\"urn:y\">\n\n\n<x:B>\t\t"
		     "<C k=\"1\" xmlns:z=\"urn:z\">t &amp; u</C> </x:B><D>  </D> </A>",
	    want);
}

static void other_namespaces(void **state)
{
	(void)state;
	assert_plain("<x:A xmlns:x=\"" NS "\" xmlns:y=\"urn:y\"><y:B><x:C/><y:D/></y:B></x:A>",
	    "<A xmlns=\"" NS "\">\n  <B xmlns=\"urn:y\">\n    <C xmlns=\"" NS
	    "\"></C>\n    <D></D>\n"
	    "  </B>\n</A>");
}

static void no_namespace(void **state)
{
	static const char *const rows[] = {"<A/>", "<x:A xmlns:x=\"" NS "\"><B/></x:A>"};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_buf got;

		assert_int_equal(plain(&got, rows[i], strlen(rows[i])), RXP_ERR_STRUCTURE);
		rxp_buf_free(&got);
	}
}

/* The examples are written in this form. */
static void examples_stay(void **state)
{
	static const char *const names[] = {
	    "application-family.xml", "transfer-notification.xml", "reintegration-referral.xml"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct rxp_buf octets = example_read(names[i]);
		struct rxp_buf want, got;
		struct rxp_xml *xml = NULL;

		assert_int_equal(
		    rxp_xml_parse(&xml, octets.data, octets.len, octets.len, RXP_XML_BODY), 0);
		rxp_buf_init(&want, RXP_MAX_DOCUMENT_OCTETS);
		assert_int_equal(rxp_xml_c14n(&want, xml, rxp_xml_root(xml)), 0);
		assert_int_equal(plain(&got, (const char *)octets.data, octets.len), 0);
		assert_int_equal(got.len, want.len);
		assert_memory_equal(got.data, want.data, want.len);
		rxp_xml_free(xml);
		rxp_buf_free(&octets);
		rxp_buf_free(&want);
		rxp_buf_free(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_form),
	    cmocka_unit_test(other_namespaces),
	    cmocka_unit_test(no_namespace),
	    cmocka_unit_test(examples_stay),
	};

	return cmocka_run_group_tests_name("xml_plain", tests, library_begin, library_end);
}
