/*
 * came_back - an answer under our own seal that a peer brings: one that this node has lost is its answer again, at the
 * time that it names (RXP-RCV-004, RXP-RCV-005).
 *
 * One under a seal that this node has revoked is taken only while the peer is held and the loss is sure (RXP-RCV-013), and
 * is no answer before a person lets it stand (RXP-RCV-014; store_unproved.h). One under a good seal takes its place.
 */
#ifndef REGISTRY_RECOVERY_CAME_BACK_H
#define REGISTRY_RECOVERY_CAME_BACK_H

#include "daemon/base/ipc.h"

struct node;
struct pace;
struct peers;
struct share;

struct came_back {
	struct node *node; /* borrowed, as the rest */
	struct peers *peers;
	struct share *share;
	struct pace *pace;
};

/* Results as of returned_done. */
typedef void came_back_done(void *arg, int result);

/* m: what a sealer found in it under our seal; octets: it, which the caller keeps until done is called: once, perhaps
 * inside. arg: a struct came_back. */
void came_back_take(void *arg, const char *party, struct bytes octets,
    const struct msg_answer_checked *m, came_back_done *done, void *done_arg);

#endif
