/*
 * Goals:
 *  - a Receipt and a Refusal of every code come back as they were sealed, with all their fields (RXP-ANS-001, 003);
 *  - what is final follows RXP-ANS-009, for every code, with and without fingerprint;
 *  - each rule of which fields go with which code holds when sealing and when opening;
 *  - another class, an unknown code, another certificate, another kind of sealed object, an answer
 *    that is too long, and each changed octet are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/init.h"
#include "protocol/message/answer.h"
#include "protocol/test/fixture.h"

static struct fixture_key qrb, other;

static struct rxp_answer refusal_of(enum rxp_refusal code)
{
	struct rxp_answer a;

	rxp_answer_init(&a);
	a.kind = RXP_ANSWER_REFUSAL;
	memset(a.message_id, 0x77, sizeof a.message_id);
	a.message_id[8] = 0x87;
	snprintf(a.from, sizeof a.from, "%s", "QRB");
	snprintf(a.to, sizeof a.to, "%s", "QRA");
	a.created_ms = FIXTURE_TIME_MS;
	memset(a.envelope_digest, 5, sizeof a.envelope_digest);
	a.refusal = code;
	if (code == RXP_REFUSAL_REKEY)
		rxp_buf_puts(&a.working, "<Working/>");
	if (code == RXP_REFUSAL_FUTURE)
		a.retry_ms = FIXTURE_TIME_MS + 1000;
	a.has_view = code == RXP_REFUSAL_GAP || code == RXP_REFUSAL_FORK;
	if (a.has_view) {
		a.view[0] = (struct rxp_answer_last){.party = "QRB"};
		a.view[1] = (struct rxp_answer_last){.party = "QRA", .position = 7};
		memset(a.view[1].fingerprint, 8, sizeof a.view[1].fingerprint);
	}
	return a;
}

static struct rxp_answer receipt(void)
{
	struct rxp_answer a = refusal_of(RXP_REFUSAL_BUSY);

	a.kind = RXP_ANSWER_RECEIPT;
	a.has_fingerprint = true;
	memset(a.fingerprint, 6, sizeof a.fingerprint);
	a.received_ms = FIXTURE_TIME_MS - 5;
	memset(a.log_id, 0x44, sizeof a.log_id);
	a.log_id[8] = 0x84;
	a.log_count = 12;
	memset(a.log_head, 9, sizeof a.log_head);
	snprintf(a.flags[0], sizeof a.flags[0], "%s", "late");
	snprintf(a.flags[1], sizeof a.flags[1], "%s", "overtaken");
	return a;
}

static int seal(struct rxp_buf *out, const struct rxp_answer *a)
{
	struct rxp_signer signer = rxp_key_signer_interface(qrb.signer);

	rxp_buf_init(out, 2UL * RXP_MAX_ANSWER_OCTETS);
	return rxp_answer_seal(out, a, FIXTURE_TIME_MS, &signer);
}

static int open_octets(struct rxp_answer *a, const struct rxp_buf *octets)
{
	return rxp_answer_open(
	    a, octets->data, octets->len, (const struct rxp_cert *const[]){qrb.cert}, 1);
}

static void assert_same(const struct rxp_answer *a, const struct rxp_answer *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_memory_equal(a->message_id, b->message_id, sizeof a->message_id);
	assert_string_equal(a->from, b->from);
	assert_string_equal(a->to, b->to);
	assert_true(a->created_ms == b->created_ms && a->received_ms == b->received_ms);
	assert_memory_equal(a->envelope_digest, b->envelope_digest, sizeof a->envelope_digest);
	assert_int_equal(a->has_fingerprint, b->has_fingerprint);
	assert_memory_equal(a->fingerprint, b->fingerprint, sizeof a->fingerprint);
	assert_memory_equal(a->log_id, b->log_id, sizeof a->log_id);
	assert_true(a->log_count == b->log_count);
	assert_memory_equal(a->log_head, b->log_head, sizeof a->log_head);
	for (size_t i = 0; i < RXP_MAX_FLAGS; i++)
		assert_string_equal(a->flags[i], b->flags[i]);
	assert_string_equal(a->requirement, b->requirement);
	assert_string_equal(a->place, b->place);
	assert_true(a->retry_ms == b->retry_ms);
	assert_int_equal(a->has_view, b->has_view);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(a->view[i].party, b->view[i].party);
		assert_true(a->view[i].position == b->view[i].position);
		assert_memory_equal(a->view[i].fingerprint, b->view[i].fingerprint, 32);
	}
	assert_int_equal(a->working.len, b->working.len);
	if (a->working.len > 0)
		assert_memory_equal(a->working.data, b->working.data, a->working.len);
}

static void comes_back(struct rxp_answer *a)
{
	struct rxp_answer back;
	struct rxp_buf octets;

	assert_int_equal(seal(&octets, a), 0);
	assert_int_equal(open_octets(&back, &octets), 0);
	assert_same(a, &back);
	rxp_answer_clear(&back);
	rxp_buf_free(&octets);
	rxp_answer_clear(a);
}

static void answers_come_back(void **state)
{
	struct rxp_answer a = receipt();

	(void)state;
	comes_back(&a);
	for (unsigned i = 0; i < RXP_REFUSAL_COUNT; i++) {
		a = refusal_of((enum rxp_refusal)i);
		if (rxp_refusal_row(a.refusal)->class != RXP_CLASS_LATER) {
			a.has_fingerprint = true;
			memset(a.fingerprint, 6, sizeof a.fingerprint);
		}
		assert_int_equal(a.refusal, i);
		if (i != RXP_REFUSAL_NOT_ACCEPTABLE) {
			snprintf(a.requirement, sizeof a.requirement, "%s", "RXP-HTTP-001");
			snprintf(a.place, sizeof a.place, "%s", "Body/Person/*");
		}
		comes_back(&a);
	}
}

static void the_table_answers_both_ways(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RXP_REFUSAL_COUNT; i++) {
		enum rxp_refusal code = RXP_REFUSAL_COUNT;

		assert_int_equal(
		    rxp_refusal_parse(&code, rxp_refusal_row((enum rxp_refusal)i)->wire), 0);
		assert_int_equal(code, i);
	}
	assert_int_equal(
	    rxp_refusal_parse(&(enum rxp_refusal){0}, "Unopenable"), RXP_ERR_NOT_FOUND);
}

static void final_needs_fingerprint_and_class(void **state)
{
	struct rxp_answer a = receipt();

	(void)state;
	assert_true(rxp_answer_final(&a));
	rxp_answer_clear(&a);
	for (unsigned i = 0; i < RXP_REFUSAL_COUNT; i++) {
		a = refusal_of((enum rxp_refusal)i);
		assert_false(rxp_answer_final(&a));
		a.has_fingerprint = true;
		assert_int_equal(rxp_answer_final(&a),
		    strcmp(rxp_refusal_class_name(rxp_refusal_row(a.refusal)->class), "later") !=
			0);
		rxp_answer_clear(&a);
	}
}

/* Changes one thing that the rules forbid; the twin without it is sealed in answers_come_back. */
static void no_fingerprint(struct rxp_answer *a)
{
	a->has_fingerprint = false;
}
static void requirement(struct rxp_answer *a)
{
	snprintf(a->requirement, sizeof a->requirement, "%s", "RXP-DOC-005");
}
static void place(struct rxp_answer *a)
{
	snprintf(a->place, sizeof a->place, "%s", "Body");
}
static void working(struct rxp_answer *a)
{
	rxp_buf_puts(&a->working, "x");
}
static void no_working(struct rxp_answer *a)
{
	rxp_buf_free(&a->working);
}
static void retry(struct rxp_answer *a)
{
	a->retry_ms = FIXTURE_TIME_MS;
}
static void no_retry(struct rxp_answer *a)
{
	a->retry_ms = 0;
}
static void no_view(struct rxp_answer *a)
{
	a->has_view = false;
}
static void a_view(struct rxp_answer *a)
{
	a->has_view = true;
	snprintf(a->view[0].party, sizeof a->view[0].party, "%s", a->from);
	snprintf(a->view[1].party, sizeof a->view[1].party, "%s", a->to);
}
static void view_turned(struct rxp_answer *a)
{
	snprintf(a->view[0].party, sizeof a->view[0].party, "%s", a->to);
	snprintf(a->view[1].party, sizeof a->view[1].party, "%s", a->from);
}
static void nothing(struct rxp_answer *a)
{
	(void)a;
}

