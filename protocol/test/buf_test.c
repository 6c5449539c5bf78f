/*
 * Goals
 * - a buffer holds what was put, up to its maximum exactly and never more;
 * - its first error sticks until reset, and nothing is put after it;
 * - what was put can be taken back, and is wiped then;
 * - integers are big-endian and XML text is escaped as canonical XML wants it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

static void up_to_the_maximum(void **state)
{
	struct rxp_buf b;

	(void)state;
	rxp_buf_init(&b, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(rxp_buf_putc(&b, (uint8_t)i), 0);
	assert_int_equal(b.len, 1000);
	assert_int_equal(rxp_buf_putc(&b, 1), RXP_ERR_BOUND);
	assert_int_equal(b.len, 1000);
	assert_true(b.cap <= b.max);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(b.data[i], (uint8_t)i);
	rxp_buf_free(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	assert_int_equal(rxp_buf_put(&b, "abc", 3), 0);
	rxp_buf_free(&b);
	rxp_buf_free(NULL);
}

static void errors_stick(void **state)
{
	struct rxp_buf b;
	uint8_t *room = NULL;

	(void)state;
	rxp_buf_init(&b, 4);
	assert_int_equal(rxp_buf_puts(&b, "abc"), 0);
	assert_int_equal(rxp_buf_puts(&b, "de"), RXP_ERR_BOUND);
	assert_int_equal(rxp_buf_puts(&b, "d"), RXP_ERR_BOUND);
	assert_int_equal(rxp_buf_put(&b, "", 0), RXP_ERR_BOUND);
	assert_int_equal(rxp_buf_put_u32(&b, 1), RXP_ERR_BOUND);
	assert_int_equal(rxp_buf_room(&b, 1, &room), RXP_ERR_BOUND);
	assert_null(room);
	assert_int_equal(rxp_buf_error(&b), RXP_ERR_BOUND);
	assert_int_equal(b.len, 3);
	rxp_buf_reset(&b);
	assert_int_equal(rxp_buf_error(&b), 0);
	assert_int_equal(rxp_buf_puts(&b, "wxyz"), 0);
	assert_memory_equal(b.data, "wxyz", 4);
	rxp_buf_free(&b);
}

static void what_was_put_is_taken_back(void **state)
{
	struct rxp_buf b;

	(void)state;
	rxp_buf_init(&b, 4);
	assert_int_equal(rxp_buf_puts(&b, "abcd"), 0);
	rxp_buf_cut(&b, 1);
	assert_int_equal(b.len, 1);
	assert_memory_equal(b.data, "a\0\0\0", 4);
	rxp_buf_cut(&b, 1);
	assert_int_equal(rxp_buf_puts(&b, "xyz"), 0);
	assert_memory_equal(b.data, "axyz", 4);
	rxp_buf_free(&b);
}

static void nothing_is_nothing(void **state)
{
	struct rxp_buf b;
	uint8_t *room = (uint8_t *)&b;

	(void)state;
	rxp_buf_init(&b, 0);
	assert_int_equal(rxp_buf_put(&b, NULL, 0), 0);
	assert_int_equal(rxp_buf_puts(&b, ""), 0);
	assert_int_equal(rxp_buf_room(&b, 0, &room), 0);
	assert_null(room);
	assert_null(b.data);
	assert_int_equal(rxp_buf_putc(&b, 0), RXP_ERR_BOUND);
	rxp_buf_free(&b);
}

static void room_is_filled_by_the_caller(void **state)
{
	struct rxp_buf b;
	uint8_t *room;

	(void)state;
	rxp_buf_init(&b, 600);
	assert_int_equal(rxp_buf_puts(&b, "head"), 0);
	assert_int_equal(rxp_buf_room(&b, 500, &room), 0);
	memset(room, 'x', 500);
	assert_int_equal(b.len, 504);
	assert_memory_equal(b.data, "headx", 5);
	assert_int_equal(b.data[503], 'x');
	rxp_buf_free(&b);
}

static void big_endian(void **state)
{
	static const uint8_t want[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
	struct rxp_buf b;

	(void)state;
	rxp_buf_init(&b, 12);
	assert_int_equal(rxp_buf_put_u32(&b, 0x01020304), 0);
	assert_int_equal(rxp_buf_put_u64(&b, 0x05060708090a0b0cULL), 0);
	assert_memory_equal(b.data, want, sizeof want);
	rxp_buf_free(&b);
}

static void xml_text(void **state)
{
	static const char want[] = "a&lt;b&gt;&amp;\"'&#xD;\n\t\xc3\xa9";
	struct rxp_buf b;

	(void)state;
	rxp_buf_init(&b, 100);
	assert_int_equal(rxp_buf_put_xml(&b, "a<b>&\"'\r\n\t\xc3\xa9"), 0);
	assert_int_equal(b.len, sizeof want - 1);
	assert_memory_equal(b.data, want, sizeof want - 1);
	rxp_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(up_to_the_maximum),
	    cmocka_unit_test(errors_stick),
	    cmocka_unit_test(what_was_put_is_taken_back),
	    cmocka_unit_test(nothing_is_nothing),
	    cmocka_unit_test(room_is_filled_by_the_caller),
	    cmocka_unit_test(big_endian),
	    cmocka_unit_test(xml_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
