/*
 * Goal of this test: which URIs name a key in a token: a right one, and others that differ from it in one thing each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/token_uri.h"
#include "protocol/base/err.h"

static void check_value(const struct token_uri_value *v, const char *expected)
{
	assert_int_equal(v->len, strlen(expected));
	assert_memory_equal(v->octets, expected, v->len);
}

static void right_ones(void **state)
{
	struct token_uri u;

	(void)state;
	assert_int_equal(token_uri_read(&u, "pkcs11:token=ministry;object=seal"), 0);
	check_value(&u.token, "ministry");
	check_value(&u.object, "seal");
	assert_int_equal(u.id.len, 0);
	assert_int_equal(
	    token_uri_read(&u, "pkcs11:serial=00%2f17;manufacturer=M;model=x;id=%01%fF%00;type="
			       "private;object=a%20b"),
	    0);
	check_value(&u.serial, "00/17");
	check_value(&u.manufacturer, "M");
	check_value(&u.model, "x");
	check_value(&u.object, "a b");
	assert_int_equal(u.id.len, 3);
	assert_memory_equal(u.id.octets, "\x01\xff\x00", 3);
}

static void wrong_ones(void **state)
{
	static const char *const wrong[] = {
	    "",
	    "pkcs11:",
	    "pkcs12:token=ministry;object=seal",
	    "PKCS11:token=ministry;object=seal",
	    "pkcs11:token=ministry",
	    "pkcs11:object=seal",
	    "pkcs11:model=x;object=seal",
	    "pkcs11:token=;object=seal",
	    "pkcs11:token;object=seal",
	    "pkcs11:token=ministry;;object=seal",
	    "pkcs11:token=ministry;object=seal;",
	    "pkcs11:token=ministry;token=ministry;object=seal",
	    "pkcs11:token=ministry;object=seal;type=public",
	    "pkcs11:token=ministry;object=seal;slot-id=1",
	    "pkcs11:token=ministry;object=seal?pin-value=1234",
	    "pkcs11:token=ministry;object=seal?",
	    "pkcs11:token=ministry;object=%4",
	    "pkcs11:token=ministry;object=%4g",
	    "pkcs11:token=ministry;object=%",
	};
	struct token_uri u = {.id = {.len = 7}};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (token_uri_read(&u, wrong[i]) != RXP_ERR_SYNTAX)
			fail_msg("taken: %s", wrong[i]);
	assert_int_equal(u.id.len, 7);
}

static void lengths(void **state)
{
	char text[256];
	struct token_uri u;

	(void)state;
	snprintf(text, sizeof text, "pkcs11:token=t;object=%0*d", TOKEN_URI_FIELD, 1);
	assert_int_equal(token_uri_read(&u, text), 0);
	assert_int_equal(u.object.len, TOKEN_URI_FIELD);
	snprintf(text, sizeof text, "pkcs11:token=t;object=%0*d", TOKEN_URI_FIELD + 1, 1);
	assert_int_equal(token_uri_read(&u, text), RXP_ERR_SYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(right_ones),
	    cmocka_unit_test(wrong_ones),
	    cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
