/*
 * Goal of what a peer's log in bundles shows of its answers (RXP-BND-010): of a long one, in which all but the last entry is made up, that
 * alone is kept, and it is looked through once, and not once for each answer.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include <time.h>

#include "daemon/registry/recovery/shown.h"
#include "daemon/registry/store/store.h"

#define PAGES 70 /* more than a bundle once had */
#define ANSWERS 100
#define SECONDS_MAX 3 /* of processor time */

static void test_long(void **state)
{
	struct world *w = *state;
	struct rxp_log_page *page = calloc(1, sizeof *page);
	const uint8_t missing[RXP_ID_OCTETS] = {0x11};
	struct shown log = {.n = 0};
	struct db *db = store_db(w->assembly->node.store);
	uint8_t id[RXP_ID_OCTETS];
	clock_t began;

	assert_non_null(page);
	world_begin(w, id);
	world_until(w, &w->n_deliveries, 1);
	page->count = (uint64_t)PAGES * RXP_MAX_LOG_PAGE_ENTRIES;
	page->n_entries = RXP_MAX_LOG_PAGE_ENTRIES;
	for (; page->after < page->count; page->after += page->n_entries) {
		for (size_t i = 0; i < page->n_entries; i++)
			memset(page->entries[i].message_id, 0xfe, RXP_ID_OCTETS);
		if (page->after == page->count - page->n_entries)
			memcpy(page->entries[RXP_MAX_LOG_PAGE_ENTRIES - 1].message_id,
			    w->deliveries[0].envelope.message_id, RXP_ID_OCTETS);
		assert_int_equal(shown_add(&log, db, PEER, page), 0);
	}
	assert_true(log.whole);
	assert_int_equal(log.n, 1);
	began = clock();
	for (unsigned i = 0; i < ANSWERS; i++)
		assert_int_equal(shown_of(&log, db, PEER, missing, 1), SHOWN_MISSING);
	assert_true(clock() - began < (clock_t)SECONDS_MAX * CLOCKS_PER_SEC);
	/* What went before that is no later one. */
	assert_int_equal(shown_of(&log, db, PEER, missing, INT64_MAX), SHOWN_NOTHING);
	shown_clear(&log);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_long, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
