/*
 * descriptor - the peers' descriptors checked, our own working part sealed.
 */
#ifndef SEALER_DESCRIPTOR_H
#define SEALER_DESCRIPTOR_H

struct node;
struct reply;

/* Request check_descriptor. Besides the errors of rxp_descriptor_open: RXP_ERR_STRUCTURE without a
 * working part. The certificates in the rows are those in force and the latest that were retired, with when they were
 * retired and revoked. */
int descriptor_check_handle(struct node *node, const void *request, struct reply *reply);

/* Request renew_descriptor: the chain of the descriptor with the other working part. Errors as above. */
int descriptor_renew_handle(struct node *node, const void *request, struct reply *reply);

/* Request seal_working. */
int descriptor_seal_handle(struct node *node, const void *request, struct reply *reply);

#endif
