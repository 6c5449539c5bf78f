/*
 * make - the commands that make keys and their certificates.
 */
#ifndef CERTS_MAKE_H
#define CERTS_MAKE_H

struct options;

/* `root new`, `seal new`, `tls new`, `storage new`, `office-key new`. 0 or RXP_ERR_*, said on standard error;
 * RXP_ERR_CONFIG for what the caller of the program did wrong. */
int make_root(const struct options *o);
int make_seal(const struct options *o);
int make_tls(const struct options *o);
int make_storage(const struct options *o);
int make_office_key(const struct options *o);

#endif
