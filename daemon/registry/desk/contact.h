/*
 * contact - a person tells peers how the office of this node is reached, and sees what they told (RXP-NOT-013).
 */
#ifndef REGISTRY_CONTACT_H
#define REGISTRY_CONTACT_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct pace;
struct peers;

struct contact {
	struct node *node; /* borrowed, as the rest */
	struct peers *peers;
	struct pace *pace;
};

/* A NodeNotice to the peer, or to each that is trusted, in one commit. RXP_ERR_SYNTAX: not as a Contact is written. */
void contact_tell(const struct contact *by, uint64_t request, const struct msg_contact_tell *m);
void contact_list(const struct contact *by, uint64_t request);

#endif
