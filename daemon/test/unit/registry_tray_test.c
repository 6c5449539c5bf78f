/*
 * What came back and waits for its place in its case waits no longer than it may (RXP-RET-021): with the last content of its case it
 * goes, but not while something that was lost is on its way back, nor is the peer told before that nothing is left; it goes with
 * the agreement key that opens it, and, if nothing of its case ever came, a day after it came and the hold ended
 * (RXP-RET-023). What went so is counted until a person ends that, across a restart, another loss and all stages
 * (RXP-RET-022). It is tried after pauses that double, a bounded number at a time. A newer envelope of the same document
 * takes the place of the first.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/base/clock.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/recovery/recovery.h"
#include "daemon/registry/recovery/tray.h"
#include "daemon/registry/retention/retention.h"
#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_peer.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_retention.h"
#include "daemon/registry/store/store_tray.h"

static const uint8_t first_key[RXP_DIGEST_OCTETS] = {1}, other_key[RXP_DIGEST_OCTETS] = {99};
static const uint8_t waiting_id[RXP_ID_OCTETS] = {7};

static struct db *db_of(struct world *w)
{
	return store_db(w->assembly->node.store);
}

static void lost(struct world *w, enum recovery_stage stage)
{
	struct store_recovery r = {.why = RECOVERY_WHY_RECEIPT, .stage = stage};

	snprintf(r.peer, sizeof r.peer, "%s", PEER);
	assert_int_equal(store_recovery_put(db_of(w), &r), 0);
}

static void put_at(struct world *w, const uint8_t *key_id, size_t octets, int64_t now_ms)
{
	static const uint8_t envelope[2];

	assert_int_equal(store_tray_put(db_of(w), &(struct store_trayed){.peer = PEER,
						      .message_id = waiting_id,
						      .case_id = their_case,
						      .envelope = {envelope, octets},
						      .key_id = key_id,
						      .now_ms = now_ms}),
	    0);
}

static void put(struct world *w, const uint8_t *key_id, size_t octets)
{
	put_at(w, key_id, octets, clock_wall_ms());
}

/* It was tried, and found no place. */
static void tried(struct world *w, const uint8_t id[RXP_ID_OCTETS], int64_t now_ms)
{
	assert_int_equal(store_tray_tried(db_of(w), PEER, id, now_ms), 0);
	assert_int_equal(store_tray_rests(db_of(w), PEER, id), 0);
}

static uint64_t waiting(struct world *w)
{
	uint64_t n = 99;

	assert_int_equal(store_tray_of_case(db_of(w), &n, PEER, their_case), 0);
	return n;
}

static void over_since(struct world *w, int64_t ended_ms)
{
	struct store_recovery r = {
	    .why = RECOVERY_WHY_RECEIPT, .stage = RECOVERY_OVER, .ended_ms = ended_ms};

	snprintf(r.peer, sizeof r.peer, "%s", PEER);
	assert_int_equal(store_recovery_put(db_of(w), &r), 0);
}

static struct store_recovery recovery(struct world *w)
{
	struct store_recovery r;

	assert_int_equal(store_recovery_get(db_of(w), &r, PEER), 0);
	return r;
}

/* A minute of a tray of its own, which tries nothing. */
static void minute(struct world *w)
{
	struct tray *tray = NULL;

	assert_int_equal(
	    tray_new(&tray, &w->assembly->node, w->assembly->peers, w->assembly->admit), 0);
	tray_tick(tray, REGISTRY_TRAY_PAUSE_MS);
	pump_for(w->loop, 20);
	tray_free(tray);
}

static void without_its_key(struct world *w, enum recovery_stage stage)
{
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lost(w, stage);
	put(w, first_key, 1);
	minute(w);
	assert_int_equal(waiting(w), 1);
	assert_int_equal(store_key_destroy(db_of(w), first_key), 0);
	minute(w);
	assert_int_equal(waiting(w), 0);
	assert_int_equal(recovery(w).given_up, 1);
}

static void test_no_longer_than_its_key(void **state)
{
	without_its_key(*state, RECOVERY_OVER);
}

/* RXP-RET-022: whatever stage comes. Something comes back, and all is asked for anew: what was given up stays
 * counted, so that the hold does not end by itself; a person ends it. */
static void test_given_up_stays(void **state)
{
	struct world *w = *state;
	struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};
	struct store_recovery r;

	without_its_key(w, RECOVERY_STUCK);
	assert_int_equal(store_recovery_count(db_of(w), PEER, STORE_BACK_ANSWER), 0);
	world_restart(w);
	peers_find(w->assembly->peers, PEER)->came_back_mono = clock_mono_ms() - REGISTRY_QUIET_MS;
	recovery_kick(w->assembly->recovery);
	pump_while(w->loop, recovery(w).stage != RECOVERY_ASKED);
	r = recovery(w);
	assert_int_equal(r.stage, RECOVERY_ASKED);
	assert_int_equal(r.given_up, 1);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_int_equal(recovery(w).given_up, 0);
	assert_int_equal(recovery(w).stage, RECOVERY_OVER);
}

