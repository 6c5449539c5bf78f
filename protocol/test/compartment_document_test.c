/*
 * Goals:
 *  - a Document with compartments is sealed, opened and checked, and none without keys for them;
 *  - a compartment is refused in any other Document, and one for an unknown key told from that;
 *  - a plain compartment in a Document is refused.
 *
 * With RXP_COMPARTMENT_WRITE set to a folder, a Document and the office's key are written there, for software
 * that shares nothing with this (conformance/crosscheck).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"
#include "protocol/init.h"
#include "protocol/seal/seal.h"
#include "protocol/test/example.h"
#include "protocol/test/fixture.h"
#include "protocol/test/offices.h"

#define TRANSIT "transit-application.xml"

static struct fixture_key qra;
static struct offices offices;

static struct rxp_header transit_header(void)
{
	struct rxp_header h = {.type = "TransitApplication",
	    .from_office = "RETURNS",
	    .to_office = "BORDER",
	    .in_case = true,
	    .position = 1,
	    .profile_id = "model",
	    .profile_version = "1"};

	h.outer = (struct rxp_outer){.from = "QRA",
	    .to = "QRB",
	    .created_ms = FIXTURE_TIME_MS,
	    .expires_ms = FIXTURE_TIME_MS + RXP_DEFAULT_LIFETIME_MS};
	assert_int_equal(rxp_id_make_v7(h.outer.message_id, FIXTURE_TIME_MS, &test_random), 0);
	assert_int_equal(rxp_id_make_v4(h.case_id, &test_random), 0);
	return h;
}

static struct rxp_document *open_document(const struct rxp_buf *octets, const struct rxp_header *h)
{
	struct rxp_document *d = NULL;

	assert_int_equal(rxp_document_open(&d, octets->data, octets->len, &h->outer,
			     (const struct rxp_cert *const[]){qra.cert}, 1),
	    0);
	return d;
}

/* The content of the element that these tags enclose. */
static struct rxp_buf between(const struct rxp_buf *octets, const char *open, const char *close)
{
	const uint8_t *from = memmem(octets->data, octets->len, open, strlen(open));
	const uint8_t *to = memmem(octets->data, octets->len, close, strlen(close));
	struct rxp_buf out;

	assert_true(from != NULL && to != NULL && from < to);
	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	from += strlen(open);
	assert_int_equal(rxp_buf_put(&out, from, (size_t)(to - from)), 0);
	return out;
}

/* The Document sealed again with one change in its Body, as a sender could that keeps no rule. */
static struct rxp_buf sealed_again(const struct rxp_buf *octets, const char *from, const char *to)
{
	struct rxp_buf header = between(octets, " Id=\"header\">", "</Header>");
	struct rxp_buf body = between(octets, " Id=\"body\">", "</Body>");
	struct rxp_buf changed = example_replaced(&body, from, to);
	struct rxp_signer signer = rxp_key_signer_interface(qra.signer);
	uint8_t fingerprint[32];
	struct rxp_buf out;

	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_seal_sign(&out, RXP_KIND_DOCUMENT, &header, &changed, FIXTURE_TIME_MS,
			     &signer, fingerprint),
	    0);
	rxp_buf_free(&header);
	rxp_buf_free(&body);
	rxp_buf_free(&changed);
	return out;
}

static void assert_judged(const struct rxp_buf *octets, const struct rxp_header *h,
    const struct rxp_office_keys *own, int check, int known)
{
	struct rxp_document *d = open_document(octets, h);
	struct rxp_buf place;

	rxp_buf_init(&place, 512);
	assert_int_equal(rxp_document_check(d, &place), check);
	if (check == 0)
		assert_int_equal(rxp_document_office_keys(d, own, &place), known);
	rxp_buf_putc(&place, '\0');
	assert_string_equal((const char *)place.data,
	    check != 0 || known != 0 ? "TransitApplication/Person/ForHealth" : "");
	rxp_document_free(d);
	rxp_buf_free(&place);
}

static void write_file(const char *folder, const char *name, const void *octets, size_t len)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* For other software: the scalar of the office in capital hexadecimal, and the Document. */
static void write_for_others(const struct rxp_buf *document)
{
	const char *folder = getenv("RXP_COMPARTMENT_WRITE");
	char digits[RXP_DIGEST_HEX];
	struct rxp_buf scalar;

	if (folder == NULL)
		return;
	rxp_buf_init(&scalar, RXP_KEY_OCTETS);
	assert_int_equal(rxp_agreement_key_export(offices.health, &scalar), 0);
	rxp_hex_put(digits, scalar.data, scalar.len, true);
	write_file(folder, "document.xml", document->data, document->len);
	write_file(folder, "scalar.txt", digits, strlen(digits));
	rxp_buf_free(&scalar);
}

