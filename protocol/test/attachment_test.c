/*
 * Goals:
 *  - the ciphertext of a file is what a second writing of RXP-ATT-005 and RXP-ATT-006 gives, octet for octet,
 *    and has the length foretold: empty, one octet, around one segment, an exact multiple;
 *  - what was encrypted decrypts; nothing comes out for another key, counter or end, for altered,
 *    exchanged, cut or repeated segments;
 *  - a segment that no file has is not made, nor taken for one;
 *  - a manifest is read as it was written, satisfies its schema, and the published example is what
 *    its writer would write; the longest has its room; a wrong one is not read.
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
#include "protocol/envelope/attachment.h"
#include "protocol/init.h"
#include "protocol/test/example.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

#define SEGMENT ((size_t)RXP_SEGMENT_OCTETS)
#define TAG ((size_t)RXP_TAG_OCTETS)
#define LONGEST (3 * SEGMENT)
#define LONGEST_SEALED (LONGEST + 3 * TAG)

static const uint8_t key[RXP_ATTACHMENT_KEY_OCTETS] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
static uint8_t *file; /* LONGEST octets, no two segments alike */

static int set_up(void **state)
{
	uint32_t value = 1;

	(void)state;
	assert_int_equal(rxp_init(), 0);
	file = malloc(LONGEST);
	assert_non_null(file);
	for (size_t i = 0; i < LONGEST; i++) {
		value = value * 1664525u + 1013904223u;
		file[i] = (uint8_t)(value >> 24);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(file);
	rxp_cleanup();
	return 0;
}

/* --- segments -------------------------------------------------------------------------------- */

/* The whole file at once, from the text of the specification alone. */
static size_t encrypt_otherwise(uint8_t *out, size_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t nonce[12] = {0};
	uint8_t *at = out;
	size_t done = 0;
	int n = 0;

	assert_non_null(ctx);
	do {
		size_t part = len - done > 1048576 ? 1048576 : len - done;

		nonce[11] = done + part == len ? 0x01 : 0x00;
		assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce), 1);
		assert_int_equal(EVP_EncryptUpdate(ctx, at, &n, file + done, (int)part), 1);
		at += part;
		assert_int_equal(EVP_EncryptFinal_ex(ctx, at, &n), 1);
		assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, 16, at), 1);
		at += 16;
		done += part;
		nonce[10]++;
	} while (done < len);
	EVP_CIPHER_CTX_free(ctx);
	return (size_t)(at - out);
}

static void encrypt_file(struct rxp_buf *out, size_t len)
{
	uint64_t counter = 0;
	size_t done = 0;
	bool last = false;

	rxp_buf_init(out, LONGEST_SEALED);
	while (!last) {
		size_t part = len - done > SEGMENT ? SEGMENT : len - done;

		last = done + part == len;
		assert_int_equal(
		    rxp_attachment_encrypt(out, key, counter++, last, file + done, part), 0);
		done += part;
	}
}

/* The file again, segment by segment; what was released before a failure stays in out. */
static int decrypt_file(struct rxp_buf *out, const uint8_t *octets, size_t len)
{
	const size_t sealed = RXP_SEALED_SEGMENT_OCTETS;
	uint64_t counter = 0;
	size_t done = 0;
	bool last = false;
	int rc = 0;

	rxp_buf_init(out, LONGEST);
	while (!last && rc == 0) {
		size_t part = len - done > sealed ? sealed : len - done;

		last = done + part == len;
		rc = rxp_attachment_decrypt(out, key, counter++, last, octets + done, part);
		done += part;
	}
	return rc;
}

static void every_length(void **state)
{
	static const size_t lengths[] = {
	    0, 1, 4096, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, LONGEST - 1, LONGEST};
	uint8_t *want = malloc(LONGEST_SEALED);

	(void)state;
	assert_non_null(want);
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		size_t len = encrypt_otherwise(want, lengths[i]);
		struct rxp_buf sealed;
		struct rxp_buf opened;

		assert_int_equal(len, rxp_attachment_ciphertext_length(lengths[i]));
		encrypt_file(&sealed, lengths[i]);
		assert_int_equal(sealed.len, len);
		assert_memory_equal(sealed.data, want, len);
		assert_int_equal(decrypt_file(&opened, sealed.data, sealed.len), 0);
		assert_int_equal(opened.len, lengths[i]);
		if (opened.len > 0)
			assert_memory_equal(opened.data, file, opened.len);
		rxp_buf_free(&opened);
		rxp_buf_free(&sealed);
	}
	free(want);
}

