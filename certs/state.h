/*
 * state - everything for one State at once.
 */
#ifndef CERTS_STATE_H
#define CERTS_STATE_H

struct options;

/*
 * `state new`: all of it or nothing. OUT, which is not there or empty, gets OUT/root with root.key and root.crt, which belong on a machine without network, and
 * OUT/node with seal, TLS and storage keys, certificates and identity.xml. 0 or RXP_ERR_*, said on
 * standard error.
 */
int state_new(const struct options *o);

#endif
