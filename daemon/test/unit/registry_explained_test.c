/*
 * Goals of differences that a loss explains, in each order of a page that is read, what is told of it, Restored of the log's owner,
 * and a power cut of either (RXP-LOG-022, 026 to 028), with everything around the registry played:
 * - of a log that is another one nothing else is told, and if something was lost, not that any more (RXP-LOG-030);
 * - what was told before Restored is none any more as far as the loss explains it, also after a start, and between two pages;
 *   a page that is on its way then tells nothing;
 * - what the owner says it has, what was told of another log, and what no loss explains stays;
 * - an answer that is not in the log is none any more when its owner has taken it again, and stays if it does not;
 * - what a person noted of one log is told anew of the next.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_recovery_rig.h"
#include "daemon/test/unit/registry_watch_rig.h"

#include "daemon/registry/store/store_watch.h"

#define DAY INT64_C(86400000)

/* What the gateway was asked. */
static struct {
	unsigned returns, posts, answered;
	uint64_t post;
	uint8_t posted[RXP_ID_OCTETS]; /* the message that the answer answers */
} asked;

static void keep_post(const struct link_message *m)
{
	const struct msg_post *p = m->body;
	struct fake_answer f;

	asked.posts++;
	asked.post = m->request;
	assert_int_equal(p->octets.len, sizeof f);
	memcpy(&f, p->octets.data, sizeof f);
	memcpy(asked.posted, f.checked.message_id, sizeof asked.posted);
}

static void other(struct world *w, struct link *l, const struct link_message *m)
{
	(void)w;
	if (m->type == IPC_return_taken)
		asked.returns++;
	else if (m->type == IPC_post)
		keep_post(m);
	else
		watch_log_check(l, m);
}

/* --- reading ------------------------------------------------------------------------------------ */

static void ask_for_page(struct world *w)
{
	unsigned before = w->log_fetches;

	watch_later(w, DAY);
	world_until(w, &w->log_fetches, before + 1);
}

static void page_comes(struct world *w)
{
	const struct msg_log_fetched m = {.http_status = HTTP_OK,
	    .octets = {(const uint8_t *)&w->log_after, sizeof w->log_after}};

	assert_int_equal(link_answer(w->gateway, IPC_log_fetched, w->log_fetch, &m, NULL, 0), 0);
}

static void until_read(struct world *w, int64_t before)
{
	for (unsigned i = 0; i < 400 && watch_peer(w)->compared_ms == before; i++)
		pump_for(w->loop, 5);
	assert_true(watch_peer(w)->compared_ms != before);
}

/* One page has all entries. */
static void read_log(struct world *w)
{
	int64_t before = watch_peer(w)->compared_ms;

	ask_for_page(w);
	page_comes(w);
	until_read(w, before);
}

static uint64_t open_now(struct world *w)
{
	uint64_t open = 0;

	assert_int_equal(store_difference_open(db_of(w), &open, PEER), 0);
	return open;
}

/* The peer answered four messages of ours, and its log was read. */
static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	memset(&asked, 0, sizeof asked);
	watch_log_empty();
	watch_log.page_max = WATCH_ENTRIES_MAX;
	w->other = other;
	w->proves_nothing = true;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	watch_peer(w)->read_since_start = true; /* what a start finds is registry_recovery_test's */
	watch_log_begin(w);
	read_log(w);
	assert_int_equal(open_now(w), 0);
	return rc;
}

/* --- the owner ---------------------------------------------------------------------------------- */

/* Where the log as it is now ends, if it has so many entries. */
static struct rec_node_restored end_of_log(uint64_t n)
{
	struct rec_node_restored r = {.count = n};

	memcpy(r.log_id, watch_log.log_id, sizeof r.log_id);
	watch_log_head(r.head, n);
	return r;
}

/* Another log begins. */
static void begin_another(void)
{
	watch_log.log_id[0]++;
	watch_log.n = 0;
}

