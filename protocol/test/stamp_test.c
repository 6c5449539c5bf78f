/*
 * Goals (RXP-EVI-020 to RXP-EVI-022), with an authority of the test's own:
 *  - what it stamps is taken, and says by whom and not later than when, its accuracy and fraction included;
 *  - under the authority given it counts, under another it is of none given, and without one it is not judged;
 *  - of other octets, of another request, by SHA-1 or of another digest, by a certificate for something else, for more
 *    than time-stamps, or not valid then, refused, cut anywhere, with something behind it, with any octet changed: none;
 *  - a page is none; a file of authorities has certificates and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "protocol/base/err.h"
#include "protocol/evidence/stamp.h"
#include "protocol/init.h"

#define NOW_S 1795428000L /* 2026-11-23T10:00:00Z */
#define DAY_S 86400L

struct authority {
	EVP_PKEY *key;
	X509 *cert;
};

/* What one answer is made of. */
struct making {
	const char *usage; /* of its certificate */
	long from_s, until_s; /* it is valid */
	long at_s, at_us; /* it stamps */
	int accuracy_s;
	const EVP_MD *digest; /* by which it signs */
};

static const uint8_t imprint[32] = {1, 2, 3}, nonce[8] = {0x80, 7, 6, 5, 4, 3, 2, 1};
static struct making usual, present; /* present: by which the authority answers now */

/* --- an authority ------------------------------------------------------------------------------------ */

/* What its certificate may be used for, in the place of what it was. */
static void authority_mark(const struct authority *a, const char *usage)
{
	X509_EXTENSION *made = X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, usage);
	int at = X509_get_ext_by_NID(a->cert, NID_ext_key_usage, -1);

	assert_non_null(made);
	if (at >= 0)
		X509_EXTENSION_free(X509_delete_ext(a->cert, at));
	X509_add_ext(a->cert, made, -1);
	X509_EXTENSION_free(made);
	assert_true(X509_sign(a->cert, a->key, EVP_sha256()) > 0);
}

static void authority_make(struct authority *a, const struct making *m)
{
	X509_NAME *name;

	a->key = EVP_EC_gen("P-256");
	a->cert = X509_new();
	assert_non_null(a->key);
	X509_set_version(a->cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(a->cert), 7);
	ASN1_TIME_set(X509_getm_notBefore(a->cert), m->from_s);
	ASN1_TIME_set(X509_getm_notAfter(a->cert), m->until_s);
	X509_set_pubkey(a->cert, a->key);
	name = X509_get_subject_name(a->cert);
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_UTF8, (const uint8_t *)"St\xc3\xa4mps\n", -1, -1, 0);
	X509_set_issuer_name(a->cert, name);
	authority_mark(a, "critical,timeStamping");
}

static void authority_free(struct authority *a)
{
	EVP_PKEY_free(a->key);
	X509_free(a->cert);
}

static ASN1_INTEGER *serial(TS_RESP_CTX *ctx, void *arg)
{
	ASN1_INTEGER *n = ASN1_INTEGER_new();

	(void)ctx;
	(void)arg;
	ASN1_INTEGER_set(n, 1);
	return n;
}

static int now(TS_RESP_CTX *ctx, void *arg, long *s, long *us)
{
	(void)ctx;
	(void)arg;
	*s = present.at_s;
	*us = present.at_us;
	return 1;
}

