/*
 * Goals
 * - every object of forgery.def is refused, with the code of its row, while its twin before the
 *   edits verifies; and each row is what it claims: xmlsec alone judges it as the row says;
 * - every object of harmless.def verifies with the fingerprint of its twin;
 * - a sealed object with any one octet changed is refused or is the same object.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/init.h"
#include "protocol/seal/seal.h"
#include "protocol/test/fixture.h"
#include "protocol/test/forge.h"
#include "protocol/xml/xml.h"

#define MAX_EDITS 3
#define MAX_SLICES 40

enum how { PLAIN, RESIGNED, ATTACKER };
enum naive { REFUSES, ACCEPTS, UNASKED };

struct forgery {
	const char *name;
	int code;
	enum how how;
	enum naive naive;
	struct forge_edit edit[MAX_EDITS];
};

static const struct forgery forgeries[] = {
#define FORGERY(code, how, naive, name, ...) {name, RXP_ERR_##code, how, naive, {__VA_ARGS__}},
#include "protocol/test/forgery.def"
#undef FORGERY
};

static const struct {
	const char *name;
	struct forge_edit edit[MAX_EDITS];
} harmless[] = {
#define HARMLESS(name, ...) {name, {__VA_ARGS__}},
#include "protocol/test/harmless.def"
#undef HARMLESS
};

static struct fixture_key registered;
static struct fixture_key attacker;
static char *valid; /* the object that all rows start from */
static uint8_t fingerprint[32];
static struct forge_slice slices[MAX_SLICES + 1];
static size_t slice_count;

/* --- slices of the valid object ------------------------------------------------------------ */

static void add(const char *name, const char *text, size_t len)
{
	assert_true(slice_count < MAX_SLICES);
	slices[slice_count].name = name;
	slices[slice_count++].text = strndup(text, len);
}

/* From the n-th occurrence (0 is the first) of one text up to the end of another behind it. */
static void cut(const char *name, const char *from, const char *to, int n)
{
	const char *at = strstr(valid, from);
	const char *end;

	for (; n > 0; n--)
		at = strstr(at + 1, from);
	assert_non_null(at);
	end = strstr(at, to);
	assert_non_null(end);
	add(name, at, (size_t)(end - at) + strlen(to));
}

/* The text of the n-th element of that tag. */
static void cut_text(const char *name, const char *tag, int n)
{
	const char *at = valid;

	for (; n >= 0; n--) {
		at = strstr(at, tag);
		assert_non_null(at);
		at += strlen(tag);
	}
	add(name, at, strcspn(at, "<"));
}

static void add_octets(const char *name, const uint8_t *octets, size_t len)
{
	struct rxp_buf text;

	rxp_buf_init(&text, 1024);
	assert_int_equal(rxp_base64_put(&text, octets, len), 0);
	add(name, (const char *)text.data, text.len);
	rxp_buf_free(&text);
}

static void add_der_and_negated(const uint8_t value[64])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *s = BN_bin2bn(value + 32, 32, NULL);
	uint8_t other[64];
	uint8_t *der = NULL;
	int len;

	memcpy(other, value, 32);
	assert_int_equal(BN_sub(s, EC_GROUP_get0_order(group), s), 1);
	assert_int_equal(BN_bn2binpad(s, other + 32, 32), 32);
	add_octets("@VALUE_NEGATED@", other, 64);
	assert_int_equal(ECDSA_SIG_set0(pair, BN_bin2bn(value, 32, NULL), s), 1);
	len = i2d_ECDSA_SIG(pair, &der);
	add_octets("@VALUE_DER@", der, (size_t)len);
	OPENSSL_free(der);
	ECDSA_SIG_free(pair);
	EC_GROUP_free(group);
}

static void add_values(void)
{
	uint8_t value[66] = {0};
	uint8_t changed[64];
	char *stray;

	cut_text("@VALUE@", "<ds:SignatureValue>", 0);
	stray = slices[slice_count - 1].text;
	assert_int_equal(rxp_base64_get_exact(value, 64, stray), 0);
	add_octets("@VALUE_63@", value, 63);
	add_octets("@VALUE_66@", value, 66);
	add_der_and_negated(value);
	memset(changed, 0, sizeof changed);
	add_octets("@VALUE_ZERO@", changed, 64);
	memcpy(changed, value, 32);
	add_octets("@VALUE_S_ZERO@", changed, 64);
	memset(changed, 0, 32);
	memcpy(changed + 32, value + 32, 32);
	add_octets("@VALUE_R_ZERO@", changed, 64);
	memset(changed, 0xff, sizeof changed);
	add_octets("@VALUE_ONES@", changed, 64);
	/* 64 octets leave four unused bits in the last character but two, all zero: A, Q, g or w. */
	add("@VALUE_STRAY@", stray, strlen(stray));
	slices[slice_count - 1].text[85]++;
}

