/*
 * recovery - after this node, or a peer, lost what its database had: the two come to know the same again, each peer for
 * itself (spec/rxp-1.md section 44).
 *
 *   of this node   loss.h begins it, here for a copy that was put back and for what the log of a peer names; regain.h says how it
 *                  goes from stage to stage to its end; came_back.h and in/ take what comes back, tray.h places it, history/ takes
 *                  back our own documents
 *   of a peer      in/heard_restored notes it; bring.h brings what we hold
 */
#ifndef REGISTRY_RECOVERY_H
#define REGISTRY_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct admit;
struct keys;
struct node;
struct pace;
struct peer;
struct peers;
struct pickup;
struct publish;
struct recovery;
struct regain_word;

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

/* After the commit of regain_confirm(): memory follows, and the operator is told. */
void recovery_confirmed(struct recovery *r, struct peer *peer, const struct regain_word *word);

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
