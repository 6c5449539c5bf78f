/*
 * own_seal - is what came back to us sealed by us? All seals that our chain ever listed are in node->seals.
 */
#ifndef SEALER_OWN_SEAL_H
#define SEALER_OWN_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/base/ident.h"

struct node;
struct rxp_buf;
struct rxp_cert;

/* One of node->seals. */
struct own_seal {
	uint8_t key[RXP_DIGEST_OCTETS]; /* SHA-256 of it */
	int64_t
	    revoked_ms; /* 0: it is not; what bears a revoked one may be anybody's (RXP-RCV-013) */
};

/* May something of ours that was made then bear this seal? Then it is *out. */
bool own_seal_good(
    struct own_seal *out, const struct node *node, const struct rxp_cert *cert, int64_t created_ms);

/* Append a record own_revoked for each that is revoked. */
int own_seal_revoked(struct rxp_buf *rows, const struct node *node);

#endif
