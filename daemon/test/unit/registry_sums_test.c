/*
 * Goals of the sums of tables (RXP-LOG-031), on a database in memory:
 * - every table of the database has its row in table.def, and every row a table;
 * - of each of them a row added, removed, and changed in any one column is found, and named with its table and party; the twin, the
 *   same rows written by the node itself, is not;
 * - what a row adds to its sum is as it has been, so that databases which are there open;
 * - sums taken from an older copy with their table, taken away or changed are found too;
 * - what the node takes back, or could not write, and what it writes while it looks, differs in nothing;
 * - a table that cannot be read now is looked at once more before it is told.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_sums_rig.h"

#include <openssl/hmac.h>

#include "daemon/registry/limits.h"

/* --- every table ----------------------------------------------------------------------------------------- */

/* A column of which each row has another value. */
static int finest(const struct sums_columns *c)
{
	int i = 0;

	while (strcmp(c->name[i], c->party) == 0 || strcmp(c->name[i], c->octets) == 0 ||
	       strcmp(c->name[i], c->digest) == 0)
		i++;
	assert_true(i < c->n);
	return i;
}

static void told_of(const struct sums_told *t, size_t table, const char *what, const char *party)
{
	if (t->n == 0 || t->last.table != table + 1)
		fail_msg("%s: %s is not found", sums_tables[table].name, what);
	for (unsigned i = 0; i < t->n && i < 8; i++)
		if (strcmp(t->parties[i], sums_tables[table].party[0] != '\0' ? party : "") == 0)
			return;
	fail_msg("%s: %s is not of %s", sums_tables[table].name, what, party);
}

/* As somebody with the file would, while the node does not run; then it is as before. */
static void by_hand(size_t table, const char *what, const char *party, const char *text)
{
	struct sums_told t;

	sums_stop();
	sums_write("SAVEPOINT hand; %s", text);
	sums_start();
	t = sums_look_at(table);
	told_of(&t, table, what, party);
	sums_stop();
	sums_write("ROLLBACK TO hand; RELEASE hand");
	sums_start();
	assert_int_equal(sums_look_at(table).n, 0);
}

static void test_each_has_its_row(void **state)
{
	sqlite3_stmt *s = sums_ask("SELECT name FROM sqlite_schema WHERE type = 'table'");
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
			assert_int_not_equal(sums_number(name), 0);
	}
	assert_int_equal(n, TALLY_TABLES + others);
	assert_null(tally_name(TALLY_TABLES + 1));
	sqlite3_finalize(s);
}

static void test_each_is_watched(void **state)
{
	char text[SUMS_TEXT_MAX], one[192], v[128];

	(void)state;
	sums_fill();
	for (size_t table = 0; table < TALLY_TABLES; table++) {
		const char *name = sums_tables[table].name;
		struct sums_columns c;
		int k;

		sums_read_columns(&c, table);
		k = finest(&c);
		snprintf(one, sizeof one, "%.31s = %.127s", c.name[k], sums_value(v, &c, k, 2));
		for (int i = 0; i < c.n; i++) {
			snprintf(text, sizeof text, "UPDATE %s SET %s = %s WHERE %s", name,
			    c.name[i], sums_value(v, &c, i, 101), one);
			by_hand(table, c.name[i], "QRC", text);
		}
		snprintf(text, sizeof text, "DELETE FROM %s WHERE %s", name, one);
		by_hand(table, "a row less", "QRC", text);
		sums_put_row(text, sizeof text, &c, table, 4);
		by_hand(table, "a row more", "QRE", text);
		snprintf(text, sizeof text, "DELETE FROM %s", name);
		by_hand(table, "no row", "QRB", text);
	}
	assert_int_equal(sums_look().n, 0);
}

/* --- what a row adds ---------------------------------------------------------------------------------------- */

static size_t put_number(uint8_t *to, uint64_t number)
{
	for (size_t i = 0; i < 8; i++)
		to[i] = (uint8_t)(number >> (56 - 8 * i));
	return 8;
}

/* What stands in databases that are there: over the name of the table, and of each value its kind and its number, or its length and
 * its octets, however long they are. */
