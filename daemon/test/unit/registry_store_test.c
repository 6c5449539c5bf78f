/*
 * Goals: an item's done comes after the commit and with its result; items share transactions of at
 * most 64; one that fails is undone alone; what is not committed is gone after a crash, what is
 * committed is there; a full disk fails the batch, changes nothing, and passes; a second daemon and
 * a newer version are refused; so is what a hand altered of the tables, under whatever name, and a database that is gone, which no other
 * takes the place of; one that is taken away, or written over, while it is open is seen; a page that cannot be read is found, and hides nothing of the tables behind it; a truncated log of octets holds no deleted key.
 *
 * links: registry
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_peer.h"
#include "daemon/registry/store/tally.h"
#include "daemon/registry/store/tally_look.h"
#include "protocol/base/err.h"

#define KEY_OCTETS 4000

static char directory[64];

static int set_up(void **s)
{
	(void)s;
	snprintf(directory, sizeof directory, "/tmp/registry-store-XXXXXX");
	return mkdtemp(directory) == NULL ? -1 : chdir(directory);
}

static int tear_down(void **s)
{
	(void)s;
	(void)unlink("readmit.db");
	(void)unlink("readmit.db-wal");
	(void)unlink("readmit.lock");
	return chdir("/") != 0 ? -1 : rmdir(directory);
}

/* An item that adds one key; 64 of them at most are waited for in each test. */
struct adding {
	struct store_item item;
	uint8_t id[32];
	int calls, result;
	int fail; /* given instead of 0, after the row was put */
};

static uint8_t octets[KEY_OCTETS];

static int add(void *arg, struct db *db)
{
	struct adding *a = arg;
	struct rec_own_key key = {.spki = {octets, sizeof octets}, .wrapped = {octets, 1}};
	int rc;

	memcpy(key.key_id, a->id, sizeof key.key_id);
	rc = store_key_add(db, &key, 1);
	return rc != 0 ? rc : a->fail;
}

static void added(void *arg, int result)
{
	struct adding *a = arg;

	a->calls++;
	a->result = result;
}

static void submit(struct store *s, struct adding *a, unsigned id)
{
	*a = (struct adding){.fail = a->fail};
	a->item = (struct store_item){.apply = add, .done = added, .arg = a};
	memcpy(a->id, &id, sizeof id);
	store_submit(s, &a->item);
}

static int count_one(void *arg, const struct rec_own_key *key, int64_t made_ms)
{
	(void)key;
	(void)made_ms;
	++*(int *)arg;
	return 0;
}

static int keys_in(struct store *s)
{
	int n = 0;

	assert_int_equal(store_key_each(store_db(s), count_one, &n), 0);
	return n;
}

static void test_group_commit(void **st)
{
	static struct adding all[2 * REGISTRY_BATCH_MAX + 1];
	const size_t n = sizeof all / sizeof all[0];
	struct store *s = NULL;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	for (size_t i = 0; i < n; i++) {
		all[i].fail = 0;
		submit(s, &all[i], (unsigned)i);
	}
	assert_int_equal(all[0].calls, 0);
	store_round(s);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(all[i].calls, 1);
		assert_int_equal(all[i].result, 0);
	}
	assert_int_equal(store_counts(s).commits, 3);
	assert_int_equal(store_counts(s).items, n);
	assert_int_equal(keys_in(s), (int)n);
	store_close(s);
}

static void test_one_fails(void **st)
{
	struct adding a = {.fail = 0}, b = {.fail = RXP_ERR_STATE}, c = {.fail = 0},
		      twin = {.fail = 0};
	struct store *s = NULL;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	submit(s, &a, 1);
	submit(s, &b, 2);
	submit(s, &c, 3);
	submit(s, &twin, 1);
	store_round(s);
	assert_int_equal(a.result, 0);
	assert_int_equal(b.result, RXP_ERR_STATE);
	assert_int_equal(c.result, 0);
	assert_int_equal(twin.result, RXP_ERR_EXISTS);
	assert_int_equal(keys_in(s), 2);
	assert_int_equal(store_counts(s).commits, 1);
	assert_false(store_failing(s));
	store_close(s);
}