static void lengths_foretold(void **state)
{
	(void)state;
	assert_int_equal(rxp_attachment_ciphertext_length(0), 16);
	assert_int_equal(rxp_attachment_ciphertext_length(1048576), 1048592);
	assert_int_equal(rxp_attachment_ciphertext_length(1048577), 1048577 + 32);
	assert_true(rxp_attachment_ciphertext_length(INT64_MAX) ==
		    (uint64_t)INT64_MAX + (UINT64_C(1) << 47));
}

/* All octets of the counter count. */
static void far_counter(void **state)
{
	const uint64_t counter = UINT64_C(0x0102030405060708);
	const uint8_t nonce[12] = {0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1};
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	struct rxp_buf sealed;
	uint8_t want[5];
	int n = 0;

	(void)state;
	rxp_buf_init(&sealed, 64);
	assert_int_equal(rxp_attachment_encrypt(&sealed, key, counter, true, file, sizeof want), 0);
	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, want, &n, file, sizeof want), 1);
	assert_memory_equal(sealed.data, want, sizeof want);
	EVP_CIPHER_CTX_free(ctx);
	rxp_buf_free(&sealed);
}

static void assert_refused(
    const uint8_t *with, uint64_t counter, bool last, const uint8_t *octets, size_t len, int want)
{
	struct rxp_buf out;

	rxp_buf_init(&out, SEGMENT);
	assert_int_equal(rxp_attachment_decrypt(&out, with, counter, last, octets, len), want);
	if (want != 0)
		assert_int_equal(out.len, 0);
	rxp_buf_free(&out);
}

/* One segment in its place; then one thing is changed. */
static void one_thing_changed(void **state)
{
	const size_t len = 1000 + TAG;
	uint8_t other[RXP_ATTACHMENT_KEY_OCTETS];
	struct rxp_buf sealed;
	uint8_t *octets;

	(void)state;
	memcpy(other, key, sizeof other);
	other[31] ^= 1;
	rxp_buf_init(&sealed, len);
	assert_int_equal(rxp_attachment_encrypt(&sealed, key, 4, true, file, 1000), 0);
	octets = sealed.data;
	assert_refused(key, 4, true, octets, len, 0);
	assert_refused(other, 4, true, octets, len, RXP_ERR_DECRYPT);
	assert_refused(key, 5, true, octets, len, RXP_ERR_DECRYPT);
	assert_refused(key, 4, false, octets, len, RXP_ERR_DECRYPT);
	assert_refused(key, 4, true, octets, len - 1, RXP_ERR_DECRYPT);
	assert_refused(key, 4, true, octets + 1, len - 1, RXP_ERR_DECRYPT);
	assert_refused(key, 4, true, octets, TAG - 1, RXP_ERR_DECRYPT);
	assert_refused(key, 4, true, octets, 0, RXP_ERR_DECRYPT);
	for (size_t i = 0; i < len; i += 5) {
		octets[i] ^= 0x80;
		assert_refused(key, 4, true, octets, len, RXP_ERR_DECRYPT);
		octets[i] ^= 0x80;
	}
	assert_refused(key, 4, true, octets, len, 0);
	rxp_buf_free(&sealed);
}

/* A full segment that is not the last does not pass for the last, nor the other way round. */
static void wrong_end(void **state)
{
	struct rxp_buf sealed;

	(void)state;
	for (unsigned last = 0; last < 2; last++) {
		rxp_buf_init(&sealed, RXP_SEALED_SEGMENT_OCTETS);
		assert_int_equal(
		    rxp_attachment_encrypt(&sealed, key, 0, last != 0, file, SEGMENT), 0);
		assert_refused(key, 0, last == 0, sealed.data, sealed.len, RXP_ERR_DECRYPT);
		assert_refused(key, 0, last != 0, sealed.data, sealed.len, 0);
		rxp_buf_free(&sealed);
	}
}

/* Whole files in which segments were moved; each stops before the first that is not in its place. */
static void moved_segments(void **state)
{
	const size_t part = RXP_SEALED_SEGMENT_OCTETS;
	const struct {
		size_t order[4], n, released;
	} rows[] = {
	    {{0, 1, 2}, 3, 3}, /* the file itself */
	    {{1, 0, 2}, 3, 0},
	    {{0, 2, 1}, 3, 1},
	    {{0, 1}, 2, 1}, /* cut after a whole segment */
	    {{0}, 1, 0},
	    {{0, 1, 1, 2}, 4, 2},
	    {{0, 2}, 2, 1},
	    {{1, 2}, 2, 0},
	    {{0, 1, 2, 2}, 4, 2},
	};
	struct rxp_buf sealed;

	(void)state;
	encrypt_file(&sealed, LONGEST);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_buf moved;
		struct rxp_buf out;

		rxp_buf_init(&moved, 4 * part);
		for (size_t j = 0; j < rows[i].n; j++)
			rxp_buf_put(&moved, sealed.data + rows[i].order[j] * part, part);
		assert_int_equal(
		    decrypt_file(&out, moved.data, moved.len), i == 0 ? 0 : RXP_ERR_DECRYPT);
		assert_int_equal(out.len, rows[i].released * SEGMENT);
		rxp_buf_free(&out);
		rxp_buf_free(&moved);
	}
	rxp_buf_free(&sealed);
}

