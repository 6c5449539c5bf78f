/*
 * box: what was sealed opens again, up to the largest secret; any changed octet, another key, purpose, context or length opens
 * nothing and leaves the output alone; no two boxes are equal.
 * links: sealer
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/sealer/box.h"
#include "daemon/sealer/random.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

static const struct box_ring ring = {.n = 1, .keys = {{.id = {5, 5}, .octets = {1, 2, 3}}}};
static const uint8_t secret[32] = "thirty-two octets of a secret...";
static const struct box_context place = {.octets = {7, 7, 7}, .len = 16};

static void seal(struct rxp_buf *out)
{
	struct rxp_random random = random_source();

	rxp_buf_init(out, 1024);
	assert_int_equal(
	    box_seal(out, &ring, BOX_CONTENT_KEY, &place, secret, sizeof secret, &random), 0);
	assert_int_equal(out->len, BOX_OVERHEAD_OCTETS + sizeof secret);
}

static void opens_again(void **state)
{
	struct rxp_buf box;
	uint8_t opened[sizeof secret];

	(void)state;
	seal(&box);
	assert_int_equal(box_open_exact(opened, sizeof opened, &ring, BOX_CONTENT_KEY, &place,
			     box.data, box.len),
	    0);
	assert_memory_equal(opened, secret, sizeof secret);
	rxp_buf_free(&box);
}

/* Without knowing its length beforehand. */
static void opens_to_any_length(void **state)
{
	static uint8_t large[BOX_MAX_SECRET_OCTETS];
	static const size_t lengths[] = {1, 31, 4097, sizeof large};
	struct rxp_random random = random_source();

	(void)state;
	memset(large, 'x', sizeof large);
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct rxp_buf box;
		struct rxp_buf opened;

		rxp_buf_init(&box, BOX_OVERHEAD_OCTETS + lengths[i]);
		rxp_buf_init(&opened, lengths[i]);
		assert_int_equal(
		    box_seal(&box, &ring, BOX_DRAFT, &place, large, lengths[i], &random), 0);
		assert_int_equal(box_open(&opened, &ring, BOX_TICKET, &place, box.data, box.len),
		    RXP_ERR_DECRYPT);
		assert_int_equal(
		    box_open(&opened, &ring, BOX_DRAFT, &place, box.data, BOX_OVERHEAD_OCTETS - 1),
		    RXP_ERR_DECRYPT);
		assert_int_equal(opened.len, 0);
		assert_int_equal(box_open(&opened, &ring, BOX_DRAFT, &place, box.data, box.len), 0);
		assert_int_equal(opened.len, lengths[i]);
		assert_memory_equal(opened.data, large, lengths[i]);
		rxp_buf_free(&box);
		rxp_buf_free(&opened);
	}
}

static void every_octet_counts(void **state)
{
	struct rxp_buf box;
	uint8_t opened[sizeof secret];
	uint8_t untouched[sizeof secret];

	(void)state;
	seal(&box);
	memset(opened, 0xaa, sizeof opened);
	memcpy(untouched, opened, sizeof opened);
	for (size_t i = 0; i < box.len; i++) {
		box.data[i] ^= 1;
		assert_int_equal(box_open_exact(opened, sizeof opened, &ring, BOX_CONTENT_KEY,
				     &place, box.data, box.len),
		    RXP_ERR_DECRYPT);
		box.data[i] ^= 1;
	}
	assert_memory_equal(opened, untouched, sizeof opened);
	rxp_buf_free(&box);
}

/* One difference each; the last row has none. */
static void only_in_its_place(void **state)
{
	static const struct {
		uint8_t first_of_key;
		enum box_purpose purpose;
		size_t context_len, len, cut;
		int want;
	} rows[] = {
	    {9, BOX_CONTENT_KEY, 16, 32, 0, RXP_ERR_DECRYPT},
	    {1, BOX_AGREEMENT_KEY, 16, 32, 0, RXP_ERR_DECRYPT},
	    {1, BOX_CONTENT_KEY, 15, 32, 0, RXP_ERR_DECRYPT},
	    {1, BOX_CONTENT_KEY, 16, 31, 0, RXP_ERR_DECRYPT},
	    {1, BOX_CONTENT_KEY, 16, 32, 1, RXP_ERR_DECRYPT},
	    {1, BOX_CONTENT_KEY, 16, 32, 61, RXP_ERR_DECRYPT},
	    {1, BOX_CONTENT_KEY, 16, 32, 0, 0},
	};
	struct rxp_buf box;

	(void)state;
	seal(&box);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t opened[sizeof secret];
		struct box_ring other = ring;
		struct box_context context = place;

		other.keys[0].octets[0] = rows[i].first_of_key;
		context.len = rows[i].context_len;
		assert_int_equal(box_open_exact(opened, rows[i].len, &other, rows[i].purpose,
				     &context, box.data, box.len - rows[i].cut),
		    rows[i].want);
	}
	rxp_buf_free(&box);
}

/* The first key of a ring seals, any opens; what another sealed opens with it alone. */
static void every_key_of_a_ring_opens(void **state)
{
	static const struct box_ring next = {.n = 2,
	    .keys = {{.id = {6, 6}, .octets = {4, 4, 4}}, {.id = {5, 5}, .octets = {1, 2, 3}}}};
	struct rxp_random random = random_source();
	struct rxp_buf before, after;
	uint8_t opened[sizeof secret];

	(void)state;
	seal(&before);
	rxp_buf_init(&after, 1024);
	assert_int_equal(box_open_exact(opened, sizeof opened, &next, BOX_CONTENT_KEY, &place,
			     before.data, before.len),
	    0);
	assert_int_equal(
	    box_seal(&after, &next, BOX_CONTENT_KEY, &place, secret, sizeof secret, &random), 0);
	assert_memory_equal(after.data + 1, next.keys[0].id, BOX_ID_OCTETS);
	assert_int_equal(box_open_exact(opened, sizeof opened, &next, BOX_CONTENT_KEY, &place,
			     after.data, after.len),
	    0);
	assert_int_equal(box_open_exact(opened, sizeof opened, &ring, BOX_CONTENT_KEY, &place,
			     after.data, after.len),
	    RXP_ERR_DECRYPT);
	rxp_buf_free(&before);
	rxp_buf_free(&after);
}

static void no_two_are_equal(void **state)
{
	struct rxp_buf one;
	struct rxp_buf two;

	(void)state;
	seal(&one);
	seal(&two);
	assert_memory_not_equal(one.data, two.data, one.len);
	rxp_buf_free(&one);
	rxp_buf_free(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(opens_again),
	    cmocka_unit_test(opens_to_any_length),
	    cmocka_unit_test(every_octet_counts),
	    cmocka_unit_test(only_in_its_place),
	    cmocka_unit_test(every_key_of_a_ring_opens),
	    cmocka_unit_test(no_two_are_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
