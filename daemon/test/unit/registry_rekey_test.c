/*
 * Goals of the refusal `rekey` (RXP-ENV-015, RXP-ENV-016), with everything around the registry played:
 * - a newer working part is stored and published, the content key is wrapped anew, the new envelope is
 *   committed before its octets leave, and an answer may name any envelope made of the document;
 * - a crash after that commit sends the new octets;
 * - a working part that is older, none, more than a day ahead (RXP-DSC-038), or offers the same key leads nowhere: three of them park the message;
 * - a peer that asks for another key again and again is not followed for ever;
 * - of many messages that are refused together each is wrapped anew, and none asks twice.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

/* The peer refuses the delivery, and says that it offers this key since then. */
static void refuse(
    struct world *w, const struct world_delivery *d, uint8_t peer_key, int64_t made_ms)
{
	struct fake_answer f = world_refusal(d, RXP_REFUSAL_REKEY, false);

	f.checked.has_fingerprint = 0;
	w->peer_key = peer_key;
	w->renewed_ms = made_ms;
	world_deliver(w, d, 409, &f);
}

static struct peer *begin(struct world *w, uint8_t id[16])
{
	world_begin(w, id);
	return peers_find(w->assembly->peers, PEER);
}

static void test_rekeyed(void **state)
{
	struct world *w = *state;
	struct world_delivery first;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];
	struct peer *peer = begin(w, id);
	int64_t newer = peer->working_created_ms + 1;

	first = *world_delivered(w, 1);
	refuse(w, &first, 8, newer);
	d = world_delivered(w, 2);
	assert_memory_equal(d->envelope.message_id, first.envelope.message_id, 16);
	assert_int_equal(d->envelope.salt, first.envelope.salt + 1000);
	assert_int_equal(peer->working_created_ms, newer);
	world_restart(w);
	d = world_delivered(w, 1);
	assert_int_equal(d->envelope.salt, first.envelope.salt + 1000);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->working_created_ms, newer);
	f = world_receipt(&first); /* it had opened the first envelope after all */
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, "delivered", &row);
	assert_int_equal(row.attempts, 3);
	assert_int_equal(w->closed, 1);
}

static void test_another_envelope(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];
	struct peer *peer = begin(w, id);

	d = world_delivered(w, 1);
	refuse(w, d, 8, peer->working_created_ms + 1);
	d = world_delivered(w, 2);
	f = world_receipt(d);
	f.checked.envelope_digest[0] ^= 1;
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, "in-doubt", &row);
	assert_string_equal(row.last_error, "answer to something else");
}

/* As far ahead as it may be (RXP-DSC-038); the twin of test_working_part_ahead. */
static void test_working_part_of_tomorrow(void **state)
{
	struct world *w = *state;
	uint8_t id[16];
	struct peer *peer = begin(w, id);
	int64_t made = clock_wall_ms() + RXP_MAX_PART_AHEAD_MS - 60000;

	refuse(w, world_delivered(w, 1), 8, made);
	world_delivered(w, 2);
	assert_int_equal(peer->working_created_ms, made);
}

/* It is asked for its descriptor, and gives none (RXP-DSC-036). */
static void gives_none(struct world *w)
{
	struct msg_descriptor_fetched m = {.http_status = 503};

	w->fetch_by_hand = true;
	world_until(w, &w->fetches, 1);
	assert_int_equal(link_answer(w->gateway, IPC_descriptor_fetched, w->fetch, &m, NULL, 0), 0);
}

/* Refused three times like this, it waits for a person; its twin is test_rekeyed. */
static void park(struct world *w, uint8_t peer_key, int64_t later_by, uint32_t result)
{
	struct rec_message_row row;
	uint8_t id[16];
	struct peer *peer = begin(w, id);
	int64_t made = peer->working_created_ms;

	w->renew_result = result;
	for (unsigned i = 1; i <= REGISTRY_STRIKES_MAX; i++) {
		refuse(w, world_delivered(w, i), peer_key, made + later_by);
		if (i == 1 && result != 0)
			gives_none(w);
		if (i < REGISTRY_STRIKES_MAX)
			world_until_state(w, id, "in-doubt", &row);
		world_move_clock(w, i * REGISTRY_RETRY_LAST_MS);
	}
	world_until_state(w, id, "parked", &row);
	assert_int_equal(w->rekeyed, 0);
}

static void test_same_key(void **state)
{
	struct world *w = *state;

	park(w, w->peer_key, 1, 0);
}

static void test_older_working_part(void **state)
{
	struct world *w = *state;

	park(w, 8, 0, 0);
	assert_int_equal(w->renewed, REGISTRY_STRIKES_MAX);
}

static void test_working_part_of_another(void **state)
{
	struct world *w = *state;

	park(w, 8, 1, (uint32_t)RXP_ERR_SIGNER);
}

static void test_working_part_ahead(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	uint8_t id[16];
	struct peer *peer = begin(w, id);
	int64_t before = peer->working_created_ms;

	d = world_delivered(w, 1);
	w->fetch_by_hand = true;
	refuse(w, d, 8, clock_wall_ms() + RXP_MAX_PART_AHEAD_MS + 60000);
	gives_none(w);
	world_until_state(w, id, "in-doubt", &row);
	assert_int_equal(w->rekeyed, 0);
	assert_int_equal(peer->working_created_ms, before);
}

static void test_again_and_again(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	uint8_t id[16];
	struct peer *peer = begin(w, id);
	int64_t made = peer->working_created_ms;
	unsigned n = 1;

	for (; n <= STORE_OUTBOX_REKEYS_MAX; n++)
		refuse(w, world_delivered(w, n), (uint8_t)(100 + n), made + n);
	for (unsigned i = 1; i <= REGISTRY_STRIKES_MAX; i++, n++) {
		refuse(w, world_delivered(w, n), (uint8_t)(100 + n), made + n);
		if (i < REGISTRY_STRIKES_MAX)
			world_until_state(w, id, "in-doubt", &row);
		world_move_clock(w, i * REGISTRY_RETRY_LAST_MS);
	}
	world_until_state(w, id, "parked", &row);
	assert_int_equal(w->rekeyed, STORE_OUTBOX_REKEYS_MAX);
	assert_string_equal(row.last_error, "the peer asks for another key again and again");
}

static void test_many_together(void **state)
{
	struct world *w = *state;
	struct fake_answer f;
	struct rec_message_row row;
	uint8_t ids[4][16];
	struct peer *peer = begin(w, ids[0]);
	int64_t newer = peer->working_created_ms + 1;

	for (unsigned i = 1; i < 4; i++)
		world_ping(w, ids[i]);
	world_delivered(w, 4);
	for (unsigned i = 0; i < 4; i++)
		refuse(w, &w->deliveries[i], 8, newer);
	world_delivered(w, 8);
	assert_int_equal(w->rekeyed, 4);
	for (unsigned i = 4; i < 8; i++) {
		f = world_receipt(&w->deliveries[i]);
		world_deliver(w, &w->deliveries[i], 200, &f);
	}
	for (unsigned i = 0; i < 4; i++)
		world_until_state(w, ids[i], "delivered", &row);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_rekeyed),
	    WORLD_TEST(test_another_envelope),
	    WORLD_TEST(test_same_key),
	    WORLD_TEST(test_older_working_part),
	    WORLD_TEST(test_working_part_of_another),
	    WORLD_TEST(test_working_part_of_tomorrow),
	    WORLD_TEST(test_working_part_ahead),
	    WORLD_TEST(test_again_and_again),
	    WORLD_TEST(test_many_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