/* The authority's answer to a request. */
static void answer(struct rxp_buf *out, const struct authority *a, const struct making *m,
    const struct rxp_buf *request)
{
	TS_RESP_CTX *ctx = TS_RESP_CTX_new();
	ASN1_OBJECT *policy = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
	BIO *query = BIO_new_mem_buf(request->data, (int)request->len);
	unsigned char *der = NULL;
	TS_RESP *made;
	int len;

	assert_int_equal(TS_RESP_CTX_set_signer_key(ctx, a->key), 1);
	assert_int_equal(TS_RESP_CTX_set_signer_cert(ctx, a->cert), 1);
	authority_mark(a, m->usage); /* the library would not take one for something else */
	TS_RESP_CTX_set_def_policy(ctx, policy);
	TS_RESP_CTX_add_md(ctx, EVP_sha256());
	TS_RESP_CTX_set_signer_digest(ctx, m->digest);
	TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256());
	TS_RESP_CTX_set_serial_cb(ctx, serial, NULL);
	present = *m;
	TS_RESP_CTX_set_time_cb(ctx, now, NULL);
	TS_RESP_CTX_set_clock_precision_digits(ctx, m->at_us != 0 ? 3 : 0);
	if (m->accuracy_s != 0)
		TS_RESP_CTX_set_accuracy(ctx, m->accuracy_s, 0, 0);
	made = TS_RESP_create_response(ctx, query);
	assert_non_null(made);
	len = i2d_TS_RESP(made, &der);
	assert_true(len > 0);
	rxp_buf_init(out, RXP_MAX_STAMP_REPLY_OCTETS);
	assert_int_equal(rxp_buf_put(out, der, (size_t)len), 0);
	OPENSSL_free(der);
	TS_RESP_free(made);
	BIO_free(query);
	ASN1_OBJECT_free(policy);
	TS_RESP_CTX_free(ctx);
}

static void ask(struct rxp_buf *reply, const struct authority *a, const struct making *m)
{
	struct rxp_buf request;

	rxp_buf_init(&request, 1024);
	assert_int_equal(rxp_stamp_request(&request, imprint, nonce), 0);
	answer(reply, a, m, &request);
	rxp_buf_free(&request);
}

/* What becomes of an answer that is made so. */
static int ask_and_take(const struct making *m, struct rxp_stamp *stamp)
{
	struct authority a;
	struct rxp_buf reply, token;
	int rc;

	authority_make(&a, m);
	ask(&reply, &a, m);
	rxp_buf_init(&token, RXP_MAX_STAMP_OCTETS);
	rc = rxp_stamp_take(&token, reply.data, reply.len, imprint, nonce);
	assert_true((rc == 0) == (token.len > 0));
	if (rc == 0)
		assert_int_equal(rxp_stamp_verify(stamp, token.data, token.len, imprint, NULL), 0);
	rxp_buf_free(&token);
	rxp_buf_free(&reply);
	authority_free(&a);
	return rc;
}

/* --- taken ------------------------------------------------------------------------------------------- */

static void says_who_and_when(void **state)
{
	struct making m = usual;
	struct rxp_stamp stamp = {.not_later_ms = 0};

	(void)state;
	assert_int_equal(ask_and_take(&m, &stamp), 0);
	assert_true(stamp.not_later_ms == NOW_S * 1000);
	assert_string_equal(stamp.name, "CN=St\\C3\\A4mps\\0A");
	assert_false(stamp.trusted);
	m.accuracy_s = 2;
	assert_int_equal(ask_and_take(&m, &stamp), 0);
	assert_true(stamp.not_later_ms == (NOW_S + 2) * 1000);
	m.at_us = 250000;
	assert_int_equal(ask_and_take(&m, &stamp), 0);
	assert_true(stamp.not_later_ms == (NOW_S + 3) * 1000);
	m.accuracy_s = (int)DAY_S + 1;
	assert_int_equal(ask_and_take(&m, &stamp), RXP_ERR_SYNTAX);
}

static struct rxp_authority *authority_of(const struct authority *a)
{
	struct rxp_authority *out = NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	char *octets;
	long len;

	PEM_write_bio_X509(bio, a->cert);
	len = BIO_get_mem_data(bio, &octets);
	assert_int_equal(rxp_authority_read(&out, (const uint8_t *)octets, (size_t)len), 0);
	BIO_free(bio);
	return out;
}