/* Restored is heard. */
static void says(struct world *w, uint8_t id, struct rec_node_restored r)
{
	const struct fake_envelope e = recovery_restored(id, &r);

	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	assert_int_equal(watch_peer(w)->differences, open_now(w)); /* what stands is counted anew */
}

static void post_answered(struct world *w, uint32_t outcome, uint32_t status)
{
	const struct msg_posted m = {.outcome = outcome, .http_status = status};

	asked.answered = asked.posts;
	assert_int_equal(link_answer(w->gateway, IPC_posted, asked.post, &m, NULL, 0), 0);
}

static bool is_open(struct world *w)
{
	struct store_bringing b;

	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	return b.open;
}

/* It takes each answer that is brought with this status. */
static void takes_all(struct world *w, uint32_t status)
{
	for (unsigned i = 0; i < 400 && is_open(w); i++) {
		if (asked.posts > asked.answered)
			post_answered(w, 0, status);
		pump_for(w->loop, 5);
	}
	assert_false(is_open(w));
}

/* --- a log that is another one -------------------------------------------------------------------- */

static void test_another(void **state)
{
	struct world *w = *state;

	begin_another();
	read_log(w);
	watch_assert_found(w, "log-id", 0);
	assert_int_equal(open_now(w), 1);
}

/* The same log without its entries: the first that is not there is named. */
static void test_not_another(void **state)
{
	struct world *w = *state;

	watch_log.n = 0;
	read_log(w);
	watch_assert_found(w, "log-short", 0);
	watch_assert_found(w, "entry-removed", 1);
	assert_int_equal(open_now(w), 2);
}

/* Also where nothing of it was read, and the Receipts alone say which it is: an answer that no page showed is of that log. */
static void test_another_unread(void **state)
{
	struct world *w = *state;

	watch_later(w, 1);
	watch_log_answers(w, false);
	begin_another();
	read_log(w);
	watch_assert_found(w, "log-id", 0);
	assert_int_equal(open_now(w), 1);
}

/* Receipts of both, and nothing was read: those of the log that ended are no claim on the entries of the other. */
static void test_another_of_receipts(void **state)
{
	struct world *w = *state;

	watch_by_hand(w,
	    "UPDATE outbox SET log_id = zeroblob(16), log_head = zeroblob(32) WHERE log_count = 0;"
	    "DELETE FROM watch; DELETE FROM watched");
	w->other = other;
	read_log(w);
	watch_assert_found(w, "log-id", 0);
	assert_false(watch_found(w, "receipt-differs", 0));
}

/* What a page that was read may lead to has time. */
static void settle(struct world *w)
{
	for (unsigned i = 0; i < 20; i++)
		pump_for(w->loop, 5);
}

/* Another log that names messages which this node never sent: it has lost them (RXP-RCV-001). */
static void another_with(struct world *w, bool unknown)
{
	begin_another();
	watch_log.n = 1;
	watch_log.entries[0].message_id[15] ^= unknown;
	read_log(w);
	settle(w);
	assert_int_equal(open_now(w), 1);
	assert_int_equal(watch_peer(w)->recovering, unknown);
}

static void test_another_unknown(void **state)
{
	another_with(*state, true);
}

/* RXP-LOG-030: that the peer had begun another log was lost with the rest, if something was; else it stays told. */
static void lost_what_it_said(struct world *w, bool proven)
{
	const struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};
	struct store_recovery r;

	another_with(w, true);
	assert_int_equal(store_recovery_get(db_of(w), &r, PEER), 0);
	r.proven = proven;
	assert_int_equal(store_recovery_put(db_of(w), &r), 0);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_int_equal(open_now(w), !proven);
}

static void test_another_said(void **state)
{
	lost_what_it_said(*state, true);
}

static void test_another_word(void **state)
{
	lost_what_it_said(*state, false);
}

/* A loss is over; the receipt for what was told of it named so many entries of the log of the peer. */
static void told_at(struct world *w, unsigned entries, bool proven)
{
	struct store_recovery r = {
	    .peer = PEER, .stage = RECOVERY_OVER, .began_ms = 1, .ended_ms = 2, .proven = proven};

	assert_int_equal(
	    store_outbox_of_message(db_of(w), r.notice, watch_log.entries[entries - 1].message_id),
	    0);
	assert_int_equal(store_recovery_put(db_of(w), &r), 0);
}

