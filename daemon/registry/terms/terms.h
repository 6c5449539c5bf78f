/*
 * terms - the profiles and calendars that this node holds, and which of them a case runs under
 * (spec/rxp-1.md, "Profiles and calendars").
 *
 * Lookups are plain: no XML, no input or output. The profile of the specification is always held
 * (RXP-PRF-021).
 */
#ifndef REGISTRY_TERMS_H
#define REGISTRY_TERMS_H

#include <stdint.h>

#include "daemon/registry/store/store_case.h"
#include "protocol/calendar.h"
#include "protocol/profile.h"

struct node;
struct terms;

/* The profile and the calendars under which a case runs. Borrowed: valid until terms change, and so at most
 * until the next request. */
struct terms_of_case {
	const struct rxp_profile *profile; /* no overlay: it was laid on its base */
	struct rxp_calendars
	    calendars; /* all versions held of the one rxp_profile_calendar() names */
};

/* RXP_ERR_STRUCTURE: the build put in something else than a profile. RXP_ERR_NOMEM. */
int terms_new(struct terms **out, struct node *node); /* node: borrowed */
void terms_free(struct terms *t); /* NULL is allowed */

/* Those of a case with c's peer, role and profile. RXP_ERR_NOT_FOUND: this node holds no such profile for
 * the two; one that is unverified counts as held. */
int terms_find(struct terms_of_case *out, const struct terms *t, const struct store_case *c);

/* Fill how the documents of a case name a profile. */
void terms_name(struct store_case *c, const struct rxp_profile *p);

/* The profile of the specification. */
const struct rxp_profile *terms_builtin(const struct terms *t);

#endif
