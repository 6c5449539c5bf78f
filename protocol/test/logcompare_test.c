/*
 * Goals:
 *  - a log that agrees with all that is known of it gives no difference, page after page, from the first entry, from a
 *    point within, while answers are under way, and for entries that no page showed before (RXP-LOG-009, RXP-LOG-010);
 *  - every row of log_difference.def that is of a peer's page is provoked by changing exactly one thing, and is then the
 *    only one told, with its entry and message;
 *  - of an entry, the record and the copy, whichever two agree outvote the third: all combinations, of each field;
 *  - heads are computed and not believed: a page whose claims fit one another but not the point before is found;
 *  - what cannot be compared ends without the point moving; a page that was not asked for tells nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/log/logcompare.h"

#define ENTRIES 6
#define TOLD_MAX 32

static struct rxp_log_page page;
static struct rxp_log_known known[ENTRIES + 1];
static struct rxp_log_claim claims[2];
static struct rxp_log_held held;
static struct rxp_log_point at;

static struct {
	unsigned n, of[RXP_LOG_DIFFERENCE_COUNT];
	uint64_t entry[TOLD_MAX];
	enum rxp_log_difference what[TOLD_MAX];
	uint8_t id[TOLD_MAX][RXP_ID_OCTETS];
} told;

static void tell(
    void *arg, enum rxp_log_difference what, uint64_t n, const uint8_t message_id[RXP_ID_OCTETS])
{
	assert_ptr_equal(arg, &told);
	assert_true(told.n < TOLD_MAX);
	told.of[what]++;
	told.what[told.n] = what;
	told.entry[told.n] = n;
	memcpy(told.id[told.n++], message_id, RXP_ID_OCTETS);
}

static int compare(void)
{
	memset(&told, 0, sizeof told);
	return rxp_log_compare(&at, &page, &held, tell, &told);
}

static struct rxp_log_entry entry(uint64_t n)
{
	struct rxp_log_entry e = {.received_ms = 1000 + (int64_t)n, .outcome = RXP_OUTCOME_RECEIPT};

	memset(e.message_id, (int)(0x10 + n), sizeof e.message_id);
	memset(e.fingerprint, (int)(0x30 + n), sizeof e.fingerprint);
	return e;
}

/* head(n) of the log as it is. */
static void head_at(uint8_t head[RXP_DIGEST_OCTETS], uint64_t n)
{
	assert_int_equal(rxp_logchain_start(head, "QRB", "QRA", page.log_id), 0);
	for (uint64_t i = 1; i <= n; i++) {
		struct rxp_log_entry e = entry(i);

		assert_int_equal(rxp_logchain_extend(head, i, &e), 0);
	}
}

static void claim(struct rxp_log_claim *c, uint64_t n)
{
	memset(c->message_id, 0x77, sizeof c->message_id);
	memcpy(c->at.log_id, page.log_id, sizeof c->at.log_id);
	c->at.n = n;
	head_at(c->at.head, n);
}

/* The page after `after` of a log of ENTRIES entries, all of which earlier pages showed, and what is known of it. */
static void make(uint64_t after)
{
	memset(&page, 0, sizeof page);
	memset(known, 0, sizeof known);
	memcpy(page.owner, "QRB", 4);
	memcpy(page.peer, "QRA", 4);
	memset(page.log_id, 0x44, sizeof page.log_id);
	page.after = after;
	page.count = ENTRIES;
	head_at(page.after_head, after);
	head_at(page.head, ENTRIES);
	for (uint64_t n = after + 1; n <= ENTRIES; n++) {
		struct rxp_log_known *k = &known[page.n_entries];

		page.entries[page.n_entries++] = entry(n);
		*k = (struct rxp_log_known){.sent = true,
		    .answered = true,
		    .own = entry(n),
		    .before_n = n,
		    .before_sent = true,
		    .before = entry(n)};
	}
	claim(&claims[0], after + 1);
	claim(&claims[1], ENTRIES);
	held = (struct rxp_log_held){.known = known,
	    .claims = claims,
	    .n_claims = 2,
	    .furthest = &claims[1],
	    .before_n = ENTRIES};
	memcpy(at.log_id, page.log_id, sizeof at.log_id);
	at.n = after;
	memcpy(at.head, page.after_head, sizeof at.head);
}

/* What has changed is in the whole log, as if it had been so from the first. */
static void chain_anew(void)
{
	uint8_t head[RXP_DIGEST_OCTETS];

	memcpy(head, page.after_head, sizeof head);
	for (size_t i = 0; i < page.n_entries; i++)
		assert_int_equal(
		    rxp_logchain_extend(head, page.after + 1 + i, &page.entries[i]), 0);
	memcpy(page.head, head, sizeof page.head);
}

