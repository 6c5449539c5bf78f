/*
 * reseal - a final answer that is given again bears a seal that the peer can take (RXP-DSC-035).
 *
 * Answers are kept as they were sealed. Only if a seal of this node was revoked, or its chain has lost one, is a sealer
 * asked for each: it seals anew what bears such a seal, and that is committed in the place of the former octets before
 * anybody gets it. The log does not change, nor anything that the answer says.
 */
#ifndef REGISTRY_RESEAL_H
#define REGISTRY_RESEAL_H

#include "daemon/base/record.h"
#include "daemon/registry/store/store_inbox.h"

struct node;
struct reseal;

int reseal_new(struct reseal **out, struct node *n); /* RXP_ERR_NOMEM */
void reseal_free(struct reseal *r); /* calls no done function; NULL is allowed */

/* octets: to be given, for the time of the call. result else: errors of work_submit and as in db.h, RXP_ERR_DAMAGED;
 * nothing is to be given now. */
typedef void reseal_done(
    void *arg, int result, const struct store_answer *answer, struct bytes octets);

/* octets: of this answer to that peer, as they are stored. RXP_ERR_FULL: too many of the peer are in work. done is called once,
 * perhaps inside. */
void reseal_give(struct reseal *r, const char *peer, const struct store_answer *answer,
    struct bytes octets, reseal_done *done, void *arg);

#endif
