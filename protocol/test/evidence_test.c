/*
 * Goals:
 *  - what a sealed document leaves as evidence verifies without its Body, under each algorithm, and says
 *    what its Header says;
 *  - each piece with one octet changed, anywhere, fails and is the piece that is named, also where the
 *    SignedInfo is re-made around it;
 *  - pieces that are well-formed and not canonical, that reach beyond their place, or that another party
 *    sealed, fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "protocol/base/err.h"
#include "protocol/base/random.h"
#include "protocol/evidence/evidence.h"
#include "protocol/init.h"
#include "protocol/test/fixture.h"

#define N_KEYS RXP_SEAL_ALG_COUNT

static struct fixture_key keys[N_KEYS], stranger;

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	memset(out, 7, len);
	return 0;
}

static const struct rxp_random source = {fill, NULL};

/* The pieces of one document, in memory that may be written. */
struct kept {
	uint8_t *piece[RXP_EVIDENCE_PIECES];
	struct rxp_evidence evidence;
	uint8_t fingerprint[32];
};

static struct rxp_header header_at(const char *from, const char *to, uint64_t position)
{
	struct rxp_header h = {.type = "Withdrawal",
	    .from_office = "RETURNS",
	    .to_office = "READMISSION",
	    .in_case = true,
	    .position = position,
	    .has_previous = position > 1,
	    .profile_id = "model",
	    .profile_version = "1"};

	h.outer.created_ms = FIXTURE_TIME_MS + (int64_t)position;
	h.outer.expires_ms = h.outer.created_ms + RXP_DEFAULT_LIFETIME_MS;
	memcpy(h.outer.from, from, sizeof h.outer.from);
	memcpy(h.outer.to, to, sizeof h.outer.to);
	memset(h.outer.message_id, 0x77, sizeof h.outer.message_id);
	h.outer.message_id[0] = (uint8_t)(from[2] + (int)position);
	h.outer.message_id[8] = 0x87;
	memset(h.case_id, 0x44, sizeof h.case_id);
	h.case_id[8] = 0x84;
	return h;
}

static void keep(struct kept *k, const struct rxp_buf *const *octets)
{
	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++) {
		k->piece[i] = malloc(octets[i]->len);
		assert_non_null(k->piece[i]);
		memcpy(k->piece[i], octets[i]->data, octets[i]->len);
		k->evidence.piece[i].data = k->piece[i];
		k->evidence.piece[i].len = octets[i]->len;
	}
}

static void drop(struct kept *k)
{
	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++)
		free(k->piece[i]);
}

/* Seal, open as a receiver does, keep what it keeps. */
static void make(struct kept *k, const struct rxp_header *h, const struct fixture_key *key)
{
	struct rxp_signer signer = rxp_key_signer_interface(key->signer);
	struct rxp_buf content = fixture_text("<Ping xmlns=\"urn:rxp:1:body\"></Ping>"), sealed;
	const struct rxp_cert *const certs[] = {key->cert};
	struct rxp_document *d = NULL;

	rxp_buf_init(&sealed, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_document_seal(&sealed, h, &(struct rxp_draft){.content = &content},
			     h->outer.created_ms, &source, &signer, k->fingerprint),
	    0);
	assert_int_equal(rxp_document_open(&d, sealed.data, sealed.len, &h->outer, certs, 1), 0);
	keep(k, (const struct rxp_buf *const[]){&d->seal.header_octets, &d->seal.properties_octets,
		    &d->seal.signed_info_octets, &d->seal.value});
	rxp_document_free(d);
	rxp_buf_free(&sealed);
	rxp_buf_free(&content);
}

static int verify(struct rxp_evidence_proof *proof, enum rxp_evidence_piece *wrong,
    const struct kept *k, const struct fixture_key *key)
{
	return rxp_evidence_verify(proof, wrong, &k->evidence,
	    (const struct rxp_cert *const[]){stranger.cert, key->cert}, 2, k->fingerprint);
}

