/*
 * signer - who signs: an interface, and its one implementation here, over a private key in memory.
 */
#ifndef RXP_SIGNER_H
#define RXP_SIGNER_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/limits.h"

struct rxp_cert;

/*
 * sign() gets the octets to be signed, not a digest, so that a token or another process may do it;
 * it writes the signature value in the form of the algorithm (r||s or RSA octets) and its length.
 */
struct rxp_signer {
	int (*sign)(void *arg, const uint8_t *octets, size_t len,
	    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len);
	void *arg;
	const struct rxp_cert *cert; /* borrowed; goes into KeyInfo and SigningCertificateV2 */
};

struct rxp_key_signer;

/* A signer over a private key in PEM (unencrypted PKCS#8) that must match the certificate. The PEM
 * may be wiped afterwards; the certificate is borrowed until the signer is freed. On success the
 * caller owns *out. RXP_ERR_KEY, RXP_ERR_MISMATCH (key and certificate differ), RXP_ERR_NOMEM. */
int rxp_key_signer_open(
    struct rxp_key_signer **out, const uint8_t *pem, size_t pem_len, const struct rxp_cert *cert);
void rxp_key_signer_free(struct rxp_key_signer *s);
/* The interface; valid as long as s. Its sign() returns RXP_ERR_CRYPTO or RXP_ERR_NOMEM. */
struct rxp_signer rxp_key_signer_interface(struct rxp_key_signer *s);

#endif
