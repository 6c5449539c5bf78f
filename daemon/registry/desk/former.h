/*
 * former - a person brings a former descriptor of a peer or of this State, to be kept as evidence (RXP-EVI-034).
 *
 * It changes nothing else: what is in force stays, and nothing is trusted because of it but what this State itself sealed, when that
 * comes back.
 */
#ifndef REGISTRY_FORMER_H
#define REGISTRY_FORMER_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct keys;
struct node;
struct publish;

/* Answers descriptor_kept on the desk's link, after the commit of what is kept and of its entry in the journal. RXP_ERR_EXISTS: it has no
 * part that is not known; RXP_ERR_NOT_FOUND: no such party; RXP_ERR_STATE and problem: why it is not kept. */
void former_keep(struct node *n, const struct keys *keys, struct publish *publish, uint64_t request,
    const struct msg_descriptor_keep *m);

#endif
