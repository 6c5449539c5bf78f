/*
 * store_former - descriptors that were in force before, of this State and of peers: a descriptor holds the latest 16 identity parts
 * (RXP-DSC-026), and evidence needs those that named the seals of its time (RXP-EVI-028). Of a chain as few are kept as join.
 */
#ifndef REGISTRY_STORE_FORMER_H
#define REGISTRY_STORE_FORMER_H

#include <stdint.h>

#include "daemon/base/record.h"

struct db;
struct rxp_buf;

/* Before the descriptor of a peer, or of this State, is replaced by one whose latest part has that Serial: keep it, if
 * without it the parts that the new one leaves out would be gone. Within the transaction that replaces it; errors as in db.h. */
int store_former_keep(struct db *db, const char *party, uint64_t serial);
int store_former_keep_own(struct db *db, uint64_t serial);
/* Before that of a peer is replaced whose trust people ended, by one that need not go on from it: keep it, unless this identity part
 * is its latest too. */
int store_former_end(struct db *db, const char *party, const uint8_t identity[32]);

/* Append records evidence_former of those that are kept of the party, the newest first, as many as a container may have. The buffer's
 * errors. */
int store_former_rows(struct db *db, struct rxp_buf *rows, const char *party);
/* Keep one that people brought, whose latest part has that Serial, behind all others (RXP-EVI-034). RXP_ERR_FULL: as many are kept as a
 * container may have. */
int store_former_give(struct db *db, const char *party, uint64_t serial, struct bytes descriptor);

#endif
