#include "daemon/registry/store/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "daemon/registry/store/schema.h"
#include "daemon/registry/store/shape.h"
#include "daemon/registry/store/sqlite_error.h"
#include "daemon/registry/store/tally.h"
#include "protocol/base/err.h"

#define PRAGMA_TEXT_MAX 96
#define CHECKPOINT_PAGES 1000 /* in the write-ahead log, as SQLite has it of itself */
#define OPEN_WAIT_MS \
	2000 /* for another program that has the file open: a look with a shell may end */

struct db {
	sqlite3 *handle;
	sqlite3_stmt *statements[SQL_COUNT]; /* prepared at first use */
	struct tally *tally; /* NULL: nobody follows what is written */
	size_t item; /* of the tally, at the savepoint */
	int64_t changes; /* of the last statement of the caller */
	const char *name;
	struct stat written; /* the file, when this connection wrote into it last */
	bool overwritten;
};

static const struct {
	const char *text, *wide;
} statements[SQL_COUNT] = {
#define SQL(name, wide, text) [SQL_##name] = {text, wide},
#include "daemon/registry/store/sql.def"
#undef SQL
};

const char *db_sql_text(enum sql id)
{
	return statements[id].text;
}

const char *db_sql_wide(enum sql id)
{
	return statements[id].wide;
}

int db_warm_up(void)
{
	uint8_t any;

	if (sqlite3_initialize() != SQLITE_OK)
		return RXP_ERR_IO;
	sqlite3_randomness(sizeof any, &any); /* reads the system's source at its first use */
	return 0;
}

/* --- opening ----------------------------------------------------------------------------------- */

/* One connection in one process: the exclusive lock keeps every other out, and the index of the
 * write-ahead log stays in memory. */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
			       "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA secure_delete = ON;"
			       "PRAGMA trusted_schema = OFF;"
			       "PRAGMA cell_size_check = ON;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA mmap_size = 0;";

/* Until the tables are known to be ours nothing that SQLite does not understand is our mistake. */
static int open_error(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_ERROR:
		return RXP_ERR_DAMAGED;
	case SQLITE_BUSY:
		return RXP_ERR_EXISTS;
	default:
		return sqlite_error(rc);
	}
}

static int script(struct db *db, const char *text)
{
	return open_error(sqlite3_exec(db->handle, text, NULL, NULL, NULL));
}

static int read_one(struct db *db, const char *text, int64_t *out)
{
	sqlite3_stmt *statement = NULL;
	int rc = open_error(sqlite3_prepare_v2(db->handle, text, -1, &statement, NULL));

	if (rc == 0)
		rc = open_error(sqlite3_step(statement));
	if (rc == 0)
		*out = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return rc;
}

/* --- who writes into the file -------------------------------------------------------------------- */

/* Of the same file: that another stands under its name is the store's to tell. */
bool db_overwritten(struct db *db)
{
	const struct stat *was = &db->written;
	struct stat is;

	if (stat(db->name, &is) == 0 && is.st_dev == was->st_dev && is.st_ino == was->st_ino &&
	    (is.st_size != was->st_size || is.st_mtim.tv_sec != was->st_mtim.tv_sec ||
		is.st_mtim.tv_nsec != was->st_mtim.tv_nsec))
		db->overwritten = true;
	return db->overwritten;
}

void db_forget(struct db *db)
{
	(void)sqlite3_db_release_memory(db->handle);
}

static void note_written(struct db *db)
{
	if (stat(db->name, &db->written) != 0)
		db->written = (struct stat){.st_ino = 0};
}

/* All that this connection ever writes into the file, and not into its write-ahead log, it writes here. */
static int checkpoint(struct db *db, int how)
{
	int rc;

	(void)db_overwritten(db);
	rc = sqlite3_wal_checkpoint_v2(db->handle, NULL, how, NULL, NULL);
	note_written(db);
	return rc;
}

/* In the place of SQLite's own, after each commit; what fails is done after the next. */
static int after_commit(void *arg, sqlite3 *handle, const char *schema, int pages)
{
	(void)handle;
	(void)schema;
	if (pages >= CHECKPOINT_PAGES)
		(void)checkpoint(arg, SQLITE_CHECKPOINT_PASSIVE);
	return SQLITE_OK;
}

