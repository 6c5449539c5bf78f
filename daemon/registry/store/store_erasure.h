/*
 * store_erasure - the list of erasures (daemon/base/erasure.h): written in the transaction that erases, put into the data
 * that a backup brings back, and carried out there before anything is served.
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_ERASURE_H
#define REGISTRY_STORE_ERASURE_H

#include "daemon/base/erasure.h"

struct db;

/* One more of them, which was just carried out. RXP_ERR_CRYPTO. */
int store_erasure_add(
    struct db *db, const uint8_t local_id[16], uint32_t attachment, int64_t at_ms);
/* One that another time of these data carried out, and that is owed here. Its head is the caller's to check. */
int store_erasure_owe(struct db *db, const struct erasure *e);

/* How many there are, and the head of the last; 0 and zeros if there is none. */
int store_erasure_last(struct db *db, uint64_t *n, uint8_t head[32]);

/* The first behind n. RXP_ERR_NOT_FOUND. */
int store_erasure_next(struct db *db, struct erasure *out, uint64_t n);
/* The first behind n that is owed, with the local id that its document has here. RXP_ERR_NOT_FOUND. */
int store_erasure_owed(struct db *db, struct erasure *out, uint64_t n);
int store_erasure_done(struct db *db, uint64_t n);
/* Is this attachment of the document with that local id here among what is owed, by itself or with all others?
 * RXP_ERR_NOT_FOUND. */
int store_erasure_owes(struct db *db, const uint8_t local_id[16], uint32_t attachment);

/* Its document is not here: it is owed again as soon as it comes. */
int store_erasure_await(struct db *db, uint64_t n);
/* The first behind n that waits for this document. RXP_ERR_NOT_FOUND, RXP_ERR_CRYPTO. */
int store_erasure_awaited(
    struct db *db, struct erasure *out, const struct erasure_document *d, uint64_t n);
/* It is here now, under this local id. */
int store_erasure_here(struct db *db, uint64_t n, const uint8_t local_id[16]);

/* Of both boxes the document with content behind a local id, which becomes that of what was found. RXP_ERR_NOT_FOUND. */
int store_erasure_document_next(struct db *db, struct erasure_document *out, uint8_t local_id[16]);

#endif