static void add_slices(void)
{
	uint8_t digest[32];

	cut("@ROOT@", "<Document", ">", 0);
	cut("@HEADER@", "<Header", "</Header>", 0);
	cut("@BODY@", "<Body", "</Body>", 0);
	cut("@SIGNATURE@", "<ds:Signature ", "</ds:Signature>", 0);
	cut("@SIGNATURE_END@", "</ds:Signature>", "</ds:Signature>", 0);
	cut("@REFERENCE_1@", "<ds:Reference ", "</ds:Reference>", 0);
	cut("@REFERENCE_2@", "<ds:Reference ", "</ds:Reference>", 1);
	cut("@REFERENCE_3@", "<ds:Reference ", "</ds:Reference>", 2);
	cut_text("@DIGEST_1@", "<ds:DigestValue>", 0);
	cut_text("@DIGEST_2@", "<ds:DigestValue>", 1);
	cut("@KEY_INFO@", "<ds:KeyInfo>", "</ds:KeyInfo>", 0);
	cut_text("@CERTIFICATE@", "<ds:X509Certificate>", 0);
	cut("@OBJECT@", "<ds:Object>", "</ds:Object>", 0);
	cut("@PROPERTIES@", "<xades:SignedProperties ", "</xades:SignedProperties>", 0);
	cut("@FORMATS@", "<xades:SignedDataObjectProperties>",
	    "</xades:SignedDataObjectProperties>", 0);
	cut("@CERT_DIGEST_METHOD@", "<xades:CertDigest>", "Algorithm=\"", 0);
	cut_text(
	    "@CERT_DIGEST@", "<ds:DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", 0);
	add("@OTHER_CERTIFICATE@", rxp_cert_base64(attacker.cert),
	    strlen(rxp_cert_base64(attacker.cert)));
	rxp_cert_digest(attacker.cert, digest);
	add_octets("@OTHER_CERT_DIGEST@", digest, sizeof digest);
	add_values();
}

static int setup(void **state)
{
	struct rxp_buf text;

	(void)state;
	assert_int_equal(rxp_init(), 0);
	fixture_key_make(&registered, RXP_SEAL_ECDSA_P256);
	fixture_key_make(&attacker, RXP_SEAL_ECDSA_P256);
	rxp_buf_init(&text, RXP_MAX_DOCUMENT_OCTETS);
	fixture_seal(&text, RXP_KIND_DOCUMENT, &registered, fingerprint);
	valid = strndup((const char *)text.data, text.len);
	rxp_buf_free(&text);
	add_slices();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < slice_count; i++)
		free(slices[i].text);
	free(valid);
	fixture_key_clear(&attacker);
	fixture_key_clear(&registered);
	rxp_cleanup();
	return 0;
}

/* --- judging ------------------------------------------------------------------------------- */

/* What the library says of these octets; the fingerprint only on success. */
static int judge(const char *text, size_t len, uint8_t out[32])
{
	const struct rxp_cert *certs[] = {registered.cert};
	struct rxp_xml *xml = NULL;
	struct rxp_seal seal;
	int rc = rxp_xml_parse(
	    &xml, (const uint8_t *)text, len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED);

	if (rc == 0)
		rc = rxp_seal_verify(&seal, xml, RXP_KIND_DOCUMENT, certs, 1);
	if (rc == 0) {
		memcpy(out, seal.fingerprint, 32);
		rxp_seal_clear(&seal);
	}
	rxp_xml_free(xml);
	return rc;
}

static char *edit_all(const struct forge_edit *edit)
{
	char *text = strdup(valid);

	for (int i = 0; i < MAX_EDITS && edit[i].find != NULL; i++) {
		char *next = forge_edit(text, &edit[i], slices);

		free(text);
		text = next;
	}
	return text;
}

static char *forge(const struct forgery *f)
{
	char *text = edit_all(f->edit);
	char *resigned;

	if (f->how == PLAIN)
		return text;
	resigned = forge_resign(text, f->how == RESIGNED ? registered.pkey : attacker.pkey);
	free(text);
	return resigned;
}

static void forgeries_are_refused(void **state)
{
	uint8_t seen[32];
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof forgeries / sizeof forgeries[0]; i++) {
		const struct forgery *f = &forgeries[i];
		char *text = forge(f);
		enum naive naive = f->naive;
		int rc;

		if (naive != UNASKED)
			naive = forge_naive_accepts(text, registered.pkey) ? ACCEPTS : REFUSES;
		assert_int_equal(judge(valid, strlen(valid), seen), 0);
		rc = judge(text, strlen(text), seen);
		if (rc != f->code || naive != f->naive) {
			print_error("%s: %s, expected %s; xmlsec alone %s\n", f->name,
			    rxp_err_text(rc), rxp_err_text(f->code),
			    naive == ACCEPTS ? "accepts" : "refuses");
			wrong++;
		}
		free(text);
	}
	assert_int_equal(wrong, 0);
}

static void harmless_forms_are_the_same_object(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
		char *text = edit_all(harmless[i].edit);
		uint8_t seen[32] = {0};

		assert_string_not_equal(text, valid);
		if (judge(text, strlen(text), seen) != 0)
			fail_msg("%s: refused", harmless[i].name);
		assert_memory_equal(seen, fingerprint, 32);
		free(text);
	}
}

/* The valid object re-signed is valid: what refuses the re-signed rows is their edit. */
static void resigning_alone_changes_nothing(void **state)
{
	char *text = forge_resign(valid, registered.pkey);
	uint8_t seen[32];

	(void)state;
	assert_int_equal(judge(text, strlen(text), seen), 0);
	assert_memory_equal(seen, fingerprint, 32);
	free(text);
}

static void any_octet_changed(void **state)
{
	char *text = strdup(valid);
	size_t len = strlen(valid);
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		uint8_t seen[32];

		text[i] ^= 1;
		if (judge(text, len, seen) != 0)
			refused++;
		else
			assert_memory_equal(seen, fingerprint, 32);
		text[i] ^= 1;
	}
	/* Accepted are the few octets of white space in tags alone. */
	assert_true(refused + 100 > len);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(resigning_alone_changes_nothing),
	    cmocka_unit_test(forgeries_are_refused),
	    cmocka_unit_test(harmless_forms_are_the_same_object),
	    cmocka_unit_test(any_octet_changed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
