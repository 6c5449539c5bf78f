/*
 * Goals of answers that are given again by a node one of whose seals is revoked (RXP-DSC-035), with everything around
 * the registry played:
 * - a sealer is asked for each, and for none while no seal is revoked
 * - what it seals anew is stored before it leaves, comes again octet for octet, also after a crash and to several that
 *   ask at once; the log and what the answer says stay, and the peer's share grows by nothing
 * - what it lets stand comes as it was; what it cannot seal is 503, and leaves the answer as it was
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include "daemon/registry/store/store_peer.h"

static uint64_t number_of(const struct world_answer *a)
{
	struct fake_sealed said;

	assert_int_equal(a->len, sizeof said);
	memcpy(&said, a->octets, sizeof said);
	return said.q.working.len;
}

static const struct peer *the_peer(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

static uint64_t weight(struct world *w)
{
	uint64_t octets = 0;

	assert_int_equal(store_peer_octets(store_db(w->assembly->node.store), PEER, &octets), 0);
	return octets;
}

/* One receipt, of before the seal was revoked. */
static struct fake_envelope receipted(struct world *w, struct world_answer *first)
{
	struct fake_envelope e;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	e = world_envelope(1);
	*first = *world_admit(w, &e);
	assert_int_equal(first->http_status, 200);
	assert_int_equal(number_of(first), 1);
	return e;
}

static void test_not_asked(void **state)
{
	struct world *w = *state;
	struct world_answer first;
	struct fake_envelope e = receipted(w, &first);

	w->reseals = true;
	assert_int_equal(number_of(world_admit(w, &e)), 1);
	assert_int_equal(w->reseals_asked, 0);
	w->has_revoked = true;
	w->reseals = false;
	world_restart(w);
	assert_int_equal(number_of(world_admit(w, &e)), 1);
	assert_int_equal(w->reseals_asked, 1);
}

static void test_sealed_anew(void **state)
{
	struct world *w = *state;
	struct world_answer first;
	struct fake_envelope e = receipted(w, &first), other = e;
	struct store_log log = the_peer(w)->log;
	uint64_t octets = weight(w);
	struct msg_seal_answer before, now;
	const struct world_answer *a;

	w->has_revoked = w->reseals = true;
	world_restart(w);
	a = world_admit(w, &e);
	assert_int_equal(a->http_status, 200);
	assert_int_equal(number_of(a), WORLD_RESEALED + 1);
	memcpy(&before, first.octets, sizeof before);
	memcpy(&now, a->octets, sizeof now);
	assert_int_equal(now.received_ms, before.received_ms);
	assert_int_equal(now.log_count, before.log_count);
	assert_int_equal(weight(w), octets);
	/* Of the same document in other octets, and after a crash. */
	w->reseals = false;
	other.salt = 1;
	assert_int_equal(number_of(world_admit(w, &other)), WORLD_RESEALED + 1);
	w->has_revoked = false;
	world_restart(w);
	assert_int_equal(number_of(world_admit(w, &e)), WORLD_RESEALED + 1);
	assert_int_equal(w->sealed, 1);
	assert_int_equal(the_peer(w)->log.count, log.count);
	assert_memory_equal(the_peer(w)->log.head, log.head, sizeof log.head);
	assert_int_equal(the_peer(w)->counts[STATE_HANDED_OVER], 1);
}

/* Each has a sealer make one, and all get that which was stored first. */
static void test_at_once(void **state)
{
	struct world *w = *state;
	struct world_answer first;
	struct fake_envelope e = receipted(w, &first), other = e;

	w->has_revoked = w->reseals = true;
	world_restart(w);
	other.salt = 1;
	link_pause(w->sealer, true);
	world_send(w, &e);
	world_send(w, &e);
	world_send(w, &other);
	link_pause(w->sealer, false);
	world_until(w, &w->n_admitted, 3);
	assert_int_equal(w->reseals_asked, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(w->admitted[i].http_status, 200);
		assert_int_equal(number_of(&w->admitted[i]), number_of(&w->admitted[0]));
	}
	w->reseals = false;
	assert_int_equal(number_of(world_admit(w, &e)), number_of(&w->admitted[0]));
}

static void test_failed(void **state)
{
	struct world *w = *state;
	struct world_answer first;
	struct fake_envelope e = receipted(w, &first), other = e;

	w->has_revoked = w->reseals = true;
	w->reseal_result = (uint32_t)RXP_ERR_NOMEM;
	world_restart(w);
	other.salt = 1;
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	assert_int_equal(world_admit(w, &other)->http_status, 503);
	w->reseal_result = 0;
	w->reseals = false;
	assert_int_equal(number_of(world_admit(w, &e)), 1);
	w->reseals = true;
	assert_true(number_of(world_admit(w, &other)) > WORLD_RESEALED);
	/* What waits for a sealer when the process ends is asked again. */
	link_pause(w->sealer, true);
	world_send(w, &e);
	pump_for(w->loop, 20);
	world_restart(w);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_not_asked, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_sealed_anew, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_at_once, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_failed, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
