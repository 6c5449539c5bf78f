/*
 * publish - what the registry tells others about peers: the register and the pins.
 */
#ifndef REGISTRY_PUBLISH_H
#define REGISTRY_PUBLISH_H

#include <stdint.h>

struct node;

/* Make the register of that number: a memory file with all seals, records as record.def says, own
 * keys and active peers. The descriptor is the caller's. RXP_ERR_BOUND, _NOMEM, _IO. */
int publish_register(int *out, struct node *n, uint64_t number);

/* Send pins and endpoints of the active peers to the gateway. Errors of link_request. */
int publish_pins(struct node *n);

#endif
