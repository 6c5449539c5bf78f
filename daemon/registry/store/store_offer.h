/*
 * store_offer - rows of the profiles and calendars that peers offer (RXP-NOT-010), and the files of those that we hold
 * and may offer.
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_OFFER_H
#define REGISTRY_STORE_OFFER_H

#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/base/ident.h"

struct db;
struct rxp_buf;

/* The offer under this id replaces one of the same peer, kind and name that is not newer; of each peer the newest
 * REGISTRY_OFFERS_MAX stay. */
int store_offer_put(struct db *db, const uint8_t offer_id[RXP_ID_OCTETS], const char *peer,
    const struct rec_node_offer *offer, int64_t offered_ms);

/* Append a record offer_row for each of a peer's, the newest first. */
int store_offer_rows(struct db *db, struct rxp_buf *rows, const char *peer);

/* Append its file. RXP_ERR_NOT_FOUND. */
int store_offer_file(struct db *db, struct rxp_buf *file, const uint8_t offer_id[RXP_ID_OCTETS]);

/* Append what was taken of a State, as sealed: a profile; id "": a calendar. RXP_ERR_NOT_FOUND. */
int store_offer_sealed(
    struct db *db, struct rxp_buf *file, const char *party, const char *id, uint32_t version);

#endif
