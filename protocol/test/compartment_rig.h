/*
 * compartment_rig - compartments closed for the offices of QRB, in a Document of QRA.
 *
 * For one test program each: the offices are its own variables, made by set_up().
 */
#ifndef COMPARTMENT_RIG_H
#define COMPARTMENT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/document/compartment.h"
#include "protocol/envelope/encrypted.h"
#include "protocol/init.h"
#include "protocol/test/example.h"
#include "protocol/test/fixture.h"
#include "protocol/test/offices.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

#define TRANSIT "transit-application.xml"
#define REFERRAL "reintegration-referral.xml"
#define NEEDS(codes) \
	"<X xmlns=\"urn:rxp:1:body\"><ForHealth><HealthNeeds>" codes \
	"</HealthNeeds></ForHealth></X>"

static const uint8_t salt[RXP_SALT_OCTETS] = {
    0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const struct rxp_binding binding = {"QRA", "QRB", salt};
static struct offices offices;

static inline struct rxp_buf closed(const struct rxp_buf *content)
{
	struct rxp_buf out;

	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(
	    rxp_compartments_close(&out, content, &binding, &offices.keys, &test_random), 0);
	return out;
}

static inline struct rxp_buf closed_text(const char *text)
{
	struct rxp_buf content = fixture_text(text);
	struct rxp_buf out = closed(&content);

	rxp_buf_free(&content);
	return out;
}

static inline const struct _xmlNode *compartment_in(const struct rxp_xml *xml)
{
	const struct _xmlNode *e = rxp_xml_root(xml);

	while (e != NULL && strncmp(rxp_xml_name(e), "For", 3) != 0)
		e = rxp_xml_below(rxp_xml_root(xml), e);
	assert_non_null(e);
	return e;
}

static inline int known_to(const struct rxp_buf *octets, const struct rxp_office_keys *own)
{
	struct rxp_xml *xml = example_parse(octets);
	const struct _xmlNode *at = NULL;
	int rc = rxp_compartments_known(&at, rxp_xml_root(xml), own);

	assert_true((rc != 0) == (at != NULL));
	rxp_xml_free(xml);
	return rc;
}

static inline int set_up(void **unused)
{
	(void)unused;
	if (rxp_init() != 0)
		return -1;
	offices_make(&offices);
	return 0;
}

static inline int tear_down(void **unused)
{
	(void)unused;
	offices_clear(&offices);
	rxp_cleanup();
	return 0;
}

#endif
