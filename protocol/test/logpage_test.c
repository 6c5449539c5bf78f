/*
 * Goals:
 *  - a page comes back as it was sealed, empty, with entries of both outcomes, and the largest one, which keeps to the
 *    bound of octets under each kind of key (RXP-LOG-005, RXP-LOG-006);
 *  - each rule of RXP-LOG-007 holds when sealing and when opening: each negative changes one thing of a page that opens;
 *  - another certificate, another kind of sealed object, and each changed octet that means something are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/init.h"
#include "protocol/log/logpage.h"
#include "protocol/message/answer.h"
#include "protocol/seal/seal.h"
#include "protocol/test/fixture.h"

static struct fixture_key qrb, other;
static struct rxp_log_page page, back; /* too large for some stacks */

static void make_page(uint64_t after, size_t n)
{
	page = (struct rxp_log_page){.owner = "QRB",
	    .peer = "QRA",
	    .created_ms = FIXTURE_TIME_MS,
	    .count = after + n,
	    .after = after,
	    .n_entries = n};
	memset(page.log_id, 0x44, sizeof page.log_id);
	page.log_id[8] = 0x84;
	memset(page.after_head, 7, sizeof page.after_head);
	memset(page.head, n == 0 ? 7 : 8, sizeof page.head);
	for (size_t i = 0; i < n; i++) {
		struct rxp_log_entry *e = &page.entries[i];

		memset(e->message_id, 0x77, sizeof e->message_id);
		e->message_id[8] = 0x87;
		e->message_id[14] = (uint8_t)(i >> 8);
		e->message_id[15] = (uint8_t)i;
		memset(e->fingerprint, (int)i, sizeof e->fingerprint);
		e->received_ms = FIXTURE_TIME_MS + (int64_t)i;
		e->outcome = i % 3 == 1 ? RXP_OUTCOME_REFUSAL : RXP_OUTCOME_RECEIPT;
	}
}

static int seal_under(struct rxp_buf *out, const struct fixture_key *key)
{
	struct rxp_signer signer = rxp_key_signer_interface(key->signer);

	rxp_buf_init(out, 2UL * RXP_MAX_LOG_PAGE_OCTETS);
	return rxp_log_page_seal(out, &page, FIXTURE_TIME_MS, &signer);
}

static int open_under(const struct rxp_buf *octets, const struct fixture_key *key)
{
	return rxp_log_page_open(
	    &back, octets->data, octets->len, (const struct rxp_cert *const[]){key->cert}, 1);
}

/* What was read is what was sealed. */
static void assert_same(void)
{
	assert_string_equal(back.owner, page.owner);
	assert_string_equal(back.peer, page.peer);
	assert_true(back.created_ms == page.created_ms);
	assert_memory_equal(back.log_id, page.log_id, sizeof page.log_id);
	assert_memory_equal(back.head, page.head, sizeof page.head);
	assert_memory_equal(back.after_head, page.after_head, sizeof page.after_head);
	assert_true(back.count == page.count && back.after == page.after);
	assert_int_equal(back.n_entries, page.n_entries);
	for (size_t i = 0; i < page.n_entries; i++) {
		const struct rxp_log_entry *a = &back.entries[i], *b = &page.entries[i];

		assert_memory_equal(a->message_id, b->message_id, sizeof a->message_id);
		assert_memory_equal(a->fingerprint, b->fingerprint, sizeof a->fingerprint);
		assert_true(a->received_ms == b->received_ms && a->outcome == b->outcome);
	}
}

static void comes_back(const struct fixture_key *key)
{
	struct rxp_buf octets;

	memset(&back, 0x5a, sizeof back);
	assert_int_equal(seal_under(&octets, key), 0);
	assert_true(octets.len <= RXP_MAX_LOG_PAGE_OCTETS);
	assert_int_equal(open_under(&octets, key), 0);
	assert_same();
	rxp_buf_free(&octets);
}

