/*
 * Goals of losses that nothing but the log of the peer shows, with everything around the registry played (RXP-RCV-023):
 * - of which nothing comes back so many begin in a day of the clock, over a restart; the next is alarmed, and begins at a person's word, or
 *   the next day; each peer is counted for itself;
 * - of which something comes back all begin, however many;
 * - none makes an agreement key before something came back.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_recovery_rig.h"

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
	for (unsigned i = 0; i < 400 && peer->loss_noted; i++)
		pump_for(w->loop, 5);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_in_vain),
	    TEST(test_person),
	    TEST(test_other_peer),
	    TEST(test_proved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
