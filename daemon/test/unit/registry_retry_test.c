/*
 * Goals of when what waits for a peer goes, with everything around the registry played:
 * - `later` and `busy` with a time are about their message, and `busy` without one about the node (RXP-ANS-024);
 * - back-off: doubling within its bounds; one probe while a peer fails, which a contact or a person brings forward, until an answer
 *   ends it, or few at once and more with each answer where its line alone failed;
 * - the window of a peer and a distrusted peer hold.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#define HOUR INT64_C(3600000)
#define BACKLOG 40

/* `later` with a time: not before that time, by the wall clock. */
static void test_later(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	world_begin(w, id);
	d = world_delivered(w, 1);
	f = world_refusal(d, RXP_REFUSAL_FUTURE, false);
	f.checked.retry_ms = clock_wall_ms() + HOUR / 2;
	world_deliver(w, d, 422, &f);
	world_until_state(w, id, "in-doubt", &row);
	assert_int_equal(row.next_try_ms, f.checked.retry_ms);
	world_move_clock(w, HOUR / 2 - 5000);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->n_deliveries, 1);
	world_move_clock(w, HOUR / 2 + 5000);
	d = world_delivered(w, 2);
	f = world_receipt(d);
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, "delivered", &row);
}

static void test_backoff(void **state)
{
	struct world *w = *state;
	int64_t most = REGISTRY_RETRY_FIRST_MS;

	for (unsigned tries = 1; tries < 20; tries++) {
		for (int i = 0; i < 50; i++)
			assert_in_range(pace_backoff(w->assembly->pace, tries), most / 2, most);
		most = most * 2 < REGISTRY_RETRY_LAST_MS ? most * 2 : REGISTRY_RETRY_LAST_MS;
	}
}

static void contacts(struct world *w, unsigned n)
{
	struct msg_contact contact = {.party = PEER};

	while (n-- > 0)
		assert_int_equal(link_request(w->gateway, IPC_contact, &contact, NULL, 0, NULL), 0);
	pump_for(w->loop, 50);
}

static void test_probe_and_contact(void **state)
{
	struct world *w = *state;
	struct fake_answer f;
	struct peer *peer;
	int64_t planned;
	uint8_t id[16];

	world_begin(w, id);
	for (unsigned i = 1; i < 3; i++)
		world_ping(w, id);
	world_delivered(w, 3);
	for (unsigned i = 0; i < 3; i++)
		world_deliver_fault(w, &w->deliveries[i]);
	peer = peers_find(w->assembly->peers, PEER);
	world_until(w, &peer->failures, 1);
	pump_for(w->loop, 50);
	assert_int_equal(peer->failures, 1); /* they were under way together */
	assert_int_equal(w->n_deliveries, 3);
	world_delivered(w, 4); /* by itself, after the back-off */
	pump_for(w->loop, 50);
	assert_int_equal(w->n_deliveries, 4);
	world_deliver_fault(w, &w->deliveries[3]);
	world_until(w, &peer->failures, 2);
	contacts(w, 1);
	assert_int_equal(w->n_deliveries, 5);
	assert_int_equal(peer->failures, 2);
	planned = peer->not_before_mono;
	world_deliver_fault(w, &w->deliveries[4]); /* a probe before its time changes no plan */
	contacts(w, 30);
	assert_int_equal(w->n_deliveries, 5);
	assert_int_equal(peer->failures, 2);
	assert_int_equal(peer->not_before_mono, planned);
	peer->deaf_until_mono = 0; /* as a second later */
	contacts(w, 30);
	assert_int_equal(w->n_deliveries, 6);
	assert_int_equal(peer->failures, 2);
	f = world_receipt(&w->deliveries[5]);
	world_deliver(w, &w->deliveries[5], 200, &f);
	world_delivered(w, 8);
	assert_int_equal(peer->failures, 0);
}

/* The line died, and nothing reached the peer. */
static void line_fails(struct world *w, unsigned from, unsigned n)
{
	struct msg_delivery m = {
	    .outcome = (uint32_t)RXP_ERR_TIMEOUT, .transport = "the line is dead"};

	for (unsigned i = from; i < from + n; i++)
		assert_int_equal(
		    link_answer(w->gateway, IPC_delivery, w->deliveries[i].request, &m, NULL, 0),
		    0);
}

