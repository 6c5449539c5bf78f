/*
 * arrival - an attachment that a document of a peer awaited is there (RXP-ATT-016). Process: registry.
 *
 * Errors as in db.h, RXP_ERR_CRYPTO; *completes is untouched then. Times are milliseconds UTC.
 */
#ifndef REGISTRY_ARRIVAL_H
#define REGISTRY_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/base/ident.h"

struct db;
struct node;
struct store_file;

/*
 * In the transaction in which the file of a peer becomes held: the document that awaited it gets it; if that was the
 * last, the message that says so to the sender begins to wait, and *completes is set. Nothing if nobody awaited it.
 */
int arrival_take(bool *completes, struct db *db, struct node *n, const struct store_file *file);

/* In a transaction: all that this document awaited is there since then (RXP-ATT-017); the message that says so to the
 * party begins to wait. */
int arrival_tell(struct db *db, struct node *n, const char *party,
    const uint8_t local_id[RXP_ID_OCTETS], int64_t complete_ms);

#endif