static void counts_by_the_authority(void **state)
{
	struct authority a, other;
	struct rxp_authority *given, *another;
	struct rxp_buf reply, token;
	struct rxp_stamp stamp;

	(void)state;
	authority_make(&a, &usual);
	authority_make(&other, &usual);
	ask(&reply, &a, &usual);
	given = authority_of(&a);
	another = authority_of(&other);
	rxp_buf_init(&token, RXP_MAX_STAMP_OCTETS);
	assert_int_equal(rxp_stamp_take(&token, reply.data, reply.len, imprint, nonce), 0);
	assert_int_equal(rxp_stamp_verify(&stamp, token.data, token.len, imprint, given), 0);
	assert_true(stamp.trusted);
	assert_int_equal(
	    rxp_stamp_verify(&stamp, token.data, token.len, imprint, another), RXP_ERR_SIGNER);
	rxp_buf_free(&token);
	rxp_buf_free(&reply);
	rxp_authority_free(given);
	rxp_authority_free(another);
	authority_free(&a);
	authority_free(&other);
}

/* --- not taken --------------------------------------------------------------------------------------- */

static void of_something_else(void **state)
{
	uint8_t other_imprint[32] = {1, 2, 4}, other_nonce[8] = {0x80, 7, 6, 5, 4, 3, 2, 2};
	struct authority a;
	struct rxp_buf reply, token;

	(void)state;
	authority_make(&a, &usual);
	ask(&reply, &a, &usual);
	rxp_buf_init(&token, RXP_MAX_STAMP_OCTETS);
	assert_int_equal(
	    rxp_stamp_take(&token, reply.data, reply.len, other_imprint, nonce), RXP_ERR_MISMATCH);
	assert_int_equal(
	    rxp_stamp_take(&token, reply.data, reply.len, imprint, other_nonce), RXP_ERR_MISMATCH);
	assert_int_equal(token.len, 0);
	assert_int_equal(rxp_stamp_take(&token, reply.data, reply.len, imprint, nonce), 0);
	rxp_buf_free(&token);
	rxp_buf_free(&reply);
	authority_free(&a);
}

