/*
 * registry_given_rig - what tests of histories that a peer asks for share: how it asks, what a copy says, and how a document that
 * it may get back is corrected meanwhile. On top of registry_case_rig.
 */
#ifndef UNIT_REGISTRY_GIVEN_RIG_H
#define UNIT_REGISTRY_GIVEN_RIG_H

#include "daemon/test/unit/registry_case_rig.h"

/* A request for all, or for n cases, one id behind the other. */
struct fake_envelope given_request(uint8_t id, const uint8_t *cases, size_t n);
/* The peer asks for one case, or for all (NULL): it is taken; it is refused with busy. */
void given_asks(struct world *w, uint8_t id, const uint8_t *case_id);
void given_asks_in_vain(struct world *w, uint8_t id);
/* What a message says that has to be a HistoryCopy. */
struct rec_node_history_copy given_in(const struct fake_envelope *e);
/* The peer's first document of the case is erased, blocked, shown again: as content correct has it. */
void given_correct(struct world *w, const uint8_t *case_id, const char *what);

#endif
