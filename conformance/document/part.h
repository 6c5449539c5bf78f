/*
 * part - the fingerprint of a sealed identity part.
 */
#ifndef CONFORM_PART_H
#define CONFORM_PART_H

#include <stdint.h>

struct rxp_buf;

/* What the next part calls Previous; zeros if the part has no seal by which to know it. */
void part_fingerprint(uint8_t out[32], const struct rxp_buf *part);

#endif
