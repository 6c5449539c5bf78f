/*
 * Goals:
 *  - what is sealed opens, with every header field, in and outside a case, and satisfies
 *    document.xsd;
 *  - each change of the header is refused, by the rule it breaks: order, a missing or foreign field,
 *    a value's form, the bracketed group, the window of SigningTime, the five outer fields;
 *  - a check names the place that is wrong, and tells an unknown type from wrong content;
 *  - documents sealed twice differ in Salt;
 *  - with RXP_TIMING set, the times of seal and open are printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/random.h"
#include "protocol/base/timestamp.h"
#include "protocol/document/document.h"
#include "protocol/init.h"
#include "protocol/test/fixture.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

#define TIMED_ROUNDS 1000
#define PING "<Ping xmlns=\"urn:rxp:1:body\"></Ping>"

static int fill(void *arg, uint8_t *out, size_t len)
{
	uint8_t *next = arg;

	memset(out, (*next)++, len);
	return 0;
}

static uint8_t next_octet = 1;
static const struct rxp_random source = {fill, &next_octet};
static struct fixture_key qra;

static struct rxp_header ping_header(void)
{
	struct rxp_header h = {.type = "Ping", .from_office = "NODE", .to_office = "NODE"};

	h.outer = (struct rxp_outer){.from = "QRA",
	    .to = "QRB",
	    .created_ms = FIXTURE_TIME_MS,
	    .expires_ms = FIXTURE_TIME_MS + RXP_DEFAULT_LIFETIME_MS};
	memset(h.outer.message_id, 0x77, sizeof h.outer.message_id);
	h.outer.message_id[8] = 0x87;
	return h;
}

static struct rxp_header case_header(void)
{
	struct rxp_header h = ping_header();

	snprintf(h.type, sizeof h.type, "%s", "Unheard");
	h.in_case = true;
	memset(h.case_id, 0x44, sizeof h.case_id);
	h.case_id[8] = 0x84;
	h.position = 3;
	h.has_previous = true;
	memset(h.previous, 1, sizeof h.previous);
	h.has_seen = true;
	memset(h.seen, 2, sizeof h.seen);
	snprintf(h.profile_id, sizeof h.profile_id, "%s", "model");
	snprintf(h.profile_version, sizeof h.profile_version, "%s", "1.0");
	return h;
}

static void seal(struct rxp_buf *out, const struct rxp_header *h, const char *content,
    const char *attachments, int64_t at_ms, uint8_t fingerprint[32])
{
	struct rxp_buf inner = fixture_text(content);
	struct rxp_buf more = fixture_text(attachments == NULL ? "" : attachments);
	struct rxp_signer signer = rxp_key_signer_interface(qra.signer);

	rxp_buf_init(out, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_document_seal(out, h,
			     &(struct rxp_draft){.content = &inner,
				 .attachments = attachments == NULL ? NULL : &more},
			     at_ms, &source, &signer, fingerprint),
	    0);
	rxp_buf_free(&inner);
	rxp_buf_free(&more);
}

static int open_octets(
    struct rxp_document **d, const struct rxp_buf *octets, const struct rxp_outer *outer)
{
	return rxp_document_open(
	    d, octets->data, octets->len, outer, (const struct rxp_cert *const[]){qra.cert}, 1);
}

static void assert_same_header(const struct rxp_header *a, const struct rxp_header *b)
{
	assert_string_equal(a->type, b->type);
	assert_string_equal(a->from_office, b->from_office);
	assert_string_equal(a->to_office, b->to_office);
	assert_int_equal(a->in_case, b->in_case);
	assert_memory_equal(a->case_id, b->case_id, sizeof a->case_id);
	assert_true(a->position == b->position);
	assert_int_equal(a->has_previous, b->has_previous);
	assert_memory_equal(a->previous, b->previous, sizeof a->previous);
	assert_int_equal(a->has_seen, b->has_seen);
	assert_memory_equal(a->seen, b->seen, sizeof a->seen);
	assert_string_equal(a->profile_id, b->profile_id);
	assert_string_equal(a->profile_version, b->profile_version);
}

static void what_is_sealed_opens(void **state)
{
	struct rxp_header headers[] = {ping_header(), case_header(), case_header()};

	(void)state;
	headers[2].has_previous = headers[2].has_seen = false;
	memset(headers[2].previous, 0, sizeof headers[2].previous);
	memset(headers[2].seen, 0, sizeof headers[2].seen);
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		struct rxp_document *d = NULL;
		struct rxp_buf octets;
		uint8_t fingerprint[32];

		seal(&octets, &headers[i], PING, NULL, FIXTURE_TIME_MS, fingerprint);
		assert_memory_equal(octets.data, "<Document ", 10);
		assert_int_equal(open_octets(&d, &octets, &headers[i].outer), 0);
		assert_same_header(&d->header, &headers[i]);
		assert_memory_equal(d->seal.fingerprint, fingerprint, sizeof fingerprint);
		assert_string_equal(rxp_xml_name(d->content), "Ping");
		assert_null(d->attachments);
		assert_int_equal(rxp_schema_validate(d->xml, NULL, NULL), 0);
		rxp_document_free(d);
		rxp_buf_free(&octets);
	}
}

static void salt_is_made_anew(void **state)
{
	struct rxp_header h = ping_header();
	uint8_t first[32], second[32];
	struct rxp_buf a, b;

	(void)state;
	seal(&a, &h, PING, NULL, FIXTURE_TIME_MS, first);
	seal(&b, &h, PING, NULL, FIXTURE_TIME_MS, second);
	assert_memory_not_equal(first, second, sizeof first);
	rxp_buf_free(&a);
	rxp_buf_free(&b);
}

static void outer_fields_are_equal(void **state)
{
	struct rxp_header h = ping_header();
	struct rxp_document *d = NULL;
	uint8_t fingerprint[32];
	struct rxp_outer outer;
	struct rxp_buf octets;

	(void)state;
	seal(&octets, &h, PING, NULL, FIXTURE_TIME_MS, fingerprint);
	outer = h.outer;
	outer.message_id[15] ^= 1;
	assert_int_equal(open_octets(&d, &octets, &outer), RXP_ERR_MISMATCH);
	outer = h.outer;
	snprintf(outer.from, sizeof outer.from, "%s", "QRC");
	assert_int_equal(open_octets(&d, &octets, &outer), RXP_ERR_MISMATCH);
	outer = h.outer;
	snprintf(outer.to, sizeof outer.to, "%s", "QRC");
	assert_int_equal(open_octets(&d, &octets, &outer), RXP_ERR_MISMATCH);
	outer = h.outer;
	outer.created_ms++;
	assert_int_equal(open_octets(&d, &octets, &outer), RXP_ERR_MISMATCH);
	outer = h.outer;
	outer.expires_ms--;
	assert_int_equal(open_octets(&d, &octets, &outer), RXP_ERR_MISMATCH);
	assert_null(d);
	assert_int_equal(open_octets(&d, &octets, &h.outer), 0);
	rxp_document_free(d);
	rxp_buf_free(&octets);
}

static void signing_time_is_near_created(void **state)
{
	static const struct {
		int64_t after_ms;
		int rc;
	} cases[] = {{300000, 0}, {-300000, 0}, {300001, RXP_ERR_SEAL}, {-300001, RXP_ERR_SEAL}};
	struct rxp_header h = ping_header();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_document *d = NULL;
		struct rxp_buf octets;
		uint8_t fingerprint[32];

		seal(&octets, &h, PING, NULL, FIXTURE_TIME_MS + cases[i].after_ms, fingerprint);
		assert_int_equal(open_octets(&d, &octets, &h.outer), cases[i].rc);
		rxp_document_free(d);
		rxp_buf_free(&octets);
	}
}

/* Replaces the first `from` of text; the sealed object is whole, only its content is unusual. */
static void put_changed(struct rxp_buf *out, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (at == NULL)
		fail_msg("not there: %s", from);
	rxp_buf_init(out, 8192);
	rxp_buf_put(out, text, (size_t)(at - text));
	rxp_buf_puts(out, to);
	rxp_buf_puts(out, at + strlen(from));
	assert_int_equal(rxp_buf_error(out), 0);
}

