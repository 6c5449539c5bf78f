/*
 * Goals:
 *  - what is closed opens, with the same octets, header and content key, at all sizes;
 *  - every change of the structure is refused: other element, attribute, algorithm, order, text
 *    between, form of a value; each negative changes one thing of an Envelope that parses;
 *  - every change of what the key or the content depends on gives RXP_ERR_DECRYPT and no octets;
 *  - sizes are bounded before parsing and after decoding;
 *  - rekey keeps message id, IV, ciphertext and content key, and changes the rest;
 *  - no two Envelopes share a key or an IV;
 *  - with RXP_TIMING set, the times of close and open are printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/random.h"
#include "protocol/envelope/envelope.h"
#include "protocol/init.h"

#define CREATED_MS 1795428000000LL
#define TIMED_ROUNDS 2000

/* xorshift: unpredictable enough for a test, the same on every run. */
static int fill(void *arg, uint8_t *out, size_t len)
{
	uint64_t *x = arg;

	for (size_t i = 0; i < len; i++) {
		*x ^= *x << 13;
		*x ^= *x >> 7;
		*x ^= *x << 17;
		out[i] = (uint8_t)(*x >> 32);
	}
	return 0;
}

static uint64_t seed = 0x9e3779b97f4a7c15ULL;
static const struct rxp_random source = {fill, &seed};

struct world {
	struct rxp_agreement_key *key;
	struct rxp_buf spki;
	struct rxp_outer outer;
	struct rxp_buf envelope; /* of "<Document/>" */
	uint8_t cek[RXP_KEY_OCTETS];
};

static const char document[] = "<Document/>";

static int start(void **state)
{
	static struct world w;

	if (rxp_init() != 0)
		return -1;
	rxp_buf_init(&w.spki, 256);
	rxp_buf_init(&w.envelope, RXP_MAX_ENVELOPE_OCTETS);
	w.outer = (struct rxp_outer){.from = "QRA",
	    .to = "QRB",
	    .created_ms = CREATED_MS,
	    .expires_ms = CREATED_MS + RXP_DEFAULT_LIFETIME_MS};
	if (rxp_id_make_v7(w.outer.message_id, CREATED_MS, &source) != 0 ||
	    rxp_agreement_key_make(&w.key, &rxp_suite_p256, &source) != 0 ||
	    rxp_agreement_key_spki(w.key, &w.spki) != 0 ||
	    rxp_envelope_close(&w.envelope, &w.outer, (const uint8_t *)document, strlen(document),
		w.spki.data, w.spki.len, &source, w.cek) != 0)
		return -1;
	*state = &w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;

	rxp_agreement_key_free(w->key);
	rxp_buf_free(&w->spki);
	rxp_buf_free(&w->envelope);
	rxp_cleanup();
	return 0;
}

static void what_is_closed_opens(void **state)
{
	static const size_t sizes[] = {1, 2, 3, 4095, RXP_MAX_DOCUMENT_OCTETS};
	const struct world *w = *state;
	uint8_t digest[32], cek[RXP_KEY_OCTETS], opened[RXP_KEY_OCTETS];
	uint8_t *octets = calloc(1, RXP_MAX_DOCUMENT_OCTETS + 1);

	assert_non_null(octets);
	assert_int_equal(
	    EVP_Digest(w->spki.data, w->spki.len, digest, NULL, EVP_sha256(), NULL), 1);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct rxp_envelope *e = NULL;
		struct rxp_buf out, plain;

		rxp_buf_init(&out, RXP_MAX_ENVELOPE_OCTETS);
		rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
		fill(&seed, octets, sizes[i]);
		assert_int_equal(rxp_envelope_close(&out, &w->outer, octets, sizes[i], w->spki.data,
				     w->spki.len, &source, cek),
		    0);
		assert_int_equal(rxp_envelope_parse(&e, out.data, out.len), 0);
		assert_memory_equal(rxp_envelope_outer(e)->message_id, w->outer.message_id, 16);
		assert_string_equal(rxp_envelope_outer(e)->from, "QRA");
		assert_string_equal(rxp_envelope_outer(e)->to, "QRB");
		assert_true(rxp_envelope_outer(e)->created_ms == w->outer.created_ms);
		assert_true(rxp_envelope_outer(e)->expires_ms == w->outer.expires_ms);
		assert_memory_equal(rxp_envelope_key_id(e), digest, sizeof digest);
		assert_int_equal(rxp_envelope_decrypt(&plain, e, w->key, opened), 0);
		assert_int_equal(plain.len, sizes[i]);
		assert_memory_equal(plain.data, octets, sizes[i]);
		assert_memory_equal(opened, cek, sizeof cek);
		rxp_buf_reset(&plain);
		assert_int_equal(rxp_envelope_decrypt_with(&plain, e, cek), 0);
		assert_memory_equal(plain.data, octets, sizes[i]);
		rxp_envelope_free(e);
		rxp_buf_free(&out);
		rxp_buf_free(&plain);
	}
	free(octets);
}

