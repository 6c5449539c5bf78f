/*
 * store - the database file, its lock, and the group commit.
 *
 * Everything that changes the database is an item: submitted at any time, applied at the end of the
 * loop's round together with all that waits (at most REGISTRY_BATCH_MAX in one transaction, each in
 * a savepoint of its own), told its result after the COMMIT. What an item's owner has in memory, and
 * whatever leaves the process because of it, changes in `done` and never before: so a failed COMMIT
 * leaves memory and database as they were.
 *
 * Reading outside a transaction is allowed at any time (store_db); it sees what is committed.
 */
#ifndef REGISTRY_STORE_H
#define REGISTRY_STORE_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct store;

/* Apply one item inside the transaction. RXP_ERR_IO, _NOMEM and _DAMAGED fail the whole batch; any
 * other code undoes this item alone and is its result. It may be called only once. */
typedef int store_apply(void *arg, struct db *db);
/* After the COMMIT with the item's result; or with RXP_ERR_IO, and nothing of the batch happened.
 * May free the item and submit others. */
typedef void store_done(void *arg, int result);

struct store_item {
	store_apply *apply;
	store_done *done;
	void *arg;
	struct store_item *next; /* the store's */
};

struct store_count {
	uint64_t commits, items;
};

/*
 * Open or make readmit.db in the working directory, which is locked for this process.
 * RXP_ERR_EXISTS: another daemon holds the lock, or a program has the database open. RXP_ERR_UNSUPPORTED: made by a newer version.
 * RXP_ERR_SCHEMA: by another one, or altered. RXP_ERR_NOT_FOUND: one was made here, and is gone.
 * RXP_ERR_IO, RXP_ERR_NOMEM, RXP_ERR_DAMAGED.
 */
int store_open(struct store **out);
/* Without committing what waits, and without calling its done functions. NULL is allowed. */
void store_close(struct store *s);

struct db *store_db(struct store *s);

/* The item is the caller's and stays where it is until its done function is called. */
void store_submit(struct store *s, struct store_item *item);

/* Commit everything that waits, also what the done functions submit meanwhile. */
void store_round(struct store *s);

/* Does anything wait for a commit? */
bool store_waiting(const struct store *s);

/* Did the last transaction fail? */
bool store_failing(const struct store *s);

/* Must the process end, because what is on the disk is unknown? */
bool store_lost(const struct store *s);
/* Is it so because the file is no sound database any more? Another start would find the same. */
bool store_damaged(const struct store *s);

/* Is a file of the database, which stays open, no more under its name, or has somebody else written into it? All that is written then is gone when the process ends. */
bool store_displaced(const struct store *s);
/* Look whether it is, and tell it once. */
void store_tick(struct store *s);

struct store_count store_counts(const struct store *s);

#endif