#define HEADER \
	"<Suite>RXP-1-P256</Suite><MessageId>77777777-7777-7777-8777-777777777777</MessageId>" \
	"<From>QRA</From><To>QRB</To><Created>2026-11-23T10:00:00.000Z</Created>" \
	"<Expires>2027-01-22T10:00:00.000Z</Expires><Type>Unheard</Type>" \
	"<FromOffice>NODE</FromOffice><ToOffice>NODE</ToOffice>" \
	"<CaseId>44444444-4444-4444-8444-444444444444</CaseId><Position>1</Position>" \
	"<Profile id=\"model\" version=\"1.0\"></Profile>"
#define BODY "<Salt>AAECAwQFBgcICQoLDA0ODw==</Salt><Ping xmlns=\"urn:rxp:1:body\"></Ping>"

static int open_content(const struct rxp_buf *header, const struct rxp_buf *body)
{
	struct rxp_signer signer = rxp_key_signer_interface(qra.signer);
	struct rxp_header h = ping_header();
	struct rxp_document *d = NULL;
	uint8_t fingerprint[32];
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(rxp_seal_sign(&octets, RXP_KIND_DOCUMENT, header, body, FIXTURE_TIME_MS,
			     &signer, fingerprint),
	    0);
	rc = open_octets(&d, &octets, &h.outer);
	rxp_document_free(d);
	rxp_buf_free(&octets);
	return rc;
}