/* Behind the end of the hold nothing is held again: a person says that it is seen, once. */
static void test_given_up_is_ended(void **state)
{
	struct world *w = *state;
	struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};

	without_its_key(w, RECOVERY_OVER);
	assert_false(peers_find(w->assembly->peers, PEER)->recovering);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_int_equal(recovery(w).given_up, 0);
	assert_int_equal(
	    (int)world_ask(w, IPC_recovery_confirm, &confirm)->result, RXP_ERR_NOT_FOUND);
}

/* RXP-RET-023: nothing of its case ever came. now is behind its turn, each one thing short of the end that is not yet. */
static void test_of_no_case(void **state)
{
	const int64_t day = REGISTRY_TRAY_CASELESS_MS, now = clock_wall_ms();
	struct world *w = *state;
	struct store_hopeless h;
	uint64_t n = 0;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lost(w, RECOVERY_STUCK);
	put_at(w, first_key, 1, now - day);
	tried(w, waiting_id, now - day);
	assert_int_equal(recovery(w).caseless, 1);
	/* held */
	assert_int_equal(store_tray_hopeless(db_of(w), &h, now), RXP_ERR_NOT_FOUND);
	/* ended no day ago */
	over_since(w, now - day + 1);
	assert_int_equal(store_tray_hopeless(db_of(w), &h, now), RXP_ERR_NOT_FOUND);
	over_since(w, now - 2 * day);
	/* it came no day ago */
	assert_int_equal(store_tray_hopeless(db_of(w), &h, now - 1), RXP_ERR_NOT_FOUND);
	/* its turn is not yet */
	tried(w, waiting_id, now);
	assert_int_equal(store_tray_hopeless(db_of(w), &h, now), RXP_ERR_NOT_FOUND);
	assert_int_equal(store_tray_hopeless(db_of(w), &h, now + 2 * REGISTRY_TRAY_PAUSE_MS), 0);
	assert_false(h.keyless);
	assert_int_equal(store_tray_give_up(db_of(w), &n, &h), 0);
	assert_int_equal(n, 1);
	assert_int_equal(waiting(w), 0);
	assert_int_equal(recovery(w).given_up, 1);
}

/* Is it due at that instant? */
static bool comes_due(struct world *w, int64_t now_ms)
{
	uint8_t id[RXP_ID_OCTETS];
	struct rxp_buf envelope;
	int rc;

	assert_int_equal(store_tray_retry(db_of(w), now_ms), 0);
	rxp_buf_init(&envelope, 2);
	rc = store_tray_next(db_of(w), id, &envelope, PEER);
	rxp_buf_free(&envelope);
	return rc == 0;
}

static void test_pauses_double(void **state)
{
	int64_t now = 1000000, pause = REGISTRY_TRAY_PAUSE_MS;
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	put_at(w, first_key, 1, now);
	for (int i = 0; i < 40; i++) {
		tried(w, waiting_id, now);
		assert_int_equal(store_tray_turn(db_of(w), now + pause - 1), RXP_ERR_NOT_FOUND);
		assert_false(comes_due(w, now + pause - 1));
		assert_int_equal(store_tray_turn(db_of(w), now + pause), 0);
		assert_true(comes_due(w, now + pause));
		now += pause;
		pause =
		    pause * 2 < REGISTRY_TRAY_PAUSE_MAX_MS ? pause * 2 : REGISTRY_TRAY_PAUSE_MAX_MS;
	}
	/* Nobody looked at it. */
	assert_int_equal(store_tray_tried(db_of(w), PEER, waiting_id, now), 0);
	assert_int_equal(store_tray_untried(db_of(w), PEER, waiting_id), 0);
	assert_true(comes_due(w, now));
	/* A clock that was a month ahead. */
	tried(w, waiting_id, now);
	assert_true(comes_due(w, now - 30 * REGISTRY_TRAY_PAUSE_MAX_MS));
	/* Something of its case came, while it rested and while it was in work. */
	tried(w, waiting_id, now);
	assert_int_equal(store_tray_due(db_of(w), PEER, their_case), 0);
	assert_int_equal(store_tray_tried(db_of(w), PEER, waiting_id, now), 0);
	assert_int_equal(store_tray_due(db_of(w), PEER, their_case), 0);
	assert_int_equal(store_tray_rests(db_of(w), PEER, waiting_id), 0);
	assert_true(comes_due(w, now));
	tried(w, waiting_id, now);
	assert_true(comes_due(w, now + REGISTRY_TRAY_PAUSE_MS));
}

/* A power cut while it is in work: it is due, where one that found no place rests. */
static void test_cut_off_while_in_work(void **state)
{
	int64_t now = clock_wall_ms();
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	put(w, first_key, 1);
	assert_int_equal(store_tray_tried(db_of(w), PEER, waiting_id, now), 0);
	world_restart(w);
	assert_true(comes_due(w, now));
	assert_int_equal(store_tray_rests(db_of(w), PEER, waiting_id), 0);
	assert_false(comes_due(w, now));
}

