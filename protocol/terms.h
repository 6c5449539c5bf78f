/*
 * terms - what profiles and calendars have in common: sealing a draft, opening the sealed object, and
 * saying what is wrong with one.
 *
 * A draft is a plain document of the kind's namespace with the root `ProfileDraft` or
 * `CalendarDraft`; its content is that of the sealed object's Body. Its digest is that of this Body,
 * so that two parties who seal the same terms name the same digest (RXP-PRF-013).
 */
#ifndef RXP_TERMS_H
#define RXP_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/answer.h"
#include "protocol/ident.h"
#include "protocol/seal.h"

enum rxp_terms_fault {
#define TERMS_FAULT(name, code, requirement, text) RXP_TERMS_##name,
#include "protocol/terms_fault.def"
#undef TERMS_FAULT
	RXP_TERMS_FAULT_COUNT
};

/* Why something is refused; fixed strings, and names of elements without values. */
struct rxp_reason {
	const char *requirement;
	const char *text;
	unsigned long line; /* of the element, 0 if none is at fault alone */
	char place[RXP_PLACE_TEXT]; /* slash-separated, "" if none */
};

/* Fill reason (may be NULL) with a fault. Returns the fault's code, so that a check may end with it. */
int rxp_terms_refuse(struct rxp_reason *reason, enum rxp_terms_fault fault);
/* The same at an element of the object with this root. */
int rxp_terms_refuse_at(struct rxp_reason *reason, enum rxp_terms_fault fault,
    const struct _xmlNode *root, const struct _xmlNode *element);

/* Whose terms, sealed when; read from the Header, or from the arguments for a draft. */
struct rxp_terms {
	struct rxp_xml *xml; /* owned */
	struct _xmlNode *root; /* borrowed from xml */
	struct _xmlNode *content; /* whose children are the terms; borrowed from xml */
	bool sealed;
	char party[RXP_PARTY_TEXT]; /* "" for a draft */
	int64_t created_ms; /* 0 for a draft */
	uint8_t digest[RXP_DIGEST_OCTETS]; /* of the Body; zeros for a draft */
};

/*
 * Parse and verify a sealed Profile or Calendar and check its schema. certs are the n seal
 * certificates of party, which the Header must name. On success the caller owns *out
 * (rxp_terms_clear). reason (may be NULL) is filled on failure and holds anything after success.
 * RXP_ERR_BOUND, RXP_ERR_SYNTAX, RXP_ERR_STRICT, RXP_ERR_STRUCTURE, RXP_ERR_SIGNER, RXP_ERR_SEAL,
 * RXP_ERR_SCHEMA, RXP_ERR_MISMATCH (another party), RXP_ERR_NOMEM, RXP_ERR_CRYPTO.
 */
int rxp_terms_open(struct rxp_terms *out, enum rxp_kind kind, const uint8_t *octets, size_t len,
    const char *party, const struct rxp_cert *const *certs, size_t n, struct rxp_reason *reason);

/* The same for a draft, which nothing protects. */
int rxp_terms_draft(struct rxp_terms *out, enum rxp_kind kind, const uint8_t *octets, size_t len,
    struct rxp_reason *reason);

void rxp_terms_clear(struct rxp_terms *t);

/*
 * Seal a draft: append the octets of the sealed object. White space between elements is left out, so
 * that the digest does not depend on the layout. What the draft says is not checked beyond its
 * schema: open the result as a peer will. Errors of rxp_terms_draft and rxp_seal_sign.
 */
int rxp_terms_seal(struct rxp_buf *out, enum rxp_kind kind, const uint8_t *octets, size_t len,
    const char *party, int64_t now_ms, const struct rxp_signer *seal, struct rxp_reason *reason);

#endif
