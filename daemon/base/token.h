/*
 * token - one private key in a PKCS#11 token, through the module of its maker.
 *
 * The module is called directly by the functions that the standard lists: no engine or provider of OpenSSL is between,
 * of which the one is gone from OpenSSL 4 and the other is not in Debian 12. A module may hang or end the process;
 * whoever calls bounds that (daemon/signer/) or waits for a person at the terminal (readmit-pki).
 */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/token_state.h"
#include "protocol/base/limits.h"
#include "protocol/seal/cert.h"

struct evp_pkey_st;
struct token;
struct token_uri;

#define TOKEN_DIGEST_MAX 48
#define TOKEN_PIN_MAX 256 /* octets */

/* Load the module at this path and let it start. RXP_ERR_IO: it cannot be loaded or is none, or does not start;
 * RXP_ERR_NOMEM. */
int token_load(struct token **out, const char *module);
void token_free(struct token *t); /* NULL is allowed */

/* Find the token, log in with one attempt, find the key. TOKEN_READY, or what is wrong. The PIN is not kept. With a
 * PIN that the token counts as its last before it is locked no attempt is made. */
enum token_state token_open(
    struct token *t, const struct token_uri *uri, const uint8_t *pin, size_t pin_len);

/* The signature value over a digest of this algorithm, in the form of the algorithm (r||s, or RSA octets).
 * TOKEN_READY or TOKEN_GONE. After token_open(). */
enum token_state token_sign(struct token *t, enum rxp_seal_alg alg, const uint8_t *digest,
    size_t digest_len, uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len);

/* The public part of the key: the object of the same URI that the token keeps beside it. The caller frees *out by
 * EVP_PKEY_free. RXP_ERR_NOT_FOUND; RXP_ERR_KEY: not one that OpenSSL reads. After token_open(). */
int token_public(struct evp_pkey_st **out, struct token *t, const struct token_uri *uri);

/* Is the token still there, and still logged in? TOKEN_READY or TOKEN_GONE. */
enum token_state token_look(struct token *t);

#endif
