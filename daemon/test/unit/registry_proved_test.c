/*
 * Goals of what waits until the tables are proved (RXP-LOG-032), with everything around the registry played:
 * - what a hand did to a table that lets something leave is found before the first step of a start, and nothing leaves for the peer,
 *   pushed or fetched, before a person noted it; what was done to another table keeps nothing back; nor does the same done to rows
 *   of another party;
 * - nothing is erased on the word of a row that a hand wrote, nor by an old one, nor are files or own keys, before a person noted whatever differs;
 * - what a hand does to the file while the node works keeps everything back until that was looked at.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_retention_rig.h"
#include "daemon/test/unit/registry_watch_rig.h"

#include <fcntl.h>

#include "daemon/registry/store/store_peer.h"
#include "daemon/registry/store/store_watch.h"
#include "daemon/registry/store/tally.h"

static int set_up(void **state)
{
	int rc = world_set_up(state);

	watch_moved = 0;
	assert_int_equal(world_add_peer(*state, 1)->result, 0);
	return rc;
}

static void note(struct world *w)
{
	const struct msg_log_note m = {.peer = PEER, .user = "anna"};

	assert_int_equal(world_ask(w, IPC_log_note, &m)->result, 0);
}

/* Nothing more than n has left, however long one waits. */
static void only(struct world *w, unsigned n)
{
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->n_deliveries, n);
}

/* A message is on its way without an answer, and goes again at a start; a hand does this meanwhile. */
static void by_hand(struct world *w, uint8_t id[16], const char *sql)
{
	world_ping(w, id);
	world_delivered(w, 1);
	world_stop(w);
	w->n_deliveries = 0;
	watch_write(sql);
	assert_int_equal(world_start(w), 0);
}

static void receipted(struct world *w, const uint8_t id[16])
{
	struct rec_message_row row;
	struct fake_answer receipt = world_receipt(world_delivered(w, 1));

	world_deliver(w, &w->deliveries[0], 200, &receipt);
	world_until_state(w, id, "delivered", &row);
	w->n_deliveries = 0;
}

static void test_leaving(void **state)
{
	static const char *const rows[] = {
	    "INSERT INTO hold VALUES ('QRB', zeroblob(16), 1, 'legal', 'uid:1', 1)",
	    "INSERT INTO stop VALUES (x'00', 'peer', 'QRX', '', 'a', 1, NULL, NULL, NULL, NULL)",
	    "UPDATE outbox SET ordered = 1",
	    "INSERT INTO countersign VALUES (x'01', '', '', 0, 1)",
	};
	struct world *w = *state;
	uint8_t id[16];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		by_hand(w, id, rows[i]);
		if (watch_peer(w)->differences == 0)
			fail_msg("%s is not found", rows[i]);
		only(w, 0);
		note(w);
		receipted(w, id);
	}
}

static void test_others(void **state)
{
	static const char *const rows[] = {
	    "INSERT INTO contact VALUES ('QRB', '', '', '', 0)",
	};
	struct world *w = *state;
	uint8_t id[16];

	by_hand(w, id, rows[0]);
	assert_int_equal(watch_peer(w)->differences, 1);
	receipted(w, id);
}

/* A hand takes the hold, and the desk the document; the node does not give it away. */
static void test_hold(void **state)
{
	struct world *w = *state;
	struct msg_case_hold hold = {.user = "uid:1", .persons = 1, .reason = "legal"};
	uint8_t case_id[16], id[16];

	watch_moved = 0;
	case_asked(w, case_id);
	memcpy(hold.case_id, case_id, sizeof hold.case_id);
	assert_int_equal(world_ask(w, IPC_case_hold, &hold)->result, 0);
	watch_by_hand(w, "DELETE FROM hold");
	watch_assert_found(w, "own-table-differs", TALLY_hold + 1);
	case_accepted(w, "key-2", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), id);
	only(w, 0);
	note(w);
	world_delivered(w, 1);
}

/* --- what is destroyed -------------------------------------------------------------------------------- */

#define OWED \
	"INSERT INTO erasure SELECT 1, 1, local_id, 0, NULL, zeroblob(32), 1, NULL FROM inbox LIMIT 1"

static void test_erasure(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = retention_their_application(1);

	assert_int_equal(world_admit(w, &application)->http_status, 200);
	watch_by_hand(w, OWED);
	assert_int_equal(watch_peer(w)->differences, 1);
	pump_for(w->loop, 3 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(retention_count(w, their_case, PLAN_HELD), 1);
	assert_true(retention_in_files(MARK));
	note(w);
	while (retention_count(w, their_case, PLAN_HELD) == 1)
		retention_pass(w, watch_moved += (int64_t)2 * REGISTRY_OWED_MS);
	assert_int_equal(retention_count(w, their_case, PLAN_ERASED), 1);
}

/* Whatever a hand did: that it is due may be its word. */
static void test_due(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = retention_their_application(1);

	retention_restart(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	retention_withdraw(w, 2, 2, &application, 1);
	watch_by_hand(w, "INSERT INTO contact VALUES ('QRB', '', '', '', 0)");
	retention_say(w, RXP_RETENTION_WITHDRAWN, 2);
	retention_pass(w, 4 * MONTH);
	assert_int_equal(retention_count(w, their_case, PLAN_ERASED), 0);
	note(w);
	retention_pass(w, 4 * MONTH);
	assert_int_equal(retention_count(w, their_case, PLAN_ERASED), 2);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* That a row is missing makes no file one of nobody's. */
static void test_file(void **state)
{
	static const char path[] =
	    "attachments/out/"
	    "0011223344556677889900112233445566778899001122334455667788990011";
	struct world *w = *state;
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	close(fd);
	watch_by_hand(w, "INSERT INTO contact VALUES ('QRB', '', '', '', 0)");
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_true(is_there(path));
	note(w);
	pump_while(w->loop, is_there(path));
	assert_false(is_there(path));
}

/* That an own agreement key is over may be its word, too. */
static void test_key(void **state)
{
	struct world *w = *state;

	world_until(w, &w->made_keys, 1);
	watch_by_hand(w, "INSERT INTO contact VALUES ('QRB', '', '', '', 0)");
	watch_later(w, 45 * DAY);
	world_until(w, &w->made_keys, 2);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(world_stored_keys(w), 2);
	note(w);
	pump_while(w->loop, world_stored_keys(w) == 2);
	assert_int_equal(world_stored_keys(w), 1);
}

/* --- while it works ------------------------------------------------------------------------------------- */

/* The file is touched: the node sees it at a tick, and looks anew; meanwhile nothing is proved. */
static void test_overwritten(void **state)
{
	struct world *w = *state;
	uint8_t octet = 0;
	int fd = open("readmit.db", O_RDWR);

	assert_true(w->assembly->node.proved.sends && w->assembly->node.proved.all);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &octet, 1, 0), 1);
	assert_int_equal(pwrite(fd, &octet, 1, 0), 1);
	close(fd);
	pump_while(w->loop, w->assembly->node.proved.all);
	assert_false(w->assembly->node.proved.sends);
	assert_false(node_may_send(&w->assembly->node, PEER));
	assert_false(node_may_destroy(&w->assembly->node));
	pump_while(w->loop, !w->assembly->node.proved.all);
	assert_true(node_may_send(&w->assembly->node, PEER));
	assert_true(node_may_destroy(&w->assembly->node));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_leaving, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_others, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_hold, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_erasure, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_due, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_file, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_key, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_overwritten, set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
