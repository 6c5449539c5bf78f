/*
 * Goals of a node that lost something, with everything around the registry played (spec/rxp-1.md section 44):
 * - a database that was put back: its log for each peer ends and another begins, the peer is told first, documents of
 *   cases wait and nothing else does, the mark is gone, and a second start changes nothing (RXP-RCV-001 to 003); another loss
 *   ends that log too (RXP-RCV-021);
 * - the notice and the request for a history are never parked, and are said anew when they expired (RXP-RCV-017);
 * - a peer that refuses the notice gets its answers, and the notice anew when it has shown that it lost something too (RXP-RCV-020);
 *   a person can say that this database is older than it was;
 * - the log of a peer that names what we do not know is found at the start, and before anything new is sealed, also where
 *   the logs of several say so at once (RXP-RCV-001, 003).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_recovery_rig.h"

#include "daemon/registry/limits.h"
#include "daemon/registry/recovery/loss.h"
#include "daemon/registry/recovery/recovery.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_watch.h"

/* --- a database that was put back ----------------------------------------------------------------- */

/* One message of the peer, so that the log has an entry. */
static void one_entry(struct world *w)
{
	struct fake_envelope e = world_envelope(1);

	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	assert_int_equal(peer_of(w)->log.count, 1);
}

static void test_put_back(void **state)
{
	struct world *w = *state;
	struct store_log_of former = {.peer = PEER};
	uint8_t before[RXP_ID_OCTETS], head[RXP_DIGEST_OCTETS], id[RXP_ID_OCTETS];
	struct rec_node_restored r;
	struct rec_message_row row;
	struct facts f = case_facts("apply", 1, 1, NULL);
	unsigned keys = w->made_keys;
	int64_t at_ms;
	uint64_t n;

	one_entry(w);
	memcpy(before, peer_of(w)->log_id, sizeof before);
	recovery_put_back(w);
	assert_int_equal(store_put_back_get(db_of(w), &at_ms), RXP_ERR_NOT_FOUND);
	assert_memory_not_equal(peer_of(w)->log_id, before, sizeof before);
	assert_int_equal(peer_of(w)->log.count, 0);
	assert_int_equal(store_log_former(db_of(w), &former, &n, head), 0);
	assert_memory_equal(former.log_id, before, sizeof before);
	assert_int_equal(n, 1);
	/* It is told, a Ping goes, and a case waits. */
	world_until(w, &w->n_deliveries, 1);
	r = recovery_said(&w->deliveries[0]);
	assert_memory_equal(r.log_id, before, sizeof before);
	assert_int_equal(r.count, 1);
	assert_memory_equal(r.head, head, sizeof head);
	assert_int_equal(case_submit(w, "held", NULL, APPLICATION, &f)->result, 0);
	world_ping(w, id);
	world_until(w, &w->n_deliveries, 2);
	pump_for(w->loop, 100);
	assert_int_equal(w->n_deliveries, 2);
	assert_string_equal(w->deliveries[1].envelope.type, ""); /* a Ping */
	/* Peers may know of a later key. */
	world_until(w, &w->made_keys, keys + 1);
	memcpy(before, peer_of(w)->log_id, sizeof before);
	recovery_restart(w);
	assert_memory_equal(peer_of(w)->log_id, before, sizeof before);
	assert_true(peer_of(w)->recovering);
	world_show(w, id, &row);
}

/* RXP-RCV-021: a copy that was made while a loss was open, put back: receipts that name its log may have been given since. */
static void test_put_back_again(void **state)
{
	struct world *w = *state;
	struct rec_node_restored says[2];
	uint8_t first[RXP_ID_OCTETS], second[RXP_ID_OCTETS];

	one_entry(w);
	memcpy(first, peer_of(w)->log_id, sizeof first);
	recovery_put_back(w);
	memcpy(second, peer_of(w)->log_id, sizeof second);
	recovery_put_back(w);
	assert_memory_not_equal(peer_of(w)->log_id, second, sizeof second);
	assert_int_equal(recovery_of(w).stage, RECOVERY_TOLD);
	world_until(w, &w->n_deliveries, 2);
	for (unsigned i = 0; i < 2; i++)
		says[i] = recovery_said(&w->deliveries[i]);
	assert_memory_equal(says[0].log_id, first, sizeof first);
	assert_int_equal(says[0].count, 1);
	assert_memory_equal(says[1].log_id, second, sizeof second);
	assert_int_equal(says[1].count, 0);
	recovery_receipt(w, 2);
	until_stage(w, RECOVERY_ASKED);
}

