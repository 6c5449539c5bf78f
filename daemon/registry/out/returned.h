/*
 * returned - answers to our messages that come by another way than as the response to a push: posted by a peer that
 * fetched them (RXP-PUL-006), or in a bundle.
 *
 * A sealer verifies each before anything is looked for; then it is what the same answer would have been to a push
 * (outbox.h). One that was taken before changes nothing, whoever brings it. An answer of this node itself, which the peer
 * brings back to it, goes to whoever recovers what was lost.
 */
#ifndef REGISTRY_RETURNED_H
#define REGISTRY_RETURNED_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct outbox;
struct peers;
struct publish;
struct returned;

/* 0: what it means is stored, or was before, or it changes nothing. RETURNED_LOST: it is an answer of this node, which had
 * lost it, or lacks what it answers. RXP_ERR_MISMATCH: it is no answer of the party to
 * a message of ours. RETURNED_REVOKED: it is one of this node under a seal that it has revoked, and nothing but that says that it
 * was lost (RXP-RCV-013). Else it is to be brought again. */
#define RETURNED_LOST 1
#define RETURNED_REVOKED 2
typedef void returned_done(void *arg, int result);

/* An answer under our own seal that the peer brings back; m: what a sealer found in it. Calls done once. */
typedef void returned_own(void *arg, const char *party, struct bytes octets,
    const struct msg_answer_checked *m, returned_done *done, void *done_arg);

/* All are borrowed. */
struct returned_config {
	struct node *node;
	struct peers *peers;
	const struct publish *publish;
	struct outbox *outbox;
	returned_own *own;
	void *own_arg;
	/* The party has posted its answer to a message of ours, perhaps not for the first time. One in a bundle may be older than
	 * what the party has lost since (RXP-BND-010). */
	void (*taken)(void *arg, const char *party, const uint8_t message_id[16]);
	void *taken_arg;
};

int returned_new(struct returned **out, const struct returned_config *config); /* RXP_ERR_NOMEM */
void returned_free(struct returned *r); /* calls no done function; NULL is allowed */

/* Take one that is said to be of that party; done is called once, perhaps inside. */
void returned_take(
    struct returned *r, const char *party, struct bytes answer, returned_done *done, void *arg);

/* Request `returned` of the gateway; it is answered on its link. */
void returned_post(struct returned *r, uint64_t request, const struct msg_returned *m);

#endif
