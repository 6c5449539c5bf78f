/*
 * show - fingerprints and descriptors for people.
 */
#ifndef CERTS_SHOW_H
#define CERTS_SHOW_H

struct options;

/* `fingerprint FILE`: of a certificate's key, or of the root that sealed a descriptor's latest identity part,
 * the one that two people compare (RXP-DSC-005). 0 or RXP_ERR_*, said on standard error. */
int show_fingerprint(const struct options *o);

/* `show FILE`. The file's seals are verified; whose root it is only the fingerprint tells. */
int show_words(const struct options *o);

#endif
