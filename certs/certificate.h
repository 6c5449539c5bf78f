/*
 * certificate - self-signed certificates of the three uses, and their PEM.
 *
 * Between peers a certificate is a container of a key: the descriptor says what it is good for
 * (RXP-TLS-002, RXP-SEA-010). The profile serves the readers outside: seals follow ETSI
 * EN 319 412-3 (certificates of legal persons).
 */
#ifndef CERTS_CERTIFICATE_H
#define CERTS_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/limits.h"

struct evp_pkey_st;
struct rxp_buf;
struct rxp_cert;

/* CERTIFICATE(name, word, curve, years, key usage, extended key usage or NULL). The word names
 * files and the common name. */
#define CERTIFICATES \
	CERTIFICATE(ROOT, "root", "P-384", 20, "critical,nonRepudiation", NULL) \
	CERTIFICATE(SEAL, "seal", "P-256", 3, "critical,nonRepudiation", NULL) \
	CERTIFICATE(TLS, "tls", "P-256", 3, "critical,digitalSignature", "serverAuth,clientAuth")

enum certificate_use {
#define CERTIFICATE(name, word, curve, years, usage, extended) CERTIFICATE_##name,
	CERTIFICATES
#undef CERTIFICATE
};

#define CERTIFICATE_MAX_NAME 64 /* characters of O and organizationIdentifier (X.520) */

struct certificate_subject {
	const char *party;
	const char *country; /* two letters */
	const char *organisation;
	const char *organisation_id;
};

const char *certificate_word(enum certificate_use use);
const char *certificate_curve(enum certificate_use use);

/* Are the names of their forms and lengths? */
bool certificate_subject_fits(const struct certificate_subject *s);

/* Append the PEM of a new self-signed certificate, valid from now_ms. RXP_ERR_CONFIG: a name does
 * not fit. RXP_ERR_CRYPTO, the buffer's errors. */
int certificate_make(struct rxp_buf *pem, enum certificate_use use, struct evp_pkey_st *key,
    const struct certificate_subject *subject, int64_t now_ms);

/* Who signs where the private key is not here: the signature value over octets, by the algorithm of the certificate and in
 * the form of rxp_signer. The certificate is unfinished: its key and algorithm count. */
struct certificate_signer {
	int (*sign)(void *arg, const struct rxp_cert *cert, const uint8_t *octets, size_t len,
	    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len);
	void *arg;
};

/* The same for a public key alone. RXP_ERR_KEY: of no kind that a seal may have; errors of sign(). */
int certificate_make_for(struct rxp_buf *pem, enum certificate_use use,
    struct evp_pkey_st *public_key, const struct certificate_signer *by,
    const struct certificate_subject *subject, int64_t now_ms);

/* The certificate in a file, as DER appended and parsed; the caller owns *cert. RXP_ERR_KEY, errors of
 * file_read, said on standard error. */
int certificate_read(struct rxp_buf *der, struct rxp_cert **cert, const char *path);

#endif
