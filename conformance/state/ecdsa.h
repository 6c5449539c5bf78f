/*
 * ecdsa - signatures on P-256 and P-384 that follow from key and octets alone (RFC 6979), so that what the suite seals can be made again,
 * octet for octet, whatever library makes it. For keys of tests: it does not take the same time for each key.
 */
#ifndef CONFORM_ECDSA_H
#define CONFORM_ECDSA_H

#include <stddef.h>
#include <stdint.h>

#define ECDSA_HALF_OCTETS 32 /* of P-256 */
#define ECDSA_MAX_HALF_OCTETS 48 /* of P-384 */

struct evp_pkey_st;
struct evp_md_st;

/* r||s over the digest md of octets, each as long as the order. RXP_ERR_CRYPTO: the key is on neither curve, or no memory. */
int ecdsa_sign(uint8_t pair[2 * ECDSA_MAX_HALF_OCTETS], size_t *pair_len,
    const struct evp_pkey_st *key, const struct evp_md_st *md, const uint8_t *octets, size_t len);

#endif
