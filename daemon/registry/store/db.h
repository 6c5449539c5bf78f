/*
 * db - SQLite as the store sees it: the statements of sql.def, typed values, one connection.
 *
 * Errors: RXP_ERR_IO (disk full, I/O, locked by another process), RXP_ERR_NOMEM, RXP_ERR_DAMAGED
 * (the file is no longer a sound database), RXP_ERR_EXISTS (a constraint of the schema). A statement
 * that SQLite does not understand aborts.
 */
#ifndef REGISTRY_DB_H
#define REGISTRY_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"

struct db;
struct tally;

enum sql {
#define SQL(name, wide, text) SQL_##name,
#include "daemon/registry/store/sql.def"
#undef SQL
	SQL_COUNT
};

struct db_value {
	enum { DB_NULL, DB_NUMBER, DB_WORDS, DB_OCTETS } kind;
	int64_t number;
	const void *at; /* NUL-terminated words, or len octets */
	size_t len;
};

#define DB_N(n) ((struct db_value){.kind = DB_NUMBER, .number = (int64_t)(n)})
#define DB_T(t) ((struct db_value){.kind = DB_WORDS, .at = (t)})
#define DB_O(o, l) ((struct db_value){.kind = DB_OCTETS, .at = (o), .len = (l)})
#define DB_B(b) DB_O((b).data, (b).len)
#define DB_NONE ((struct db_value){.kind = DB_NULL})
#define DB_VALUES(...) \
	((const struct db_value[]){__VA_ARGS__}), \
	    sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)

/* The text of a statement, and which tables it may read widely and why (sql.def). */
const char *db_sql_text(enum sql id);
const char *db_sql_wide(enum sql id);

/* What SQLite loads or opens at its first use; before the sandbox. RXP_ERR_IO. */
int db_warm_up(void);

/* Open or make the file in the working directory and put the schema into an empty one, in WAL mode
 * with full synchronisation. RXP_ERR_UNSUPPORTED: made by a newer version. RXP_ERR_SCHEMA: it has other
 * tables than this version makes (shape.h), or another number. RXP_ERR_EXISTS: another program has it open. */
int db_open(struct db **out, const char *name);
void db_close(struct db *db); /* NULL is allowed; what is not committed is gone */

/* From now on what is written through this connection is added up (tally.h), under the first of these keys; before the first write.
 * RXP_ERR_KEY: there are none. RXP_ERR_CRYPTO. */
int db_follow(struct db *db, struct bytes keys);
/* NULL: nobody follows it. */
struct tally *db_tally(const struct db *db);

/* Run a statement that gives no rows; db_changes() says how many rows it changed. */
int db_run(struct db *db, enum sql id, const struct db_value *values, size_t n);
int64_t db_changes(const struct db *db); /* rows that the last db_run() changed */

/* Run a query to its first or next row: 1, 0 at the end, or an error. After 0 or an error the
 * query is over; else db_end() ends it. */
int db_first(struct db *db, enum sql id, const struct db_value *values, size_t n);
int db_next(struct db *db, enum sql id);
void db_end(struct db *db, enum sql id);

/* Call fn at each row of a query that db_first() began with rc. An error of fn ends it. */
typedef int db_row_fn(void *arg, struct db *db, enum sql id);
int db_each(struct db *db, enum sql id, int rc, db_row_fn *fn, void *arg);

/* Columns of the present row. NULL reads as 0, "" and no octets. db_fill copies exactly len octets,
 * zeros for NULL; another length is damage: false. Pointers live until the next step. */
int64_t db_number(struct db *db, enum sql id, int column);
bool db_is_null(struct db *db, enum sql id, int column);
const char *db_words(struct db *db, enum sql id, int column);
struct bytes db_octets(struct db *db, enum sql id, int column);
bool db_fill(struct db *db, enum sql id, int column, void *out, size_t len);
/* Copy words with their NUL into size octets; false if they do not fit. */
bool db_name(struct db *db, enum sql id, int column, char *out, size_t size);

/* Is a transaction open? SQLite ends it by itself after some errors. */
bool db_in_transaction(const struct db *db);

/* Did the last error leave unknown what is on the disk? After a failed fsync() the kernel may have
 * dropped what it was to write: the process must not go on as if a second try could succeed. */
bool db_lost(const struct db *db);

/* Words of the last error, for the log. */
const char *db_problem(const struct db *db);

/* Has anybody else written into the file since it was opened? Not what goes through SQLite, whose lock keeps it out: a copy over it. */
bool db_overwritten(struct db *db);
/* Hold nothing of it in memory any more: what is read next is what stands in the file. */
void db_forget(struct db *db);

/* Move the write-ahead log into the file and truncate it, so that deleted octets are gone there
 * too. RXP_ERR_IO. */
int db_checkpoint(struct db *db);

/*
 * A copy of the database, made a few pages at a time while it is written to: what changes meanwhile is changed in the copy
 * too, so that it is the database of the moment of the last step. A file of that name is replaced. RXP_ERR_IO, RXP_ERR_NOMEM.
 */
struct db_copy;
int db_copy_new(struct db_copy **out, struct db *db, const char *name);
/* Not within a transaction. 1: there is more; 0: it is whole, and in its file. */
int db_copy_step(struct db_copy *copy, int pages);
uint64_t db_copy_total(const struct db_copy *copy); /* pages, and … */
uint64_t db_copy_left(const struct db_copy *copy); /* … those that are still to be copied */
void db_copy_free(struct db_copy *copy); /* also before it is whole; NULL is allowed */

/* Is the whole file sound, and every row where its reference says? RXP_ERR_DAMAGED; it reads all of it. */
int db_check(struct db *db);

/* Octets of the database file. */
int64_t db_size(struct db *db);

#endif
