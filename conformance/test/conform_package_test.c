/*
 * Goals, for what makes the vectors package the same at each time:
 * - signatures are those that RFC 6979 lists for P-256, of each digest that the suite seals with;
 * - a fixed stream is the same again after the same seed, another after another, and the digests that its header says;
 * - a key pair that was made under a seed is made again, certificate and signatures octet for octet, and verifies.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "conformance/state/chance.h"
#include "conformance/state/ecdsa.h"
#include "conformance/state/keypair.h"
#include "protocol/base/codec.h"
#include "protocol/init.h"
#include "protocol/seal/cert.h"

#define NOW_MS 1795428000000

/* RFC 6979, appendix A.2.5. */
static void signatures_are_those_of_the_rfc(void **state)
{
	static const char d[] = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
	static const struct {
		const char *md, *message, *r, *s;
	} rows[] = {
	    {"SHA1", "sample", "61340C88C3AAEBEB4F6D667F672CA9759A6CCAA9FA8811313039EE4A35471D32",
		"6D7F147DAC089441BB2E2FE8F7A3FA264B9C475098FDCF6E00D7C996E1B8B7EB"},
	    {"SHA256", "sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
		"F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"},
	    {"SHA512", "sample", "8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00",
		"2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE"},
	    {"SHA256", "test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
		"019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"},
	};
	uint8_t scalar[ECDSA_HALF_OCTETS], pair[2 * ECDSA_HALF_OCTETS], wanted[sizeof pair];
	EVP_PKEY *key;

	(void)state;
	assert_int_equal(rxp_hex_get(scalar, sizeof scalar, d, true), 0);
	key = keypair_key_of(scalar);
	assert_non_null(key);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(ecdsa_sign(pair, key, EVP_get_digestbyname(rows[i].md),
				     (const uint8_t *)rows[i].message, strlen(rows[i].message)),
		    0);
		assert_int_equal(rxp_hex_get(wanted, ECDSA_HALF_OCTETS, rows[i].r, true), 0);
		assert_int_equal(
		    rxp_hex_get(wanted + ECDSA_HALF_OCTETS, ECDSA_HALF_OCTETS, rows[i].s, true), 0);
		assert_memory_equal(pair, wanted, sizeof pair);
	}
	EVP_PKEY_free(key);
}

static void a_stream_follows_from_its_seed(void **state)
{
	static const char text[] = "seed\0\0\0\0\0\0\0\1";
	uint8_t first[70], again[sizeof first], second[ECDSA_HALF_OCTETS];

	(void)state;
	chance_fix("seed");
	assert_int_equal(chance()->fill(NULL, first, sizeof first), 0);
	chance_fix("seed");
	for (size_t i = 0; i < sizeof again; i++)
		assert_int_equal(chance()->fill(NULL, again + i, 1), 0);
	assert_memory_equal(first, again, sizeof first);
	assert_int_equal(EVP_Digest(text, sizeof text - 1, second, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(first + sizeof second, second, sizeof second);
	chance_fix("sees");
	assert_int_equal(chance()->fill(NULL, again, sizeof again), 0);
	assert_memory_not_equal(first, again, sizeof first);
	chance_fix(NULL);
	assert_int_equal(chance()->fill(NULL, first, sizeof first), 0);
	assert_int_equal(chance()->fill(NULL, again, sizeof again), 0);
	assert_memory_not_equal(first, again, sizeof first);
}

static void a_key_pair_is_made_again(void **state)
{
	struct keypair one = {0}, other = {0};
	const uint8_t *der, *again;
	size_t len, again_len;

	(void)state;
	chance_fix("a key");
	assert_int_equal(keypair_make(&one, "QMA", "seal", NOW_MS), 0);
	chance_fix("a key");
	assert_int_equal(keypair_make(&other, "QMA", "seal", NOW_MS), 0);
	chance_fix(NULL);
	der = rxp_cert_der(one.cert, &len);
	again = rxp_cert_der(other.cert, &again_len);
	assert_int_equal(len, again_len);
	assert_memory_equal(der, again, len);
	assert_int_equal(X509_verify(one.certificate, one.key), 1);
	keypair_clear(&other);
	assert_int_equal(keypair_make(&other, "QMA", "seal", NOW_MS), 0);
	again = rxp_cert_der(other.cert, &again_len);
	assert_false(len == again_len && memcmp(der, again, len) == 0);
	keypair_clear(&one);
	keypair_clear(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signatures_are_those_of_the_rfc),
	    cmocka_unit_test(a_stream_follows_from_its_seed),
	    cmocka_unit_test(a_key_pair_is_made_again),
	};

	return rxp_init() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