static void pages_come_back(void **state)
{
	struct fixture_key rsa;

	(void)state;
	make_page(0, 0);
	comes_back(&qrb);
	make_page(12, 0);
	comes_back(&qrb);
	make_page(INT64_MAX - 4, 4);
	comes_back(&qrb);
	make_page(0, RXP_MAX_LOG_PAGE_ENTRIES);
	comes_back(&qrb);
	fixture_key_make(&rsa, RXP_SEAL_RSA);
	comes_back(&rsa);
	fixture_key_clear(&rsa);
}

/* Each changes one thing that a rule forbids. */
static void nothing(void)
{
}
static void behind_the_end(void)
{
	page.after = page.count + 1;
	page.n_entries = 0;
}
static void more_than_there_are(void)
{
	page.count--;
}
static void none_of_those_left(void)
{
	page.n_entries = 0;
}
static void too_many(void)
{
	page.count = page.after + RXP_MAX_LOG_PAGE_ENTRIES + 1;
	page.n_entries = RXP_MAX_LOG_PAGE_ENTRIES + 1;
}
static void number_too_large(void)
{
	page.count = (uint64_t)INT64_MAX + 1;
}
static void of_itself(void)
{
	memcpy(page.peer, page.owner, sizeof page.peer);
}
static void no_outcome(void)
{
	page.entries[0].outcome = (enum rxp_outcome)3;
}
static void outcome_zero(void)
{
	page.entries[0].outcome = (enum rxp_outcome)0;
}
static void ends_apart(void)
{
	page.after = page.count;
	page.n_entries = 0;
}
static void shorter_page(void)
{
	page.n_entries--;
}

static void rules_hold_when_sealing(void **state)
{
	static const struct {
		void (*change)(void);
		int rc;
	} cases[] = {
	    {nothing, 0},
	    {shorter_page, 0},
	    {behind_the_end, RXP_ERR_SCHEMA},
	    {more_than_there_are, RXP_ERR_SCHEMA},
	    {none_of_those_left, RXP_ERR_SCHEMA},
	    {too_many, RXP_ERR_SCHEMA},
	    {number_too_large, RXP_ERR_SCHEMA},
	    {of_itself, RXP_ERR_SCHEMA},
	    {no_outcome, RXP_ERR_SCHEMA},
	    {outcome_zero, RXP_ERR_SCHEMA},
	    {ends_apart, RXP_ERR_SCHEMA},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf octets;

		make_page(5, 3);
		cases[i].change();
		assert_int_equal(seal_under(&octets, &qrb), cases[i].rc);
		assert_true((octets.len == 0) == (cases[i].rc != 0));
		rxp_buf_free(&octets);
	}
}

#define SEVEN "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
#define EIGHT "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg="
#define PARTIES "<Owner>QRB</Owner><Peer>QRA</Peer>"
#define CREATED "<Created>2026-11-23T10:00:00.000Z</Created>"
#define LOG(count, after) \
	"<LogId>44444444-4444-4444-8444-444444444444</LogId><LogCount>" count \
	"</LogCount><LogHead>" EIGHT "</LogHead><After>" after "</After><AfterHead>" SEVEN \
	"</AfterHead>"
#define ID "<MessageId>77777777-7777-7777-8777-777777777777</MessageId>"
#define ENTRY(outcome) \
	"<Entry>" ID "<Fingerprint>" SEVEN \
	"</Fingerprint><ReceivedAt>2026-11-23T10:00:00.000Z</ReceivedAt><Outcome>" outcome \
	"</Outcome></Entry>"

