/*
 * Goals
 * - a certificate of a key that is not sound is refused each time, also behind a sound one of its kind;
 * - a key that was found sound is not looked at again, one that was not is, and none takes the place of another: the last
 *   RXP_SOUND_KEYS are known, and nothing once they are forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "protocol/base/err.h"
#include "protocol/init.h"
#include "protocol/seal/sound.h"
#include "protocol/test/fixture.h"

static struct fixture_key rsa;
static EVP_PKEY *unsound; /* the same, whose modulus has the factor 3 */

static EVP_PKEY *public_key(const BIGNUM *n, const BIGNUM *e)
{
	OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;

	assert_int_equal(OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_N, n), 1);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_E, e), 1);
	params = OSSL_PARAM_BLD_to_param(list);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(list);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static int setup(void **state)
{
	BIGNUM *n = NULL, *e = NULL;

	(void)state;
	assert_int_equal(rxp_init(), 0);
	fixture_key_make(&rsa, RXP_SEAL_RSA);
	assert_int_equal(EVP_PKEY_get_bn_param(rsa.pkey, OSSL_PKEY_PARAM_RSA_N, &n), 1);
	assert_int_equal(EVP_PKEY_get_bn_param(rsa.pkey, OSSL_PKEY_PARAM_RSA_E, &e), 1);
	assert_int_equal(BN_sub_word(n, BN_mod_word(n, 3)), 1);
	if (!BN_is_odd(n))
		assert_int_equal(BN_sub_word(n, 3), 1);
	unsound = public_key(n, e);
	BN_free(n);
	BN_free(e);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(unsound);
	fixture_key_clear(&rsa);
	rxp_cleanup();
	return 0;
}

/* The certificate of rsa with another key; its signature is not judged. */
static int parse_with(EVP_PKEY *key)
{
	struct rxp_cert *cert = NULL;
	uint8_t *der = NULL;
	size_t own_len;
	const uint8_t *at = rxp_cert_der(rsa.cert, &own_len);
	X509 *x509 = d2i_X509(NULL, &at, (long)own_len);
	int len, rc;

	assert_int_equal(X509_set_pubkey(x509, key), 1);
	assert_true(i2d_re_X509_tbs(x509, NULL) > 0);
	len = i2d_X509(x509, &der);
	assert_true(len > 0);
	rc = rxp_cert_parse(&cert, der, (size_t)len);
	rxp_cert_free(cert);
	OPENSSL_free(der);
	X509_free(x509);
	return rc;
}

static void a_certificate(void **state)
{
	(void)state;
	for (int again = 0; again < 2; again++) {
		assert_int_equal(parse_with(rsa.pkey), 0);
		assert_int_equal(parse_with(unsound), RXP_ERR_KEY);
		assert_int_equal(parse_with(unsound), RXP_ERR_KEY);
	}
}

/* The digest of a key that is known speaks for any key that is given with it: so a test sees whether it was looked at. */
static bool is_known(uint8_t number)
{
	const uint8_t digest[32] = {number};

	return rxp_key_is_sound(unsound, digest);
}

static void the_last_are_known(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

	(void)state;
	rxp_keys_forget();
	for (uint8_t i = 0; i < RXP_SOUND_KEYS; i++) {
		const uint8_t digest[32] = {i};

		assert_false(is_known(i));
		assert_true(rxp_key_is_sound(key, digest));
		assert_true(is_known(i));
	}
	for (uint8_t i = 0; i < RXP_SOUND_KEYS; i++)
		assert_true(is_known(i));
	assert_true(rxp_key_is_sound(key, (const uint8_t[32]){RXP_SOUND_KEYS}));
	assert_false(is_known(0));
	for (uint8_t i = 1; i <= RXP_SOUND_KEYS; i++)
		assert_true(is_known(i));
	rxp_keys_forget();
	for (uint8_t i = 0; i <= RXP_SOUND_KEYS; i++)
		assert_false(is_known(i));
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_certificate),
	    cmocka_unit_test(the_last_are_known),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
