/*
 * store_contact - how the office of each peer's node is reached (RXP-NOT-013). Errors as in db.h.
 */
#ifndef REGISTRY_STORE_CONTACT_H
#define REGISTRY_STORE_CONTACT_H

#include <stdint.h>

#include "daemon/base/record.h"

struct db;
struct rxp_buf;

/* From a store_apply: what the peer said then takes the place of what it said before then. */
int store_contact_put(
    struct db *db, const char *peer, const struct rec_node_contact *c, int64_t told_ms);

/* Append a record contact_row for each peer that said so. RXP_ERR_DAMAGED, the buffer's errors. */
int store_contact_rows(struct db *db, struct rxp_buf *rows);

#endif