static void fields_go_with_codes_when_sealing(void **state)
{
	static const struct {
		void (*change)(struct rxp_answer *);
		enum rxp_refusal code;
		int rc;
	} cases[] = {
	    {nothing, RXP_REFUSAL_COUNT, 0}, /* a receipt */
	    {no_fingerprint, RXP_REFUSAL_COUNT, RXP_ERR_SCHEMA},
	    {nothing, RXP_REFUSAL_NOT_ACCEPTABLE, 0},
	    {requirement, RXP_REFUSAL_NOT_ACCEPTABLE, RXP_ERR_SCHEMA},
	    {place, RXP_REFUSAL_NOT_ACCEPTABLE, RXP_ERR_SCHEMA},
	    {nothing, RXP_REFUSAL_REKEY, 0},
	    {no_working, RXP_REFUSAL_REKEY, RXP_ERR_SCHEMA},
	    {working, RXP_REFUSAL_BUSY, RXP_ERR_SCHEMA},
	    {retry, RXP_REFUSAL_BUSY, 0},
	    {retry, RXP_REFUSAL_SCHEMA, RXP_ERR_SCHEMA},
	    {nothing, RXP_REFUSAL_FUTURE, 0},
	    {no_retry, RXP_REFUSAL_FUTURE, RXP_ERR_SCHEMA},
	    {nothing, RXP_REFUSAL_GAP, 0},
	    {no_view, RXP_REFUSAL_GAP, RXP_ERR_SCHEMA},
	    {no_view, RXP_REFUSAL_FORK, RXP_ERR_SCHEMA},
	    {view_turned, RXP_REFUSAL_FORK, RXP_ERR_SCHEMA},
	    {a_view, RXP_REFUSAL_STATE, RXP_ERR_SCHEMA},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_answer a =
		    cases[i].code == RXP_REFUSAL_COUNT ? receipt() : refusal_of(cases[i].code);
		struct rxp_buf octets;

		cases[i].change(&a);
		assert_int_equal(seal(&octets, &a), cases[i].rc);
		assert_true((octets.len == 0) == (cases[i].rc != 0));
		rxp_buf_free(&octets);
		rxp_answer_clear(&a);
	}
}

