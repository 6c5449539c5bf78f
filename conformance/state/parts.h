/*
 * parts - the parts of a descriptor as they stand in it, to be replaced or followed.
 */
#ifndef CONFORM_PARTS_H
#define CONFORM_PARTS_H

#include <stddef.h>

#include "protocol/base/buf.h"
#include "protocol/base/limits.h"

struct parts {
	struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS];
	size_t n;
	struct rxp_buf working;
};

/* Take a descriptor apart. The caller clears *out, whatever is returned. Errors of rxp_descriptor_split(). */
int parts_split(struct parts *out, const struct rxp_buf *descriptor);
void parts_clear(struct parts *p);
/* Append the descriptor that they make from the one with that number on. */
int parts_join(struct rxp_buf *out, const struct parts *p, size_t first);

/* The place of another identity part behind the last; its owner leaves out the first if there are as many as there may be
 * (RXP-DSC-026). */
struct rxp_buf *parts_next(struct parts *p);

#endif
