/*
 * Goals of watching every table (RXP-LOG-031), with everything around the registry played:
 * - every table of the database has its row in table.def, and every row a table;
 * - of each of them a row added, removed, and changed in any one column is found, and named with its table and party; the twin, the
 *   same rows written by the node itself, is not;
 * - an index that leads to no row, and is no row itself, is found too;
 * - sums taken from an older copy with their table, taken away or changed are found too; what is done after a person noted is;
 * - what the node takes back, or could not write, and what it writes while it looks, differs in nothing.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_watch_rig.h"

#include <sqlite3.h>

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/schema.h"
#include "daemon/registry/store/store_watch.h"
#include "daemon/registry/store/tally.h"
#include "daemon/registry/store/tally_look.h"

#define TEXT_MAX 4096
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

static uint64_t number_of(const char *table)
{
	for (uint64_t n = 0; n <= TALLY_TABLES; n++)
		if (strcmp(tally_name(n), table) == 0)
			return n;
	fail_msg("%s has no row in table.def", table);
	return 0;
}

static bool found(struct world *w, const char *table)
{
	bool is = watch_found(w, "own-table-differs", number_of(table));

	if (is)
		assert_string_equal(watch_shown.table, table);
	return is;
}

/* --- every table ----------------------------------------------------------------------------------------- */

/* A database in which a test may write as the node and as a hand. */
static struct {
	sqlite3 *db;
	struct tally *tally;
} of;

static const uint8_t key[TALLY_OCTETS] = {7};
static const struct bytes keys = {key, sizeof key};

static void start(void)
{
	assert_int_equal(tally_new(&of.tally, of.db, keys), 0);
}

static void stop(void)
{
	tally_free(of.tally);
	of.tally = NULL;
}

