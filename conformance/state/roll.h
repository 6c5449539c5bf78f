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

struct keypair;

/* In the making: a change says otherwise what is said here of a sound one. */
struct roll {
	/* what the change may use: of who calls */
	const struct parties *parties;
	const struct state *second; /* another State that the product knows; NULL: none */
	const struct keypair *key; /* one that the change lists; NULL: none */
	const char *const *
	    endpoints; /* that the change lists before that of the State, up to a NULL; NULL: none */
	int64_t revoked_ms; /* RevokedSince of the next part; 0: it has none */
	int64_t now_ms;
	/* of roll_make() */
	const struct keypair *root; /* that seals the next part */
	const struct keypair *seal; /* of the working part */
	const struct keypair *
	    announced; /* a root that a part before the next announces, so that one more stands between; NULL: none does */
	const struct keypair *between; /* that seals the one between, which announces none */
	size_t
	    part_octets; /* the next part has so many, by blanks in a tag; 0: as many as it has */
	bool in_lines; /* base64 is broken into lines */
	struct rxp_identity *identity; /* the next one: its Serial, Previous and Created are set */
	bool
	    has_next; /* there is a next part; if not, the working part is the next of the one that is known */
	bool has_known; /* before it stands what is known */
	struct rxp_working *working; /* the one under it: its Created is not yet what follows */
	int64_t working_ms;
};

typedef int roll_change(struct roll *r);

/* Append it to out; change NULL: a sound one. A chain of as many parts as there may be loses its first (RXP-DSC-026). Errors of the
 * change, of librxp. */
int roll_make(struct rxp_buf *out, const struct roll *of, roll_change *change);

#endif
