/*
 * safeguards - the rules that both States judge (protocol/safeguard/safeguard.h), for a Document that was opened, or that was
 * sealed here and is about to leave.
 */
#ifndef SEALER_SAFEGUARDS_H
#define SEALER_SAFEGUARDS_H

struct node;
struct rxp_document;

/* d is one that rxp_document_check() has passed. 0 or RXP_ERR_NOT_ACCEPTABLE; which rule it was nobody learns here
 * (RXP-SAF-002, 003), and our own desk asks `check`. */
int safeguards_judge(const struct node *node, const struct rxp_document *d);

#endif
