#include "daemon/registry/terms/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/terms.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/terms/builtin.h"
#include "protocol/base/err.h"
#include "protocol/terms/terms.h"

struct owner {
	char party[RXP_PARTY_TEXT];
	struct rxp_calendar *held[REGISTRY_CALENDARS_MAX]; /* owned */
	const struct rxp_calendar *versions[REGISTRY_CALENDARS_MAX]; /* the same, to be read */
	size_t n;
};

struct shelf {
	struct shelf_profile *profiles[1 + REGISTRY_PROFILES_MAX]; /* owned */
	size_t n_profiles;
	struct owner *owners[REGISTRY_OWNERS_MAX]; /* owned */
	size_t n_owners;
};

/* --- what is held -------------------------------------------------------------------------------- */

const struct shelf_profile *shelf_profile_at(const struct shelf *s, size_t i)
{
	return i < s->n_profiles ? s->profiles[i] : NULL;
}

static struct shelf_profile *find(
    const struct shelf *s, const char *publisher, const char *id, uint32_t version)
{
	for (size_t i = 0; i < s->n_profiles; i++) {
		const struct rxp_profile *p = &s->profiles[i]->sealed;

		if (strcmp(p->publisher, publisher) == 0 && strcmp(p->id, id) == 0 &&
		    p->version == version)
			return s->profiles[i];
	}
	return NULL;
}

const struct shelf_profile *shelf_profile(
    const struct shelf *s, const char *publisher, const char *id, uint32_t version)
{
	return find(s, publisher, id, version);
}

static struct owner *find_owner(const struct shelf *s, const char *party)
{
	for (size_t i = 0; i < s->n_owners; i++)
		if (strcmp(s->owners[i]->party, party) == 0)
			return s->owners[i];
	return NULL;
}

struct rxp_calendars shelf_calendars(const struct shelf *s, const char *owner)
{
	const struct owner *o = find_owner(s, owner);

	return o != NULL ? (struct rxp_calendars){.versions = o->versions, .n = o->n}
			 : (struct rxp_calendars){.n = 0};
}

const char *shelf_owner_at(const struct shelf *s, size_t i)
{
	return i < s->n_owners ? s->owners[i]->party : NULL;
}

/* --- what may join it ---------------------------------------------------------------------------- */

/* An overlay lies on the profile with the digest that it names, whoever sealed that one. */
static int lay(struct rxp_profile *out, const struct shelf *s, const struct rxp_profile *p,
    struct rxp_reason *reason)
{
	if (!p->has_base) {
		*out = *p;
		return 0;
	}
	for (size_t i = 0; i < s->n_profiles; i++) {
		const struct rxp_profile *base = &s->profiles[i]->sealed;

		if (memcmp(base->digest, p->base.digest, sizeof base->digest) == 0 &&
		    base->publisher[0] != '\0')
			return rxp_profile_overlay(out, base, p, reason);
	}
	return rxp_terms_refuse(reason, RXP_TERMS_UNHELD);
}

/* Documents name id and version alone, so that between us and another State these mean one thing. */
static bool contradicts(
    const struct rxp_profile *held, const struct rxp_profile *p, const char *own)
{
	const char *other = strcmp(held->publisher, own) == 0 ? p->publisher : held->publisher;

	return held->version == p->version && strcmp(held->id, p->id) == 0 &&
	       strcmp(held->publisher, p->publisher) != 0 &&
	       memcmp(held->digest, p->digest, sizeof held->digest) != 0 &&
	       rxp_profile_fits(held, own, other) && rxp_profile_fits(p, own, other);
}

/* p as it is sealed, and as it counts. */
static int judge_beside(const struct shelf_profile *held, const struct rxp_profile *p,
    const struct rxp_profile *laid, const char *own, struct rxp_reason *reason)
{
	if (strcmp(held->sealed.id, p->id) != 0)
		return 0;
	if (held->sealed.publisher[0] == '\0')
		return rxp_terms_refuse(reason, RXP_TERMS_RESERVED);
	if (contradicts(&held->laid, laid, own))
		return rxp_terms_refuse(reason, RXP_TERMS_CONTRADICTS);
	return strcmp(held->sealed.publisher, p->publisher) == 0
		   ? rxp_profile_succeeds(&held->sealed, p, reason)
		   : 0;
}

