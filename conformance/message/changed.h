/*
 * changed - what a change did to a text of a message in the making, so that a report can mark it: where, and what stood there before.
 */
#ifndef CONFORM_CHANGED_H
#define CONFORM_CHANGED_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/base/buf.h"

struct changed {
	bool known; /* a change was noted, and it shows in the text */
	bool inside; /* in what is encrypted then */
	struct rxp_buf text; /* with the change */
	size_t at, len; /* what is new in it; len 0: something was taken out there */
	struct rxp_buf was; /* what stood in its place; empty: nothing */
};

/* Texts of up to so many octets. */
void changed_init(struct changed *c, size_t max);
void changed_clear(struct changed *c);

/* Note how a text came to be another one. Both are cut to what differs, and to no less than the whole of a short value, name or tag. The
 * buffer's errors. */
int changed_note(struct changed *c, const struct rxp_buf *before, const struct rxp_buf *after);
/* Where it is in octets that were made of the text afterwards, and had more put around it; false: it cannot be told. */
bool changed_find(size_t *at, const struct changed *c, const struct rxp_buf *octets);

#endif
