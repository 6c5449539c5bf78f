/*
 * former - a former descriptor that people bring, held against those of its party that are known (RXP-EVI-034).
 */
#ifndef SEALER_FORMER_H
#define SEALER_FORMER_H

struct node;
struct reply;

/* Request join_descriptor. Results of rxp_evidence_party_goes_back(), and RXP_ERR_DAMAGED: what is in force does not verify. */
int former_join_handle(struct node *node, const void *request, struct reply *reply);

#endif
