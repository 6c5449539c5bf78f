/*
 * stand_in - a key of a moment in the place of the one in a token, so that the warm-up can seal and open before the
 * signer is there: nothing that is made with it leaves the process.
 */
#ifndef SEALER_STAND_IN_H
#define SEALER_STAND_IN_H

#include "protocol/seal/signer.h"

struct node;
struct rxp_cert;

struct stand_in {
	struct rxp_cert *cert; /* owned */
	struct rxp_key_signer *key; /* owned */
	struct rxp_cert *own_cert; /* the node's, to be put back */
	struct rxp_signer own;
};

/* Put it into the node. RXP_ERR_CRYPTO, RXP_ERR_NOMEM: the node is as before. */
int stand_in_take(struct stand_in *s, struct node *node);
/* The node's own again. */
void stand_in_leave(struct stand_in *s, struct node *node);

#endif
