/*
 * Goals:
 * - a picture for a product's desk has as many octets as were asked for, and nothing that RXP-ATT-022 does not allow;
 * - no two are the same.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/message/picture.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/media/media.h"

#define MAX_OCTETS (2UL * RXP_SEGMENT_OCTETS)

static void make(struct rxp_buf *out, size_t octets)
{
	rxp_buf_init(out, MAX_OCTETS);
	assert_int_equal(picture_make(out, octets), 0);
	assert_int_equal(out->len, octets);
}

static void pictures_are_clean(void **state)
{
	static const size_t lengths[] = {PICTURE_LEAST, PICTURE_LEAST + 1, 3000, 4095, 4096, 5000,
	    5001, 5002, 5003, 5004, 5005, 5006, RXP_SEGMENT_OCTETS, RXP_SEGMENT_OCTETS + 5000};

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct rxp_media *scan = NULL;
		struct rxp_buf picture;

		make(&picture, lengths[i]);
		assert_int_equal(rxp_media_new(&scan, rxp_media_row("image/jpeg")), 0);
		assert_int_equal(rxp_media_put(scan, picture.data, picture.len), 0);
		assert_int_equal(rxp_media_end(scan), 0);
		rxp_media_free(scan);
		rxp_buf_free(&picture);
	}
}

static void pictures_differ(void **state)
{
	struct rxp_buf one, other;

	(void)state;
	make(&one, 5000);
	make(&other, 5000);
	assert_memory_not_equal(one.data, other.data, one.len);
	rxp_buf_free(&one);
	rxp_buf_free(&other);
}

static void too_small_or_large(void **state)
{
	struct rxp_buf out;

	(void)state;
	rxp_buf_init(&out, 8 * MAX_OCTETS);
	assert_int_equal(picture_make(&out, PICTURE_LEAST - 1), RXP_ERR_BOUND);
	assert_int_equal(picture_make(&out, 4 * MAX_OCTETS), RXP_ERR_BOUND);
	assert_int_equal(out.len, 0);
	rxp_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pictures_are_clean),
	    cmocka_unit_test(pictures_differ),
	    cmocka_unit_test(too_small_or_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