static void test_form(void **state)
{
	static const size_t lengths[] = {
	    0, 1, 2000, 2026, 2027, 2028, 2047, 2048, 2049, 4096, 6000};
	static uint8_t run[6000], all[7000];
	struct tally_key *key = NULL;

	(void)state;
	assert_int_equal(tally_key_new(&key, sums_key), 0);
	for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
		const struct tally_cell cells[] = {{.kind = TALLY_NULL},
		    {.kind = TALLY_NUMBER, .number = -2},
		    {.kind = TALLY_OCTET_RUN, .at = run, .len = lengths[k]},
		    {.kind = TALLY_WORDS, .at = "ab", .len = 2}};
		uint8_t is[TALLY_OCTETS];
		struct tally_sum sum;
		size_t n = 5;

		memset(run, (int)k + 1, sizeof run);
		memcpy(all, "stop", n);
		all[n++] = 0;
		all[n++] = 1;
		n += put_number(all + n, UINT64_MAX - 1);
		all[n++] = 3;
		n += put_number(all + n, lengths[k]);
		memcpy(all + n, run, lengths[k]);
		n += lengths[k];
		all[n++] = 2;
		n += put_number(all + n, 2);
		memcpy(all + n, "ab", 2);
		n += 2;
		assert_non_null(HMAC(EVP_sha256(), sums_key, TALLY_OCTETS, all, n, is, NULL));
		assert_int_equal(tally_begin(key, "stop"), 0);
		for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
			assert_int_equal(tally_put(key, &cells[i]), 0);
		assert_int_equal(tally_end(key, &sum), 0);
		assert_memory_equal(sum.octets, is, sizeof is);
	}
	tally_key_free(key);
}

/* --- the sums themselves ------------------------------------------------------------------------------------ */

/* A row less in a table, and the sums as they were before it: both are of an older copy. */
static void test_sums(void **state)
{
	struct sums_told t;

	(void)state;
	sums_fill();
	sums_write("DELETE FROM stop WHERE id = (SELECT MIN(id) FROM stop)");
	sums_commit();
	assert_int_equal(sums_look().n, 0);
	sums_stop();
	sums_write(
	    "DELETE FROM stop; UPDATE tally SET rows = 0, sum = zeroblob(32) WHERE name = 'stop'");
	sums_start();
	t = sums_look();
	assert_int_equal(t.n, 1);
	assert_int_equal(t.last.table, 0);
	sums_commit();
	sums_stop();
	sums_start();
	t = sums_look();
	assert_int_equal(t.n, 1); /* it stays so, … */
	assert_int_equal(t.last.found, 1);
	sums_stop();
	sums_write("DELETE FROM tally WHERE name = 'line' AND party = 'QRC'");
	sums_start();
	t = sums_look();
	assert_int_equal(t.n, 2); /* … and the next time is another one */
	assert_int_equal(t.first.found, 2);
}

static void commit_and_start(void)
{
	sums_commit();
	sums_stop();
	sums_start();
}

/* The latest alone is held, with the sums; where those were altered none is, until one is held anew. */
static void test_held(void **state)
{
	static const struct tally_sum one = {{1}}, other = {{2}};
	size_t mark;

	(void)state;
	assert_false(tally_holds(sums.tally, "QRB", &one));
	assert_int_equal(tally_hold(sums.tally, "QRB", &one), 0);
	commit_and_start();
	assert_true(tally_holds(sums.tally, "QRB", &one));
	assert_false(tally_holds(sums.tally, "QRB", &other));
	assert_false(tally_holds(sums.tally, "QRC", &one));
	mark = tally_mark(sums.tally);
	assert_int_equal(tally_hold(sums.tally, "QRB", &other), 0);
	tally_undo(sums.tally, mark);
	assert_true(tally_holds(sums.tally, "QRB", &one));
	assert_int_equal(tally_hold(sums.tally, "QRB", &other), 0);
	commit_and_start();
	assert_false(tally_holds(sums.tally, "QRB", &one));
	assert_true(tally_holds(sums.tally, "QRB", &other));
	assert_int_equal(sums_look().n, 0);
	for (unsigned back = 0; back < 2; back++) {
		sums_stop();
		if (back)
			sums_write("UPDATE tally SET sum = randomblob(32) WHERE name = 'proof'");
		else
			sums_write("UPDATE tally_whole SET digest = zeroblob(32)");
		sums_start();
		for (unsigned kept = 0; kept < 2; kept++) {
			assert_false(tally_holds(sums.tally, "QRB", &one));
			assert_false(tally_holds(sums.tally, "QRB", &other));
			commit_and_start();
		}
		assert_int_equal(tally_hold(sums.tally, "QRB", &other), 0);
		commit_and_start();
		assert_true(tally_holds(sums.tally, "QRB", &other));
	}
	assert_int_equal(tally_hold(sums.tally, "QRB", NULL), 0);
	commit_and_start();
	assert_false(tally_holds(sums.tally, "QRB", &other));
}

