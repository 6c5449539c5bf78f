/*
 * Goals:
 *  - every value of a published-form worked computation comes out exactly: Z is inside KEK, wrapped
 *    content key, ciphertext of a known message;
 *  - a key goes through scalar, point and SubjectPublicKeyInfo and back;
 *  - scalars 0, n and of another length, points off the curve, at infinity, compressed or hybrid,
 *    and keys of another curve are refused;
 *  - one changed octet in wrapped key, IV, ciphertext or tag gives RXP_ERR_DECRYPT and no output.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/random.h"
#include "protocol/envelope/agreement.h"

#define EPHEMERAL "1BC7FFD29C549AF6138D7DA2CB20161FA6906BA43822083C2E5AA4F8BB762369"
#define EPHEMERAL_POINT \
	"04CF4F3C920FEB6F4C3BDAA01EB7D9D1091F2338A2E59CBC8D53BBA70D42C310F7" \
	"3F1EF465629F77819B018E72B6F6C5CD0F5F7216F7CBD323D8E1308700EDE81B"
#define RECIPIENT "A61670B8A35B4139A95DC8E49CF52AD9EFB312E07ED25A4F79A60DC207BF18DD"
#define RECIPIENT_POINT \
	"04FFB72A7B7B36BA6FFFD8DA86CFBDAEA0997EB16F1A54922B638C50C1D29B5A80" \
	"9B55E70C47EE2462CDB08AFFFE4B835639E532CF5ACDA2567762862CAF29A43C"
#define RECIPIENT_NAME "80DBA7CF6F58C0D5561B39283F3D36D3C465E98685A9EF0437C8135DA55D3AD3"
#define INFO "5258502D312D50323536515241515242019AAFE25C007D319A0E2F6B1C9D7E55"
#define KEK "FA84AE3D163B8B7FAEEFA8EBF8F00F5679EA718010E15E8E247EA3BAE82F5EDA"
#define CEK "78C38F783F07E4780E186879DA8753951F718820E0D97793E58549DAA97FE914"
#define WRAPPED "AA9170EF14CC9DE8DFB02B3AB1569DF4406D6EF30068509662907357DDF4B288D540BCD4D7BC9C38"
#define IV "11432838490E29422CD695E4"
#define ORDER "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"

#define FIELD 32
#define POINT 65

static const struct rxp_suite *const suite = &rxp_suite_p256;

static void unhex(uint8_t *out, size_t len, const char *text)
{
	assert_int_equal(rxp_hex_get(out, len, text, true), 0);
}

static struct rxp_agreement_key *key_of(const char *hex)
{
	struct rxp_agreement_key *key = NULL;
	uint8_t scalar[FIELD];

	unhex(scalar, sizeof scalar, hex);
	assert_int_equal(rxp_agreement_key_import(&key, suite, scalar, sizeof scalar), 0);
	return key;
}

static void known_values_are_met(void **state)
{
	struct rxp_agreement_key *sides[] = {key_of(EPHEMERAL), key_of(RECIPIENT)};
	const char *const points[] = {EPHEMERAL_POINT, RECIPIENT_POINT};
	uint8_t info[32], want[RXP_KEY_OCTETS], kek[RXP_KEY_OCTETS], cek[RXP_KEY_OCTETS],
	    point[POINT];
	uint8_t wrapped[40];
	struct rxp_buf out;

	(void)state;
	unhex(info, sizeof info, INFO);
	unhex(want, sizeof want, KEK);
	rxp_buf_init(&out, 256);
	for (int i = 0; i < 2; i++) {
		unhex(point, sizeof point, points[1 - i]);
		assert_int_equal(rxp_agreement_derive(
				     kek, suite, sides[i], point, sizeof point, info, sizeof info),
		    0);
		assert_memory_equal(kek, want, sizeof want);
		rxp_buf_reset(&out);
		assert_int_equal(rxp_agreement_key_point(sides[i], &out), 0);
		unhex(point, sizeof point, points[i]);
		assert_int_equal(out.len, POINT);
		assert_memory_equal(out.data, point, POINT);
		rxp_agreement_key_free(sides[i]);
	}
	unhex(want, sizeof want, CEK);
	unhex(wrapped, sizeof wrapped, WRAPPED);
	rxp_buf_reset(&out);
	assert_int_equal(rxp_agreement_wrap(&out, suite, kek, want), 0);
	assert_int_equal(out.len, sizeof wrapped);
	assert_memory_equal(out.data, wrapped, sizeof wrapped);
	assert_int_equal(rxp_agreement_unwrap(cek, suite, kek, wrapped, sizeof wrapped), 0);
	assert_memory_equal(cek, want, sizeof cek);
	rxp_buf_free(&out);
}

static void key_name_is_digest_of_spki(void **state)
{
	struct rxp_agreement_key *key = key_of(RECIPIENT);
	uint8_t want[32], digest[32], point_octets[POINT];
	struct rxp_buf spki, point;

	(void)state;
	rxp_buf_init(&spki, 256);
	rxp_buf_init(&point, 256);
	assert_int_equal(rxp_agreement_key_spki(key, &spki), 0);
	assert_int_equal(EVP_Digest(spki.data, spki.len, digest, NULL, EVP_sha256(), NULL), 1);
	unhex(want, sizeof want, RECIPIENT_NAME);
	assert_memory_equal(digest, want, sizeof want);
	assert_int_equal(rxp_agreement_spki_point(&point, suite, spki.data, spki.len), 0);
	unhex(point_octets, POINT, RECIPIENT_POINT);
	assert_int_equal(point.len, POINT);
	assert_memory_equal(point.data, point_octets, POINT);
	rxp_buf_free(&spki);
	rxp_buf_free(&point);
	rxp_agreement_key_free(key);
}

static void an_spki_has_one_form(void **state)
{
	struct rxp_agreement_key *key = key_of(RECIPIENT);
	EVP_PKEY *other = EVP_EC_gen("secp384r1");
	uint8_t *der = NULL;
	int der_len = i2d_PUBKEY(other, &der);
	struct rxp_buf spki, point;

	(void)state;
	rxp_buf_init(&spki, 256);
	rxp_buf_init(&point, 256);
	assert_int_equal(rxp_agreement_key_spki(key, &spki), 0);
	assert_int_equal(
	    rxp_agreement_spki_point(&point, suite, spki.data, spki.len - 1), RXP_ERR_KEY);
	assert_int_equal(rxp_agreement_spki_point(&point, suite, spki.data, 0), RXP_ERR_KEY);
	rxp_buf_putc(&spki, 0);
	assert_int_equal(rxp_agreement_spki_point(&point, suite, spki.data, spki.len), RXP_ERR_KEY);
	spki.data[--spki.len - 1] ^= 1; /* the point leaves the curve */
	assert_int_equal(rxp_agreement_spki_point(&point, suite, spki.data, spki.len), RXP_ERR_KEY);
	assert_true(der_len > 0);
	assert_int_equal(
	    rxp_agreement_spki_point(&point, suite, der, (size_t)der_len), RXP_ERR_KEY);
	OPENSSL_free(der);
	der = NULL;
	EVP_PKEY_free(other);
	other = EVP_EC_gen("prime256v1");
	assert_int_equal(EVP_PKEY_set_utf8_string_param(other, "point-format", "compressed"), 1);
	der_len = i2d_PUBKEY(other, &der);
	assert_true(der_len > 0);
	assert_int_equal(
	    rxp_agreement_spki_point(&point, suite, der, (size_t)der_len), RXP_ERR_KEY);
	OPENSSL_free(der);
	EVP_PKEY_free(other);
	assert_int_equal(point.len, 0);
	rxp_buf_free(&spki);
	rxp_buf_free(&point);
	rxp_agreement_key_free(key);
}

