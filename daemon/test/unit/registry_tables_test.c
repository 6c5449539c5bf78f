/*
 * Goals of a node that watches every table (RXP-LOG-031), with everything around the registry played: what differs is told of the
 * party that its rows are of, of each peer if they are of none; what is done after a person noted is told again; what a person puts right
 * is told no more; no row of a peer keeps the node from the others, and what it cannot start with is said, as is a file that is no
 * database any more; it looks daily.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_sums_rig.h"
#include "daemon/test/unit/registry_suspect_rig.h"
#include "daemon/test/unit/registry_watch_rig.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "daemon/base/unfit.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_watch.h"

#define DAY INT64_C(86400000)
#define HOUR INT64_C(3600000)

static int set_up(void **state)
{
	int rc = world_set_up(state);

	watch_moved = 0;
	((struct world *)*state)->key_from_ms = 1;
	assert_int_equal(world_add_peer(*state, 1)->result, 0);
	return rc;
}

static void checked_again(struct world *w)
{
	w->assembly->node.tables_checked_ms = 0;
	pump_while(w->loop, w->assembly->node.tables_checked_ms == 0);
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
	    "INSERT INTO recovery VALUES ('QRB', 'log', 'over', 1, 1, 1, zeroblob(16), 0, 0, 0, 0, 0, 0, 0)");
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

/* A person brings the descriptor that is known; what the sealers find in it is as ever. */
static int brings_again(struct world *w)
{
	const struct msg_peer_update m = {
	    .user = "anna", .party = PEER, .descriptor = {(const uint8_t *)"d", 1}};

	return (int)world_ask(w, IPC_peer_update, &m)->result;
}

static unsigned checks; /* of descriptors, since something was brought */

/* What is stored is looked at first; what is brought is newer. */
static void grow_newer(struct world *w)
{
	if (++checks < 2)
		return;
	w->descriptor.identity_serial++;
	w->descriptor.identity[1]++;
	w->descriptor.working_created_ms++;
	w->checking = NULL;
}

/* Who puts right what was done to a peer need not note it; what else was done to the database stays. */
static void test_mended(void **state)
{
	static const char *const rows[] = {"UPDATE peer SET records = x'00'",
	    "UPDATE peer SET records = zeroblob(300000)",
	    "UPDATE peer SET records = zeroblob(length(records) / 6 * 6), descriptor = zeroblob(9)",
	    "UPDATE peer SET root = zeroblob(32)", "UPDATE peer SET descriptor = x'00'",
	    "DELETE FROM pin"};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		watch_by_hand(w, rows[i]);
		checked_again(w);
		if (watch_peer(w)->differences != 1)
			fail_msg("%s: %u", rows[i], (unsigned)watch_peer(w)->differences);
		assert_int_equal(brings_again(w), 0);
		assert_int_equal(watch_peer(w)->differences, 0);
		assert_true(watch_peer(w)->records.len > 0);
		checked_again(w);
		assert_int_equal(watch_peer(w)->differences, 0);
		assert_int_equal(brings_again(w), RXP_ERR_EXISTS);
	}
	watch_by_hand(w,
	    "UPDATE peer SET descriptor = x'00'; INSERT INTO contact SELECT party, '', '', '', 0 FROM peer");
	checked_again(w);
	assert_int_equal(watch_peer(w)->differences, 2);
	assert_int_equal(brings_again(w), 0);
	assert_int_equal(watch_peer(w)->differences, 1);
	assert_true(found(w, "contact"));
	world_restart(w);
	assert_int_equal(brings_again(w), RXP_ERR_EXISTS);
}

/* What a hand puts in the row of a peer is of no use, whether gateway and sealers could read it or not. */
static void test_unreadable(void **state)
{
	static const char *const rows[] = {
	    "CAST(replace(CAST(records AS TEXT), 'QRB', 'QRC') AS BLOB)", /* of another */
	    "x'000100000000'", /* of a kind that none is */
	    "substr(records, 1, length(records) - 1)", /* cut */
	    "CAST(replace(CAST(records AS TEXT), 'spki', 'SPKI') AS BLOB)", /* a key of somebody else */
	};
	struct world *w = *state;
	char sql[256];

	assert_true(watch_peer(w)->records.len > 0);
	watch_by_hand(w, "UPDATE peer SET last_contact_ms = 7"); /* the twin: another column */
	assert_true(watch_peer(w)->records.len > 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(sql, sizeof sql, "UPDATE peer SET records = %s", rows[i]);
		watch_by_hand(w, sql);
		if (watch_peer(w)->records.len != 0)
			fail_msg("%s", rows[i]);
		assert_int_equal(brings_again(w), 0);
		watch_restart(w);
		assert_true(watch_peer(w)->records.len > 0);
	}
	watch_by_hand(w, "UPDATE peer SET root = zeroblob(32)");
	assert_int_equal(watch_peer(w)->records.len, 0);
	assert_int_equal(brings_again(w), 0);
	watch_by_hand(w, "UPDATE peer SET root = x'00'");
	assert_int_equal(watch_peer(w)->records.len, 0);
}

#define KEPT "ATTACH 'kept.db' AS kept; "

