/*
 * publish - what the registry tells others about peers and our own keys: the register for the sealers,
 * the pins for the gateway.
 */
#ifndef REGISTRY_PUBLISH_H
#define REGISTRY_PUBLISH_H

#include <stdint.h>

struct keys;
struct node;
struct peers;
struct publish;

/* All are borrowed. There is no register before publish_all(). RXP_ERR_NOMEM. */
int publish_new(struct publish **out, struct node *n, struct peers *peers, const struct keys *keys);
void publish_free(struct publish *p); /* NULL is allowed */

/* Make the register anew, under the next number, and send pins and endpoints to the gateway, after
 * peers or our own keys changed. The process ends if that fails. */
void publish_all(struct publish *p);

/* The present register: its number, and a descriptor that stays the module's. */
uint64_t publish_register(const struct publish *p, int *fd);

#endif
