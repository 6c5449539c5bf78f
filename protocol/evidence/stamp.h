/*
 * stamp - the time-stamp of a third party (RFC 3161) over the signature of a container of evidence (RXP-EVI-020 to
 * RXP-EVI-022): asked for, taken out of the service's reply, verified.
 *
 * Pure: whoever asks the service has the octets carried. Validity of certificates is judged at the time that the
 * token itself names; revocation is not, since that takes the network.
 */
#ifndef RXP_STAMP_H
#define RXP_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/base/ident.h"

#define RXP_MAX_STAMP_OCTETS 16384UL /* RXP-EVI-020: of a token */
#define RXP_MAX_STAMP_REPLY_OCTETS 65536UL /* RXP-EVI-022 */
#define RXP_MAX_AUTHORITY_OCTETS (256UL * 1024)
#define RXP_STAMP_NONCE_OCTETS 8
#define RXP_STAMP_NAME_TEXT 192

struct rxp_stamp {
	int64_t not_later_ms; /* genTime and its accuracy, rounded up to a second */
	char name
	    [RXP_STAMP_NAME_TEXT]; /* of the authority, in printable ASCII; cut if it is longer */
	uint8_t cert[RXP_DIGEST_OCTETS]; /* SHA-256 of its certificate */
	bool trusted; /* its certificate follows from an authority that was given */
};

/* Certificates that people trust for time-stamps. */
struct rxp_authority;

/* Of one or more certificates in PEM. On success the caller owns *out. RXP_ERR_BOUND, RXP_ERR_SYNTAX (none, or
 * something else), RXP_ERR_NOMEM. */
int rxp_authority_read(struct rxp_authority **out, const uint8_t *octets, size_t len);
void rxp_authority_free(struct rxp_authority *a); /* NULL is allowed */

/* Append a TimeStampReq in DER for a SHA-256, with the nonce, and for a token that holds the certificate. RXP_ERR_NOMEM,
 * the buffer's errors. */
int rxp_stamp_request(struct rxp_buf *out, const uint8_t imprint[RXP_DIGEST_OCTETS],
    const uint8_t nonce[RXP_STAMP_NONCE_OCTETS]);

/*
 * Append the token out of the reply to that request, verified. RXP_ERR_SYNTAX: no TimeStampResp in DER;
 * RXP_ERR_NOT_FOUND: the authority gave none; RXP_ERR_MISMATCH: of another request; RXP_ERR_SEAL: it does not verify;
 * RXP_ERR_NOMEM, RXP_ERR_BOUND.
 */
int rxp_stamp_take(struct rxp_buf *token, const uint8_t *reply, size_t len,
    const uint8_t imprint[RXP_DIGEST_OCTETS], const uint8_t nonce[RXP_STAMP_NONCE_OCTETS]);

/*
 * Verify a token of that SHA-256, under an authority if one is given (else NULL: under the certificates that it brings
 * itself, which proves no more than that it is whole). RXP_ERR_SYNTAX, RXP_ERR_MISMATCH (stamps something else),
 * RXP_ERR_SIGNER (not of an authority given), RXP_ERR_SEAL, RXP_ERR_BOUND, RXP_ERR_NOMEM.
 */
int rxp_stamp_verify(struct rxp_stamp *out, const uint8_t *token, size_t len,
    const uint8_t imprint[RXP_DIGEST_OCTETS], const struct rxp_authority *authority);

#endif
