/*
 * ferry - brings the attachments of a message to the peer before the message (RXP-ATT-014).
 *
 * By the gateway, which asks each time what the peer holds: so nothing of uploads is on the disk, and a crash costs a question
 * for each attachment. What the peer said is remembered for a while, to see whether it holds more and more. Each such question and each last answer takes a round trip, in which
 * the line would lie idle if the attachments of a message went one after the other: so REGISTRY_UPLOADS_PER_MESSAGE are
 * under way, in their order. REGISTRY_UPLOADS_PER_PEER go to one peer, and every message has its first before another
 * has its second.
 */
#ifndef REGISTRY_FERRY_H
#define REGISTRY_FERRY_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct ferry;
struct node;
struct peer;

enum ferry_outcome {
	FERRY_ALL, /* the peer holds all of them */
	FERRY_PEER, /* the line or the peer's node failed, and not this message */
	FERRY_FURTHER, /* the same, but the peer holds more of an attachment than when it was asked before */
	FERRY_MESSAGE, /* one of these attachments is not taken, or its file is missing */
	FERRY_OWN, /* something of this machine failed */
};

/* Ends one message's journey; why: words, "" for FERRY_ALL. */
typedef void ferry_done(void *arg, enum ferry_outcome outcome, const char *why);

int ferry_new(struct ferry **out, struct node *n); /* RXP_ERR_NOMEM */
void ferry_free(struct ferry *f); /* calls no done function; NULL is allowed */

/* 1: they are on their way, and done will be called, not from here. 0: the message has none.
 * RXP_ERR_NOMEM, errors as in db.h. */
int ferry_begin(
    struct ferry *f, struct peer *peer, const uint8_t local_id[16], ferry_done *done, void *arg);

/* The gateway's answer to a request `upload`. */
void ferry_uploaded(struct ferry *f, uint64_t request, const struct msg_uploaded *m);

/* At the end of a round: send what has room. */
void ferry_round(struct ferry *f);

#endif