static void watch_file(struct db *db)
{
	note_written(db);
	(void)sqlite3_wal_hook(db->handle, after_commit, db);
}

/* The whole schema in one transaction with its version: a crash leaves an empty file. */
static int make_schema(struct db *db)
{
	char version[PRAGMA_TEXT_MAX];
	const char *part;
	int rc = script(db, "BEGIN EXCLUSIVE");

	snprintf(version, sizeof version, "PRAGMA user_version = %d", SCHEMA_VERSION);
	for (size_t i = 0; rc == 0 && (part = schema_text(i)) != NULL; i++)
		rc = script(db, part);
	if (rc == 0 && (rc = script(db, version)) == 0)
		rc = script(db, "COMMIT");
	return rc;
}

static int harden(struct db *db)
{
	static const struct {
		int option, value;
	} options[] = {
	    {SQLITE_DBCONFIG_DEFENSIVE, 1},
	    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
	    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
	    {SQLITE_DBCONFIG_DQS_DDL, 0},
	    {SQLITE_DBCONFIG_DQS_DML, 0},
	};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (sqlite3_db_config(db->handle, options[i].option, options[i].value, NULL) !=
		    SQLITE_OK)
			abort();
	return script(db, settings);
}

int db_open(struct db **out, const char *name)
{
	struct db *db = calloc(1, sizeof *db);
	int64_t version = 0, things = 0;
	int rc = RXP_ERR_NOMEM;

	if (db == NULL)
		return rc;
	db->name = name;
	rc = sqlite_error(sqlite3_open_v2(name, &db->handle,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_EXRESCODE,
	    NULL));
	if (rc == 0)
		sqlite3_busy_timeout(db->handle, OPEN_WAIT_MS);
	if (rc != 0 || (rc = harden(db)) != 0 ||
	    (rc = read_one(db, "PRAGMA user_version", &version)) != 0 ||
	    (rc = read_one(db, "SELECT count(*) FROM sqlite_schema", &things)) != 0)
		goto done;
	if (version > SCHEMA_VERSION)
		rc = RXP_ERR_UNSUPPORTED;
	else if (version == 0 && things == 0)
		rc = make_schema(db);
	else
		rc = version == SCHEMA_VERSION ? shape_check(db->handle) : RXP_ERR_SCHEMA;
done:
	if (rc != 0) {
		db_close(db);
		return rc;
	}
	watch_file(db);
	*out = db;
	return 0;
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	tally_free(db->tally);
	for (int i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(db->statements[i]);
	if (sqlite3_close(db->handle) != SQLITE_OK)
		abort();
	free(db);
}

/* --- statements -------------------------------------------------------------------------------- */

static int prepare(struct db *db, enum sql id, sqlite3_stmt **out)
{
	int rc = 0;

	if (db->statements[id] == NULL)
		rc = sqlite_error(sqlite3_prepare_v3(db->handle, statements[id].text, -1,
		    SQLITE_PREPARE_PERSISTENT, &db->statements[id], NULL));
	if (rc == 0)
		*out = db->statements[id];
	return rc;
}

static int bind(sqlite3_stmt *s, int at, const struct db_value *v)
{
	switch (v->kind) {
	case DB_NUMBER:
		return sqlite_error(sqlite3_bind_int64(s, at, v->number));
	case DB_WORDS:
		return sqlite_error(sqlite3_bind_text(s, at, v->at, -1, SQLITE_STATIC));
	case DB_OCTETS:
		/* No octets are an empty run and not NULL. */
		return sqlite_error(
		    sqlite3_bind_blob64(s, at, v->at != NULL ? v->at : "", v->len, SQLITE_STATIC));
	case DB_NULL:
		break;
	}
	return sqlite_error(sqlite3_bind_null(s, at));
}

int db_next(struct db *db, enum sql id)
{
	int step = sqlite3_step(db->statements[id]);

	if (step == SQLITE_ROW)
		return 1;
	db_end(db, id);
	return sqlite_error(step);
}

int db_each(struct db *db, enum sql id, int rc, db_row_fn *fn, void *arg)
{
	while (rc == 1) {
		int called = fn(arg, db, id);

		if (called != 0) {
			db_end(db, id);
			return called;
		}
		rc = db_next(db, id);
	}
	return rc;
}

int db_first(struct db *db, enum sql id, const struct db_value *values, size_t n)
{
	sqlite3_stmt *s = NULL;
	int rc = prepare(db, id, &s);

	if (rc != 0)
		return rc;
	if (sqlite3_bind_parameter_count(s) != (int)n)
		abort();
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = bind(s, (int)i + 1, &values[i]);
	if (rc != 0) {
		db_end(db, id);
		return rc;
	}
	return db_next(db, id);
}

static int run(struct db *db, enum sql id, const struct db_value *values, size_t n)
{
	int rc = db_first(db, id, values, n);

	if (rc > 0)
		abort();
	return rc;
}

int64_t db_changes(const struct db *db)
{
	return db->changes;
}

void db_end(struct db *db, enum sql id)
{
	sqlite3_reset(db->statements[id]);
	sqlite3_clear_bindings(db->statements[id]); /* the values are the caller's */
}

/* --- what is written --------------------------------------------------------------------------- */

int db_follow(struct db *db, struct bytes keys)
{
	return db->tally != NULL ? 0 : tally_new(&db->tally, db->handle, keys);
}

struct tally *db_tally(const struct db *db)
{
	return db->tally;
}

/* The sums go with what they are of. */
static int commit(struct db *db)
{
	int rc = db->tally != NULL ? tally_flush(db->tally) : 0;

	if (rc == 0)
		rc = run(db, SQL_COMMIT, NULL, 0);
	if (rc == 0 && db->tally != NULL)
		tally_kept(db->tally);
	return rc;
}

/* A statement that fails has changed nothing, whatever it had begun to change. */
static int change(struct db *db, enum sql id, const struct db_value *values, size_t n)
{
	size_t mark = db->tally != NULL ? tally_mark(db->tally) : 0;
	int rc = run(db, id, values, n);

	db->changes = sqlite3_changes64(db->handle);
	if (rc == 0 && db->tally != NULL)
		return tally_failure(db->tally);
	if (db->tally != NULL)
		tally_undo(db->tally, mark);
	return rc;
}

/* One that is in no transaction has one of its own. */
static int change_alone(struct db *db, enum sql id, const struct db_value *values, size_t n)
{
	int rc = run(db, SQL_BEGIN, NULL, 0);

	if (rc == 0)
		rc = change(db, id, values, n);
	if (rc == 0)
		rc = commit(db);
	if (rc != 0 && db_in_transaction(db))
		(void)run(db, SQL_ROLLBACK, NULL, 0);
	return rc;
}

int db_run(struct db *db, enum sql id, const struct db_value *values, size_t n)
{
	sqlite3_stmt *s = NULL;
	int rc;

	switch (id) {
	case SQL_COMMIT:
		return commit(db);
	case SQL_SAVEPOINT:
		db->item = db->tally != NULL ? tally_mark(db->tally) : 0;
		return run(db, id, values, n);
	case SQL_UNDO:
		rc = run(db, id, values, n);
		if (rc == 0 && db->tally != NULL)
			tally_undo(db->tally, db->item);
		return rc;
	case SQL_BEGIN:
	case SQL_RELEASE:
	case SQL_ROLLBACK:
		return run(db, id, values, n);
	default:
		break;
	}
	rc = prepare(db, id, &s);
	if (rc != 0)
		return rc;
	if (db->tally == NULL || db_in_transaction(db) || sqlite3_stmt_readonly(s) != 0)
		return change(db, id, values, n);
	return change_alone(db, id, values, n);
}

/* --- columns ----------------------------------------------------------------------------------- */

int64_t db_number(struct db *db, enum sql id, int column)
{
	return sqlite3_column_int64(db->statements[id], column);
}

const char *db_words(struct db *db, enum sql id, int column)
{
	const unsigned char *words = sqlite3_column_text(db->statements[id], column);

	return words != NULL ? (const char *)words : "";
}

struct bytes db_octets(struct db *db, enum sql id, int column)
{
	const void *at = sqlite3_column_blob(db->statements[id], column);

	return (struct bytes){
	    .data = at, .len = (size_t)sqlite3_column_bytes(db->statements[id], column)};
}

bool db_is_null(struct db *db, enum sql id, int column)
{
	return sqlite3_column_type(db->statements[id], column) == SQLITE_NULL;
}

bool db_fill(struct db *db, enum sql id, int column, void *out, size_t len)
{
	struct bytes b = db_octets(db, id, column);

	if (db_is_null(db, id, column)) {
		memset(out, 0, len);
		return true;
	}
	if (b.len != len || b.data == NULL)
		return false;
	memcpy(out, b.data, len);
	return true;
}

bool db_name(struct db *db, enum sql id, int column, char *out, size_t size)
{
	const char *words = db_words(db, id, column);
	int len;

	memset(out, 0, size);
	len = snprintf(out, size, "%s", words);
	return len >= 0 && (size_t)len < size;
}

bool db_in_transaction(const struct db *db)
{
	return sqlite3_get_autocommit(db->handle) == 0;
}

bool db_lost(const struct db *db)
{
	switch (sqlite3_extended_errcode(db->handle)) {
	case SQLITE_IOERR_FSYNC:
	case SQLITE_IOERR_DIR_FSYNC:
		return true;
	default:
		return sqlite_error(sqlite3_errcode(db->handle)) == RXP_ERR_DAMAGED;
	}
}

const char *db_problem(const struct db *db)
{
	return sqlite3_errstr(sqlite3_extended_errcode(db->handle));
}

int db_checkpoint(struct db *db)
{
	return sqlite_error(checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE));
}

