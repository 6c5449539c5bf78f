/*
 * store_halt - rows of holds and of emergency stops, and the journal of both.
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_HALT_H
#define REGISTRY_STORE_HALT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/base/ident.h"
#include "protocol/document/document.h"

struct db;
struct rxp_buf;

/* --- holds --- */

/* Of one officer: who says what another said has a row of his own. */
struct store_hold {
	char peer[RXP_PARTY_TEXT];
	uint8_t case_id[RXP_ID_OCTETS];
	struct rec_hold_row row;
};

int store_hold_add(
    struct db *db, const struct store_hold *h); /* RXP_ERR_EXISTS: by this officer too */
/* Of every officer who said it. RXP_ERR_NOT_FOUND. */
int store_hold_drop(struct db *db, const struct store_hold *h);

/* All of a case, of which nothing is left to be held. */
int store_hold_forget(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);

/* Each of the case, by person, reason and officer. fn's error ends it. */
typedef int store_hold_fn(void *arg, const struct rec_hold_row *row);
int store_hold_each(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS],
    store_hold_fn *fn, void *arg);

/* --- stops --- */

int store_stop_add(struct db *db, const struct rec_stop_row *s);
/* confirmed_by and _ms, lift_by and _ms of s. */
int store_stop_confirm(struct db *db, const struct rec_stop_row *s);
int store_stop_lift(struct db *db, const struct rec_stop_row *s);
int store_stop_drop(struct db *db, const uint8_t id[16]);

/* Each, in the order in which they were proposed; its state says whether it is in force. */
typedef int store_stop_fn(void *arg, const struct rec_stop_row *row);
int store_stop_each(struct db *db, store_stop_fn *fn, void *arg);
int store_stop_get(struct db *db, struct rec_stop_row *out, const uint8_t id[16]); /* _NOT_FOUND */

#define STORE_STOP_PROPOSED "proposed" /* by one officer; without effect */
#define STORE_STOP_IN_FORCE "in-force"
#define STORE_STOP_LIFTING "lifting" /* in force; one officer wants it lifted */

/* --- what they concern --- */

/* A message of ours that is not answered. */
struct store_halted {
	char peer[RXP_PARTY_TEXT], type[RXP_TYPE_TEXT];
	bool in_case;
	uint8_t case_id[RXP_ID_OCTETS];
};

/* Its facts are appended. RXP_ERR_NOT_FOUND. */
int store_halt_message(
    struct db *db, struct store_halted *out, struct rxp_buf *facts, const uint8_t local_id[16]);

#endif
