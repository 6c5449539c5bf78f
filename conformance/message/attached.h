/*
 * attached - a file that goes beside a Document: random octets, encrypted, and the manifest that names it.
 */
#ifndef CONFORM_ATTACHED_H
#define CONFORM_ATTACHED_H

#include <stddef.h>

struct rxp_buf;

#define ATTACHED_OCTETS 3000 /* of a file as long as any other */
#define ATTACHED_NAME 65 /* 64 digits and a NUL */

/* Append the ciphertext of a new file of so many octets to file, and its manifest to manifest, as of that type. RXP_ERR_CRYPTO, the
 * buffers' errors. */
int attached_make(struct rxp_buf *file, struct rxp_buf *manifest, const char *type, size_t octets);

/* Its name among those of a peer (RXP-ATT-007). RXP_ERR_CRYPTO. */
int attached_name(char out[ATTACHED_NAME], const struct rxp_buf *file);

#endif