static void by_a_certificate_that_may_not(void **state)
{
	static const struct {
		const char *usage;
		long from_s, until_s;
		int want;
	} rows[] = {
	    {"critical,timeStamping", NOW_S, NOW_S + 1, 0},
	    {"critical,timeStamping", NOW_S + 1, NOW_S + DAY_S, RXP_ERR_SEAL},
	    {"critical,timeStamping", NOW_S - DAY_S, NOW_S - 1, RXP_ERR_SEAL},
	    {"critical,timeStamping,serverAuth", NOW_S - DAY_S, NOW_S + DAY_S, RXP_ERR_SEAL},
	    {"timeStamping", NOW_S - DAY_S, NOW_S + DAY_S, RXP_ERR_SEAL},
	    {"critical,serverAuth", NOW_S - DAY_S, NOW_S + DAY_S, RXP_ERR_SEAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct making m = usual;
		struct rxp_stamp stamp;

		m.usage = rows[i].usage;
		m.from_s = rows[i].from_s;
		m.until_s = rows[i].until_s;
		assert_int_equal(ask_and_take(&m, &stamp), rows[i].want);
	}
}

static void by_a_weak_digest(void **state)
{
	struct making m = usual;
	struct rxp_stamp stamp;

	(void)state;
	m.digest = EVP_sha1();
	assert_int_equal(ask_and_take(&m, &stamp), RXP_ERR_SEAL);
	m.digest = EVP_sha512();
	assert_int_equal(ask_and_take(&m, &stamp), 0);
}

static void refused(void **state)
{
	struct making m = usual;
	struct rxp_buf request, reply, token;
	struct authority a;

	(void)state;
	authority_make(&a, &m);
	rxp_buf_init(&request, 64);
	rxp_buf_puts(&request, "no request");
	answer(&reply, &a, &m, &request);
	rxp_buf_init(&token, RXP_MAX_STAMP_OCTETS);
	assert_int_equal(
	    rxp_stamp_take(&token, reply.data, reply.len, imprint, nonce), RXP_ERR_NOT_FOUND);
	rxp_buf_free(&request);
	rxp_buf_free(&reply);
	rxp_buf_free(&token);
	authority_free(&a);
}

/* The time stands in the signed part, the name in the certificate: no octet is free, but for those that only say how
 * something is written. */
static void every_octet_counts(void **state)
{
	struct authority a;
	struct rxp_stamp good, is;
	struct rxp_buf reply, token;
	size_t taken = 0;

	(void)state;
	authority_make(&a, &usual);
	ask(&reply, &a, &usual);
	rxp_buf_init(&token, RXP_MAX_STAMP_OCTETS);
	assert_int_equal(rxp_stamp_take(&token, reply.data, reply.len, imprint, nonce), 0);
	assert_int_equal(rxp_stamp_verify(&good, token.data, token.len, imprint, NULL), 0);
	for (size_t i = 0; i < token.len; i++) {
		memset(&is, 0, sizeof is);
		token.data[i] ^= 1;
		if (rxp_stamp_verify(&is, token.data, token.len, imprint, NULL) == 0) {
			taken++;
			assert_true(is.not_later_ms == good.not_later_ms);
			assert_string_equal(is.name, good.name);
		}
		token.data[i] ^= 1;
		assert_int_not_equal(rxp_stamp_verify(&is, token.data, i, imprint, NULL), 0);
		if (i < 64)
			assert_int_not_equal(
			    rxp_stamp_take(&token, reply.data, reply.len - 1 - i, imprint, nonce),
			    0);
	}
	assert_true(taken < 16);
	assert_int_equal(rxp_buf_putc(&token, 0), 0);
	assert_int_equal(
	    rxp_stamp_verify(&is, token.data, token.len, imprint, NULL), RXP_ERR_SYNTAX);
	rxp_buf_free(&token);
	rxp_buf_free(&reply);
	authority_free(&a);
}

static void what_is_none(void **state)
{
	static const char page[] = "<html><body>Sign in</body></html>";
	struct rxp_authority *authority = NULL;
	struct rxp_stamp stamp;
	struct rxp_buf token;

	(void)state;
	rxp_buf_init(&token, RXP_MAX_STAMP_OCTETS);
	assert_int_equal(rxp_stamp_take(&token, (const uint8_t *)page, sizeof page, imprint, nonce),
	    RXP_ERR_SYNTAX);
	assert_int_equal(rxp_stamp_take(&token, imprint, 0, imprint, nonce), RXP_ERR_SYNTAX);
	assert_int_equal(
	    rxp_stamp_verify(&stamp, (const uint8_t *)page, sizeof page, imprint, NULL),
	    RXP_ERR_SYNTAX);
	assert_int_equal(rxp_stamp_verify(&stamp, imprint, RXP_MAX_STAMP_OCTETS + 1, imprint, NULL),
	    RXP_ERR_BOUND);
	assert_int_equal(
	    rxp_authority_read(&authority, (const uint8_t *)page, sizeof page), RXP_ERR_SYNTAX);
	assert_null(authority);
	rxp_buf_free(&token);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_who_and_when),
	    cmocka_unit_test(counts_by_the_authority),
	    cmocka_unit_test(of_something_else),
	    cmocka_unit_test(by_a_certificate_that_may_not),
	    cmocka_unit_test(by_a_weak_digest),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(every_octet_counts),
	    cmocka_unit_test(what_is_none),
	};
	int failed;

	if (rxp_init() != 0)
		return 1;
	usual = (struct making){.usage = "critical,timeStamping",
	    .from_s = NOW_S - DAY_S,
	    .until_s = NOW_S + DAY_S,
	    .at_s = NOW_S,
	    .digest = EVP_sha256()};
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rxp_cleanup();
	return failed;
}
