/*
 * shelf - the profiles and calendars that this node holds, in memory as committed, and what may join them.
 *
 * A version that was taken stays (RXP-PRF-016), and so do the pointers to it, as long as the shelf.
 */
#ifndef REGISTRY_SHELF_H
#define REGISTRY_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/registry/store/store_terms.h"
#include "protocol/terms/calendar.h"
#include "protocol/terms/profile.h"

struct rxp_reason;
struct shelf;

struct shelf_profile {
	struct rxp_profile sealed; /* as its publisher sealed it */
	struct rxp_profile laid; /* the same without a base: what counts */
	int64_t taken_ms; /* 0: it belongs to the specification */
	int64_t attested_ms; /* 0: no legal officer attested it */
	char officer[RECORD_NAME_MAX];
};

/* With the profile of the specification. RXP_ERR_STRUCTURE: the build put in something else; RXP_ERR_NOMEM. */
int shelf_new(struct shelf **out);
void shelf_free(struct shelf *s); /* NULL is allowed */

/* That of the specification first, then in the order in which they came; NULL behind the last. */
const struct shelf_profile *shelf_profile_at(const struct shelf *s, size_t i);
/* The very one: publisher "" for that of the specification. NULL if it is not held. */
const struct shelf_profile *shelf_profile(
    const struct shelf *s, const char *publisher, const char *id, uint32_t version);
/* The versions of an owner, lowest first; n is 0 if there is none. */
struct rxp_calendars shelf_calendars(const struct shelf *s, const char *owner);
/* The owners; NULL behind the last. */
const char *shelf_owner_at(const struct shelf *s, size_t i);

/*
 * May it join what is held? RXP_ERR_EXISTS: this very one is held; RXP_ERR_MISMATCH with the reason;
 * RXP_ERR_FULL.
 */
int shelf_judge_profile(
    const struct shelf *s, const struct rxp_profile *p, const char *own, struct rxp_reason *reason);
int shelf_judge_calendar(
    const struct shelf *s, const struct rxp_calendar *c, struct rxp_reason *reason);

/* A committed row. RXP_ERR_STRUCTURE, RXP_ERR_MISMATCH: it is not what was judged; RXP_ERR_FULL, RXP_ERR_NOMEM. */
int shelf_take_profile(struct shelf *s, const struct store_profile *row);
int shelf_take_calendar(struct shelf *s, const struct store_calendar *row);
/* A committed attestation of one that is held. */
void shelf_attested(struct shelf *s, const struct store_profile *row);

#endif
