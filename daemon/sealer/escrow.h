/*
 * escrow - the storage keys for whoever holds the sheets of the escrow key, with what the list of erasures was then.
 *
 * To which key is the parent's to say: nobody who asks for a backup can have them in another way.
 */
#ifndef SEALER_ESCROW_H
#define SEALER_ESCROW_H

struct node;
struct reply;
struct rxp_buf;

/* The SubjectPublicKeyInfo of escrow.pub, a public key on P-256 in PEM, appended. RXP_ERR_KEY. */
int escrow_read(struct rxp_buf *spki, const struct rxp_buf *pem);

/* Request escrow. Answered with RXP_ERR_CONFIG: the node has no escrow.pub. */
int escrow_handle(struct node *node, const void *request, struct reply *reply);

#endif