/* Told, asked, and the last copy says that there is none. */
static void none_there(struct world *w)
{
	struct facts f = case_facts("apply", 1, 1, NULL);
	struct rec_node_history_copy copy = {.number = 1, .last = 1};
	struct fake_envelope last = world_envelope(9);
	struct rxp_buf list;
	struct fake_answer a;

	assert_int_equal(case_submit(w, "held", NULL, APPLICATION, &f)->result, 0);
	world_until(w, &w->n_deliveries, 1);
	a = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], HTTP_OK, &a);
	until_stage(w, RECOVERY_ASKED);
	world_until(w, &w->n_deliveries, 2);
	assert_string_equal(w->deliveries[1].envelope.type, "HistoryRequest");
	memcpy(copy.request, w->deliveries[1].envelope.message_id, sizeof copy.request);
	a = world_receipt(&w->deliveries[1]);
	world_deliver(w, &w->deliveries[1], HTTP_OK, &a);
	snprintf(last.type, sizeof last.type, "HistoryCopy");
	rxp_buf_init(&list, sizeof last.facts);
	assert_int_equal(
	    record_list_put(&list, REC_node_history_copy, &record_node_history_copy, &copy), 0);
	memcpy(last.facts, list.data, list.len);
	last.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	assert_int_equal(world_admit(w, &last)->http_status, HTTP_OK);
}

/* Then it is over, and the document goes. */
static void test_over(void **state)
{
	struct world *w = *state;

	recovery_put_back(w);
	none_there(w);
	until_stage(w, RECOVERY_OVER);
	assert_false(peer_of(w)->recovering);
	world_until(w, &w->n_deliveries, 3);
	assert_string_equal(w->deliveries[2].envelope.type, APPLICATION);
}

static int another_loss(void *arg, struct db *db)
{
	struct world *w = arg;
	struct loss l;

	return loss_begin_anew(&l, db, &w->assembly->node, peer_of(w), RECOVERY_WHY_RECEIPT,
	    recovery_of(w).began_ms + 1);
}

static void nothing(void *arg, int result)
{
	(void)arg;
	assert_int_equal(result, 0);
}

/* A step of a hold whose loss is another one when it is stored (RXP-RCV-021) is none of that, which is told before
 * anything is asked for. */
static void test_step_of_another(void **state)
{
	struct world *w = *state;
	struct store_item item = {.apply = another_loss, .done = nothing, .arg = w};
	struct store_recovery r;

	recovery_put_back(w);
	none_there(w);
	until_stage(w, RECOVERY_OVER);
	r = recovery_of(w);
	r.stage = RECOVERY_STUCK;
	r.before = STORE_ASK_AGAIN;
	assert_int_equal(store_recovery_put(db_of(w), &r), 0);
	peer_of(w)->recovering = true;
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	store_submit(w->assembly->node.store, &item);
	recovery_kick(w->assembly->recovery);
	recovery_round(w->assembly->recovery);
	store_round(w->assembly->node.store);
	r = recovery_of(w);
	assert_int_equal(r.why, RECOVERY_WHY_RECEIPT);
	assert_int_equal(r.stage, RECOVERY_TOLD);
}

/* RXP-RET-022: as long as nobody has said that what was given up is seen, it needs a person. */
static void test_not_over(void **state)
{
	struct world *w = *state;
	struct store_recovery r;

	recovery_put_back(w);
	r = recovery_of(w);
	r.given_up = 1;
	assert_int_equal(store_recovery_put(db_of(w), &r), 0);
	none_there(w);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	recovery_kick(w->assembly->recovery);
	until_stage(w, RECOVERY_STUCK);
	assert_int_equal(recovery_of(w).given_up, 1);
	assert_int_equal(w->n_deliveries, 2); /* the document waits */
}

/* A peer that refuses the notice for what it says needs a person; one that knows no such notice does not. */
static void test_notice_refused(void **state)
{
	struct world *w = *state;
	struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};
	struct fake_answer a;

	recovery_put_back(w);
	world_until(w, &w->n_deliveries, 1);
	a = world_refusal(&w->deliveries[0], RXP_REFUSAL_STATE, true);
	world_deliver(w, &w->deliveries[0], 409, &a);
	until_stage(w, RECOVERY_STUCK);
	assert_true(peer_of(w)->recovering);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_false(peer_of(w)->recovering);
	assert_int_equal(recovery_of(w).stage, RECOVERY_OVER);
	assert_int_equal(
	    (int)world_ask(w, IPC_recovery_confirm, &confirm)->result, RXP_ERR_NOT_FOUND);
	recovery_put_back(w);
	world_until(w, &w->n_deliveries, 1);
	a = world_refusal(&w->deliveries[0], RXP_REFUSAL_UNSUPPORTED, true);
	world_deliver(w, &w->deliveries[0], 422, &a);
	until_stage(w, RECOVERY_ASKED);
}

