/*
 * media - what kind of file it is, by how it begins.
 */
#ifndef CTL_MEDIA_H
#define CTL_MEDIA_H

#include <stddef.h>

#define MEDIA_OCTETS 12 /* that are enough to know */

/* The media type; NULL: none that an attachment may have. */
const char *media_of(const unsigned char *octets, size_t len);

#endif
