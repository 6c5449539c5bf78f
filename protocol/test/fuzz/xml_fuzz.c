/*
 * Input: octets that are to be XML of the strict profile, in each of the three places where it is read.
 * Promise: the canonical form of what is accepted is accepted again and is its own canonical form.
 * seeds: protocol/test/fuzz/corpus/document protocol/test/fuzz/corpus/descriptor
 */
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/limits.h"
#include "protocol/test/fuzz/fuzz.h"
#include "protocol/xml/xml.h"

#define MAX_CANONICAL_OCTETS (16UL * RXP_MAX_ENVELOPE_OCTETS) /* `>` is written as `&gt;` */

static void canonical_form(struct rxp_buf *out, struct rxp_xml *xml)
{
	rxp_buf_init(out, MAX_CANONICAL_OCTETS);
	MUST(rxp_xml_c14n(out, xml, rxp_xml_root(xml)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	static const enum rxp_xml_kind kinds[] = {RXP_XML_ENVELOPE, RXP_XML_SEALED, RXP_XML_BODY};

	fuzz_state();
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct rxp_xml *xml = NULL, *again = NULL;
		struct rxp_buf first, second;

		if (rxp_xml_parse(&xml, octets, len, RXP_MAX_ENVELOPE_OCTETS, kinds[i]) != 0)
			continue;
		canonical_form(&first, xml);
		MUST(rxp_xml_parse(&again, first.data, first.len, MAX_CANONICAL_OCTETS, kinds[i]) ==
		     0);
		canonical_form(&second, again);
		MUST(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
		rxp_buf_free(&first);
		rxp_buf_free(&second);
		rxp_xml_free(xml);
		rxp_xml_free(again);
	}
	return 0;
}
