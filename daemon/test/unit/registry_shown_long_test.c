/*
 * Goal of what a peer's log in bundles shows of its answers (RXP-BND-010): of a long one, in which all but the last entry is made up, that
 * alone is kept, and it is looked through once, and not once for each answer: what is found stands until the log says more.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include <sqlite3.h>
#include <time.h>

#include "daemon/registry/recovery/shown.h"
#include "daemon/registry/store/store.h"

#define PAGES 70 /* more than a bundle once had */
#define ANSWERS 100
#define LATER_MS (1LL << 50)
#define SECONDS_MAX 3 /* of processor time */

/* The only message of ours went for the first time then, as far as the database says. */
static void first_went(struct world *w, int64_t at_ms)
{
	char sql[96];
	sqlite3 *db = NULL;

	snprintf(sql, sizeof sql, "UPDATE outbox SET first_attempt_ms = %lld", (long long)at_ms);
	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
}

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
	assert_int_equal(shown_of(&log, db, PEER, missing, LATER_MS), SHOWN_NOTHING);
	/* It is not looked for again, before another page comes. */
	first_went(w, LATER_MS);
	db = store_db(w->assembly->node.store);
	assert_int_equal(shown_of(&log, db, PEER, missing, LATER_MS), SHOWN_NOTHING);
	page->count += page->n_entries;
	assert_int_equal(shown_add(&log, db, PEER, page), 0);
	assert_int_equal(shown_of(&log, db, PEER, missing, LATER_MS), SHOWN_MISSING);
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
