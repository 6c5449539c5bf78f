/*
 * store_countersign - acts of second officers (RXP-SAF-038): that they have read the text of a document, before somebody else gives
 * it to the node. What is kept of the text is its digest, until it is used or too old.
 *
 * Functions are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_COUNTERSIGN_H
#define REGISTRY_STORE_COUNTERSIGN_H

#include <stdbool.h>
#include <stdint.h>

struct db;

struct store_countersign {
	const uint8_t *text; /* SHA-256, 32 octets */
	const char *user; /* who acts */
	const char *officer; /* the pseudonym */
	bool names; /* confirmed */
	int64_t at_ms;
};

/* One of a user for a text; those of before since_ms go. RXP_ERR_FULL: there are too many. */
int store_countersign_add(struct db *db, const struct store_countersign *c, int64_t since_ms);

/* Use that of an officer who is another user than c's, since at_ms, and who confirmed its names if c does.
 * RXP_ERR_NOT_FOUND: there is none. */
int store_countersign_use(struct db *db, const struct store_countersign *c);

#endif