static void scalars_outside_the_group_are_refused(void **state)
{
	struct rxp_agreement_key *key = NULL;
	uint8_t scalar[FIELD + 1] = {0};

	(void)state;
	assert_int_equal(rxp_agreement_key_import(&key, suite, scalar, FIELD), RXP_ERR_KEY);
	unhex(scalar, FIELD, ORDER);
	assert_int_equal(rxp_agreement_key_import(&key, suite, scalar, FIELD), RXP_ERR_KEY);
	scalar[FIELD - 1]--;
	assert_int_equal(rxp_agreement_key_import(&key, suite, scalar, FIELD - 1), RXP_ERR_KEY);
	assert_int_equal(rxp_agreement_key_import(&key, suite, scalar, FIELD + 1), RXP_ERR_KEY);
	assert_null(key);
	assert_int_equal(rxp_agreement_key_import(&key, suite, scalar, FIELD), 0);
	rxp_agreement_key_free(key);
}

static void points_are_checked(void **state)
{
	struct rxp_agreement_key *own = key_of(EPHEMERAL);
	uint8_t good[POINT + 1], bad[POINT + 1], kek[RXP_KEY_OCTETS];

	(void)state;
	memset(good, 0, sizeof good);
	unhex(good, POINT, RECIPIENT_POINT);
	assert_int_equal(rxp_agreement_derive(kek, suite, own, good, POINT, NULL, 0), 0);
	for (int form = 0; form < 256; form++) { /* 00 infinity, 02 03 compressed, 06 07 hybrid */
		memcpy(bad, good, sizeof bad);
		bad[0] = (uint8_t)form;
		assert_int_equal(rxp_agreement_derive(kek, suite, own, bad, POINT, NULL, 0),
		    form == 4 ? 0 : RXP_ERR_KEY);
	}
	assert_int_equal(
	    rxp_agreement_derive(kek, suite, own, good, POINT - 1, NULL, 0), RXP_ERR_KEY);
	assert_int_equal(
	    rxp_agreement_derive(kek, suite, own, good, POINT + 1, NULL, 0), RXP_ERR_KEY);
	memcpy(bad, good, sizeof bad);
	bad[POINT - 1] ^= 1;
	assert_int_equal(rxp_agreement_derive(kek, suite, own, bad, POINT, NULL, 0), RXP_ERR_KEY);
	memset(bad + 1, 0, POINT - 1);
	assert_int_equal(rxp_agreement_derive(kek, suite, own, bad, POINT, NULL, 0), RXP_ERR_KEY);
	memset(bad + 1, 0xff, POINT - 1);
	assert_int_equal(rxp_agreement_derive(kek, suite, own, bad, POINT, NULL, 0), RXP_ERR_KEY);
	rxp_agreement_key_free(own);
}

