/*
 * Goals of the indexes of tables (RXP-LOG-031):
 * - one that leads to no row, and is no row itself, is found;
 * - of each index an entry less, one in another place and one that leads nowhere is found, and named with its table, in a table of
 *   any size, a few rows and entries at a time; the twin, as the node wrote it, is not;
 * - rows that do not stand in their order, and one to which its number does not lead, are found, and the look comes to its end;
 * - whatever the figures of ANALYZE say, the look reads the table, and no index in its place;
 * - what the node writes meanwhile differs in nothing.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_sums_rig.h"

#include "daemon/registry/limits.h"

/* A hand lets an index be another one, which is empty: whoever asks by it sees no row, and the rows are there. */
static void test_index(void **state)
{
	uint8_t names[TALLY_OCTETS];
	struct sums_told t;

	(void)state;
	sums_fill();
	sums_stop();
	sums_write(
	    "CREATE TABLE t (id BLOB NOT NULL PRIMARY KEY); PRAGMA writable_schema = ON;"
	    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema "
	    "WHERE name = 'sqlite_autoindex_t_1') WHERE name = 'sqlite_autoindex_choice_1';"
	    "DELETE FROM sqlite_schema WHERE tbl_name = 't'; PRAGMA writable_schema = RESET");
	sums_start();
	t = sums_look();
	assert_int_equal(t.n, 1);
	assert_int_equal(t.last.table, sums_number("choice"));
	assert_string_equal(t.last.party, "");
	assert_int_equal(t.last.written, 3);
	assert_int_equal(t.last.found, 3);
	memcpy(names, t.last.names, sizeof names);
	t = sums_look();
	assert_int_equal(t.n, 1);
	assert_memory_equal(t.last.names, names, sizeof names);
}

/* --- entries by hand ------------------------------------------------------------------------------------------ */

#define LARGE 3000

/* Names of all indexes, and their tables. */
static struct {
	char name[64], table[32];
	int columns;
	bool alone; /* SQLite may answer from it, past the rows */
} indexes[128];
static size_t n_indexes;

/* SQLite keeps a table without numbers as it keeps an index: a table hand_NAME for each index, in its place. */
static void open_indexes(void)
{
	sqlite3_stmt *s =
	    sums_ask("SELECT name, tbl_name, (SELECT COUNT(*) FROM pragma_index_xinfo(i.name)), "
		     "COALESCE(sql, '') NOT LIKE '%WHERE%' AND COALESCE(sql, '') NOT LIKE '%(%(%' "
		     "FROM sqlite_schema i WHERE type = 'index' AND tbl_name NOT LIKE 'tally%'");

	for (n_indexes = 0; sqlite3_step(s) == SQLITE_ROW; n_indexes++) {
		assert_true(n_indexes < sizeof indexes / sizeof indexes[0]);
		snprintf(indexes[n_indexes].name, sizeof indexes[0].name, "%s",
		    (const char *)sqlite3_column_text(s, 0));
		snprintf(indexes[n_indexes].table, sizeof indexes[0].table, "%s",
		    (const char *)sqlite3_column_text(s, 1));
		indexes[n_indexes].columns = sqlite3_column_int(s, 2);
		indexes[n_indexes].alone = sqlite3_column_int(s, 3) != 0;
	}
	sqlite3_finalize(s);
	for (size_t i = 0; i < n_indexes; i++) {
		char columns[64] = "c0";

		for (int k = 1; k < indexes[i].columns; k++)
			snprintf(columns + strlen(columns), sizeof columns - strlen(columns),
			    ", c%d", k);
		sums_write("CREATE TABLE hand_%s (%s, PRIMARY KEY (%s)) WITHOUT ROWID",
		    indexes[i].name, columns, columns);
	}
	sums_write("PRAGMA writable_schema = ON;"
		   "UPDATE sqlite_schema AS o SET rootpage = (SELECT rootpage FROM sqlite_schema i "
		   "WHERE i.name = substr(o.name, 6)) WHERE name LIKE 'hand@_%%' ESCAPE '@';"
		   "PRAGMA writable_schema = RESET");
}

static unsigned changed(const char *how, const char *name, int column)
{
	sums_write("%s c%d = (SELECT c%d FROM hand_%s LIMIT 1)", how, column, column, name);
	return (unsigned)sqlite3_changes(sums.db);
}

/* It is found each time, as the same difference of its table alone, and not when it is as it was. */
static void is_found(const char *name, const char *table, const char *what)
{
	const uint64_t number = sums_number(table);
	struct sums_told t, again;

	sums_start();
	t = sums_look_at(number - 1);
	again = sums_look_at(number - 1);
	sums_stop();
	if (t.n != 1 || t.last.table != number || t.last.party[0] != '\0')
		fail_msg("%s: %s is not found", name, what);
	if (memcmp(t.last.names, again.last.names, sizeof again.last.names) != 0)
		fail_msg("%s: %s is another difference each time", name, what);
}