/* As far as that was when it was told, a message that is not known was asked for, whether anything came back or not: it makes no
 * other loss (RXP-RCV-001), but stays a difference. */
static void asked_for(struct world *w, unsigned entries, bool again)
{
	told_at(w, entries, false);
	watch_log.entries[2].message_id[15] ^= 1;
	read_log(w);
	watch_assert_found(w, "entry-unknown", 3);
	settle(w);
	assert_int_equal(watch_peer(w)->recovering, again);
}

/* The end of a loss ends what was told of entries of the log in which they were asked for, and of no other (RXP-LOG-023, 028). */
static void test_asked_for_in_log(void **state)
{
	static const uint8_t unknown[RXP_ID_OCTETS] = {7};
	const struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};
	struct world *w = *state;
	struct store_difference d = {
	    .peer = PEER, .what = RXP_LOG_UNKNOWN, .n = 1, .message_id = unknown, .at_ms = 3};
	struct store_recovery r;
	bool open;

	told_at(w, 4, true);
	assert_int_equal(store_recovery_get(db_of(w), &r, PEER), 0);
	r.stage = RECOVERY_STUCK;
	assert_int_equal(store_recovery_put(db_of(w), &r), 0);
	for (unsigned i = 0; i < 2; i++) {
		memcpy(d.log_id, watch_log.log_id, sizeof d.log_id);
		d.log_id[0] ^= (uint8_t)i;
		memcpy(d.shown, d.log_id, sizeof d.shown);
		assert_int_equal(store_difference_put(db_of(w), &d, &open), 0);
	}
	assert_int_equal(open_now(w), 2);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_int_equal(open_now(w), 1);
}

static void test_asked_for(void **state)
{
	asked_for(*state, 4, false);
}

static void test_not_asked_for(void **state)
{
	asked_for(*state, 2, true);
}

/* What was lost here for sure is in its log, as far as that was when it was told of it: no new loss (RXP-LOG-023). Of another log than
 * that one the receipt says nothing: what is lost in it is lost since. */
static void another_lost(struct world *w, bool proven, bool since)
{
	told_at(w, 2, proven);
	begin_another();
	watch_log.n = 1;
	watch_log.entries[0].message_id[15] ^= 1;
	if (!since) /* it is of that log */
		watch_by_hand(w, "UPDATE outbox SET log_id = x'45444444444444444444444444444444' "
				 "WHERE local_id = (SELECT notice FROM recovery)");
	read_log(w);
	settle(w);
	watch_assert_found(w, "log-id", 0);
	assert_int_equal(watch_peer(w)->recovering, since);
}

static void test_another_lost(void **state)
{
	another_lost(*state, true, false);
}

static void test_another_asked_for(void **state)
{
	another_lost(*state, false, false);
}

static void test_another_lost_since(void **state)
{
	another_lost(*state, true, true);
}

static void test_another_not_asked_for(void **state)
{
	another_lost(*state, false, true);
}

static void test_another_known(void **state)
{
	another_with(*state, false);
}

/* --- told, then Restored ------------------------------------------------------------------------- */

/* The log ended behind its second entry; it is read as another one before the notice comes. */
static void read_before_notice(struct world *w, bool killed)
{
	const struct rec_node_restored end = end_of_log(2);

	begin_another();
	read_log(w);
	watch_assert_found(w, "log-id", 0);
	if (killed)
		watch_restart(w);
	says(w, 9, end);
	assert_int_equal(open_now(w), 0);
	takes_all(w, HTTP_LOST);
	assert_int_equal(watch_peer(w)->differences, 0);
	read_log(w);
	assert_int_equal(open_now(w), 0);
}

static void test_notice_after(void **state)
{
	read_before_notice(*state, false);
}

static void test_killed_between(void **state)
{
	read_before_notice(*state, true);
}