static void test_crash(void **st)
{
	struct adding a = {.fail = 0};
	struct store *s = NULL;
	int status;
	pid_t child = fork();

	(void)st;
	if (child == 0) {
		if (store_open(&s) != 0)
			_exit(1);
		submit(s, &a, 1);
		store_round(s);
		/* The process ends in the middle of the next transaction. */
		submit(s, &a, 2);
		if (db_run(store_db(s), SQL_BEGIN, NULL, 0) != 0 || add(&a, store_db(s)) != 0)
			_exit(1);
		_exit(a.calls == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(store_open(&s), 0);
	assert_int_equal(keys_in(s), 1);
	store_close(s);
}

/* A file that may not grow is a full disk. */
static void limit_files(rlim_t octets_max)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_full_disk(void **st)
{
	static struct adding all[REGISTRY_BATCH_MAX];
	struct adding before = {.fail = 0};
	struct store *s = NULL;

	(void)st;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(store_open(&s), 0);
	submit(s, &before, 1000);
	store_round(s);
	limit_files(200000);
	for (unsigned i = 0; i < REGISTRY_BATCH_MAX; i++) {
		all[i].fail = 0;
		submit(s, &all[i], i);
	}
	store_round(s);
	for (unsigned i = 0; i < REGISTRY_BATCH_MAX; i++)
		assert_int_equal(all[i].result, RXP_ERR_IO);
	assert_true(store_failing(s));
	assert_false(store_lost(s));
	assert_int_equal(keys_in(s), 1);
	limit_files(RLIM_INFINITY);
	submit(s, &all[0], 0);
	store_round(s);
	assert_int_equal(all[0].result, 0);
	assert_false(store_failing(s));
	assert_int_equal(keys_in(s), 2);
	store_close(s);
}

static void test_second_daemon(void **st)
{
	struct store *s = NULL, *second = NULL;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	assert_int_equal(store_open(&second), RXP_ERR_EXISTS);
	assert_null(second);
	store_close(s);
	assert_int_equal(store_open(&second), 0);
	store_close(second);
}

static void set_version(int version)
{
	sqlite3 *db = NULL;
	char text[64];

	snprintf(text, sizeof text, "PRAGMA user_version = %d", version);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_newer_version(void **st)
{
	struct store *s = NULL;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	store_close(s);
	set_version(2);
	s = NULL;
	assert_int_equal(store_open(&s), RXP_ERR_UNSUPPORTED);
	assert_null(s);
	for (int other = -1; other < 1; other++) {
		set_version(other);
		assert_int_equal(store_open(&s), RXP_ERR_SCHEMA);
		assert_null(s);
	}
	set_version(1);
	assert_int_equal(store_open(&s), 0);
	store_close(s);
}

static void change(const char *text)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#define RENAME(from, to) \
	"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET name = '" to "', " \
	"sql = replace(sql, '" from "', '" to "') WHERE name = '" from "'"
#define HIDE(name) RENAME(name, "sqlite_hidden")
#define SHOW(name) RENAME("sqlite_hidden", name)

/* What a version that was never released may have left, or a hand: the same number, and one thing else. */
static void test_other_tables(void **st)
{
	static const struct {
		const char *there, *back;
	} changes[] = {
	    {"ALTER TABLE answer ADD COLUMN more INTEGER", "ALTER TABLE answer DROP COLUMN more"},
	    {"CREATE TABLE more (n INTEGER)", "DROP TABLE more"},
	    {"DROP INDEX answer_length", "CREATE INDEX answer_length ON answer (peer, length)"},
	    {"CREATE VIEW more AS SELECT * FROM hold", "DROP VIEW more"},
	    {"CREATE TRIGGER more AFTER INSERT ON hold BEGIN DELETE FROM hold; END",
		"DROP TRIGGER more"},
	    {"CREATE UNIQUE INDEX more ON log_difference (peer);" HIDE("more"),
		SHOW("more") ";DELETE FROM sqlite_schema WHERE name = 'more'"},
	    {"CREATE TRIGGER more AFTER INSERT ON hold BEGIN DELETE FROM hold; END;" HIDE("more"),
		SHOW("more") ";DELETE FROM sqlite_schema WHERE name = 'more'"}};
	struct store *s = NULL;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	store_close(s);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		change(changes[i].there);
		s = NULL;
		assert_int_equal(store_open(&s), RXP_ERR_SCHEMA);
		assert_null(s);
		change(changes[i].back);
		assert_int_equal(store_open(&s), 0);
		store_close(s);
	}
}

static void write_empty(const char *name)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
}

static void write_at(const char *name, long at, const void *what, size_t len)
{
	FILE *f = fopen(name, "r+");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(what, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Figures of ANALYZE are no other tables. A number of the format that no SQLite has is no mistake of ours. */
static void test_altered_head(void **st)
{
	static const uint8_t format[4] = {0, 0, 0, 5};
	struct store *s = NULL;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	store_close(s);
	change("ANALYZE");
	s = NULL;
	assert_int_equal(store_open(&s), 0);
	store_close(s);
	write_at("readmit.db", 44, format, sizeof format);
	s = NULL;
	assert_int_equal(store_open(&s), RXP_ERR_DAMAGED);
	assert_null(s);
}

static void test_gone(void **st)
{
	struct store *s = NULL;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	store_close(s);
	assert_int_equal(rename("readmit.db", "kept"), 0);
	for (int empty = 0; empty < 2; empty++) {
		s = NULL;
		assert_int_equal(store_open(&s), RXP_ERR_NOT_FOUND);
		assert_null(s);
		assert_int_equal(access("readmit.db", F_OK), empty ? 0 : -1);
		write_empty("readmit.db");
	}
	assert_int_equal(rename("kept", "readmit.db"), 0);
	assert_int_equal(store_open(&s), 0);
	store_close(s);
}

/* One that another version made has no mark yet: a full disk takes none, and the node starts all the same. */
static void test_no_room_for_the_mark(void **st)
{
	struct rlimit had, none;
	struct store *s = NULL;
	struct stat mark;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	store_close(s);
	assert_int_equal(truncate("readmit.lock", 0), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &had), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = had.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	s = NULL;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(store_open(&s), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &had), 0);
	store_close(s);
	assert_int_equal(stat("readmit.lock", &mark), 0);
	assert_int_equal(mark.st_size, 0);
	s = NULL;
	assert_int_equal(store_open(&s), 0);
	store_close(s);
	assert_int_equal(stat("readmit.lock", &mark), 0);
	assert_true(mark.st_size > 0);
}

/* While it is open; the very same file ends it. */
static void test_displaced(void **st)
{
	static const char *const names[] = {"readmit.db", "readmit.db-wal"};
	struct store *s = NULL;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_false(store_displaced(s));
		assert_int_equal(rename(names[i], "kept"), 0);
		assert_true(store_displaced(s));
		write_empty(names[i]);
		assert_true(store_displaced(s));
		assert_int_equal(rename("kept", names[i]), 0);
	}
	assert_false(store_displaced(s));
	store_close(s);
}

/* An older copy put over it, while it is open, by cp and not by mv; it stays so. What the node itself writes is none. */
static void test_overwritten(void **st)
{
	static const struct timespec copied[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	static struct adding many[REGISTRY_BATCH_MAX];
	struct stat before, after = {.st_size = 0};
	struct adding a = {.fail = 0};
	struct store *s = NULL;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	assert_int_equal(db_checkpoint(store_db(s)), 0);
	assert_int_equal(stat("readmit.db", &before), 0);
	for (unsigned i = 0; after.st_size <= before.st_size; i++) { /* by itself, at last */
		assert_true(i < 2000);
		for (unsigned k = 0; k < REGISTRY_BATCH_MAX; k++)
			submit(s, &many[k], 7 + i * REGISTRY_BATCH_MAX + k);
		store_round(s);
		assert_int_equal(stat("readmit.db", &after), 0);
	}
	assert_false(store_displaced(s));
	submit(s, &a, 1);
	store_round(s);
	assert_int_equal(db_checkpoint(store_db(s)), 0);
	assert_false(store_displaced(s));
	assert_int_equal(utimensat(AT_FDCWD, "readmit.db", copied, 0), 0);
	assert_true(store_displaced(s));
	assert_int_equal(db_checkpoint(store_db(s)), 0);
	assert_true(store_displaced(s));
	store_close(s);
}

static void test_open_elsewhere(void **st)
{
	sqlite3 *other = NULL;
	struct store *s = NULL;

	(void)st;
	assert_int_equal(store_open(&s), 0);
	store_close(s);
	assert_int_equal(sqlite3_open("readmit.db", &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "SELECT * FROM peer", NULL, NULL, NULL), SQLITE_OK);
	s = NULL;
	assert_int_equal(store_open(&s), RXP_ERR_EXISTS);
	assert_null(s);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	assert_int_equal(store_open(&s), 0);
	store_close(s);
}

/* --- a page that cannot be read -------------------------------------------------------------------- */

static int look_for(const char *text)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *asked = NULL;
	int number;

	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &asked, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(asked), SQLITE_ROW);
	number = sqlite3_column_int(asked, 0);
	assert_int_equal(sqlite3_finalize(asked), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return number;
}

static void note_table(void *arg, const struct tally_difference *d)
{
	bool *told = arg;

	told[d->table] = true;
}

static void look(bool told[TALLY_TABLES + 1])
{
	static const uint8_t key[TALLY_OCTETS] = {7};
	struct store *s = NULL;
	int rc;

	memset(told, 0, (TALLY_TABLES + 1) * sizeof *told);
	assert_int_equal(store_open(&s), 0);
	assert_int_equal(db_follow(store_db(s), (struct bytes){key, sizeof key}), 0);
	tally_look_begin(db_tally(store_db(s)));
	while ((rc = tally_look_on(db_tally(store_db(s)), note_table, told)) == 1)
		;
	assert_int_equal(rc, 0);
	store_close(s);
}

static void test_unreadable(void **st)
{
	static const uint8_t no_page[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	bool told[TALLY_TABLES + 1];
	int page;

	(void)st;
	look(told);
	for (size_t i = 0; i <= TALLY_TABLES; i++)
		assert_false(told[i]);
	page = look_for("SELECT rootpage FROM sqlite_schema WHERE name = 'former'");
	change("INSERT INTO journal VALUES (1, 1, 'x', '', '', '', '', x'', x'', 0, x'')");
	write_at("readmit.db", (page - 1L) * look_for("PRAGMA page_size"), no_page, sizeof no_page);
	look(told);
	for (size_t i = 0; i <= TALLY_TABLES; i++)
		assert_int_equal(told[i], i == TALLY_former + 1 || i == TALLY_journal + 1);
}

static bool file_holds(const char *name, const uint8_t *what, size_t len)
{
	static uint8_t file[1 << 20];
	FILE *f = fopen(name, "r");
	size_t n = f != NULL ? fread(file, 1, sizeof file, f) : 0;

	if (f != NULL)
		(void)fclose(f);
	return memmem(file, n, what, len) != NULL;
}

static void test_destroyed_key(void **st)
{
	struct adding a = {.fail = 0};
	struct store *s = NULL;

	(void)st;
	memset(octets, 0xa5, sizeof octets);
	assert_int_equal(store_open(&s), 0);
	submit(s, &a, 7);
	store_round(s);
	assert_true(file_holds("readmit.db-wal", octets, 64));
	assert_int_equal(store_key_destroy(store_db(s), a.id), 0);
	assert_int_equal(db_checkpoint(store_db(s)), 0);
	assert_false(file_holds("readmit.db-wal", octets, 64));
	assert_false(file_holds("readmit.db", octets, 64));
	store_close(s);
}

int main(void)
{
#define STORE_TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    STORE_TEST(test_group_commit),
	    STORE_TEST(test_one_fails),
	    STORE_TEST(test_crash),
	    STORE_TEST(test_full_disk),
	    STORE_TEST(test_second_daemon),
	    STORE_TEST(test_newer_version),
	    STORE_TEST(test_other_tables),
	    STORE_TEST(test_altered_head),
	    STORE_TEST(test_gone),
	    STORE_TEST(test_no_room_for_the_mark),
	    STORE_TEST(test_displaced),
	    STORE_TEST(test_overwritten),
	    STORE_TEST(test_open_elsewhere),
	    STORE_TEST(test_unreadable),
	    STORE_TEST(test_destroyed_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