/* One entry less, one elsewhere, one more, and one that leads nowhere, of each index that has some. */
static void test_each_index(void **state)
{
	unsigned tried = 0;

	(void)state;
	sums_fill();
	sums_stop();
	open_indexes();
	for (size_t i = 0; i < n_indexes; i++) {
		const char *name = indexes[i].name, *table = indexes[i].table;
		const int last = indexes[i].columns - 1;

		char less[128], moved[128], others[64] = "", before[64] = "";

		snprintf(less, sizeof less, "DELETE FROM hand_%.63s WHERE", name);
		snprintf(moved, sizeof moved, "UPDATE hand_%.63s SET c0 = x'ff00' WHERE", name);
		for (int k = 0; k < last; k++) {
			snprintf(others + strlen(others), sizeof others - strlen(others), ", c%d",
			    k + 1);
			snprintf(
			    before + strlen(before), sizeof before - strlen(before), "c%d, ", k);
		}
		sums_write("SAVEPOINT hand");
		if (changed(less, name, last) > 0) {
			is_found(name, table, "an entry less");
			tried++;
			sums_write("ROLLBACK TO hand");
			changed(moved, name, last);
			is_found(name, table, "an entry elsewhere");
			sums_write(
			    "ROLLBACK TO hand; INSERT INTO hand_%s SELECT x'ff00'%s FROM hand_%s LIMIT 1",
			    name, others, name);
			is_found(name, table, "an entry more");
			sums_write(
			    "ROLLBACK TO hand; INSERT INTO hand_%s SELECT %s77 FROM hand_%s LIMIT 1",
			    name, before, name);
			/* from any other nobody comes to it: SQLite passes it over */
			if (indexes[i].alone)
				is_found(name, table, "an entry that leads nowhere");
		}
		sums_write("ROLLBACK TO hand; RELEASE hand");
	}
	assert_true(tried > 50);
	sums_start();
	assert_int_equal(sums_look().n, 0);
}

/* One entry of a large table is put elsewhere, and the look goes on in between. */
static void test_large(void **state)
{
	unsigned slices = 0;
	struct sums_told t = {.n = 0};
	int rc;

	(void)state;
	for (unsigned i = 0; i < LARGE; i++)
		sums_write(
		    "INSERT INTO pin VALUES (x'%08x', 'QRB');"
		    "INSERT INTO journal VALUES (%u, 1, 'u%u', 'r', 'a', '', '', x'00', x'00', 0, x'00')",
		    i, i + 1, i % 7);
	sums_write("INSERT INTO journal VALUES (%u, 1, '', 'r', 'a', '', '', x'', x'00', 0, x'00')",
	    LARGE + 1);
	sums_commit();
	tally_look_begin(sums.tally);
	while ((rc = tally_look_on(sums.tally, sums_tell, &t)) == 1)
		slices++;
	assert_int_equal(rc, 0);
	assert_int_equal(t.n, 0);
	assert_true(slices > TALLY_TABLES + 4 * LARGE / REGISTRY_WATCH_ENTRIES);
	sums_stop();
	open_indexes();
	sums_write("SAVEPOINT hand; UPDATE hand_pin_party SET c0 = 'QRC' WHERE c1 = "
		   "(SELECT c1 FROM hand_pin_party LIMIT 1 OFFSET 1500)");
	is_found("pin_party", "pin", "an entry elsewhere");
	sums_write("ROLLBACK TO hand; UPDATE hand_journal_user SET c0 = 'u9' WHERE c1 = 2222");
	is_found("journal_user", "journal", "an entry elsewhere");
	sums_write("ROLLBACK TO hand; RELEASE hand");
	sums_start();
	assert_int_equal(sums_look().n, 0);
}

/* --- rows that are there, and are not found ------------------------------------------------------------------- */

/* A table that a hand has in the place of one of ours. */
static void twin(const char *columns, const char *table)
{
	sums_write(
	    "CREATE TABLE twin (%s) WITHOUT ROWID; PRAGMA writable_schema = ON;"
	    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = '%s')"
	    " WHERE name = 'twin'; PRAGMA writable_schema = RESET",
	    columns, table);
}

static void told_of(const char *what, const char *table, unsigned n)
{
	const uint64_t number = sums_number(table);
	struct sums_told t = {.n = 0};
	unsigned slices = 0;
	int rc;

	sums_start();
	tally_look_begin(sums.tally);
	do
		rc = tally_look_on(sums.tally, sums_tell, &t);
	while (rc == 1 && ++slices < 10 * TALLY_TABLES);
	sums_stop();
	assert_int_equal(rc, 0);
	if (t.n != n || (n > 0 && t.last.table != number))
		fail_msg(
		    "%s: %u differences, the last of table %u", what, t.n, (unsigned)t.last.table);
}

/* The same rows, the last first: who asks for one by its key, as for a hold of a person, is led past it. Of few rows, and of more
 * than a slice has. */
