/*
 * Goals, of the certificates that the suite shows:
 * - those of the pinned key have that key, those of others do not, and each is signed by its own key;
 * - what is odd about one is odd: its dates, its version, its extension.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

#include "conformance/state/credential.h"
#include "conformance/state/state.h"
#include "conformance/test/world.h"

static int extensions(enum credential c)
{
	return c == CREDENTIAL_CA || c == CREDENTIAL_SERVER_ONLY || c == CREDENTIAL_CODE_ONLY ||
		       c == CREDENTIAL_NAMED
		   ? 1
		   : 0;
}

static void test_each(void **state)
{
	const struct world *w = *state;
	const struct keypair *pinned = &w->own->tls;
	time_t now = NOW_MS / 1000;

	for (unsigned c = 0; c < CREDENTIAL_COUNT; c++) {
		struct keypair k = {0};
		X509 *x;

		assert_int_equal(credential_make(&k, (enum credential)c, pinned, NOW_MS), 0);
		if (c == CREDENTIAL_NONE) {
			assert_null(k.key);
			continue;
		}
		x = k.certificate;
		assert_int_equal(X509_verify(x, k.key), 1);
		assert_int_equal(X509_check_private_key(x, k.key), 1);
		assert_int_equal(EVP_PKEY_eq(k.key, pinned->key) == 1, c < CREDENTIAL_RSA_1024);
		assert_int_equal(
		    X509_cmp_time(X509_get0_notBefore(x), &now) > 0, c == CREDENTIAL_FUTURE);
		assert_int_equal(
		    X509_cmp_time(X509_get0_notAfter(x), &now) < 0, c == CREDENTIAL_EXPIRED);
		assert_int_equal(X509_get_version(x),
		    c == CREDENTIAL_VERSION_1 ? X509_VERSION_1 : X509_VERSION_3);
		assert_int_equal(X509_get_ext_count(x), extensions((enum credential)c));
		assert_int_equal(X509_check_ca(x) == 1, c == CREDENTIAL_CA);
		keypair_clear(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
