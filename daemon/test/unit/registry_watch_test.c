/*
 * Goals of logs that watch each other, with everything around the registry played (RXP-LOG-008 to 015):
 * - a peer's log is asked for once a day and not before, hourly if that failed, page after page from where the last one
 *   ended, and goes on after a start from what was agreed; what is agreed is stored; nothing differs if nothing does;
 * - refusals count as receipts do, by the time that their Created names (RXP-ANS-018);
 * - an answer of ours that is in no entry, and an entry that was there and is not, are found behind the last page;
 * - a difference is counted and told each day until a person notes it; what was noted stays noted, as far as there is room beside what
 *   nobody noted; what a hand wrote among them hides none;
 * - a page that is not what was asked for, not under the seal or not a page at all changes nothing; a peer that
 *   shows nothing for three days is told of once a day;
 * - a log that people know to be another is read anew, and what was answered before is not missed in it.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_watch_rig.h"

#include "daemon/registry/limits.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/log/logcompare.h"

#define DAY INT64_C(86400000)
#define HOUR INT64_C(3600000)

static void other(struct world *w, struct link *l, const struct link_message *m)
{
	(void)w;
	assert_int_equal(m->type, IPC_check_log_page);
	watch_log_check(l, m);
}

static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	watch_log_empty();
	w->other = other;
	w->proves_nothing = true;
	w->log_is_read = true; /* what a start finds is registry_recovery_test's */
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return rc;
}

static void tick(struct world *w)
{
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
}

/* --- a peer's log ------------------------------------------------------------------------------- */

static void failed(struct world *w, int outcome, unsigned status)
{
	struct msg_log_fetched m = {.outcome = (uint32_t)outcome, .http_status = status};

	snprintf(m.transport, sizeof m.transport, "%s", outcome != 0 ? "line is down" : "");
	assert_int_equal(link_answer(w->gateway, IPC_log_fetched, w->log_fetch, &m, NULL, 0), 0);
	pump_for(w->loop, 20);
}

/* A day later the whole log is read; from: where the reading must begin. */
static void a_day_later(struct world *w, uint64_t from)
{
	unsigned asked = w->log_fetches;
	int64_t before = watch_peer(w)->compared_ms;

	watch_later(w, DAY);
	world_until(w, &w->log_fetches, asked + 1);
	assert_int_equal(w->log_after, from);
	while (watch_peer(w)->compared_ms == before) {
		asked = w->log_fetches;
		watch_log_comes(w);
		pump_while(
		    w->loop, w->log_fetches == asked && watch_peer(w)->compared_ms == before);
		assert_true(w->log_fetches > asked || watch_peer(w)->compared_ms != before);
	}
}

