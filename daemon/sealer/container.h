/*
 * container - the State's signature over a container of evidence (RXP-EVI-013, RXP-EVI-014).
 */
#ifndef SEALER_CONTAINER_H
#define SEALER_CONTAINER_H

struct node;
struct reply;

/* Request seal_container. RXP_ERR_MISMATCH: what is to be sealed does not verify; besides it the errors of
 * rxp_dossier_put_parties(), rxp_dossier_put_document() and rxp_container_seal(), RXP_ERR_DAMAGED. */
int container_seal_handle(struct node *node, const void *request, struct reply *reply);

#endif
