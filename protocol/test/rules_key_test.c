/*
 * Goals:
 *  - the keys of the persons are P1, P2, P3 and so on in every type that opens a case, and rise in every
 *    other type that names persons; a Person that is not one of the content itself is no matter.
 * The other rules are rules_test.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/case_table.h"
#include "protocol/init.h"
#include "protocol/rules.h"
#include "protocol/test/example.h"
#include "protocol/xml.h"

#define CONSECUTIVE "the keys of the persons must be P1, P2, P3 and so on"
#define RISING "each person must be named once, in the order of the keys"

struct keys {
	unsigned consecutive, rising; /* faults */
};

static void note(void *arg, unsigned long line, const char *path, const char *text)
{
	struct keys *k = arg;

	(void)line;
	(void)path;
	k->consecutive += strcmp(text, CONSECUTIVE) == 0;
	k->rising += strcmp(text, RISING) == 0;
}

static struct keys check(enum rxp_type type, const char *inside)
{
	const char *wire = rxp_type_row(type)->wire;
	struct keys k = {0, 0};
	char text[512];
	struct rxp_buf octets;
	struct rxp_xml *xml;

	snprintf(text, sizeof text, "<%s xmlns=\"urn:rxp:1:body\">%s</%s>", wire, inside, wire);
	rxp_buf_init(&octets, sizeof text);
	rxp_buf_puts(&octets, text);
	xml = example_parse(&octets);
	rxp_rules_check(rxp_xml_root(xml), NULL, note, &k);
	rxp_xml_free(xml);
	rxp_buf_free(&octets);
	return k;
}

static void test_keys(void **unused)
{
	static const struct {
		const char *inside;
		unsigned consecutive, rising; /* faults of a type that opens, of another */
	} contents[] = {
	    {"<Person key=\"P1\"/><Person key=\"P2\"/>", 0, 0},
	    {"<Person key=\"P1\"/><Person key=\"P3\"/>", 1, 0},
	    {"<Person key=\"P2\"/><Person key=\"P3\"/>", 1, 0},
	    {"<Person key=\"P2\"/><Person key=\"P1\"/>", 2, 1},
	    {"<Person key=\"P1\"/><Person key=\"P1\"/>", 1, 1},
	    {"<Person key=\"P1\"/><Other><Person key=\"P1\"/></Other>", 0, 0},
	};

	(void)unused;
	for (unsigned type = 0; type < RXP_TYPE_COUNT; type++) {
		const struct rxp_case_type *row = rxp_case_type(type);

		for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
			struct keys k = check(type, contents[i].inside);

			assert_int_equal(k.consecutive, row->opens ? contents[i].consecutive : 0);
			assert_int_equal(k.rising, row->opens ? 0 : contents[i].rising);
		}
	}
}

static int set_up(void **unused)
{
	(void)unused;
	return rxp_init();
}

static int tear_down(void **unused)
{
	(void)unused;
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests_name("rules_key", tests, set_up, tear_down);
}
