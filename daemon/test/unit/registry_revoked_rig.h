/*
 * registry_revoked_rig - what tests of seals that are revoked share: answers and documents under one, and a person who has compared.
 */
#ifndef UNIT_REGISTRY_REVOKED_RIG_H
#define UNIT_REGISTRY_REVOKED_RIG_H

#include "daemon/test/unit/registry_history_rig.h"
#include "daemon/test/unit/registry_recovery_rig.h"

/* The same document in other octets. */
struct fake_envelope again(const struct fake_envelope *e);
/* Under a seal that is revoked since, a millisecond after the answer was given. */
struct fake_answer revoked_receipt(const struct fake_envelope *e);
/* v takes back e. */
void void_of(struct fake_envelope *v, const struct fake_envelope *e);
/* A person was shown n of them, and says that people have compared. */
int confirms(struct world *w, uint64_t n);
/* They stand, and the hold goes on. */
void stands(struct world *w, uint64_t n);
/* Busy, until then and not for the whole node (RXP-ANS-024); nothing of the answer is in that. */
void waits(struct world *w, const struct fake_envelope *e);
/* Held, and asked; the peer gives one document, which goes again as the n-th delivery. */
void one_copy(struct world *w, unsigned n, int64_t revoked_ms);
void receipted_at(struct world *w, unsigned n, int64_t received_ms);

#endif
