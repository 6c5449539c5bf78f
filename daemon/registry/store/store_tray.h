/*
 * store_tray - the tray: documents of a peer that came back before what stands before them in their case (RXP-RCV-005). Each is
 * due when it may find its place: when something of its case has come, and now and then besides (RXP-RET-023).
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named. Instants are milliseconds
 * UTC.
 */
#ifndef REGISTRY_STORE_TRAY_H
#define REGISTRY_STORE_TRAY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

struct db;
struct rxp_buf;

struct store_trayed {
	const char *peer;
	const uint8_t *message_id, *case_id;
	uint64_t position;
	struct bytes envelope;
	const uint8_t *key_id; /* of our agreement key that opens it */
	int64_t now_ms;
};

/* It is due: what it lacked when it was judged may be here now. In the place of the same in other octets it is as due as that
 * was. RXP_ERR_FULL. */
int store_tray_put(struct db *db, const struct store_trayed *t);
int store_tray_drop(struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS]);

/* The first of the peer that is due; its envelope is appended. RXP_ERR_NOT_FOUND. */
int store_tray_next(
    struct db *db, uint8_t message_id[RXP_ID_OCTETS], struct rxp_buf *envelope, const char *peer);
/* It is in work, and stays due if the node ends now. */
int store_tray_tried(
    struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS], int64_t now_ms);
/* It found no place, or nobody looked at it: it rests, longer each time, unless something of its case came meanwhile, or is due
 * as before. */
int store_tray_rests(struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS]);
int store_tray_untried(struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS]);

/* Something of the case has come. */
int store_tray_due(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);
/* Has the turn of one come that rests? RXP_ERR_NOT_FOUND: no. A bounded number of those, of whatever peer, is due. */
int store_tray_turn(struct db *db, int64_t now_ms);
int store_tray_retry(struct db *db, int64_t now_ms);

/* Documents of a case that wait there, and their end. */
int store_tray_of_case(
    struct db *db, uint64_t *n, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);
int store_tray_drop_case(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);

/* Those of a peer that cannot be placed any more: this key, which opened them, is destroyed, or nothing is here of their cases, and
 * nothing has come back for long. RXP_ERR_NOT_FOUND: none. */
struct store_hopeless {
	char peer[RXP_PARTY_TEXT];
	bool keyless;
	uint8_t key_id[RXP_DIGEST_OCTETS]; /* keyless */
	int64_t now_ms;
};
int store_tray_hopeless(struct db *db, struct store_hopeless *out, int64_t now_ms);
/* Their end, of n; a person is to know of them (struct store_recovery, given_up). */
int store_tray_give_up(struct db *db, uint64_t *n, const struct store_hopeless *of);

#endif
