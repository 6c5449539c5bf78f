/*
 * own_seal - is what came back to us sealed by us? All seals that our chain ever listed are in node->seals.
 */
#ifndef SEALER_OWN_SEAL_H
#define SEALER_OWN_SEAL_H

#include <stdbool.h>
#include <stdint.h>

struct node;
struct rxp_cert;

/* May something of ours that was made then bear this seal, one of node->seals? *revoked_ms: since when it is revoked, 0 if it
 * is not; what bears a revoked one may be anybody's (RXP-RCV-013). */
bool own_seal_good(
    int64_t *revoked_ms, const struct node *node, const struct rxp_cert *cert, int64_t created_ms);

#endif