static void closing_keeps_its_bounds(void **state)
{
	const struct world *w = *state;
	struct rxp_outer outer = w->outer;
	uint8_t cek[RXP_KEY_OCTETS], *octets = calloc(1, RXP_MAX_DOCUMENT_OCTETS + 1);
	struct rxp_buf out;

	rxp_buf_init(&out, RXP_MAX_ENVELOPE_OCTETS);
	assert_int_equal(rxp_envelope_close(&out, &outer, octets, RXP_MAX_DOCUMENT_OCTETS + 1,
			     w->spki.data, w->spki.len, &source, cek),
	    RXP_ERR_BOUND);
	outer.expires_ms = outer.created_ms;
	assert_int_equal(
	    rxp_envelope_close(&out, &outer, octets, 1, w->spki.data, w->spki.len, &source, cek),
	    RXP_ERR_BOUND);
	outer.expires_ms = outer.created_ms + RXP_MAX_LIFETIME_MS + 1;
	assert_int_equal(
	    rxp_envelope_close(&out, &outer, octets, 1, w->spki.data, w->spki.len, &source, cek),
	    RXP_ERR_BOUND);
	outer.expires_ms--;
	assert_int_equal(rxp_envelope_close(
			     &out, &outer, octets, 1, w->spki.data, w->spki.len - 1, &source, cek),
	    RXP_ERR_KEY);
	assert_int_equal(out.len, 0);
	assert_int_equal(
	    rxp_envelope_close(&out, &outer, octets, 1, w->spki.data, w->spki.len, &source, cek),
	    0);
	rxp_buf_free(&out);
	free(octets);
}

/* Parses the world's Envelope with the first `from` replaced by `to`. */
static int parse_changed(
    struct rxp_envelope **e, const struct world *w, const char *from, const char *to)
{
	const uint8_t *at = memmem(w->envelope.data, w->envelope.len, from, strlen(from));
	struct rxp_buf changed;
	size_t before;
	int rc;

