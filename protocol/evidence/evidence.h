/*
 * evidence - what proves a Document after its content is gone (RXP-SEA-013, RXP-EVI-001 to RXP-EVI-010).
 *
 * Pure: octets in, verdict out. It proves who sealed, for whom, what type, when, and in which place of
 * a case; with the answer, when it was received. Of the Body it proves a digest and nothing else.
 */
#ifndef RXP_EVIDENCE_H
#define RXP_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/limits.h"
#include "protocol/document/document.h"
#include "protocol/message/answer.h"

/* The runs of octets that are kept; the first three are canonical XML. */
enum rxp_evidence_piece {
	RXP_EVIDENCE_HEADER,
	RXP_EVIDENCE_PROPERTIES,
	RXP_EVIDENCE_SIGNED_INFO,
	RXP_EVIDENCE_VALUE, /* the raw signature value */
	RXP_EVIDENCE_PIECES
};

/* Octets of one piece: a canonical form may be longer than what was written. */
#define RXP_EVIDENCE_MAX_OCTETS (2UL * RXP_MAX_DOCUMENT_OCTETS)

struct rxp_evidence {
	struct {
		const uint8_t *data; /* borrowed */
		size_t len;
	} piece[RXP_EVIDENCE_PIECES];
};

/* What the evidence of one Document proves. */
struct rxp_evidence_proof {
	struct rxp_header header;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	uint8_t body_digest[RXP_DIGEST_OCTETS];
	int64_t signing_time_ms;
	const struct rxp_cert
	    *cert; /* the one of certs[] that sealed it; borrowed from the caller */
};

/*
 * Verify the pieces under one of the n seal certificates of the party that From names; whether it is
 * that party's is for the caller to know. fingerprint: the one that the answer names; NULL if there
 * is none, and a changed SignedInfo may then show as another piece.
 * RXP_ERR_BOUND, RXP_ERR_SIGNER (no such certificate), RXP_ERR_NOMEM, RXP_ERR_CRYPTO; with *wrong set
 * (it may be NULL): RXP_ERR_MISMATCH (another fingerprint), RXP_ERR_SEAL, RXP_ERR_SYNTAX,
 * RXP_ERR_STRICT, RXP_ERR_STRUCTURE.
 */
int rxp_evidence_verify(struct rxp_evidence_proof *out, enum rxp_evidence_piece *wrong,
    const struct rxp_evidence *evidence, const struct rxp_cert *const *certs, size_t n,
    const uint8_t fingerprint[RXP_DIGEST_OCTETS]);

/* Does the answer, verified under the receiver's seal, answer this Document, finally, and not before
 * it was made (RXP-EVI-006)? RXP_ERR_MISMATCH. */
int rxp_evidence_answered(const struct rxp_evidence_proof *proof, const struct rxp_answer *answer);

/* A document among the others of its case. */
struct rxp_evidence_place {
	const struct rxp_evidence_proof *proof;
	bool refused;
	bool
	    contradicted; /* set: refused, and the other State names it as seen nonetheless (RXP-EVI-011) */
	bool
	    rooted; /* set if all fit: it takes a Position, or what it goes on from and names as seen is here */
};

/* How many documents of each of the two senders are said to be missing among the others (RXP-EVI-032). */
struct rxp_evidence_withheld {
	char from[2][RXP_PARTY_TEXT];
	size_t n[2];
};

/* How many more of each sender are missing than are withheld, as those that are here say by Position and Seen; of both 0 if there are
 * more than any case has, and whatever else does not fit. RXP_ERR_NOMEM. A single one is asked like others. */
int rxp_evidence_missing(struct rxp_evidence_withheld *out, struct rxp_evidence_place *places,
    size_t n, const struct rxp_evidence_withheld *withheld);

/*
 * Are n documents, in any order, of one case, and those of them that take a Position all documents of it that came before
 * any of these (RXP-EVI-008, RXP-EVI-011), but for as many as are withheld? A single one is, whatever its Position. RXP_ERR_NOMEM;
 * RXP_ERR_MISMATCH: *at is the index of a document that does not fit and *requirement, a fixed string,
 * what it breaks.
 */
int rxp_evidence_chain(size_t *at, const char **requirement, struct rxp_evidence_place *places,
    size_t n, const struct rxp_evidence_withheld *withheld);

#endif
