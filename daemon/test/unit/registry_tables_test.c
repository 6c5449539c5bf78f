/*
 * Goals of a node that watches every table (RXP-LOG-031), with everything around the registry played: what differs is told of the
 * party that its rows are of, of each peer if they are of none; what is done after a person noted is told again; it looks daily.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_sums_rig.h"
#include "daemon/test/unit/registry_watch_rig.h"

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_watch.h"

#define DAY INT64_C(86400000)
#define HOUR INT64_C(3600000)

static int set_up(void **state)
{
	int rc = world_set_up(state);

	watch_moved = 0;
	assert_int_equal(world_add_peer(*state, 1)->result, 0);
	return rc;
}

static void checked_again(struct world *w)
{
	w->assembly->node.tables_checked_ms = 0;
	for (unsigned i = 0; i < 2000 && w->assembly->node.tables_checked_ms == 0; i++)
		pump_for(w->loop, 2);
	assert_true(w->assembly->node.tables_checked_ms != 0);
}

static bool found(struct world *w, const char *table)
{
	bool is = watch_found(w, "own-table-differs", sums_number(table));

	if (is)
		assert_string_equal(watch_shown.table, table);
	return is;
}

static void test_node(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1);
	uint8_t id[16];

	assert_int_equal(world_admit(w, &e)->http_status, 200);
	world_ping(w, id);
	checked_again(w);
	world_restart(w);
	checked_again(w);
	assert_int_equal(watch_peer(w)->differences, 0);
	/* of the peer; of nobody; of one that is none */
	watch_by_hand(w, "DELETE FROM pin");
	checked_again(w);
	assert_true(found(w, "pin"));
	assert_false(found(w, "stop"));
	assert_int_equal(watch_peer(w)->differences, 1);
	watch_by_hand(w, "INSERT INTO countersign VALUES (x'01', '', '', 0, 1)");
	checked_again(w);
	assert_true(found(w, "countersign"));
	watch_by_hand(w,
	    "INSERT INTO former VALUES ('QRX', 1, 1, 0, x'00');"
	    "INSERT INTO recovery VALUES ('QRB', 'log', 'over', 1, 1, 1, zeroblob(16), 0, 0, 0, 0, 0, 0)");
	checked_again(w);
	assert_true(found(w, "former"));
	assert_true(found(w, "recovery"));
	assert_int_equal(watch_peer(w)->differences, 4);
}

/* What a person noted is told no more, and what is done to the table then is. */
static void test_noted(void **state)
{
	struct world *w = *state;
	const struct msg_log_note note = {.peer = PEER, .user = "anna"};

	watch_by_hand(w, "DELETE FROM pin");
	checked_again(w);
	assert_int_equal(watch_peer(w)->differences, 1);
	world_ask(w, IPC_log_note, &note);
	assert_int_equal(watch_peer(w)->differences, 0);
	checked_again(w);
	assert_int_equal(watch_peer(w)->differences, 0);
	watch_by_hand(w, "INSERT INTO pin VALUES (x'77', 'QRB')");
	checked_again(w);
	assert_int_equal(watch_peer(w)->differences, 1);
}

static void test_daily(void **state)
{
	struct world *w = *state;
	int64_t first;

	checked_again(w);
	first = w->assembly->node.tables_checked_ms;
	watch_later(w, DAY - HOUR);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->assembly->node.tables_checked_ms, first);
	watch_later(w, HOUR + 1000);
	for (unsigned i = 0; i < 2000 && w->assembly->node.tables_checked_ms == first; i++)
		pump_for(w->loop, 2);
	assert_true(w->assembly->node.tables_checked_ms >= first + DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_node, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_noted, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_daily, set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