static void the_header_has_one_form(void **state)
{
	static const struct {
		const char *from, *to;
		int rc;
	} cases[] = {
	    {"RXP-1-P256", "RXP-1-P256", 0},
	    {"RXP-1-P256", "RXP-2-P256", RXP_ERR_STRUCTURE},
	    {"<Suite>RXP-1-P256</Suite>", "", RXP_ERR_STRUCTURE},
	    {"<Suite>", "<Suite x=\"\">", RXP_ERR_STRUCTURE},
	    {"<Suite>", " <Suite>", RXP_ERR_STRUCTURE},
	    {"<Suite>", "<Suite xmlns=\"urn:rxp:1:body\">", RXP_ERR_STRUCTURE},
	    {"7777-7777-8777", "7777-4777-8777", RXP_ERR_SYNTAX},
	    {"7777-7777-8777", "7777-7777-7777", RXP_ERR_SYNTAX},
	    {"<From>QRA</From><To>QRB</To>", "<To>QRB</To><From>QRA</From>", RXP_ERR_STRUCTURE},
	    {"<Type>Unheard</Type>", "<Type>Ping</Type>", RXP_ERR_STRUCTURE},
	    {"<Position>1</Position>", "<Position>0</Position>", RXP_ERR_STRUCTURE},
	    {"<Position>1</Position>", "<Position>01</Position>", RXP_ERR_SYNTAX},
	    {"<Position>1</Position>", "<Position> 1</Position>", RXP_ERR_SYNTAX},
	    {"<Position>1</Position>", "<Position>9223372036854775807</Position>", 0},
	    {"<Position>1</Position>", "<Position>9223372036854775808</Position>", RXP_ERR_SYNTAX},
	    {"<Position>1</Position>", "", RXP_ERR_STRUCTURE},
	    {"44-4444-4444-8444", "44-4444-7444-8444", RXP_ERR_SYNTAX},
	    {"<Profile id=\"model\" version=\"1.0\"></Profile>", "", RXP_ERR_STRUCTURE},
	    {" version=\"1.0\"", "", RXP_ERR_STRUCTURE},
	    {" version=\"1.0\"", " version=\"1.0\" x=\"\"", RXP_ERR_STRUCTURE},
	    {"id=\"model\"", "id=\"\"", RXP_ERR_STRUCTURE},
	    {"id=\"model\"", "id=\"a b\"", RXP_ERR_STRUCTURE},
	    {"</Profile>", "x</Profile>", RXP_ERR_STRUCTURE},
	    {"</Profile>", "</Profile><More/>", RXP_ERR_STRUCTURE},
	    {"<Profile", "<Seen>AAAA</Seen><Profile", RXP_ERR_SYNTAX},
	};
	struct rxp_buf body = fixture_text(BODY);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf header;
		int rc;

		put_changed(&header, HEADER, cases[i].from, cases[i].to);
		rc = open_content(&header, &body);
		if (rc != cases[i].rc)
			fail_msg("%s -> %s: %d", cases[i].from, cases[i].to, rc);
		rxp_buf_free(&header);
	}
	rxp_buf_free(&body);
}

