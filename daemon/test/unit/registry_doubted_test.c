/*
 * Goals of losses that nothing but the log of the peer shows, with everything around the registry played (RXP-RCV-023):
 * - of which nothing comes back so many begin in a day of the clock, over a restart; the next is alarmed, and begins at a person's word, or
 *   the next day; each peer is counted for itself;
 * - of which something comes back all begin, however many;
 * - none makes an agreement key before something came back;
 * - a log that ended behind more entries than this node can account for begins one, once, when the log that followed was read
 *   (RXP-RCV-024); one of which each entry may be of a message that is known here begins none, nor does the next one;
 * - a receipt that names as many entries as one before has the log read, once an hour; an answer that is not there is brought to the peer
 *   once (on the next day, if this one has seen enough), and is told until the peer says that it had lost it (RXP-RCV-025).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_recovery_rig.h"
#include "daemon/test/unit/registry_watch_rig.h"

#include "daemon/base/clock.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/recovery/recovery.h"
#include "protocol/base/date.h"

/* Far from the end of a day. */
static int set_up(void **state)
{
	int rc = recovery_set_up(state);

	world_move_clock(*state, RXP_DAY_MS + RXP_DAY_MS / 2 - clock_wall_ms() % RXP_DAY_MS);
	return rc;
}

/* Its log was read, and names what is not known here. Did a loss begin? */
static bool suspected(struct world *w, struct peer *peer)
{
	recovery_suspect(w->assembly->recovery, peer);
	pump_while(w->loop, peer->loss_noted);
	assert_false(peer->loss_noted);
	assert_int_equal(peer->loss_doubted, !peer->recovering);
	return peer->recovering;
}

/* A person ends it. */
static void ended(struct world *w)
{
	const struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};

	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_false(peer_of(w)->recovering);
}

static void use_up(struct world *w)
{
	for (unsigned i = 0; i < REGISTRY_LOSSES_DAY; i++) {
		assert_true(suspected(w, peer_of(w)));
		ended(w);
	}
	assert_false(suspected(w, peer_of(w)));
}

static void test_in_vain(void **state)
{
	struct world *w = *state;
	unsigned keys = w->made_keys;

	use_up(w);
	recovery_restart(w);
	assert_false(suspected(w, peer_of(w)));
	assert_int_equal(w->made_keys, keys);
	world_move_clock(w, 2 * RXP_DAY_MS + RXP_DAY_MS / 2);
	assert_true(suspected(w, peer_of(w)));
	assert_int_equal(recovery_of(w).times, 1);
}

static void test_person(void **state)
{
	const struct msg_recovery_begin begin = {.user = "uid:7", .peer = PEER};
	struct world *w = *state;

	use_up(w);
	assert_int_equal(world_ask(w, IPC_recovery_begin, &begin)->result, 0);
	assert_true(peer_of(w)->recovering);
	assert_false(peer_of(w)->loss_doubted);
	ended(w);
	assert_false(suspected(w, peer_of(w)));
}

static void test_other_peer(void **state)
{
	struct world *w = *state;
	struct peer *other = recovery_beside(w);

	use_up(w);
	assert_true(suspected(w, other));
}

/* Each is a loss indeed, whatever number it is of its day. */
static void test_proved(void **state)
{
	struct world *w = *state;
	unsigned keys = w->made_keys;

	for (uint8_t i = 1; i <= 2 * REGISTRY_LOSSES_DAY; i++) {
		const struct fake_envelope e = world_envelope(i);
		const struct fake_answer f = own_receipt(&e);

		assert_true(suspected(w, peer_of(w)));
		assert_int_equal(recovery_of(w).times, 1);
		pump_for(w->loop, 20);
		assert_int_equal(w->made_keys, keys);
		brought(w, &f, HTTP_LOST);
		assert_int_equal(recovery_of(w).times, 0);
		world_until(w, &w->made_keys, keys + 1);
		keys = w->made_keys;
		ended(w);
		world_move_clock(w, RXP_DAY_MS + RXP_DAY_MS / 2 + i * INT64_C(1000));
	}
}

/* --- a log that ended --------------------------------------------------------------------------------- */

static void (*rig)(struct world *w, struct link *l, const struct link_message *m);
static unsigned pages; /* pages that the peer gave */

static void hear(struct world *w, struct link *l, const struct link_message *m)
{
	if (m->type == IPC_check_log_page)
		watch_log_check(l, m);
	else
		rig(w, l, m);
}

