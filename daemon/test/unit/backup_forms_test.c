/*
 * What a backup is written in: entries of the list of erasures and files of the manifest in their one form, and no other; a chain that
 * shows each change; boxes for the escrow key that open with it alone (RXP-RET-016, RXP-RET-017).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/rand.h>

#include "daemon/base/erasure.h"
#include "daemon/base/escrow_box.h"
#include "daemon/base/manifest.h"
#include "daemon/base/storage_file.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/random.h"
#include "protocol/envelope/agreement.h"

#define ID "000102030405060708090a0b0c0d0e0f"
#define NAME "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	return RAND_bytes(out, (int)len) == 1 ? 0 : RXP_ERR_CRYPTO;
}

static const struct rxp_random random_octets = {.fill = fill};

static void test_erasure_lines(void **state)
{
	static const struct {
		const char *line;
		int want;
	} rows[] = {
	    {"7 1800000000000 " ID " 0 " DIGEST "\n", 0},
	    {"7 1800000000000 " ID " 129 " DIGEST "\n", 0},
	    {"7 1800000000000 " ID " 0 " NAME " " DIGEST "\n", 0},
	    {"7 1800000000000 " ID " 0 " ID " " DIGEST "\n", RXP_ERR_SYNTAX},
	    {"7 1800000000000 " ID " 0 - " DIGEST "\n", RXP_ERR_SYNTAX},
	    {"7 1800000000000 " ID " 0 " NAME " " DIGEST " " DIGEST "\n", RXP_ERR_SYNTAX},
	    {"07 1800000000000 " ID " 0 " DIGEST "\n", RXP_ERR_SYNTAX},
	    {"7  1800000000000 " ID " 0 " DIGEST "\n", RXP_ERR_SYNTAX},
	    {"7 1800000000000 " ID " 0 " DIGEST, RXP_ERR_SYNTAX},
	    {"7 1800000000000 " ID " 0 " DIGEST " \n", RXP_ERR_SYNTAX},
	    {"7 1800000000000 " ID " 0 " DIGEST "0\n", RXP_ERR_SYNTAX},
	    {"7 1800000000000 0" ID " 0 " DIGEST "\n", RXP_ERR_SYNTAX},
	    {"7 1800000000000 " ID " 0\n", RXP_ERR_SYNTAX},
	    {"", RXP_ERR_SYNTAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char again[ERASURE_LINE];
		struct erasure e;

		assert_int_equal(erasure_read(&e, rows[i].line), rows[i].want);
		if (rows[i].want != 0)
			continue;
		erasure_write(again, &e);
		assert_string_equal(again, rows[i].line);
	}
}

/* Each field changes the head, and so does the head before. */
static void test_erasure_chain(void **state)
{
	const struct erasure e = {.n = 1, .at_ms = 2, .local_id = {3}, .attachment = 4};
	struct erasure others[6] = {e, e, e, e, e, e};
	const uint8_t none[32] = {0}, some[32] = {1};
	uint8_t head[32], other[32];

	(void)state;
	others[0].n++;
	others[1].at_ms++;
	others[2].local_id[15] ^= 1;
	others[3].attachment++;
	others[4].named = others[5].named = true;
	others[5].name[31] = 1;
	assert_int_equal(erasure_head(head, none, &e), 0);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(erasure_head(other, none, &others[i]), 0);
		assert_memory_not_equal(head, other, sizeof head);
	}
	assert_int_equal(erasure_head(head, none, &others[4]), 0);
	assert_int_equal(erasure_head(other, none, &others[5]), 0);
	assert_memory_not_equal(head, other, sizeof head);
	assert_int_equal(erasure_head(other, some, &e), 0);
	assert_memory_not_equal(head, other, sizeof head);
}

/* RXP-RET-019: each part of what names a document changes its name; the first was made by other software. */
static void test_erasure_names(void **state)
{
	const struct erasure_document d = {.peer = "QRB", .message_id = {1}, .fingerprint = {2}};
	struct erasure_document others[4] = {d, d, d, d};
	uint8_t name[32], other[32];
	char hex[65];

	(void)state;
	others[0].peer[2]++;
	others[1].own = true;
	others[2].message_id[15]++;
	others[3].fingerprint[31]++;
	assert_int_equal(erasure_name(name, &d), 0);
	rxp_hex_put(hex, name, sizeof name, false);
	assert_string_equal(
	    hex, "0b44d81ac8da5c030efd6b2c00fcd55ddc600c2f5aa28b25a5a39c1a095b9c41");
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(erasure_name(other, &others[i]), 0);
		assert_memory_not_equal(name, other, sizeof name);
	}
}