/* An envelope that a hand made another stays the same difference, whatever the node does to its row; a second one is another. */
static void test_octets(void **state)
{
	uint8_t names[TALLY_OCTETS];
	struct sums_told t;

	(void)state;
	sums_fill();
	sums_stop();
	sums_write("UPDATE inbox SET envelope = x'01' WHERE rowid = 2");
	sums_start();
	t = sums_look();
	assert_int_equal(t.n, 1);
	memcpy(names, t.last.names, sizeof names);
	sums_write("UPDATE inbox SET state = 'another' WHERE rowid = 2");
	sums_commit();
	t = sums_look();
	assert_int_equal(t.n, 1);
	assert_memory_equal(t.last.names, names, sizeof names);
	sums_stop();
	sums_write("UPDATE inbox SET envelope = x'02' WHERE rowid = 2");
	sums_start();
	t = sums_look();
	assert_int_equal(t.n, 1);
	assert_memory_not_equal(t.last.names, names, sizeof names);
}

/* Under another key nothing fits; nor if the box is gone. */
static void test_key(void **state)
{
	static const uint8_t other[2 * TALLY_OCTETS] = {8};
	uint8_t both[2 * TALLY_OCTETS];

	(void)state;
	sums_fill();
	sums_stop();
	memcpy(both, other, TALLY_OCTETS);
	memcpy(both + TALLY_OCTETS, sums_key, TALLY_OCTETS);
	assert_int_equal(tally_new(&sums.tally, sums.db, (struct bytes){both, sizeof both}), 0);
	assert_int_equal(sums_look().n, 0);
	sums_commit();
	sums_stop();
	assert_int_equal(tally_new(&sums.tally, sums.db, (struct bytes){other, TALLY_OCTETS}), 0);
	assert_int_equal(sums_look().n, 0);
	sums_stop();
	sums_start();
	assert_true(sums_look().n > TALLY_TABLES);
	sums_stop();
	assert_int_equal(tally_new(&sums.tally, sums.db, (struct bytes){sums_key, 0}), RXP_ERR_KEY);
	assert_int_equal(
	    tally_new(&sums.tally, sums.db, (struct bytes){sums_key, 31}), RXP_ERR_KEY);
	sums.tally = NULL;
}

/* --- what the node itself does ------------------------------------------------------------------------------- */

static void fails(const char *text)
{
	size_t mark = tally_mark(sums.tally);

	assert_int_not_equal(sqlite3_exec(sums.db, text, NULL, NULL, NULL), SQLITE_OK);
	tally_undo(sums.tally, mark);
}

static void test_taken_back(void **state)
{
	size_t mark;

	(void)state;
	sums_fill();
	sums_write("BEGIN; DELETE FROM pin; UPDATE came_back SET unproved = 9; ROLLBACK");
	assert_int_equal(sums_look().n, 0);
	sums_write("BEGIN; DELETE FROM pin");
	mark = tally_mark(sums.tally);
	sums_write(
	    "SAVEPOINT item; UPDATE came_back SET unproved = 9; DELETE FROM stop; ROLLBACK TO item");
	tally_undo(sums.tally, mark);
	sums_write("COMMIT");
	sums_commit();
	assert_int_equal(sums_look().n, 0);
	/* the second row has what the first one got */
	fails("UPDATE outbox SET message_id = x'77'");
	fails("INSERT INTO pin VALUES (x'01', 'QRB'), (x'01', 'QRB')");
	sums_write("INSERT OR REPLACE INTO line SELECT peer, 1, '', '', 0 FROM line");
	sums_write(
	    "INSERT OR REPLACE INTO erasure SELECT n, 5, local_id, attachment, name, head, 2, here FROM erasure");
	sums_write(
	    "INSERT OR REPLACE INTO came_back SELECT peer, own, message_id, fingerprint, seal, 1, 1 FROM came_back");
	sums_write(
	    "INSERT INTO clock_look SELECT peer, case_id, 4 FROM clock_look WHERE true ON CONFLICT (peer, case_id) DO UPDATE SET at_ms = 6");
	sums_commit();
	assert_int_equal(sums_look().n, 0);
	sums_stop();
	sums_start();
	assert_int_equal(sums_look().n, 0);
}