/* The row of a peer as it is now, and the sums, for whoever puts them back later. */
static void keep_rows(struct world *w)
{
	(void)unlink("kept.db");
	watch_by_hand(w, KEPT
	    "CREATE TABLE kept.peer AS SELECT * FROM main.peer; CREATE TABLE kept.tally AS SELECT * FROM main.tally");
}

static void put_back(struct world *w, bool with_sums)
{
	watch_by_hand(w, with_sums ? KEPT "REPLACE INTO main.peer SELECT * FROM kept.peer;"
					  "REPLACE INTO main.tally SELECT * FROM kept.tally"
				   : KEPT "REPLACE INTO main.peer SELECT * FROM kept.peer");
}

static unsigned not_taken; /* descriptors that the peer posted */

static void count_not_taken(struct world *w, struct link *l, const struct link_message *m)
{
	(void)w;
	(void)l;
	assert_int_equal(m->type, IPC_descriptor_taken);
	assert_int_equal(((const struct msg_descriptor_taken *)m->body)->http_status, 422);
	not_taken++;
}

/* All of a row of before is of no use, though this node wrote it; nor does anybody but a person put it right. */
static void test_put_back(void **state)
{
	const struct msg_descriptor_posted posts = {
	    .party = PEER, .octets = {(const uint8_t *)"d", 1}};
	struct world *w = *state;
	uint64_t request;

	not_taken = 0;
	w->other = count_not_taken;
	for (unsigned both = 0; both < 2; both++) {
		keep_rows(w);
		put_back(w, false); /* the twin: nothing is newer */
		assert_true(watch_peer(w)->records.len > 0);
		newer(w);
		assert_int_equal(brings_again(w), 0);
		watch_restart(w);
		assert_true(watch_peer(w)->records.len > 0);
		put_back(w, both != 0);
		assert_int_equal(watch_peer(w)->records.len, 0);
		checked_again(w);
		assert_true(found(w, both ? "sums" : "peer"));
		assert_int_equal(
		    link_request(w->gateway, IPC_descriptor_posted, &posts, NULL, 0, &request), 0);
		world_until(w, &not_taken, both + 1);
		assert_int_equal(watch_peer(w)->records.len, 0);
		assert_int_equal(brings_again(w), 0);
		watch_restart(w);
		assert_true(watch_peer(w)->records.len > 0);
	}
	(void)unlink("kept.db");
}

/* Nor does the row of one that was trusted end a distrust. */
static void test_trusted_before(void **state)
{
	const struct msg_peer_distrust distrust = {.user = "officer", .party = PEER};
	struct world *w = *state;

	keep_rows(w);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	put_back(w, false);
	assert_int_equal(watch_peer(w)->records.len, 0);
	/* nor once it was altered, and distrusted so */
	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	keep_rows(w);
	watch_by_hand(w, "UPDATE peer SET records = x'00'");
	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	put_back(w, false);
	assert_int_equal(watch_peer(w)->records.len, 0);
	(void)unlink("kept.db");
}

/* Whoever writes that a peer is trusted ends no distrust. */
static void test_distrusted(void **state)
{
	const struct msg_peer_distrust distrust = {.user = "officer", .party = PEER};
	struct world *w = *state;

	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	watch_restart(w); /* the twin: nobody wrote anything */
	assert_true(watch_peer(w)->records.len > 0 && !watch_peer(w)->active);
	watch_by_hand(w, "UPDATE peer SET state = 'active'");
	assert_int_equal(watch_peer(w)->records.len, 0);
	watch_by_hand(w, "UPDATE peer SET state = 'distrusted'");
	assert_true(watch_peer(w)->records.len > 0);
	assert_int_equal(world_add_peer(w, 1)->result, 0); /* people trust it again */
	watch_restart(w);
	assert_true(watch_peer(w)->records.len > 0 && watch_peer(w)->active);
	watch_by_hand(w, "UPDATE peer SET state = 'distrusted'");
	assert_int_equal(watch_peer(w)->records.len, 0);
}

/* A seal that is strange may be so by what a hand did alone: the peer is asked all the same, and nothing is held against it. */
static void test_strange_seal(void **state)
{
	const struct msg_log_note note = {.peer = PEER, .user = "anna"};
	struct world *w = *state;
	const struct fake_envelope e = world_envelope(1), next = world_envelope(2);

	watch_by_hand(w, "UPDATE peer SET last_contact_ms = 7");
	checked_again(w);
	assert_true(found(w, "peer"));
	w->fetches = w->n_admitted = 0;
	for (unsigned noted = 0; noted < 2; noted++) {
		w->strange_seal = true;
		watch_peer(w)->suspected = false;
		world_send(w, &e);
		world_until(w, &w->fetches, noted + 1);
		assert_int_equal(w->n_admitted, noted);
		fetched(w, "descriptor");
		world_until(w, &w->n_admitted, noted + 1);
		assert_int_equal(w->admitted[noted].http_status, noted ? 422 : 503);
		world_ask(w, IPC_log_note, &note);
	}
	/* What it lists now is in force. */
	watch_by_hand(w, "UPDATE peer SET last_contact_ms = 8");
	checked_again(w);
	w->fetches = w->n_admitted = 0;
	world_send(w, &next);
	world_until(w, &w->fetches, 1);
	gives(w);
	world_until(w, &w->n_admitted, 1);
	assert_int_equal(w->admitted[0].http_status, 200);
}

