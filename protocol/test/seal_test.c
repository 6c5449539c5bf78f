/*
 * Goals
 * - what is sealed verifies, under each algorithm and kind, and names its certificate and time;
 * - the octets handed out are those that were signed: an oracle of EVP alone recomputes digests,
 *   fingerprint and signature from them;
 * - another kind, another certificate, changed octets and a second use of the tree are refused;
 * - contents that are not well-formed, close their element early or bear ids are not sealed;
 * - a signer's failure and a value of wrong length come through, and out stays as it was;
 * - certificates and private keys outside the allow-list are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/init.h"
#include "protocol/seal/seal.h"
#include "protocol/test/fixture.h"
#include "protocol/xml/xml.h"

static struct fixture_key keys[RXP_SEAL_ALG_COUNT];

static int setup(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	for (int i = 0; i < RXP_SEAL_ALG_COUNT; i++)
		fixture_key_make(&keys[i], (enum rxp_seal_alg)i);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < RXP_SEAL_ALG_COUNT; i++)
		fixture_key_clear(&keys[i]);
	rxp_cleanup();
	return 0;
}

static struct rxp_xml *parse(const struct rxp_buf *text)
{
	struct rxp_xml *xml = NULL;

	assert_int_equal(
	    rxp_xml_parse(&xml, text->data, text->len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED), 0);
	return xml;
}

static void digest(uint8_t out[32], const struct rxp_buf *octets)
{
	assert_int_equal(EVP_Digest(octets->data, octets->len, out, NULL, EVP_sha256(), NULL), 1);
}

/* The base64 of the digest stands in SignedInfo, n-th of three. */
static void oracle_reference(const struct rxp_seal *seal, int n, const struct rxp_buf *octets)
{
	const char *at = (const char *)seal->signed_info_octets.data;
	struct rxp_buf text;
	uint8_t sum[32];

	rxp_buf_init(&text, 64);
	digest(sum, octets);
	assert_int_equal(rxp_base64_put(&text, sum, sizeof sum), 0);
	for (int i = 0; i <= n; i++) {
		at = strstr(at, "<ds:DigestValue>");
		assert_non_null(at);
		at += strlen("<ds:DigestValue>");
	}
	assert_memory_equal(at, text.data, text.len);
	rxp_buf_free(&text);
}

static void oracle_signature(const struct rxp_seal *seal, const struct fixture_key *key)
{
	enum rxp_seal_alg alg = rxp_cert_alg(key->cert);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *der = NULL;
	const uint8_t *value = seal->value.data;
	size_t value_len = seal->value.len;

	if (alg != RXP_SEAL_RSA) {
		ECDSA_SIG *pair = ECDSA_SIG_new();
		int half = (int)value_len / 2;

		assert_int_equal(value_len, alg == RXP_SEAL_ECDSA_P256 ? 64 : 96);
		assert_int_equal(ECDSA_SIG_set0(pair, BN_bin2bn(value, half, NULL),
				     BN_bin2bn(value + half, half, NULL)),
		    1);
		value_len = (size_t)i2d_ECDSA_SIG(pair, &der);
		value = der;
		ECDSA_SIG_free(pair);
	}
	assert_int_equal(
	    EVP_DigestVerifyInit(ctx, NULL,
		alg == RXP_SEAL_ECDSA_P384 ? EVP_sha384() : EVP_sha256(), NULL, key->pkey),
	    1);
	assert_int_equal(EVP_DigestVerify(ctx, value, value_len, seal->signed_info_octets.data,
			     seal->signed_info_octets.len),
	    1);
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
}

