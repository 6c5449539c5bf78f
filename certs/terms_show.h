/*
 * terms_show - profiles and calendars for people.
 */
#ifndef CERTS_TERMS_SHOW_H
#define CERTS_TERMS_SHOW_H

struct options;

/* `profile show FILE`, `calendar show FILE`: a sealed object, whose seal is verified under the
 * certificate in it (whose it is, its digest tells), or a draft. 0 or RXP_ERR_*, said on standard
 * error. */
int profile_show(const struct options *o);
int calendar_show(const struct options *o);

#endif
