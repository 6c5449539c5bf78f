/*
 * logpages - pages of the log that we keep for a peer, when it asks for them (RXP-LOG-004 to 007) or we post them (post.h):
 * the registry has the entries, a sealer seals them.
 */
#ifndef REGISTRY_WATCH_LOGPAGES_H
#define REGISTRY_WATCH_LOGPAGES_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peer;
struct peers;

struct logpages;

int logpages_new(struct logpages **out, struct node *node, struct peers *peers); /* RXP_ERR_NOMEM */
/* Who waits for a page hears that there is none: links, and whoever asked, are still there. NULL is allowed. */
void logpages_free(struct logpages *l);

/* Hears once of a page that is being made: its octets, or none if it could not be made. */
typedef void logpages_made(void *arg, struct bytes page);

/* Make the page behind that entry. RXP_ERR_FULL: the peer has had its share of this minute, or one for it is in work
 * (RXP-LOG-004). RXP_ERR_NOMEM, errors as in db.h and of a link; made is not called then. */
int logpages_make(
    struct logpages *l, struct peer *peer, uint64_t after, logpages_made *made, void *arg);

/* The same for a bundle, however many it takes (RXP-BND-007), also while one for the peer is in work. RXP_ERR_FULL: the sealers have no
 * room now. */
int logpages_carry(
    struct logpages *l, struct peer *peer, uint64_t after, logpages_made *made, void *arg);

/* The gateway's request `log_get`: answered later, or at once with 503 if that is one too many of the peer. */
void logpages_give(struct logpages *l, uint64_t request, const struct msg_log_get *m);

#endif