static void round_trip(const struct fixture_key *key, enum rxp_kind kind)
{
	const struct rxp_cert *certs[] = {key->cert};
	struct rxp_xml *xml;
	struct rxp_seal seal;
	struct rxp_buf text;
	struct rxp_buf body;
	uint8_t fingerprint[32];
	uint8_t sum[32];

	rxp_buf_init(&text, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&body, RXP_MAX_DOCUMENT_OCTETS);
	fixture_seal(&text, kind, key, fingerprint);
	xml = parse(&text);
	assert_int_equal(rxp_seal_verify(&seal, xml, kind, certs, 1), 0);
	assert_ptr_equal(seal.cert, key->cert);
	assert_true(seal.signing_time_ms == FIXTURE_TIME_MS);
	assert_true(rxp_xml_is(seal.header, rxp_kind_namespace(kind), "Header"));
	assert_true(rxp_xml_is(seal.body, rxp_kind_namespace(kind), "Body"));
	assert_memory_equal(seal.fingerprint, fingerprint, 32);
	digest(sum, &seal.signed_info_octets);
	assert_memory_equal(sum, fingerprint, 32);
	assert_int_equal(rxp_xml_c14n(&body, xml, seal.body), 0);
	oracle_reference(&seal, 0, &seal.header_octets);
	oracle_reference(&seal, 1, &body);
	oracle_reference(&seal, 2, &seal.properties_octets);
	oracle_signature(&seal, key);
	/* The evidence stands in the object as literal slices. */
	assert_non_null(
	    memmem(text.data, text.len, seal.header_octets.data, seal.header_octets.len));
	assert_non_null(memmem(text.data, text.len, body.data, body.len));
	assert_non_null(
	    memmem(text.data, text.len, seal.properties_octets.data, seal.properties_octets.len));
	assert_non_null(
	    memmem(text.data, text.len, seal.signed_info_octets.data, seal.signed_info_octets.len));
	rxp_seal_clear(&seal);
	rxp_xml_free(xml);
	rxp_buf_free(&body);
	rxp_buf_free(&text);
}

static void every_algorithm_and_kind(void **state)
{
	(void)state;
	for (int alg = 0; alg < RXP_SEAL_ALG_COUNT; alg++)
		round_trip(&keys[alg], RXP_KIND_DOCUMENT);
	for (int kind = 0; kind < RXP_KIND_COUNT; kind++)
		round_trip(&keys[RXP_SEAL_ECDSA_P256], (enum rxp_kind)kind);
}

static int verify(
    const struct rxp_buf *text, enum rxp_kind kind, const struct rxp_cert *const *certs, size_t n)
{
	struct rxp_xml *xml = parse(text);
	struct rxp_seal seal;
	int rc = rxp_seal_verify(&seal, xml, kind, certs, n);

	if (rc == 0)
		rxp_seal_clear(&seal);
	rxp_xml_free(xml);
	return rc;
}

static void only_the_registered_certificates(void **state)
{
	const struct rxp_cert *all[] = {keys[RXP_SEAL_ECDSA_P384].cert, keys[RXP_SEAL_RSA].cert,
	    keys[RXP_SEAL_ECDSA_P256].cert};
	struct rxp_buf text;
	uint8_t fingerprint[32];

	(void)state;
	rxp_buf_init(&text, RXP_MAX_DOCUMENT_OCTETS);
	fixture_seal(&text, RXP_KIND_RECEIPT, &keys[RXP_SEAL_ECDSA_P256], fingerprint);
	assert_int_equal(verify(&text, RXP_KIND_RECEIPT, all, 3), 0);
	assert_int_equal(verify(&text, RXP_KIND_RECEIPT, all, 2), RXP_ERR_SIGNER);
	assert_int_equal(verify(&text, RXP_KIND_RECEIPT, all, 0), RXP_ERR_SIGNER);
	for (int kind = 0; kind < RXP_KIND_COUNT; kind++)
		if (kind != RXP_KIND_RECEIPT)
			assert_int_equal(
			    verify(&text, (enum rxp_kind)kind, all, 3), RXP_ERR_STRUCTURE);
	rxp_buf_free(&text);
}

static void a_tree_is_verified_once(void **state)
{
	const struct rxp_cert *certs[] = {keys[0].cert};
	struct rxp_xml *xml;
	struct rxp_seal seal;
	struct rxp_buf text;
	uint8_t fingerprint[32];

	(void)state;
	rxp_buf_init(&text, RXP_MAX_DOCUMENT_OCTETS);
	fixture_seal(&text, RXP_KIND_DOCUMENT, &keys[0], fingerprint);
	xml = parse(&text);
	assert_int_equal(rxp_seal_verify(&seal, xml, RXP_KIND_DOCUMENT, certs, 1), 0);
	rxp_seal_clear(&seal);
	memset(&seal, 0x5a, sizeof seal);
	assert_int_equal(
	    rxp_seal_verify(&seal, xml, RXP_KIND_DOCUMENT, certs, 1), RXP_ERR_STRUCTURE);
	for (size_t i = 0; i < sizeof seal; i++)
		assert_int_equal(((const uint8_t *)&seal)[i], 0x5a);
	rxp_xml_free(xml);
	rxp_buf_free(&text);
}

