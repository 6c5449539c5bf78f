/*
 * registry_terms_rig - a registry that holds a profile and calendars made for tests of clocks, on top of
 * registry_case_rig.
 *
 * The profile is generic-test, whose numbers a test may change before it is taken; each State's calendar has no
 * weekend and no holiday, three hours east of UTC, so that a day counts as a day whenever the test runs.
 */
#ifndef UNIT_REGISTRY_TERMS_RIG_H
#define UNIT_REGISTRY_TERMS_RIG_H

#include "daemon/test/unit/registry_case_rig.h"

#include "protocol/calendar.h"
#include "protocol/profile.h"

/* Read the file of the profile; before a test leaves the top folder. */
int terms_rig_read(void **state);

/* The next tests change it and take it. */
struct rxp_profile terms_rig_profile(void);
void terms_rig_limit(
    struct rxp_profile *p, enum rxp_clock clock, uint32_t value, enum rxp_word unit);
struct rxp_calendar terms_rig_calendar(const char *owner);

/* The registry takes them, and new cases run under the profile. */
void terms_rig_take_profile(struct world *w, const struct rxp_profile *p);
void terms_rig_take_calendar(struct world *w, const struct rxp_calendar *c);

#endif
