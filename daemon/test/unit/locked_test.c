/*
 * Goal of this test: a key file under a passphrase opens as what it was, under that passphrase alone, and nothing else
 * passes for one.
 *
 * links: certs
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "certs/keypair.h"
#include "daemon/base/locked.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define STORAGE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"

static void put(struct rxp_buf *b, const char *text)
{
	rxp_buf_init(b, LOCKED_MAX_OCTETS);
	assert_int_equal(rxp_buf_puts(b, text), 0);
}

static void put_private(struct rxp_buf *b)
{
	struct evp_pkey_st *key = NULL;

	rxp_buf_init(b, LOCKED_MAX_OCTETS);
	assert_int_equal(keypair_make(&key, "P-256"), 0);
	assert_int_equal(keypair_write(b, key, NULL), 0);
	keypair_free(key);
}

static void goes_and_comes(const struct rxp_buf *file)
{
	struct rxp_buf right, wrong, locked, again;

	put(&right, "a passphrase");
	put(&wrong, "a passphrasf");
	rxp_buf_init(&locked, LOCKED_MAX_OCTETS);
	rxp_buf_init(&again, LOCKED_MAX_OCTETS);
	assert_false(locked_is(file));
	assert_int_equal(locked_make(&locked, file, &right), 0);
	assert_true(locked_is(&locked));
	assert_null(memmem(locked.data, locked.len, file->data + 32, 16));
	assert_int_equal(locked_open(&again, &locked, &wrong), RXP_ERR_DECRYPT);
	assert_int_equal(again.len, 0);
	assert_int_equal(locked_open(&again, &locked, &right), 0);
	assert_int_equal(again.len, file->len);
	assert_memory_equal(again.data, file->data, file->len);
	rxp_buf_free(&right);
	rxp_buf_free(&wrong);
	rxp_buf_free(&locked);
	rxp_buf_free(&again);
}

static void keys(void **state)
{
	struct rxp_buf storage, private;

	(void)state;
	put(&storage, STORAGE);
	put_private(&private);
	goes_and_comes(&storage);
	goes_and_comes(&private);
	rxp_buf_free(&storage);
	rxp_buf_free(&private);
}

static void no_keys(void **state)
{
	static const char longer[] = "0" STORAGE;
	static const char *const none[] = {"", "\n", "key", longer,
	    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"};
	struct rxp_buf passphrase, out;

	(void)state;
	put(&passphrase, "a passphrase");
	rxp_buf_init(&out, LOCKED_MAX_OCTETS);
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		struct rxp_buf file;

		put(&file, none[i]);
		assert_int_equal(locked_make(&out, &file, &passphrase), RXP_ERR_KEY);
		assert_int_equal(locked_open(&out, &file, &passphrase), RXP_ERR_KEY);
		assert_int_equal(out.len, 0);
		rxp_buf_free(&file);
	}
	rxp_buf_free(&passphrase);
	rxp_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys),
	    cmocka_unit_test(no_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
