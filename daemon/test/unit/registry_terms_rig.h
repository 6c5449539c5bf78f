/*
 * registry_terms_rig - a registry that is given profiles and calendars, as a sealer opened them, on top of
 * registry_case_rig.
 *
 * The profile is generic-test. For tests of clocks a test may change its numbers before it is taken, and each State's
 * calendar has no weekend and no holiday, three hours east of UTC, so that a day counts as a day whenever the test runs.
 */
#ifndef UNIT_REGISTRY_TERMS_RIG_H
#define UNIT_REGISTRY_TERMS_RIG_H

#include "daemon/test/unit/registry_case_rig.h"

#include "protocol/terms/calendar.h"
#include "protocol/terms/profile.h"

/* Read the file of the profile; before a test leaves the top folder. */
int terms_rig_read(void **state);
/* A file of spec/profiles, without its last newline; `out` is initialized here. */
void terms_rig_file(struct rxp_buf *out, const char *name);

/* As its publisher would seal it, with a digest of its own. */
struct rxp_profile terms_rig_sealed(
    const struct rxp_profile *draft, const char *publisher, uint8_t digest);
/* generic-test sealed like that. */
struct rxp_profile terms_rig_agreement(const char *publisher, uint8_t digest);
/* The peer's, in force at all times. */
struct rxp_profile terms_rig_profile(void);
void terms_rig_limit(
    struct rxp_profile *p, enum rxp_clock clock, uint32_t value, enum rxp_word unit);
struct rxp_calendar terms_rig_calendar(const char *owner);

/* What an officer gives the registry; its answer. */
const struct world_answer *terms_rig_add_profile(struct world *w, const struct rxp_profile *p);
const struct world_answer *terms_rig_add_calendar(struct world *w, const struct rxp_calendar *c);
/* A calendar given as a profile; something that a sealer does not open, for RXP-PRF-003. */
const struct world_answer *terms_rig_add_misnamed(struct world *w, const struct rxp_calendar *c);
const struct world_answer *terms_rig_add_unopened(struct world *w, int result);

/* It is the one for new cases with the peer from then on; 0: now. */
const struct world_answer *terms_rig_use(
    struct world *w, const char *id, uint32_t version, int64_t from_ms);

/* It is taken, and the answer names it. */
void terms_rig_taken(struct world *w, const struct rxp_profile *p);
/* The same, and new cases run under it, the peer's too. */
void terms_rig_take_profile(struct world *w, const struct rxp_profile *p);
void terms_rig_take_calendar(struct world *w, const struct rxp_calendar *c);

#endif
