/*
 * registry_clock_rig - cases whose clocks run, on top of registry_terms_rig: a profile that counts the reply alone
 * unless a test says so, our application and the peer's, and the flags of what the peer sends.
 */
#ifndef UNIT_REGISTRY_CLOCK_RIG_H
#define UNIT_REGISTRY_CLOCK_RIG_H

#include "daemon/registry/store/store_clock.h"
#include "daemon/test/unit/registry_terms_rig.h"

#define DAYS_S(n) ((n)*86400u)

/* A world whose node holds the profile as changed and both calendars. */
void clock_rig_hold(struct world *w, const struct rxp_profile *p);
/* The reply within two days from receipt, and nothing else is counted unless a test says so. */
struct rxp_profile clock_rig_two_days(void);

/* Our application of P1, receipted now; the peer's. */
struct fake_envelope clock_rig_asked(struct world *w, uint8_t case_id[16]);
struct fake_envelope clock_rig_asks_us(struct world *w, uint8_t case_id[16]);
/* The peer's acceptance of P1. */
struct fake_envelope clock_rig_reply(
    const uint8_t case_id[16], const struct fake_envelope *application);
/* The peer's document is taken; its flags, until the next document. */
const char *clock_rig_flags(struct world *w, const struct fake_envelope *e);

/* How many cases are due within so many seconds; the first of them, if there is one and it is asked for. */
unsigned clock_rig_due(struct world *w, uint32_t s, struct rec_case_row *first);
/* What was said of the first clock of our case, after ticks have found that there is nothing more to look at. */
enum store_clock_said clock_rig_said(struct world *w, const uint8_t case_id[16]);
struct db *clock_rig_db(struct world *w);

#endif
