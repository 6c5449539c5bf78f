/*
 * roll - the next descriptor of a test State, as it might be or must not be: the part that follows the one that is known, the
 * working part under it, and at most one change.
 */
#ifndef CONFORM_ROLL_H
#define CONFORM_ROLL_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/peering/descriptor.h"

struct parties;
struct state;

/* In the making: a change says otherwise what is said here of a sound one. */
struct roll {
	const struct parties *parties;
	const struct state *second; /* another State that the product knows; NULL: none */
	int64_t now_ms;
	struct rxp_identity *identity; /* the next one: its Serial, Previous and Created are set */
	bool
	    has_next; /* there is a next part; if not, the working part is the next of the one that is known */
	bool has_known; /* before it stands what is known */
	int64_t working_ms; /* Created of the working part */
};

typedef int roll_change(struct roll *r);

/* Append it to out; change NULL: a sound one. Errors of the change, of librxp. */
int roll_make(struct rxp_buf *out, const struct parties *parties, const struct state *second,
    roll_change *change, int64_t now_ms);

#endif
