/*
 * Goals of pins that no descriptor of a peer lists (RXP-DSC-036), with everything around the registry played:
 * - one has the peer asked for its descriptor at once, however fresh its keys are; one of nobody each peer that was not asked for a while; not
 *   more than once in a few seconds; never one that is distrusted, or that pulls
 * - a server of its address with such a pin that gives nothing newer is an alarm until the peer is reached there, also while it calls;
 *   of one that pulls, a pin of nobody with which somebody goes on connecting while it is silent, however many others do with as many keys
 *
 * links: registry
 */
#include "daemon/test/unit/registry_suspect_rig.h"

#include "daemon/registry/peers/refresh.h"

static void test_pin_of_party(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust distrust = {.user = "officer", .party = PEER};
	struct peer *peer = begin(w);

	hear(w, "QRC");
	assert_int_equal(w->fetches, 0);
	hear(w, PEER);
	assert_int_equal(w->fetches, 1);
	hear(w, PEER); /* the question is open */
	assert_int_equal(w->fetches, 1);
	fetched(w, NULL);
	pump_for(w->loop, 20);
	hear(w, PEER);
	assert_int_equal(w->fetches, 1);
	peer->suspect_mono -= REGISTRY_SUSPECT_MS;
	hear(w, PEER);
	assert_int_equal(w->fetches, 2);
	fetched(w, NULL);
	pump_for(w->loop, 20);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	peer->suspected = false;
	hear(w, PEER);
	assert_int_equal(w->fetches, 2);
}

/* How long it is not asked again, after a question in vain, depends on whether it gave a descriptor. */
static void test_pause(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w);
	int64_t pause_ms;

	hear(w, PEER);
	fetched(w, NULL);
	pump_for(w->loop, 20);
	pause_ms = peer->suspect_mono - clock_mono_ms();
	assert_true(pause_ms > 0 && pause_ms <= REGISTRY_SUSPECT_OFF_MS);
	peer->suspect_mono = clock_mono_ms();
	hear(w, PEER);
	assert_int_equal(w->fetches, 2);
	fetched(w, "descriptor"); /* the one that is known */
	pump_while(w->loop, peer->suspect_mono <= clock_mono_ms());
	pause_ms = peer->suspect_mono - clock_mono_ms();
	assert_true(pause_ms > REGISTRY_SUSPECT_OFF_MS && pause_ms <= REGISTRY_SUSPECT_MS);
}

/* The alarm of a server at its address that is not known, from the first question in vain on until the peer is met. */
static void test_strange(void **state)
{
	struct world *w = *state;
	struct msg_contact contact = {.party = PEER, .until_ms = 0};
	const struct msg_peer_update update = {
	    .user = "officer", .party = PEER, .descriptor = {(const uint8_t *)"descriptor", 10}};
	struct peer *peer = begin(w);

	hear(w, "");
	fetched(w, NULL);
	pump_for(w->loop, 20);
	assert_false(peer->strange); /* whoever connected, it was not there */
	peer->suspect_mono = clock_mono_ms();
	hear(w, PEER);
	assert_int_equal(w->fetches, 2);
	assert_false(peer->strange);
	fetched(w, NULL);
	pump_for(w->loop, 20);
	assert_true(peer->strange);
	/* Whoever calls here says nothing of who answers there. */
	for (unsigned reached = 0; reached < 2; reached++) {
		contact.reached = reached;
		assert_int_equal(link_request(w->gateway, IPC_contact, &contact, NULL, 0, NULL), 0);
		pump_for(w->loop, 20);
		assert_int_equal(peer->strange, !reached);
	}
	/* Nor where something newer comes, of itself or by a person. */
	for (unsigned in_vain = 0; in_vain < 2; in_vain++) {
		peer->suspect_mono = clock_mono_ms();
		hear(w, PEER);
		if (in_vain == 0)
			fetched(w, NULL);
		else
			gives(w);
		pump_for(w->loop, 50);
		assert_int_equal(peer->strange, in_vain == 0);
	}
	peer->suspect_mono = clock_mono_ms();
	hear(w, PEER);
	fetched(w, NULL);
	pump_for(w->loop, 20);
	assert_true(peer->strange);
	newer(w);
	assert_int_equal(world_ask(w, IPC_peer_update, &update)->result, 0);
	assert_false(peer->strange);
}

static void test_pin_of_nobody(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w);

	hear(w, "");
	assert_int_equal(w->fetches, 1);
	fetched(w, NULL);
	pump_for(w->loop, 20);
	peer->suspect_mono -= REGISTRY_SUSPECT_MS;
	hear(w, "");
	assert_int_equal(w->fetches, 1);
	peer->asked_mono -= REGISTRY_KNOCK_MS;
	hear(w, "");
	assert_int_equal(w->fetches, 2);
}

static void given_nothing(struct world *w, struct link *l, const struct link_message *m)
{
	(void)w;
	(void)l;
	assert_int_equal(m->type, IPC_picked_up);
}

/* Somebody who is nobody connects with that key. */
static void knock(struct world *w, uint8_t key)
{
	const struct msg_pin_unknown m = {.pin = {key}};

	assert_int_equal(link_request(w->gateway, IPC_pin_unknown, &m, NULL, 0, NULL), 0);
	pump_for(w->loop, 20);
}