static void test_some_at_a_time(void **state)
{
	static const uint8_t octet[1];
	uint8_t id[RXP_ID_OCTETS] = {0};
	struct world *w = *state;
	struct rxp_buf envelope;
	int due = 0;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (uint8_t i = 0; i < 2 * REGISTRY_TRAY_RETRIES; i++) {
		id[0] = i;
		assert_int_equal(store_tray_put(db_of(w), &(struct store_trayed){.peer = PEER,
							      .message_id = id,
							      .case_id = their_case,
							      .position = i,
							      .envelope = {octet, 1},
							      .key_id = first_key}),
		    0);
		tried(w, id, i);
	}
	assert_int_equal(store_tray_retry(db_of(w), 2 * REGISTRY_TRAY_PAUSE_MS), 0);
	rxp_buf_init(&envelope, 1);
	for (; store_tray_next(db_of(w), id, &envelope, PEER) == 0; due++) {
		assert_int_equal(id[0], due); /* who rested the longest */
		assert_int_equal(store_tray_drop(db_of(w), PEER, id), 0);
		rxp_buf_reset(&envelope);
	}
	rxp_buf_free(&envelope);
	assert_int_equal(due, REGISTRY_TRAY_RETRIES);
}

static void test_newer_envelope(void **state)
{
	struct world *w = *state;
	uint8_t id[RXP_ID_OCTETS];
	struct rxp_buf envelope;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	put(w, other_key, 1);
	put(w, first_key, 2);
	assert_int_equal(waiting(w), 1);
	assert_int_equal(store_tray_due(db_of(w), PEER, their_case), 0);
	rxp_buf_init(&envelope, 2);
	assert_int_equal(store_tray_next(db_of(w), id, &envelope, PEER), 0);
	assert_int_equal(envelope.len, 2);
	rxp_buf_free(&envelope);
}

static unsigned notices(const struct world *w)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->n_deliveries; i++)
		n += strcmp(w->deliveries[i].envelope.type, "NodeNotice") == 0;
	return n;
}

/* The case is looked at as if a day had passed. */
static void look(struct world *w)
{
	assert_int_equal(store_retention_look(db_of(w), PEER, their_case, 1), 0);
	pump_for(w->loop, 6 * REGISTRY_TEST_TICK_MS);
}

/* All that is placed of the case is erased, as the list of another time of these data says. */
static void erase_all(struct world *w, const struct fake_envelope *e)
{
	struct erasure_document d = {.peer = PEER};
	struct erasure of = {.n = 1, .at_ms = 7, .named = true};

	memcpy(d.message_id, e->message_id, sizeof d.message_id);
	memcpy(d.fingerprint, e->fingerprint, sizeof d.fingerprint);
	assert_int_equal(erasure_name(of.name, &d), 0);
	assert_int_equal(store_erasure_owe(db_of(w), &of), 0);
}

/* It is not the next of its case. */
static void put_third(struct world *w)
{
	struct fake_envelope e =
	    case_document(3, their_case, WITHDRAWAL, 3, case_facts("withdraw", 1, 1, NULL));

	assert_int_equal(store_tray_put(db_of(w), &(struct store_trayed){.peer = PEER,
						      .message_id = e.message_id,
						      .case_id = their_case,
						      .position = 3,
						      .envelope = {(const uint8_t *)&e, sizeof e},
						      .key_id = first_key,
						      .now_ms = clock_wall_ms()}),
	    0);
}

static void with_the_case(struct world *w, bool comes_back)
{
	struct fake_envelope e =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	struct store_case row;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	put_third(w);
	erase_all(w, &e);
	assert_int_equal(waiting(w), 1);
	if (comes_back)
		lost(w, RECOVERY_STUCK);
	world_restart(w);
	look(w);
	assert_int_equal(waiting(w), comes_back ? 1 : 0);
	assert_int_equal(notices(w), comes_back ? 0 : 1);
	assert_int_equal(store_case_get(db_of(w), &row, PEER, their_case), 0);
	assert_int_equal(strcmp(row.state, "erased") == 0, !comes_back);
	if (!comes_back)
		return;
	/* A person ends the hold. */
	lost(w, RECOVERY_OVER);
	look(w);
	assert_int_equal(waiting(w), 0);
	assert_int_equal(notices(w), 1);
}

static void test_goes_with_its_case(void **state)
{
	with_the_case(*state, false);
}

static void test_may_find_its_place(void **state)
{
	with_the_case(*state, true);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_no_longer_than_its_key),
	    TEST(test_given_up_stays),
	    TEST(test_given_up_is_ended),
	    TEST(test_of_no_case),
	    TEST(test_pauses_double),
	    TEST(test_cut_off_while_in_work),
	    TEST(test_some_at_a_time),
	    TEST(test_newer_envelope),
	    TEST(test_goes_with_its_case),
	    TEST(test_may_find_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
