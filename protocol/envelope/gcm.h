/*
 * gcm - AES in Galois/Counter Mode without associated data: the ciphertext and behind it the tag.
 */
#ifndef RXP_GCM_H
#define RXP_GCM_H

#include <stddef.h>
#include <stdint.h>

struct rxp_buf;

#define RXP_IV_OCTETS 12
#define RXP_TAG_OCTETS 16

/*
 * cipher is OpenSSL's name and says how long the key is. One key never meets one IV twice; that is
 * the caller's duty. Less than 2^31 octets.
 *
 * Append the ciphertext and its tag. RXP_ERR_BOUND, RXP_ERR_CRYPTO, the buffer's errors.
 */
int rxp_gcm_encrypt(struct rxp_buf *out, const char *cipher, const uint8_t *key,
    const uint8_t iv[RXP_IV_OCTETS], const uint8_t *octets, size_t len);

/* Append what ciphertext and tag hold; nothing of it stays in out unless the tag is right.
 * RXP_ERR_DECRYPT, the buffer's errors. */
int rxp_gcm_decrypt(struct rxp_buf *out, const char *cipher, const uint8_t *key,
    const uint8_t iv[RXP_IV_OCTETS], const uint8_t *octets, size_t len);

#endif
