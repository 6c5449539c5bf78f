/*
 * identity - the command that signs an identity part with the root key (RXP-DSC-001 to RXP-DSC-005).
 */
#ifndef CERTS_IDENTITY_H
#define CERTS_IDENTITY_H

struct options;

/* What is said of a party code that is none. */
#define IDENTITY_PARTY_WORDS "a party code is three capital letters, as QRA"

/* `identity sign`. The file is read again as a peer will read it before it is written. 0 or
 * RXP_ERR_*, said on standard error. */
int identity_sign(const struct options *o);

/* Are the options that name no file right? For a command that signs at its end. */
int identity_check(const struct options *o);

#endif
