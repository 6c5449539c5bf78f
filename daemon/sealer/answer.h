/*
 * answer - Receipts and Refusals: ours sealed, the peers' verified.
 *
 * In the messages between registry and sealer the flags of a receipt are one run of octets, words
 * separated by one space each.
 */
#ifndef SEALER_ANSWER_H
#define SEALER_ANSWER_H

struct node;
struct reply;

/* Request seal_answer. */
int answer_seal_handle(struct node *node, const void *request, struct reply *reply);

/* Request reseal_answer: one of our own is sealed anew, if its seal is revoked or stands in our chain no more
 * (RXP-DSC-035). RXP_ERR_*: it is none of ours. */
int answer_reseal_handle(struct node *node, const void *request, struct reply *reply);

/* Request check_answer: parse and verify only; what the answer is about is compared by the
 * registry. Revoked certificates verify nothing here, since an answer's own times prove nothing
 * once its key is in other hands. */
int answer_check_handle(struct node *node, const void *request, struct reply *reply);

#endif
