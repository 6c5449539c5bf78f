/*
 * terms - profiles and calendars: their seals verified, their XML read, for a registry that reads none.
 */
#ifndef SEALER_TERMS_H
#define SEALER_TERMS_H

struct node;
struct reply;

/* Request open_terms. The party is the one that the Header names: ours, under a certificate of our identity
 * part, or a peer's of the register. Errors of rxp_terms_read(); RXP_ERR_SIGNER also for
 * a party that is not known; RXP_ERR_UNSUPPORTED: neither a profile nor a calendar. */
int terms_open_handle(struct node *node, const void *request, struct reply *reply);

#endif
