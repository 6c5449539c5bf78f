/*
 * store_terms - rows of profiles, calendars, attestations and of what new cases with a peer run under.
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 * Nothing of this is ever changed or removed: a version that was taken stays (RXP-PRF-016).
 */
#ifndef REGISTRY_STORE_TERMS_H
#define REGISTRY_STORE_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/base/ident.h"
#include "protocol/document/document.h"

struct db;
struct rxp_buf;

struct store_profile {
	char publisher[RXP_PARTY_TEXT];
	char id[RXP_PROFILE_TEXT];
	uint32_t version;
	bool overlay;
	uint8_t digest[RXP_DIGEST_OCTETS];
	struct bytes sealed; /* as it was taken; empty when loaded */
	struct bytes records; /* what a sealer read in it (terms.h of base) */
	int64_t taken_ms;
	/* the attestation, when loaded; 0: there is none */
	int64_t attested_ms;
	char officer[RECORD_NAME_MAX];
};

/* Those that lie on another come after all others. What the row holds lives until fn returns. */
typedef int store_profile_fn(void *arg, const struct store_profile *row);
int store_profile_each(struct db *db, store_profile_fn *fn, void *arg);
int store_profile_add(struct db *db, const struct store_profile *row); /* RXP_ERR_EXISTS */
/* A legal officer attests the version with this digest. RXP_ERR_EXISTS: it was attested before. */
int store_profile_attest(struct db *db, const struct store_profile *row);

struct store_calendar {
	char owner[RXP_PARTY_TEXT];
	uint32_t version;
	uint8_t digest[RXP_DIGEST_OCTETS];
	struct bytes sealed, records; /* as above */
	int64_t taken_ms;
};

/* Of each owner the lowest version first. */
typedef int store_calendar_fn(void *arg, const struct store_calendar *row);
int store_calendar_each(struct db *db, store_calendar_fn *fn, void *arg);
int store_calendar_add(struct db *db, const struct store_calendar *row); /* RXP_ERR_EXISTS */

/* From from_ms on new cases with the peer run under this profile. */
struct store_choice {
	char peer[RXP_PARTY_TEXT];
	int64_t from_ms;
	char id[RXP_PROFILE_TEXT];
	uint32_t version;
};

/* Of each peer the earliest first. */
typedef int store_choice_fn(void *arg, const struct store_choice *row);
int store_choice_each(struct db *db, store_choice_fn *fn, void *arg);
/* One of the same instant is replaced. */
int store_choice_put(struct db *db, const struct store_choice *row);

#endif
