/*
 * Goals:
 *  - the embedded schemas compile, each namespace has one, others are RXP_ERR_UNSUPPORTED;
 *  - each shared type admits its canonical form and no other;
 *  - a violation is reported with line, path of names and a fixed text, once for each element, and
 *    never with a value, a foreign name or an attribute's value;
 *  - one element can be validated by itself;
 *  - the lists that stand both in a table of the library and in a schema are the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"
#include "protocol/message/answer.h"
#include "protocol/test/library.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/schema_data.h"
#include "protocol/xml/xml.h"

#define MAX_OCTETS 8192
#define DIGEST "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
#define TIME "2026-11-23T10:00:00.000Z"
#define ID "019aafe2-5c00-7d31-9a0e-2f6b1c9d7e55"

/* A Refusal that satisfies its schema, with one hole for a test's own octets. */
#define REFUSAL(before, hole) \
	"<Refusal xmlns=\"urn:rxp:1:refusal\"><Header Id=\"header\"><MessageId>" ID \
	"</MessageId>\n" \
	"<From>QRB</From><To>QRA</To><Created>" TIME "</Created></Header><Body Id=\"body\">\n" \
	"<EnvelopeDigest>" DIGEST "</EnvelopeDigest>" before \
	"<Code>gap</Code><Class>later</Class>" hole \
	"</Body><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"></ds:Signature></Refusal>"

struct seen {
	int n;
	unsigned long line;
	char path[512], text[128];
};

static void note(void *arg, unsigned long line, const char *path, const char *text)
{
	struct seen *seen = arg;

	if (seen->n++ > 0)
		return;
	seen->line = line;
	snprintf(seen->path, sizeof seen->path, "%s", path);
	snprintf(seen->text, sizeof seen->text, "%s", text);
}

static struct rxp_xml *parse(const char *text)
{
	struct rxp_xml *xml = NULL;

	assert_int_equal(
	    rxp_xml_parse(&xml, (const uint8_t *)text, strlen(text), MAX_OCTETS, RXP_XML_BODY), 0);
	return xml;
}

static int validate(const char *text, struct seen *seen)
{
	struct rxp_xml *xml;
	int rc;

	/* Only sealed objects may carry Id; that kind of parsing tells them from others. */
	rc = rxp_xml_parse(&xml, (const uint8_t *)text, strlen(text), MAX_OCTETS, RXP_XML_SEALED);
	if (rc != 0)
		xml = parse(text);
	*seen = (struct seen){0};
	rc = rxp_schema_validate(xml, note, seen);
	rxp_xml_free(xml);
	return rc;
}

static void every_namespace_has_its_schema(void **state)
{
	static const char *const roots[] = {"document:Document", "receipt:Receipt",
	    "refusal:Refusal", "identity:Identity", "working:Working", "descriptor:Descriptor",
	    "body:Ping"};
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
		const char *name = strchr(roots[i], ':') + 1;
		char text[128];

		snprintf(text, sizeof text, "<%s xmlns=\"urn:rxp:1:%.*s\"></%s>", name,
		    (int)(name - roots[i] - 1), roots[i], name);
		assert_int_equal(
		    validate(text, &seen), strcmp(name, "Ping") == 0 ? 0 : RXP_ERR_SCHEMA);
	}
	assert_int_equal(
	    validate("<Ping xmlns=\"urn:rxp:1:bodies\"/>", &seen), RXP_ERR_UNSUPPORTED);
	assert_int_equal(validate("<Ping/>", &seen), RXP_ERR_UNSUPPORTED);
}

static void reports_name_places_and_no_values(void **state)
{
	static const struct {
		const char *octets, *path, *text;
		unsigned long line;
	} cases[] = {
	    {REFUSAL("", ""), NULL, NULL, 0},
	    {REFUSAL("", "<Place>Body/Person/*</Place>"), NULL, NULL, 0},
	    {REFUSAL("", "<Place>Person[1]</Place>"), "Refusal/Body/Place",
		"not of the required form", 3},
	    /* breaks a pattern and a length: told once */
	    {REFUSAL("", "<Working></Working>"), "Refusal/Body/Working", "too short", 3},
	    {REFUSAL("", "<Requirement>secret</Requirement>"), "Refusal/Body/Requirement",
		"not of the required form", 3},
	    {REFUSAL("", "secret"), "Refusal/Body", "must hold no text between elements", 2},
	    {REFUSAL("", "<Secret>1</Secret>"), "Refusal/Body/*",
		"an element is missing, misplaced or not allowed here", 3},
	    {REFUSAL("", "<LogHead>1</LogHead>"), "Refusal/Body/LogHead",
		"an element is missing, misplaced or not allowed here", 3},
	    {REFUSAL("", "<secret-1.x/>"), "Refusal/Body/*",
		"an element is missing, misplaced or not allowed here", 3},
	    {REFUSAL("", "<RetryAt secret=\"secret\">" TIME "</RetryAt>"), "Refusal/Body/RetryAt",
		"has an attribute that is not allowed", 3},
	    {REFUSAL("", "<RetryAt>" TIME "<X/></RetryAt>"), "Refusal/Body/RetryAt",
		"must hold text only", 3},
	};
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int rc = validate(cases[i].octets, &seen);

		if (cases[i].path == NULL) {
			assert_int_equal(rc, 0);
			assert_int_equal(seen.n, 0);
			continue;
		}
		assert_int_equal(rc, RXP_ERR_SCHEMA);
		assert_int_equal(seen.n, 1);
		assert_int_equal(seen.line, cases[i].line);
		assert_string_equal(seen.path, cases[i].path);
		assert_string_equal(seen.text, cases[i].text);
		assert_null(strstr(seen.text, "ecret"));
	}
}

