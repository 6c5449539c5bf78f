/*
 * Goals:
 *  - the worked example of spec/examples is what the library makes: from fixed keys, randomness and
 *    nonce every intermediate value is computed anew and compared with ping.txt, and the Envelope
 *    with ping-envelope.xml;
 *  - Z, KEK and the signature are computed here a second time, by other means than the library's;
 *  - every octet of Document and Envelope belongs to a piece that worked_example.def explains;
 *  - the example opens.
 *
 * With RXP_EXAMPLE_WRITE set the two files are written anew. Runs from the top of the source tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/random.h"
#include "protocol/document/document.h"
#include "protocol/envelope/envelope.h"
#include "protocol/init.h"
#include "protocol/seal/cert.h"
#include "protocol/test/fixture.h"

#define LISTING "spec/examples/ping.txt"
#define ENVELOPE "spec/examples/ping-envelope.xml"
#define MAX_LISTING_OCTETS (256UL * 1024)
#define MAX_LINE_OCTETS 8192
#define LABEL_WIDTH 28

/* Test keys only. */
#define SEAL_SCALAR "3C0F9B62E1D84A7755B0C6E9127F34AD8E61F0257BD9C348A1069E5D72BF8A14"
#define SEAL_NONCE "7A91D3F40C58B6E2219F8A4D6B37C05E13E8F9A274CD5B60187E2D3C94AF60B5"
#define RECIPIENT_SCALAR "A61670B8A35B4139A95DC8E49CF52AD9EFB312E07ED25A4F79A60DC207BF18DD"
#define EPHEMERAL_SCALAR "1BC7FFD29C549AF6138D7DA2CB20161FA6906BA43822083C2E5AA4F8BB762369"
#define CONTENT_KEY "78C38F783F07E4780E186879DA8753951F718820E0D97793E58549DAA97FE914"
#define IV "11432838490E29422CD695E4"
#define SALT "000102030405060708090A0B0C0D0E0F"
#define MESSAGE_ID "019aafe2-5c00-7d31-9a0e-2f6b1c9d7e55"

static const char seal_certificate[] =
    "MIIBEzCBuaADAgECAgEHMAoGCCqGSM49BAMCMBMxETAPBgNVBAMMCFFSQSBzZWFsMB4XDTI2MDEwMTAwMDAwMFoX"
    "DTI4MDEwMTAwMDAwMFowEzERMA8GA1UEAwwIUVJBIHNlYWwwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQxIjox"
    "ieU0ynry4WmogM21Eep7EobhmM3CZ68/c5vVWp5ESfoV9lShMTTp31CyDQqxhTJzf0IyRzOqsxIvR9w9MAoGCCqG"
    "SM49BAMCA0kAMEYCIQCzdkxYK5HJg7785zhGtZ16DLPHkWP2Yl9KZjyQltWd/gIhALXRsPhyUZxlEiUw0R7Hhkth"
    "ocGHHix0vtsAH7lcmwc7";

/* All that the example is made of. */
struct example {
	struct rxp_agreement_key *recipient, *ephemeral;
	struct rxp_cert *cert;
	struct rxp_buf der, spki, point, peer_point;
	struct rxp_header header;
	uint8_t fingerprint[32];
	uint8_t r[32], s[32];
	struct rxp_buf document, envelope;
	uint8_t cek[RXP_KEY_OCTETS];
	uint8_t z[32], info[32], kek[32], cert_digest[32], key_id[32];
	struct rxp_document *opened;
	struct rxp_buf listing;
};

static void unhex(uint8_t *out, size_t len, const char *text)
{
	assert_int_equal(rxp_hex_get(out, len, text, true), 0);
}

static void sha256(uint8_t out[32], const void *octets, size_t len)
{
	assert_int_equal(EVP_Digest(octets, len, out, NULL, EVP_sha256(), NULL), 1);
}

/* Gives the octets of the example in the order in which the library asks for them. */
struct script {
	const char *next[4];
};

static int recite(void *arg, uint8_t *out, size_t len)
{
	struct script *script = arg;

	assert_non_null(script->next[0]);
	unhex(out, len, script->next[0]);
	memmove(script->next, script->next + 1, sizeof script->next - sizeof script->next[0]);
	script->next[3] = NULL;
	return 0;
}

static BIGNUM *number(const char *hex)
{
	BIGNUM *n = NULL;

	assert_true(BN_hex2bn(&n, hex) > 0);
	return n;
}