static void the_body_has_one_form(void **state)
{
	static const struct {
		const char *from, *to;
		int rc;
	} cases[] = {
	    {"Salt", "Salt", 0},
	    {"</Ping>", "</Ping><Attachments></Attachments>", 0},
	    {"</Ping>", "</Ping><More></More>", RXP_ERR_STRUCTURE},
	    {"</Ping>", "</Ping><Ping xmlns=\"urn:rxp:1:body\"></Ping>", RXP_ERR_STRUCTURE},
	    {"</Ping>", "</Ping>text", RXP_ERR_STRUCTURE},
	    {"<Salt>", "<Salt x=\"\">", RXP_ERR_STRUCTURE},
	    {"Dw==", "DxA=", RXP_ERR_SYNTAX},
	    {"Dw==", "Dx==", RXP_ERR_SYNTAX},
	    {"<Salt>AAECAwQFBgcICQoLDA0ODw==</Salt>", "", RXP_ERR_STRUCTURE},
	    {"<Ping xmlns=\"urn:rxp:1:body\"></Ping>", "", RXP_ERR_STRUCTURE},
	    {"urn:rxp:1:body", "urn:rxp:1:document", RXP_ERR_STRUCTURE},
	};
	struct rxp_buf header = fixture_text(HEADER);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf body;
		int rc;

		put_changed(&body, BODY, cases[i].from, cases[i].to);
		rc = open_content(&header, &body);
		if (rc != cases[i].rc)
			fail_msg("%s -> %s: %d", cases[i].from, cases[i].to, rc);
		rxp_buf_free(&body);
	}
	rxp_buf_free(&header);
}

static void a_profile_name_cannot_leave_its_attribute(void **state)
{
	struct rxp_signer signer = rxp_key_signer_interface(qra.signer);
	struct rxp_header h = case_header();
	struct rxp_buf content = fixture_text(PING);
	uint8_t fingerprint[32];
	struct rxp_buf out;

	(void)state;
	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	snprintf(h.profile_id, sizeof h.profile_id, "%s", "model\" x=\"");
	assert_int_equal(rxp_document_seal(&out, &h, &(struct rxp_draft){.content = &content},
			     FIXTURE_TIME_MS, &source, &signer, fingerprint),
	    RXP_ERR_SYNTAX);
	assert_int_equal(out.len, 0);
	rxp_buf_free(&content);
}

static void a_check_names_the_place(void **state)
{
	static const struct {
		const char *type, *office, *content, *attachments, *place;
		int rc;
	} cases[] = {
	    {"Ping", "NODE", PING, NULL, "", 0},
	    {"Unheard", "NODE", PING, NULL, "", RXP_ERR_UNSUPPORTED},
	    {"Ping", "UNIT 7", PING, NULL, "Header/FromOffice", RXP_ERR_SCHEMA},
	    {"Ping", "NODE", "<Pong xmlns=\"urn:rxp:1:body\"></Pong>", NULL, "Body",
		RXP_ERR_SCHEMA},
	    {"Ping", "NODE", "<Ping xmlns=\"urn:rxp:1:body\">secret</Ping>", NULL, "Ping",
		RXP_ERR_SCHEMA},
	    {"Ping", "NODE", "<Ping xmlns=\"urn:rxp:1:body\" secret=\"\"></Ping>", NULL, "Ping",
		RXP_ERR_SCHEMA},
	    {"Ping", "NODE", PING, "<Attachments></Attachments>", "Body/Attachments",
		RXP_ERR_SCHEMA},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_header h = ping_header();
		struct rxp_document *d = NULL;
		struct rxp_buf octets, place;
		uint8_t fingerprint[32];

		snprintf(h.type, sizeof h.type, "%s", cases[i].type);
		snprintf(h.from_office, sizeof h.from_office, "%s", cases[i].office);
		rxp_buf_init(&place, 512);
		seal(&octets, &h, cases[i].content, cases[i].attachments, FIXTURE_TIME_MS,
		    fingerprint);
		assert_int_equal(open_octets(&d, &octets, &h.outer), 0);
		assert_int_equal(rxp_document_check(d, &place), cases[i].rc);
		assert_int_equal(place.len, strlen(cases[i].place));
		assert_memory_equal(
		    place.len == 0 ? "" : (const char *)place.data, cases[i].place, place.len);
		rxp_document_free(d);
		rxp_buf_free(&octets);
		rxp_buf_free(&place);
	}
}