/* More rows than one slice has, of a table whose rows are named by several columns. */
static void test_slices(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3 * REGISTRY_WATCH_ROWS; i++)
		sums_write("INSERT INTO clock_look VALUES ('QRB', x'%08x%08x%08x%08x', %u)", i, i,
		    i, i, i);
	sums_commit();
	assert_int_equal(sums_look().n, 0);
}

/* Rows in front of the place of the look, behind it, and over it, in a table with numbers and in one without. */
static void test_while_it_looks(void **state)
{
	struct sums_told t = {.n = 0};
	unsigned slices = 0;
	int rc;

	(void)state;
	for (unsigned i = 0; i < 3 * REGISTRY_WATCH_ROWS; i++)
		sums_write(
		    "INSERT INTO pin VALUES (x'%08x', 'QRB');"
		    "INSERT INTO journal VALUES (%u, 1, 'u', 'r', 'a', '', '', x'00', x'00', 0, x'00')",
		    1000 + 3 * i, 1000 + 3 * i);
	sums_commit();
	tally_look_begin(sums.tally);
	do {
		unsigned at = 1000 + 3 * (slices * 97 % (3 * REGISTRY_WATCH_ROWS));

		rc = tally_look_on(sums.tally, sums_tell, &t);
		sums_write("UPDATE pin SET party = 'QRC' WHERE spki_digest IN (x'%08x', x'%08x');"
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
	sums_commit();
	assert_int_equal(sums_look().n, 0);
}

/* --- a disk that fails ----------------------------------------------------------------------------------------- */

static int fails_left;

static int disk_fails(void *arg)
{
	(void)arg;
	return fails_left > 0 && fails_left-- > 0;
}

/* So many statements fail, of those of the first table. */
static struct sums_told look_while_it_fails(int statements)
{
	struct sums_told t = {.n = 0};
	int rc, again = 0;

	fails_left = statements;
	sqlite3_progress_handler(sums.db, 1, disk_fails, NULL);
	tally_look_begin(sums.tally);
	while ((rc = tally_look_on(sums.tally, sums_tell, &t)) == 1 || rc == RXP_ERR_IO)
		again += rc == RXP_ERR_IO;
	sqlite3_progress_handler(sums.db, 0, NULL, NULL);
	assert_int_equal(rc, 0);
	assert_int_equal(again, statements > 0);
	return t;
}

/* What passes is no difference; what lasts is one, of its table alone. */
static void test_disk(void **state)
{
	struct sums_told t;

	(void)state;
	sums_fill();
	assert_int_equal(look_while_it_fails(0).n, 0);
	assert_int_equal(look_while_it_fails(1).n, 0);
	t = look_while_it_fails(2);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.last.table, TALLY_profile + 1); /* the first that is looked at */
	assert_string_equal((const char *)t.last.names, "unreadable");
	assert_int_equal(look_while_it_fails(0).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define SUMS(test) cmocka_unit_test_setup_teardown(test, sums_set_up, sums_tear_down)
	    SUMS(test_each_has_its_row),
	    SUMS(test_each_is_watched),
	    SUMS(test_form),
	    SUMS(test_sums),
	    SUMS(test_held),
	    SUMS(test_octets),
	    SUMS(test_key),
	    SUMS(test_taken_back),
	    SUMS(test_slices),
	    SUMS(test_while_it_looks),
	    SUMS(test_disk),
#undef SUMS
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
