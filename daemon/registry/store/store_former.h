/*
 * store_former - descriptors that were in force before, of this State and of peers: a descriptor holds the latest 16 identity parts
 * (RXP-DSC-026), and evidence needs those that named the seals of its time (RXP-EVI-028). Of a chain as few are kept as join.
 */
#ifndef REGISTRY_STORE_FORMER_H
#define REGISTRY_STORE_FORMER_H

#include <stdint.h>

struct db;

/* Before the descriptor of a peer, or of this State, is replaced by one whose latest part has that Serial: keep it, if
 * without it the parts that the new one leaves out would be gone. Within the transaction that replaces it; errors as in db.h. */
int store_former_keep(struct db *db, const char *party, uint64_t serial);
int store_former_keep_own(struct db *db, uint64_t serial);
/* Before that of a peer is replaced whose trust people ended, by one that need not go on from it: keep it, unless this identity part
 * is its latest too. */
int store_former_end(struct db *db, const char *party, const uint8_t identity[32]);

#endif
