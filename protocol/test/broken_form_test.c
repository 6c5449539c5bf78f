/*
 * Goal: the rules and the safeguards judge a document that breaks its schema without harm to who judges it. Each
 * example, and its manifest, loses each element and each attribute in turn, and has each text and each value
 * replaced; what the library reports then stays within the bound and speaks of places in the document.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/tree.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/rules.h"
#include "protocol/test/example.h"
#include "protocol/test/library.h"
#include "protocol/xml/xml.h"

static const char *const garbage[] = {"", "-", "x", "99999999999", "2024-1", "true", "P0",
    "0000-00-00", "2024-02-30T99:99", "////[[[]]"};
#define GARBAGE (sizeof garbage / sizeof garbage[0])

/* Of one judgement. */
struct reports {
	const char *content; /* name of its root */
	unsigned n;
};

static void note_fault(void *arg, unsigned long line, const char *path, const char *text)
{
	struct reports *r = arg;

	(void)line;
	r->n++;
	assert_true(strncmp(path, r->content, strlen(r->content)) == 0 ||
		    strncmp(path, "Attachments", strlen("Attachments")) == 0);
	assert_true(text[0] != '\0');
}

static void note_broken(void *arg, enum rxp_safeguard rule, unsigned long line, const char *path)
{
	note_fault(arg, line, path, rxp_safeguard_row(rule)->text);
}

static void judge(const char *name, const struct example *e)
{
	const struct _xmlNode *content = rxp_xml_root(e->content);
	const struct _xmlNode *manifest = e->manifest == NULL ? NULL : rxp_xml_root(e->manifest);
	struct rxp_safeguard_context context = example_context(name);
	struct reports faults = {.content = rxp_xml_name(content)};
	struct reports broken = {.content = rxp_xml_name(content)};
	int rc = rxp_rules_check(content, manifest, note_fault, &faults);

	assert_int_equal(rc, faults.n > 0 ? RXP_ERR_SCHEMA : 0);
	assert_in_range(faults.n, 0, RXP_MAX_REPORTS);
	rc = rxp_safeguards_check(&context, content, manifest, note_broken, &broken);
	assert_true(rc == RXP_ERR_NOT_ACCEPTABLE || (rc == 0 && broken.n == 0));
	assert_in_range(broken.n, 0, RXP_MAX_REPORTS);
}

/* The element so many places below the root; NULL if there are fewer. */
static xmlNode *element_at(struct rxp_xml *xml, size_t place)
{
	struct _xmlNode *root = rxp_xml_root(xml);
	struct _xmlNode *element = root;

	while (element != NULL && place-- > 0)
		element = rxp_xml_below(root, element);
	return element;
}

static void remove_element(xmlNode *element)
{
	xmlUnlinkNode(element);
	xmlFreeNode(element);
}

/* Change number n of an element: its removal, each text it may have, then of each attribute the removal and each
 * value. False if there are not so many. */
static bool change(xmlNode *element, size_t n)
{
	xmlAttr *attribute = element->properties;

	if (n == 0) {
		remove_element(element);
		return true;
	}
	if (--n < GARBAGE) {
		xmlNodeSetContent(element, (const xmlChar *)garbage[n]);
		return true;
	}
	for (n -= GARBAGE; attribute != NULL && n > GARBAGE; attribute = attribute->next)
		n -= GARBAGE + 1;
	if (attribute == NULL)
		return false;
	if (n == 0)
		xmlRemoveProp(attribute);
	else
		xmlSetProp(element, attribute->name, (const xmlChar *)garbage[n - 1]);
	return true;
}

/* Each change at one place of the content, or of the manifest. False if there is no such place. */
static bool change_place(const char *name, bool in_manifest, size_t place)
{
	for (size_t n = 0;; n++) {
		struct example e = example_load(name);
		struct rxp_xml *xml = in_manifest ? e.manifest : e.content;
		xmlNode *element = xml == NULL ? NULL : element_at(xml, place);
		bool changed = element != NULL && change(element, n);

		if (changed)
			judge(name, &e);
		example_free(&e);
		if (!changed)
			return n > 0;
	}
}

static void test_whatever_is_broken(void **unused)
{
	struct example_list files = example_list("");
	size_t places = 0;

	(void)unused;
	for (size_t i = 0; i < files.n; i++) {
		for (size_t place = 1; change_place(files.names[i], false, place); place++)
			places++;
		for (size_t place = 1; change_place(files.names[i], true, place); place++)
			places++;
	}
	assert_true(places > files.n);
	example_list_free(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whatever_is_broken),
	};

	return cmocka_run_group_tests_name("broken_form", tests, library_begin, library_end);
}
