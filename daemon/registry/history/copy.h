/*
 * copy - a HistoryCopy as a message of ours that waits to be sealed (spec/rxp-1.md section 33).
 */
#ifndef REGISTRY_COPY_H
#define REGISTRY_COPY_H

#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/base/ident.h"

struct db;
struct store_given;

/* Of the request in row, in a transaction. source: local id of the document that it gives; NULL: none. Errors as in db.h,
 * RXP_ERR_FULL. */
int copy_write(struct db *db, const struct store_given *row,
    const struct rec_node_history_copy *says, const uint8_t *source,
    const uint8_t local_id[RXP_ID_OCTETS], int64_t now_ms);

#endif
