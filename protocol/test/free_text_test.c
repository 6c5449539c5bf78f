/*
 * Goals:
 *  - every text in the schemas that is no closed list, number, date, digest or id is in free_text.def with a
 *    reason, and every row of it is in a schema: a new text cannot come in unseen (RXP-SAF-028);
 *  - a name is treated in one way, wherever it stands;
 *  - every element that is a country is one to the safeguards (RXP-SAF-014).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "protocol/xml/schema_data.h"

#define MAX_SCHEMAS 64
#define MAX_ROWS 512

static const struct {
	const char *place, *name, *treatment, *reason;
} rows[] = {
#define FREE_TEXT(place, name, treatment, reason) {place, name, #treatment, reason},
#include "protocol/safeguard/free_text.def"
#undef FREE_TEXT
};
#define N_ROWS (sizeof rows / sizeof rows[0])

/* Simple types that leave nothing to say, though they list no values. */
static const char *const closed_types[] = {
    "Time", "Date", "PartialDate", "Day", /* days and hours */
    "Number", "Position", "Count", "AttachmentNumber", "ItemNumber", "PersonKey", /* numbers */
    "MessageId", "RandomId", "Digest", "DigestOrNothing",
    "Salt", /* random, or computed from what is there */
    "Base64", "Part", "Certificate",
    "PublicKey", /* sealed objects and keys, which have their own rules */
    "Party", "Country", "LanguageTag", "Language",
    "Script", /* codes of public lists, of at most 10 letters */
    "Telephone", /* digits */
    "Article", "OfficerPseudonym", /* numbers, and letters too few for a word */
};

/* The same without a name of their own: digits all of them. */
static const struct {
	const char *place, *name;
} closed_places[] = {
    {"Counting", "@cutOff"},
    {"Evidence", "@list"},
    {"StatisticsReport", "Period"},
    {"LocalTime", "Local"},
    {"LocalTime", "Offset"},
    {"Description", "HeightCentimetres"},
};

static const char *const countries[] = {
#define COUNTRY(name, meant) name,
#include "protocol/safeguard/safeguard.def"
};

static struct {
	xmlDoc *docs[MAX_SCHEMAS];
	size_t n;
	bool used[MAX_ROWS]; /* rows */
	unsigned wrong, texts;
} walk;

static bool is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* An attribute's value without copying: schemas have no entities in them. */
static const char *value(const xmlNode *node, const char *attribute)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		if (strcmp((const char *)a->name, attribute) == 0)
			return a->children == NULL ? "" : (const char *)a->children->content;
	return NULL;
}

