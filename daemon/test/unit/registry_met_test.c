/*
 * Goals of the time at which a line reached a peer last (RXP-BND-014, RXP-RCV-024), with everything around the registry played:
 * - whatever comes from the peer over a line says so: a connection, a message, an answer, a question for what there is for it, and
 *   an answer to a message of ours; a try that reaches nobody does not
 * - it is the time at which that came, not when the registry hears of it, nor one that has not come yet
 * - it is stored once in a minute, and at once after a start, also after a clock that went back
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include "daemon/registry/limits.h"
#include "daemon/registry/peers/peers.h"

#define SECOND INT64_C(1000)

static int64_t moved;

/* What the registry answers is no matter here. */
static void hear(struct world *w, struct link *l, const struct link_message *m)
{
	(void)w;
	(void)l;
	(void)m;
}

static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	moved = 0;
	w->other = hear;
	return rc != 0 || world_add_peer(w, 1)->result != 0 ? -1 : 0;
}

static struct peer *peer_of(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

static int64_t met(struct world *w)
{
	return peer_of(w)->last_contact_ms;
}

static void later(struct world *w, int64_t ms)
{
	world_move_clock(w, moved += ms);
}

static void request(struct world *w, enum ipc_type type, const void *m)
{
	assert_int_equal(link_request(w->gateway, type, m, NULL, 0, NULL), 0);
}

/* --- what says so ------------------------------------------------------------------------------------- */

static void connects(struct world *w)
{
	request(w, IPC_contact, &(struct msg_contact){.party = PEER});
}

static void asks(struct world *w)
{
	request(w, IPC_pickup, &(struct msg_pickup){.party = PEER});
}

/* The answer to a message of ours, which has one already. */
static void returns(struct world *w)
{
	const struct fake_answer f = world_receipt(&w->deliveries[0]);

	request(w, IPC_returned,
	    &(struct msg_returned){.party = PEER,
		.received_ms = clock_wall_ms(),
		.answer = {(const uint8_t *)&f, sizeof f}});
}

static void sends(struct world *w)
{
	struct fake_envelope e = world_envelope(1);

	world_send(w, &e);
}

static void answers(struct world *w)
{
	struct fake_answer f = world_receipt(&w->deliveries[0]);

	world_deliver(w, &w->deliveries[0], 200, &f);
}

typedef void way(struct world *w);

static void test_each_way(void **state)
{
	static way *const ways[] = {answers, connects, asks, returns, sends};
	struct world *w = *state;
	uint8_t id[16];

	world_ping(w, id);
	world_delivered(w, 1);
	assert_int_equal(met(w), 0);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		peer_of(w)->last_contact_ms = 0;
		peer_of(w)->heard_mono = 0;
		ways[i](w);
		pump_while(w->loop, met(w) == 0);
		if (met(w) == 0)
			fail_msg("the way %zu says nothing", i);
		if (ways[i] !=
		    answers) /* nor does the line of our own say that the peer's is there */
			assert_true(peer_of(w)->heard_mono != 0);
	}
}

static void test_in_vain(void **state)
{
	struct world *w = *state;
	uint8_t id[16];

	world_ping(w, id);
	world_deliver_fault(w, world_delivered(w, 1));
	pump_for(w->loop, 50);
	assert_int_equal(met(w), 0);
}

/* --- when it was -------------------------------------------------------------------------------------- */

static void is_sent_at(struct world *w, int64_t received_ms)
{
	struct fake_envelope e = world_envelope(1);
	const struct msg_admit m = {
	    .party = PEER, .received_ms = received_ms, .envelope = {(const uint8_t *)&e, sizeof e}};
	unsigned before = w->n_admitted;

	request(w, IPC_admit, &m);
	world_until(w, &w->n_admitted, before + 1);
}

static void test_when(void **state)
{
	struct world *w = *state;
	int64_t came_ms = clock_wall_ms() - 20 * SECOND;

	is_sent_at(w, came_ms);
	assert_int_equal(met(w), came_ms);
	peer_of(w)->last_contact_ms = 0;
	is_sent_at(w, clock_wall_ms() + 3600 * SECOND); /* a clock of the machine that jumped */
	assert_true(met(w) > came_ms && met(w) <= clock_wall_ms());
}

static void test_answered_when(void **state)
{
	struct world *w = *state;
	struct msg_delivery m = {.http_status = 200};
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];
	int64_t sent_ms;

	world_ping(w, id);
	f = world_receipt(world_delivered(w, 1));
	world_say(&f);
	sent_ms = clock_wall_ms();
	later(w, 30 * SECOND);
	m.started_ms = m.sent_ms = sent_ms;
	m.answered_ms = sent_ms + 10 * SECOND;
	m.answer = (struct bytes){(const uint8_t *)&f, sizeof f};
	assert_int_equal(
	    link_answer(w->gateway, IPC_delivery, w->deliveries[0].request, &m, NULL, 0), 0);
	world_until_state(w, id, "delivered", &row);
	assert_int_equal(met(w), sent_ms + 10 * SECOND);
}

/* --- what is stored ----------------------------------------------------------------------------------- */

static int64_t sends_now(struct world *w)
{
	int64_t now = clock_wall_ms();

	is_sent_at(w, now);
	return now;
}

static void test_stored(void **state)
{
	struct world *w = *state;
	int64_t first = sends_now(w), second;

	assert_int_equal(met(w), first);
	later(w, REGISTRY_CONTACT_MS / 2);
	sends_now(w);
	assert_int_equal(met(w), first); /* once in a minute */
	world_restart(w);
	assert_int_equal(met(w), first);
	second = sends_now(w);
	assert_int_equal(met(w), second); /* what was stored before may be a minute old */
	later(w, REGISTRY_CONTACT_MS + SECOND);
	first = sends_now(w);
	assert_int_equal(met(w), first);
	later(w, -3600 * SECOND);
	second = sends_now(w);
	assert_int_equal(met(w), second);
	world_restart(w);
	assert_int_equal(met(w), second);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_each_way),
	    TEST(test_in_vain),
	    TEST(test_when),
	    TEST(test_answered_when),
	    TEST(test_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
