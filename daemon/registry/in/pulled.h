/*
 * pulled - one message that was fetched from a peer, until its answer is posted (see pull.h): RXP-PUL-005, 007.
 */
#ifndef REGISTRY_PULLED_H
#define REGISTRY_PULLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/in/admit.h"
#include "protocol/base/buf.h"
#include "protocol/base/ident.h"

struct node;

enum pulled_stage {
	PULLED_ADMIT, /* goes the one way in; of an answer of ours, to whoever takes what comes back */
	PULLED_FETCH, /* its attachments are fetched, one after the other */
	PULLED_POST, /* its answer is posted */
	PULLED_OVER, /* it is done with, and freed next */
};

/* An answer of this node that a party gives back to it (RXP-PUL-013). done: once; 0 or more: we have it now; RXP_ERR_MISMATCH:
 * it is not taken; else it may be taken later. */
typedef void pulled_own_done(void *arg, int result);
typedef void pulled_own(
    void *arg, const char *party, struct bytes answer, pulled_own_done *done, void *done_arg);

struct pulled {
	struct pulled *next;
	void (*moved)(void *arg); /* it is in another stage, and not by a call from there */
	void *moved_arg;
	struct node *node; /* borrowed, as admit */
	struct admit *admit;
	char party[4];
	enum pulled_stage stage;
	uint64_t request; /* of the stage at the gateway; 0: it is to be sent */
	bool
	    again; /* its attachments were fetched, or are not to be had: what is missing now is missing */
	bool own; /* an answer of ours: until it is posted nothing more is asked for */
	bool rests; /* of the peer, or of this node: ask a little later */
	bool left; /* with own: it is not taken, and the peer is to hear that (RXP-PUL-013) */
	uint8_t digest[RXP_DIGEST_OCTETS]; /* with left, of its octets */
	unsigned tries; /* of the post */
	int64_t received_ms;
	uint8_t message_id[RXP_ID_OCTETS]; /* from PULLED_FETCH on */
	struct rxp_buf envelope; /* until PULLED_POST */
	struct rxp_buf files; /* records attachment_row */
	struct record_cursor file; /* the next one */
	struct rxp_buf answer;
};

/* moved is for the caller to set. RXP_ERR_NOMEM, RXP_ERR_BOUND. */
int pulled_new(struct pulled **out, struct node *n, struct admit *admit, const char *party,
    const struct msg_polled *m);
void pulled_free(struct pulled *d);

/* Let it go in. What comes of it may be there at once: look at the stage. */
void pulled_admit(struct pulled *d);
/* The same, if it is an answer of ours instead of an Envelope; false if it is none. */
bool pulled_take_own(struct pulled *d, pulled_own *own, void *arg);

/* Send what its stage asks for, if there is room: the next attachment, or the answer. */
void pulled_send(struct pulled *d);

/* What the gateway says of it. */
void pulled_posted(struct pulled *d, const struct msg_posted *m);
void pulled_downloaded(struct pulled *d, const struct msg_downloaded *m);

#endif
