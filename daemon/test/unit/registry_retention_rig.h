/*
 * registry_retention_rig - what tests of retention share: a profile that says how long content is kept, a case of the peer that
 * ends, and what of it is still there.
 */
#ifndef UNIT_REGISTRY_RETENTION_RIG_H
#define UNIT_REGISTRY_RETENTION_RIG_H

#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/registry/retention/plan.h"

#define MARK "octets-of-an-envelope-and-of-nothing-else"
#define MARK_AT 400 /* behind the facts, in the envelope alone */
#define MONTH (31 * DAY)

/* The profile of the specification says nothing of retention; here it does: a test puts the words in its place. */
void retention_say(struct world *w, enum rxp_word after, uint32_t months);
void retention_restart(struct world *w);
int64_t retention_on_disk(struct world *w, const char *query);
/* Do the files of the running registry hold the octets? */
bool retention_in_files(const char *octets);
struct plan retention_plan_of(struct world *w, const uint8_t case_id[16]);
unsigned retention_count(struct world *w, const uint8_t case_id[16], enum plan_content content);
/* Run the ticks that a moved clock brings. */
void retention_pass(struct world *w, int64_t ms);
/* The peer opens a case of n persons and withdraws them one by one. */
struct fake_envelope retention_their_application(unsigned n);
struct fake_envelope retention_withdraw(struct world *w, uint8_t id, uint64_t position,
    const struct fake_envelope *before, unsigned person);
int64_t retention_due_of_case(struct world *w, const uint8_t case_id[16]);
const struct world_answer *retention_correct(
    struct world *w, const uint8_t id[16], const char *what);

#endif
