/*
 * stamp - time-stamps of an authority that nobody has heard of (RFC 3161), which are the same octets whenever they are made: its key is
 * one by RSA, and what would say when it signed is set.
 */
#ifndef CONFORM_STAMP_H
#define CONFORM_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/base/ident.h"

struct evp_pkey_st;
struct rxp_buf;

struct stamp_of {
	struct evp_pkey_st *key; /* by RSA */
	uint8_t imprint[RXP_DIGEST_OCTETS];
	int64_t at_ms; /* genTime */
	bool other_use; /* the certificate of its signer is not for time-stamping */
};

/* Append a token. RXP_ERR_CRYPTO, the buffer's errors. */
int stamp_put(struct rxp_buf *out, const struct stamp_of *of);

#endif