static int set_up_log(void **state)
{
	int rc = recovery_set_up(state);
	struct world *w = *state;

	watch_log_empty();
	pages = 0;
	rig = w->other;
	w->other = hear;
	w->proves_nothing = true;
	peer_of(w)->read_since_start = true;
	return rc;
}

/* The log of the peer ends behind so many entries, and it says so; it has each answer that is brought to it; another log begins. */
static void ends(struct world *w, uint8_t id, uint64_t count)
{
	struct rec_node_restored says = {.count = count};
	struct fake_envelope e;

	told.answered = told.posts;
	memcpy(says.log_id, watch_log.log_id, sizeof says.log_id);
	watch_log_head(says.head, count <= watch_log.n ? count : 0);
	watch_later(w, 1);
	e = recovery_restored(id, &says);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	watch_log.log_id[0]++;
	watch_log.n = 0;
	recovery_has_all(w, HTTP_NOTHING);
	pump_for(w->loop, 5);
	peer_of(w)->read_since_start = false; /* also where it waits for the next day */
	peer_of(w)->watch_tried_ms = 0;
}

/* The log that there is is read to its end. Did a loss begin? */
static bool read_on(struct world *w)
{
	for (unsigned i = 0; i < 400 && peer_of(w)->compared_ms == 0; i++) {
		const struct msg_log_fetched m = {.http_status = HTTP_OK,
		    .octets = {(const uint8_t *)&w->log_after, sizeof w->log_after}};

		pump_for(w->loop, 5);
		if (w->log_fetches == pages)
			continue;
		pages = w->log_fetches;
		assert_int_equal(
		    link_answer(w->gateway, IPC_log_fetched, w->log_fetch, &m, NULL, 0), 0);
	}
	assert_int_not_equal(peer_of(w)->compared_ms, 0);
	pump_for(w->loop, 50);
	return peer_of(w)->recovering;
}

/* It is on a line when the peer says that it lost something, and no answer comes. */
static void unanswered(struct world *w)
{
	uint8_t id[16];
	unsigned n = w->n_deliveries;

	world_ping(w, id);
	world_until(w, &w->n_deliveries, n + 1);
}

/* What went before in a log that ended already, then in the one that ends: receipts, refusals, and messages without an answer. */
static const struct ended {
	unsigned former, receipts, refusals, open;
	uint64_t count;
	bool loses;
} endeds[] = {
    {0, 0, 0, 0, 1, true},
    {0, 0, 0, 1, 1, false},
    {0, 0, 0, 1, 2, true},
    {0, 2, 0, 0, 2, false},
    {0, 2, 1, 0, 3, false},
    {3, 2, 0, 0, 2, false},
    {3, 2, 0, 0, 3, true}, /* three more were sent, and are entries of another log */
    {3, 2, 0, 1, 3, false},
};

static void test_ended(void **state)
{
	for (size_t i = 0; i < sizeof endeds / sizeof endeds[0]; i++) {
		const struct ended *of = &endeds[i];
		struct world *w;

		if (i > 0) {
			world_tear_down(state);
			set_up_log(state);
		}
		w = *state;
		for (unsigned n = 0; n < of->former; n++)
			watch_log_answers(w, false);
		if (of->former > 0) {
			ends(w, 1, of->former);
			assert_false(read_on(w));
		}
		for (unsigned n = 0; n < of->receipts + of->refusals; n++)
			watch_log_answers(w, n >= of->receipts);
		for (unsigned n = 0; n < of->open; n++)
			unanswered(w);
		ends(w, 2, of->count);
		if (read_on(w) != of->loses)
			fail_msg("row %zu", i);
	}
}

/* What it names was asked for. */
static void test_ended_once(void **state)
{
	struct world *w = *state;

	ends(w, 1, 1);
	assert_true(read_on(w));
	assert_int_equal(recovery_of(w).why, RECOVERY_WHY_LOG);
	ended(w);
	peer_of(w)->compared_ms = 0; /* it is read anew */
	assert_false(read_on(w));
}

/* The message that may be its entry has the answer of that log later: so it still is when the next log ends. */
static void test_ended_twice(void **state)
{
	struct world *w = *state;
	struct fake_answer f;

	unanswered(w);
	f = world_receipt(&w->deliveries[0]);
	f.checked.created_ms = f.checked.received_ms = clock_wall_ms();
	memcpy(f.checked.log_id, watch_log.log_id, sizeof f.checked.log_id);
	watch_log_head(f.checked.log_head, 0);
	ends(w, 1, 1);
	assert_false(read_on(w));
	world_deliver(w, &w->deliveries[0], HTTP_OK, &f);
	pump_for(w->loop, 50);
	peer_of(w)->compared_ms = 0;
	ends(w, 2, 0);
	assert_false(read_on(w));
}