/* Where nothing but the line failed a contact lets all of them go, once; after any other failure, one. */
static void test_found(void **state)
{
	struct world *w = *state;
	struct peer *peer;
	uint8_t id[16];

	world_begin(w, id);
	for (unsigned i = 1; i < 3; i++)
		world_ping(w, id);
	world_delivered(w, 3);
	peer = peers_find(w->assembly->peers, PEER);
	line_fails(w, 0, 3);
	world_until(w, &peer->failures, 1);
	pump_for(w->loop, 50);
	peer->not_before_mono = clock_mono_ms() + 60000;
	contacts(w, 1);
	assert_int_equal(w->n_deliveries, 6);
	line_fails(w, 3, 3);
	contacts(w, 30);
	assert_int_equal(w->n_deliveries, 6);
	peer->deaf_until_mono = 0;
	contacts(w, 1);
	assert_int_equal(w->n_deliveries, 9);
	line_fails(w, 6, 2);
	world_deliver_fault(w, &w->deliveries[8]);
	pump_for(w->loop, 50);
	peer->deaf_until_mono = 0;
	contacts(w, 1);
	assert_int_equal(w->n_deliveries, 10);
}

/* `busy` until then is about its message, and nothing else waits for it; without a time it is about the node (RXP-ANS-024). */
static void test_busy(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct fake_answer f;
	struct peer *peer;
	uint8_t id[16], other[16];

	world_begin(w, id);
	peer = peers_find(w->assembly->peers, PEER);
	f = world_refusal(world_delivered(w, 1), RXP_REFUSAL_BUSY, false);
	f.checked.retry_ms = clock_wall_ms() + HOUR / 2;
	world_deliver(w, &w->deliveries[0], 503, &f);
	world_until_state(w, id, "in-doubt", &row);
	assert_int_equal(row.next_try_ms, f.checked.retry_ms);
	assert_int_equal(peer->failures, 0);
	world_ping(w, other);
	f = world_refusal(world_delivered(w, 2), RXP_REFUSAL_BUSY, false);
	world_deliver(w, &w->deliveries[1], 503, &f);
	world_until(w, &peer->failures, 1);
}

/* A person does not wait out what the schedule has earned: one probe goes at once, and no more. */
static void test_order_probes_now(void **state)
{
	struct world *w = *state;
	struct peer *peer;
	uint8_t id[16], other[16];
	struct rec_message_row row;

	world_add_peer(w, 1);
	world_until(w, &w->pins_told, 2);
	peer = peers_find(w->assembly->peers, PEER);
	peer->failures = 9;
	peer->not_before_mono = clock_mono_ms() + 300000;
	world_ping(w, id);
	world_ping(w, other);
	world_until(w, &w->n_deliveries, 1);
	world_show(w, other, &row);
	assert_string_equal(row.state, "waiting");
	assert_int_equal(w->n_deliveries, 1);
	assert_int_equal(peer->failures, 9);
	world_deliver_fault(w, &w->deliveries[0]);
	world_show(w, other, &row);
	assert_true(peer->not_before_mono > clock_mono_ms());
}

static void test_window_and_distrust(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};
	struct fake_answer f;
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < BACKLOG; i++)
		world_ping(w, id);
	world_delivered(w, REGISTRY_PEER_WINDOW);
	pump_for(w->loop, 50);
	assert_int_equal(w->n_deliveries, REGISTRY_PEER_WINDOW);
	f = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], 200, &f);
	world_delivered(w, REGISTRY_PEER_WINDOW + 1);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	f = world_receipt(&w->deliveries[1]);
	world_deliver(w, &w->deliveries[1], 200, &f);
	pump_for(w->loop, 50);
	assert_int_equal(w->n_deliveries, REGISTRY_PEER_WINDOW + 1);
	assert_int_equal(world_add_peer(w, 1)->result, 0); /* trusted again */
	world_delivered(w, REGISTRY_PEER_WINDOW + 2);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_later),
	    WORLD_TEST(test_backoff),
	    WORLD_TEST(test_probe_and_contact),
	    WORLD_TEST(test_found),
	    WORLD_TEST(test_busy),
	    WORLD_TEST(test_order_probes_now),
	    WORLD_TEST(test_window_and_distrust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
