/*
 * descriptor - the peers' descriptors checked, our own working part sealed.
 */
#ifndef SEALER_DESCRIPTOR_H
#define SEALER_DESCRIPTOR_H

struct node;
struct reply;

/* Request check_descriptor. Besides the errors of rxp_descriptor_open: RXP_ERR_STRUCTURE without a
 * working part, RXP_ERR_KEY if a seal certificate is unusable. The certificates in the rows are
 * those of the latest identity part; one that it no longer lists is retired. */
int descriptor_check_handle(struct node *node, const void *request, struct reply *reply);

/* Request renew_descriptor: the chain of the descriptor with the other working part. Errors as above. */
int descriptor_renew_handle(struct node *node, const void *request, struct reply *reply);

/* Request seal_working. */
int descriptor_seal_handle(struct node *node, const void *request, struct reply *reply);

#endif
