/*
 * pull - fetches what peers have for a node that nobody can connect to (RXP-PUL): it posts them its descriptor
 * (RXP-PUL-008), asks each for the next message (RXP-PUL-002), and posts the answer (RXP-PUL-006).
 *
 *   told       the peer has our descriptor since it last changed, or since the start; a change is told at once
 *   asking     one request waits at the peer
 *   fetched    the message goes the one way in (admit.h); if an attachment is missing, its attachments are fetched,
 *              and it goes the same way once more
 *   answered   the answer is posted; until it is taken the peer gives the message again
 *   own        in the place of a message, an answer of ours that we lost: it is taken back, and posted (RXP-PUL-013)
 *
 * Nothing of this is stored: gone at any point, the peer gives the message again, and gets the stored octets
 * if there are any.
 */
#ifndef REGISTRY_PULL_H
#define REGISTRY_PULL_H

#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/in/pulled.h"

struct admit;
struct keys;
struct node;
struct peers;
struct pull;

/* All are borrowed. */
struct pull_config {
	struct node *node;
	struct peers *peers;
	const struct keys *keys;
	struct admit *admit;
	/* Takes an answer of this node that a peer gives back. */
	pulled_own *own;
	void *own_arg;
	/* How long to leave a peer alone that failed so many times in a row, in ms. */
	int64_t (*backoff)(void *arg, unsigned times);
	void *backoff_arg;
};

int pull_new(struct pull **out, const struct pull_config *config); /* RXP_ERR_NOMEM */
void pull_free(struct pull *p); /* NULL is allowed */

/* Our descriptor has changed. */
void pull_descriptor(struct pull *p);

/* There may be another peer. */
void pull_tick(struct pull *p);

/* At the end of a round: ask and post what has room. */
void pull_round(struct pull *p);

/* The gateway's answers. */
void pull_polled(struct pull *p, uint64_t request, const struct msg_polled *m);
void pull_posted(struct pull *p, uint64_t request, const struct msg_posted *m);
void pull_downloaded(struct pull *p, uint64_t request, const struct msg_downloaded *m);

#endif
