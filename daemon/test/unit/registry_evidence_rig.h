/*
 * registry_evidence_rig - a case of which the registry gives evidence, put into its database as the registry puts it.
 */
#ifndef UNIT_REGISTRY_EVIDENCE_RIG_H
#define UNIT_REGISTRY_EVIDENCE_RIG_H

#include "daemon/test/unit/registry_world.h"

#define PAIRS 5UL /* documents of either side in the case */
#define AT_MS INT64_C(1795000000000)
#define OCTETS(text) ((struct bytes){(const uint8_t *)(text), strlen(text)})

extern const uint8_t evidence_case_id[16];

/* With the peer: of each of our documents that much is kept as evidence; or "evidence". The last of the peer's has a type that is none. */
void evidence_case_of(struct world *w, struct bytes evidence);
void evidence_case(struct world *w);
/* What is put must be committed; arg: an unsigned that becomes 1. */
void evidence_put_done(void *arg, int result);

/* Take a list apart; the rows borrow from its octets. Returns how many. */
size_t evidence_rows(struct rec_evidence_row *rows, size_t max, const uint8_t *octets, size_t len);

#endif
