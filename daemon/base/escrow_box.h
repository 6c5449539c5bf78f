/*
 * escrow_box - octets that only the holder of the escrow key opens (certs/POLICY.md, "Escrow"): sealed by a node to escrow.pub,
 * opened by readmit-pki.
 *
 * Octets: `readmit escrow 1` and a newline, an uncompressed point on P-256, IV, ciphertext, tag. The key is that of ECDH-ES
 * with ConcatKDF of the suite RXP-1-P256, whose info is that line and the point of the escrow key; AES-256-GCM.
 */
#ifndef BASE_ESCROW_BOX_H
#define BASE_ESCROW_BOX_H

#include <stddef.h>
#include <stdint.h>

struct rxp_agreement_key;
struct rxp_buf;
struct rxp_random;

#define ESCROW_BOX_OVERHEAD 110

/* Append a box for the key of this SubjectPublicKeyInfo. RXP_ERR_KEY, RXP_ERR_CRYPTO, the buffer's errors. */
int escrow_box_seal(struct rxp_buf *out, const uint8_t *spki, size_t spki_len,
    const uint8_t *octets, size_t len, const struct rxp_random *random);

/* Append what is in it. RXP_ERR_SYNTAX: it is no such box; RXP_ERR_DECRYPT: of another key, or altered. */
int escrow_box_open(
    struct rxp_buf *out, const struct rxp_agreement_key *key, const uint8_t *box, size_t len);

#endif
