/*
 * xml_rig - librxp on for a test program, and a sealed object parsed from a literal.
 */
#ifndef TEST_XML_RIG_H
#define TEST_XML_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/init.h"
#include "protocol/xml/xml.h"

#define NS "urn:rxp:1:document"

static inline int setup(void **state)
{
	(void)state;
	return rxp_init();
}

static inline int teardown(void **state)
{
	(void)state;
	rxp_cleanup();
	return 0;
}

/* rxp_xml_free() it. */
static inline struct rxp_xml *parse(const char *text)
{
	struct rxp_xml *xml = NULL;

	assert_int_equal(rxp_xml_parse(&xml, (const uint8_t *)text, strlen(text),
			     RXP_MAX_ENVELOPE_OCTETS, RXP_XML_SEALED),
	    0);
	return xml;
}

#endif
