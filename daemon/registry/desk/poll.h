/*
 * poll - long polls of the desk: a request for a message or for the inbox waits until there is
 * something new to say, or until its time is over.
 */
#ifndef REGISTRY_POLL_H
#define REGISTRY_POLL_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peers;
struct poll;

int poll_new(
    struct poll **out, struct node *n, struct peers *peers); /* both borrowed. RXP_ERR_NOMEM */
void poll_free(struct poll *p); /* NULL is allowed */

/* Answers as lists.h says, at once or within wait_ms (REGISTRY_WAIT_MAX_MS at most); at once, too, where there is no memory to wait. At most so many wait as the desk
 * has requests of both kinds open. */
void poll_show(struct poll *p, uint64_t request, const struct msg_message_show *m);
void poll_list(struct poll *p, uint64_t request, const struct msg_list *m);

/* A message to a peer is in another state; polls for it may end. */
void poll_changed(struct poll *p, const uint8_t local_id[16]);
/* A message of a peer was stored; polls for the inbox may end at the end of the round. */
void poll_received(struct poll *p);
void poll_round(struct poll *p);

#endif
