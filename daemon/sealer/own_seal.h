/*
 * own_seal - is what came back to us sealed by us? All seals that our chain lists are in node->seals; those that it has outgrown
 * (RXP-DSC-026) are in former descriptors that are kept (RXP-EVI-034), which the register has.
 */
#ifndef SEALER_OWN_SEAL_H
#define SEALER_OWN_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/base/ident.h"

struct node;
struct rxp_buf;
struct rxp_cert;
struct rxp_evidence_party;

/* All of both, until the next register is used: the first n_joined are of our chain. What does not verify, or does not join, is passed
 * over. */
const struct rxp_evidence_party *own_seals(struct node *node);

/* One of them. */
struct own_seal {
	uint8_t key[RXP_DIGEST_OCTETS]; /* SHA-256 of it */
	int64_t
	    revoked_ms; /* 0: it is not; what bears a revoked one may be anybody's (RXP-RCV-013) */
};

/* May something of ours that was made then bear this seal? Then it is *out. */
bool own_seal_good(struct own_seal *out, const struct rxp_evidence_party *own,
    const struct rxp_cert *cert, int64_t created_ms);

/* Append a record own_revoked for each of node->seals that is revoked. */
int own_seal_revoked(struct rxp_buf *rows, const struct node *node);

#endif
