/*
 * store_recovery - what became of the database as a whole: a copy that was put in the place of a later one.
 *
 * Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_RECOVERY_H
#define REGISTRY_STORE_RECOVERY_H

#include <stdint.h>

struct db;

/* Mark the database as put back at that time. Whoever puts a copy in the place of a later database does this to it before
 * any registry is started on it; to do it again changes the time alone. */
int store_put_back_mark(struct db *db, int64_t at_ms);

/* When it was put back. RXP_ERR_NOT_FOUND: it was not, or a start has seen to it. */
int store_put_back_get(struct db *db, int64_t *at_ms);

/* In the transaction that sees to it. */
int store_put_back_done(struct db *db);

#endif
