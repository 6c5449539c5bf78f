/*
 * open - journey in: an Envelope becomes a verified Document's facts, evidence, attachments and wrapped
 * keys.
 *
 * What is known before opening is refused specifically (RXP-OPN-002): suite, To, From, key name.
 * Whatever fails from decryption to the equality of the headers gives one answer (RXP-OPN-001); so
 * does an Envelope that is none. Type, content and safeguards are judged after opening; of a document that is
 * refused nothing is given on with which it could be opened again. Times, known messages
 * and the procedure are the registry's.
 */
#ifndef SEALER_OPEN_H
#define SEALER_OPEN_H

struct node;
struct reply;

/* Request open. */
int open_handle(struct node *node, const void *request, struct reply *reply);

#endif
