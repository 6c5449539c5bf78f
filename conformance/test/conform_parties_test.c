/*
 * Goals:
 * - the other party that cases name is for tests, and neither the State that is played nor the product, whichever codes these have
 * - what names it changes a Document and its Envelope for each of them
 *
 * links: conform
 */
#include "conformance/state/parties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/message/changes.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/ident.h"
#include "protocol/init.h"

#define NOW_MS 1795428000000LL /* 2026-11-23T10:00:00.000Z */

static const char *const codes[] = {"QMA", "QMY", "QMZ", "QNY", "QZZ"};
#define CODES (sizeof codes / sizeof codes[0])

static struct state *states[CODES];
static struct product *products[CODES];

static int make(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	for (size_t i = 0; i < CODES; i++) {
		uint8_t root[32];

		assert_int_equal(
		    state_invent(&states[i], codes[i], "https://127.0.0.1:1", NOW_MS), 0);
		keypair_pin(&states[i]->root, root);
		assert_int_equal(product_open(&products[i], states[i]->descriptor.data,
				     states[i]->descriptor.len, root),
		    0);
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < CODES; i++) {
		product_free(products[i]);
		state_free(states[i]);
	}
	return 0;
}

static void assert_names_another(const struct parties *p)
{
	static draft_change *const inside[] = {change_from_other_inside, change_to_other_inside};
	static draft_change *const outside[] = {change_from_other, change_to_other};
	const char *other = parties_other(p);

	assert_true(rxp_party_is_test(other));
	assert_string_not_equal(other, p->own->party);
	assert_string_not_equal(other, product_party(p->product));
	for (size_t i = 0; i < 2; i++) {
		struct draft d;

		assert_int_equal(draft_begin(&d, p, BASE_PING, NOW_MS), 0);
		assert_int_equal(draft_make(&d, NULL), 0);
		assert_int_equal(inside[i](&d), 0);
		assert_int_equal(outside[i](&d), 0);
		assert_string_equal(i == 0 ? d.header.outer.from : d.header.outer.to, other);
		draft_clear(&d);
	}
}

static void test_neither_of_both(void **state)
{
	(void)state;
	for (size_t own = 0; own < CODES; own++)
		for (size_t product = 0; product < CODES; product++)
			if (own != product)
				assert_names_another(
				    &(struct parties){states[own], products[product]});
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_neither_of_both)};

	return cmocka_run_group_tests(tests, make, end);
}
