/*
 * Goals, for what makes the vectors package the same at each time:
 * - signatures are those that RFC 6979 lists for P-256 and P-384, of each digest that the suite seals with;
 * - a fixed stream is the same again after the same seed, another after another, and the digests that its header says;
 * - a key pair of each kind that was made under a seed is made again, certificate and signatures octet for octet, and verifies.
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
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/init.h"
#include "protocol/seal/signer.h"

#define NOW_MS 1795428000000
#define D_256 "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
#define D_384 \
	"6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5"

/* RFC 6979, appendices A.2.5 and A.2.6. */
static void signatures_are_those_of_the_rfc(void **state)
{
	static const struct {
		enum keypair_kind kind;
		const char *d, *md, *message, *r, *s;
	} rows[] = {
	    {KEYPAIR_P256, D_256, "SHA1", "sample",
		"61340C88C3AAEBEB4F6D667F672CA9759A6CCAA9FA8811313039EE4A35471D32",
		"6D7F147DAC089441BB2E2FE8F7A3FA264B9C475098FDCF6E00D7C996E1B8B7EB"},
	    {KEYPAIR_P256, D_256, "SHA256", "sample",
		"EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
		"F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"},
	    {KEYPAIR_P256, D_256, "SHA512", "sample",
		"8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00",
		"2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE"},
	    {KEYPAIR_P256, D_256, "SHA256", "test",
		"F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
		"019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"},
	    {KEYPAIR_P384, D_384, "SHA384", "sample",
		"94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
		"99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"},
	    {KEYPAIR_P384, D_384, "SHA384", "test",
		"8203B63D3C853E8D77227FB377BCF7B7B772E97892A80F36AB775D509D7A5FEB0542A7F0812998DA8F1DD3CA3CF023DB",
		"DDD0760448D42D8A43AF45AF836FCE4DE8BE06B485E9B61B827C2F13173923E06A739F040649A667BF3B828246BAA5A5"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t scalar[ECDSA_MAX_HALF_OCTETS], pair[2 * ECDSA_MAX_HALF_OCTETS];
		uint8_t wanted[sizeof pair];
		size_t half = strlen(rows[i].d) / 2, pair_len = 0;
		EVP_PKEY *key;

		assert_int_equal(rxp_hex_get(scalar, half, rows[i].d, true), 0);
		key = keypair_key_of(rows[i].kind, scalar);
		assert_non_null(key);
		assert_int_equal(ecdsa_sign(pair, &pair_len, key, EVP_get_digestbyname(rows[i].md),
				     (const uint8_t *)rows[i].message, strlen(rows[i].message)),
		    0);
		assert_int_equal(pair_len, 2 * half);
		assert_int_equal(rxp_hex_get(wanted, half, rows[i].r, true), 0);
		assert_int_equal(rxp_hex_get(wanted + half, half, rows[i].s, true), 0);
		assert_memory_equal(pair, wanted, pair_len);
		EVP_PKEY_free(key);
	}
}

static void a_stream_follows_from_its_seed(void **state)
{
	static const char text[] = "seed\0\0\0\0\0\0\0\1";
	uint8_t first[70], again[sizeof first], second[RXP_DIGEST_OCTETS];

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

/* Made under a seed, or by chance, and a signature by it. */
static void make_pair(struct keypair *k, enum keypair_kind kind, const char *seed,
    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	static const uint8_t octets[] = "octets";
	struct rxp_signer signer;

	chance_fix(seed);
	assert_int_equal(keypair_make_kind(k, kind, "QMA", "seal", NOW_MS), 0);
	chance_fix(NULL);
	assert_int_equal(X509_verify(k->certificate, k->key), 1);
	signer = keypair_signer(k);
	assert_int_equal(signer.sign(signer.arg, octets, sizeof octets, value, value_len), 0);
}

static void a_key_pair_is_made_again(void **state)
{
	static const enum keypair_kind kinds[] = {KEYPAIR_P256, KEYPAIR_P384, KEYPAIR_RSA};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct keypair one = {0}, other = {0};
		uint8_t value[RXP_MAX_SIGNATURE_OCTETS], again[RXP_MAX_SIGNATURE_OCTETS];
		size_t len, again_len;

		make_pair(&one, kinds[i], "a key", value, &len);
		make_pair(&other, kinds[i], "a key", again, &again_len);
		assert_int_equal(X509_cmp(one.certificate, other.certificate), 0);
		assert_int_equal(len, again_len);
		assert_memory_equal(value, again, len);
		keypair_clear(&other);
		make_pair(&other, kinds[i], NULL, again, &again_len);
		assert_int_not_equal(X509_cmp(one.certificate, other.certificate), 0);
		keypair_clear(&one);
		keypair_clear(&other);
	}
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
