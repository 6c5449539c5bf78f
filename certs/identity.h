/*
 * identity - the commands that sign an identity part with the root key (RXP-DSC-001 to RXP-DSC-005).
 *
 * Each file is read again as a peer will read it before it is written. 0 or RXP_ERR_*, said on standard error.
 */
#ifndef CERTS_IDENTITY_H
#define CERTS_IDENTITY_H

struct options;

/* What is said of a party code that is none. */
#define IDENTITY_PARTY_WORDS "a party code is three capital letters, as QRA"

/* `identity sign`: a part of which everything is given. */
int identity_sign(const struct options *o);

/* `identity next` and `root announce`: the part after the one before, which says the same but for what is given. Prints
 * what changes, and signs it only with --yes. */
int identity_next(const struct options *o);

/* `root change`: the same, under the root that was announced. */
int root_change(const struct options *o);

/* Are the options that name no file right? For a command that signs at its end. */
int identity_check(const struct options *o);

#endif
