/*
 * cert - a certificate with a usable seal key: P-256, P-384, or RSA of 3072 to 4096 bits.
 *
 * A certificate is a container of a key and its dates; no chain, name or extension is judged. It is
 * immutable after parsing.
 */
#ifndef RXP_CERT_H
#define RXP_CERT_H

#include <stddef.h>
#include <stdint.h>

struct evp_pkey_st;

/* Signature algorithms; the registered key decides which one applies (RXP-SEA-008). */
enum rxp_seal_alg {
#define SEAL_ALG(name, key, group, digest, uri, xmlsec) RXP_SEAL_##name,
#include "protocol/seal/seal_alg.def"
#undef SEAL_ALG
	RXP_SEAL_ALG_COUNT
};

struct rxp_cert;

/*
 * Parse the DER of one X.509 v3 certificate, at most RXP_MAX_CERTIFICATE_OCTETS, nothing behind it
 * (RXP-SEA-014). On success the caller owns *out. RXP_ERR_KEY (not a certificate in DER, key type,
 * size, exponent or curve not allowed), RXP_ERR_NOMEM.
 */
int rxp_cert_parse(struct rxp_cert **out, const uint8_t *der, size_t der_len);
void rxp_cert_free(struct rxp_cert *cert);

/* All that follows is borrowed from the certificate or copied out; none can fail. */
const uint8_t *rxp_cert_der(const struct rxp_cert *cert, size_t *len);
/* The DER in base64, NUL-terminated, as it stands in X509Certificate. */
const char *rxp_cert_base64(const struct rxp_cert *cert);
/* SHA-256 of the DER. */
void rxp_cert_digest(const struct rxp_cert *cert, uint8_t out[32]);
/* SHA-256 of the SubjectPublicKeyInfo, the form in which keys are pinned and read aloud. */
void rxp_cert_spki_digest(const struct rxp_cert *cert, uint8_t out[32]);
enum rxp_seal_alg rxp_cert_alg(const struct rxp_cert *cert);
/* Octets of a signature value of this key. */
size_t rxp_cert_value_length(const struct rxp_cert *cert);
/* Validity, milliseconds UTC; 0 for any time before 1970. */
void rxp_cert_validity(const struct rxp_cert *cert, int64_t *not_before_ms, int64_t *not_after_ms);
struct evp_pkey_st *rxp_cert_key(const struct rxp_cert *cert);

#endif
