/*
 * picture - a clean JPEG (RXP-ATT-022) of a given length, for a product that looks at what its desk gives it: grey noise, which
 * any decoder opens.
 */
#ifndef CONFORM_PICTURE_H
#define CONFORM_PICTURE_H

#include <stddef.h>

struct rxp_buf;

#define PICTURE_LEAST 2048 /* octets that one has at least */

/* Append one of so many octets, another each time. RXP_ERR_BOUND: it would be shorter than PICTURE_LEAST, or higher than a JPEG
 * can be. Errors of chance(), the buffer's. */
int picture_make(struct rxp_buf *out, size_t octets);

#endif
