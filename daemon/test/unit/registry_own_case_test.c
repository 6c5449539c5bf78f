/*
 * Goals of what is shown of a case, with everything around the registry played (RXP-LOG-025): it is what its documents make of
 * it, in whatever way a case came to be; and what a hand makes of it in the database is found, with the document that
 * opened it.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"
#include "daemon/test/unit/registry_watch_rig.h"

static int set_up(void **state)
{
	int rc = world_set_up(state);

	watch_moved = 0;
	assert_int_equal(world_add_peer(*state, 1)->result, 0);
	return rc;
}

static void checked_again(struct world *w)
{
	watch_peer(w)->own_checked_ms = 0;
	pump_while(w->loop, watch_peer(w)->own_checked_ms == 0);
	assert_true(watch_peer(w)->own_checked_ms != 0);
}

/* Documents of this world have no evidence that would fit them: that is another difference. */
static bool is_found(struct world *w)
{
	checked_again(w);
	return watch_found(w, "own-case-differs", 0);
}

/* One of ours, receipted; one of the peer's; and one of ours that is on its way. */
static void three_cases(struct world *w)
{
	struct fake_envelope theirs =
	    case_document(0xa1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	uint8_t case_id[16], id[16];

	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	world_delivered(w, 1);
	case_receipt(w, 1, id);
	assert_int_equal(world_admit(w, &theirs)->http_status, 200);
	case_accepted(w, "key-2", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	world_delivered(w, 2);
}

static void test_sound(void **state)
{
	struct world *w = *state;

	assert_false(is_found(w));
	three_cases(w);
	assert_false(is_found(w));
}

/* Each in a database of its own, of which nobody changed anything else. */
static void test_changed(void **state)
{
	static const char *const rows[] = {
	    "UPDATE case_ SET state = 'ended' WHERE role = 'requested'",
	    "UPDATE case_ SET state = 'erased' WHERE role = 'requested'",
	    "UPDATE case_ SET persons = persons + 1 WHERE role = 'requested'",
	    "UPDATE case_ SET documents = 0 WHERE role = 'requested'",
	    "UPDATE case_ SET role = 'requesting' WHERE role = 'requested'",
	    "PRAGMA foreign_keys = OFF; DELETE FROM case_ WHERE role = 'requested'",
	    "UPDATE inbox SET facts = x''",
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct world *w;

		if (i > 0) {
			world_tear_down(state);
			set_up(state);
		}
		w = *state;
		three_cases(w);
		assert_false(is_found(w));
		watch_by_hand(w, rows[i]);
		if (!is_found(w))
			fail_msg("not found: %s", rows[i]);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_sound),
	    TEST(test_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
