/*
 * terms - which profile and which calendars a case runs under (spec/rxp-1.md, "Profiles and calendars").
 *
 * Lookups are plain: no XML, no input or output. The profile of the specification is always held
 * (RXP-PRF-021).
 */
#ifndef REGISTRY_TERMS_H
#define REGISTRY_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_terms.h"
#include "protocol/terms/calendar.h"
#include "protocol/terms/profile.h"

struct node;
struct shelf;
struct shelf_profile;
struct terms;

/* The profile and the calendars under which a case runs. Borrowed: valid until terms change, and so at most
 * until the next request. */
struct terms_of_case {
	const struct rxp_profile *profile; /* no overlay: it was laid on its base */
	struct rxp_calendars
	    calendars; /* all versions held of the one rxp_profile_calendar() names */
};

/* Load them. RXP_ERR_DAMAGED: what is stored are not the terms that were taken; RXP_ERR_NOMEM; errors as in
 * db.h. node: borrowed. */
int terms_new(struct terms **out, struct node *node);
void terms_free(struct terms *t); /* NULL is allowed */

/* Those of a case with c's peer, role and profile. RXP_ERR_NOT_FOUND: this node holds no such profile for
 * the two; one that is unverified counts as held. */
int terms_find(struct terms_of_case *out, const struct terms *t, const struct store_case *c);

/* Why a profile is of no use for a new case; fixed strings. */
struct terms_why {
	const char *requirement, *words;
};

/*
 * May a document created then open a case like c? c names the profile, or none (an empty id) and gets the
 * one that was chosen for its peer. RXP_ERR_NOT_FOUND: no such profile is held for the two (RXP-PRF-023);
 * RXP_ERR_STATE: it is not in force then (RXP-PRF-017), or must be attested first (RXP-PRF-007); with *why.
 */
int terms_for_new(
    struct terms_why *why, const struct terms *t, struct store_case *c, int64_t created_ms);

/* The one that people name; publisher "": whoever published it. RXP_ERR_NOT_FOUND; RXP_ERR_STATE: more than one
 * State did. *why: fixed words then. */
int terms_named(const struct shelf_profile **out, const struct terms *t, const char *publisher,
    const char *id, uint32_t version, const char **why);

/* May cases between us and the party run under it (RXP-PRF-006)? */
bool terms_fits(const struct terms *t, const struct shelf_profile *p, const char *party);

/* Must a legal officer of ours attest it before it may be used? Never at a test node. */
bool terms_unattested(const struct terms *t, const struct shelf_profile *p);

/* How the documents of a case name a version (RXP-PRF-022), into the row. */
void terms_name(struct store_case *c, const struct rxp_profile *p);

const char *terms_own(const struct terms *t); /* our party */
/* What is held; changed by what commits alone. */
struct shelf *terms_shelf(const struct terms *t);
/* The i-th choice, in the order of peers and times; NULL behind the last. */
const struct store_choice *terms_choice_at(const struct terms *t, size_t i);
/* A committed choice. RXP_ERR_FULL, which terms_choices_full() tells before. */
int terms_chosen(struct terms *t, const struct store_choice *row);
bool terms_choices_full(const struct terms *t);

#endif
