/*
 * recovering - what this node lost with its peers, and they with it, and how far it is back; a person who ends a hold
 * although not all is back (RXP-RCV-012).
 */
#ifndef REGISTRY_RECOVERING_H
#define REGISTRY_RECOVERING_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peers;
struct recovery;

/* What it works on; all borrowed. It stays where it is. */
struct recovering {
	struct node *node;
	struct peers *peers;
	struct recovery *recovery;
};

/* Answers `recovery_listed`. */
void recovering_list(
    const struct recovering *by, uint64_t request, const struct msg_recovery_list *m);
/* Answers `recovery_begun` after the commit, which also writes the journal. RXP_ERR_NOT_FOUND: no such peer; RXP_ERR_STATE: it is
 * held already, or its trust ended. */
void recovering_begin(
    const struct recovering *by, uint64_t request, const struct msg_recovery_begin *m);
/* Answers `unproved_listed`. */
void recovering_unproved(
    const struct recovering *by, uint64_t request, const struct msg_unproved_list *m);

/* Answers `recovery_confirmed` after the commit, which also writes the journal. RXP_ERR_NOT_FOUND: no such peer, or
 * nothing is held with it. */
void recovering_confirm(
    const struct recovering *by, uint64_t request, const struct msg_recovery_confirm *m);

#endif
