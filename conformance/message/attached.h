/*
 * attached - a file that goes beside a Document: random octets, encrypted, and the manifest that names it.
 */
#ifndef CONFORM_ATTACHED_H
#define CONFORM_ATTACHED_H

#include <stddef.h>
#include <stdint.h>

struct rxp_buf;

#define ATTACHED_OCTETS 3000 /* of a file as long as any other */
#define ATTACHED_NAME 65 /* 64 digits and a NUL */

/* Append the ciphertext of a new file of so many octets to file, and its manifest to manifest, as of that type. RXP_ERR_CRYPTO, the
 * buffers' errors. */
int attached_make(struct rxp_buf *file, struct rxp_buf *manifest, const char *type, size_t octets);

/* Append what the ciphertext of a file holds, all its segments opened under the key. Errors of rxp_attachment_decrypt(). */
int attached_open(struct rxp_buf *out, const struct rxp_buf *ciphertext, const uint8_t *key);

/* Put what the other manifest, of one file, names behind what this one, of one file, names: as number 2. RXP_ERR_NOT_FOUND: it is
 * none; the buffer's errors. */
int attached_join(struct rxp_buf *manifest, const struct rxp_buf *other);

/* Its name among those of a peer (RXP-ATT-007). RXP_ERR_CRYPTO. */
int attached_name(char out[ATTACHED_NAME], const struct rxp_buf *file);

#endif
