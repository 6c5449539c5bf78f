/*
 * store_disturbance - what disturbs the exchange and may move a clock: outages that a State declared, and
 * our own attempts that got no signed answer (RXP-CLK-012, RXP-CLK-013).
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_DISTURBANCE_H
#define REGISTRY_STORE_DISTURBANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/terms/due.h"

struct db;

/* --- outages --- */

/* One outage between us and a peer, as one of the two declared it. */
struct store_outage {
	char peer[RXP_PARTY_TEXT];
	bool own; /* we declared it */
	uint8_t outage_id[RXP_ID_OCTETS];
	int64_t from_ms;
	int64_t until_ms; /* RXP_DUE_NEVER: it has not ended */
};

/* Put it, or let it replace what the same side said of it before. If that
 * changes anything, the cases with the peer are looked at anew (RXP-NOT-011). */
int store_outage_put(struct db *db, const struct store_outage *o);

/* What that side said of it. RXP_ERR_NOT_FOUND. */
int store_outage_get(struct db *db, struct store_outage *out, const char *peer, bool own,
    const uint8_t outage_id[RXP_ID_OCTETS]);

/* Ours with the peer that has not ended, whatever the peer declared. RXP_ERR_NOT_FOUND. */
int store_outage_own(struct db *db, struct store_outage *out, const char *peer);

/* Did the peer declare so many that last then as it may (RXP-NOT-012)? */
int store_outage_is_full(struct db *db, bool *full, const char *peer, int64_t at_ms);

/* The first with the peer, whoever declared it, that begins after then. RXP_ERR_NOT_FOUND. */
int store_outage_ahead(struct db *db, struct store_outage *out, const char *peer, int64_t as_of_ms);

typedef int store_outage_fn(void *arg, const struct store_outage *o);
/* Those with the peer that had not ended before then, the newest first, at most max. fn's error ends it. */
int store_outage_each(struct db *db, const char *peer, int64_t since_ms, uint32_t max,
    store_outage_fn *fn, void *arg);

/* Those that count then for a clock of a case with the peer, at most RXP_MAX_SIDE_OUTAGES of each side, the newest of a
 * side first (RXP-CLK-047). fn's error ends it. */
int store_outage_counted(
    struct db *db, const char *peer, int64_t as_of_ms, store_outage_fn *fn, void *arg);

/* --- attempts --- */

/* Of a day in UTC the first and the last count (RXP-CLK-049). */
int store_attempt_add(struct db *db, const uint8_t local_id[16], int64_t at_ms);

typedef int store_attempt_fn(
    void *arg, const uint8_t local_id[16], int64_t first_ms, int64_t last_ms);
/* Of our documents of a case, at most max days. fn's error ends it. */
int store_attempt_each(struct db *db, const char *peer, const uint8_t case_id[16], uint32_t max,
    store_attempt_fn *fn, void *arg);

#endif
