/*
 * evidence_party - the seals of one State as its descriptor gives them, all that its chain of identity
 * parts ever named: what is sealed outlives the certificate in force. Also the pins that it ever named.
 */
#ifndef RXP_EVIDENCE_PARTY_H
#define RXP_EVIDENCE_PARTY_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

struct rxp_answer;
struct rxp_cert;

#define RXP_EVIDENCE_MAX_CERTS (RXP_MAX_IDENTITY_PARTS * RXP_MAX_SEAL_CERTIFICATES)
#define RXP_EVIDENCE_MAX_PINS (RXP_MAX_IDENTITY_PARTS * RXP_MAX_TLS_PINS)

struct rxp_evidence_party {
	char party[RXP_PARTY_TEXT];
	uint8_t root[RXP_DIGEST_OCTETS]; /* sealed the latest identity part */
	size_t n;
	const struct rxp_cert *certs[RXP_EVIDENCE_MAX_CERTS]; /* each once */
	struct rxp_cert *owned[RXP_EVIDENCE_MAX_CERTS]; /* the same */
	int64_t revoked_ms[RXP_EVIDENCE_MAX_CERTS]; /* 0: not revoked (RXP-DSC-028) */
	int64_t retired_ms[RXP_EVIDENCE_MAX_CERTS]; /* 0: the latest part lists it (RXP-DSC-027) */
	size_t n_pins; /* TLS pins of earlier parts that the latest does not list */
	uint8_t former_pins[RXP_EVIDENCE_MAX_PINS][RXP_DIGEST_OCTETS];
};

/*
 * Read a descriptor, verified as rxp_descriptor_open() does, root as there. On success the
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
