/*
 * peer_update - a person brings a newer descriptor of a peer by file: what it changes is told, and it is taken.
 *
 * It proves itself by its chain, as one that the peer itself gives (RXP-DSC-021), so it takes no fingerprint. What it
 * changes can be told of any party, also of one that is not known: then it is all new, and its root is to be compared
 * before the party is added (RXP-DSC-033).
 */
#ifndef REGISTRY_PEER_UPDATE_H
#define REGISTRY_PEER_UPDATE_H

#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/peers/renew.h"

struct pace;

/* What these work on; all borrowed. It stays where it is. */
struct peer_update {
	struct renew_config renew;
	struct pace *pace;
};

/* The requests are answered on the desk's link. */
void peer_update_diff(
    const struct peer_update *by, uint64_t request, const struct msg_peer_diff *m);
void peer_update_take(
    const struct peer_update *by, uint64_t request, const struct msg_peer_update *m);

#endif
