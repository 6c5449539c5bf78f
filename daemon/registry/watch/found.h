/*
 * found - the differences of one look at a log: kept while its transaction lasts, stored in it, and told after its
 * commit (RXP-LOG-011).
 */
#ifndef REGISTRY_WATCH_FOUND_H
#define REGISTRY_WATCH_FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/log/logcompare.h"

struct db;
struct node;
struct peer;

#define FOUND_MAX 64 /* of one look; what follows from them shows when they are mended */

struct found {
	uint8_t log_id[RXP_ID_OCTETS]; /* of the log in which it is found; zeros: in none */
	uint8_t shown[RXP_ID_OCTETS]; /* the log in its place; the same, if that is it */
	size_t n;
	uint64_t all; /* found, also what has no room here */
	struct {
		enum rxp_log_difference what;
		uint64_t n;
		uint8_t message_id[RXP_ID_OCTETS];
		bool open; /* set by found_store: nobody has noted it */
	} of[FOUND_MAX];
};

/* Forget what was found, in no log. */
void found_clear(struct found *f);
/* What follows is found in that log. */
void found_in(struct found *f, const uint8_t log_id[RXP_ID_OCTETS]);

/* As rxp_log_tell; arg: a struct found. */
void found_tell(
    void *arg, enum rxp_log_difference what, uint64_t n, const uint8_t message_id[RXP_ID_OCTETS]);

/* In the transaction. page: that shows them, or empty. Errors as in db.h. */
int found_store(
    struct found *f, struct db *db, const char *peer, struct bytes page, int64_t now_ms);

/* After the commit: a line for each that nobody has noted, and the peer's count of those. */
void found_told(const struct found *f, struct node *n, struct peer *peer);

/* Count anew what nobody has noted. */
void found_count(struct node *n, struct peer *peer);

#endif