static void the_claimed_certificate(void **state)
{
	struct rxp_cert *claimed = NULL;
	struct rxp_xml *xml;
	struct rxp_buf text;
	uint8_t fingerprint[32];
	uint8_t ours[32];
	uint8_t theirs[32];

	(void)state;
	rxp_buf_init(&text, RXP_MAX_DOCUMENT_OCTETS);
	fixture_seal(&text, RXP_KIND_IDENTITY, &keys[RXP_SEAL_RSA], fingerprint);
	xml = parse(&text);
	assert_int_equal(rxp_seal_claimed_cert(&claimed, xml, RXP_KIND_WORKING), RXP_ERR_STRUCTURE);
	assert_null(claimed);
	assert_int_equal(rxp_seal_claimed_cert(&claimed, xml, RXP_KIND_IDENTITY), 0);
	rxp_cert_spki_digest(claimed, theirs);
	rxp_cert_spki_digest(keys[RXP_SEAL_RSA].cert, ours);
	assert_memory_equal(ours, theirs, 32);
	assert_int_equal(rxp_cert_alg(claimed), RXP_SEAL_RSA);
	rxp_cert_free(claimed);
	rxp_xml_free(xml);
	rxp_buf_free(&text);
}

/* --- sealing ------------------------------------------------------------------------------- */

static int seal_contents(
    struct rxp_buf *out, const char *header, const char *body, const struct rxp_signer *signer)
{
	struct rxp_buf h = fixture_text(header);
	struct rxp_buf b = fixture_text(body);
	uint8_t fingerprint[32];
	int rc =
	    rxp_seal_sign(out, RXP_KIND_DOCUMENT, &h, &b, FIXTURE_TIME_MS, signer, fingerprint);

	rxp_buf_free(&b);
	rxp_buf_free(&h);
	return rc;
}

static void contents_that_are_not_sealed(void **state)
{
	static const struct {
		const char *header;
		const char *body;
		int rc;
	} cases[] = {
	    {"<A></A>", "<B></B>", 0},
	    {"<A>", "<B></B>", RXP_ERR_SYNTAX},
	    {"<A></A></Header><Header Id=\"header\">", "<B></B>", RXP_ERR_STRICT},
	    {"</Header></Document><Document><Header>", "<B></B>", RXP_ERR_SYNTAX},
	    {"<A></A></Header><Body Id=\"body\"><Header>", "<B></B>", RXP_ERR_SYNTAX},
	    {"</Header>text<Header Id=\"header\">", "<B></B>", RXP_ERR_STRICT},
	    {"<A></A>", "<B Id=\"seal\"></B>", RXP_ERR_STRICT},
	    {"<A></A>", "<B Id=\"other\"></B>", RXP_ERR_STRICT},
	    {"<A></A>", "<B xml:lang=\"en\"></B>", RXP_ERR_STRICT},
	    {"<A></A>", "<B><!-- c --></B>", RXP_ERR_STRICT},
	    {"<A></A>", "<p:B></p:B>", RXP_ERR_SYNTAX},
	    {"<A></A>", "<B>&#0;</B>", RXP_ERR_SYNTAX},
	};
	struct rxp_signer signer = rxp_key_signer_interface(keys[0].signer);
	struct rxp_buf out;

	(void)state;
	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		rxp_buf_reset(&out);
		assert_int_equal(
		    seal_contents(&out, cases[i].header, cases[i].body, &signer), cases[i].rc);
		if (cases[i].rc != 0)
			assert_int_equal(out.len, 0);
	}
	rxp_buf_free(&out);
}

/* The elements of the Signature count too, so a full content is refused before it is signed. */
static void element_bound_includes_the_signature(void **state)
{
	const struct rxp_cert *certs[] = {keys[0].cert};
	struct rxp_signer signer = rxp_key_signer_interface(keys[0].signer);
	struct rxp_buf content;
	struct rxp_buf out;
	int most = RXP_MAX_XML_ELEMENTS - 41 - 1; /* root, Header, Body, Signature; one in Header */

	(void)state;
	rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	for (int i = 0; i < most; i++)
		rxp_buf_puts(&content, "<b></b>");
	assert_int_equal(rxp_buf_putc(&content, '\0'), 0);
	assert_int_equal(seal_contents(&out, "<A></A>", (const char *)content.data, &signer), 0);
	assert_int_equal(verify(&out, RXP_KIND_DOCUMENT, certs, 1), 0);
	rxp_buf_reset(&out);
	assert_int_equal(seal_contents(&out, "<A></A><A></A>", (const char *)content.data, &signer),
	    RXP_ERR_STRICT);
	rxp_buf_free(&out);
	rxp_buf_free(&content);
}