static void segments_of_no_file(void **state)
{
	static const struct {
		uint64_t counter;
		size_t len;
		int want;
		bool last;
	} rows[] = {
	    {0, SEGMENT - 1, RXP_ERR_BOUND, false},
	    {0, 0, RXP_ERR_BOUND, false},
	    {0, SEGMENT + 1, RXP_ERR_BOUND, false},
	    {0, SEGMENT + 1, RXP_ERR_BOUND, true},
	    {1, 0, RXP_ERR_BOUND, true},
	    {0, SEGMENT, 0, false},
	    {1, 1, 0, true},
	    {0, 0, 0, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_buf out;

		rxp_buf_init(&out, 2 * SEGMENT);
		assert_int_equal(rxp_attachment_encrypt(
				     &out, key, rows[i].counter, rows[i].last, file, rows[i].len),
		    rows[i].want);
		assert_int_equal(out.len, rows[i].want == 0 ? rows[i].len + TAG : 0);
		rxp_buf_free(&out);
	}
}

/* A short or empty segment with a tag that is right for its nonce is still none of a file. */
static void rightly_tagged_but_none(void **state)
{
	static const struct {
		uint64_t counter;
		bool last;
		size_t len;
	} rows[] = {{0, false, 10}, {1, true, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t nonce[12] = {0};
		struct rxp_buf sealed;

		nonce[10] = (uint8_t)rows[i].counter;
		nonce[11] = rows[i].last ? 1 : 0;
		rxp_buf_init(&sealed, 64);
		assert_int_equal(
		    rxp_gcm_encrypt(&sealed, "AES-256-GCM", key, nonce, file, rows[i].len), 0);
		assert_refused(
		    key, rows[i].counter, rows[i].last, sealed.data, sealed.len, RXP_ERR_DECRYPT);
		rxp_buf_free(&sealed);
	}
}

/* --- the manifest ---------------------------------------------------------------------------- */

static struct rxp_attachment row(unsigned number)
{
	struct rxp_attachment a = {.number = number,
	    .type = "document-scan",
	    .media_type = "application/x-nist-itl",
	    .length = UINT64_C(9223372036854775807) - number,
	    .checked_by = "child-protection-officer"};

	memset(a.file_digest, (int)number, sizeof a.file_digest);
	memset(a.ciphertext_digest, (int)(number + 64), sizeof a.ciphertext_digest);
	memset(a.key, (int)(number + 128), sizeof a.key);
	return a;
}

static void assert_same(const struct rxp_attachment *a, const struct rxp_attachment *b)
{
	assert_int_equal(a->number, b->number);
	assert_string_equal(a->type, b->type);
	assert_string_equal(a->media_type, b->media_type);
	assert_true(a->length == b->length);
	assert_memory_equal(a->file_digest, b->file_digest, sizeof a->file_digest);
	assert_memory_equal(
	    a->ciphertext_digest, b->ciphertext_digest, sizeof a->ciphertext_digest);
	assert_memory_equal(a->key, b->key, sizeof a->key);
	assert_string_equal(a->checked_by, b->checked_by);
}

/* One row and the most that there may be. */
static void manifest_round_trip(void **state)
{
	static struct rxp_attachment out[RXP_MAX_ATTACHMENTS], in[RXP_MAX_ATTACHMENTS];
	static const size_t counts[] = {1, RXP_MAX_ATTACHMENTS};

	(void)state;
	for (unsigned i = 0; i < RXP_MAX_ATTACHMENTS; i++)
		out[i] = row(i + 1);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		struct rxp_xml *xml;
		struct rxp_buf text;
		size_t n = 0;

		rxp_buf_init(&text, RXP_MAX_DOCUMENT_OCTETS);
		assert_int_equal(rxp_attachment_write(&text, out, counts[i]), 0);
		xml = example_parse(&text);
		assert_int_equal(rxp_schema_validate(xml, NULL, NULL), 0);
		assert_int_equal(rxp_attachment_read(in, &n, rxp_xml_root(xml)), 0);
		assert_int_equal(n, counts[i]);
		for (size_t j = 0; j < n; j++)
			assert_same(&in[j], &out[j]);
		rxp_xml_free(xml);
		rxp_buf_free(&text);
	}
}

/* White space between elements apart, which a writer may leave there. */
static void published_manifest(void **state)
{
	static struct rxp_attachment rows[RXP_MAX_ATTACHMENTS];
	struct rxp_buf text = example_read("application-family.attachments.xml");
	struct rxp_xml *xml = example_parse(&text);
	struct rxp_buf written;
	size_t n = 0;
	size_t kept = 0;

	(void)state;
	assert_int_equal(rxp_attachment_read(rows, &n, rxp_xml_root(xml)), 0);
	assert_int_equal(n, 3);
	assert_int_equal(rows[1].number, 2);
	assert_string_equal(rows[1].media_type, "image/png");
	assert_int_equal(rows[1].length, 310022);
	assert_int_equal(rows[1].key[31], 0x3f);
	rxp_buf_init(&written, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_attachment_write(&written, rows, n), 0);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] != '\n' &&
		    (text.data[i] != ' ' || text.data[i + 1] == 'x' || text.data[i + 1] == 'n'))
			text.data[kept++] = text.data[i];
	assert_int_equal(written.len, kept);
	assert_memory_equal(written.data, text.data, kept);
	rxp_buf_free(&written);
	rxp_xml_free(xml);
	rxp_buf_free(&text);
}

