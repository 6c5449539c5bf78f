/*
 * seal - the signature of a State over one sealed object: XML-DSig in the form XAdES B-B.
 *
 * Signing writes the one shape of spec/rxp-1.md section "Seal" from canonical pieces. Verifying
 * checks that shape first, down to every part that the signature does not cover, and only then
 * lets xmlsec verify the three references and the signature value, under the registered key alone
 * (RXP-SEA-003 to RXP-SEA-012). Only this module and init use xmlsec.
 */
#ifndef RXP_SEAL_H
#define RXP_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/signer.h"

struct _xmlNode;
struct rxp_xml;

enum rxp_kind {
#define KIND(name, root, ns) RXP_KIND_##name,
#include "protocol/seal/kind.def"
#undef KIND
	RXP_KIND_COUNT
};

const char *rxp_kind_root(enum rxp_kind kind);
const char *rxp_kind_namespace(enum rxp_kind kind);

/*
 * Seal: append to out the whole object of this kind.
 * header_inner and body_inner are the well-formed content of Header and Body (without those two
 * elements), written in the kind's default namespace. fingerprint receives the SHA-256 of the
 * canonical SignedInfo. RXP_ERR_SYNTAX or RXP_ERR_STRICT if a content is not well-formed or
 * outside the profile, RXP_ERR_CRYPTO, RXP_ERR_BOUND, RXP_ERR_NOMEM, or what sign() returned.
 */
int rxp_seal_sign(struct rxp_buf *out, enum rxp_kind kind, const struct rxp_buf *header_inner,
    const struct rxp_buf *body_inner, int64_t signing_time_ms, const struct rxp_signer *signer,
    uint8_t fingerprint[32]);

/* What a verified seal proves; the four runs of octets are what evidence keeps (RXP-SEA-013). */
struct rxp_seal {
	uint8_t fingerprint[32];
	int64_t signing_time_ms;
	const struct rxp_cert
	    *cert; /* the one of certs[] that sealed it; borrowed from the caller */
	struct _xmlNode *header; /* borrowed from the document */
	struct _xmlNode *body; /* borrowed from the document */
	struct rxp_buf header_octets; /* canonical */
	struct rxp_buf properties_octets;
	struct rxp_buf signed_info_octets;
	struct rxp_buf value; /* the signature value, raw */
};

/*
 * Verify the document parsed with RXP_XML_SEALED as an object of this kind, sealed under one of the
 * n certificates registered for the party. A document is verified at most once. On success out
 * owns its four buffers (rxp_seal_clear).
 * RXP_ERR_STRUCTURE (before any cryptography), RXP_ERR_SIGNER (another certificate),
 * RXP_ERR_SEAL (a digest or the signature is wrong), RXP_ERR_CRYPTO, RXP_ERR_NOMEM.
 */
int rxp_seal_verify(struct rxp_seal *out, struct rxp_xml *xml, enum rxp_kind kind,
    const struct rxp_cert *const *certs, size_t n);
void rxp_seal_clear(struct rxp_seal *seal);

/*
 * The certificate inside KeyInfo, for the one case in which trust comes from a fingerprint read
 * over the telephone and not from a register (identity parts, RXP-DSC-005). Checks the structure,
 * verifies nothing. On success the caller owns *out.
 */
int rxp_seal_claimed_cert(struct rxp_cert **out, const struct rxp_xml *xml, enum rxp_kind kind);

#endif
