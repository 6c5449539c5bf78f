/*
 * offer - profiles and calendars between two nodes before anybody adds them (RXP-NOT-010): a person offers what this
 * node holds, and sees what peers offer. Nothing that is offered is taken by itself.
 */
#ifndef REGISTRY_OFFER_H
#define REGISTRY_OFFER_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct pace;
struct peers;
struct terms;

/* What it works on; all borrowed. It stays where it is. */
struct offer {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
	const struct terms *terms;
};

/* Answers `offer_made` when a NodeNotice waits to be sent; the journal says so. RXP_ERR_NOT_FOUND: no such peer, or
 * nothing such was taken; RXP_ERR_STATE: the peer is not trusted, or more than one State published it. */
void offer_make(const struct offer *by, uint64_t request, const struct msg_offer_make *m);

/* Answers `offer_listed`. */
void offer_list(const struct offer *by, uint64_t request, const struct msg_offer_list *m);

/* Answers `offer_got`. RXP_ERR_NOT_FOUND. */
void offer_get(const struct offer *by, uint64_t request, const struct msg_offer_get *m);

#endif
