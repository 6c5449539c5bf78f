/*
 * recovery - after this node, or a peer, lost what its database had: the two come to know the same again, each peer for
 * itself (spec/rxp-1.md section 44).
 *
 *   of this node   loss.h begins it; here it goes from stage to stage (store/recovery.def); came_back.h and in/ take what
 *                  comes back, tray.h places it, history/ takes back our own documents
 *   of a peer      in/heard_restored notes it; bring.h brings what we hold
 */
#ifndef REGISTRY_RECOVERY_H
#define REGISTRY_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/recovery/came_back.h"
#include "daemon/registry/recovery/loss.h"
#include "daemon/registry/store/store_inbox.h"

struct admit;
struct db;
struct keys;
struct node;
struct pace;
struct peer;
struct peers;
struct pickup;
struct publish;
struct recovery;

/* All are borrowed. */
struct recovery_config {
	struct node *node;
	struct peers *peers;
	struct keys *keys;
	struct pace *pace;
	struct pickup *pickup;
	const struct publish *publish;
	struct admit *admit;
};

/* Loads what is open, and sees to a database that was put back (store_recovery.h), before anything is received or sent.
 * Errors as in db.h; RXP_ERR_NOMEM. */
int recovery_new(struct recovery **out, const struct recovery_config *config);
void recovery_free(struct recovery *r); /* NULL is allowed */

/* A message of a peer came, or one of ours is in another state: look at the end of this round. */
void recovery_kick(struct recovery *r);
void recovery_round(struct recovery *r);
void recovery_tick(struct recovery *r);

/* The log that the peer keeps for this node names what it does not know. New documents of its cases wait from now on. */
void recovery_suspect(struct recovery *r, struct peer *peer);

/* A person has compared. Where something is unproved, that stands from now on, what waited for it comes, and the hold goes on
 * (RXP-RCV-014); else the hold ends, and what was given up is told no more (RXP-RET-022). In a transaction, then after it.
 * RXP_ERR_NOT_FOUND: nothing is held or told. RXP_ERR_MISMATCH:
 * something of that kind came, or went, since the person was shown it (RXP-RCV-016). */
struct recovery_word {
	uint64_t unproved; /* of answers and documents that the person was shown */
	/* what the commit makes of memory */
	bool ends; /* the hold */
	bool grown; /* the log that this node keeps for the peer, … */
	struct store_log log; /* … and its end */
	struct loss loss; /* that it is another log from now on, or nothing */
};
int recovery_confirm(struct recovery_word *word, struct db *db, struct node *n,
    const struct peer *peer, int64_t now_ms);
void recovery_confirmed(struct recovery *r, struct peer *peer, const struct recovery_word *word);

/* A party posted an answer to the message of this id. */
void recovery_returned(struct recovery *r, const char *party, const uint8_t message_id[16]);

/* A party asks for a message, and may say that it does not take the answer of its own that it was given. */
void recovery_left(struct recovery *r, const struct msg_pickup *m);

/* A page of a log came in a bundle that is said to be the party's: while that gets its answers back it shows which it has. heard is called
 * once, perhaps inside, as of a page that is compared (watch/logwatch.h). false: nothing is brought to it, and the page is nobody's here. */
typedef void recovery_shown_done(void *arg, int result);
bool recovery_shown(struct recovery *r, const char *party, struct bytes octets,
    recovery_shown_done *heard, void *arg);

/* The gateway's answer to a request `post`; false if it is nobody's here. */
bool recovery_posted(struct recovery *r, uint64_t request, const struct msg_posted *m);

#endif
