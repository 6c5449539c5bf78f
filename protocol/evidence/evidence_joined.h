/*
 * evidence_joined - descriptors of one party put together to chains of identity parts (RXP-EVI-028): a former one that shares a
 * part with a later one goes further back; for the evidence module only.
 */
#ifndef RXP_EVIDENCE_JOINED_H
#define RXP_EVIDENCE_JOINED_H

#include <stddef.h>

#include "protocol/evidence/evidence_party.h"
#include "protocol/peering/identity_known.h"

/* A part of a chain, borrowed from those that are known. */
struct rxp_evidence_part {
	const struct rxp_identity_part *read;
	size_t
	    n_former; /* so many of the former descriptors, from the first on, join it to the latest of its chain */
};

struct rxp_evidence_joined {
	size_t n; /* chains, that in force first */
	struct {
		size_t n;
		struct rxp_evidence_part *parts; /* in the order of their Serials */
	} chains[RXP_EVIDENCE_MAX_CHAINS];
};

/*
 * Verify each descriptor by itself, each part of them once, and put together what joins. On success the caller frees *out, which lives
 * no longer than known. Errors of rxp_descriptor_open(); RXP_ERR_MISMATCH: one is not of the party of the one in force; RXP_ERR_BOUND:
 * more than RXP_EVIDENCE_FORMER_MAX. *bad as in rxp_evidence_party_open_all().
 */
int rxp_evidence_join(struct rxp_evidence_joined **out, size_t *bad,
    struct rxp_identity_known *known, const struct rxp_evidence_descriptor *in_force,
    const struct rxp_evidence_descriptor *former, size_t n);
void rxp_evidence_joined_free(struct rxp_evidence_joined *joined);

#endif
