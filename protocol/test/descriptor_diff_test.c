/*
 * Goals (RXP-DSC-033):
 *  - between two descriptors each thing that one of them alone says is told once, as new or as gone, and nothing else;
 *  - of a party of which nothing is known all is new; the same descriptor differs in nothing;
 *  - another key of an office that comes to be used is told, though both list both keys;
 *  - an identity file without a working part is compared without agreement keys;
 *  - what the listener returns ends it.
 */
#include "protocol/test/descriptor_rig.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/peering/descriptor_diff.h"

#define TOLD_MAX 64

struct told {
	size_t n;
	unsigned added[RXP_CHANGE_COUNT], gone[RXP_CHANGE_COUNT];
	char last[RXP_CHANGE_COUNT][RXP_CHANGE_TEXT];
	int end;
};

static int note(void *arg, enum rxp_change change, bool added, const char *value)
{
	struct told *t = arg;

	assert_true(t->n++ < TOLD_MAX && value[0] != '\0');
	(added ? t->added : t->gone)[change]++;
	snprintf(t->last[change], sizeof t->last[change], "%s", value);
	return t->end;
}

static struct rxp_descriptor *opened(const struct plan *plan)
{
	struct rxp_descriptor *d = NULL;

	assert_int_equal(open_plan(&d, plan, NULL), 0);
	return d;
}

static struct told differ(const struct plan *before, const struct plan *after)
{
	struct rxp_descriptor *a = before != NULL ? opened(before) : NULL, *b = opened(after);
	struct told t = {0};

	assert_int_equal(rxp_descriptor_diff(a, b, note, &t), 0);
	rxp_descriptor_free(a);
	rxp_descriptor_free(b);
	return t;
}

static void all_is_new(void **state)
{
	struct told t = differ(NULL, &(struct plan){.n = 1});

	(void)state;
	/* root, certificate, two pins, endpoint, three offices, two keys of one, two levels, two agreement keys */
	assert_int_equal(t.n, 15);
	assert_int_equal(t.added[RXP_CHANGE_PIN], 2);
	assert_int_equal(t.added[RXP_CHANGE_OFFICE_KEY_USED], 1);
	assert_int_equal(t.added[RXP_CHANGE_AGREEMENT_KEY], 2);
	assert_string_equal(t.last[RXP_CHANGE_LEVEL], "Transit");
}

static void nothing_differs(void **state)
{
	(void)state;
	assert_int_equal(differ(&(struct plan){.n = 1}, &(struct plan){.n = 1}).n, 0);
	/* Serial and Previous are no change of what it says. */
	assert_int_equal(differ(&(struct plan){.n = 1}, &(struct plan){.n = 3}).n, 0);
	assert_int_equal(
	    differ(&(struct plan){.n = 1, .no_working = true}, &(struct plan){.n = 2}).n, 0);
}

static void another_seal(struct rxp_identity *i, size_t position)
{
	(void)position;
	rxp_buf_reset(&i->certs[0]);
	i->n_certs = 0;
	add_certificate(i, other_seal.cert);
	i->revoked_since_ms = i->created_ms;
}
static void one_pin(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->n_pins = 1;
}
static void pulls(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->n_endpoints = 0;
}
static void fewer_offices(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->n_offices = 2;
	rxp_office_keys_clear(&i->office_keys);
}
static void other_key_first(struct rxp_identity *i, size_t position)
{
	struct rxp_office_key first = i->office_keys.key[0];

	(void)position;
	i->office_keys.key[0] = i->office_keys.key[1];
	i->office_keys.key[1] = first;
}
static void other_level(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->levels = 1U << RXP_LEVEL_CORE | 1U << RXP_LEVEL_DEEMED;
}
static void announce_always(struct rxp_identity *i, size_t position)
{
	(void)position;
	announce(i, 0);
}
static void one_key(struct rxp_working *w)
{
	w->n_keys = 1;
}