/* One row `ok`. */
static int check_words(struct db *db, const char *text, const char *words)
{
	sqlite3_stmt *statement = NULL;
	int rc = sqlite_error(sqlite3_prepare_v2(db->handle, text, -1, &statement, NULL));
	int step = rc == 0 ? sqlite3_step(statement) : SQLITE_DONE;

	if (rc == 0 && step == SQLITE_ROW)
		rc = words != NULL &&
			     strcmp((const char *)sqlite3_column_text(statement, 0), words) == 0
			 ? 0
			 : RXP_ERR_DAMAGED;
	else if (rc == 0)
		rc = step == SQLITE_DONE && words == NULL ? 0 : RXP_ERR_DAMAGED;
	sqlite3_finalize(statement);
	return rc;
}

int db_check(struct db *db)
{
	int rc = check_words(db, "PRAGMA integrity_check(1)", "ok");

	return rc != 0 ? rc : check_words(db, "PRAGMA foreign_key_check", NULL);
}

int64_t db_size(struct db *db)
{
	int64_t pages = 0, octets = 0;

	if (read_one(db, "PRAGMA page_count", &pages) != 0 ||
	    read_one(db, "PRAGMA page_size", &octets) != 0)
		return 0;
	return pages * octets;
}

/* --- a copy -------------------------------------------------------------------------------------- */

