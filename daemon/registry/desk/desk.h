/*
 * desk - requests of the ministry's own side, from the desk process: each goes to its module.
 *
 * What changes something is answered after its commit.
 */
#ifndef REGISTRY_DESK_H
#define REGISTRY_DESK_H

#include <stdint.h>

struct admit;
struct clocks;
struct backup;
struct dates;
struct rewrap;
struct desk;
struct keys;
struct logpages;
struct logwatch;
struct link_message;
struct node;
struct outbox;
struct own;
struct pace;
struct peer_files;
struct peers;
struct publish;
struct refresh;
struct returned;
struct share;
struct terms;

/* All are borrowed. */
struct desk_config {
	struct node *node;
	struct peers *peers;
	const struct keys *keys;
	struct publish *publish;
	struct admit *admit;
	struct peer_files *peer_files;
	struct refresh *refresh;
	struct returned *returned;
	const struct share *share;
	struct terms *terms;
	struct clocks *clocks;
	struct pace *pace;
	struct outbox *outbox;
	struct logwatch *logwatch;
	struct logpages *logpages;
	struct own *own;
	struct recovery *recovery;
	struct history *history;
	const struct dates *dates;
	const struct rewrap *rewrap;
	struct backup *backup;
};

int desk_new(struct desk **out, const struct desk_config *config); /* RXP_ERR_NOMEM */
void desk_free(struct desk *d); /* NULL is allowed */

/* One request of the desk's link. */
void desk_take(struct desk *d, const struct link_message *m);

/* A message to a peer is in another state; long polls for it may end. */
void desk_changed(struct desk *d, const uint8_t local_id[16]);
/* A message of a peer was stored; long polls for the inbox may end at the end of the round. */
void desk_received(struct desk *d);
void desk_round(struct desk *d);

#endif