/* The owner was killed before it knew of its loss: its log was read as it was in the copy. */
static void test_short(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = end_of_log(2);

	watch_log.n = 2;
	read_log(w);
	watch_assert_found(w, "log-short", 2);
	watch_assert_found(w, "entry-removed", 3);
	assert_int_equal(open_now(w), 2);
	says(w, 9, end);
	assert_int_equal(open_now(w), 0);
}

/* This node receipted the notice, and has lost that: it expects the log that ended, until the notice is back. */
static void test_notice_back(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = end_of_log(2);
	const struct fake_envelope e = recovery_restored(9, &end);
	const struct fake_answer f = own_receipt(&e);
	const struct msg_returned m = {.party = PEER, .answer = {(const uint8_t *)&f, sizeof f}};

	begin_another();
	read_log(w);
	assert_int_equal(open_now(w), 1);
	assert_int_equal(link_request(w->gateway, IPC_returned, &m, NULL, 0, NULL), 0);
	world_until(w, &asked.returns, 1);
	assert_int_equal(watch_peer(w)->differences, 1);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	assert_int_equal(open_now(w), 0);
	assert_int_equal(watch_peer(w)->differences, 0);
}

/* One that says it has what it had not shown explains nothing of that. */
static void test_has_it(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = end_of_log(3);

	watch_log.n = 2;
	read_log(w);
	says(w, 9, end);
	watch_assert_found(w, "log-short", 2);
	watch_assert_found(w, "entry-removed", 3);
	assert_int_equal(open_now(w), 2);
}

/* What was removed or changed among the entries that it says it has stays. */
static void test_rewritten(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = end_of_log(3);

	memmove(&watch_log.entries[1], &watch_log.entries[2], 2 * sizeof watch_log.entries[0]);
	watch_log.n--;
	read_log(w);
	watch_assert_found(w, "log-short", 3);
	watch_assert_found(w, "entry-removed", 2);
	watch_assert_found(w, "entry-moved", 2);
	says(w, 9, end);
	assert_false(watch_found(w, "log-short", 3));
	watch_assert_found(w, "entry-removed", 2);
	watch_assert_found(w, "entry-moved", 2);
}

/* A rewritten entry is no loss, whatever else is said to be lost. */
static void test_all_lost(void **state)
{
	struct world *w = *state;

	watch_log.entries[2].received_ms++;
	read_log(w);
	watch_assert_found(w, "time-differs", 3);
	watch_log.n = 2;
	read_log(w);
	watch_assert_found(w, "entry-removed", 3);
	begin_another();
	says(w, 9, end_of_log(0));
	assert_false(watch_found(w, "entry-removed", 3));
	assert_false(watch_found(w, "log-short", 2));
	watch_assert_found(w, "time-differs", 3);
}

/* --- in the midst of a reading --------------------------------------------------------------------- */

/* Of two pages the first tells, then Restored is heard: what it told is none, and the second tells nothing. */
static void test_between_pages(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = end_of_log(3);
	unsigned fetches;

	watch_log.page_max = 2;
	watch_log.n = 3;
	ask_for_page(w);
	fetches = w->log_fetches;
	page_comes(w);
	world_until(w, &w->log_fetches, fetches + 1);
	watch_assert_found(w, "log-short", 3);
	says(w, 9, end);
	assert_int_equal(open_now(w), 0);
	page_comes(w);
	pump_for(w->loop, 50);
	assert_int_equal(open_now(w), 0);
}

/* A page that was asked for before Restored is heard comes behind it; over: when all is brought. */
static void page_late(struct world *w, bool over)
{
	const struct rec_node_restored end = end_of_log(2);

	ask_for_page(w);
	says(w, 9, end);
	begin_another();
	if (over)
		takes_all(w, HTTP_NOTHING);
	page_comes(w);
	pump_for(w->loop, 50);
	assert_int_equal(open_now(w), 0);
	if (!over)
		takes_all(w, HTTP_NOTHING);
	read_log(w);
	assert_int_equal(open_now(w), 0);
	assert_memory_equal(watch_stored(w).agreed.log_id, watch_log.log_id, 16);
}