static const xmlNode *below(const xmlNode *node, const char *name)
{
	for (const xmlNode *c = node->children; c != NULL; c = c->next) {
		const xmlNode *found = is(c, name) ? c : below(c, name);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static const xmlNode *type_of_name(const char *kind, const char *name)
{
	for (size_t i = 0; i < walk.n; i++)
		for (const xmlNode *c = xmlDocGetRootElement(walk.docs[i])->children; c != NULL;
		     c = c->next)
			if (is(c, kind) && value(c, "name") != NULL &&
			    strcmp(value(c, "name"), name) == 0)
				return c;
	return NULL;
}

static bool is_closed_name(const char *type)
{
	for (size_t i = 0; i < sizeof closed_types / sizeof closed_types[0]; i++)
		if (strcmp(closed_types[i], type) == 0)
			return true;
	return strcmp(type, "xs:long") == 0 || strcmp(type, "xs:int") == 0 ||
	       strcmp(type, "xs:boolean") == 0;
}

static bool is_open_type(const char *name);

static bool is_open_simple(const xmlNode *simple)
{
	const xmlNode *restriction = below(simple, "restriction");
	const char *base = restriction == NULL ? NULL : value(restriction, "base");

	if (below(simple, "enumeration") != NULL)
		return false;
	return base == NULL || strcmp(base, "xs:string") == 0 || is_open_type(base);
}

static bool is_open_type(const char *name)
{
	const xmlNode *simple = type_of_name("simpleType", name);

	if (is_closed_name(name))
		return false;
	if (simple != NULL)
		return is_open_simple(simple);
	return type_of_name("complexType", name) == NULL;
}

/* The nearest thing around it that has a name. */
static const char *place_of(const xmlNode *node)
{
	for (node = node->parent; node != NULL && node->type == XML_ELEMENT_NODE;
	     node = node->parent)
		if (value(node, "name") != NULL)
			return value(node, "name");
	return "";
}

/* Is what is listed this element, or this attribute? */
static bool is_listed(const char *listed_place, const char *listed_name, const char *place,
    const char *name, bool is_attribute)
{
	return strcmp(listed_place, place) == 0 && (listed_name[0] == '@') == is_attribute &&
	       strcmp(listed_name + is_attribute, name) == 0;
}

static void found_text(const char *place, const char *name, bool is_attribute)
{
	walk.texts++;
	for (size_t i = 0; i < sizeof closed_places / sizeof closed_places[0]; i++)
		if (is_listed(
			closed_places[i].place, closed_places[i].name, place, name, is_attribute))
			return;
	for (size_t i = 0; i < N_ROWS; i++) {
		if (is_listed(rows[i].place, rows[i].name, place, name, is_attribute)) {
			walk.used[i] = true;
			return;
		}
	}
	print_message("%s/%s%s: not in free_text.def\n", place, is_attribute ? "@" : "", name);
	walk.wrong++;
}

static void visit(const xmlNode *node)
{
	const char *name = value(node, "name");
	const char *type = value(node, "type");

	if ((is(node, "element") || is(node, "attribute")) && name != NULL) {
		const xmlNode *simple = node->children;

		while (simple != NULL && !is(simple, "simpleType"))
			simple = simple->next;
		if ((type != NULL && is_open_type(type)) ||
		    (simple != NULL && is_open_simple(simple)))
			found_text(place_of(node), name, is(node, "attribute"));
	}
	/* what extends a text is a text, named like its type or its element */
	if (is(node, "extension") && is_open_type(value(node, "base")))
		found_text(place_of(node), place_of(node), false);
	for (const xmlNode *c = node->children; c != NULL; c = c->next)
		if (c->type == XML_ELEMENT_NODE)
			visit(c);
}

static void test_every_text_is_listed(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < walk.n; i++)
		visit(xmlDocGetRootElement(walk.docs[i]));
	for (size_t i = 0; i < N_ROWS; i++) {
		if (!walk.used[i]) {
			print_message("%s/%s: in no schema\n", rows[i].place, rows[i].name);
			walk.wrong++;
		}
		assert_true(strlen(rows[i].reason) > 8);
	}
	assert_true(walk.texts > 40);
	assert_int_equal(walk.wrong, 0);
}

/* Body is that of an answer or a descriptor, which no safeguard looks at. */
static void test_one_treatment(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < N_ROWS; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(rows[i].name, rows[k].name) == 0 &&
			    strcmp(rows[i].treatment, rows[k].treatment) != 0 &&
			    strcmp(rows[i].place, "Body") != 0 &&
			    strcmp(rows[k].place, "Body") != 0)
				fail_msg("%s is %s and %s", rows[i].name, rows[i].treatment,
				    rows[k].treatment);
}

/* Is this the type Country, or one that extends it? */
static bool is_country(const char *type)
{
	const xmlNode *complex = type_of_name("complexType", type);
	const xmlNode *extension = complex == NULL ? NULL : below(complex, "extension");

	return strcmp(type, "Country") == 0 ||
	       (extension != NULL && strcmp(value(extension, "base"), "Country") == 0);
}

static void visit_countries(const xmlNode *node, unsigned *n)
{
	const char *type = value(node, "type");
	bool listed = false;

	if (is(node, "element") && type != NULL && is_country(type)) {
		for (size_t i = 0; i < sizeof countries / sizeof countries[0]; i++)
			listed |= strcmp(countries[i], value(node, "name")) == 0;
		if (!listed)
			fail_msg("%s/%s", place_of(node), value(node, "name"));
		++*n;
	}
	if (is(node, "attribute") && type != NULL && is_country(type))
		fail_msg("%s/@%s: an attribute", place_of(node), value(node, "name"));
	for (const xmlNode *c = node->children; c != NULL; c = c->next)
		if (c->type == XML_ELEMENT_NODE)
			visit_countries(c, n);
}

static void test_every_country_is_listed(void **unused)
{
	unsigned n = 0;

	(void)unused;
	for (size_t i = 0; i < walk.n; i++)
		visit_countries(xmlDocGetRootElement(walk.docs[i]), &n);
	assert_true(n >= 5);
}

static int set_up(void **unused)
{
	(void)unused;
	for (const struct rxp_embedded *e = rxp_embedded_schemas; e->name != NULL; e++) {
		if (walk.n == MAX_SCHEMAS || N_ROWS > MAX_ROWS)
			return -1;
		walk.docs[walk.n] = xmlReadMemory(
		    (const char *)e->octets, (int)e->len, e->name, NULL, XML_PARSE_NONET);
		if (walk.docs[walk.n++] == NULL)
			return -1;
	}
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	while (walk.n > 0)
		xmlFreeDoc(walk.docs[--walk.n]);
	xmlCleanupParser();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_text_is_listed),
	    cmocka_unit_test(test_one_treatment),
	    cmocka_unit_test(test_every_country_is_listed),
	};

	return cmocka_run_group_tests_name("free text", tests, set_up, tear_down);
}
