/*
 * sharing - Shamir's sharing of octets: n shares, of which any m give the secret back and fewer say nothing of it.
 *
 * Each octet is a value at 0 of a polynomial of degree m - 1 over GF(2^8) with x^8+x^4+x^3+x^2+1, the field of
 * gfsplit and gfcombine; a share is the values at its number. No secret octet chooses a branch or an address.
 */
#ifndef CERTS_SHARING_H
#define CERTS_SHARING_H

#include <stddef.h>
#include <stdint.h>

#define SHARING_MAX 16 /* shares of a secret */

struct sharing_share {
	unsigned number; /* 1 to 255 */
	const uint8_t *octets; /* borrowed */
};

/* The share of this number. random: (needed - 1) * len unpredictable octets, the same ones for all shares of the
 * secret and used for nothing else. */
void sharing_make(uint8_t *out, unsigned number, const uint8_t *secret, size_t len,
    const uint8_t *random, unsigned needed);

/* What stands at `number` if the n shares are right and n is how many are needed: the secret at 0, at another number
 * that share. n: 1 to SHARING_MAX; the numbers differ from one another. */
void sharing_at(
    uint8_t *out, unsigned number, const struct sharing_share *shares, unsigned n, size_t len);

#endif