/* --- an answer that is not in the log ------------------------------------------------------------------ */

/* The peer puts its database back in silence: an answer that it gave is gone, and the next one stands in its place. */
static void forgets_one(struct world *w)
{
	watch_log_answers(w, false);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->log_fetches, pages);
	watch_log.n--;
	watch_later(w, 1);
	watch_log_answers(w, false);
}

/* What the peer says of the answer that is brought to it. */
static void told_of(struct world *w, uint32_t status)
{
	const struct msg_posted says = {.http_status = status};

	assert_int_equal(link_answer(w->gateway, IPC_posted, told.post, &says, NULL, 0), 0);
	for (unsigned n = 0; n < 400 && store_bringing_is_open(db_of(w), PEER); n++)
		pump_for(w->loop, 5);
}

static void test_missed(void **state)
{
	static const struct {
		uint32_t status;
		bool told;
	} rows[] = {{HTTP_LOST, false}, {HTTP_NOTHING, true}, {HTTP_UNPROCESSABLE, true}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t lost[16];
		struct world *w;

		if (i > 0) {
			world_tear_down(state);
			set_up_log(state);
		}
		w = *state;
		watch_log_answers(w, false);
		watch_later(w, 1);
		forgets_one(w);
		memcpy(lost, w->deliveries[1].envelope.message_id, sizeof lost);
		assert_false(read_on(w));
		assert_true(watch_found(w, "answer-missing", 0));
		world_until(w, &told.posts, 1);
		assert_memory_equal(told.posted.checked.message_id, lost, sizeof lost);
		told_of(w, rows[i].status);
		assert_int_equal(watch_found(w, "answer-missing", 0), rows[i].told);
		peer_of(w)->compared_ms = 0;
		peers_read_log(peer_of(w));
		read_on(w);
		pump_for(w->loop, 4 * REGISTRY_TEST_TICK_MS);
		/* what it had lost before, and lacks again, is brought again */
		assert_int_equal(told.posts, rows[i].told ? 1 : 2);
	}
}

/* A day in which it lost as much as is brought in one: the answer is told then, and brought on the next. */
static void test_missed_tomorrow(void **state)
{
	struct world *w = *state;
	struct store_bringing full = {
	    .peer = PEER, .day = clock_wall_ms() / RXP_DAY_MS, .times = REGISTRY_RESTORES_DAY};
	uint8_t lost[16];

	watch_log_answers(w, false);
	watch_later(w, 1);
	forgets_one(w);
	memcpy(lost, w->deliveries[1].envelope.message_id, sizeof lost);
	assert_int_equal(store_bringing_put(db_of(w), &full), 0);
	assert_false(read_on(w));
	assert_true(watch_found(w, "answer-missing", 0));
	assert_false(store_bringing_is_open(db_of(w), PEER));
	world_move_clock(w, RXP_DAY_MS);
	peer_of(w)->compared_ms = 0;
	peers_read_log(peer_of(w));
	assert_false(read_on(w));
	world_until(w, &told.posts, 1);
	assert_memory_equal(told.posted.checked.message_id, lost, sizeof lost);
	told_of(w, HTTP_NOTHING);
	assert_int_equal(store_bringing_noted(db_of(w), PEER), RXP_ERR_NOT_FOUND);
	peer_of(w)->compared_ms = 0;
	peers_read_log(peer_of(w));
	read_on(w);
	pump_for(w->loop, 4 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(told.posts, 1); /* once */
}

/* Its receipts may name fewer entries than there are. */
static void test_looked_once(void **state)
{
	struct world *w = *state;

	watch_log_answers(w, false);
	watch_later(w, 1);
	forgets_one(w);
	assert_false(read_on(w));
	world_until(w, &told.posts, 1);
	told_of(w, HTTP_NOTHING);
	watch_log.n--;
	watch_later(w, 1);
	watch_log_answers(w, false);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->log_fetches, pages);
}

#define TEST_LOG(f) cmocka_unit_test_setup_teardown(f, set_up_log, world_tear_down)
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_in_vain),
	    TEST(test_person),
	    TEST(test_other_peer),
	    TEST(test_proved),
	    TEST_LOG(test_ended),
	    TEST_LOG(test_ended_once),
	    TEST_LOG(test_ended_twice),
	    TEST_LOG(test_missed),
	    TEST_LOG(test_missed_tomorrow),
	    TEST_LOG(test_looked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
