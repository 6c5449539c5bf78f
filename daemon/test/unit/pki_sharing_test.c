/*
 * Goals of the sharing of octets (certs/POLICY.md, Escrow):
 * - shares that another program made (gfsplit of libgfshare 2.0.0, secrets and output below) give its secret back;
 * - any m of n give the secret, and each further share, and m - 1 of them do not;
 * - m - 1 shares say nothing: over all random octets each value of them comes equally often, whatever the secret is.
 * links: certs
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "certs/sharing.h"
#include "daemon/test/unit/dice.h"
#include "protocol/base/codec.h"

#define LEN_MAX 32

struct vector {
	const char *secret;
	struct {
		unsigned number;
		const char *octets;
	} share[9];
	unsigned n;
};

/* n are needed: `gfsplit -n 2 -m 3 FILE`, which chooses the numbers itself. */
static const struct vector vectors[] = {
    {"000102feff", {{72, "5052c5e4a6"}, {230, "7d8516cb57"}}, 2},
    {"68656c6c6f20776f726c6420736563726574",
	{{25, "327ee0a5e9492d371ab0aee6007d1c23c78c"},
	    {162, "f45fd25913a9eb6bb78c85b68c8beb6041cc"},
	    {197, "b5ce973d5f5daadc38816c519297fb5327eb"}},
	2},
    {"dcef461c036a6d10261f57cfa6a97105d5447115ab490c64",
	{{1, "2efd222c278e70d6776f4f6a95adeff569f4a8741563f8e5"},
	    {48, "0fc115c12b23c461e7e392a8bde83d8e29bb0ffd70e86f9c"},
	    {56, "507b67f9f8b9d9654c5a5cad388dcecad56eb0fe9b5767f6"},
	    {57, "6c057f06171570c4367dda9c93fc5d0f77d2513a442070e4"},
	    {72, "1267f575634b48953a6a2d871e72ff6598299fd27523b2a1"},
	    {119, "d23f9adc4bff479096c1b5907b06b8fb236c032f8a2d8186"},
	    {173, "92828d98e61ba568e7c81cc65912028bedb6c1ae0d758c1a"},
	    {225, "90fb34b4567fcccd86d27f664953d58f039e62f6ab0fa9c4"},
	    {230, "1ce0e6c7618213dd618156e130cba227608149303cea2844"}},
	5},
};

static size_t octets(uint8_t out[LEN_MAX], const char *text)
{
	char digits[2 * LEN_MAX + 1] = "";
	size_t n = 0;

	for (; *text != '\0'; text++)
		if (*text != ' ')
			digits[n++] = *text;
	assert_int_equal(rxp_hex_get(out, n / 2, digits, false), 0);
	return n / 2;
}

static void test_vectors(void **state)
{
	(void)state;
	for (size_t v = 0; v < sizeof vectors / sizeof vectors[0]; v++) {
		uint8_t secret[LEN_MAX], out[LEN_MAX], share[9][LEN_MAX];
		struct sharing_share shares[9] = {{0, NULL}};
		size_t len = octets(secret, vectors[v].secret);
		unsigned n = 0;

		for (; n < 9 && vectors[v].share[n].octets != NULL; n++) {
			assert_int_equal(octets(share[n], vectors[v].share[n].octets), len);
			shares[n] = (struct sharing_share){vectors[v].share[n].number, share[n]};
		}
		for (unsigned first = 0; first + vectors[v].n <= n; first++) {
			sharing_at(out, 0, shares + first, vectors[v].n, len);
			assert_memory_equal(out, secret, len);
			sharing_at(out, shares[0].number, shares + first, vectors[v].n, len);
			assert_memory_equal(out, share[0], len);
		}
		sharing_at(out, 0, shares, vectors[v].n - 1, len);
		assert_memory_not_equal(out, secret, len);
	}
}

/* Each m of n, for all counts up to 6. */
static void test_any(void **state)
{
	uint8_t secret[LEN_MAX], random[6 * LEN_MAX], share[6][LEN_MAX], out[LEN_MAX];

	(void)state;
	dice_start();
	for (size_t i = 0; i < sizeof secret; i++)
		secret[i] = (uint8_t)dice_roll(256);
	for (size_t i = 0; i < sizeof random; i++)
		random[i] = (uint8_t)dice_roll(256);
	for (unsigned m = 1; m <= 6; m++) {
		for (unsigned i = 0; i < 6; i++)
			sharing_make(share[i], i + 1, secret, sizeof secret, random, m);
		for (unsigned subset = 1; subset < 64; subset++) {
			struct sharing_share shares[6];
			unsigned n = 0;

			for (unsigned i = 0; i < 6; i++)
				if ((subset >> i & 1U) != 0)
					shares[n++] = (struct sharing_share){i + 1, share[i]};
			sharing_at(out, 0, shares, n, sizeof out);
			assert_int_equal(memcmp(out, secret, sizeof out) == 0, n >= m);
		}
	}
}

/* One share of two: for each secret octet, over all random octets, it takes each value once. */
static void test_one_says_nothing(void **state)
{
	(void)state;
	for (unsigned secret = 0; secret < 256; secret++) {
		uint8_t seen[256] = {0};

		for (unsigned r = 0; r < 256; r++) {
			const uint8_t s = (uint8_t)secret, random = (uint8_t)r;
			uint8_t out;

			sharing_make(&out, 2, &s, 1, &random, 2);
			assert_int_equal(seen[out]++, 0);
		}
	}
}

/* Two shares of three: over all pairs of random octets each pair of values comes once. */
static void test_two_say_nothing(void **state)
{
	static const uint8_t secrets[] = {0, 1, 0x53, 0xff};
	static uint8_t seen[65536];

	(void)state;
	for (size_t i = 0; i < sizeof secrets; i++) {
		memset(seen, 0, sizeof seen);
		for (unsigned r = 0; r < 65536; r++) {
			const uint8_t random[2] = {(uint8_t)(r >> 8), (uint8_t)r};
			uint8_t one, other;

			sharing_make(&one, 3, &secrets[i], 1, random, 3);
			sharing_make(&other, 5, &secrets[i], 1, random, 3);
			assert_int_equal(seen[one << 8 | other]++, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vectors),
	    cmocka_unit_test(test_any),
	    cmocka_unit_test(test_one_says_nothing),
	    cmocka_unit_test(test_two_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
