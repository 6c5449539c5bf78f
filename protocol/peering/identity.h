/*
 * identity - reading one identity part, and what goes on with it; for whoever reads chains of them.
 */
#ifndef RXP_IDENTITY_H
#define RXP_IDENTITY_H

#include "protocol/peering/descriptor.h"

/* The key that sealed a part, and the end of the certificate with which it did. */
struct rxp_identity_root {
	uint8_t digest[RXP_DIGEST_OCTETS]; /* SHA-256 of the SubjectPublicKeyInfo */
	int64_t until_ms;
};

/*
 * Open one identity part: parse, verify under the certificate in it, check its schema and that
 * what stands in it is usable. root: whose key sealed it; whether that is the root of the party is for the
 * caller to judge. before: a part that was read already, whose certificates are not tried again; NULL: none. i is initialised by the caller and holds anything
 * after a failure. RXP_ERR_BOUND, RXP_ERR_SYNTAX, RXP_ERR_STRICT, RXP_ERR_STRUCTURE,
 * RXP_ERR_SEAL, RXP_ERR_SCHEMA, RXP_ERR_KEY, RXP_ERR_MISMATCH (Test does not go with the party),
 * RXP_ERR_DATES, RXP_ERR_NOMEM, RXP_ERR_CRYPTO.
 */
int rxp_identity_read(struct rxp_identity *i, struct rxp_identity_root *root,
    uint8_t fingerprint[RXP_DIGEST_OCTETS], const uint8_t *octets, size_t len,
    const struct rxp_identity *before);

/* A part as it was read. */
struct rxp_identity_part {
	struct rxp_identity identity;
	struct rxp_identity_root root;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
};

/*
 * May it come next in a chain (RXP-DSC-003, RXP-DSC-004, RXP-DSC-024)? before: NULL for the first of a file, which may be a later one
 * of the party. RXP_ERR_SIGNER: under a root that was not announced; RXP_ERR_MISMATCH; RXP_ERR_DATES.
 */
int rxp_identity_follows(
    const struct rxp_identity_part *next, const struct rxp_identity_part *before);

#endif