static int sign_fails(void *arg, const uint8_t *octets, size_t len,
    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	(void)octets;
	(void)len;
	memset(value, 1, RXP_MAX_SIGNATURE_OCTETS);
	*value_len = 63;
	return *(int *)arg;
}

static void a_failing_signer(void **state)
{
	int rc = RXP_ERR_CLOSED;
	struct rxp_signer signer = {.sign = sign_fails, .arg = &rc, .cert = keys[0].cert};
	struct rxp_buf out;

	(void)state;
	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_buf_puts(&out, "before"), 0);
	assert_int_equal(seal_contents(&out, "<A></A>", "<B></B>", &signer), RXP_ERR_CLOSED);
	rc = 0;
	assert_int_equal(seal_contents(&out, "<A></A>", "<B></B>", &signer), RXP_ERR_CRYPTO);
	assert_int_equal(out.len, strlen("before"));
	rxp_buf_free(&out);
}

static void a_small_buffer(void **state)
{
	struct rxp_signer signer = rxp_key_signer_interface(keys[0].signer);
	struct rxp_buf out;

	(void)state;
	rxp_buf_init(&out, 1000);
	assert_int_equal(seal_contents(&out, "<A></A>", "<B></B>", &signer), RXP_ERR_BOUND);
	assert_int_equal(out.len, 0);
	rxp_buf_free(&out);
}

/* --- certificates and keys ----------------------------------------------------------------- */

static int parse_certificate_of(EVP_PKEY *pkey, long version)
{
	struct rxp_cert *cert = NULL;
	uint8_t *der;
	size_t len = fixture_certificate(&der, pkey, version);
	int rc = rxp_cert_parse(&cert, der, len);

	OPENSSL_free(der);
	rxp_cert_free(cert);
	return rc;
}

static EVP_PKEY *rsa_with(size_t bits, unsigned long exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *pkey = NULL;

	assert_int_equal(BN_set_word(e, exponent), 1);
	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits), 1);
	assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &pkey), 1);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *ec_with_explicit_parameters(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_group_name(ctx, "P-256"), 1);
	assert_int_equal(EVP_PKEY_CTX_set_ec_param_enc(ctx, OPENSSL_EC_EXPLICIT_CURVE), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &pkey), 1);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static void certificate_keys(void **state)
{
	EVP_PKEY *refused[] = {
	    EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521"),
	    EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1"),
	    EVP_PKEY_Q_keygen(NULL, NULL, "EC", "prime192v1"),
	    EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp224r1"),
	    EVP_PKEY_Q_keygen(NULL, NULL, "EC", "brainpoolP256r1"),
	    rsa_with(1024, 65537),
	    ec_with_explicit_parameters(),
	    rsa_with(2048, 65537),
	    rsa_with(3072, 3),
	};

	(void)state;
	assert_int_equal(parse_certificate_of(keys[0].pkey, X509_VERSION_3), 0);
	assert_int_equal(parse_certificate_of(keys[0].pkey, X509_VERSION_1), RXP_ERR_KEY);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		assert_non_null(refused[i]);
		assert_int_equal(parse_certificate_of(refused[i], X509_VERSION_3), RXP_ERR_KEY);
		EVP_PKEY_free(refused[i]);
	}
}