/* RXP-RCV-017: neither the notice nor the request is parked, however often; the pauses grow. */
static void test_never_parked(void **state)
{
	struct world *w = *state;
	unsigned n = 0;

	recovery_put_back(w);
	while (n < 2 * REGISTRY_STRIKES_MAX)
		recovery_unopenable(w, ++n);
	assert_int_equal(recovery_of(w).stage, RECOVERY_TOLD);
	recovery_receipt(w, ++n);
	until_stage(w, RECOVERY_ASKED);
	for (unsigned i = 0; i < 2 * REGISTRY_STRIKES_MAX; i++)
		recovery_unopenable(w, ++n);
	assert_string_equal(w->deliveries[n - 1].envelope.type, "HistoryRequest");
	assert_int_equal(recovery_of(w).stage, RECOVERY_ASKED);
	recovery_receipt(w, ++n);
}

/* Any other message is, also while there is a hold. */
static void test_others_parked(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	uint8_t id[RXP_ID_OCTETS];

	recovery_put_back(w);
	recovery_receipt(w, 1);
	until_stage(w, RECOVERY_ASKED);
	recovery_receipt(w, 2);
	world_ping(w, id);
	for (unsigned n = 3; n < 3 + REGISTRY_STRIKES_MAX; n++)
		recovery_unopenable(w, n);
	world_until_state(w, id, "parked", &row);
}

/* A peer that was off for as long as a notice lasts is told anew, the same; one that only says so by its clock is not. */
static void test_told_anew(void **state)
{
	struct world *w = *state;
	struct rec_node_restored first, second;
	struct fake_answer a;

	one_entry(w);
	recovery_put_back(w);
	world_until(w, &w->n_deliveries, 1);
	first = recovery_said(&w->deliveries[0]);
	world_move_clock(w, RXP_DEFAULT_LIFETIME_MS + 1000);
	a = world_refusal(&w->deliveries[0], RXP_REFUSAL_EXPIRED, true);
	a.checked.created_ms = clock_wall_ms();
	world_deliver(w, &w->deliveries[0], 422, &a);
	world_until(w, &w->n_deliveries, 2);
	second = recovery_said(&w->deliveries[1]);
	assert_memory_equal(&first, &second, sizeof first);
	assert_memory_not_equal(w->deliveries[0].envelope.message_id,
	    w->deliveries[1].envelope.message_id, RXP_ID_OCTETS);
	assert_int_equal(recovery_of(w).stage, RECOVERY_TOLD);
	a = world_refusal(&w->deliveries[1], RXP_REFUSAL_EXPIRED, true);
	world_deliver(w, &w->deliveries[1], 422, &a);
	until_stage(w, RECOVERY_STUCK);
}

/* Each loss makes an agreement key anew, and a working part has no room for more than so many: it names the latest. */
static void test_many_keys(void **state)
{
	struct world *w = *state;

	for (unsigned n = 2; n <= RXP_MAX_AGREEMENT_KEYS + 1; n++) {
		world_move_clock(w, 60000);
		recovery_put_back(w);
		w->listed_keys = 0;
		pump_while(
		    w->loop, w->made_keys < n || w->listed_keys < n - (n > RXP_MAX_AGREEMENT_KEYS));
	}
	pump_for(w->loop, 100);
	assert_int_equal(w->made_keys, RXP_MAX_AGREEMENT_KEYS + 1);
	assert_int_equal(w->listed_keys, RXP_MAX_AGREEMENT_KEYS);
}

/* --- the log of the peer --------------------------------------------------------------------------- */

/* The log of the peer is read at the start. */
static void test_read_at_start(void **state)
{
	struct world *w = *state;

	world_until(w, &w->log_fetches, 1);
	recovery_suspect(w->assembly->recovery, peer_of(w));
	pump_while(w->loop, !peer_of(w)->recovering);
	assert_int_equal(recovery_of(w).why, RECOVERY_WHY_LOG);
	assert_false(recovery_of(w).proven);
	world_until(w, &w->n_deliveries, 1);
	assert_int_equal(recovery_said(&w->deliveries[0]).count, 0);
}

