/*
 * turn - which of our documents of a case is the next to be sent.
 */
#ifndef REGISTRY_TURN_H
#define REGISTRY_TURN_H

#include <stdint.h>

#include "daemon/registry/store/state.h"

struct db;

/* The state in which a new document begins behind those that the case has: `waiting` if all of them have their
 * end, else `draft`. Errors as in db.h. */
int turn_of_new(struct db *db, enum state *out, const char *peer, const uint8_t case_id[16]);

/* Inside the transaction in which one of them came to its end: let the oldest without an end that is still a
 * draft come to `waiting`, due now. 1: local_id is that of the one that did; 0: none. Errors as in db.h. */
int turn_next(struct db *db, uint8_t local_id[16], const char *peer, const uint8_t case_id[16],
    int64_t now_ms);

#endif
