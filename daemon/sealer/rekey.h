/*
 * rekey - our own envelope for another agreement key of its recipient (RXP-ENV-015).
 */
#ifndef SEALER_REKEY_H
#define SEALER_REKEY_H

struct node;
struct reply;

/* Request rekey: same content key, IV and ciphertext; a fresh ephemeral key. */
int rekey_handle(struct node *node, const void *request, struct reply *reply);

#endif
