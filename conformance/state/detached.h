/*
 * detached - a signature over octets in a file of its own (CMS, RFC 5652, in DER), under a key in a file; other tools make and verify
 * the same: openssl cms.
 */
#ifndef CONFORM_DETACHED_H
#define CONFORM_DETACHED_H

struct rxp_buf;

/* Append it; the key and its certificate are PEM files. RXP_ERR_NOT_FOUND, RXP_ERR_KEY: not a key of that certificate that can sign
 * so; RXP_ERR_NOMEM. */
int detached_sign(
    struct rxp_buf *out, const struct rxp_buf *octets, const char *key, const char *certificate);

/* Is it one over these octets, under that certificate and no other? Chains, names and dates of it play no part: who verifies has it
 * from the signer's people. RXP_ERR_SEAL; RXP_ERR_SYNTAX: no such signature; RXP_ERR_NOT_FOUND, RXP_ERR_KEY: no certificate. */
int detached_verify(
    const struct rxp_buf *octets, const struct rxp_buf *signature, const char *certificate);

#endif
