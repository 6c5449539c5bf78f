/*
 * regain - how a loss of this node with a peer comes to its end: what each stage (store/recovery.def) waits for, what the step to
 * the next one stores, and what the word of a person who has compared makes of it (RXP-RCV-014 to 017, 020).
 *
 * It knows the database alone. recovery.h looks when something may have changed, submits the step, and lets memory follow.
 */
#ifndef REGISTRY_RECOVERY_REGAIN_H
#define REGISTRY_RECOVERY_REGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/recovery/loss.h"
#include "daemon/registry/store/store_inbox.h"
#include "daemon/registry/store/store_recovery.h"

struct db;
struct node;
struct peer;

/* The stage that follows now upon that of the row; RECOVERY_STAGE_COUNT: it still waits. */
enum recovery_stage regain_after(
    struct node *n, const struct store_recovery *row, const struct peer *peer);

struct regain_step {
	enum recovery_stage next; /* as regain_after() gave it */
	int64_t now_ms;
	bool disputed; /* out: the peer refused what was said of the loss */
};

/* In a transaction: the step to s->next. RXP_ERR_STATE: what was committed since makes another one of it, and nothing is stored.
 * Errors as in db.h, RXP_ERR_CRYPTO. */
int regain_step(struct regain_step *s, struct db *db, struct node *n, const struct peer *peer);

struct regain_word {
	uint64_t unproved; /* of answers and documents that the person was shown */
	/* what the commit makes of memory */
	bool ends; /* the hold */
	bool grown; /* the log that this node keeps for the peer, … */
	struct store_log log; /* … and its end */
	struct loss loss; /* that it is another log from now on, or nothing */
};

/* In a transaction: a person has compared. Where something is unproved, that stands from now on, what waited for it comes, and the
 * hold goes on (RXP-RCV-014); else the hold ends, and what was given up is told no more (RXP-RET-022). RXP_ERR_NOT_FOUND: nothing is
 * held or told. RXP_ERR_MISMATCH: something of that kind came, or went, since the person was shown it (RXP-RCV-016). Errors as in
 * db.h, RXP_ERR_CRYPTO. */
int regain_confirm(struct regain_word *word, struct db *db, struct node *n, const struct peer *peer,
    int64_t now_ms);

#endif