/* So much later, by what is known of the peer and of others. */
static void later(struct world *w, int64_t ms)
{
	struct knocks *k = &w->assembly->knocks;

	the_peer(w)->heard_mono -= ms;
	for (size_t i = 0; i <= REGISTRY_KNOCKS; i++) {
		struct knock *at = i < REGISTRY_KNOCKS ? &k->each[i] : &k->others;

		at->since_mono -= ms;
		at->last_mono -= at->last_mono != 0 ? ms : 0;
	}
}

/* Of one that pulls: somebody goes on knocking while it is silent. */
static void test_strange_pulls(void **state)
{
	struct world *w = *state;
	const struct msg_contact contact = {.party = PEER};
	const struct msg_pickup asks = {.party = PEER};
	struct peer *peer;
	uint64_t request;

	w->peer_pulls = true;
	w->other = given_nothing;
	peer = begin(w);
	knock(w, 1);
	assert_false(peer->strange);
	/* It has a connection, on which it asks. */
	later(w, REGISTRY_KNOCK_MS);
	assert_int_equal(link_request(w->gateway, IPC_pickup, &asks, NULL, 0, &request), 0);
	knock(w, 1);
	assert_false(peer->strange);
	later(w, REGISTRY_KNOCK_MS);
	knock(w, 1);
	assert_true(peer->strange);
	assert_int_equal(link_request(w->gateway, IPC_contact, &contact, NULL, 0, NULL), 0);
	pump_for(w->loop, 20);
	assert_false(peer->strange);
	knock(w, 1);
	assert_false(peer->strange);
	/* Others who look by, each once, are no reason, nor one who comes again when all have forgotten it; … */
	later(w, REGISTRY_KNOCKS_OVER_MS);
	for (uint8_t key = 2; key < 5; key++)
		knock(w, key);
	assert_false(peer->strange);
	later(w, REGISTRY_KNOCKS_OVER_MS);
	knock(w, 2);
	assert_false(peer->strange);
	/* … and they hide nobody who goes on, whether he came before them or after. */
	knock(w, 5);
	later(w, REGISTRY_KNOCK_MS);
	knock(w, 6);
	assert_false(peer->strange);
	knock(w, 5);
	assert_true(peer->strange);
	refresh_met(peer, false);
	knock(w, 2);
	assert_false(peer->strange); /* it was there a moment ago */
	later(w, REGISTRY_KNOCK_MS);
	knock(w, 2);
	assert_true(peer->strange);
	assert_int_equal(w->fetches, 0);
}

/* Strangers of whom each comes once, with a key of his own. */
static void strangers(struct world *w, unsigned n)
{
	static uint32_t key = 0;

	for (unsigned i = 0; i < n; i++) {
		struct msg_pin_unknown m = {.pin = {0}};

		key++;
		m.pin[0] = 0xff;
		memcpy(m.pin + 1, &key, sizeof key);
		assert_int_equal(link_request(w->gateway, IPC_pin_unknown, &m, NULL, 0, NULL), 0);
		if (i % 16 == 15)
			pump_for(w->loop, 1); /* the link takes so many at once */
	}
	pump_for(w->loop, 20);
}

/* They take every place that somebody leaves, and more; the peer's new key is found nevertheless. */
static void test_strange_among_many(void **state)
{
	struct world *w = *state;
	struct peer *peer;

	w->peer_pulls = true;
	peer = begin(w);
	/* It was there before they came: none of them takes its place. */
	knock(w, 1);
	for (unsigned minute = 0; minute < 4; minute++) {
		strangers(w, 60);
		later(w, (int64_t)60 * 1000);
	}
	strangers(w, 60); /* for some of these there is no place */
	assert_false(peer->strange);
	later(w, (int64_t)60 * 1000);
	knock(w, 1);
	assert_true(peer->strange);
	/* They were there before it, in the last moments before it comes again, and take the place of each who has gone. */
	refresh_met(peer, false);
	later(w, REGISTRY_KNOCKS_OVER_MS);
	strangers(w, REGISTRY_KNOCKS);
	knock(w, 1);
	assert_false(peer->strange);
	later(w, REGISTRY_KNOCK_MS);
	knock(w, 1);
	assert_true(peer->strange);
	/* Of more than the gateway tells one by one it says that they came. */
	refresh_met(peer, false);
	later(w, REGISTRY_KNOCKS_OVER_MS);
	knock(w, 0);
	assert_false(peer->strange);
	later(w, REGISTRY_KNOCK_MS);
	knock(w, 0);
	assert_true(peer->strange);
}

static void test_pulls(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	w->peer_pulls = true;
	begin(w);
	hear(w, PEER);
	hear(w, "");
	assert_int_equal(w->fetches, 0);
	e = world_envelope(1);
	w->strange_seal = true;
	assert_int_equal(world_admit(w, &e)->http_status, 422);
	assert_int_equal(w->fetches, 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up_by_hand, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_pin_of_party),
	    WORLD_TEST(test_pause),
	    WORLD_TEST(test_strange),
	    WORLD_TEST(test_pin_of_nobody),
	    WORLD_TEST(test_strange_pulls),
	    WORLD_TEST(test_strange_among_many),
	    WORLD_TEST(test_pulls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