static void each_change_is_told(void **state)
{
	static const struct {
		struct plan after;
		enum rxp_change change[3];
		bool added[3];
		size_t n;
	} cases[] = {
	    {{.n = 1, .change = another_seal, .seal = &other_seal},
		{RXP_CHANGE_SEAL, RXP_CHANGE_SEAL, RXP_CHANGE_REVOKED}, {true, false, true}, 3},
	    {{.n = 1, .change = one_pin}, {RXP_CHANGE_PIN}, {false}, 1},
	    {{.n = 1, .change = pulls}, {RXP_CHANGE_ENDPOINT, RXP_CHANGE_PULLS}, {false, true}, 2},
	    {{.n = 1, .change = fewer_offices},
		{RXP_CHANGE_OFFICE, RXP_CHANGE_OFFICE_KEY, RXP_CHANGE_OFFICE_KEY_USED},
		{false, false, false}, 4},
	    {{.n = 1, .change = other_key_first},
		{RXP_CHANGE_OFFICE_KEY_USED, RXP_CHANGE_OFFICE_KEY_USED}, {true, false}, 2},
	    {{.n = 1, .change = other_level}, {RXP_CHANGE_LEVEL, RXP_CHANGE_LEVEL}, {true, false},
		2},
	    {{.n = 1, .change = announce_always}, {RXP_CHANGE_NEXT_ROOT}, {true}, 1},
	    {{.n = 2, .change = announce, .root_of = root_changes},
		{RXP_CHANGE_ROOT, RXP_CHANGE_ROOT}, {true, false}, 2},
	    {{.n = 1, .change_working = one_key}, {RXP_CHANGE_AGREEMENT_KEY}, {false}, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told t = differ(&(struct plan){.n = 1}, &cases[i].after);
		struct told back = differ(&cases[i].after, &(struct plan){.n = 1});

		if (t.n != cases[i].n || back.n != cases[i].n)
			fail_msg("case %zu: %zu and %zu changes", i, t.n, back.n);
		for (size_t k = 0; k < 3 && k < cases[i].n; k++) {
			enum rxp_change change = cases[i].change[k];

			assert_true((cases[i].added[k] ? t.added : t.gone)[change] > 0);
			assert_true((cases[i].added[k] ? back.gone : back.added)[change] > 0);
		}
	}
}

static void values_are_those_compared(void **state)
{
	struct told t = differ(&(struct plan){.n = 1},
	    &(struct plan){.n = 2, .change = announce, .root_of = root_changes});
	struct told made = differ(NULL, &(struct plan){.n = 1, .change = announce_always});
	char digits[RXP_DIGEST_HEX];

	(void)state;
	rxp_hex_put(digits, root_digest, sizeof root_digest, false);
	assert_string_equal(t.last[RXP_CHANGE_ROOT], digits);
	rxp_hex_put(digits, next_root_digest, sizeof next_root_digest, false);
	assert_string_equal(made.last[RXP_CHANGE_NEXT_ROOT], digits);
	assert_string_equal(made.last[RXP_CHANGE_ENDPOINT], "https://127.0.0.1:8443");
}

static void a_listener_ends_it(void **state)
{
	struct rxp_descriptor *d = opened(&(struct plan){.n = 1});
	struct told t = {.end = RXP_ERR_BOUND};

	(void)state;
	assert_int_equal(rxp_descriptor_diff(NULL, d, note, &t), RXP_ERR_BOUND);
	assert_int_equal(t.n, 1);
	rxp_descriptor_free(d);
}

static void rows_have_words(void **state)
{
	(void)state;
	for (int i = 0; i < RXP_CHANGE_COUNT; i++) {
		enum rxp_change change = (enum rxp_change)i;

		assert_true(rxp_change_word(change)[0] != '\0');
		assert_string_not_equal(
		    rxp_change_text(change, true), rxp_change_text(change, false));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_is_new),
	    cmocka_unit_test(nothing_differs),
	    cmocka_unit_test(each_change_is_told),
	    cmocka_unit_test(values_are_those_compared),
	    cmocka_unit_test(a_listener_ends_it),
	    cmocka_unit_test(rows_have_words),
	};

	return cmocka_run_group_tests(tests, descriptor_rig_begin, descriptor_rig_end);
}