int shelf_judge_profile(
    const struct shelf *s, const struct rxp_profile *p, const char *own, struct rxp_reason *reason)
{
	const struct shelf_profile *same = shelf_profile(s, p->publisher, p->id, p->version);
	struct rxp_profile laid;
	int rc;

	if (same != NULL && memcmp(same->sealed.digest, p->digest, sizeof p->digest) == 0)
		return RXP_ERR_EXISTS;
	rc = lay(&laid, s, p, reason);
	for (size_t i = 0; rc == 0 && i < s->n_profiles; i++)
		rc = judge_beside(s->profiles[i], p, &laid, own, reason);
	if (rc == 0 && s->n_profiles == 1 + REGISTRY_PROFILES_MAX)
		rc = RXP_ERR_FULL;
	return rc;
}

int shelf_judge_calendar(
    const struct shelf *s, const struct rxp_calendar *c, struct rxp_reason *reason)
{
	const struct owner *o = find_owner(s, c->owner);

	if (o == NULL)
		return s->n_owners < REGISTRY_OWNERS_MAX ? 0 : RXP_ERR_FULL;
	for (size_t i = 0; i < o->n; i++)
		if (o->versions[i]->version == c->version &&
		    memcmp(o->versions[i]->digest, c->digest, sizeof c->digest) == 0)
			return RXP_ERR_EXISTS;
	if (o->n == REGISTRY_CALENDARS_MAX)
		return RXP_ERR_FULL;
	return rxp_calendar_succeeds(o->versions[o->n - 1], c, reason);
}

/* --- taking --------------------------------------------------------------------------------------- */

void shelf_attested(struct shelf *s, const struct store_profile *row)
{
	struct shelf_profile *p = find(s, row->publisher, row->id, row->version);

	if (p == NULL)
		abort(); /* only what is held is attested */
	p->attested_ms = row->attested_ms;
	memcpy(p->officer, row->officer, sizeof p->officer);
}

static int put_profile(struct shelf *s, struct bytes records, int64_t taken_ms)
{
	struct shelf_profile *p;
	int rc;

	if (s->n_profiles == 1 + REGISTRY_PROFILES_MAX)
		return RXP_ERR_FULL;
	p = calloc(1, sizeof *p);
	if (p == NULL)
		return RXP_ERR_NOMEM;
	p->taken_ms = taken_ms;
	rc = terms_read_profile(&p->sealed, records);
	if (rc == 0)
		rc = lay(&p->laid, s, &p->sealed, NULL);
	if (rc != 0) {
		free(p);
		return rc;
	}
	s->profiles[s->n_profiles++] = p;
	return 0;
}

int shelf_take_profile(struct shelf *s, const struct store_profile *row)
{
	int rc = put_profile(s, row->records, row->taken_ms);

	if (rc == 0 && row->attested_ms != 0)
		shelf_attested(s, row);
	return rc;
}

static int owner_of(struct owner **out, struct shelf *s, const char *party)
{
	struct owner *o = find_owner(s, party);

	if (o == NULL) {
		if (s->n_owners == REGISTRY_OWNERS_MAX)
			return RXP_ERR_FULL;
		o = calloc(1, sizeof *o);
		if (o == NULL)
			return RXP_ERR_NOMEM;
		memcpy(o->party, party, sizeof o->party);
		s->owners[s->n_owners++] = o;
	}
	*out = o;
	return o->n < REGISTRY_CALENDARS_MAX ? 0 : RXP_ERR_FULL;
}

int shelf_take_calendar(struct shelf *s, const struct store_calendar *row)
{
	struct rxp_calendar *c = calloc(1, sizeof *c);
	struct owner *o = NULL;
	int rc = c != NULL ? terms_read_calendar(c, row->records) : RXP_ERR_NOMEM;

	if (rc == 0)
		rc = owner_of(&o, s, c->owner);
	if (rc != 0) {
		free(c);
		return rc;
	}
	o->held[o->n] = c;
	o->versions[o->n++] = c;
	return 0;
}

int shelf_new(struct shelf **out)
{
	struct shelf *s = calloc(1, sizeof *s);
	int rc;

	if (s == NULL)
		return RXP_ERR_NOMEM;
	rc = put_profile(
	    s, (struct bytes){.data = builtin_profile, .len = (uint32_t)builtin_profile_len}, 0);
	if (rc != 0) {
		shelf_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

static void owner_free(struct owner *o)
{
	for (size_t i = 0; i < o->n; i++)
		free(o->held[i]);
	free(o);
}

void shelf_free(struct shelf *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_profiles; i++)
		free(s->profiles[i]);
	for (size_t i = 0; i < s->n_owners; i++)
		owner_free(s->owners[i]);
	free(s);
}
