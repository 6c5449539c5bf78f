/*
 * evidence_party - the seals of one State as its descriptor gives them, all that its chain of identity
 * parts ever named: what is sealed outlives the certificate in force.
 */
#ifndef RXP_EVIDENCE_PARTY_H
#define RXP_EVIDENCE_PARTY_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/ident.h"
#include "protocol/limits.h"

struct rxp_answer;
struct rxp_cert;

#define RXP_EVIDENCE_MAX_CERTS (RXP_MAX_IDENTITY_PARTS * RXP_MAX_SEAL_CERTIFICATES)

struct rxp_evidence_party {
	char party[RXP_PARTY_TEXT];
	uint8_t root[RXP_DIGEST_OCTETS]; /* sealed the latest identity part */
	size_t n;
	const struct rxp_cert *certs[RXP_EVIDENCE_MAX_CERTS]; /* each once */
	struct rxp_cert *owned[RXP_EVIDENCE_MAX_CERTS]; /* the same */
	int64_t revoked_ms[RXP_EVIDENCE_MAX_CERTS]; /* 0: not revoked */
};

/*
 * Read a descriptor, verified as rxp_descriptor_open() does; root: the fingerprint that people
 * compared, of the first or of the latest identity part; NULL to take what is there. On success the
 * caller owns *out. Its errors, and RXP_ERR_KEY.
 */
int rxp_evidence_party_open(struct rxp_evidence_party **out, const uint8_t *octets, size_t len,
    const uint8_t root[RXP_DIGEST_OCTETS]);
void rxp_evidence_party_free(struct rxp_evidence_party *p);

/* When the certificate of this party was revoked; 0: it is not. */
int64_t rxp_evidence_party_revoked(const struct rxp_evidence_party *p, const struct rxp_cert *cert);

/* Verify an answer as rxp_answer_open() does, under a seal that was not revoked when the answer was
 * made. RXP_ERR_SIGNER else. */
int rxp_evidence_party_answer(
    struct rxp_answer *out, const struct rxp_evidence_party *p, const uint8_t *octets, size_t len);

#endif