static void what_agrees_gives_none(void **state)
{
	(void)state;
	for (uint64_t after = 0; after < ENTRIES; after++) {
		make(after);
		assert_int_equal(compare(), 0);
		assert_int_equal(told.n, 0);
		assert_true(at.n == ENTRIES);
		assert_memory_equal(at.head, page.head, sizeof at.head);
	}
	make(2);
	known[1].answered = false; /* its answer is under way */
	known[3].before_n = 0; /* nobody saw it before, … */
	held.before_n = 5;
	page.n_entries = 3; /* … and the page is one of several */
	assert_int_equal(compare(), 0);
	assert_int_equal(told.n, 0);
	assert_true(at.n == 5);
	make(ENTRIES - 1);
	page.after = ENTRIES; /* the page behind the last entry */
	at.n = ENTRIES;
	head_at(at.head, ENTRIES);
	memcpy(page.after_head, at.head, sizeof at.head);
	page.n_entries = 0;
	held.n_claims = 0;
	assert_int_equal(compare(), 0);
	assert_int_equal(told.n, 0);
}

/* --- each difference alone --------------------------------------------------------------------- */

static void log_id(void)
{
	page.log_id[0] ^= 1;
}
static void furthest_log_id(void)
{
	claims[1].at.log_id[0] ^= 1;
}
static void cut(void)
{
	page.count = page.after = 2;
	page.n_entries = 0;
	head_at(page.head, 2);
	memcpy(page.after_head, page.head, sizeof page.head);
}
static void shorter_than_shown(void)
{
	held.before_n = ENTRIES + 1;
	held.furthest = NULL;
}
static void shorter_than_receipt(void)
{
	static struct rxp_log_claim far;

	far = claims[1];
	far.at.n = ENTRIES + 1;
	held.furthest = &far;
}
static void head(void)
{
	held.n_claims = 0;
	page.after_head[0] ^= 1;
	chain_anew();
}
static void chain(void)
{
	page.head[0] ^= 1;
}
static void receipt_head(void)
{
	claims[0].at.head[5] ^= 1;
}
static void receipt_in_itself(void)
{
	known[1].named = 5;
}
static void unknown(void)
{
	known[1] = (struct rxp_log_known){0};
	held.before_n = 4; /* and none showed the entry */
}
static void unknown_still(void)
{
	known[1].sent = known[1].answered = known[1].before_sent = false;
}
static void added(void)
{
	known[1].before_n = 0;
}
static void moved(void)
{
	known[1].before_n = 6;
	known[2].before_n = 5;
}
static void twice(void)
{
	known[1].met = true;
}
static void fingerprint(void)
{
	held.n_claims = 0;
	page.entries[1].fingerprint[0] ^= 1;
	chain_anew();
}
static void time_of_receipt(void)
{
	held.n_claims = 0;
	page.entries[1].received_ms++;
	chain_anew();
}
static void outcome(void)
{
	held.n_claims = 0;
	page.entries[1].outcome = RXP_OUTCOME_REFUSAL;
	chain_anew();
}
static void gone(void)
{
	known[1].sent = known[1].answered = false;
}
static void record(void)
{
	known[1].own.received_ms++;
}
static void copy(void)
{
	known[1].before.fingerprint[31] ^= 1;
}

static void each_difference_is_told_alone(void **state)
{
	static const struct {
		void (*change)(void);
		uint64_t n, reached;
		enum rxp_log_difference what;
		int rc;
	} cases[] = {
	    {log_id, 0, 3, RXP_LOG_LOG_ID, RXP_ERR_MISMATCH},
	    {furthest_log_id, 0, 3, RXP_LOG_LOG_ID, RXP_ERR_MISMATCH},
	    {cut, 2, 3, RXP_LOG_SHORT, RXP_ERR_MISMATCH},
	    {shorter_than_shown, 6, 6, RXP_LOG_SHORT, 0},
	    {shorter_than_receipt, 6, 6, RXP_LOG_SHORT, 0},
	    {head, 3, 6, RXP_LOG_HEAD, 0},
	    {chain, 0, 6, RXP_LOG_CHAIN, 0},
	    {receipt_head, 4, 6, RXP_LOG_RECEIPT, 0},
	    {receipt_in_itself, 5, 6, RXP_LOG_RECEIPT, 0},
	    {unknown, 5, 6, RXP_LOG_UNKNOWN, 0},
	    {unknown_still, 5, 6, RXP_LOG_UNKNOWN, 0},
	    {added, 5, 6, RXP_LOG_ADDED, 0},
	    {moved, 5, 6, RXP_LOG_MOVED, 0},
	    {twice, 5, 6, RXP_LOG_TWICE, 0},
	    {fingerprint, 5, 6, RXP_LOG_FINGERPRINT, 0},
	    {time_of_receipt, 5, 6, RXP_LOG_TIME, 0},
	    {outcome, 5, 6, RXP_LOG_OUTCOME, 0},
	    {gone, 5, 6, RXP_LOG_GONE, 0},
	    {record, 5, 6, RXP_LOG_RECORD, 0},
	    {copy, 5, 6, RXP_LOG_COPY, 0},
	};
	bool provoked[RXP_LOG_DIFFERENCE_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		make(3);
		cases[i].change();
		assert_int_equal(compare(), cases[i].rc);
		assert_int_equal(told.n, 1);
		assert_int_equal(told.what[0], cases[i].what);
		assert_true(told.entry[0] == cases[i].n);
		assert_true(at.n == cases[i].reached);
		provoked[cases[i].what] = true;
	}
	/* These two the reader finds in its own records, and the third before there is a page to compare. */
	for (unsigned i = 0; i < RXP_LOG_DIFFERENCE_COUNT; i++)
		assert_true(
		    provoked[i] || i == RXP_LOG_REMOVED || i == RXP_LOG_MISSING ||
		    i == RXP_LOG_FALSE_PAGE ||
		    rxp_log_difference_row((enum rxp_log_difference)i)->kept == RXP_LOG_KEPT_OWN);
}