static void test_order(void **state)
{
	static const char columns[] = "a, b, c, d, e, f, PRIMARY KEY (a, b %s, c, d, e)";
	static const unsigned many[] = {2, 3 * REGISTRY_WATCH_ROWS};
	char text[sizeof columns + 8];

	for (size_t k = 0; k < sizeof many / sizeof many[0]; k++)
		for (int turned = 0; turned < 2; turned++) {
			assert_int_equal(sums_tear_down(state), 0);
			assert_int_equal(sums_set_up(state), 0);
			for (unsigned i = 0; i < many[k]; i++)
				sums_write(
				    "INSERT INTO hold VALUES ('QRB', x'%08x', 1, 'r', 'u', 1)", i);
			sums_commit();
			sums_stop();
			snprintf(text, sizeof text, columns, turned ? "DESC" : "");
			twin(text, "hold");
			sums_write(
			    "CREATE TEMP TABLE t AS SELECT * FROM hold; DELETE FROM twin;"
			    "INSERT INTO twin SELECT * FROM t; DROP TABLE t;"
			    "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'twin';"
			    "PRAGMA writable_schema = RESET");
			told_of(turned ? "turned" : "as they were", "hold", turned ? 2 : 0);
		}
}

/* A row that is in the table, and in none of its indexes; to SQLite it costs least to read one of these. */
static void test_figures(void **state)
{
	(void)state;
	sums_fill();
	sums_stop();
	sums_write(
	    "ANALYZE; DELETE FROM sqlite_stat1; INSERT INTO sqlite_stat1 VALUES "
	    "('pin', 'pin', '100000000 1'), ('pin', 'pin_party', '1 1 1'); ANALYZE sqlite_schema");
	told_of("the figures alone", "pin", 0);
	twin("a, b, PRIMARY KEY (a)", "pin");
	sums_write("INSERT INTO twin VALUES (x'77', 'QRB')");
	told_of("a row", "pin", 2);
}

/* The number of a row that stands on the way to it is made one less: whoever asks for that row is led past it. */
static void test_number(void **state)
{
	sqlite3_int64 len = 0, root;
	sqlite3_stmt *s;
	uint8_t *octets, *page, *cell;

	(void)state;
	for (unsigned i = 1; i <= 1000; i++)
		sums_write(
		    "INSERT INTO erasure VALUES (%u, 1, x'%08x', 0, NULL, zeroblob(32), 0, NULL)",
		    i, i);
	sums_commit();
	sums_stop();
	told_of("as it was", "erasure", 0);
	s = sums_ask("SELECT rootpage FROM sqlite_schema WHERE name = 'erasure'");
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	root = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	octets = sqlite3_serialize(sums.db, "main", &len, 0);
	assert_non_null(octets);
	page = octets + (root - 1) * 4096;
	assert_int_equal(
	    page[0], 5); /* one that leads to others; behind 12 octets, where its cells are */
	cell = page + (page[14] << 8 | page[15]);
	assert_true((cell[4] & 0x80) != 0 && (cell[5] & 0x80) == 0 && cell[5] > 0);
	cell[5]--;
	assert_int_equal(sqlite3_close(sums.db), SQLITE_OK);
	assert_int_equal(sqlite3_open(":memory:", &sums.db), SQLITE_OK);
	assert_int_equal(sqlite3_deserialize(sums.db, "main", octets, len, len,
			     SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE),
	    SQLITE_OK);
	told_of("one less", "erasure", 1);
}

/* What the node itself writes in front of the place of the look and behind it is no difference. */
static void test_while_it_looks(void **state)
{
	struct sums_told t = {.n = 0};
	unsigned slices = 0;
	int rc;

	(void)state;
	for (unsigned i = 0; i < LARGE; i++)
		sums_write(
		    "INSERT INTO journal VALUES (%u, 1, 'u%u', 'r', 'a', '', '', %s, x'00', 0, x'00')",
		    2 * i + 1, i % 7, i % 2 == 0 ? "x'00'" : "x'01'");
	sums_commit();
	tally_look_begin(sums.tally);
	do {
		const unsigned at = slices * 97 % LARGE;

		rc = tally_look_on(sums.tally, sums_tell, &t);
		sums_write(
		    "UPDATE journal SET user = 'u%u' WHERE n BETWEEN %u AND %u;"
		    "DELETE FROM journal WHERE n = %u;"
		    "INSERT OR REPLACE INTO journal VALUES (%u, 1, 'a', 'r', 'a', '', '', x'00', x'00', 0, x'00')",
		    slices % 9, at, at + 40, 2 * at + 1, 2 * LARGE - 2 * slices);
		slices++;
	} while (rc == 1);
	assert_int_equal(rc, 0);
	assert_int_equal(t.n, 0);
	sums_commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define INDEXES(test) cmocka_unit_test_setup_teardown(test, sums_set_up, sums_tear_down)
	    INDEXES(test_index),
	    INDEXES(test_each_index),
	    INDEXES(test_large),
	    INDEXES(test_order),
	    INDEXES(test_figures),
	    INDEXES(test_number),
	    INDEXES(test_while_it_looks),
#undef INDEXES
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
