/*
 * Goals:
 * - the suite takes the attachments that a product brings as RXP-ATT-011, 012 and 034 say: in pieces, at the offset that is
 *   held, under the digest, in the one form of Content-Range;
 * - of what it refuses nothing is left.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/hear/uploads.h"

#define ABC_NAME \
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* SHA-256 of "abc" */

static const char *offset_of(const struct host_reply *r)
{
	return r->fields[0].name == NULL ? "" : r->fields[0].value;
}

/* Ask, and say which status comes; *out: the whole answer. */
static int ask(struct uploads *u, const char *method, const char *name, const char *range,
    const char *octets, struct host_reply *out)
{
	struct host_request r = {0};

	(void)snprintf(r.method, sizeof r.method, "%s", method);
	(void)snprintf(r.path, sizeof r.path, "/rxp/1/attachments/%s", name);
	(void)snprintf(r.range, sizeof r.range, "%s", range);
	rxp_buf_init(&r.body, HOST_MAX_BODY);
	assert_int_equal(rxp_buf_puts(&r.body, octets), 0);
	assert_true(uploads_are_asked(&r));
	uploads_answer(u, &r, out);
	rxp_buf_free(&r.body);
	return out->status;
}

static void test_pieces(void **state)
{
	struct uploads *u = uploads_new();
	struct host_reply r;

	(void)state;
	assert_non_null(u);
	assert_int_equal(ask(u, "HEAD", ABC_NAME, "", "", &r), 404);
	assert_int_equal(ask(u, "PUT", ABC_NAME, "bytes 0-0/3", "a", &r), 202);
	assert_int_equal(ask(u, "HEAD", ABC_NAME, "", "", &r), 200);
	assert_string_equal(offset_of(&r), "1");
	assert_int_equal(ask(u, "PUT", ABC_NAME, "bytes 2-2/3", "c", &r), 409);
	assert_string_equal(offset_of(&r), "1");
	assert_int_equal(ask(u, "PUT", ABC_NAME, "bytes 1-2/3", "bc", &r), 201);
	assert_int_equal(ask(u, "PUT", ABC_NAME, "bytes 0-2/3", "abc", &r), 409);
	assert_string_equal(offset_of(&r), "3");
	uploads_free(u);
}

/* What does not have the digest is dropped, and comes again from its beginning. */
static void test_other_octets(void **state)
{
	struct uploads *u = uploads_new();
	struct host_reply r;

	(void)state;
	assert_non_null(u);
	assert_int_equal(ask(u, "PUT", ABC_NAME, "bytes 0-2/3", "abd", &r), 422);
	assert_int_equal(ask(u, "HEAD", ABC_NAME, "", "", &r), 404);
	assert_int_equal(ask(u, "PUT", ABC_NAME, "bytes 0-2/3", "abc", &r), 201);
	uploads_free(u);
}

static void test_forms(void **state)
{
	static const char *const ranges[] = {"", "bytes 0-2/*", "octets 0-2/3", "bytes 2-0/3",
	    "bytes 0-3/3", "bytes 0-1/3", "bytes 0-2/3 "};
	struct uploads *u = uploads_new();
	struct host_reply r;

	(void)state;
	assert_non_null(u);
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		assert_int_equal(ask(u, "PUT", ABC_NAME, ranges[i], "abc", &r), 400);
	assert_int_equal(ask(u, "PUT", "abc", "bytes 0-2/3", "abc", &r), 404);
	assert_int_equal(ask(u, "DELETE", ABC_NAME, "", "", &r), 405);
	assert_int_equal(ask(u, "PUT", ABC_NAME, "bytes 0-2/3", "abc", &r), 201);
	uploads_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_other_octets),
	    cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
