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

#include "protocol/base/ident.h"
#include "protocol/message/answer.h"
#include "protocol/seal/seal.h"

enum rxp_terms_fault {
#define TERMS_FAULT(name, code, requirement, text) RXP_TERMS_##name,
#include "protocol/terms/terms_fault.def"
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

/* Whose terms, sealed when; read from the Header, or from the arguments for a draft. */
struct rxp_terms {
	struct rxp_xml *xml; /* owned */
	struct _xmlNode *root; /* borrowed from xml */
	struct _xmlNode *content; /* whose children are the terms; borrowed from xml */
	bool sealed;
	char party[RXP_PARTY_TEXT]; /* "" for a draft */
	int64_t created_ms; /* 0 for a draft */
	uint8_t digest[RXP_DIGEST_OCTETS]; /* of the Body; zeros for a draft */
	struct rxp_reason *reason; /* whom a reader tells what is wrong; borrowed, may be NULL */
};

/* The same as rxp_terms_refuse() at an element of these terms. */
int rxp_terms_refuse_at(
    const struct rxp_terms *t, enum rxp_terms_fault fault, const struct _xmlNode *element);

/* The day of an attribute, -1 if the element does not have it. A date that does not exist is refused. */
int rxp_terms_day(
    const struct rxp_terms *t, int32_t *out, const struct _xmlNode *element, const char *attribute);

/* Who sealed them: the n seal certificates of the party, which the Header must name. */
struct rxp_terms_seals {
	const char *party;
	const struct rxp_cert *const *certs;
	size_t n;
};

/* What is made of terms whose schema holds; out untouched on failure. */
typedef int rxp_terms_reader(void *out, const struct rxp_terms *t);

/*
 * Parse a Profile or Calendar, check its schema and read it. by: of a sealed one, which is verified; NULL: it is a
 * draft, which nothing protects. reason (may be NULL) is filled on failure and holds anything after success.
 * RXP_ERR_BOUND, RXP_ERR_SYNTAX, RXP_ERR_STRICT, RXP_ERR_STRUCTURE, RXP_ERR_SIGNER, RXP_ERR_SEAL,
 * RXP_ERR_SCHEMA, RXP_ERR_MISMATCH (another party), RXP_ERR_NOMEM, RXP_ERR_CRYPTO; the reader's errors.
 */
int rxp_terms_read(void *out, enum rxp_kind kind, const uint8_t *octets, size_t len,
    const struct rxp_terms_seals *by, struct rxp_reason *reason, rxp_terms_reader *read);

/*
 * Seal a draft: append the octets of the sealed object. White space between elements is left out, so
 * that the digest does not depend on the layout. What the draft says is not checked beyond its
 * schema: open the result as a peer will. Errors of rxp_terms_read and rxp_seal_sign.
 */
int rxp_terms_seal(struct rxp_buf *out, enum rxp_kind kind, const uint8_t *octets, size_t len,
    const char *party, int64_t now_ms, const struct rxp_signer *seal, struct rxp_reason *reason);

#endif
