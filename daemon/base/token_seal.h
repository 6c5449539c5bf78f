/*
 * token_seal - the signature value of a certificate's key that lies in a token.
 */
#ifndef BASE_TOKEN_SEAL_H
#define BASE_TOKEN_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/token_state.h"
#include "protocol/base/limits.h"

struct rxp_cert;
struct token;

/* Sign octets by the algorithm of the certificate, and hold the value against it. TOKEN_READY; TOKEN_GONE: the token
 * did not sign; TOKEN_OTHER_KEY: it did, by another key; TOKEN_DIED: no memory. */
enum token_state token_seal(struct token *t, const struct rxp_cert *cert, const uint8_t *octets,
    size_t len, uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len);

#endif