/* Two entries of one message in one page: the second is the double. */
static void a_double_is_found_within_a_page(void **state)
{
	(void)state;
	make(3);
	memcpy(page.entries[2].message_id, page.entries[0].message_id, RXP_ID_OCTETS);
	held.n_claims = 0;
	chain_anew();
	known[2] = known[0];
	assert_int_equal(compare(), 0);
	assert_int_equal(told.of[RXP_LOG_TWICE], 1);
	assert_true(told.entry[0] == 6);
}

/* The first head that differs says all; what follows from it is not told. */
static void later_receipts_tell_nothing_new(void **state)
{
	(void)state;
	make(0);
	page.entries[0].received_ms++;
	chain_anew();
	assert_int_equal(compare(), 0);
	assert_int_equal(told.of[RXP_LOG_RECEIPT], 1);
	assert_int_equal(told.of[RXP_LOG_TIME], 1);
	assert_int_equal(told.n, 2);
	assert_memory_equal(told.id[0], page.entries[0].message_id, RXP_ID_OCTETS);
}

/* --- two against one --------------------------------------------------------------------------- */

static void change(struct rxp_log_entry *e, unsigned field, unsigned how)
{
	if (how == 0)
		return;
	if (field == 0)
		e->fingerprint[7] = (uint8_t)how;
	else if (field == 1)
		e->received_ms += how;
	else
		e->outcome = RXP_OUTCOME_REFUSAL;
}

/* own and before: 0 as the entry, 1 and 2 other than it, 3 not known. */
static enum rxp_log_difference expected(unsigned field, unsigned own, unsigned before)
{
	static const enum rxp_log_difference of_field[] = {
	    RXP_LOG_FINGERPRINT, RXP_LOG_TIME, RXP_LOG_OUTCOME};

	if ((own == 0 || own == 3) && (before == 0 || before == 3))
		return RXP_LOG_DIFFERENCE_COUNT;
	if (before == 0)
		return RXP_LOG_RECORD;
	if (own == 0)
		return RXP_LOG_COPY;
	return of_field[field];
}

static void two_outvote_the_third(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3 * 4 * 4; i++) {
		unsigned field = i % 3, own = i / 3 % 4, before = i / 12;
		enum rxp_log_difference what = expected(field, own, before);

		if (field == 0 && own == 3)
			continue; /* then it was not sent */
		make(3);
		if (own == 3)
			known[1].answered = false;
		else
			change(&known[1].own, field, own);
		if (before == 3)
			known[1].before_n = 0;
		else
			change(&known[1].before, field, before);
		if (before == 3)
			held.before_n = 4;
		assert_int_equal(compare(), 0);
		assert_int_equal(told.n, what != RXP_LOG_DIFFERENCE_COUNT);
		if (told.n == 1)
			assert_int_equal(told.what[0], what);
	}
}

/* --- what cannot be compared -------------------------------------------------------------------- */

static void other_pages_tell_nothing(void **state)
{
	(void)state;
	make(3);
	at.n = 2;
	assert_int_equal(compare(), RXP_ERR_PEER);
	assert_int_equal(told.n, 0);
	assert_true(at.n == 2);
}

static void the_table_answers_both_ways(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RXP_LOG_DIFFERENCE_COUNT; i++) {
		enum rxp_log_difference what = RXP_LOG_DIFFERENCE_COUNT;
		const char *word = rxp_log_difference_row((enum rxp_log_difference)i)->word;

		assert_int_equal(rxp_log_difference_parse(&what, word), 0);
		assert_int_equal(what, i);
	}
	assert_int_equal(
	    rxp_log_difference_parse(&(enum rxp_log_difference){0}, "entry"), RXP_ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_agrees_gives_none),
	    cmocka_unit_test(each_difference_is_told_alone),
	    cmocka_unit_test(a_double_is_found_within_a_page),
	    cmocka_unit_test(later_receipts_tell_nothing_new),
	    cmocka_unit_test(two_outvote_the_third),
	    cmocka_unit_test(other_pages_tell_nothing),
	    cmocka_unit_test(the_table_answers_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
