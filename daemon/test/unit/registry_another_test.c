/*
 * Goals of a log of the peer that is another one than was read, with everything around the registry played:
 * - nothing else is told of it, whether the one before was read, or Receipts alone say which it was; and if something was lost, not
 *   that any more (RXP-LOG-030);
 * - it names messages that this node never sent: that is a loss (RXP-RCV-001), and not again of those that were asked for in that log
 *   (RXP-LOG-023, 028).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_reading_rig.h"

static void test_another(void **state)
{
	struct world *w = *state;

	reading_begin_another();
	reading_whole(w);
	watch_assert_found(w, "log-id", 0);
	assert_int_equal(reading_open(w), 1);
}

/* The same log without its entries: the first that is not there is named. */
static void test_not_another(void **state)
{
	struct world *w = *state;

	watch_log.n = 0;
	reading_whole(w);
	watch_assert_found(w, "log-short", 0);
	watch_assert_found(w, "entry-removed", 1);
	assert_int_equal(reading_open(w), 2);
}

/* Also where nothing of it was read, and the Receipts alone say which it is: an answer that no page showed is of that log. */
static void test_another_unread(void **state)
{
	struct world *w = *state;

	watch_later(w, 1);
	watch_log_answers(w, false);
	reading_begin_another();
	reading_whole(w);
	watch_assert_found(w, "log-id", 0);
	assert_int_equal(reading_open(w), 1);
}

/* Receipts of both, and nothing was read: those of the log that ended are no claim on the entries of the other. */
static void test_another_of_receipts(void **state)
{
	struct world *w = *state;

	watch_by_hand(w,
	    "UPDATE outbox SET log_id = zeroblob(16), log_head = zeroblob(32) WHERE log_count = 0;"
	    "DELETE FROM watch; DELETE FROM watched");
	reading_whole(w);
	watch_assert_found(w, "log-id", 0);
	assert_false(watch_found(w, "receipt-differs", 0));
}

/* Another log that names messages which this node never sent: it has lost them (RXP-RCV-001). */
static void another_with(struct world *w, bool unknown)
{
	reading_begin_another();
	watch_log.n = 1;
	watch_log.entries[0].message_id[15] ^= unknown;
	reading_whole(w);
	reading_settle(w);
	assert_int_equal(reading_open(w), 1);
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
	assert_int_equal(reading_open(w), !proven);
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
	reading_whole(w);
	watch_assert_found(w, "entry-unknown", 3);
	reading_settle(w);
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
	assert_int_equal(reading_open(w), 2);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_int_equal(reading_open(w), 1);
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
	reading_begin_another();
	watch_log.n = 1;
	watch_log.entries[0].message_id[15] ^= 1;
	if (!since) /* it is of that log */
		watch_by_hand(w, "UPDATE outbox SET log_id = x'45444444444444444444444444444444' "
				 "WHERE local_id = (SELECT notice FROM recovery)");
	reading_whole(w);
	reading_settle(w);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, reading_set_up, world_tear_down)

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
