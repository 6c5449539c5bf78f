/*
 * Goals: a database that was put back says so until a start has seen to it.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include "daemon/registry/store/store_recovery.h"

#define AT_MS 1793664000000LL

static struct db *db_of(struct world *w)
{
	return store_db(w->assembly->node.store);
}

static void test_a_mark_stays_until_it_is_seen_to(void **s)
{
	struct world *w = *s;
	int64_t at_ms;

	assert_int_equal(store_put_back_get(db_of(w), &at_ms), RXP_ERR_NOT_FOUND);
	assert_int_equal(store_put_back_mark(db_of(w), AT_MS), 0);
	assert_int_equal(store_put_back_mark(db_of(w), AT_MS + 1), 0);
	world_restart(w);
	assert_int_equal(store_put_back_get(db_of(w), &at_ms), 0);
	assert_true(at_ms == AT_MS + 1);
	assert_int_equal(store_put_back_done(db_of(w)), 0);
	assert_int_equal(store_put_back_get(db_of(w), &at_ms), RXP_ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_a_mark_stays_until_it_is_seen_to, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