static void a_document_carries_it(void **unused)
{
	struct rxp_signer signer = rxp_key_signer_interface(qra.signer);
	struct rxp_header h = transit_header();
	struct rxp_buf content = example_canonical(TRANSIT);
	struct rxp_draft draft = {.content = &content, .office_keys = &offices.keys};
	struct rxp_office_keys none = {0};
	uint8_t fingerprint[32];
	struct rxp_buf octets, changed, data;

	(void)unused;
	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_document_seal(&octets, &h, &(struct rxp_draft){.content = &content},
			     FIXTURE_TIME_MS, &test_random, &signer, fingerprint),
	    RXP_ERR_KEY);
	assert_int_equal(octets.len, 0);
	assert_int_equal(rxp_document_seal(&octets, &h, &draft, FIXTURE_TIME_MS, &test_random,
			     &signer, fingerprint),
	    0);
	assert_judged(&octets, &h, &offices.keys, 0, 0);
	assert_judged(&octets, &h, &none, 0, RXP_ERR_KEY);
	write_for_others(&octets);

	changed = sealed_again(&octets, "SuppPubInfo=\"00", "SuppPubInfo=\"01");
	assert_judged(&changed, &h, &offices.keys, RXP_ERR_SCHEMA, 0);
	rxp_buf_free(&changed);
	changed = sealed_again(&octets, "</ForHealth>", "</ForHealth>"); /* its valid twin */
	assert_judged(&changed, &h, &offices.keys, 0, 0);
	rxp_buf_free(&changed);
	data = between(&octets, "<ForHealth>", "</ForHealth>");
	rxp_buf_putc(&data, '\0');
	changed = sealed_again(&octets, (const char *)data.data,
	    "<HealthNeeds xmlns=\"urn:rxp:1:body\"><Need>infant</Need></HealthNeeds>");
	assert_judged(&changed, &h, &offices.keys, RXP_ERR_SCHEMA, 0);
	rxp_buf_free(&changed);
	rxp_buf_free(&data);
	rxp_buf_free(&octets);
	rxp_buf_free(&content);
}

/* The shell is bound to the Salt: in another Document it is refused. */
static void it_does_not_move_to_another_document(void **unused)
{
	struct rxp_signer signer = rxp_key_signer_interface(qra.signer);
	struct rxp_header h = transit_header();
	struct rxp_buf content = example_canonical(TRANSIT);
	struct rxp_draft draft = {.content = &content, .office_keys = &offices.keys};
	struct rxp_buf octets, other, mine, theirs, moved;
	uint8_t fingerprint[32];

	(void)unused;
	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&other, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_document_seal(&octets, &h, &draft, FIXTURE_TIME_MS, &test_random,
			     &signer, fingerprint),
	    0);
	assert_int_equal(rxp_document_seal(&other, &h, &draft, FIXTURE_TIME_MS, &test_random,
			     &signer, fingerprint),
	    0);
	mine = between(&octets, "<ForHealth>", "</ForHealth>");
	theirs = between(&other, "<ForHealth>", "</ForHealth>");
	rxp_buf_putc(&mine, '\0');
	rxp_buf_putc(&theirs, '\0');
	moved = sealed_again(&octets, (const char *)mine.data, (const char *)theirs.data);
	assert_judged(&moved, &h, &offices.keys, RXP_ERR_SCHEMA, 0);
	rxp_buf_free(&moved);
	rxp_buf_free(&mine);
	rxp_buf_free(&theirs);
	rxp_buf_free(&octets);
	rxp_buf_free(&other);
	rxp_buf_free(&content);
}

static int set_up(void **unused)
{
	(void)unused;
	if (rxp_init() != 0)
		return -1;
	fixture_key_make(&qra, RXP_SEAL_ECDSA_P256);
	offices_make(&offices);
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	fixture_key_clear(&qra);
	offices_clear(&offices);
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_document_carries_it),
	    cmocka_unit_test(it_does_not_move_to_another_document),
	};

	return cmocka_run_group_tests_name("compartment in a document", tests, set_up, tear_down);
}
