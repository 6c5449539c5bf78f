/*
 * store_confirmation - that a peer erased what it held of a case, as it said under its seal (RXP-NOT-014).
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_CONFIRMATION_H
#define REGISTRY_STORE_CONFIRMATION_H

#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/base/date.h"

struct db;

struct store_confirmation {
	const char *peer;
	const uint8_t *case_id, *message_id; /* of the notice */
	const char *day; /* of UTC, in which nothing was left */
	int64_t received_ms;
	struct bytes evidence; /* what proves the notice … */
	struct bytes body; /* … and what it says, canonical */
};

/* RXP_ERR_EXISTS: the peer said so before, and what it said first stands: what was received first, if it comes back after a loss in
 * another order. */
int store_confirmation_add(struct db *db, const struct store_confirmation *c);

/* The day that the peer said. RXP_ERR_NOT_FOUND. */
int store_confirmation_get(
    struct db *db, char day[RXP_DAY_TEXT], const char *peer, const uint8_t case_id[16]);

#endif