/* ECDSA with the nonce of the example (FIPS 186-5, 6.4.1): r = x(kG) mod n, s = (h + r d) / k. */
static int sign(void *arg, const uint8_t *octets, size_t len,
    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	struct example *e = arg;
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	const BIGNUM *n = EC_GROUP_get0_order(group);
	BIGNUM *d = number(SEAL_SCALAR), *k = number(SEAL_NONCE), *s = BN_new(), *r = BN_new();
	EC_POINT *point = EC_POINT_new(group);
	BN_CTX *ctx = BN_CTX_new();
	uint8_t hash[32];
	BIGNUM *h;

	sha256(hash, octets, len);
	h = BN_bin2bn(hash, sizeof hash, NULL);
	assert_int_equal(EC_POINT_mul(group, point, k, NULL, NULL, ctx), 1);
	assert_int_equal(EC_POINT_get_affine_coordinates(group, point, r, NULL, ctx), 1);
	assert_int_equal(BN_nnmod(r, r, n, ctx), 1);
	assert_int_equal(BN_mod_mul(s, r, d, n, ctx), 1);
	assert_int_equal(BN_mod_add(s, s, h, n, ctx), 1);
	assert_non_null(BN_mod_inverse(k, k, n, ctx));
	assert_int_equal(BN_mod_mul(s, s, k, n, ctx), 1);
	assert_int_equal(BN_bn2binpad(r, e->r, sizeof e->r), sizeof e->r);
	assert_int_equal(BN_bn2binpad(s, e->s, sizeof e->s), sizeof e->s);
	memcpy(value, e->r, sizeof e->r);
	memcpy(value + sizeof e->r, e->s, sizeof e->s);
	*value_len = sizeof e->r + sizeof e->s;
	BN_free(d);
	BN_free(k);
	BN_free(s);
	BN_free(r);
	BN_free(h);
	EC_POINT_free(point);
	BN_CTX_free(ctx);
	EC_GROUP_free(group);
	return 0;
}

/* Z by a bare multiplication, KEK by the one step of ConcatKDF: SHA-256(00000001 || Z || info). */
static void agree(struct example *e)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = EC_POINT_new(group);
	BIGNUM *d = number(EPHEMERAL_SCALAR), *x = BN_new();
	uint8_t input[4 + 32 + 32] = {0, 0, 0, 1};

	assert_int_equal(
	    EC_POINT_oct2point(group, point, e->peer_point.data, e->peer_point.len, NULL), 1);
	assert_int_equal(EC_POINT_mul(group, point, NULL, point, d, NULL), 1);
	assert_int_equal(EC_POINT_get_affine_coordinates(group, point, x, NULL, NULL), 1);
	assert_int_equal(BN_bn2binpad(x, e->z, sizeof e->z), sizeof e->z);
	memcpy(e->info, "RXP-1-P256QRAQRB", 16);
	memcpy(e->info + 16, e->header.outer.message_id, 16);
	memcpy(input + 4, e->z, sizeof e->z);
	memcpy(input + 36, e->info, sizeof e->info);
	sha256(e->kek, input, sizeof input);
	BN_free(d);
	BN_free(x);
	EC_POINT_free(point);
	EC_GROUP_free(group);
}

static struct rxp_agreement_key *key_of(const char *hex)
{
	struct rxp_agreement_key *key = NULL;
	uint8_t scalar[32];

	unhex(scalar, sizeof scalar, hex);
	assert_int_equal(rxp_agreement_key_import(&key, &rxp_suite_p256, scalar, sizeof scalar), 0);
	return key;
}

static void make_keys(struct example *e)
{
	rxp_buf_init(&e->der, RXP_MAX_CERTIFICATE_OCTETS);
	rxp_buf_init(&e->spki, 128);
	rxp_buf_init(&e->point, 128);
	rxp_buf_init(&e->peer_point, 128);
	assert_int_equal(rxp_base64_get(&e->der, seal_certificate, strlen(seal_certificate)), 0);
	assert_int_equal(rxp_cert_parse(&e->cert, e->der.data, e->der.len), 0);
	rxp_cert_digest(e->cert, e->cert_digest);
	e->recipient = key_of(RECIPIENT_SCALAR);
	e->ephemeral = key_of(EPHEMERAL_SCALAR);
	assert_int_equal(rxp_agreement_key_spki(e->recipient, &e->spki), 0);
	assert_int_equal(rxp_agreement_key_point(e->recipient, &e->peer_point), 0);
	assert_int_equal(rxp_agreement_key_point(e->ephemeral, &e->point), 0);
	sha256(e->key_id, e->spki.data, e->spki.len);
}

