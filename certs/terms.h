/*
 * terms - the commands that seal a profile or a calendar from its draft (RXP-PRF-003, RXP-CAL-002).
 */
#ifndef CERTS_TERMS_H
#define CERTS_TERMS_H

struct options;

/* `profile seal`, `calendar seal`. What was sealed is read again as a peer will read it before it is
 * written. 0 or RXP_ERR_*, said on standard error. */
int profile_seal(const struct options *o);
int calendar_seal(const struct options *o);

#endif
