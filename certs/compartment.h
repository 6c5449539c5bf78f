/*
 * compartment - an office opens what was closed for it, with its private key, which is on no node.
 */
#ifndef CERTS_COMPARTMENT_H
#define CERTS_COMPARTMENT_H

struct options;

/* `compartment open FILE`: the content of a sealed Document, with the compartments for this key in plain, on
 * standard output or in a new file. The seal is verified under the sender's descriptor (RXP-CMP-010). 0 or RXP_ERR_*, said on
 * standard error, which quotes nothing of the content. */
int compartment_open(const struct options *o);

#endif