static void rules_hold_when_opening(void **state)
{
	static const struct {
		const char *header, *body;
		int rc;
	} cases[] = {
	    {PARTIES CREATED, LOG("6", "5") ENTRY("receipt"), 0},
	    {PARTIES CREATED, LOG("7", "5") ENTRY("refusal"), 0},
	    {PARTIES CREATED, LOG("6", "5"), RXP_ERR_SCHEMA},
	    {PARTIES CREATED, LOG("5", "5"), RXP_ERR_SCHEMA}, /* two heads of one place */
	    {PARTIES CREATED, LOG("4", "5"), RXP_ERR_SCHEMA},
	    {PARTIES CREATED, LOG("5", "5") ENTRY("receipt"), RXP_ERR_SCHEMA},
	    {PARTIES CREATED, LOG("6", "05") ENTRY("receipt"), RXP_ERR_SCHEMA},
	    {PARTIES CREATED, LOG("6", "-1") ENTRY("receipt"), RXP_ERR_SCHEMA},
	    {PARTIES CREATED, LOG("9223372036854775808", "5") ENTRY("receipt"), RXP_ERR_SCHEMA},
	    {PARTIES CREATED, LOG("6", "5") ENTRY("voided"), RXP_ERR_SCHEMA},
	    {PARTIES CREATED, LOG("6", "5") ENTRY("Receipt"), RXP_ERR_SCHEMA},
	    {PARTIES CREATED, LOG("6", "5") "<Entry>" ID "</Entry>", RXP_ERR_SCHEMA},
	    {PARTIES CREATED, LOG("6", "5") "x" ENTRY("receipt"), RXP_ERR_SCHEMA},
	    {PARTIES CREATED, ENTRY("receipt") LOG("6", "5"), RXP_ERR_SCHEMA},
	    {PARTIES, LOG("6", "5") ENTRY("receipt"), RXP_ERR_SCHEMA},
	    {"<Owner>QRB</Owner><Peer>QRB</Peer>" CREATED, LOG("6", "5") ENTRY("receipt"),
		RXP_ERR_SCHEMA},
	};
	struct rxp_signer signer = rxp_key_signer_interface(qrb.signer);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf header = fixture_text(cases[i].header);
		struct rxp_buf body = fixture_text(cases[i].body);
		struct rxp_buf octets;
		uint8_t fingerprint[32];

		rxp_buf_init(&octets, RXP_MAX_LOG_PAGE_OCTETS);
		assert_int_equal(rxp_seal_sign(&octets, RXP_KIND_LOG_PAGE, &header, &body,
				     FIXTURE_TIME_MS, &signer, fingerprint),
		    0);
		memset(&back, 0x5a, sizeof back);
		assert_int_equal(open_under(&octets, &qrb), cases[i].rc);
		assert_true(cases[i].rc == 0 || back.owner[0] == 0x5a);
		rxp_buf_free(&octets);
		rxp_buf_free(&header);
		rxp_buf_free(&body);
	}
}

static void others_are_refused(void **state)
{
	struct rxp_buf octets, receipt;
	uint8_t fingerprint[32];
	struct rxp_answer answer;
	size_t accepted = 0;

	(void)state;
	make_page(5, 2);
	assert_int_equal(seal_under(&octets, &qrb), 0);
	assert_int_equal(open_under(&octets, &other), RXP_ERR_SIGNER);
	assert_int_equal(rxp_answer_open(&answer, octets.data, octets.len,
			     (const struct rxp_cert *const[]){qrb.cert}, 1),
	    RXP_ERR_STRUCTURE);
	rxp_buf_init(&receipt, RXP_MAX_LOG_PAGE_OCTETS);
	fixture_seal(&receipt, RXP_KIND_RECEIPT, &qrb, fingerprint);
	assert_int_equal(open_under(&receipt, &qrb), RXP_ERR_STRUCTURE);
	rxp_buf_free(&receipt);
	for (size_t i = 0; i < octets.len; i += 7) {
		octets.data[i] ^= 1;
		/* A namespace declaration that nothing uses is not signed and says nothing. */
		if (open_under(&octets, &qrb) == 0) {
			assert_same();
			accepted++;
		}
		octets.data[i] ^= 1;
	}
	assert_true(accepted < 20);
	assert_int_equal(open_under(&octets, &qrb), 0);
	rxp_buf_free(&octets);
}

static int set_up(void **state)
{
	(void)state;
	fixture_key_make(&qrb, RXP_SEAL_ECDSA_P256);
	fixture_key_make(&other, RXP_SEAL_ECDSA_P256);
	return rxp_init();
}

static int tear_down(void **state)
{
	(void)state;
	fixture_key_clear(&qrb);
	fixture_key_clear(&other);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_come_back),
	    cmocka_unit_test(rules_hold_when_sealing),
	    cmocka_unit_test(rules_hold_when_opening),
	    cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