static void test_agrees(void **state)
{
	struct world *w = *state;

	watch_log_begin(w);
	tick(w);
	assert_int_equal(w->log_fetches, 0); /* not before a day has passed */
	a_day_later(w, 0);
	assert_int_equal(w->log_fetches, 2);
	assert_int_equal(watch_peer(w)->differences, 0);
	assert_int_equal(watch_stored(w).agreed.n, 4);
	watch_log_answers(w, false);
	tick(w);
	assert_int_equal(w->log_fetches, 2);
	watch_restart(w);
	a_day_later(w, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	assert_int_equal(watch_stored(w).agreed.n, 5);
	assert_int_equal(watch_stored(w).pass, 2);
}

/* RXP-LOG-008: a long log is read from where it was agreed, and weekly from the first entry. */
static void test_long(void **state)
{
	struct world *w = *state;

	watch_log_begin(w);
	a_day_later(w, 0);
	assert_int_equal(watch_stored(w).agreed.n, 4);
	for (int day = 0; day < 6; day++)
		a_day_later(w, 0);
	assert_true(watch_stored(w).whole_ms == watch_stored(w).compared_ms);
}

static void test_failed(void **state)
{
	struct world *w = *state;

	watch_log_begin(w);
	watch_later(w, DAY);
	world_until(w, &w->log_fetches, 1);
	failed(w, RXP_ERR_IO, 0);
	tick(w);
	assert_int_equal(w->log_fetches, 1); /* not at once */
	watch_later(w, HOUR);
	world_until(w, &w->log_fetches, 2);
	failed(w, 0, 404);
	watch_later(w, HOUR);
	world_until(w, &w->log_fetches, 3);
	assert_int_equal(watch_peer(w)->differences, 0);
	watch_log.check_result = RXP_ERR_SEAL;
	watch_log_comes(w);
	tick(w);
	watch_assert_found(w, "page-false", 0); /* RXP-LOG-024 */
	watch_later(w, HOUR);
	world_until(w, &w->log_fetches, 4);
	watch_log.check_result = 0;
	watch_log.skew = 1;
	watch_log_comes(w);
	tick(w);
	watch_log.skew = 0;
	assert_true(watch_peer(w)->compared_ms == 0);
	assert_int_equal(watch_peer(w)->differences, 1);
	assert_int_equal(watch_peer(w)->blind_told_ms, 0);
	watch_peer(w)->last_contact_ms = clock_wall_ms() + 2 * DAY;
	watch_later(w, 2 * DAY);
	world_until(w, &w->log_fetches, 5);
	failed(w, 0, 503);
	assert_true(watch_peer(w)->blind_told_ms != 0); /* RXP-LOG-012 */
	watch_later(w, HOUR);
	world_until(w, &w->log_fetches, 6);
	watch_log_comes(w);
	world_until(w, &w->log_fetches, 7);
	watch_log_comes(w);
	tick(w);
	assert_int_equal(watch_stored(w).agreed.n, 4);
}

/* RXP-DSC-036: a page under a seal that is not known is judged again when the peer has said which seals it has. */
static void test_unknown_seal(void **state)
{
	struct msg_descriptor_fetched gives = {
	    .http_status = 200, .octets = {(const uint8_t *)"descriptor", 10}};
	struct world *w = *state;

	w->fetch_by_hand = true;
	watch_log_begin(w);
	watch_later(w, DAY);
	world_until(w, &w->log_fetches, 1);
	watch_log.check_result = RXP_ERR_SIGNER;
	watch_log_comes(w);
	world_until(w, &w->fetches, 1);
	watch_log.check_result = 0;
	w->descriptor.identity_serial++;
	w->descriptor.working_created_ms++;
	assert_int_equal(
	    link_answer(w->gateway, IPC_descriptor_fetched, w->fetch, &gives, NULL, 0), 0);
	world_until(w, &w->log_fetches, 2); /* it goes on with the next page */
	/* Not known all the same: it is given up, and the peer asked once. */
	watch_log.check_result = RXP_ERR_SIGNER;
	watch_log_comes(w);
	world_until(w, &w->fetches, 2);
	assert_int_equal(
	    link_answer(w->gateway, IPC_descriptor_fetched, w->fetch, &gives, NULL, 0), 0);
	tick(w);
	assert_int_equal(w->fetches, 2);
	assert_int_equal(w->log_fetches, 2);
	assert_true(watch_peer(w)->compared_ms == 0);
	assert_int_equal(watch_peer(w)->differences, 0); /* it need not be the peer's */
}

static void test_changed(void **state)
{
	struct world *w = *state;
	const struct msg_log_note note = {.user = "uid:7", .peer = PEER};
	struct msg_log_note one = note;

	watch_log_begin(w);
	a_day_later(w, 0);
	watch_log.entries[2].received_ms++;
	a_day_later(w, 0);
	watch_assert_found(w, "time-differs", 3);
	assert_int_equal(watch_stored(w).agreed.n, 4); /* it was agreed once */
	assert_true(watch_peer(w)->differences > 0);
	watch_restart(w);
	assert_true(watch_peer(w)->differences > 0);
	one.one = 1;
	one.entry = 99;
	assert_int_equal((int)world_ask(w, IPC_log_note, &one)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	a_day_later(w, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	watch_log.entries[0].outcome = RXP_OUTCOME_REFUSAL;
	a_day_later(w, 0);
	watch_assert_found(w, "outcome-differs", 1);
	assert_true(watch_peer(w)->differences > 0);
}

static void test_removed(void **state)
{
	struct world *w = *state;

	watch_log_begin(w);
	a_day_later(w, 0);
	memmove(&watch_log.entries[1], &watch_log.entries[2], 2 * sizeof watch_log.entries[0]);
	watch_log.n--;
	a_day_later(w, 0);
	watch_assert_found(w, "entry-removed", 2);
	watch_assert_found(w, "entry-moved", 2);
	watch_assert_found(w, "log-short", 3);
}

/* An answer that was never in the log: nothing was shown that could be removed. */
static void test_missing(void **state)
{
	struct world *w = *state;

	watch_log_begin(w);
	watch_log.n--;
	a_day_later(w, 0);
	watch_assert_found(w, "answer-missing", 0);
	assert_int_equal(watch_peer(w)->differences, 1);
}

static void test_unknown(void **state)
{
	struct world *w = *state;

	watch_log_begin(w);
	watch_log.entries[4] = watch_log.entries[3];
	watch_log.entries[4].message_id[15] ^= 1;
	watch_log.n++;
	a_day_later(w, 0);
	watch_assert_found(w, "entry-unknown", 5);
	assert_int_equal(watch_peer(w)->differences, 1);
	assert_int_equal(watch_stored(w).agreed.n, 4); /* up to the page that holds it */
}

static void test_own_rows(void **state)
{
	struct world *w = *state;

	watch_log_begin(w);
	a_day_later(w, 0);
	watch_by_hand(w, "UPDATE outbox SET received_ms = received_ms - 1 WHERE log_count = 1");
	a_day_later(w, 0);
	watch_assert_found(w, "own-record", 2);
	watch_by_hand(
	    w, "UPDATE outbox SET refused_ms = refused_ms + 1 WHERE refused_ms IS NOT NULL");
	a_day_later(w, 0);
	watch_assert_found(w, "own-record", 3);
	watch_by_hand(w, "UPDATE watched SET fingerprint = x'00' WHERE n = 1");
	a_day_later(w, 0);
	watch_assert_found(w, "own-copy", 1);
	watch_by_hand(w, "UPDATE outbox SET log_head = x'' WHERE log_count = 0");
	a_day_later(w, 0);
	watch_assert_found(w, "receipt-differs", 0);
	watch_by_hand(w, "DELETE FROM outbox WHERE log_count = 3");
	a_day_later(w, 0);
	watch_assert_found(w, "own-message-gone", 4);
}

static void test_restart_reading(void **state)
{
	struct world *w = *state;
	const struct msg_log_note note = {.user = "uid:7", .peer = PEER, .restart = 1};

	watch_log_begin(w);
	a_day_later(w, 0);
	watch_log.log_id[0] ^= 1;
	watch_log.n = 0;
	a_day_later(w, 0);
	watch_assert_found(w, "log-id", 0);
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	watch_later(w, 1);
	watch_log_answers(w, false);
	a_day_later(w, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	assert_int_equal(watch_stored(w).agreed.n, 1);
	assert_memory_equal(watch_stored(w).agreed.log_id, watch_log.log_id, 16);
}

static void test_check_now(void **state)
{
	struct world *w = *state;
	struct msg_log_check check = {.peer = PEER};
	const struct msg_peer_distrust distrust = {.user = "officer", .party = PEER};

	watch_log_begin(w);
	assert_int_equal(world_ask(w, IPC_log_check, &check)->result, 0);
	world_until(w, &w->log_fetches, 1);
	assert_int_equal(world_ask(w, IPC_log_check, &check)->result, 0);
	pump_for(w->loop, 20);
	assert_int_equal(w->log_fetches, 1); /* it is under way */
	failed(w, RXP_ERR_IO, 0);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	assert_int_equal((int)world_ask(w, IPC_log_check, &check)->result, RXP_ERR_STATE);
	strcpy(check.peer, "QRZ");
	assert_int_equal((int)world_ask(w, IPC_log_check, &check)->result, RXP_ERR_NOT_FOUND);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

/* What people noted before leaves room for what is found; of that what was found again last stays. */
static void test_full_of_noted(void **state)
{
	struct world *w = *state;
	struct db *db = store_db(w->assembly->node.store);
	static const uint8_t none[RXP_ID_OCTETS];
	struct store_difference d = {
	    .peer = PEER, .what = RXP_LOG_UNKNOWN, .message_id = none, .at_ms = 2};
	uint64_t n = 0;
	bool open;

	for (d.n = 1; d.n <= REGISTRY_DIFFERENCES_MAX; d.n++)
		assert_int_equal(store_difference_put(db, &d, &open), 0);
	assert_int_equal(store_difference_put(db, &d, &open), RXP_ERR_FULL);
	assert_int_equal(store_difference_note(db, PEER, NULL, "anna", 3), 0);
	for (d.n = 1, d.at_ms = 4; d.n <= REGISTRY_DIFFERENCES_MAX; d.n++)
		if (d.n != 7)
			assert_int_equal(store_difference_put(db, &d, &open), 0);
	assert_int_equal(store_difference_put(db, &d, &open), 0);
	assert_true(open);
	assert_int_equal(store_difference_open(db, &n, PEER), 0);
	assert_int_equal(n, 1);
	d.n = 8;
	assert_int_equal(store_difference_put(db, &d, &open), 0);
	assert_false(open); /* it is noted still, … */
	d.n = 7;
	assert_int_equal(store_difference_put(db, &d, &open), 0);
	assert_true(open); /* … and this is not there any more */
}

static void test_hidden_by_hand(void **state)
{
	struct world *w = *state;

	watch_by_hand(w,
	    "INSERT INTO log_difference (peer, what, n, message_id, log_id, shown, found_ms, last_ms)"
	    " VALUES ('" PEER "', 'a-word', 1, zeroblob(16), zeroblob(16), zeroblob(16), 1, 1),"
	    " ('" PEER "', 'log-short', 2, x'00', zeroblob(16), zeroblob(16), 1, 1),"
	    " ('" PEER "', 'time-differs', 3, zeroblob(16), zeroblob(16), zeroblob(16), 1, 1)");
	watch_assert_found(w, "time-differs", 3);
	assert_false(watch_found(w, "a-word", 1) || watch_found(w, "log-short", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_agrees),
	    TEST(test_long),
	    TEST(test_failed),
	    TEST(test_unknown_seal),
	    TEST(test_changed),
	    TEST(test_removed),
	    TEST(test_missing),
	    TEST(test_unknown),
	    TEST(test_own_rows),
	    TEST(test_restart_reading),
	    TEST(test_check_now),
	    TEST(test_full_of_noted),
	    TEST(test_hidden_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
