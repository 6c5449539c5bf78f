/*
 * signature - the value of a State's signature over octets, under one certificate, in the algorithm of its
 * key (RXP-SEA-008).
 */
#ifndef RXP_SIGNATURE_H
#define RXP_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

struct rxp_cert;

/* value: raw, r||s or the octets of RSA. RXP_ERR_SEAL: it does not verify; RXP_ERR_NOMEM, RXP_ERR_CRYPTO. */
int rxp_signature_verify(const struct rxp_cert *cert, const uint8_t *octets, size_t len,
    const uint8_t *value, size_t value_len);

#endif
