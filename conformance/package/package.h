/*
 * package - the vectors package: a folder of octets with what they are and what must come of them, for who tries software of
 * their own without ours.
 *
 * It is the same, octet for octet, whenever and wherever it is made: its States' keys and all that is random follow from seeds
 * that are written in the index, its signatures from key and octets (RFC 6979), and its clock stands.
 */
#ifndef CONFORM_PACKAGE_H
#define CONFORM_PACKAGE_H

#include <stddef.h>

#define PACKAGE_CLOCK "2026-11-23T10:00:00.000Z"

/* Make the folder dir; *n: how many vectors it has. RXP_ERR_EXISTS (it is there), RXP_ERR_IO, RXP_ERR_NOMEM, errors of
 * librxp. */
int package_write(const char *dir, size_t *n);

#endif
