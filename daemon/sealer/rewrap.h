/*
 * rewrap - a box again, under the storage key of the present epoch. What is in it leaves the process only as a box for the
 * same purpose and place.
 */
#ifndef SEALER_REWRAP_H
#define SEALER_REWRAP_H

struct node;
struct reply;

/* Request rewrap. Answered with RXP_ERR_DAMAGED: no box that a database keeps, of no key that is held, or not of that
 * place. */
int rewrap_handle(struct node *node, const void *request, struct reply *reply);

#endif
