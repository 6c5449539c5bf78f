/*
 * admission - one envelope of a peer while it is in work (see admit.h for the stages).
 */
#ifndef REGISTRY_ADMISSION_H
#define REGISTRY_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/base/work.h"
#include "daemon/registry/in/admit.h"
#include "daemon/registry/in/judge.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/retention/erase.h"
#include "daemon/registry/store/state.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_inbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/ident.h"
#include "protocol/message/answer.h"

struct admit;
struct clocks;
struct db;
struct keys;
struct node;
struct peer;

enum admission_stage {
	ADMISSION_NEW, /* waits for room in the sealers' queue */
	ADMISSION_OPEN,
	ADMISSION_ASK,
	ADMISSION_DECIDE,
	ADMISSION_WAIT,
	ADMISSION_SEAL,
	ADMISSION_COMMIT,
};

struct admission {
	struct admit *admit;
	struct admission *next;
	enum admission_stage stage;
	struct admit_asker askers[REGISTRY_ADMITS_MAX]; /* all get the same answer */
	size_t n_askers;
	char party[4];
	int64_t received_ms; /* RXP-TIM-005, 006: of the first that brought the octets */
	uint8_t digest[32];
	uint8_t local_id[16];
	struct rxp_buf envelope;
	/* after opening */
	struct msg_opened facts; /* its BYTES point into kept */
	struct rxp_buf kept;
	char id_text[RXP_ID_TEXT];
	bool voids; /* a Void: message id and fingerprint are those that it names (RXP-VOI-005) … */
	uint8_t own_id[RXP_ID_OCTETS]; /* … and this is its own */
	bool asked; /* the peer, since its seal is not known */
	int64_t ask_ms; /* its seal is not known, and the peer may be asked then; else 0 */
	bool conflict;
	bool unproved; /* an answer to it came back that no person has let stand (RXP-RCV-014) */
	bool back; /* its receipt was brought back, and is in answer (RXP-RCV-005) */
	struct verdict verdict;
	/* after sealing */
	char flags[RXP_MAX_FLAGS *
		   RXP_FLAG_TEXT]; /* of a receipt: words; the sealer's request borrows them */
	struct rxp_buf answer;
	enum state state; /* of the stored message */
	struct store_log log; /* what the commit makes of the peer's log */
	struct erased erased; /* of it, in the step that stores it (RXP-RET-020) */
	struct store_item item;
};

/* Copies what it keeps. RXP_ERR_NOMEM, RXP_ERR_BOUND, RXP_ERR_CRYPTO. */
int admission_new(struct admission **out, struct admit *a, struct node *n,
    const struct admit_asker *asker, const struct msg_admit *q, const uint8_t digest[32]);
void admission_free(struct admission *m); /* NULL is allowed */

/* Keep what the sealer found. RXP_ERR_NOMEM, RXP_ERR_BOUND; RXP_ERR_DAMAGED: what none of this node says. */
int admission_keep_facts(struct admission *m, const struct msg_opened *facts);

/* It bears a seal that is not taken any more, and was not receipted before: it does not open (RXP-DSC-043). */
void admission_lapse(struct admission *m);

/* Is there a message id that an answer can name? */
bool admission_has_id(const struct admission *m);

/* Is it refused because an attachment is missing? */
bool admission_lacks_files(const struct admission *m);

/* Are both opened documents of one party with one message id, or of one case, or notices of its node? The answer to one
 * depends on the answer to the other then. */
bool admission_depends(const struct admission *a, const struct admission *b);

/* Give the verdict to a sealer; done gets the admission. A receipt names the prefix of the log that
 * is committed now (RXP-ANS-007), and the peer has it that one does. Errors of work_submit. */
int admission_seal(struct admission *m, struct node *n, const struct keys *keys, struct peer *peer,
    work_done *done);

/* Its receipt was brought back: it is received at the time that this names. RXP_ERR_NOMEM, RXP_ERR_BOUND. */
int admission_take_back(struct admission *m, int64_t received_ms, struct bytes receipt);

/* Of such a one, inside a transaction: put what the receipt receipts; or, until what stands before it is here, its
 * envelope into the tray (RXP_ERR_FULL). RXP_ERR_STATE as below. */
int admission_store_back(struct admission *m, struct db *db, struct node *n, struct clocks *clocks);
int admission_store_trayed(const struct admission *m, struct db *db);

/* Put the final answer, and what a receipt receipts, inside a transaction. RXP_ERR_STATE: its case
 * has changed since the decision, or an attachment is no longer held, so that it is to be decided anew. */
int admission_store(struct admission *m, struct db *db, struct node *n, struct clocks *clocks);

#endif
