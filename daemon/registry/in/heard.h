/*
 * heard - what a document of a peer says to this node itself: the records that a sealer found in it, of the types
 * outside any case that nobody collects.
 */
#ifndef REGISTRY_HEARD_H
#define REGISTRY_HEARD_H

#include <stdbool.h>

#include "daemon/base/ipc.h"

/* Of a Void that is valid: *voids is true, and message id and fingerprint in facts are those that it names from here
 * on (RXP-VOI-005). RXP_ERR_DAMAGED: no record of a Void. */
int heard_void(bool *voids, struct msg_opened *facts);

#endif