static void a_changed_wrapped_key_does_not_unwrap(void **state)
{
	uint8_t kek[RXP_KEY_OCTETS], cek[RXP_KEY_OCTETS], wrapped[48] = {0};

	(void)state;
	unhex(kek, sizeof kek, KEK);
	unhex(wrapped, 40, WRAPPED);
	memset(cek, 0xa5, sizeof cek);
	for (size_t i = 0; i < 40; i++) {
		wrapped[i] ^= 1;
		assert_int_equal(
		    rxp_agreement_unwrap(cek, suite, kek, wrapped, 40), RXP_ERR_DECRYPT);
		wrapped[i] ^= 1;
	}
	for (size_t len = 0; len <= sizeof wrapped; len++)
		if (len != 40)
			assert_int_equal(
			    rxp_agreement_unwrap(cek, suite, kek, wrapped, len), RXP_ERR_DECRYPT);
	assert_int_equal(cek[0], 0xa5);
	assert_int_equal(rxp_agreement_unwrap(cek, suite, kek, wrapped, 40), 0);
}

static void content_is_authenticated(void **state)
{
	static const uint8_t text[] = "specimen";
	uint8_t cek[RXP_KEY_OCTETS], iv[RXP_IV_OCTETS];
	struct rxp_buf sealed, out;

	(void)state;
	unhex(cek, sizeof cek, CEK);
	unhex(iv, sizeof iv, IV);
	rxp_buf_init(&sealed, 256);
	rxp_buf_init(&out, 256);
	rxp_buf_puts(&out, "before");
	assert_int_equal(rxp_agreement_encrypt(&sealed, suite, cek, iv, text, sizeof text), 0);
	assert_int_equal(sealed.len, RXP_IV_OCTETS + sizeof text + RXP_TAG_OCTETS);
	assert_memory_equal(sealed.data, iv, sizeof iv);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.data[i] ^= 1;
		assert_int_equal(rxp_agreement_decrypt(&out, suite, cek, sealed.data, sealed.len),
		    RXP_ERR_DECRYPT);
		sealed.data[i] ^= 1;
	}
	for (size_t len = 0; len < sealed.len; len++)
		assert_int_equal(
		    rxp_agreement_decrypt(&out, suite, cek, sealed.data, len), RXP_ERR_DECRYPT);
	assert_int_equal(out.len, 6);
	assert_int_equal(rxp_agreement_decrypt(&out, suite, cek, sealed.data, sealed.len), 0);
	assert_int_equal(out.len, 6 + sizeof text);
	assert_memory_equal(out.data + 6, text, sizeof text);
	rxp_buf_free(&sealed);
	rxp_buf_free(&out);
}

static int fill_from(void *arg, uint8_t *out, size_t len)
{
	uint8_t *next = arg;

	memset(out, *next, len);
	(*next)++;
	return 0;
}

static int fill_fails(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	(void)out;
	(void)len;
	return RXP_ERR_IO;
}

static void keys_come_from_the_callers_randomness(void **state)
{
	uint8_t next = 0; /* the first scalar is zero and must be passed over */
	struct rxp_random random = {fill_from, &next};
	struct rxp_agreement_key *key = NULL;
	uint8_t want[FIELD];
	struct rxp_buf scalar;

	(void)state;
	rxp_buf_init(&scalar, 64);
	memset(want, 1, sizeof want);
	assert_int_equal(rxp_agreement_key_make(&key, suite, &random), 0);
	assert_int_equal(next, 2);
	assert_int_equal(rxp_agreement_key_export(key, &scalar), 0);
	assert_int_equal(scalar.len, FIELD);
	assert_memory_equal(scalar.data, want, FIELD);
	rxp_agreement_key_free(key);
	random.fill = fill_fails;
	key = NULL;
	assert_int_equal(rxp_agreement_key_make(&key, suite, &random), RXP_ERR_CRYPTO);
	assert_null(key);
	rxp_buf_free(&scalar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_values_are_met),
	    cmocka_unit_test(key_name_is_digest_of_spki),
	    cmocka_unit_test(an_spki_has_one_form),
	    cmocka_unit_test(scalars_outside_the_group_are_refused),
	    cmocka_unit_test(points_are_checked),
	    cmocka_unit_test(a_changed_wrapped_key_does_not_unwrap),
	    cmocka_unit_test(content_is_authenticated),
	    cmocka_unit_test(keys_come_from_the_callers_randomness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