static void wrong_manifests(void **state)
{
	static const struct {
		const char *from, *to;
		int want;
	} rows[] = {
	    {"number=\"2\"", "number=\"4\"", RXP_ERR_STRUCTURE},
	    {"number=\"1\"", "number=\"01\"", RXP_ERR_STRUCTURE},
	    {" number=\"3\"", "", RXP_ERR_STRUCTURE},
	    {"<Length>48213</Length>", "", RXP_ERR_STRUCTURE},
	    {"<Length>48213</Length>", "<Length>9223372036854775808</Length>", RXP_ERR_SYNTAX},
	    {"<Length>48213</Length>", "<Length>048213</Length>", RXP_ERR_SYNTAX},
	    {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AAECAwQFBgcICQoLDA0ODw==",
		RXP_ERR_SYNTAX},
	    {"legal-officer</CheckedBy>", "legal-officer</CheckedBy><More/>", RXP_ERR_STRUCTURE},
	    {"</Attachments>", "<Other/></Attachments>", RXP_ERR_STRUCTURE},
	    {"<Length>48213</Length>", "<Length>48214</Length>", 0},
	};
	static struct rxp_attachment out[RXP_MAX_ATTACHMENTS];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_buf text =
		    example_change("application-family.attachments.xml", rows[i].from, rows[i].to);
		struct rxp_xml *xml = example_parse(&text);
		size_t n = 77;

		assert_int_equal(rxp_attachment_read(out, &n, rxp_xml_root(xml)), rows[i].want);
		assert_int_equal(n, rows[i].want == 0 ? 3 : 77);
		rxp_xml_free(xml);
		rxp_buf_free(&text);
	}
}

/* One more than there is room for. */
static void too_many(void **state)
{
	static struct rxp_attachment rows[RXP_MAX_ATTACHMENTS + 1], in[RXP_MAX_ATTACHMENTS];
	struct rxp_xml *xml;
	struct rxp_buf text;
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i <= RXP_MAX_ATTACHMENTS; i++)
		rows[i] = row(i + 1);
	rxp_buf_init(&text, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_attachment_write(&text, rows, RXP_MAX_ATTACHMENTS + 1), 0);
	xml = example_parse(&text);
	assert_int_equal(rxp_attachment_read(in, &n, rxp_xml_root(xml)), RXP_ERR_STRUCTURE);
	assert_int_equal(n, 0);
	rxp_xml_free(xml);
	rxp_buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_length),
	    cmocka_unit_test(lengths_foretold),
	    cmocka_unit_test(far_counter),
	    cmocka_unit_test(one_thing_changed),
	    cmocka_unit_test(wrong_end),
	    cmocka_unit_test(moved_segments),
	    cmocka_unit_test(segments_of_no_file),
	    cmocka_unit_test(rightly_tagged_but_none),
	    cmocka_unit_test(manifest_round_trip),
	    cmocka_unit_test(published_manifest),
	    cmocka_unit_test(wrong_manifests),
	    cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
