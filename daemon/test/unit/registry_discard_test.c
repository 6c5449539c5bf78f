/*
 * Goals of giving a message up, with everything around the registry played:
 * - one that was never on a line (a draft, waiting, closed, or parked without an attempt) is discarded for
 *   good: it is never sent, nothing of its content is stored any more, and that stays so over a restart;
 * - its case goes on: the next document is judged anew and takes its Position;
 * - one that may be at the peer, one in work, one that has its end and one that is not there are refused with
 *   words, and nothing changes.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include <sqlite3.h>

static const struct world_answer *discard(struct world *w, const uint8_t id[16])
{
	struct msg_message_discard m = {.user = "officer"};

	memcpy(m.local_id, id, sizeof m.local_id);
	return world_ask(w, IPC_message_discard, &m);
}

static void discarded(struct world *w, const uint8_t id[16])
{
	struct rec_message_row row;
	const struct world_answer *a = discard(w, id);

	assert_string_equal(a->words, "");
	assert_int_equal(a->result, 0);
	world_show(w, id, &row);
	assert_string_equal(row.state, "discarded");
	assert_string_equal(row.last_error, "discarded by a person");
	assert_true(row.answered_ms != 0);
	assert_int_equal(row.next_try_ms, 0);
}

static void refused(struct world *w, const uint8_t id[16], int result, const char *words)
{
	struct rec_message_row before, after;
	const struct world_answer *a;

	if (result != RXP_ERR_NOT_FOUND)
		world_show(w, id, &before);
	a = discard(w, id);
	assert_int_equal((int)a->result, result);
	assert_string_equal(a->words, words);
	if (result == RXP_ERR_NOT_FOUND)
		return;
	world_show(w, id, &after);
	assert_string_equal(after.state, before.state);
}

/* Rows of the outbox that hold anything of a content; the registry is stopped for it. */
static int rows_with_content(struct world *w)
{
	sqlite3_stmt *query = NULL;
	sqlite3 *db = NULL;
	int n;

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "SELECT COUNT(*) FROM outbox WHERE COALESCE(draft, facts, envelope, "
			     "evidence, wrapped_key) IS NOT NULL AND state = 'discarded'",
			     -1, &query, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(query), SQLITE_ROW);
	n = sqlite3_column_int(query, 0);
	sqlite3_finalize(query);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(world_start(w), 0);
	return n;
}

static void test_waiting(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};
	struct peer *peer;
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	link_pause(w->sealer, true);
	world_ping(w, id);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	refused(w, id, RXP_ERR_STATE, "it is being worked on now: try again in a moment");
	world_restart(w); /* nothing is started for a distrusted peer */
	discarded(w, id);
	assert_int_equal(rows_with_content(w), 0);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->closed, 0);
	assert_int_equal(w->n_deliveries, 0);
	peer = peers_find(w->assembly->peers, PEER);
	assert_int_equal(peer->counts[STATE_DISCARDED], 1);
	assert_int_equal(peer->counts[STATE_WAITING], 0);
	refused(w, id, RXP_ERR_STATE, "it has its end already");
}

/* A parked application that was never sealed rightly holds its case until it is given up. */
static void test_parked(void **state)
{
	struct world *w = *state;
	struct facts apply = case_facts("apply", 1, 2, NULL);
	struct rec_message_row row;
	uint8_t case_id[16], id[16], behind[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	w->other_facts = true;
	case_accepted(w, "key-1", case_id, APPLICATION, apply, id);
	world_until_state(w, id, "parked", &row);
	w->other_facts = false;
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), behind);
	discarded(w, id);
	/* Without its application the case allows it no more. */
	world_until_state(w, behind, "refused", &row);
	assert_string_equal(row.last_error, "not sent: the case does not allow it, RXP-CAS-004");
	assert_int_equal(rows_with_content(w), 0);
	/* A corrected one takes its place. */
	assert_int_equal(case_submit(w, "key-3", case_id, APPLICATION, &apply)->result, 0);
	world_delivered(w, 1);
	assert_int_equal(w->last_close.position, 1);
	case_receipt(w, 1, NULL);
}

static void test_drafts(void **state)
{
	struct world *w = *state;
	struct fake_envelope first;
	uint8_t case_id[16], id[16], draft[16], next[16];

	case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), id);
	world_delivered(w, 2);
	case_accepted(w, "key-3", case_id, WITHDRAWAL, case_facts("withdraw", 2, 2, NULL), draft);
	refused(w, id, RXP_ERR_STATE, "it may be at the peer: only the peer's answer ends it");
	discarded(w, draft);
	/* What it said is as if never said. */
	case_accepted(w, "key-4", case_id, WITHDRAWAL, case_facts("withdraw", 2, 2, NULL), next);
	first = case_receipt(w, 2, id);
	world_delivered(w, 3);
	assert_int_equal(w->last_close.position, 3);
	assert_memory_equal(w->last_close.previous, first.fingerprint, 32);
	case_receipt(w, 3, next);
	refused(w, next, RXP_ERR_STATE, "it has its end already");
}

static void test_may_be_there(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16], none[16] = {1};

	world_begin(w, id);
	for (unsigned i = 1; i <= REGISTRY_STRIKES_MAX; i++) {
		world_until(w, &w->n_deliveries, i);
		d = &w->deliveries[i - 1];
		refused(
		    w, id, RXP_ERR_STATE, "it may be at the peer: only the peer's answer ends it");
		f = world_refusal(d, RXP_REFUSAL_UNOPENABLE, false);
		world_deliver(w, d, 422, &f);
		world_until_state(w, id, i < REGISTRY_STRIKES_MAX ? "in-doubt" : "parked", &row);
		refused(
		    w, id, RXP_ERR_STATE, "it may be at the peer: only the peer's answer ends it");
		world_move_clock(w, i * REGISTRY_RETRY_LAST_MS);
	}
	refused(w, none, RXP_ERR_NOT_FOUND, "");
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_waiting),
	    WORLD_TEST(test_parked),
	    WORLD_TEST(test_drafts),
	    WORLD_TEST(test_may_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