static void evidence_verifies_without_its_body(void **state)
{
	struct rxp_header h = header_at("QRA", "QRB", 3);

	(void)state;
	memset(h.previous, 1, sizeof h.previous);
	for (size_t i = 0; i < N_KEYS; i++) {
		struct rxp_evidence_proof proof;
		struct kept k;

		make(&k, &h, &keys[i]);
		assert_int_equal(verify(&proof, NULL, &k, &keys[i]), 0);
		assert_memory_equal(proof.fingerprint, k.fingerprint, sizeof k.fingerprint);
		assert_ptr_equal(proof.cert, keys[i].cert);
		assert_true(proof.signing_time_ms == h.outer.created_ms);
		assert_string_equal(proof.header.type, h.type);
		assert_string_equal(proof.header.outer.to, "QRB");
		assert_true(proof.header.position == 3);
		assert_memory_equal(proof.header.previous, h.previous, sizeof h.previous);
		assert_int_equal(rxp_evidence_verify(&proof, NULL, &k.evidence,
				     (const struct rxp_cert *const[]){keys[i].cert}, 1, NULL),
		    0);
		assert_int_equal(verify(&proof, NULL, &k, &stranger), RXP_ERR_SIGNER);
		drop(&k);
	}
}

static void each_octet_counts(void **state)
{
	struct rxp_header h = header_at("QRA", "QRB", 1);
	struct rxp_evidence_proof proof = {0};
	struct kept k;

	(void)state;
	make(&k, &h, &keys[RXP_SEAL_ECDSA_P256]);
	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++)
		for (size_t at = 0; at < k.evidence.piece[i].len; at++) {
			enum rxp_evidence_piece wrong = RXP_EVIDENCE_PIECES;

			k.piece[i][at] ^= 1;
			assert_int_not_equal(
			    verify(&proof, &wrong, &k, &keys[RXP_SEAL_ECDSA_P256]), 0);
			assert_int_equal(wrong, i);
			k.piece[i][at] ^= 1;
		}
	assert_int_equal(proof.header.position, 0);
	assert_int_equal(verify(&proof, NULL, &k, &keys[RXP_SEAL_ECDSA_P256]), 0);
	drop(&k);
}

/* The bounds of a piece, and a value of another length. */
static void lengths_count(void **state)
{
	struct rxp_header h = header_at("QRA", "QRB", 1);
	struct rxp_evidence_proof proof;
	struct kept k;

	(void)state;
	make(&k, &h, &keys[RXP_SEAL_ECDSA_P256]);
	k.evidence.piece[RXP_EVIDENCE_VALUE].len--;
	assert_int_equal(verify(&proof, NULL, &k, &keys[RXP_SEAL_ECDSA_P256]), RXP_ERR_SEAL);
	k.evidence.piece[RXP_EVIDENCE_VALUE].len = 0;
	assert_int_equal(verify(&proof, NULL, &k, &keys[RXP_SEAL_ECDSA_P256]), RXP_ERR_BOUND);
	k.evidence.piece[RXP_EVIDENCE_VALUE].len = RXP_EVIDENCE_MAX_OCTETS + 1;
	assert_int_equal(verify(&proof, NULL, &k, &keys[RXP_SEAL_ECDSA_P256]), RXP_ERR_BOUND);
	drop(&k);
}

/* --- pieces signed by the right key in a wrong form --------------------------------------------------- */

static void replace(struct rxp_buf *b, const char *what, const char *by)
{
	uint8_t *at = memmem(b->data, b->len, what, strlen(what));
	struct rxp_buf out;

	assert_non_null(at);
	rxp_buf_init(&out, b->max);
	rxp_buf_put(&out, b->data, (size_t)(at - b->data));
	rxp_buf_puts(&out, by);
	rxp_buf_put(&out, at + strlen(what), (size_t)(b->data + b->len - at) - strlen(what));
	assert_int_equal(rxp_buf_error(&out), 0);
	rxp_buf_free(b);
	*b = out;
}

/* The digest of new octets in the place of that of the old ones. */
static void redigest(
    struct rxp_buf *signed_info, const struct rxp_buf *before, const struct rxp_buf *after)
{
	uint8_t digest[2][32];
	char text[2][48];

	assert_int_equal(
	    EVP_Digest(before->data, before->len, digest[0], NULL, EVP_sha256(), NULL), 1);
	assert_int_equal(
	    EVP_Digest(after->data, after->len, digest[1], NULL, EVP_sha256(), NULL), 1);
	EVP_EncodeBlock((uint8_t *)text[0], digest[0], 32);
	EVP_EncodeBlock((uint8_t *)text[1], digest[1], 32);
	replace(signed_info, text[0], text[1]);
}