#define DIGEST "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU="
#define HEADER \
	"<MessageId>77777777-7777-7777-8777-777777777777</MessageId><From>QRB</From><To>QRA</To>" \
	"<Created>2026-11-23T10:00:00.000Z</Created>"
#define BODY(code, class, more) \
	"<EnvelopeDigest>" DIGEST "</EnvelopeDigest><Code>" code \
	"</Code><Class>" class "</Class>" more
#define LAST(party, position, text) \
	"<Last party=\"" party "\" position=\"" position "\">" text "</Last>"

static void fields_go_with_codes_when_opening(void **state)
{
	static const struct {
		const char *body;
		int rc;
	} cases[] = {
	    {BODY("busy", "later", ""), 0},
	    {BODY("busy", "never", ""), RXP_ERR_SCHEMA},
	    {BODY("busy", "LATER", ""), RXP_ERR_SCHEMA},
	    {BODY("unheard", "later", ""), RXP_ERR_UNSUPPORTED},
	    {BODY("not-acceptable", "after-fix", ""), 0},
	    {BODY("not-acceptable", "after-fix", "<Place>Body</Place>"), RXP_ERR_SCHEMA},
	    {BODY("not-acceptable", "after-fix", "<Requirement>RXP-APP-001</Requirement>"),
		RXP_ERR_SCHEMA},
	    {BODY("rekey", "later", "<Working>AAAA</Working>"), 0},
	    {BODY("rekey", "later", ""), RXP_ERR_SCHEMA},
	    {BODY("busy", "later", "<Working>AAAA</Working>"), RXP_ERR_SCHEMA},
	    {BODY("rekey", "later", "<Working>AAA=AAAA</Working>"), RXP_ERR_SCHEMA},
	    {BODY("rekey", "later", "<Working>AAB=</Working>"), RXP_ERR_SYNTAX},
	    {BODY("future", "later", ""), RXP_ERR_SCHEMA},
	    {BODY("schema", "after-fix", "<Place>Body</Place><Place>Body</Place>"), RXP_ERR_SCHEMA},
	    {BODY("schema", "after-fix", "text"), RXP_ERR_SCHEMA},
	    {BODY("gap", "later", "<View>" LAST("QRB", "0", "") LAST("QRA", "2", DIGEST) "</View>"),
		0},
	    {BODY("gap", "later", ""), RXP_ERR_SCHEMA},
	    {BODY("busy", "later", "<View>" LAST("QRB", "0", "") LAST("QRA", "0", "") "</View>"),
		RXP_ERR_SCHEMA},
	    {BODY("gap", "later", "<View>" LAST("QRA", "0", "") LAST("QRB", "0", "") "</View>"),
		RXP_ERR_SCHEMA},
	    {BODY("gap", "later", "<View>" LAST("QRB", "0", "") "</View>"), RXP_ERR_SCHEMA},
	    {BODY("gap", "later", "<View>" LAST("QRB", "0", DIGEST) LAST("QRA", "0", "") "</View>"),
		RXP_ERR_SYNTAX},
	    {BODY("gap", "later", "<View>" LAST("QRB", "1", "") LAST("QRA", "0", "") "</View>"),
		RXP_ERR_SYNTAX},
	    {BODY("gap", "later", "<View>" LAST("QRB", " 0", "") LAST("QRA", "0", "") "</View>"),
		RXP_ERR_SCHEMA},
	    {BODY("gap", "later", "<View>" LAST("QRB", "00", "") LAST("QRA", "0", "") "</View>"),
		RXP_ERR_SCHEMA},
	};
	struct rxp_signer signer = rxp_key_signer_interface(qrb.signer);
	struct rxp_buf header = fixture_text(HEADER);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf octets, body = fixture_text(cases[i].body);
		uint8_t fingerprint[32];
		struct rxp_answer a;
		int rc;

		rxp_buf_init(&octets, RXP_MAX_ANSWER_OCTETS);
		assert_int_equal(rxp_seal_sign(&octets, RXP_KIND_REFUSAL, &header, &body,
				     FIXTURE_TIME_MS, &signer, fingerprint),
		    0);
		rc = open_octets(&a, &octets);
		if (rc != cases[i].rc)
			fail_msg("%s: %d", cases[i].body, rc);
		if (rc == 0)
			rxp_answer_clear(&a);
		rxp_buf_free(&octets);
		rxp_buf_free(&body);
	}
	rxp_buf_free(&header);
}

