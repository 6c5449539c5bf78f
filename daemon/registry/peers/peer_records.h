/*
 * peer_records - are the records that are stored of a peer such as its descriptor gives (record.def)? They were when they were written.
 * What is not is of a hand in the database, and must not keep the node from its other peers: neither the gateway nor the sealers
 * take a list in which one record is wrong.
 *
 * That certificates are some is not judged here: a sealer that reads none passes over their party (sealer/register.h).
 */
#ifndef REGISTRY_PEERS_PEER_RECORDS_H
#define REGISTRY_PEERS_PEER_RECORDS_H

#include <stdbool.h>

#include "daemon/base/record.h"

struct db;

/* *sound: there are some, each is of the party and of a kind that a descriptor gives, not more than it may, and no pin is another
 * party's. Errors as in db.h. */
int peer_records_sound(bool *sound, struct db *db, const char *party, struct bytes records);

#endif