static void test_manifest_lines(void **state)
{
	static const struct {
		const char *line;
		int want;
	} rows[] = {
	    {"file " DIGEST " 12 readmit.db\n", 0},
	    {"file " DIGEST " 0 attachments/out/" DIGEST "\n", 0},
	    {"file " DIGEST " 12 attachments/in/QRB-" DIGEST "\n", 0},
	    {"file " DIGEST " 12 attachments/in/qrb-" DIGEST "\n", RXP_ERR_SYNTAX},
	    {"file " DIGEST " 12 attachments/in/" DIGEST "\n", RXP_ERR_SYNTAX},
	    {"file " DIGEST " 12 attachments/out/../" DIGEST "\n", RXP_ERR_SYNTAX},
	    {"file " DIGEST " 12 ../readmit.db\n", RXP_ERR_SYNTAX},
	    {"file " DIGEST " 12 /etc/passwd\n", RXP_ERR_SYNTAX},
	    {"file " DIGEST " 12 readmit.db-wal\n", RXP_ERR_SYNTAX},
	    {"file " DIGEST " 012 readmit.db\n", RXP_ERR_SYNTAX},
	    {"file " DIGEST " 12 readmit.db", RXP_ERR_SYNTAX},
	    {"file 0" DIGEST " 12 readmit.db\n", RXP_ERR_SYNTAX},
	    {"end 1\n", RXP_ERR_SYNTAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct manifest_file m;

		assert_int_equal(manifest_read(&m, rows[i].line), rows[i].want);
	}
}

static void test_key_names(void **state)
{
	static const struct {
		const char *name;
		unsigned number;
	} rows[] = {
	    {"storage.key", 1},
	    {"storage-2.key", 2},
	    {"storage-9999.key", 9999},
	    {"storage-1.key", 0},
	    {"storage-02.key", 0},
	    {"storage-10000.key", 0},
	    {"storage-.key", 0},
	    {"storage-2.key.over", 0},
	    {"storage-2", 0},
	    {"seal.key", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char name[STORAGE_FILE_NAME];

		assert_int_equal(storage_file_number(rows[i].name), rows[i].number);
		if (rows[i].number == 0)
			continue;
		storage_file_name(name, rows[i].number);
		assert_string_equal(name, rows[i].name);
	}
}

static void test_escrow_box(void **state)
{
	struct rxp_agreement_key *key = NULL, *other = NULL;
	struct rxp_buf spki, box, opened;

	(void)state;
	rxp_buf_init(&spki, 256);
	rxp_buf_init(&box, 1024);
	rxp_buf_init(&opened, 1024);
	assert_int_equal(rxp_agreement_key_make(&key, &rxp_suite_p256, &random_octets), 0);
	assert_int_equal(rxp_agreement_key_make(&other, &rxp_suite_p256, &random_octets), 0);
	assert_int_equal(rxp_agreement_key_spki(key, &spki), 0);
	assert_int_equal(escrow_box_seal(&box, spki.data, spki.len, (const uint8_t *)"the keys", 8,
			     &random_octets),
	    0);
	assert_int_equal(box.len, 8 + ESCROW_BOX_OVERHEAD);
	assert_int_equal(escrow_box_open(&opened, other, box.data, box.len), RXP_ERR_DECRYPT);
	assert_int_equal(
	    escrow_box_open(&opened, key, box.data, ESCROW_BOX_OVERHEAD - 1), RXP_ERR_SYNTAX);
	for (size_t i = 0; i < box.len; i++) {
		box.data[i] ^= 1;
		assert_int_not_equal(escrow_box_open(&opened, key, box.data, box.len), 0);
		box.data[i] ^= 1;
	}
	assert_int_equal(opened.len, 0);
	assert_int_equal(escrow_box_open(&opened, key, box.data, box.len), 0);
	assert_memory_equal(opened.data, "the keys", 8);
	assert_int_equal(
	    escrow_box_seal(&box, box.data, 32, box.data, 8, &random_octets), RXP_ERR_KEY);
	rxp_agreement_key_free(key);
	rxp_agreement_key_free(other);
	rxp_buf_free(&spki);
	rxp_buf_free(&box);
	rxp_buf_free(&opened);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_erasure_lines),
	    cmocka_unit_test(test_erasure_chain),
	    cmocka_unit_test(test_erasure_names),
	    cmocka_unit_test(test_manifest_lines),
	    cmocka_unit_test(test_key_names),
	    cmocka_unit_test(test_escrow_box),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
