/*
 * dossier_doubt - what a certificate of a State is worth in a dossier (RXP-EVI-007, RXP-EVI-028).
 *
 * Roots that people compared may make a chain count that nothing joins; what a container says of itself must not depend on them.
 */
#ifndef RXP_DOSSIER_DOUBT_H
#define RXP_DOSSIER_DOUBT_H

#include "protocol/evidence/dossier.h"

/* Whose roots count besides the chain in force. */
enum rxp_dossier_trust { RXP_TRUST_IN_FORCE, RXP_TRUST_COMPARED };

/* The doubt about what this certificate of the party, one of its certs, sealed; revoked_ms: since when it is revoked by a chain that
 * counts, 0 if it is not. */
enum rxp_dossier_doubt rxp_dossier_doubt_of(int64_t *revoked_ms, const struct rxp_evidence_party *p,
    const struct rxp_cert *cert, enum rxp_dossier_trust trust);

#endif