	if (at == NULL)
		fail_msg("not in the Envelope: %s", from);
	before = (size_t)(at - w->envelope.data);
	rxp_buf_init(&changed, 2UL * RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_put(&changed, w->envelope.data, before);
	rxp_buf_puts(&changed, to);
	rxp_buf_put(&changed, at + strlen(from), w->envelope.len - before - strlen(from));
	assert_int_equal(rxp_buf_error(&changed), 0);
	rc = rxp_envelope_parse(e, changed.data, changed.len);
	rxp_buf_free(&changed);
	return rc;
}

static void one_structure_is_accepted(void **state)
{
	static const struct {
		const char *from, *to;
		int rc;
	} cases[] = {
	    /* prefixes, places of declarations and a declaration of the encoding are free */
	    {"<Envelope", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Envelope", 0},
	    {"<ds:KeyName>", "<ds:KeyName xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", 0},
	    {"RXP-1-P256\"", "RXP-2-P256\"", RXP_ERR_UNSUPPORTED},
	    {" Suite=\"RXP-1-P256\"", "", RXP_ERR_STRUCTURE},
	    {"Suite=", "Extra=\"\" Suite=", RXP_ERR_STRUCTURE},
	    {"<Envelope xmlns=\"urn:rxp:1:envelope\"", "<Envelope xmlns=\"urn:rxp:2:envelope\"",
		RXP_ERR_STRUCTURE},
	    {"<Header>", " <Header>", RXP_ERR_STRUCTURE},
	    {"<Header>", "<Header>\n", RXP_ERR_STRUCTURE},
	    {"<Header>", "<Header id=\"\">", RXP_ERR_STRUCTURE},
	    {"<Header>", "<Header Id=\"header\">", RXP_ERR_STRICT},
	    {"<From>QRA</From><To>QRB</To>", "<To>QRB</To><From>QRA</From>", RXP_ERR_STRUCTURE},
	    {"<From>QRA</From>", "", RXP_ERR_STRUCTURE},
	    {"<From>QRA</From>", "<From></From>", RXP_ERR_SYNTAX},
	    {"<From>QRA</From>", "<From a=\"\">QRA</From>", RXP_ERR_STRUCTURE},
	    {"<From>QRA</From>", "<From>QRA </From>", RXP_ERR_SYNTAX},
	    {"<From>QRA</From>", "<From>qra</From>", RXP_ERR_SYNTAX},
	    {"<From>QRA</From>", "<From>QR<x/>A</From>", RXP_ERR_STRUCTURE},
	    {"<From>QRA</From>", "<From>QRA</From><From>QRA</From>", RXP_ERR_STRUCTURE},
	    {".000Z</Created>", "Z</Created>", RXP_ERR_SYNTAX},
	    {"<Created>2026-11-23T10", "<Created>2027-11-23T10", RXP_ERR_STRUCTURE},
	    {"<Expires>2027", "<Expires>2029", RXP_ERR_STRUCTURE},
	    {"</Header>", "<More/></Header>", RXP_ERR_STRUCTURE},
	    {"</Header>", "</Header><Header/>", RXP_ERR_STRUCTURE},
	    {"xmlenc#Element", "xmlenc#Content", RXP_ERR_STRUCTURE},
	    {"xmlenc11#aes256-gcm", "xmlenc11#aes128-gcm", RXP_ERR_STRUCTURE},
	    {"http://www.w3.org/2009/xmlenc11#aes256-gcm",
		"http://www.w3.org/2001/04/xmlenc#aes256-cbc", RXP_ERR_STRUCTURE},
	    {"aes256-gcm\">", "aes256-gcm\">x", RXP_ERR_STRUCTURE},
	    {"kw-aes256\">", "kw-aes256\"><xenc:KeySize>256</xenc:KeySize>", RXP_ERR_STRUCTURE},
	    {"xmlenc#kw-aes256", "xmlenc#kw-aes128", RXP_ERR_STRUCTURE},
	    {"xmlenc#kw-aes256", "xmlenc#rsa-1_5", RXP_ERR_STRUCTURE},
	    {"xmlenc#kw-aes256", "xmlenc#rsa-oaep-mgf1p", RXP_ERR_STRUCTURE},
	    {"xmlenc11#ECDH-ES", "xmlenc11#dh-es", RXP_ERR_STRUCTURE},
	    {"xmlenc11#ConcatKDF", "xmlenc11#pbkdf2", RXP_ERR_STRUCTURE},
	    {"xmlenc#sha256", "xmlenc#sha512", RXP_ERR_STRUCTURE},
	    {"AlgorithmID=\"00", "AlgorithmID=\"01", RXP_ERR_STRUCTURE},
	    {"AlgorithmID=\"00", "AlgorithmID=\"", RXP_ERR_STRUCTURE},
	    {"PartyUInfo=\"00515241\"", "PartyUInfo=\"00515242\"", RXP_ERR_STRUCTURE},
	    {"PartyVInfo=\"00515242\"", "PartyVInfo=\"\"", RXP_ERR_STRUCTURE},
	    {" PartyVInfo=\"00515242\"", "", RXP_ERR_STRUCTURE},
	    {"5258502D31", "5258502d31", RXP_ERR_STRUCTURE},
	    {"SuppPubInfo=\"00", "SuppPrivInfo=\"00\" SuppPubInfo=\"00", RXP_ERR_STRUCTURE},
	    {"SuppPubInfo=\"00", "SuppPubInfo=\"000", RXP_ERR_STRUCTURE},
	    {"1.2.840.10045.3.1.7", "1.3.132.0.34", RXP_ERR_STRUCTURE},
	    {"<dsig11:PublicKey>B", "<dsig11:PublicKey>A", RXP_ERR_STRUCTURE},
	    {"<dsig11:PublicKey>", "<dsig11:PublicKey>AAAA", RXP_ERR_SYNTAX},
	    {"<dsig11:PublicKey>", "<dsig11:PublicKey>\n", RXP_ERR_SYNTAX},
	    {"=</dsig11:PublicKey>", "</dsig11:PublicKey>", RXP_ERR_SYNTAX},
	    {"<ds:KeyName>", "<ds:KeyName>0", RXP_ERR_SYNTAX},
	    {"<xenc:CipherData>", "<xenc:CipherData><xenc:CipherReference URI=\"\"/>",
		RXP_ERR_STRUCTURE},
	    {"<xenc:EncryptedKey>", "<xenc:EncryptedKey Recipient=\"QRB\">", RXP_ERR_STRUCTURE},
	    {"</xenc:EncryptedKey>", "</xenc:EncryptedKey><xenc:EncryptedKey/>", RXP_ERR_STRUCTURE},
	    {"</xenc:EncryptedData>", "</xenc:EncryptedData><More/>", RXP_ERR_STRUCTURE},
	    {"</xenc:EncryptedData>", "</xenc:EncryptedData> ", RXP_ERR_STRUCTURE},
	    {"</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>",
		"</xenc:CipherValue></xenc:CipherData><xenc:ReferenceList/></xenc:EncryptedKey>",
		RXP_ERR_STRUCTURE},
	    {"</Envelope>", "</Envelope>x", RXP_ERR_SYNTAX},
	};
	const struct world *w = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_envelope *e = NULL;
		int rc = parse_changed(&e, w, cases[i].from, cases[i].to);

		if (rc != cases[i].rc)
			fail_msg("%s -> %s: %d", cases[i].from, cases[i].to, rc);
		assert_true((e == NULL) == (rc != 0));
		rxp_envelope_free(e);
	}
}

static void octets_are_bounded_before_parsing(void **state)
{
	struct rxp_envelope *e = NULL;
	size_t len = RXP_MAX_ENVELOPE_OCTETS + 1;
	uint8_t *octets = calloc(1, len);

	(void)state;
	assert_non_null(octets);
	assert_int_equal(rxp_envelope_parse(&e, octets, len), RXP_ERR_BOUND);
	assert_int_equal(rxp_envelope_parse(&e, octets, len - 1), RXP_ERR_SYNTAX);
	free(octets);
}

static void a_long_ciphertext_is_refused(void **state)
{
	const struct world *w = *state;
	static const char tail[] =
	    "</xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>";
	struct rxp_envelope *e = NULL;
	size_t digits = RXP_BASE64_LENGTH((size_t)RXP_MAX_DOCUMENT_OCTETS + 30);
	char *to = malloc(sizeof tail + digits);

	assert_non_null(to);
	memcpy(to, tail, sizeof tail - 1);
	memset(to + sizeof tail - 1, 'A', digits);
	to[sizeof tail - 1 + digits] = '\0';
	assert_int_equal(parse_changed(&e, w, tail, to), RXP_ERR_BOUND);
	free(to);
}

/* Does it differ in a part on which the encryption does not depend: times, which are compared after
 * opening (RXP-ENV-013), or the name of the key? */
static bool compared_apart(const struct rxp_envelope *e, const struct world *w)
{
	const struct rxp_outer *outer = rxp_envelope_outer(e);
	uint8_t digest[32];

	assert_int_equal(
	    EVP_Digest(w->spki.data, w->spki.len, digest, NULL, EVP_sha256(), NULL), 1);
	return outer->created_ms != w->outer.created_ms ||
	       outer->expires_ms != w->outer.expires_ms ||
	       memcmp(rxp_envelope_key_id(e), digest, sizeof digest) != 0;
}

static void what_does_not_decrypt_looks_alike(void **state)
{
	const struct world *w = *state;
	struct rxp_agreement_key *other = NULL;
	struct rxp_envelope *e = NULL;
	struct rxp_buf plain;
	uint8_t cek[RXP_KEY_OCTETS];
	size_t changed = 0;

	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_agreement_key_make(&other, &rxp_suite_p256, &source), 0);
	assert_int_equal(rxp_envelope_parse(&e, w->envelope.data, w->envelope.len), 0);
	assert_int_equal(rxp_envelope_decrypt(&plain, e, other, cek), RXP_ERR_DECRYPT);
	assert_int_equal(rxp_envelope_decrypt(&plain, e, w->key, NULL), 0);
	rxp_envelope_free(e);
	rxp_buf_reset(&plain);
	for (size_t i = 0; i < w->envelope.len; i++) {
		w->envelope.data[i] ^= 1;
		e = NULL;
		if (rxp_envelope_parse(&e, w->envelope.data, w->envelope.len) == 0) {
			bool apart = compared_apart(e, w);

			assert_int_equal(rxp_envelope_decrypt(&plain, e, w->key, cek),
			    apart ? 0 : RXP_ERR_DECRYPT);
			assert_int_equal(plain.len, apart ? strlen(document) : 0);
			changed += !apart;
			rxp_buf_reset(&plain);
		}
		w->envelope.data[i] ^= 1;
		rxp_envelope_free(e);
	}
	assert_true(changed > 100);
	rxp_agreement_key_free(other);
	rxp_buf_free(&plain);
}

