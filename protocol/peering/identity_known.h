/*
 * identity_known - identity parts that were read, each known by its octets, so that one which several descriptors have, or which is
 * looked at again, is verified once.
 */
#ifndef RXP_IDENTITY_KNOWN_H
#define RXP_IDENTITY_KNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/peering/identity.h"

struct rxp_identity_known;

/* The caller frees it. NULL: there is no memory. */
struct rxp_identity_known *rxp_identity_known_new(void);
void rxp_identity_known_free(struct rxp_identity_known *known);

/* The part of these octets, as rxp_identity_read() reads it, with its errors; it lives as long as known. What is no part is not
 * remembered. */
int rxp_identity_known_read(struct rxp_identity_known *known, const struct rxp_identity_part **out,
    const uint8_t *octets, size_t len);

#endif
