/*
 * Goals
 * - the vectors of RFC 4648 both ways, and every length up to 100 octets;
 * - each other spelling of a value is refused: white space, missing padding, stray bits, other
 *   alphabets, the wrong case, the wrong length; and nothing is written then;
 * - big-endian integers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

static void base64_vectors(void **state)
{
	static const char *const vectors[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
	    {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
	    {"\xfb\xff\xbf", "+/+/"}};

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		const char *octets = vectors[i][0];
		const char *text = vectors[i][1];
		struct rxp_buf out;

		rxp_buf_init(&out, 100);
		assert_int_equal(rxp_base64_put(&out, (const uint8_t *)octets, strlen(octets)), 0);
		assert_int_equal(out.len, strlen(text));
		assert_int_equal(out.len, RXP_BASE64_LENGTH(strlen(octets)));
		assert_int_equal(rxp_base64_get(&out, text, strlen(text)), 0);
		assert_int_equal(out.len, strlen(text) + strlen(octets));
		if (out.len > 0)
			assert_memory_equal(out.data, text, strlen(text));
		if (out.len > 0)
			assert_memory_equal(out.data + strlen(text), octets, strlen(octets));
		rxp_buf_free(&out);
	}
}

static void base64_round_trips(void **state)
{
	uint8_t octets[100];
	uint8_t back[100];

	(void)state;
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)(i * 167 + 13);
	for (size_t len = 1; len <= sizeof octets; len++) {
		struct rxp_buf text;

		rxp_buf_init(&text, 200);
		assert_int_equal(rxp_base64_put(&text, octets, len), 0);
		assert_int_equal(rxp_buf_putc(&text, '\0'), 0);
		assert_int_equal(rxp_base64_get_exact(back, len, (const char *)text.data), 0);
		assert_memory_equal(back, octets, len);
		rxp_buf_free(&text);
	}
}

static void base64_refused(void **state)
{
	static const char *const refused[] = {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zg==\n",
	    "\nZg==", "Z g=", "Zg==Zg==", "=Zg=", "Z===", "====", "Zm9v-_==", "Zm9*", "Zm9\xc3"};
	uint8_t out[1] = {0x5a};
	struct rxp_buf buf;

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		rxp_buf_init(&buf, 100);
		rxp_buf_puts(&buf, "before");
		assert_int_equal(
		    rxp_base64_get(&buf, refused[i], strlen(refused[i])), RXP_ERR_SYNTAX);
		assert_int_equal(buf.len, strlen("before"));
		rxp_buf_free(&buf);
		assert_int_equal(rxp_base64_get_exact(out, 1, refused[i]), RXP_ERR_SYNTAX);
	}
	assert_int_equal(rxp_base64_get_exact(out, 1, ""), RXP_ERR_SYNTAX);
	assert_int_equal(rxp_base64_get_exact(out, 1, "Zm8="), RXP_ERR_SYNTAX);
	assert_int_equal(out[0], 0x5a);
	assert_int_equal(rxp_base64_get_exact(out, 1, "Zg=="), 0);
	assert_int_equal(out[0], 'f');
	rxp_buf_init(&buf, 2);
	assert_int_equal(rxp_base64_get(&buf, "Zm9v", 4), RXP_ERR_BOUND);
	rxp_buf_free(&buf);
	rxp_buf_init(&buf, 3);
	assert_int_equal(rxp_base64_put(&buf, (const uint8_t *)"f", 1), RXP_ERR_BOUND);
	rxp_buf_free(&buf);
}

static void hexadecimal(void **state)
{
	static const char *const refused[] = {"", "00ff7", "00ff7f0", "00ff7f00", "00FF7f",
	    "00 f7f", "0x00ff", "00ff7g", "00ff7\xff"};
	static const uint8_t octets[] = {0x00, 0xff, 0x7f};
	char text[7];
	uint8_t back[3] = {9, 9, 9};

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_int_equal(rxp_hex_get(back, 3, refused[i], false), RXP_ERR_SYNTAX);
	assert_int_equal(rxp_hex_get(back, 3, "00ff7f", true), RXP_ERR_SYNTAX);
	assert_int_equal(back[0], 9);
	rxp_hex_put(text, octets, 3, false);
	assert_string_equal(text, "00ff7f");
	assert_int_equal(rxp_hex_get(back, 3, text, false), 0);
	assert_memory_equal(back, octets, 3);
	rxp_hex_put(text, octets, 3, true);
	assert_string_equal(text, "00FF7F");
	assert_int_equal(rxp_hex_get(back, 3, text, true), 0);
	assert_memory_equal(back, octets, 3);
}

static void integers(void **state)
{
	static const uint8_t octets[] = {0xff, 2, 3, 4, 5, 6, 7, 8};

	(void)state;
	assert_true(rxp_u32_get(octets) == 0xff020304U);
	assert_true(rxp_u64_get(octets) == 0xff02030405060708ULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base64_vectors),
	    cmocka_unit_test(base64_round_trips),
	    cmocka_unit_test(base64_refused),
	    cmocka_unit_test(hexadecimal),
	    cmocka_unit_test(integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
