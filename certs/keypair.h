/*
 * keypair - private keys: made, written as PKCS#8 in PEM, read again.
 */
#ifndef CERTS_KEYPAIR_H
#define CERTS_KEYPAIR_H

struct evp_pkey_st;
struct rxp_agreement_key;
struct rxp_buf;

#define KEYPAIR_MAX_PEM_OCTETS (16 * 1024UL)
#define KEYPAIR_MAX_PASSPHRASE 1024 /* octets */

/* A new key on a curve by OpenSSL's name. RXP_ERR_CRYPTO. */
int keypair_make(struct evp_pkey_st **out, const char *curve);
void keypair_free(struct evp_pkey_st *key);

/* Append the PEM: PKCS#8, encrypted with AES-256 under scrypt if there is a passphrase (else NULL).
 * RXP_ERR_CRYPTO, the buffer's errors. */
int keypair_write(struct rxp_buf *out, struct evp_pkey_st *key, const struct rxp_buf *passphrase);

/* From PEM, encrypted or not; never asks a terminal. RXP_ERR_KEY: not a key, or not this
 * passphrase. */
int keypair_read(
    struct evp_pkey_st **out, const struct rxp_buf *pem, const struct rxp_buf *passphrase);

/* The same key as the library agrees with it; the caller frees it. RXP_ERR_KEY: not on P-256;
 * RXP_ERR_CRYPTO, RXP_ERR_NOMEM. */
int keypair_agreement(struct rxp_agreement_key **out, struct evp_pkey_st *key);

/* Append the public part as PEM. RXP_ERR_CRYPTO, the buffer's errors. */
int keypair_write_public(struct rxp_buf *out, struct evp_pkey_st *key);

/* Append the SubjectPublicKeyInfo in DER of a public key in PEM. RXP_ERR_KEY, the buffer's errors. */
int keypair_read_public(struct rxp_buf *der, const struct rxp_buf *pem);

/* The first line of the file, without its end, appended. RXP_ERR_KEY if it is empty; errors of
 * file_read. */
int keypair_passphrase(struct rxp_buf *out, const char *path);

#endif