static void make_document(struct example *e)
{
	struct rxp_buf content = fixture_text("<Ping xmlns=\"urn:rxp:1:body\"></Ping>");
	struct script script = {{SALT}};
	struct rxp_random random = {recite, &script};
	struct rxp_signer signer = {sign, e, e->cert};

	e->header = (struct rxp_header){.type = "Ping", .from_office = "NODE", .to_office = "NODE"};
	e->header.outer = (struct rxp_outer){.from = "QRA",
	    .to = "QRB",
	    .created_ms = FIXTURE_TIME_MS,
	    .expires_ms = FIXTURE_TIME_MS + RXP_DEFAULT_LIFETIME_MS};
	assert_int_equal(rxp_id_parse(e->header.outer.message_id, MESSAGE_ID, 7), 0);
	rxp_buf_init(&e->document, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(
	    rxp_document_seal(&e->document, &e->header, &(struct rxp_draft){.content = &content},
		FIXTURE_TIME_MS, &random, &signer, e->fingerprint),
	    0);
	rxp_buf_free(&content);
}

static void make_envelope(struct example *e)
{
	struct script script = {{CONTENT_KEY, IV, EPHEMERAL_SCALAR}};
	struct rxp_random random = {recite, &script};

	rxp_buf_init(&e->envelope, RXP_MAX_ENVELOPE_OCTETS);
	assert_int_equal(rxp_envelope_close(&e->envelope, &e->header.outer, e->document.data,
			     e->document.len, e->spki.data, e->spki.len, &random, e->cek),
	    0);
}

/* Opens the example as its recipient would, and keeps the parts that are signed. */
static void open_example(struct example *e)
{
	struct rxp_envelope *envelope = NULL;
	struct rxp_buf plain, place;

	rxp_buf_init(&plain, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&place, 512);
	assert_int_equal(rxp_envelope_parse(&envelope, e->envelope.data, e->envelope.len), 0);
	assert_memory_equal(rxp_envelope_key_id(envelope), e->key_id, sizeof e->key_id);
	assert_int_equal(rxp_envelope_decrypt(&plain, envelope, e->recipient, NULL), 0);
	assert_int_equal(
	    rxp_document_open(&e->opened, plain.data, plain.len, rxp_envelope_outer(envelope),
		(const struct rxp_cert *const[]){e->cert}, 1),
	    0);
	assert_int_equal(rxp_document_check(e->opened, &place), 0);
	assert_memory_equal(e->opened->seal.fingerprint, e->fingerprint, 32);
	rxp_envelope_free(envelope);
	rxp_buf_free(&plain);
	rxp_buf_free(&place);
}

static void line(struct rxp_buf *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void line(struct rxp_buf *out, const char *format, ...)
{
	char text[MAX_LINE_OCTETS];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	assert_true(len >= 0 && (size_t)len < sizeof text);
	rxp_buf_put(out, text, (size_t)len);
	rxp_buf_putc(out, '\n');
}

static void hex_line(struct example *e, const char *label, const uint8_t *octets, size_t len)
{
	char hex[2 * 256 + 1];

	assert_true(len <= 256);
	rxp_hex_put(hex, octets, len, true);
	line(&e->listing, "%-*s %s", LABEL_WIDTH, label, hex);
}

static void digest_line(struct example *e, const char *label, const void *octets, size_t len)
{
	uint8_t digest[32];
	char text[64];

	sha256(digest, octets, len);
	snprintf(text, sizeof text, "%s, SHA-256", label);
	hex_line(e, text, digest, sizeof digest);
}

static const struct {
	const char *beginning, *explanation;
} pieces[] = {
#define PIECE(beginning, explanation) {beginning, explanation},
#include "protocol/test/worked_example.def"
#undef PIECE
};
#define PIECES (sizeof pieces / sizeof pieces[0])
static bool used[PIECES];

static const char *explain(const char *piece)
{
	for (size_t i = 0; i < PIECES; i++)
		if (strncmp(piece, pieces[i].beginning, strlen(pieces[i].beginning)) == 0) {
			used[i] = true;
			return pieces[i].explanation;
		}
	fail_msg("nothing explains %.60s", piece);
	return NULL;
}

/* Length of the piece that begins here: a leaf with its text and end tag, or one tag. */
static size_t piece_length(const char *at)
{
	size_t tag = (size_t)(strchr(at, '>') - at) + 1;
	size_t text = strcspn(at + tag, "<");

	if (at[1] == '/' || strncmp(at + tag + text, "</", 2) != 0)
		return tag;
	return tag + text + (size_t)(strchr(at + tag + text, '>') - (at + tag + text)) + 1;
}

/* Every octet, piece by piece: offset, length, octets, explanation. */
static void list_pieces(struct example *e, const char *title, const struct rxp_buf *octets)
{
	struct rxp_buf text;
	const char *at;

	rxp_buf_init(&text, octets->len + 1);
	rxp_buf_put(&text, octets->data, octets->len);
	rxp_buf_putc(&text, '\0');
	line(&e->listing, "\n== %s: %zu octets", title, octets->len);
	for (at = (const char *)text.data; *at != '\0';) {
		size_t len = piece_length(at);

		line(&e->listing, "%5zu +%-5zu %.*s", (size_t)(at - (const char *)text.data), len,
		    (int)len, at);
		line(&e->listing, "%12s; %s", "", explain(at));
		at += len;
	}
	rxp_buf_free(&text);
}

/* A signed part stands in the Document as it is signed: where, and its digest. */
static void list_part(struct example *e, const char *name, const struct rxp_buf *part)
{
	const uint8_t *at = memmem(e->document.data, e->document.len, part->data, part->len);

	assert_non_null(at);
	line(&e->listing, "%-*s octets %td to %td of the Document", LABEL_WIDTH, name,
	    at - e->document.data, at - e->document.data + (ptrdiff_t)part->len - 1);
	digest_line(e, name, part->data, part->len);
}

static void list_keys(struct example *e)
{
	line(&e->listing,
	    "RXP/1, a Ping from QRA to QRB, with every value on the way. Test keys only.");
	line(&e->listing, "\n== Keys");
	line(&e->listing, "%-*s %s", LABEL_WIDTH, "seal key d (P-256)", SEAL_SCALAR);
	line(&e->listing, "%-*s %s", LABEL_WIDTH, "seal certificate, base64", seal_certificate);
	hex_line(e, "seal certificate, SHA-256", e->cert_digest, sizeof e->cert_digest);
	line(&e->listing, "%-*s %s", LABEL_WIDTH, "agreement key d of QRB", RECIPIENT_SCALAR);
	hex_line(e, "agreement key, SPKI", e->spki.data, e->spki.len);
	hex_line(e, "agreement key, SHA-256", e->key_id, sizeof e->key_id);
	line(&e->listing, "\n== What is random");
	line(&e->listing, "%-*s %s", LABEL_WIDTH, "Salt", SALT);
	line(&e->listing, "%-*s %s", LABEL_WIDTH, "nonce k of the signature", SEAL_NONCE);
	line(&e->listing, "%-*s %s", LABEL_WIDTH, "content key", CONTENT_KEY);
	line(&e->listing, "%-*s %s", LABEL_WIDTH, "IV", IV);
	line(&e->listing, "%-*s %s", LABEL_WIDTH, "ephemeral key d", EPHEMERAL_SCALAR);
}

static struct rxp_buf body_octets(const struct example *e)
{
	const char *at = memmem(e->document.data, e->document.len, "<Body", 5);
	const char *end = memmem(e->document.data, e->document.len, "</Body>", 7);
	struct rxp_buf body;

	assert_true(at != NULL && end != NULL);
	rxp_buf_init(&body, e->document.len);
	rxp_buf_put(&body, at, (size_t)(end - at) + 7);
	return body;
}

static void list_seal(struct example *e)
{
	const struct rxp_seal *seal = &e->opened->seal;
	struct rxp_buf body = body_octets(e);

	line(&e->listing, "\n== Seal: the canonical parts, as they stand in the Document");
	list_part(e, "Header", &seal->header_octets);
	list_part(e, "Body", &body);
	list_part(e, "SignedProperties", &seal->properties_octets);
	list_part(e, "SignedInfo", &seal->signed_info_octets);
	hex_line(e, "fingerprint", e->fingerprint, sizeof e->fingerprint);
	hex_line(e, "r = x(kG) mod n", e->r, sizeof e->r);
	hex_line(e, "s = (h + r d) / k mod n", e->s, sizeof e->s);
	rxp_buf_free(&body);
}

static void list_encryption(struct example *e)
{
	const char *mark = "</xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>";
	const uint8_t *at = memmem(e->envelope.data, e->envelope.len, mark, strlen(mark));
	size_t len = e->document.len + RXP_IV_OCTETS + RXP_TAG_OCTETS;
	struct rxp_buf wrapped, cipher;

	rxp_buf_init(&wrapped, 64);
	rxp_buf_init(&cipher, len);
	assert_int_equal(rxp_agreement_wrap(&wrapped, &rxp_suite_p256, e->kek, e->cek), 0);
	assert_non_null(at);
	assert_int_equal(
	    rxp_base64_get(&cipher, (const char *)at + strlen(mark), RXP_BASE64_LENGTH(len)), 0);
	assert_int_equal(cipher.len, len);
	line(&e->listing, "\n== Encryption");
	hex_line(e, "ephemeral point", e->point.data, e->point.len);
	hex_line(e, "Z = x(d Q), 32 octets", e->z, sizeof e->z);
	line(&e->listing, "%-*s 5258502D312D50323536 | 515241 | 515242 | MessageId", LABEL_WIDTH,
	    "info, its four parts");
	hex_line(e, "info", e->info, sizeof e->info);
	line(&e->listing, "%-*s SHA-256(00000001 | Z | info)", LABEL_WIDTH, "KEK, how");
	hex_line(e, "KEK", e->kek, sizeof e->kek);
	hex_line(e, "wrapped content key", wrapped.data, wrapped.len);
	digest_line(e, "Document", e->document.data, e->document.len);
	hex_line(e, "IV", cipher.data, RXP_IV_OCTETS);
	hex_line(e, "ciphertext, first 32", cipher.data + RXP_IV_OCTETS, 32);
	hex_line(e, "tag", cipher.data + len - RXP_TAG_OCTETS, RXP_TAG_OCTETS);
	digest_line(e, "Envelope", e->envelope.data, e->envelope.len);
	rxp_buf_free(&wrapped);
	rxp_buf_free(&cipher);
}

static void compare_or_write(const char *path, const struct rxp_buf *want)
{
	bool write = getenv("RXP_EXAMPLE_WRITE") != NULL;
	FILE *file = fopen(path, write ? "wb" : "rb");
	char *have;

	if (file == NULL)
		fail_msg("%s: cannot be opened; run from the top of the source tree", path);
	if (write) {
		assert_int_equal(fwrite(want->data, 1, want->len, file), want->len);
		assert_int_equal(fclose(file), 0);
		return;
	}
	have = calloc(1, MAX_LISTING_OCTETS);
	assert_non_null(have);
	assert_int_equal(fread(have, 1, MAX_LISTING_OCTETS, file), want->len);
	assert_memory_equal(have, want->data, want->len);
	free(have);
	fclose(file);
}

static struct example example;

static int start(void **state)
{
	(void)state;
	if (rxp_init() != 0)
		return -1;
	make_keys(&example);
	make_document(&example);
	make_envelope(&example);
	open_example(&example);
	agree(&example);
	return 0;
}

static void values_by_two_ways_are_equal(void **state)
{
	uint8_t kek[RXP_KEY_OCTETS], want[RXP_KEY_OCTETS];

	(void)state;
	assert_int_equal(
	    rxp_agreement_derive(kek, &rxp_suite_p256, example.recipient, example.point.data,
		example.point.len, example.info, sizeof example.info),
	    0);
	assert_memory_equal(kek, example.kek, sizeof kek);
	unhex(want, sizeof want, CONTENT_KEY);
	assert_memory_equal(example.cek, want, sizeof want);
}

static void the_files_are_what_the_library_makes(void **state)
{
	(void)state;
	rxp_buf_init(&example.listing, MAX_LISTING_OCTETS);
	list_keys(&example);
	list_pieces(&example, "Document", &example.document);
	list_seal(&example);
	list_encryption(&example);
	list_pieces(&example, "Envelope", &example.envelope);
	assert_int_equal(rxp_buf_error(&example.listing), 0);
	for (size_t i = 0; i < PIECES; i++)
		if (!used[i])
			fail_msg("explains nothing: %s", pieces[i].beginning);
	compare_or_write(LISTING, &example.listing);
	compare_or_write(ENVELOPE, &example.envelope);
}

static int stop(void **state)
{
	(void)state;
	rxp_document_free(example.opened);
	rxp_agreement_key_free(example.recipient);
	rxp_agreement_key_free(example.ephemeral);
	rxp_cert_free(example.cert);
	rxp_buf_free(&example.der);
	rxp_buf_free(&example.spki);
	rxp_buf_free(&example.point);
	rxp_buf_free(&example.peer_point);
	rxp_buf_free(&example.document);
	rxp_buf_free(&example.envelope);
	rxp_buf_free(&example.listing);
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_by_two_ways_are_equal),
	    cmocka_unit_test(the_files_are_what_the_library_makes),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
