/*
 * history - documents that one of two nodes has lost come back from the other (spec/rxp-1.md section 33): what a peer
 * asked for is given to it, and what this node asked for is taken.
 */
#ifndef REGISTRY_HISTORY_H
#define REGISTRY_HISTORY_H

#include <stdint.h>

struct clocks;
struct history;
struct node;
struct outbox;
struct pace;
struct peer;
struct peers;
struct publish;
struct terms;

/* All are borrowed. */
struct history_config {
	struct node *node;
	struct peers *peers;
	const struct publish *publish;
	const struct terms *terms;
	struct clocks *clocks;
	struct pace *pace;
	struct outbox *outbox;
};

int history_new(struct history **out, const struct history_config *config); /* RXP_ERR_NOMEM */
void history_free(struct history *h); /* NULL is allowed */

/* A message of a peer came, or one of ours is in another state: look at the end of this round. */
void history_kick(struct history *h);
void history_round(struct history *h);

/* For a bundle, write one more of what a peer asked for, or put in order what is under way: as in history/give.h. */
typedef void history_more_done(void *arg, int result);
int history_more(struct history *h, const struct peer *peer, history_more_done *heard, void *arg);
int history_settle(struct history *h, const struct peer *peer, history_more_done *heard, void *arg);

/* A wall-clock duty: a minute later. */
void history_tick(struct history *h);

#endif
