/*
 * envelope - the outer shell of a message: its clear header and the encrypted Document.
 */
#ifndef RXP_ENVELOPE_H
#define RXP_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/envelope/agreement.h"

struct rxp_buf;
struct rxp_random;

/* The five fields that Envelope and Document share (RXP-ENV-013). */
struct rxp_outer {
	uint8_t message_id[RXP_ID_OCTETS];
	char from[RXP_PARTY_TEXT];
	char to[RXP_PARTY_TEXT];
	int64_t created_ms;
	int64_t expires_ms;
};

/*
 * Close: append the Envelope of a Document's octets for the recipient's agreement key, given as
 * SubjectPublicKeyInfo. cek receives the content key, for keeping it wrapped.
 * RXP_ERR_BOUND, RXP_ERR_KEY, RXP_ERR_CRYPTO, RXP_ERR_NOMEM.
 */
int rxp_envelope_close(struct rxp_buf *out, const struct rxp_outer *outer, const uint8_t *document,
    size_t document_len, const uint8_t *spki, size_t spki_len, const struct rxp_random *random,
    uint8_t cek[RXP_KEY_OCTETS]);

/* An Envelope taken apart and checked against RXP-ENV-001 to RXP-ENV-010, not decrypted. */
struct rxp_envelope;

/* RXP_ERR_BOUND, RXP_ERR_SYNTAX, RXP_ERR_STRICT, RXP_ERR_STRUCTURE, RXP_ERR_UNSUPPORTED (suite),
 * RXP_ERR_NOMEM. On success the caller owns *out. */
int rxp_envelope_parse(struct rxp_envelope **out, const uint8_t *octets, size_t len);
void rxp_envelope_free(struct rxp_envelope *e);
const struct rxp_outer *rxp_envelope_outer(const struct rxp_envelope *e);
/* SHA-256 of the SubjectPublicKeyInfo that the Envelope names. */
const uint8_t *rxp_envelope_key_id(const struct rxp_envelope *e);

/*
 * Decrypt with the agreement key of that id: append the Document's octets.
 * RXP_ERR_DECRYPT for whatever fails (RXP-OPN-001), RXP_ERR_NOMEM. cek may be NULL.
 */
int rxp_envelope_decrypt(struct rxp_buf *document, const struct rxp_envelope *e,
    const struct rxp_agreement_key *key, uint8_t cek[RXP_KEY_OCTETS]);

/* The same with a content key that was kept. */
int rxp_envelope_decrypt_with(
    struct rxp_buf *document, const struct rxp_envelope *e, const uint8_t cek[RXP_KEY_OCTETS]);

/* RXP-ENV-015: the same Envelope with the content key wrapped anew for another agreement key. */
int rxp_envelope_rekey(struct rxp_buf *out, const struct rxp_envelope *e,
    const uint8_t cek[RXP_KEY_OCTETS], const uint8_t *spki, size_t spki_len,
    const struct rxp_random *random);

#endif