struct db_copy {
	sqlite3 *file;
	sqlite3_backup *steps;
};

/* Nobody reads it before it is whole, and a crash removes it: it needs neither a journal nor to be synced. */
static const char copy_settings[] = "PRAGMA journal_mode = OFF;"
				    "PRAGMA synchronous = OFF;"
				    "PRAGMA locking_mode = EXCLUSIVE;";

int db_copy_new(struct db_copy **out, struct db *db, const char *name)
{
	struct db_copy *c = calloc(1, sizeof *c);
	int rc = RXP_ERR_NOMEM;

	if (c == NULL)
		return rc;
	rc = sqlite_error(sqlite3_open_v2(name, &c->file,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_EXRESCODE,
	    NULL));
	if (rc == 0)
		rc = sqlite_error(sqlite3_exec(c->file, copy_settings, NULL, NULL, NULL));
	if (rc == 0) {
		c->steps = sqlite3_backup_init(c->file, "main", db->handle, "main");
		rc = c->steps != NULL ? 0 : RXP_ERR_IO;
	}
	if (rc != 0) {
		db_copy_free(c);
		return rc;
	}
	*out = c;
	return 0;
}

int db_copy_step(struct db_copy *c, int pages)
{
	int rc = sqlite3_backup_step(c->steps, pages);

	if (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		return 1;
	return sqlite_error(rc);
}

uint64_t db_copy_total(const struct db_copy *c)
{
	return (uint64_t)sqlite3_backup_pagecount(c->steps);
}

uint64_t db_copy_left(const struct db_copy *c)
{
	return (uint64_t)sqlite3_backup_remaining(c->steps);
}

void db_copy_free(struct db_copy *c)
{
	if (c == NULL)
		return;
	sqlite3_backup_finish(c->steps);
	sqlite3_close(c->file);
	free(c);
}