static void write_rows(const char *format, ...)
{
	char *why = NULL, *text;
	va_list list;

	va_start(list, format);
	text = sqlite3_vmprintf(format, list);
	va_end(list);
	if (sqlite3_exec(of.db, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
	sqlite3_free(text);
}

static void commit(void)
{
	assert_int_equal(tally_failure(of.tally), 0);
	write_rows("BEGIN");
	assert_int_equal(tally_flush(of.tally), 0);
	write_rows("COMMIT");
	tally_kept(of.tally);
}

static int set_up_tables(void **state)
{
	(void)state;
	memset(&of, 0, sizeof of);
	assert_int_equal(sqlite3_open(":memory:", &of.db), SQLITE_OK);
	for (size_t i = 0; schema_text(i) != NULL; i++)
		write_rows("%s", schema_text(i));
	write_rows("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
	start();
	return 0;
}

static int tear_down_tables(void **state)
{
	(void)state;
	stop();
	return sqlite3_close(of.db);
}

struct told {
	unsigned n;
	struct tally_difference last;
	char parties[8][RXP_PARTY_TEXT];
};

static void tell(void *arg, const struct tally_difference *d)
{
	struct told *t = arg;

	t->last = *d;
	if (t->n < 8)
		memcpy(t->parties[t->n], d->party, sizeof d->party);
	t->n++;
}

static struct told look(void)
{
	struct told t = {.n = 0};
	int rc;

	tally_look_begin(of.tally);
	while ((rc = tally_look_on(of.tally, tell, &t)) == 1)
		;
	assert_int_equal(rc, 0);
	return t;
}

/* As schema and table.def have them. */
struct columns {
	int n;
	char name[64][32], type[64][16];
	const char *party, *octets, *digest;
};

static const struct {
	const char *name, *party, *octets, *digest;
} rows[] = {
#define TABLE(name, party, octets, digest, holds) {#name, party, octets, digest},
#include "daemon/registry/store/table.def"
#undef TABLE
};

static sqlite3_stmt *ask(const char *text)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(of.db, text, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(of.db));
	return s;
}

static void read_columns(struct columns *c, size_t table)
{
	char text[64];
	sqlite3_stmt *s;

	*c = (struct columns){
	    .party = rows[table].party, .octets = rows[table].octets, .digest = rows[table].digest};
	snprintf(text, sizeof text, "PRAGMA table_info(%s)", rows[table].name);
	s = ask(text);
	for (; sqlite3_step(s) == SQLITE_ROW; c->n++) {
		snprintf(c->name[c->n], sizeof c->name[0], "%s",
		    (const char *)sqlite3_column_text(s, 1));
		snprintf(c->type[c->n], sizeof c->type[0], "%s",
		    (const char *)sqlite3_column_text(s, 2));
	}
	sqlite3_finalize(s);
	assert_true(c->n > 0 && c->n < 64);
}

/* One that no other column, and no row of another salt, has. */
static const char *value(char to[128], const struct columns *c, int i, unsigned salt)
{
	static const char octets[] = "x'00'",
			  digest[] =
			      "x'6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'";

	if (strcmp(c->name[i], c->party) == 0)
		snprintf(to, 128, "'QR%c'", 'A' + (int)(salt % 80));
	if (strcmp(c->name[i], c->octets) == 0)
		return salt < 100 ? octets : "x'01'";
	if (strcmp(c->name[i], c->digest) == 0 && salt < 100)
		return digest;
	if (strcmp(c->name[i], c->party) == 0)
		;
	else if (strcmp(c->type[i], "TEXT") == 0)
		snprintf(to, 128, "'%u-%d'", salt, i);
	else if (strcmp(c->type[i], "BLOB") == 0)
		snprintf(to, 128, "x'%08x%08x'", salt, (unsigned)i);
	else
		snprintf(to, 128, "%u", 100 * salt + (unsigned)i);
	return to;
}

/* The row of that salt, as text for SQLite. */
static void put_row(char *to, size_t size, const struct columns *c, size_t table, unsigned salt)
{
	char v[128];
	size_t len = (size_t)snprintf(to, size, "INSERT INTO %s VALUES (", rows[table].name);

	for (int i = 0; i < c->n; i++)
		len += (size_t)snprintf(
		    to + len, size - len, "%s%s", i > 0 ? ", " : "", value(v, c, i, salt));
	snprintf(to + len, size - len, ")");
}

/* A column of which each row has another value. */
static int finest(const struct columns *c)
{
	int i = 0;

	while (strcmp(c->name[i], c->party) == 0 || strcmp(c->name[i], c->octets) == 0 ||
	       strcmp(c->name[i], c->digest) == 0)
		i++;
	assert_true(i < c->n);
	return i;
}

static void told_of(const struct told *t, size_t table, const char *what, const char *party)
{
	if (t->n == 0 || t->last.table != table + 1)
		fail_msg("%s: %s is not found", rows[table].name, what);
	for (unsigned i = 0; i < t->n && i < 8; i++)
		if (strcmp(t->parties[i], rows[table].party[0] != '\0' ? party : "") == 0)
			return;
	fail_msg("%s: %s is not of %s", rows[table].name, what, party);
}

/* As somebody with the file would, while the node does not run; then it is as before. */
static void by_hand(size_t table, const char *what, const char *party, const char *text)
{
	struct told t;

	stop();
	write_rows("SAVEPOINT hand; %s", text);
	start();
	t = look();
	told_of(&t, table, what, party);
	stop();
	write_rows("ROLLBACK TO hand; RELEASE hand");
	start();
	assert_int_equal(look().n, 0);
}

static void test_each_has_its_row(void **state)
{
	sqlite3_stmt *s = ask("SELECT name FROM sqlite_schema WHERE type = 'table'");
	static const char *const unwatched[] = {
#define UNWATCHED(name, why) #name,
#include "daemon/registry/store/table.def"
#undef UNWATCHED
	};
	const size_t others = sizeof unwatched / sizeof unwatched[0];
	size_t n = 0, k;

	(void)state;
	for (; sqlite3_step(s) == SQLITE_ROW; n++) {
		const char *name = (const char *)sqlite3_column_text(s, 0);

		for (k = 0; k < others && strcmp(unwatched[k], name) != 0; k++)
			;
		if (k == others)
			assert_int_not_equal(number_of(name), 0);
	}
	assert_int_equal(n, TALLY_TABLES + others);
	assert_null(tally_name(TALLY_TABLES + 1));
	sqlite3_finalize(s);
}

/* Three rows of each table, which the node wrote. */
static void fill(void)
{
	char text[TEXT_MAX];

	for (size_t table = 0; table < TALLY_TABLES; table++) {
		struct columns c;

		read_columns(&c, table);
		for (unsigned salt = 1; salt <= 3; salt++) {
			put_row(text, sizeof text, &c, table, salt);
			write_rows("%s", text);
		}
	}
	commit();
	assert_int_equal(look().n, 0);
}

static void test_each_is_watched(void **state)
{
	char text[TEXT_MAX], one[192], v[128];

	(void)state;
	fill();
	for (size_t table = 0; table < TALLY_TABLES; table++) {
		const char *name = rows[table].name;
		struct columns c;
		int k;

		read_columns(&c, table);
		k = finest(&c);
		snprintf(one, sizeof one, "%.31s = %.127s", c.name[k], value(v, &c, k, 2));
		for (int i = 0; i < c.n; i++) {
			snprintf(text, sizeof text, "UPDATE %s SET %s = %s WHERE %s", name,
			    c.name[i], value(v, &c, i, 101), one);
			by_hand(table, c.name[i], "QRC", text);
		}
		snprintf(text, sizeof text, "DELETE FROM %s WHERE %s", name, one);
		by_hand(table, "a row less", "QRC", text);
		put_row(text, sizeof text, &c, table, 4);
		by_hand(table, "a row more", "QRE", text);
		snprintf(text, sizeof text, "DELETE FROM %s", name);
		by_hand(table, "no row", "QRB", text);
	}
}

/* --- the sums themselves ------------------------------------------------------------------------------------ */

/* A row less in a table, and the sums as they were before it: both are of an older copy. */
static void test_sums(void **state)
{
	struct told t;

	(void)state;
	fill();
	write_rows("DELETE FROM stop WHERE id = (SELECT MIN(id) FROM stop)");
	commit();
	assert_int_equal(look().n, 0);
	stop();
	write_rows(
	    "DELETE FROM stop; UPDATE tally SET rows = 0, sum = zeroblob(32) WHERE name = 'stop'");
	start();
	t = look();
	assert_int_equal(t.n, 1);
	assert_int_equal(t.last.table, 0);
	commit();
	stop();
	start();
	t = look();
	assert_int_equal(t.n, 1); /* it stays so, … */
	assert_int_equal(t.last.found, 1);
	stop();
	write_rows("DELETE FROM tally WHERE name = 'line' AND party = 'QRC'");
	start();
	t = look();
	assert_int_equal(t.n, 2); /* … and the next time is another one */
	assert_int_equal(t.last.found, 2);
}

/* A hand lets an index be another one, which is empty: whoever asks by it sees no row, and the rows are there. */
static void test_index(void **state)
{
	uint8_t names[TALLY_OCTETS];
	struct told t;

	(void)state;
	fill();
	stop();
	write_rows(
	    "CREATE TABLE t (id BLOB NOT NULL PRIMARY KEY); PRAGMA writable_schema = ON;"
	    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema "
	    "WHERE name = 'sqlite_autoindex_t_1') WHERE name = 'sqlite_autoindex_choice_1';"
	    "DELETE FROM sqlite_schema WHERE tbl_name = 't'; PRAGMA writable_schema = RESET");
	start();
	t = look();
	assert_int_equal(t.n, 1);
	assert_int_equal(t.last.table, number_of("choice"));
	assert_string_equal(t.last.party, "");
	assert_int_equal(t.last.written, 3);
	assert_int_equal(t.last.found, 3);
	memcpy(names, t.last.names, sizeof names);
	t = look();
	assert_int_equal(t.n, 1);
	assert_memory_equal(t.last.names, names, sizeof names);
}

/* An envelope that a hand made another stays the same difference, whatever the node does to its row; a second one is another. */
static void test_octets(void **state)
{
	uint8_t names[TALLY_OCTETS];
	struct told t;

	(void)state;
	fill();
	stop();
	write_rows("UPDATE inbox SET envelope = x'01' WHERE rowid = 2");
	start();
	t = look();
	assert_int_equal(t.n, 1);
	memcpy(names, t.last.names, sizeof names);
	write_rows("UPDATE inbox SET state = 'another' WHERE rowid = 2");
	commit();
	t = look();
	assert_int_equal(t.n, 1);
	assert_memory_equal(t.last.names, names, sizeof names);
	stop();
	write_rows("UPDATE inbox SET envelope = x'02' WHERE rowid = 2");
	start();
	t = look();
	assert_int_equal(t.n, 1);
	assert_memory_not_equal(t.last.names, names, sizeof names);
}

/* Under another key nothing fits; nor if the box is gone. */
static void test_key(void **state)
{
	static const uint8_t other[2 * TALLY_OCTETS] = {8};
	uint8_t both[2 * TALLY_OCTETS];

	(void)state;
	fill();
	stop();
	memcpy(both, other, TALLY_OCTETS);
	memcpy(both + TALLY_OCTETS, key, TALLY_OCTETS);
	assert_int_equal(tally_new(&of.tally, of.db, (struct bytes){both, sizeof both}), 0);
	assert_int_equal(look().n, 0);
	commit();
	stop();
	assert_int_equal(tally_new(&of.tally, of.db, (struct bytes){other, TALLY_OCTETS}), 0);
	assert_int_equal(look().n, 0);
	stop();
	start();
	assert_true(look().n > TALLY_TABLES);
	stop();
	assert_int_equal(tally_new(&of.tally, of.db, (struct bytes){key, 0}), RXP_ERR_KEY);
	assert_int_equal(tally_new(&of.tally, of.db, (struct bytes){key, 31}), RXP_ERR_KEY);
	of.tally = NULL;
}

/* --- what the node itself does ------------------------------------------------------------------------------- */

static void fails(const char *text)
{
	size_t mark = tally_mark(of.tally);

	assert_int_not_equal(sqlite3_exec(of.db, text, NULL, NULL, NULL), SQLITE_OK);
	tally_undo(of.tally, mark);
}

static void test_taken_back(void **state)
{
	size_t mark;

	(void)state;
	fill();
	write_rows("BEGIN; DELETE FROM pin; UPDATE came_back SET unproved = 9; ROLLBACK");
	assert_int_equal(look().n, 0);
	write_rows("BEGIN; DELETE FROM pin");
	mark = tally_mark(of.tally);
	write_rows(
	    "SAVEPOINT item; UPDATE came_back SET unproved = 9; DELETE FROM stop; ROLLBACK TO item");
	tally_undo(of.tally, mark);
	write_rows("COMMIT");
	commit();
	assert_int_equal(look().n, 0);
	/* the second row has what the first one got */
	fails("UPDATE outbox SET message_id = x'77'");
	fails("INSERT INTO pin VALUES (x'01', 'QRB'), (x'01', 'QRB')");
	write_rows("INSERT OR REPLACE INTO line SELECT peer, 1, '', '', 0 FROM line");
	write_rows(
	    "INSERT OR REPLACE INTO erasure SELECT n, 5, local_id, attachment, name, head, 2, here FROM erasure");
	write_rows(
	    "INSERT OR REPLACE INTO came_back SELECT peer, own, message_id, fingerprint, seal, 1, 1 FROM came_back");
	write_rows(
	    "INSERT INTO clock_look SELECT peer, case_id, 4 FROM clock_look WHERE true ON CONFLICT (peer, case_id) DO UPDATE SET at_ms = 6");
	commit();
	assert_int_equal(look().n, 0);
	stop();
	start();
	assert_int_equal(look().n, 0);
}

/* Rows in front of the place of the look, behind it, and over it, in a table with numbers and in one without. */
static void test_while_it_looks(void **state)
{
	struct told t = {.n = 0};
	unsigned slices = 0;
	int rc;

	(void)state;
	for (unsigned i = 0; i < 3 * REGISTRY_WATCH_ROWS; i++)
		write_rows(
		    "INSERT INTO pin VALUES (x'%08x', 'QRB');"
		    "INSERT INTO journal VALUES (%u, 1, 'u', 'r', 'a', '', '', x'00', x'00', 0, x'00')",
		    1000 + 3 * i, 1000 + 3 * i);
	commit();
	tally_look_begin(of.tally);
	do {
		unsigned at = 1000 + 3 * (slices * 97 % (3 * REGISTRY_WATCH_ROWS));

		rc = tally_look_on(of.tally, tell, &t);
		write_rows("UPDATE pin SET party = 'QRC' WHERE spki_digest IN (x'%08x', x'%08x');"
			   "DELETE FROM pin WHERE spki_digest = x'%08x';"
			   "INSERT INTO pin VALUES (x'%08x', 'QRB'), (x'%08x', 'QRB');"
			   "UPDATE journal SET n = %u WHERE n = %u;"
			   "UPDATE journal SET n = %u WHERE n = %u;"
			   "UPDATE journal SET at_ms = 2 WHERE n > %u",
		    1000, 1000 + 9 * REGISTRY_WATCH_ROWS - 3, at, at + 1, 500 + slices,
		    20000 + slices, at, 1 + slices, at + 300, at);
		slices++;
	} while (rc == 1);
	assert_int_equal(rc, 0);
	assert_true(slices > TALLY_TABLES);
	assert_int_equal(t.n, 0);
	commit();
	assert_int_equal(look().n, 0);
}

/* --- of a node ------------------------------------------------------------------------------------------------ */

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
#define TABLES(test) cmocka_unit_test_setup_teardown(test, set_up_tables, tear_down_tables)
	    TABLES(test_each_has_its_row),
	    TABLES(test_each_is_watched),
	    TABLES(test_sums),
	    TABLES(test_index),
	    TABLES(test_octets),
	    TABLES(test_key),
	    TABLES(test_taken_back),
	    TABLES(test_while_it_looks),
#undef TABLES
	    cmocka_unit_test_setup_teardown(test_node, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_noted, set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_daily, set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
