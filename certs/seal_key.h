/*
 * seal_key - the seal of a State as the options name it: a key file, perhaps under a passphrase, or a key in a token; and its
 * certificate.
 */
#ifndef CERTS_SEAL_KEY_H
#define CERTS_SEAL_KEY_H

#include "protocol/seal/signer.h"

struct options;
struct rxp_cert;
struct token_key;

struct seal_key {
	struct rxp_cert *cert; /* owned */
	struct rxp_key_signer *file; /* owned; NULL: in a token */
	struct token_key *token; /* owned; NULL: in a file */
	struct rxp_signer signer; /* valid until seal_key_close() */
};

/* What is wrong is said on standard error. RXP_ERR_CONFIG: not one of the two; RXP_ERR_KEY, RXP_ERR_MISMATCH, errors of
 * file_read and token_key_open. */
int seal_key_open(struct seal_key *out, const struct options *o);
void seal_key_close(struct seal_key *k); /* zeros are allowed */

#endif