static void test_page_while(void **state)
{
	page_late(*state, false);
}

static void test_page_after(void **state)
{
	page_late(*state, true);
}

/* --- answers ------------------------------------------------------------------------------------- */

/* A fifth answer, which no page showed, is not in the log, which then ends. */
static void lacks_one(struct world *w)
{
	watch_later(w, 1);
	watch_log_answers(w, false);
	watch_log.n--;
	read_log(w);
	watch_assert_found(w, "answer-missing", 0);
	assert_int_equal(open_now(w), 1);
	says(w, 9, end_of_log(4));
	assert_int_equal(open_now(w), 1); /* not before it takes it */
	world_until(w, &asked.posts, 1);
	assert_memory_equal(asked.posted, watch_log.entries[4].message_id, RXP_ID_OCTETS);
}

static void test_taken(void **state)
{
	struct world *w = *state;

	lacks_one(w);
	post_answered(w, 0, HTTP_LOST);
	takes_all(w, HTTP_NOTHING);
	assert_int_equal(open_now(w), 0);
	assert_int_equal(watch_peer(w)->differences, 0);
}

/* It has taken it, and either is killed before that is heard: the second time it has it. */
static void test_taken_unheard(void **state)
{
	struct world *w = *state;

	lacks_one(w);
	asked.answered = asked.posts; /* whoever asked is gone */
	watch_restart(w);
	takes_all(w, HTTP_NOTHING);
	assert_int_equal(open_now(w), 0);
}

static void test_not_taken(void **state)
{
	struct world *w = *state;

	lacks_one(w);
	post_answered(w, 0, HTTP_UNPROCESSABLE);
	takes_all(w, HTTP_UNPROCESSABLE);
	watch_assert_found(w, "answer-missing", 0);
	assert_int_equal(open_now(w), 1);
}

/* --- one log and the next -------------------------------------------------------------------------- */

/* What was told of the first log is not explained by the end of the next. */
static void test_next_log(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = end_of_log(4);

	watch_log.n = 3;
	read_log(w);
	watch_assert_found(w, "entry-removed", 4);
	says(w, 9, end);
	takes_all(w, HTTP_NOTHING);
	begin_another();
	watch_later(w, 1);
	watch_log_answers(w, false);
	read_log(w);
	says(w, 10, end_of_log(1));
	watch_assert_found(w, "entry-removed", 4);
	watch_assert_found(w, "log-short", 3);
	assert_int_equal(open_now(w), 2);
}

static void test_noted(void **state)
{
	struct world *w = *state;
	const struct msg_log_note note = {.user = "uid:7", .peer = PEER};

	begin_another();
	read_log(w);
	assert_int_equal(open_now(w), 1);
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0);
	read_log(w);
	assert_int_equal(open_now(w), 0); /* the same */
	begin_another();
	read_log(w);
	assert_int_equal(open_now(w), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_another),
	    TEST(test_not_another),
	    TEST(test_another_unread),
	    TEST(test_another_of_receipts),
	    TEST(test_another_unknown),
	    TEST(test_another_said),
	    TEST(test_another_word),
	    TEST(test_another_known),
	    TEST(test_another_lost),
	    TEST(test_another_asked_for),
	    TEST(test_another_lost_since),
	    TEST(test_another_not_asked_for),
	    TEST(test_asked_for_in_log),
	    TEST(test_asked_for),
	    TEST(test_not_asked_for),
	    TEST(test_notice_after),
	    TEST(test_killed_between),
	    TEST(test_short),
	    TEST(test_notice_back),
	    TEST(test_has_it),
	    TEST(test_rewritten),
	    TEST(test_all_lost),
	    TEST(test_between_pages),
	    TEST(test_page_while),
	    TEST(test_page_after),
	    TEST(test_taken),
	    TEST(test_taken_unheard),
	    TEST(test_not_taken),
	    TEST(test_next_log),
	    TEST(test_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
