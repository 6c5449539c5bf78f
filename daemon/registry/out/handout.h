/*
 * handout - attachments of ours that a peer fetches (RXP-ATT-013): those of messages that were given to it and have
 * no final answer. To anybody else, and of anything else, there is nothing.
 */
#ifndef REGISTRY_HANDOUT_H
#define REGISTRY_HANDOUT_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;

/* Request `give` of the gateway; it is answered on its link. */
void handout_give(struct node *n, uint64_t request, const struct msg_give *m);

/* Open it for the party. RXP_ERR_NOT_FOUND: it is not for it, or nothing of it leaves now (RXP-HLD-002); RXP_ERR_IO,
 * errors as in db.h. */
int handout_open(
    struct node *n, const char *party, const uint8_t digest[32], int *fd, uint64_t *length);

#endif
