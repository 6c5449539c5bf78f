/*
 * store_left - cases with a peer of which a document of ours came back and was left, since what stands before it was not there: they
 * are asked for once more when it is (RXP-RCV-026).
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_LEFT_H
#define REGISTRY_STORE_LEFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/registry/store/store_history.h"

struct store_left {
	const char *peer;
	const uint8_t *case_id;
	const uint8_t *previous, *seen; /* fingerprints that it names; NULL: none */
	bool held; /* what is not sealed yet in its case waits for it */
};

/* One more document is left. The first of a case since that was asked for last says what is missing; if nothing is, a person is
 * needed, and the case is asked for no more. */
int store_left_add(struct db *db, const struct store_left *l);

/* How many documents of the peer's cases are left. */
int store_left_count(struct db *db, uint64_t *documents, const char *peer);

/* Is something of that case left? An error of the database: yes. */
bool store_left_of(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);

/* The first cases whose missing documents are here now; over: also of those that the last request named, which came to nothing. */
int store_left_due(struct db *db, struct store_named *out, const char *peer, bool over);

/* Besides those, the cases of which nothing is left and in which documents of the peer wait for their place (store_tray.h).
 * RXP_ERR_FULL: there are more than one request can name. */
int store_left_trayed(struct db *db, struct store_named *out, const char *peer);

/* A person has compared: nothing is left any more, of cases that are here, or of all. */
int store_left_drop(struct db *db, const char *peer, bool all);

#endif
