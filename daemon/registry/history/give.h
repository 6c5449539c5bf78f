/*
 * give - a peer gets back its own documents that it asked for, one after the other (RXP-HIS-002 to 009).
 *
 * A request has one row, which says what was given last. As soon as that has its answer, the next one is looked for and
 * written, as a message in `waiting`, in one transaction; so nothing is held in memory, and a crash changes nothing. For a bundle
 * some more are written before (RXP-BND-014). A copy that gives nothing any more before it has its answer leaves no Number
 * out (again.h).
 */
#ifndef REGISTRY_GIVE_H
#define REGISTRY_GIVE_H

#include "daemon/registry/history/history.h"

struct give;
struct peer;

int give_new(struct give **out, const struct history_config *config); /* borrowed. RXP_ERR_NOMEM */
void give_free(struct give *g); /* NULL is allowed */

/* Something may have come or been answered. */
void give_round(struct give *g);

/* Write one more, for a bundle. heard is called once, if this returns 0: 0, it is in the outbox; RXP_ERR_NOT_FOUND: there is no more, or
 * enough of them are under way, or a line does the same since the first of these was written. RXP_ERR_FULL, RXP_ERR_NOMEM. */
typedef void give_more_done(void *arg, int result);
int give_more(struct give *g, const struct peer *peer, give_more_done *heard, void *arg);

/* Before a bundle is written: the Number of a copy that gives nothing any more goes again (again.h), in the place of that one. heard
 * as of give_more(), and again as long as its result is 0; RXP_ERR_NOT_FOUND: no such copy is left, but for what is in work. */
int give_settle(struct give *g, const struct peer *peer, give_more_done *heard, void *arg);

/* What was closed and may be given no more, goes (RXP-HIS-009); what is erased went with that. */
void give_tick(struct give *g);

#endif
