/*
 * own - holds the logs that this node keeps against its own database (RXP-LOG-013), and that against what was written into it
 * (own_tables.h), and the files beside it against their digests (own_files.h): at the start and then once a day, peer after peer, a few entries at a time, so that whatever else there is to do
 * goes on.
 */
#ifndef REGISTRY_WATCH_OWN_H
#define REGISTRY_WATCH_OWN_H

#include "daemon/registry/watch/found.h"

struct node;
struct own;
struct own_tables;
struct peers;

/* All are borrowed. RXP_ERR_NOMEM. */
int own_new(struct own **out, struct node *n, struct peers *peers, struct own_tables *tables);
void own_free(struct own *o); /* NULL is allowed */

/* Look whether one is to be looked at. */
void own_tick(struct own *o);

/* Look at this one now, and at the tables. */
void own_now(struct own *o, struct peer *peer);

#endif
