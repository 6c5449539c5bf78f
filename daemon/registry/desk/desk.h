/*
 * desk - requests of the ministry's own side, from the desk process; long polls included.
 *
 * What changes something is answered after its commit. What people ask is in the order of local
 * ids, by pages of at most REGISTRY_PAGE_MAX rows (of cases, and all that share the last id).
 */
#ifndef REGISTRY_DESK_H
#define REGISTRY_DESK_H

#include <stdint.h>

struct desk;
struct link_message;
struct node;

int desk_new(struct desk **out, struct node *n); /* RXP_ERR_NOMEM */
void desk_free(struct desk *d); /* NULL is allowed */

/* One request of the desk's link. */
void desk_take(struct desk *d, const struct link_message *m);

/* A message to a peer is in another state; long polls for it may end. */
void desk_changed(struct desk *d, const uint8_t local_id[16]);
/* A message of a peer was stored; long polls for the inbox may end at the end of the round. */
void desk_received(struct desk *d);
void desk_round(struct desk *d);

#endif