/* The type of each field, and forms that it must not admit. */
static void types_admit_one_form(void **state)
{
	static const char *const bad[] = {
	    REFUSAL("", "<RetryAt>2026-11-23T10:00:00Z</RetryAt>"),
	    REFUSAL("", "<RetryAt>2026-11-23T10:00:00.000+00:00</RetryAt>"),
	    REFUSAL("", "<RetryAt>2026-11-23T24:00:00.000Z</RetryAt>"),
	    REFUSAL("", "<RetryAt>2026-11-23T10:00:60.000Z</RetryAt>"),
	    REFUSAL("", "<RetryAt>1969-11-23T10:00:00.000Z</RetryAt>"),
	    REFUSAL("", "<RetryAt> " TIME "</RetryAt>"),
	    REFUSAL("", "<RetryAt>" TIME "\n</RetryAt>"),
	    REFUSAL("<Fingerprint>q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJB=</Fingerprint>", ""),
	    REFUSAL("<Fingerprint>q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA</Fingerprint>", ""),
	    REFUSAL("<Fingerprint>q83vEjRWeJCrze8SNFZ4kKvN7xI0Vni Qq83vEjRWeJA=</Fingerprint>", ""),
	    REFUSAL("", "<Working></Working>"),
	    REFUSAL("", "<Working>AAAA=A==</Working>"),
	    REFUSAL("", "<Requirement>RXP-DSC-1</Requirement>"),
	    REFUSAL("", "<Requirement>RXP-DSC-0011</Requirement>"),
	    REFUSAL("", "<Place>/Body</Place>"),
	    REFUSAL("", "<Place>Body//Person</Place>"),
	    REFUSAL("", "<Place></Place>"),
	};
	static const char *const good[] = {
	    REFUSAL("", "<RetryAt>9999-12-31T23:59:59.999Z</RetryAt>"),
	    REFUSAL("<Fingerprint>" DIGEST "</Fingerprint>", ""),
	    REFUSAL("", "<Working>AAAA</Working>"),
	    REFUSAL("", "<Requirement>RXP-HTTP-001</Requirement><Place>Body</Place>"),
	};
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(validate(bad[i], &seen), RXP_ERR_SCHEMA);
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_int_equal(validate(good[i], &seen), 0);
}

static void an_element_is_validated_by_itself(void **state)
{
	struct rxp_xml *xml = parse("<Outer xmlns=\"urn:test\">\n<Ping xmlns=\"urn:rxp:1:body\"/>"
				    "<Ping xmlns=\"urn:rxp:1:body\">\n<Secret/></Ping></Outer>");
	struct _xmlNode *good = rxp_xml_first(rxp_xml_root(xml));
	struct _xmlNode *bad = rxp_xml_next(good);
	struct seen seen = {0};

	(void)state;
	assert_int_equal(rxp_schema_validate_element(good, note, &seen), 0);
	assert_int_equal(seen.n, 0);
	assert_int_equal(rxp_schema_validate_element(bad, note, &seen), RXP_ERR_SCHEMA);
	assert_int_equal(strncmp(seen.path, "Ping", 4), 0);
	assert_true(seen.line >= 2);
	assert_int_equal(rxp_schema_validate_element(good, note, &seen), 0);
	rxp_xml_free(xml);
}

static int schema_has(const char *file, const char *value)
{
	for (const struct rxp_embedded *e = rxp_embedded_schemas; e->name != NULL; e++) {
		char want[64];

		snprintf(want, sizeof want, "<xs:enumeration value=\"%s\"/>", value);
		if (strcmp(e->name, file) == 0)
			return memmem(e->octets, e->len, want, strlen(want)) != NULL;
	}
	return 0;
}

static void lists_are_the_same_on_both_sides(void **state)
{
	static const char *const offices[] = {
#define OFFICE(name) name,
#include "protocol/message/office.def"
#undef OFFICE
	};

	(void)state;
	for (unsigned i = 0; i < RXP_LEVEL_COUNT; i++)
		assert_true(schema_has("rxp-types.xsd", rxp_level_name((enum rxp_level)i)));
	for (size_t i = 0; i < sizeof offices / sizeof offices[0]; i++)
		assert_true(schema_has("rxp-types.xsd", offices[i]));
	for (unsigned i = 0; i < RXP_COMPARTMENT_COUNT; i++)
		assert_true(
		    schema_has("identity.xsd", rxp_compartment_office((enum rxp_compartment)i)));
	for (unsigned i = RXP_CLASS_NEVER; i <= RXP_CLASS_LATER; i++)
		assert_true(
		    schema_has("refusal.xsd", rxp_refusal_class_name((enum rxp_refusal_class)i)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_namespace_has_its_schema),
	    cmocka_unit_test(reports_name_places_and_no_values),
	    cmocka_unit_test(types_admit_one_form),
	    cmocka_unit_test(an_element_is_validated_by_itself),
	    cmocka_unit_test(lists_are_the_same_on_both_sides),
	};

	return cmocka_run_group_tests(tests, library_begin, library_end);
}
