/*
 * dispatch - from a request on a work queue to its handler, by table.
 */
#ifndef SEALER_DISPATCH_H
#define SEALER_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct link;
struct link_message;
struct node;

/* Has this type of message a handler? */
bool dispatch_knows(enum ipc_type type);

/*
 * Work on one request: say `taken` or `desk_taken` with this sealer's number, use the register that came with it,
 * call the handler, answer. RXP_ERR_STATE: the request is one that a correct client does not make.
 * Otherwise errors of the link: the process cannot go on either.
 */
int dispatch_request(
    struct node *node, uint32_t number, struct link *l, const struct link_message *m);

#endif
