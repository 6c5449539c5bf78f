/*
 * Goals of keeping a peer's keys fresh (RXP-DSC-020 to 022), with everything around the registry played:
 * - a peer is asked for its descriptor when its newest key is older than a week or none lasts three days, at
 *   the start and then hourly, and not otherwise; a distrusted one never;
 * - what it gives is verified with the identity part that is trusted, and taken if it is newer; a newer
 *   identity part too; an older one, another party's, a test flag or a fault changes nothing;
 * - a message that finds no key in force is not encrypted for another: it has the peer asked at once and
 *   waits, without a strike, however often that is in vain; many messages ask together; a key that comes is
 *   used at once, and kept over a restart;
 * - a peer that cannot be asked, or gives nothing, is asked again soon, with a back-off, and not after an hour (RXP-DSC-045);
 *   a message to it has its own.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include "daemon/registry/peers/refresh.h"

#define DAY INT64_C(86400000)

static struct peer *the_peer(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

/* A peer with one key, in force for these days from now. */
static struct peer *begin(struct world *w, int64_t from_days, int64_t until_days)
{
	w->key_from_ms = clock_wall_ms() + from_days * DAY;
	w->key_until_ms = clock_wall_ms() + until_days * DAY;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return the_peer(w);
}

static void tick(struct world *w)
{
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
}

/* The gateway's answer to the last question. */
static void fetched(struct world *w, int outcome, uint32_t status, const char *octets)
{
	struct msg_descriptor_fetched m = {.outcome = (uint32_t)outcome,
	    .http_status = status,
	    .octets = {(const uint8_t *)octets, strlen(octets)}};

	if (outcome != 0)
		strcpy(m.transport, "line is down");
	assert_int_equal(link_answer(w->gateway, IPC_descriptor_fetched, w->fetch, &m, NULL, 0), 0);
}

/* The peer gives another descriptor, with this key in force. */
static void gives(struct world *w, uint8_t key, int64_t later_by)
{
	unsigned before = w->descriptors_checked;

	w->peer_key = key;
	w->key_from_ms = clock_wall_ms() - DAY;
	w->key_until_ms = clock_wall_ms() + 13 * DAY;
	w->descriptor.working_created_ms += later_by;
	fetched(w, 0, 200, "descriptor");
	world_until(w, &w->descriptors_checked, before + 1);
	pump_for(w->loop, 20);
}

/* --- when a peer is asked --------------------------------------------------------------------------- */

static void test_when(void **state)
{
	static const struct {
		int64_t from_days, until_days;
		bool asked;
	} rows[] = {{-6, 8, false}, {-8, 6, true}, {-6, 4, false}, {-6, 2, true}, {1, 14, true},
	    {-9, -1, true}};
	struct world *w = *state;
	unsigned n = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		w->descriptor.working_created_ms++;
		begin(w, rows[i].from_days, rows[i].until_days);
		the_peer(w)->was_asked = false;
		tick(w);
		n += rows[i].asked;
		assert_int_equal(w->fetches, n);
		if (rows[i].asked)
			fetched(w, RXP_ERR_IO, 0, "");
	}
}

static void test_hourly(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};
	struct peer *peer = begin(w, -8, 6);

	tick(w);
	tick(w);
	assert_int_equal(w->fetches, 1); /* it is open */
	fetched(w, 0, 200, "descriptor"); /* the same */
	tick(w);
	assert_int_equal(w->fetches, 1);
	peer->refresh_mono -= REGISTRY_REFRESH_MS;
	tick(w);
	assert_int_equal(w->fetches, 2);
	world_restart(w);
	w->fetches = 0;
	tick(w);
	assert_int_equal(w->fetches, 1);
	fetched(w, 0, 503, "");
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	the_peer(w)->was_asked = false;
	tick(w);
	assert_int_equal(w->fetches, 1);
}

/* How long until it is asked again? The question is answered so. */
static int64_t pause_after(struct world *w, int outcome, uint32_t status, unsigned fetches)
{
	struct peer *peer = the_peer(w);
	int64_t mono;

	peer->was_asked = false;
	tick(w);
	assert_int_equal(w->fetches, fetches);
	mono = clock_mono_ms();
	peer->refresh_mono = 0;
	fetched(w, outcome, status, outcome == 0 && status == 200 ? "descriptor" : "");
	pump_while(w->loop, peer->refresh_mono <= mono);
	return peer->refresh_mono - mono;
}

/* The peer is off when this node starts, then busy; at last it answers, and has nothing newer. */
static void test_off_at_start(void **state)
{
	struct world *w = *state;
	int64_t pause = REGISTRY_RETRY_FIRST_MS;
	unsigned n;

	begin(w, -8, 6);
	for (n = 1; n <= 12; n++) {
		assert_in_range(
		    pause_after(w, n % 2 != 0 ? RXP_ERR_IO : 0, n % 2 != 0 ? 0 : 503, n), pause,
		    pause + REGISTRY_RETRY_FIRST_MS - 1);
		pause = pause * 2 < REGISTRY_RETRY_LAST_MS ? pause * 2 : REGISTRY_RETRY_LAST_MS;
	}
	assert_in_range(pause_after(w, 0, 200, n), REGISTRY_REFRESH_MS,
	    REGISTRY_REFRESH_MS + REGISTRY_RETRY_FIRST_MS);
	assert_in_range(pause_after(w, RXP_ERR_IO, 0, n + 1), REGISTRY_RETRY_FIRST_MS,
	    2 * REGISTRY_RETRY_FIRST_MS - 1);
	/* It is asked then, by the tick alone. */
	the_peer(w)->refresh_mono = clock_mono_ms() + 2 * REGISTRY_TEST_TICK_MS;
	world_until(w, &w->fetches, n + 2);
}

