/*
 * left - what of ours came back before what stands before it in its case is asked for once more when that is here, in a hold and
 * outside of one (RXP-RCV-026): of which cases, and whether anything is asked for just now.
 */
#ifndef REGISTRY_RECOVERY_LEFT_H
#define REGISTRY_RECOVERY_LEFT_H

#include <stdint.h>

#include "daemon/registry/store/store_history.h"

struct db;
struct node;

/* How far our last request to a peer is. */
enum left_asking {
	LEFT_NONE, /* there is none, or nothing is known of it */
	LEFT_OPEN, /* copies come, or are to be looked at */
	LEFT_ENDED,
	LEFT_VAIN, /* it came to nothing … */
	LEFT_OUTLIVED, /* … having lasted as long as such a message does: no other clock says so alone (RXP-RCV-017) */
};
enum left_asking left_asking(struct store_asked *last, struct db *db, const char *peer);

/* Of which cases something was left and has its place by now: out->cases, to be asked for; with them what stays told of the last
 * request. RXP_ERR_NOT_FOUND: of none, or a request is open. Errors as in db.h. */
int left_find(struct store_asked *out, struct db *db, const char *peer);

/* In a transaction: ask for out->cases (RXP-HIS-001). Errors as in db.h, RXP_ERR_CRYPTO. */
int left_ask(struct store_asked *out, struct db *db, struct node *n, int64_t now_ms);

#endif
