/*
 * token_key - the seal key in a PKCS#11 token, as the options name it.
 */
#ifndef CERTS_TOKEN_KEY_H
#define CERTS_TOKEN_KEY_H

#include "certs/certificate.h"
#include "protocol/seal/signer.h"

struct evp_pkey_st;
struct options;
struct token_key;

/* Log in, with one attempt, and find the key. What is wrong is said on standard error, and what to do. RXP_ERR_CONFIG:
 * an option; RXP_ERR_KEY: the token, the PIN or the key; errors of file_read. */
int token_key_open(struct token_key **out, const struct options *o);
void token_key_close(struct token_key *k); /* NULL is allowed */

/* Its public part, borrowed. */
struct evp_pkey_st *token_key_public(const struct token_key *k);
/* Signs with it; RXP_ERR_KEY, said on standard error. Valid as long as k. */
struct certificate_signer token_key_signer(struct token_key *k);
/* The same for what is sealed under this certificate, borrowed. */
struct rxp_signer token_key_interface(struct token_key *k, const struct rxp_cert *cert);

#endif