static int set_up_asked(void **state)
{
	int rc = world_set_up_by_hand(state);

	watch_moved = 0;
	assert_int_equal(world_add_peer(*state, 1)->result, 0);
	return rc;
}

/* No start mends what this node cannot have written and needs: a person is told. */
static void test_no_start(void **state)
{
	static const char *const rows[] = {"UPDATE own_key SET wrapped = zeroblob(600)",
	    "UPDATE own_key SET key_id = x'00'", "UPDATE peer SET party = 'q'"};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		void *mine = NULL;
		struct world *w;

		set_up(&mine);
		w = mine;
		world_until(w, &w->own_told, 1);
		world_stop(w);
		watch_write(rows[i]);
		w->unfit = UNFIT_REASONS;
		assert_int_equal(world_start(w), RXP_ERR_CONFIG);
		assert_int_equal(w->unfit, UNFIT_DATA_DAMAGED);
		world_tear_down(&mine);
	}
}

/* The file is no database any more while the node works: it ends, and says why. */
static void test_damaged(void **state)
{
	struct world *w = *state;
	const struct msg_peer_ping ping = {.user = "officer", .party = PEER};
	uint8_t id[16], octets[4096] = {0};
	struct stat is = {.st_size = 0};
	int fd;

	world_ping(w, id);
	assert_int_equal(db_checkpoint(store_db(w->assembly->node.store)), 0);
	watch_restart(w);
	fd = open("readmit.db", O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0 && fstat(fd, &is) == 0);
	for (off_t at = 2 * (off_t)sizeof octets; at < is.st_size; at += (off_t)sizeof octets)
		assert_int_equal(pwrite(fd, octets, sizeof octets, at), sizeof octets);
	w->unfit = UNFIT_REASONS;
	for (unsigned i = 0; i < 20 && w->unfit == UNFIT_REASONS; i++) {
		assert_int_equal(link_request(w->desk, IPC_peer_ping, &ping, NULL, 0, NULL), 0);
		pump_for(w->loop, 50);
	}
	assert_int_equal(w->unfit, UNFIT_DATA_DAMAGED);
	close(fd);
}

/* By what an older descriptor is told: the stored one, which is signed, says what it was, also after a start. */
static void mended_numbers(struct world *w, const char *row, bool newer)
{
	watch_by_hand(w, row);
	world_restart(w);
	checked_again(w);
	assert_int_equal(watch_peer(w)->differences, 1);
	checks = 0;
	w->checking = newer ? grow_newer : NULL;
	assert_int_equal(brings_again(w), 0);
	w->checking = NULL;
	assert_int_equal(watch_peer(w)->identity_serial, w->descriptor.identity_serial);
	assert_memory_equal(watch_peer(w)->identity, w->descriptor.identity, 32);
	assert_int_equal(watch_peer(w)->working_created_ms, w->descriptor.working_created_ms);
	assert_int_equal(watch_peer(w)->differences, 0);
	checked_again(w);
	assert_int_equal(watch_peer(w)->differences, 0);
	assert_int_equal(brings_again(w), RXP_ERR_EXISTS);
}

static void test_mended_numbers(void **state)
{
	static const char *const rows[] = {"UPDATE peer SET identity_serial = 99",
	    "UPDATE peer SET identity = x'7777777777777777777777777777777777777777777777777777777777777777'",
	    "UPDATE peer SET working_created_ms = 4000000000000"};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		mended_numbers(w, rows[i], false);
		mended_numbers(w, rows[i], true);
	}
	/* What is stored hangs together with nothing that is noted of it. */
	watch_by_hand(w,
	    "UPDATE peer SET identity_serial = 99, identity = zeroblob(32), root = randomblob(32)");
	world_restart(w);
	checked_again(w);
	assert_int_equal(brings_again(w), RXP_ERR_EXISTS);
	assert_int_equal(watch_peer(w)->identity_serial, 99);
}

/* Of this State, too large for any descriptor: the node starts, and tells of it. */
static void test_former(void **state)
{
	struct world *w = *state;

	watch_by_hand(w, "INSERT INTO former VALUES ('QRA', 1, 1, 0, zeroblob(30000000)),"
			 " ('QRA', 2, 1, 0, x'00')");
	checked_again(w);
	assert_true(found(w, "former"));
	assert_int_equal(w->ended, 0);
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
	pump_while(w->loop, w->assembly->node.tables_checked_ms == first);
	assert_true(w->assembly->node.tables_checked_ms >= first + DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_node, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_noted, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_mended, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_unreadable, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_put_back, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_trusted_before, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_distrusted, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_strange_seal, set_up_asked, world_tear_down),
	    cmocka_unit_test(test_no_start),
	    cmocka_unit_test_setup_teardown(test_damaged, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_mended_numbers, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_former, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_daily, set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