/* --- what is taken ---------------------------------------------------------------------------------- */

static void test_taken(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w, -8, 6);
	int64_t created = peer->working_created_ms;
	unsigned pins = w->pins_told;

	tick(w);
	gives(w, 8, 1);
	assert_int_equal(w->last_check.known_serial, 1);
	assert_memory_equal(w->last_check.known, peer->identity, 32);
	assert_int_equal(w->last_check.any_root, 1);
	assert_int_equal(peer->working_created_ms, created + 1);
	assert_int_equal(w->pins_told, pins + 1);
	/* A newer identity part. */
	peer->was_asked = false;
	world_move_clock(w, 8 * DAY);
	tick(w);
	assert_int_equal(w->fetches, 2);
	w->descriptor.identity_serial = 2;
	w->descriptor.identity[0] = 77;
	gives(w, 9, 1);
	world_restart(w);
	peer = the_peer(w);
	assert_int_equal(peer->identity_serial, 2);
	assert_int_equal(peer->identity[0], 77);
	assert_int_equal(peer->working_created_ms, created + 2);
}

/* Each differs in one thing from what test_taken has. */
static void test_not_taken(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w, -8, 6);
	struct msg_descriptor_checked good = w->descriptor;
	int64_t created = peer->working_created_ms;
	unsigned pins = w->pins_told;

	for (unsigned what = 0; what < 6; what++) {
		peer->was_asked = false;
		tick(w);
		assert_int_equal(w->fetches, what + 1);
		w->descriptor = good;
		switch (what) {
		case 0:
			strcpy(w->descriptor.party, "QRC");
			break;
		case 1:
			w->descriptor.test_node = 0;
			break;
		case 2:
			w->descriptor.identity[0] ^= 1;
			break;
		case 3:
			w->descriptor.result = (uint32_t)RXP_ERR_SIGNER;
			break;
		case 4:
			w->descriptor.identity_serial = 0;
			break;
		default:
			w->descriptor.working_created_ms -= 2;
			break;
		}
		gives(w, 8, 1);
		assert_int_equal(peer->working_created_ms, created);
		assert_int_equal(w->pins_told, pins);
		assert_true(peer->active);
	}
}

/* --- messages --------------------------------------------------------------------------------------- */

static void test_no_key(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w, -20, -6);
	struct rec_message_row row;
	uint8_t ids[4][16], key_id[32] = {8};

	for (unsigned i = 0; i < 4; i++)
		world_ping(w, ids[i]);
	tick(w);
	assert_int_equal(w->fetches, 1);
	assert_int_equal(w->closed, 0);
	/* In vain, again and again: nobody is parked, nothing is encrypted. */
	for (unsigned i = 1; i <= 2 * REGISTRY_STRIKES_MAX; i++) {
		fetched(w, 0, 200, "descriptor");
		world_until(w, &peer->asked_in_vain, i);
		world_until_state(w, ids[0], "waiting", &row);
		assert_string_equal(
		    row.last_error, "waits for an agreement key of the peer that is in force");
		assert_true(peer->keyless);
		assert_true(refresh_waits_ms(peer, clock_mono_ms()) > 0);
		assert_int_equal(w->fetches, i);
		peer->ask_not_before_mono = 0; /* as if that time had passed */
		world_move_clock(w, i * REGISTRY_RETRY_LAST_MS);
		world_until(w, &w->fetches, i + 1);
	}
	assert_int_equal(w->closed, 0);
	assert_int_equal(w->n_deliveries, 0);
	gives(w, 8, 1);
	assert_false(peer->keyless);
	world_until(w, &w->n_deliveries, 4);
	assert_memory_equal(w->last_close.key_id, key_id, 32);
	world_show(w, ids[0], &row);
	assert_int_equal(row.attempts, 1);
	assert_int_equal(peer->asked_in_vain, 0);
}

static void test_not_reached(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w, -20, -6);
	struct rec_message_row row;
	uint8_t id[16];

	world_ping(w, id);
	world_until(w, &w->fetches, 1);
	fetched(w, RXP_ERR_IO, 0, "");
	world_until(w, &peer->failures, 1);
	world_until_state(w, id, "waiting", &row);
	assert_string_equal(row.last_error, "line is down");
	peer->refresh_mono += REGISTRY_REFRESH_MS; /* the message alone asks */
	world_until(w, &w->fetches, 2); /* by itself, after the back-off */
	fetched(w, 0, 503, "");
	world_until(w, &peer->failures, 2);
	world_until_state(w, id, "waiting", &row);
	assert_string_equal(row.last_error, "no descriptor, HTTP status 503");
	assert_int_equal(w->closed, 0);
}

/* A key that has not begun is as little in force as one that has ended. */
static void test_in_force(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w, -1, 13);
	uint8_t key_id[32];

	assert_int_equal(peers_agreement_key(peer, w->key_from_ms - 1, key_id), RXP_ERR_NOT_FOUND);
	assert_int_equal(peers_agreement_key(peer, w->key_from_ms, key_id), 0);
	assert_int_equal(key_id[0], w->peer_key);
	assert_int_equal(peers_agreement_key(peer, w->key_until_ms - 1, key_id), 0);
	assert_int_equal(peers_agreement_key(peer, w->key_until_ms, key_id), RXP_ERR_NOT_FOUND);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up_by_hand, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_when),
	    WORLD_TEST(test_hourly),
	    WORLD_TEST(test_off_at_start),
	    WORLD_TEST(test_taken),
	    WORLD_TEST(test_not_taken),
	    WORLD_TEST(test_no_key),
	    WORLD_TEST(test_not_reached),
	    WORLD_TEST(test_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
