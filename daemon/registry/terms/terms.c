#include "daemon/registry/terms/terms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/terms/shelf.h"
#include "protocol/base/err.h"

struct terms {
	const struct node *node;
	struct shelf *shelf;
	struct store_choice choices[REGISTRY_CHOICES_MAX]; /* by peer, then time */
	size_t n_choices;
};

/* --- names ---------------------------------------------------------------------------------------- */

void terms_name(struct store_case *c, const struct rxp_profile *p)
{
	memcpy(c->profile_id, p->id, sizeof c->profile_id);
	snprintf(c->profile_version, sizeof c->profile_version, "%u", (unsigned)p->version);
}

/* A version has one form as text (RXP-PRF-022), so that names are compared as they are. */
static bool is_named(const struct rxp_profile *p, const struct store_case *c)
{
	struct store_case named;

	if (strcmp(p->id, c->profile_id) != 0)
		return false;
	terms_name(&named, p);
	return strcmp(named.profile_version, c->profile_version) == 0;
}

/* --- lookups -------------------------------------------------------------------------------------- */

/* The specification's own fits any two parties. */
bool terms_fits(const struct terms *t, const struct shelf_profile *p, const char *party)
{
	return p->laid.publisher[0] == '\0' || rxp_profile_fits(&p->laid, t->node->own, party);
}

static const struct shelf_profile *find(const struct terms *t, const struct store_case *c)
{
	const struct shelf_profile *p;

	for (size_t i = 0; (p = shelf_profile_at(t->shelf, i)) != NULL; i++)
		if (is_named(&p->laid, c) && terms_fits(t, p, c->peer))
			return p;
	return NULL;
}

int terms_find(struct terms_of_case *out, const struct terms *t, const struct store_case *c)
{
	const struct shelf_profile *p = find(t, c);
	const char *requesting = c->requesting ? t->node->own : c->peer;
	const char *requested = c->requesting ? c->peer : t->node->own;

	if (p == NULL)
		return RXP_ERR_NOT_FOUND;
	out->profile = &p->laid;
	out->calendars =
	    shelf_calendars(t->shelf, rxp_profile_calendar(&p->laid, requesting, requested));
	return 0;
}

int terms_named(const struct shelf_profile **out, const struct terms *t, const char *publisher,
    const char *id, uint32_t version, const char **why)
{
	const struct shelf_profile *p, *found = NULL;

	for (size_t i = 0; (p = shelf_profile_at(t->shelf, i)) != NULL; i++) {
		if (strcmp(p->laid.id, id) != 0 || p->laid.version != version ||
		    (publisher[0] != '\0' && strcmp(p->laid.publisher, publisher) != 0))
			continue;
		if (found != NULL) {
			*why = "more than one State published it: name the publisher";
			return RXP_ERR_STATE;
		}
		found = p;
	}
	if (found == NULL) {
		*why = "no such profile is held";
		return RXP_ERR_NOT_FOUND;
	}
	*out = found;
	return 0;
}

bool terms_unattested(const struct terms *t, const struct shelf_profile *p)
{
	return t->node->config.test_node == 0 && p->laid.status == RXP_STATUS_UNVERIFIED &&
	       p->laid.publisher[0] != '\0' && p->attested_ms == 0;
}

/* The last that has begun; customary law binds where nothing was chosen, so it asks for no configuration. */
static void choose(struct store_case *c, const struct terms *t, int64_t at_ms)
{
	terms_name(c, &shelf_profile_at(t->shelf, 0)->laid);
	for (size_t i = 0; i < t->n_choices; i++) {
		const struct store_choice *o = &t->choices[i];

		if (strcmp(o->peer, c->peer) != 0 || o->from_ms > at_ms)
			continue;
		memcpy(c->profile_id, o->id, sizeof c->profile_id);
		snprintf(c->profile_version, sizeof c->profile_version, "%u", (unsigned)o->version);
	}
}

int terms_for_new(
    struct terms_why *why, const struct terms *t, struct store_case *c, int64_t created_ms)
{
	const struct shelf_profile *p;

	if (c->profile_id[0] == '\0')
		choose(c, t, created_ms);
	p = find(t, c);
	if (p == NULL) {
		*why = (struct terms_why){"RXP-PRF-023", "no such profile is held for the two"};
		return RXP_ERR_NOT_FOUND;
	}
	if (!rxp_profile_in_time(&p->laid, created_ms)) {
		*why = (struct terms_why){"RXP-PRF-017", "the profile is not in force now"};
		return RXP_ERR_STATE;
	}
	if (terms_unattested(t, p)) {
		*why = (struct terms_why){"RXP-PRF-007", "the profile is unverified, not attested"};
		return RXP_ERR_STATE;
	}
	return 0;
}

const char *terms_own(const struct terms *t)
{
	return t->node->own;
}

struct shelf *terms_shelf(const struct terms *t)
{
	return t->shelf;
}

const struct store_choice *terms_choice_at(const struct terms *t, size_t i)
{
	return i < t->n_choices ? &t->choices[i] : NULL;
}

bool terms_choices_full(const struct terms *t)
{
	return t->n_choices == REGISTRY_CHOICES_MAX;
}

/* --- changes -------------------------------------------------------------------------------------- */

static int order(const struct store_choice *a, const struct store_choice *b)
{
	int by_peer = strcmp(a->peer, b->peer);

	return by_peer != 0 ? by_peer : (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

int terms_chosen(struct terms *t, const struct store_choice *row)
{
	size_t at = t->n_choices;

	while (at > 0 && order(&t->choices[at - 1], row) >= 0)
		at--;
	if (at < t->n_choices && order(&t->choices[at], row) == 0) {
		t->choices[at] = *row;
		return 0;
	}
	if (terms_choices_full(t))
		return RXP_ERR_FULL;
	memmove(&t->choices[at + 1], &t->choices[at], (t->n_choices - at) * sizeof t->choices[0]);
	t->choices[at] = *row;
	t->n_choices++;
	return 0;
}

/* --- beginning and end ---------------------------------------------------------------------------- */

static int load_profile(void *arg, const struct store_profile *row)
{
	struct terms *t = arg;

	return shelf_take_profile(t->shelf, row);
}

static int load_calendar(void *arg, const struct store_calendar *row)
{
	struct terms *t = arg;

	return shelf_take_calendar(t->shelf, row);
}

static int load_choice(void *arg, const struct store_choice *row)
{
	return terms_chosen(arg, row);
}

static int load(struct terms *t, struct db *db)
{
	int rc = store_profile_each(db, load_profile, t);

	if (rc == 0)
		rc = store_calendar_each(db, load_calendar, t);
	if (rc == 0)
		rc = store_choice_each(db, load_choice, t);
	return rc == RXP_ERR_STRUCTURE || rc == RXP_ERR_MISMATCH || rc == RXP_ERR_FULL
		   ? RXP_ERR_DAMAGED
		   : rc;
}

int terms_new(struct terms **out, struct node *node)
{
	struct terms *t = calloc(1, sizeof *t);
	int rc;

	if (t == NULL)
		return RXP_ERR_NOMEM;
	t->node = node;
	rc = shelf_new(&t->shelf);
	if (rc == 0)
		rc = load(t, store_db(node->store));
	if (rc != 0) {
		terms_free(t);
		return rc;
	}
	*out = t;
	return 0;
}

void terms_free(struct terms *t)
{
	if (t == NULL)
		return;
	shelf_free(t->shelf);
	free(t);
}
