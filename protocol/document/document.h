/*
 * document - a Document's header, its sealing and its opening.
 */
#ifndef RXP_DOCUMENT_H
#define RXP_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/document/compartment.h"
#include "protocol/envelope/envelope.h"
#include "protocol/message/type.h"
#include "protocol/seal/seal.h"

struct rxp_header {
	struct rxp_outer outer;
	char type[RXP_TYPE_TEXT]; /* as written; may be unknown to this version */
	char from_office[RXP_OFFICE_TEXT];
	char to_office[RXP_OFFICE_TEXT];
	bool in_case; /* the fields below are valid */
	uint8_t case_id[RXP_ID_OCTETS];
	uint64_t position; /* from 1 */
	bool has_previous, has_seen;
	uint8_t previous[RXP_DIGEST_OCTETS];
	uint8_t seen[RXP_DIGEST_OCTETS];
	char profile_id[RXP_PROFILE_TEXT];
	char profile_version[RXP_PROFILE_TEXT];
};

/*
 * Read the Header of an object of the kind Document whose seal was verified, and check that it was
 * sealed when it says (RXP-SEA-011). RXP_ERR_STRUCTURE, RXP_ERR_SYNTAX, RXP_ERR_SEAL (SigningTime).
 */
int rxp_document_header(
    struct rxp_header *out, const struct _xmlNode *header, int64_t signing_time_ms);

/* Append the elements of a Header as they stand in a Document. The buffer's errors. */
int rxp_document_write_header(struct rxp_buf *out, const struct rxp_header *h);

/* What a Document is made of besides its Header; all borrowed. */
struct rxp_draft {
	const struct rxp_buf *content; /* the typed content: one element, well-formed by itself */
	const struct rxp_buf *attachments; /* the Attachments element; NULL if there is none */
	const struct rxp_office_keys *office_keys; /* of the recipient; NULL if none are known */
};

/*
 * Seal a Document: append its octets. Plain compartments in the content are closed for the recipient's
 * offices. The header's from must be the signer's party. Errors of rxp_compartments_close() and
 * rxp_seal_sign().
 */
int rxp_document_seal(struct rxp_buf *out, const struct rxp_header *header,
    const struct rxp_draft *draft, int64_t now_ms, const struct rxp_random *random,
    const struct rxp_signer *signer, uint8_t fingerprint[32]);

/* An opened Document. Everything in it lives until rxp_document_free. */
struct rxp_document {
	struct rxp_xml *xml;
	struct rxp_seal seal;
	struct rxp_header header;
	uint8_t salt[RXP_SALT_OCTETS];
	struct _xmlNode *content; /* the typed content */
	struct _xmlNode *attachments; /* NULL if there is none */
};

/*
 * Parse, verify and read the Document's octets (RXP-OPN-001 after decryption), without its schema.
 * outer is the Envelope's header, whose five fields must be equal; NULL: there is no Envelope (an office
 * has the Document alone). Every failure but
 * RXP_ERR_NOMEM is one and the same to the peer; the codes differ for tests only.
 */
int rxp_document_open(struct rxp_document **out, const uint8_t *octets, size_t len,
    const struct rxp_outer *outer, const struct rxp_cert *const *certs, size_t n);
void rxp_document_free(struct rxp_document *d);

/*
 * Are content and manifest of an opened Document what its type demands (RXP-DOC-004, RXP-DOC-005,
 * RXP-DOC-008), and the shells of its compartments what they must be (RXP-CMP-006)?
 * 0; RXP_ERR_UNSUPPORTED; RXP_ERR_SCHEMA, with the first violation's place (element names only,
 * slash-separated) appended to place.
 */
int rxp_document_check(const struct rxp_document *d, struct rxp_buf *place);

/* Is each compartment of a Document that passed this check closed for a key of our own offices (RXP-CMP-007)?
 * 0; RXP_ERR_KEY, with the place of the first that is not, as above. */
int rxp_document_office_keys(
    const struct rxp_document *d, const struct rxp_office_keys *own, struct rxp_buf *place);

#endif