static void rekey_replaces_the_key_alone(void **state)
{
	const struct world *w = *state;
	struct rxp_agreement_key *next = NULL;
	struct rxp_envelope *e = NULL, *again = NULL;
	struct rxp_buf spki, out, plain;
	uint8_t cek[RXP_KEY_OCTETS];
	static const char mark[] = "</xenc:EncryptedKey>";
	const uint8_t *old_tail, *new_tail;

	rxp_buf_init(&spki, 256);
	rxp_buf_init(&out, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_agreement_key_make(&next, &rxp_suite_p256, &source), 0);
	assert_int_equal(rxp_agreement_key_spki(next, &spki), 0);
	assert_int_equal(rxp_envelope_parse(&e, w->envelope.data, w->envelope.len), 0);
	assert_int_equal(rxp_envelope_rekey(&out, e, w->cek, spki.data, spki.len, &source), 0);
	assert_int_equal(rxp_envelope_parse(&again, out.data, out.len), 0);
	assert_memory_equal(rxp_envelope_outer(again)->message_id, w->outer.message_id, 16);
	assert_memory_not_equal(rxp_envelope_key_id(again), rxp_envelope_key_id(e), 32);
	assert_int_equal(rxp_envelope_decrypt(&plain, again, w->key, cek), RXP_ERR_DECRYPT);
	assert_int_equal(rxp_envelope_decrypt(&plain, again, next, cek), 0);
	assert_int_equal(plain.len, strlen(document));
	assert_memory_equal(cek, w->cek, sizeof cek);
	assert_int_equal(out.len, w->envelope.len);
	old_tail = memmem(w->envelope.data, w->envelope.len, mark, strlen(mark));
	new_tail = memmem(out.data, out.len, mark, strlen(mark));
	assert_true(old_tail - w->envelope.data == new_tail - out.data);
	assert_memory_equal(
	    old_tail, new_tail, w->envelope.len - (size_t)(old_tail - w->envelope.data));
	rxp_envelope_free(e);
	rxp_envelope_free(again);
	rxp_agreement_key_free(next);
	rxp_buf_free(&spki);
	rxp_buf_free(&out);
	rxp_buf_free(&plain);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void times(void **state)
{
	const struct world *w = *state;
	uint8_t cek[RXP_KEY_OCTETS], octets[8192] = {0};
	struct rxp_buf out, plain;
	double began, closed;

	if (getenv("RXP_TIMING") == NULL)
		skip();
	rxp_buf_init(&out, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	began = seconds();
	for (int i = 0; i < TIMED_ROUNDS; i++) {
		rxp_buf_reset(&out);
		assert_int_equal(rxp_envelope_close(&out, &w->outer, octets, sizeof octets,
				     w->spki.data, w->spki.len, &source, cek),
		    0);
	}
	closed = seconds();
	for (int i = 0; i < TIMED_ROUNDS; i++) {
		struct rxp_envelope *e = NULL;

		rxp_buf_reset(&plain);
		assert_int_equal(rxp_envelope_parse(&e, out.data, out.len), 0);
		assert_int_equal(rxp_envelope_decrypt(&plain, e, w->key, cek), 0);
		rxp_envelope_free(e);
	}
	print_message("8 KiB: close %.1f us, parse and decrypt %.1f us of CPU\n",
	    (closed - began) / TIMED_ROUNDS * 1e6, (seconds() - closed) / TIMED_ROUNDS * 1e6);
	rxp_buf_free(&out);
	rxp_buf_free(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_closed_opens),
	    cmocka_unit_test(closing_keeps_its_bounds),
	    cmocka_unit_test(one_structure_is_accepted),
	    cmocka_unit_test(octets_are_bounded_before_parsing),
	    cmocka_unit_test(a_long_ciphertext_is_refused),
	    cmocka_unit_test(what_does_not_decrypt_looks_alike),
	    cmocka_unit_test(rekey_replaces_the_key_alone),
	    cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
