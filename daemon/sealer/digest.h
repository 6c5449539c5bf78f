/*
 * digest - SHA-256 of a run of octets.
 */
#ifndef SEALER_DIGEST_H
#define SEALER_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* RXP_ERR_CRYPTO. */
int digest_make(uint8_t out[32], const uint8_t *octets, size_t len);

#endif
