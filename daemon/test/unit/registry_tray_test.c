/*
 * What came back and waits for its place in its case waits no longer than it may (RXP-RET-021): with the last content of its case it
 * goes, but not while something that was lost is on its way back, nor is the peer told before that nothing is left; and it goes with
 * the agreement key that opens it, which is told as something that is missing. A newer envelope of the same document takes
 * the place of the first.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/registry/recovery/tray.h"
#include "daemon/registry/retention/retention.h"
#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_peer.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_retention.h"

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

static void put(struct world *w, const uint8_t *key_id, size_t octets)
{
	static const uint8_t envelope[2];

	assert_int_equal(store_tray_put(db_of(w), &(struct store_trayed){.peer = PEER,
						      .message_id = waiting_id,
						      .case_id = their_case,
						      .envelope = {envelope, octets},
						      .key_id = key_id}),
	    0);
}

static uint64_t waiting(struct world *w)
{
	uint64_t n = 99;

	assert_int_equal(store_tray_of_case(db_of(w), &n, PEER, their_case), 0);
	return n;
}

static void test_no_longer_than_its_key(void **state)
{
	struct world *w = *state;
	struct store_recovery r;
	struct tray *tray = NULL;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lost(w, RECOVERY_OVER);
	put(w, first_key, 1);
	assert_int_equal(
	    tray_new(&tray, &w->assembly->node, w->assembly->peers, w->assembly->admit), 0);
	tray_tick(tray, 60000);
	pump_for(w->loop, 20);
	assert_int_equal(waiting(w), 1);
	assert_int_equal(store_key_destroy(db_of(w), first_key), 0);
	tray_tick(tray, 120000);
	pump_for(w->loop, 20);
	assert_int_equal(waiting(w), 0);
	assert_int_equal(store_recovery_get(db_of(w), &r, PEER), 0);
	assert_int_equal(r.missing, 1);
	tray_free(tray);
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
						      .key_id = first_key}),
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
	    TEST(test_newer_envelope),
	    TEST(test_goes_with_its_case),
	    TEST(test_may_find_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
