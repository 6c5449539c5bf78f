/*
 * registry_recovery_rig - what tests of a loss share: answers of ours that a peer brings, the notice that something was
 * lost, and how far it is back.
 */
#ifndef UNIT_REGISTRY_RECOVERY_RIG_H
#define UNIT_REGISTRY_RECOVERY_RIG_H

#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/registry/store/store_recovery.h"

#define NOTICE "NodeNotice"
#define LOST_MS 60000 /* before now: when the lost message was received */
#define HTTP_OK 200
#define HTTP_LOST 201
#define HTTP_NOTHING 204
#define HTTP_UNPROCESSABLE 422
#define HTTP_BUSY 503

/* What the gateway was told besides. */
struct recovery_told {
	unsigned returns, posts, answered; /* answered: of the posts, by recovery_has() */
	uint32_t return_status;
	uint64_t post;
	struct fake_answer posted;
	unsigned picks; /* requests of a peer that pulls that were answered, … */
	uint32_t pick_status;
	struct fake_answer own; /* … with an answer of its own … */
	struct world_delivery message; /* … or a message */
	bool gave_own;
};
extern struct recovery_told told;

/* A world with one peer; with one that pulls. */
int recovery_set_up(void **state);
int recovery_set_up_pulls(void **state);
void recovery_restart(struct world *w);
/* Another peer, before the first in the order of parties. */
struct peer *recovery_beside(struct world *w);

struct db *db_of(struct world *w);
struct peer *peer_of(struct world *w);
struct store_recovery recovery_of(struct world *w);
void until_stage(struct world *w, enum recovery_stage stage);

/* The node's database was put back, and it starts. */
void recovery_put_back(struct world *w);
/* A notice of the peer that says so. */
struct fake_envelope recovery_restored(uint8_t id, const struct rec_node_restored *says);
/* What our notice says. */
struct rec_node_restored recovery_said(const struct world_delivery *d);
/* The peer answers our n-th delivery that it cannot open it; the next try is made, when the clock is so far ahead. */
void recovery_unopenable(struct world *w, unsigned n);
/* The peer gives its receipt for our n-th delivery. */
void recovery_receipt(struct world *w, unsigned n);

/* The peer has, or has not, what is posted to it now; or says so of all that is brought to it, until nothing is any more. */
void recovery_has(struct world *w, uint32_t status);
void recovery_has_all(struct world *w, uint32_t status);
/* What w->other is in a world of this rig. */
void recovery_hear(struct world *w, struct link *l, const struct link_message *m);

/* A receipt of ours for a message of the peer. */
struct fake_answer own_receipt(const struct fake_envelope *e);
/* The peer brings it; and what it is told. */
void brings(struct world *w, const struct fake_answer *f);
void brought(struct world *w, const struct fake_answer *f, uint32_t status);

#endif