static void tables_answer_both_ways(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RXP_TYPE_COUNT; i++) {
		enum rxp_type type = RXP_TYPE_COUNT;

		assert_int_equal(rxp_type_parse(&type, rxp_type_row((enum rxp_type)i)->wire), 0);
		assert_int_equal(type, i);
		assert_true(strlen(rxp_type_row(type)->wire) < RXP_TYPE_TEXT);
	}
	for (unsigned i = 0; i < RXP_LEVEL_COUNT; i++) {
		enum rxp_level level = RXP_LEVEL_COUNT;

		assert_int_equal(rxp_level_parse(&level, rxp_level_name((enum rxp_level)i)), 0);
		assert_int_equal(level, i);
	}
	assert_int_equal(rxp_type_parse(&(enum rxp_type){0}, "ping"), RXP_ERR_NOT_FOUND);
	assert_int_equal(rxp_level_parse(&(enum rxp_level){0}, "core"), RXP_ERR_NOT_FOUND);
	assert_true(rxp_office_valid("CHILD-PROTECTION"));
	assert_false(rxp_office_valid("ASYLUM"));
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void times(void **state)
{
	struct rxp_header h = ping_header();
	struct rxp_buf octets;
	uint8_t fingerprint[32];
	double began, sealed;

	(void)state;
	if (getenv("RXP_TIMING") == NULL)
		skip();
	began = seconds();
	for (int i = 0; i < TIMED_ROUNDS; i++) {
		seal(&octets, &h, PING, NULL, FIXTURE_TIME_MS, fingerprint);
		if (i + 1 < TIMED_ROUNDS)
			rxp_buf_free(&octets);
	}
	sealed = seconds();
	for (int i = 0; i < TIMED_ROUNDS; i++) {
		struct rxp_document *d = NULL;
		struct rxp_buf place;

		rxp_buf_init(&place, 512);
		assert_int_equal(open_octets(&d, &octets, &h.outer), 0);
		assert_int_equal(rxp_document_check(d, &place), 0);
		rxp_document_free(d);
	}
	print_message("Ping: seal %.1f us, open and check %.1f us of CPU\n",
	    (sealed - began) / TIMED_ROUNDS * 1e6, (seconds() - sealed) / TIMED_ROUNDS * 1e6);
	rxp_buf_free(&octets);
}

static int start(void **state)
{
	(void)state;
	if (rxp_init() != 0)
		return -1;
	fixture_key_make(&qra, RXP_SEAL_ECDSA_P256);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fixture_key_clear(&qra);
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_sealed_opens),
	    cmocka_unit_test(salt_is_made_anew),
	    cmocka_unit_test(outer_fields_are_equal),
	    cmocka_unit_test(signing_time_is_near_created),
	    cmocka_unit_test(the_header_has_one_form),
	    cmocka_unit_test(the_body_has_one_form),
	    cmocka_unit_test(a_profile_name_cannot_leave_its_attribute),
	    cmocka_unit_test(a_check_names_the_place),
	    cmocka_unit_test(tables_answer_both_ways),
	    cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