/* Two logs are read to their ends at once: each peer is held from then on, and each is told. */
static void test_two_logs(void **state)
{
	struct world *w = *state;
	struct facts f = case_facts("apply", 1, 1, NULL);
	struct store_recovery r;
	struct peer *other;

	other = recovery_beside(w);
	recovery_suspect(w->assembly->recovery, other);
	recovery_suspect(w->assembly->recovery, peer_of(w));
	assert_true(other->loss_noted && peer_of(w)->loss_noted);
	assert_int_equal(case_submit(w, "held", NULL, APPLICATION, &f)->result, 0);
	world_until(w, &w->n_deliveries, 2);
	pump_for(w->loop, 100);
	assert_int_equal(w->n_deliveries, 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(recovery_said(&w->deliveries[i]).count, 0);
	assert_int_equal(recovery_of(w).why, RECOVERY_WHY_LOG);
	assert_int_equal(store_recovery_get(db_of(w), &r, CASE_OTHER), 0);
	assert_int_equal(r.why, RECOVERY_WHY_LOG);
	assert_true(other->recovering && peer_of(w)->recovering);
	assert_false(other->loss_noted || peer_of(w)->loss_noted);
}

/* Nothing is sealed for a peer while its hold waits for its commit. */
static void test_noted_holds(void **state)
{
	struct world *w = *state;
	struct facts f = case_facts("apply", 1, 1, NULL);

	peer_of(w)->loss_noted = true; /* and nobody has looked yet */
	assert_int_equal(case_submit(w, "held", NULL, APPLICATION, &f)->result, 0);
	pump_for(w->loop, 100);
	for (unsigned i = 0; i < w->n_deliveries; i++)
		assert_string_equal(w->deliveries[i].envelope.type, NOTICE);
}

/* After a start, of a peer whose log was read before, nothing is sealed until it is read; of any other, at once. */
static void test_read_first(void **state)
{
	struct world *w = *state;
	struct facts f = case_facts("apply", 1, 1, NULL);

	peer_of(w)->compared_ms = clock_wall_ms();
	peer_of(w)->read_since_start = false;
	assert_int_equal(case_submit(w, "first", NULL, APPLICATION, &f)->result, 0);
	pump_for(w->loop, 2 * REGISTRY_UNSURE_AGAIN_MS);
	assert_int_equal(w->n_deliveries, 0);
	peer_of(w)->read_since_start = true;
	world_until(w, &w->n_deliveries, 1);
	assert_string_equal(w->deliveries[0].envelope.type, APPLICATION);
}

/* RXP-RCV-020: there is an answer of the peer, and it refuses the notice; the answer is brought to it. */
static void disputed(struct world *w)
{
	struct rec_message_row row;
	struct fake_answer a;
	uint8_t id[16];

	world_ping(w, id);
	recovery_receipt(w, 1);
	world_until_state(w, id, "delivered", &row);
	recovery_put_back(w);
	world_until(w, &w->n_deliveries, 1);
	a = world_refusal(&w->deliveries[0], RXP_REFUSAL_STATE, true);
	world_deliver(w, &w->deliveries[0], 409, &a);
	until_stage(w, RECOVERY_STUCK);
	world_until(w, &told.posts, 1);
}

/* It lost that one: the same is said anew. */
static void test_disputed_by_a_loss(void **state)
{
	struct world *w = *state;
	struct rec_node_restored said, again;
	struct store_watch watch = {.since_ms = 0};
	struct fake_answer a;
	unsigned posts;

	disputed(w);
	said = recovery_said(&w->deliveries[0]);
	recovery_has_all(w, HTTP_LOST);
	until_stage(w, RECOVERY_TOLD);
	world_until(w, &w->n_deliveries, 2);
	for (unsigned n = 3; strcmp(w->deliveries[w->n_deliveries - 1].envelope.type, NOTICE) != 0;
	     n++)
		world_until(w, &w->n_deliveries, n); /* the lost message goes too */
	again = recovery_said(&w->deliveries[w->n_deliveries - 1]);
	assert_memory_equal(&again, &said, sizeof said);
	assert_true(store_watch_get(db_of(w), &watch, PEER) != 0 || watch.since_ms == 0);
	/* Refused once more: its answers are brought once in a hold. */
	posts = told.posts;
	a = world_refusal(&w->deliveries[w->n_deliveries - 1], RXP_REFUSAL_STATE, true);
	world_deliver(w, &w->deliveries[w->n_deliveries - 1], 409, &a);
	until_stage(w, RECOVERY_STUCK);
	pump_for(w->loop, 200);
	assert_int_equal(told.posts, posts);
}

/* It lost nothing: a person is needed, and nothing is brought twice. */
static void test_disputed(void **state)
{
	struct world *w = *state;

	disputed(w);
	recovery_has_all(w, HTTP_NOTHING);
	pump_for(w->loop, 200);
	assert_int_equal(recovery_of(w).stage, RECOVERY_STUCK);
	assert_int_equal(w->n_deliveries, 1);
	recovery_restart(w);
	pump_for(w->loop, 200);
	assert_int_equal(recovery_of(w).stage, RECOVERY_STUCK);
	assert_int_equal(told.posts, 2);
}

/* A person at the peer says that it lost something, or it finds out: its notice comes. */
static void test_disputed_until_it_says(void **state)
{
	struct world *w = *state;
	struct rec_node_restored says = {.count = 0};
	struct fake_envelope e;

	disputed(w);
	recovery_has_all(w, HTTP_NOTHING);
	memset(says.log_id, 0x44, sizeof says.log_id);
	assert_int_equal(rxp_logchain_start(says.head, PEER, OWN, says.log_id), 0);
	e = recovery_restored(7, &says);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	until_stage(w, RECOVERY_TOLD);
	world_until(w, &w->n_deliveries, 2);
	assert_string_equal(w->deliveries[1].envelope.type, NOTICE);
}

/* RXP-RCV-022: it comes after ours was said, and before the refusal of that. */
static void test_disputed_meanwhile(void **state)
{
	struct world *w = *state;
	struct rec_node_restored says = {.count = 0};
	struct fake_envelope e;
	struct fake_answer a;

	recovery_put_back(w);
	world_until(w, &w->n_deliveries, 1);
	memset(says.log_id, 0x44, sizeof says.log_id);
	assert_int_equal(rxp_logchain_start(says.head, PEER, OWN, says.log_id), 0);
	e = recovery_restored(7, &says);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	pump_for(w->loop, 20);
	a = world_refusal(&w->deliveries[0], RXP_REFUSAL_STATE, true);
	world_deliver(w, &w->deliveries[0], 409, &a);
	world_until(w, &w->n_deliveries, 2);
	assert_string_equal(w->deliveries[1].envelope.type, NOTICE);
}

/* Where the node does not find it out a person says it; sure it is when something has come back (RXP-RCV-013). */
static void test_person(void **state)
{
	const struct msg_recovery_begin begin = {.user = "uid:7", .peer = PEER},
					unknown = {.user = "uid:7", .peer = "QZZ"};
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer f = own_receipt(&e);
	uint8_t id[16];

	world_ping(w, id);
	recovery_receipt(w, 1); /* there is a past with this peer */
	assert_int_equal(
	    (int)world_ask(w, IPC_recovery_begin, &unknown)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(world_ask(w, IPC_recovery_begin, &begin)->result, 0);
	assert_true(peer_of(w)->recovering);
	assert_int_equal(recovery_of(w).why, RECOVERY_WHY_PERSON);
	assert_false(recovery_of(w).proven);
	assert_false(store_recovery_sure(db_of(w), PEER));
	world_until(w, &w->n_deliveries, 2);
	assert_string_equal(w->deliveries[1].envelope.type, NOTICE);
	assert_int_equal((int)world_ask(w, IPC_recovery_begin, &begin)->result, RXP_ERR_STATE);
	brought(w, &f, HTTP_LOST);
	assert_true(recovery_of(w).proven);
	assert_true(store_recovery_sure(db_of(w), PEER));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, recovery_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_put_back),
	    TEST(test_put_back_again),
	    TEST(test_over),
	    TEST(test_step_of_another),
	    TEST(test_not_over),
	    TEST(test_notice_refused),
	    TEST(test_disputed),
	    TEST(test_disputed_by_a_loss),
	    TEST(test_disputed_until_it_says),
	    TEST(test_disputed_meanwhile),
	    TEST(test_person),
	    TEST(test_never_parked),
	    TEST(test_others_parked),
	    TEST(test_told_anew),
	    TEST(test_many_keys),
	    TEST(test_read_at_start),
	    TEST(test_two_logs),
	    TEST(test_noted_holds),
	    TEST(test_read_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
