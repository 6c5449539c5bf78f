/*
 * keypair - a private key, on P-256 if nothing else is said, with a certificate of its own, in memory and as two PEM files.
 */
#ifndef CONFORM_KEYPAIR_H
#define CONFORM_KEYPAIR_H

#include <stdint.h>

#include "protocol/seal/signer.h"

struct evp_pkey_st;
struct x509_st;

struct keypair {
	struct evp_pkey_st *key;
	struct x509_st *certificate;
	struct rxp_cert *cert; /* the same certificate, as seals use it */
};

enum keypair_kind { KEYPAIR_P256, KEYPAIR_P384, KEYPAIR_RSA };

/* A new one; common name "PARTY use", valid for thirty years from an hour before now. k is zero before; the caller clears
 * it. RXP_ERR_CRYPTO, RXP_ERR_NOMEM. */
int keypair_make(struct keypair *k, const char *party, const char *use, int64_t now_ms);
/* The same of any kind that a seal may have (RXP-SEA-008). */
int keypair_make_kind(
    struct keypair *k, enum keypair_kind kind, const char *party, const char *use, int64_t now_ms);
/* The same key under another certificate: valid from and until those times. Otherwise as keypair_make(). */
int keypair_recertify(struct keypair *k, const struct keypair *of, const char *party,
    const char *use, int64_t from_ms, int64_t until_ms);
/* The same under one that no seal is refused for, though much could be said of it (RXP-SEA-014): from 1955 to 1984, with a critical
 * extension that nobody knows. */
int keypair_recertify_oddly(
    struct keypair *k, const struct keypair *of, const char *party, const char *use);
void keypair_clear(struct keypair *k);

/* DIR/use.key with mode 0600 and DIR/use.crt, neither of which may exist. RXP_ERR_EXISTS, RXP_ERR_IO. */
int keypair_save(const struct keypair *k, const char *dir, const char *use);
/* From those files. k is zero before; the caller clears it on success. RXP_ERR_NOT_FOUND, RXP_ERR_KEY. */
int keypair_load(struct keypair *k, const char *dir, const char *use);

/* The private key of this scalar, of 32 octets on P-256, of 48 on P-384; the caller frees it. NULL: it is none, or no memory. */
struct evp_pkey_st *keypair_key_of(enum keypair_kind kind, const uint8_t *scalar);

/* Its signatures follow from key and octets (ecdsa.h; those by RSA do so anyway). */
struct rxp_signer keypair_signer(const struct keypair *k);
/* SHA-256 of the SubjectPublicKeyInfo. */
void keypair_pin(const struct keypair *k, uint8_t pin[32]);

#endif
