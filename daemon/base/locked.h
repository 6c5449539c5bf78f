/*
 * locked - key files under a passphrase: PKCS#8, EncryptedPrivateKeyInfo, in PEM; AES-256 under a key that scrypt makes.
 *
 * A private key is in it as itself, so that other tools open it too; the storage key as an AES key of 32 octets. Opened,
 * each is what its file would be without a passphrase.
 */
#ifndef BASE_LOCKED_H
#define BASE_LOCKED_H

#include <stdbool.h>

struct rxp_buf;

#define LOCKED_MAX_PASSPHRASE 1024 /* octets */
#define LOCKED_MAX_OCTETS (16 * 1024UL) /* of a file, with or without a passphrase */

bool locked_is(const struct rxp_buf *file);

/* Append the file as it is without the passphrase. RXP_ERR_DECRYPT: another passphrase; RXP_ERR_KEY: no such file, or no
 * key in it; RXP_ERR_NOMEM, the buffer's errors. */
int locked_open(struct rxp_buf *out, const struct rxp_buf *file, const struct rxp_buf *passphrase);

/* Append the file of a private key (PEM) or of a storage key under the passphrase. RXP_ERR_KEY: it is neither;
 * RXP_ERR_CRYPTO, the buffer's errors. */
int locked_make(struct rxp_buf *out, const struct rxp_buf *file, const struct rxp_buf *passphrase);

#endif
