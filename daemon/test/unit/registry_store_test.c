/*
 * Goals: an item's done comes after the commit and with its result; items share transactions of at
 * most 64; one that fails is undone alone; what is not committed is gone after a crash, what is
 * committed is there; a full disk fails the batch, changes nothing, and passes; a second daemon and
 * a newer version are refused; a truncated log of octets holds no deleted key.
 *
 * links: registry
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_peer.h"
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

/* What a version that was never released may have left: the same number, and one thing else. */
static void test_other_tables(void **st)
{
	static const struct {
		const char *there, *back;
	} changes[] = {
	    {"ALTER TABLE answer ADD COLUMN more INTEGER", "ALTER TABLE answer DROP COLUMN more"},
	    {"CREATE TABLE more (n INTEGER)", "DROP TABLE more"},
	    {"DROP INDEX answer_length", "CREATE INDEX answer_length ON answer (peer, length)"}};
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
	    STORE_TEST(test_destroyed_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
