/*
 * loss - this node has found that it lost something with a peer: its log for the peer ends, another begins, the peer is to
 * be told, and new documents of their cases wait (RXP-RCV-001 to 003).
 */
#ifndef REGISTRY_RECOVERY_LOSS_H
#define REGISTRY_RECOVERY_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/store/store_inbox.h"
#include "daemon/registry/store/store_recovery.h"

struct db;
struct node;
struct peer;

/* What the commit makes of memory. */
struct loss {
	bool begun; /* else it was known before */
	enum recovery_why why;
	uint8_t log_id[RXP_ID_OCTETS]; /* of the log that begins … */
	struct store_log log; /* … and its end, which is its beginning */
};

/* In a transaction. Nothing, if a loss with the peer is open: its log ended then. RXP_ERR_FULL: because of its log alone there were
 * as many today as may be (RXP-RCV-023). Errors as in db.h, RXP_ERR_CRYPTO. */
int loss_begin(struct loss *out, struct db *db, struct node *n, const struct peer *peer,
    enum recovery_why why, int64_t now_ms);

/* The same where something is lost that may have been given since the one that is open began, such as receipts that name the log
 * that began with it: that log ends as well (RXP-RCV-021). No two of a peer begin at the same time: each that would begins a millisecond
 * later. */
int loss_begin_anew(struct loss *out, struct db *db, struct node *n, const struct peer *peer,
    enum recovery_why why, int64_t now_ms);

/* In a transaction: what was said of the loss expired unanswered, and is said anew (RXP-RCV-017); r->notice is another then.
 * Errors as in db.h, RXP_ERR_CRYPTO. */
int loss_tell_again(struct store_recovery *r, struct db *db, struct node *n, int64_t now_ms);

/* After its commit: memory follows, and the operator is told. */
void loss_begun(const struct loss *l, struct peer *peer);
/* The same of a log that began for another reason than that something was found lost: nobody is told. */
void loss_log_begun(const struct loss *l, struct peer *peer);

#endif
