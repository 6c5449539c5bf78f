/*
 * signing - an identity part that is being made: what it shall say, the chain before it, the root that seals it.
 *
 * All that goes wrong is said on standard error; functions return 0 or RXP_ERR_*, RXP_ERR_CONFIG for what the caller of
 * the program did wrong.
 */
#ifndef CERTS_SIGNING_H
#define CERTS_SIGNING_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/peering/descriptor.h"

struct options;
struct rxp_cert;

struct signing {
	struct rxp_identity identity;
	struct rxp_descriptor *before; /* owned; the chain that it continues, NULL if none */
	struct rxp_cert *root_cert; /* owned */
	struct rxp_buf parts[RXP_MAX_IDENTITY_PARTS]; /* those of the chain before, then ours */
	size_t n_parts;
};

/* What an option does to the part. */
typedef int signing_fn(struct signing *s, const char *value);

/* A first part of nothing, of now. Ended by signing_clear(). */
void signing_begin(struct signing *s);
void signing_clear(struct signing *s);

/* Continue the chain of a descriptor or identity file: Serial, Previous and Party follow. */
signing_fn signing_previous;
/* Begin with all that the latest part before says, but RevokedSince. */
void signing_inherit(struct signing *s);

/* One more of each, by file, file, URL, name, NAME=FILE and name. What is listed already is refused. */
signing_fn signing_add_seal, signing_add_pin, signing_add_endpoint, signing_add_office,
    signing_add_office_key, signing_add_level;
/* One less, by file or by the 64 digits that `show` prints. */
signing_fn signing_leave_seal, signing_leave_pin;
/* By file and by time. */
signing_fn signing_next_root, signing_revoked_since;

/* Read the root's certificate, which says who seals it; the part need not be sealed after it. */
int signing_root(struct signing *s, const struct options *o);

/* Seal the part with the root's key, append it to the chain, of which the oldest part goes if it is full (RXP-DSC-026),
 * and read the whole as a peer will. */
int signing_seal(struct signing *s, const struct options *o, struct rxp_buf *file);

#endif
