/*
 * Goals
 * - UUIDs of both versions carry time, version and variant, and what the source of randomness gave;
 * - their one text form is read and every other is refused, untouched;
 * - party codes and the range of test codes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/random.h"

static int fill(void *arg, uint8_t *out, size_t len)
{
	memset(out, *(const uint8_t *)arg, len);
	return 0;
}

static int fail_to_fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	(void)out;
	(void)len;
	return RXP_ERR_IO;
}

static void made_ids(void **state)
{
	uint8_t octet = 0xff;
	struct rxp_random random = {.fill = fill, .arg = &octet};
	struct rxp_random broken = {.fill = fail_to_fill};
	uint8_t id[RXP_ID_OCTETS];
	char text[RXP_ID_TEXT];

	(void)state;
	assert_int_equal(rxp_id_make_v7(id, 0x019aafe25c00LL, &random), 0);
	rxp_id_text(text, id);
	assert_string_equal(text, "019aafe2-5c00-7fff-bfff-ffffffffffff");
	assert_int_equal(rxp_id_make_v4(id, &random), 0);
	rxp_id_text(text, id);
	assert_string_equal(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
	octet = 0;
	assert_int_equal(rxp_id_make_v4(id, &random), 0);
	rxp_id_text(text, id);
	assert_string_equal(text, "00000000-0000-4000-8000-000000000000");
	assert_int_equal(rxp_id_make_v7(id, 1, &broken), RXP_ERR_CRYPTO);
	assert_int_equal(rxp_id_make_v4(id, &broken), RXP_ERR_CRYPTO);
	rxp_id_text(text, id);
	assert_string_equal(text, "00000000-0000-4000-8000-000000000000");
}

static void id_texts(void **state)
{
	static const char good[] = "019aafe2-5c00-7d31-9a0e-2f6b1c9d7e55";
	static const char *const refused[] = {"", "019AAFE2-5c00-7d31-9a0e-2f6b1c9d7e55",
	    "019aafe2-5c00-4d31-9a0e-2f6b1c9d7e55", "019aafe2-5c00-7d31-1a0e-2f6b1c9d7e55",
	    "019aafe2-5c00-7d31-ca0e-2f6b1c9d7e55", "019aafe25c007d319a0e2f6b1c9d7e55",
	    "019aafe2-5c00-7d31-9a0e-2f6b1c9d7e5", "019aafe2-5c00-7d31-9a0e-2f6b1c9d7e555",
	    "019aafe25-c00-7d31-9a0e-2f6b1c9d7e55", " 19aafe2-5c00-7d31-9a0e-2f6b1c9d7e55",
	    "{19aafe2-5c00-7d31-9a0e-2f6b1c9d7e5}", "019aafe2_5c00-7d31-9a0e-2f6b1c9d7e55"};
	uint8_t id[RXP_ID_OCTETS] = {0x5a};
	char text[RXP_ID_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_int_equal(rxp_id_parse(id, refused[i], 7), RXP_ERR_SYNTAX);
	assert_int_equal(rxp_id_parse(id, good, 4), RXP_ERR_SYNTAX);
	assert_int_equal(id[0], 0x5a);
	assert_int_equal(rxp_id_parse(id, good, 7), 0);
	rxp_id_text(text, id);
	assert_string_equal(text, good);
}

static void parties(void **state)
{
	static const char *const invalid[] = {
	    "", "Q", "QR", "QRAB", "qra", "QR1", "QR ", " QR", "Q\xc3\x84"};
	static const char *const test[] = {"QMA", "QRA", "QRB", "QZZ"};
	static const char *const real[] = {"UTO", "XKX", "QAT", "QLZ", "RMA", "AQM"};

	(void)state;
	for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
		assert_false(rxp_party_valid(invalid[i]));
		assert_false(rxp_party_is_test(invalid[i]));
	}
	for (size_t i = 0; i < sizeof test / sizeof test[0]; i++)
		assert_true(rxp_party_valid(test[i]) && rxp_party_is_test(test[i]));
	for (size_t i = 0; i < sizeof real / sizeof real[0]; i++)
		assert_true(rxp_party_valid(real[i]) && !rxp_party_is_test(real[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(made_ids),
	    cmocka_unit_test(id_texts),
	    cmocka_unit_test(parties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
