/*
 * own_tables - holds every table of the database against what this node has written into it (RXP-LOG-031): at the start and then
 * once a day, some rows at a time.
 *
 * What differs in rows of a party is told of its log; what differs in rows of none, or of a party that is no peer, of the log of
 * each peer, for all of them rest upon it.
 */
#ifndef REGISTRY_WATCH_OWN_TABLES_H
#define REGISTRY_WATCH_OWN_TABLES_H

struct node;
struct own_tables;
struct peers;

/* Both are borrowed. The look of the start is made as far as a start may wait for it, and to its end where these data were put back,
 * for what is owed there is erased before anybody is served; the rest of it goes on by itself. Until then, and as long as something
 * of what was found is not noted, the node's `proved` says what must wait (RXP-LOG-032). RXP_ERR_NOMEM. */
int own_tables_new(struct own_tables **out, struct node *n, struct peers *peers);
void own_tables_free(struct own_tables *o); /* NULL is allowed */

/* Look whether it is time, or somebody else wrote into the file: then nothing is proved any more before that was looked at. */
void own_tables_tick(struct own_tables *o);
/* Look now; what is under way goes on. */
void own_tables_now(struct own_tables *o);

#endif