static void only_the_registered_seal_counts(void **state)
{
	struct rxp_answer a = receipt(), back;
	struct rxp_buf octets;
	size_t accepted = 0;

	(void)state;
	assert_int_equal(seal(&octets, &a), 0);
	assert_int_equal(rxp_answer_open(&back, octets.data, octets.len,
			     (const struct rxp_cert *const[]){other.cert}, 1),
	    RXP_ERR_SIGNER);
	assert_int_equal(rxp_answer_open(&back, octets.data, octets.len,
			     (const struct rxp_cert *const[]){other.cert, qrb.cert}, 2),
	    0);
	rxp_answer_clear(&back);
	for (size_t i = 0; i < octets.len; i += 7) {
		octets.data[i] ^= 1;
		/* A namespace declaration that nothing uses is not signed and says nothing. */
		if (open_octets(&back, &octets) == 0) {
			assert_same(&a, &back);
			rxp_answer_clear(&back);
			accepted++;
		}
		octets.data[i] ^= 1;
	}
	assert_true(accepted < 20);
	rxp_buf_free(&octets);
	rxp_answer_clear(&a);
}

static void other_objects_are_no_answers(void **state)
{
	struct rxp_answer back;
	struct rxp_buf octets;
	uint8_t fingerprint[32];

	(void)state;
	rxp_buf_init(&octets, RXP_MAX_ANSWER_OCTETS);
	fixture_seal(&octets, RXP_KIND_DOCUMENT, &qrb, fingerprint);
	assert_int_equal(open_octets(&back, &octets), RXP_ERR_STRUCTURE);
	rxp_buf_reset(&octets);
	fixture_seal(&octets, RXP_KIND_RECEIPT, &qrb, fingerprint);
	assert_int_equal(open_octets(&back, &octets), RXP_ERR_SCHEMA);
	rxp_buf_free(&octets);
}

static void an_answer_is_bounded(void **state)
{
	struct rxp_answer a = refusal_of(RXP_REFUSAL_REKEY), back;
	uint8_t *octets = test_calloc(1, RXP_MAX_ANSWER_OCTETS + 1);
	struct rxp_buf out;

	(void)state;
	rxp_buf_put(&a.working, octets, 23000);
	assert_int_equal(seal(&out, &a), RXP_ERR_BOUND);
	assert_int_equal(out.len, 0);
	assert_int_equal(
	    rxp_answer_open(&back, octets, RXP_MAX_ANSWER_OCTETS + 1, NULL, 0), RXP_ERR_BOUND);
	test_free(octets);
	rxp_answer_clear(&a);
}

static int start(void **state)
{
	(void)state;
	if (rxp_init() != 0)
		return -1;
	fixture_key_make(&qrb, RXP_SEAL_ECDSA_P256);
	fixture_key_make(&other, RXP_SEAL_ECDSA_P256);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fixture_key_clear(&qrb);
	fixture_key_clear(&other);
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_come_back),
	    cmocka_unit_test(the_table_answers_both_ways),
	    cmocka_unit_test(final_needs_fingerprint_and_class),
	    cmocka_unit_test(fields_go_with_codes_when_sealing),
	    cmocka_unit_test(fields_go_with_codes_when_opening),
	    cmocka_unit_test(only_the_registered_seal_counts),
	    cmocka_unit_test(other_objects_are_no_answers),
	    cmocka_unit_test(an_answer_is_bounded),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