struct forgery {
	const char *what, *text, *by;
	enum rxp_evidence_piece piece;
	int rc;
};

/* Change text in one piece and sign what comes out of it. */
static int verify_forged(
    const struct kept *k, const struct forgery *f, const struct fixture_key *key)
{
	struct rxp_signer signer = rxp_key_signer_interface(key->signer);
	struct rxp_buf p[RXP_EVIDENCE_PIECES];
	const struct rxp_buf *all[RXP_EVIDENCE_PIECES];
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS];
	size_t len;
	struct rxp_evidence_proof proof;
	struct kept forged;
	int rc;

	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++) {
		rxp_buf_init(&p[i], RXP_EVIDENCE_MAX_OCTETS);
		assert_int_equal(rxp_buf_put(&p[i], k->piece[i], k->evidence.piece[i].len), 0);
		all[i] = &p[i];
	}
	if (f->piece < RXP_EVIDENCE_VALUE) {
		struct rxp_buf before = p[f->piece];

		rxp_buf_init(&p[f->piece], RXP_EVIDENCE_MAX_OCTETS);
		assert_int_equal(rxp_buf_put(&p[f->piece], before.data, before.len), 0);
		replace(&p[f->piece], f->text, f->by);
		if (f->piece != RXP_EVIDENCE_SIGNED_INFO)
			redigest(&p[RXP_EVIDENCE_SIGNED_INFO], &before, &p[f->piece]);
		rxp_buf_free(&before);
	}
	assert_int_equal(signer.sign(signer.arg, p[RXP_EVIDENCE_SIGNED_INFO].data,
			     p[RXP_EVIDENCE_SIGNED_INFO].len, value, &len),
	    0);
	rxp_buf_reset(&p[RXP_EVIDENCE_VALUE]);
	assert_int_equal(rxp_buf_put(&p[RXP_EVIDENCE_VALUE], value, len), 0);
	keep(&forged, all);
	rc = rxp_evidence_verify(
	    &proof, NULL, &forged.evidence, (const struct rxp_cert *const[]){key->cert}, 1, NULL);
	drop(&forged);
	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++)
		rxp_buf_free(&p[i]);
	return rc;
}

static void only_the_one_form(void **state)
{
	static const struct forgery forgeries[] = {
	    {"nothing changed", "", "", RXP_EVIDENCE_VALUE, 0},
	    {"another type", "Withdrawal", "Withdrawn!", RXP_EVIDENCE_HEADER, 0},
	    {"white space in a tag", "</Suite>", "</Suite >", RXP_EVIDENCE_HEADER,
		RXP_ERR_STRUCTURE},
	    {"text between", "</Suite>", "</Suite>x", RXP_EVIDENCE_HEADER, RXP_ERR_STRUCTURE},
	    {"a field missing", "<Suite>RXP-1-P256</Suite>", "", RXP_EVIDENCE_HEADER,
		RXP_ERR_STRUCTURE},
	    {"sealed long after", "<Created>2026", "<Created>2025", RXP_EVIDENCE_HEADER,
		RXP_ERR_SEAL},
	    {"a comment", "</Suite>", "</Suite><!-- -->", RXP_EVIDENCE_HEADER, RXP_ERR_STRICT},
	    {"a second element behind", "</Header>", "</Header><Header/>", RXP_EVIDENCE_HEADER,
		RXP_ERR_STRUCTURE},
	    {"a Body of its own", "</Header>", "</Header><Body Id=\"body\"></Body>",
		RXP_EVIDENCE_HEADER, RXP_ERR_STRUCTURE},
	    {"beyond its place", "</Header>", "</Header></Document>", RXP_EVIDENCE_HEADER,
		RXP_ERR_SYNTAX},
	    {"Header of a receipt", "urn:rxp:1:document", "urn:rxp:1:receipt", RXP_EVIDENCE_HEADER,
		RXP_ERR_STRUCTURE},
	    {"other method", "#ecdsa-sha256", "#ecdsa-sha384", RXP_EVIDENCE_SIGNED_INFO,
		RXP_ERR_STRUCTURE},
	    {"other digest method", "xmlenc#sha256", "xmlenc#sha512", RXP_EVIDENCE_SIGNED_INFO,
		RXP_ERR_STRUCTURE},
	    {"other reference", "URI=\"#header\"", "URI=\"#body\"", RXP_EVIDENCE_SIGNED_INFO,
		RXP_ERR_STRUCTURE},
	    {"empty-element tag", "></ds:CanonicalizationMethod>", "/>", RXP_EVIDENCE_SIGNED_INFO,
		RXP_ERR_STRUCTURE},
	    {"beside the SignedInfo", "</ds:SignedInfo>",
		"</ds:SignedInfo><ds:SignatureValue>AA==</ds:SignatureValue>",
		RXP_EVIDENCE_SIGNED_INFO, RXP_ERR_STRUCTURE},
	    {"other property", "text/xml", "text/xsl", RXP_EVIDENCE_PROPERTIES, RXP_ERR_STRUCTURE},
	    {"no such time", "SigningTime>2026-", "SigningTime>2026+", RXP_EVIDENCE_PROPERTIES,
		RXP_ERR_STRUCTURE},
	};
	struct rxp_header h = header_at("QRA", "QRB", 1);
	struct kept k;

	(void)state;
	make(&k, &h, &keys[RXP_SEAL_ECDSA_P256]);
	for (size_t i = 0; i < sizeof forgeries / sizeof forgeries[0]; i++) {
		int rc = verify_forged(&k, &forgeries[i], &keys[RXP_SEAL_ECDSA_P256]);

		if (rc != forgeries[i].rc)
			print_message("%s\n", forgeries[i].what);
		assert_int_equal(rc, forgeries[i].rc);
	}
	drop(&k);
}