static void certificate_octets(void **state)
{
	struct rxp_cert *cert = NULL;
	uint8_t copy[RXP_MAX_CERTIFICATE_OCTETS + 1] = {0};
	const uint8_t *der;
	int64_t from;
	int64_t to;
	size_t len;

	(void)state;
	der = rxp_cert_der(keys[0].cert, &len);
	memcpy(copy, der, len);
	assert_int_equal(rxp_cert_parse(&cert, copy, len), 0);
	rxp_cert_validity(cert, &from, &to);
	assert_true(from == 1767225600000LL && to == 1830297600000LL);
	rxp_cert_free(cert);
	cert = NULL;
	assert_int_equal(rxp_cert_parse(&cert, copy, 0), RXP_ERR_KEY);
	assert_int_equal(rxp_cert_parse(&cert, copy, len - 1), RXP_ERR_KEY);
	assert_int_equal(rxp_cert_parse(&cert, copy, len + 1), RXP_ERR_KEY);
	assert_int_equal(rxp_cert_parse(&cert, copy, sizeof copy), RXP_ERR_KEY);
	/* The inner length in a longer form than DER allows. */
	assert_int_equal(copy[1], 0x82);
	assert_int_equal(copy[5], 0x81);
	memmove(copy + 7, copy + 6, len - 6);
	copy[5] = 0x82;
	copy[6] = 0;
	len++;
	copy[2] = (uint8_t)((len - 4) >> 8);
	copy[3] = (uint8_t)(len - 4);
	assert_int_equal(rxp_cert_parse(&cert, copy, len), RXP_ERR_KEY);
	assert_null(cert);
}

/* Dates bound nothing (RXP-DSC-041), also those that no time of ours can say; nor does what else it holds. */
static void certificate_of_any_date(void **state)
{
	struct rxp_cert *cert = NULL;
	uint8_t *der = NULL;
	const uint8_t *at;
	size_t own_len;
	int64_t from, to;
	X509 *x509;
	int len;

	(void)state;
	at = rxp_cert_der(keys[0].cert, &own_len);
	x509 = d2i_X509(NULL, &at, (long)own_len);
	assert_non_null(x509);
	assert_int_equal(
	    ASN1_TIME_set_string_X509(X509_getm_notBefore(x509), "19510101000000Z"), 1);
	assert_int_equal(ASN1_TIME_set_string_X509(X509_getm_notAfter(x509), "19691231235959Z"), 1);
	assert_true(X509_sign(x509, keys[0].pkey, EVP_sha256()) > 0);
	len = i2d_X509(x509, &der);
	assert_true(len > 0);
	assert_int_equal(rxp_cert_parse(&cert, der, (size_t)len), 0);
	rxp_cert_validity(cert, &from, &to);
	assert_true(from == 0 && to == 0);
	rxp_cert_free(cert);
	OPENSSL_free(der);
	X509_free(x509);
}

static void private_keys(void **state)
{
	struct rxp_key_signer *signer = NULL;
	struct rxp_buf pem;
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	(void)state;
	rxp_buf_init(&pem, 8192);
	fixture_pem(&pem, keys[0].pkey);
	assert_int_equal(rxp_key_signer_open(&signer, pem.data, pem.len, keys[0].cert), 0);
	rxp_key_signer_free(signer);
	signer = NULL;
	assert_int_equal(
	    rxp_key_signer_open(&signer, pem.data, pem.len, keys[1].cert), RXP_ERR_MISMATCH);
	assert_int_equal(
	    rxp_key_signer_open(&signer, pem.data, pem.len / 2, keys[0].cert), RXP_ERR_KEY);
	assert_int_equal(rxp_key_signer_open(&signer, pem.data, 0, keys[0].cert), RXP_ERR_KEY);
	/* Encrypted PKCS#8 is refused without asking anybody for a passphrase. */
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(
			     bio, keys[0].pkey, EVP_aes_256_cbc(), "secret", 6, NULL, NULL),
	    1);
	len = BIO_get_mem_data(bio, &text);
	assert_int_equal(
	    rxp_key_signer_open(&signer, (const uint8_t *)text, (size_t)len, keys[0].cert),
	    RXP_ERR_KEY);
	assert_null(signer);
	BIO_free(bio);
	rxp_buf_free(&pem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_algorithm_and_kind),
	    cmocka_unit_test(only_the_registered_certificates),
	    cmocka_unit_test(a_tree_is_verified_once),
	    cmocka_unit_test(the_claimed_certificate),
	    cmocka_unit_test(contents_that_are_not_sealed),
	    cmocka_unit_test(element_bound_includes_the_signature),
	    cmocka_unit_test(a_failing_signer),
	    cmocka_unit_test(a_small_buffer),
	    cmocka_unit_test(certificate_keys),
	    cmocka_unit_test(certificate_octets),
	    cmocka_unit_test(certificate_of_any_date),
	    cmocka_unit_test(private_keys),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
