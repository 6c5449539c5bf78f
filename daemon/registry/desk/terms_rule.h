/*
 * terms_rule - what people lay down about the terms that are held: a legal officer attests a profile, and the
 * ministry says under which one new cases with a peer run.
 *
 * Each is committed with its journal entry and answered after that; `problem` says in words what is wrong.
 */
#ifndef REGISTRY_TERMS_RULE_H
#define REGISTRY_TERMS_RULE_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peers;
struct terms;

/* What it works on; all borrowed. It stays where it is. */
struct terms_rule {
	struct node *node;
	struct peers *peers;
	struct terms *terms;
};

/* RXP-PRF-026. RXP_ERR_NOT_FOUND; RXP_ERR_STATE: more than one State published it, and none was named; it needs
 * no attestation, or has one (RXP_ERR_EXISTS). */
void terms_rule_attest(
    const struct terms_rule *by, uint64_t request, const struct msg_profile_attest *m);

/* From then on, 0: now. RXP_ERR_NOT_FOUND: no such peer, or no such profile for it; RXP_ERR_STATE: in the past;
 * RXP_ERR_FULL. A profile that is not attested may be chosen; what is sent under it waits for that. */
void terms_rule_use(const struct terms_rule *by, uint64_t request, const struct msg_profile_use *m);

#endif