/* Each digest must stand in its own Reference: one that is somewhere proves nothing. */
static void digests_count_at_their_place(void **state)
{
	static const char tag[] = "<ds:DigestValue>";
	struct rxp_signer signer = rxp_key_signer_interface(keys[RXP_SEAL_ECDSA_P256].signer);
	struct rxp_header h = header_at("QRA", "QRB", 1);
	struct rxp_evidence_proof proof;
	enum rxp_evidence_piece wrong;
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS], *digest[2], *at;
	size_t value_len, left;
	struct kept k;

	(void)state;
	make(&k, &h, &keys[RXP_SEAL_ECDSA_P256]);
	at = k.piece[RXP_EVIDENCE_SIGNED_INFO];
	left = k.evidence.piece[RXP_EVIDENCE_SIGNED_INFO].len;
	for (int i = 0; i < 2; i++) {
		digest[i] = (uint8_t *)memmem(at, left, tag, strlen(tag)) + strlen(tag);
		left -= (size_t)(digest[i] - at);
		at = digest[i];
	}
	for (int i = 0; i < 44; i++) {
		uint8_t octet = digest[0][i];

		digest[0][i] = digest[1][i];
		digest[1][i] = octet;
	}
	assert_int_equal(signer.sign(signer.arg, k.piece[RXP_EVIDENCE_SIGNED_INFO],
			     k.evidence.piece[RXP_EVIDENCE_SIGNED_INFO].len, value, &value_len),
	    0);
	memcpy(k.piece[RXP_EVIDENCE_VALUE], value, value_len);
	assert_int_equal(
	    rxp_evidence_verify(&proof, &wrong, &k.evidence,
		(const struct rxp_cert *const[]){keys[RXP_SEAL_ECDSA_P256].cert}, 1, NULL),
	    RXP_ERR_SEAL);
	assert_int_equal(wrong, RXP_EVIDENCE_HEADER);
	drop(&k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(evidence_verifies_without_its_body),
	    cmocka_unit_test(each_octet_counts),
	    cmocka_unit_test(lengths_count),
	    cmocka_unit_test(only_the_one_form),
	    cmocka_unit_test(digests_count_at_their_place),
	};
	int failed;

	if (rxp_init() != 0)
		return 1;
	for (int i = 0; i < (int)N_KEYS; i++)
		fixture_key_make(&keys[i], (enum rxp_seal_alg)i);
	fixture_key_make(&stranger, RXP_SEAL_ECDSA_P256);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < N_KEYS; i++)
		fixture_key_clear(&keys[i]);
	fixture_key_clear(&stranger);
	rxp_cleanup();
	return failed;
}
