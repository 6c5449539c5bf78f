#include "protocol/case/case.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"

/* --- the chain ----------------------------------------------------------------------------- */

#define SIDES 2
#define NONE UINT16_MAX
#define EVERYBODY UINT32_MAX

struct person {
	uint8_t state;
	rxp_traits traits; /* those that stay */
};

struct entry {
	struct rxp_case_document doc;
	uint16_t seen; /* Position of the other side's document named in Seen; 0: none */
};

struct rxp_case {
	char party[SIDES][RXP_PARTY_TEXT]; /* the requested one is "" until a document names it */
	size_t n;
	struct entry *entries; /* n, as given */
	uint16_t at[SIDES][RXP_MAX_CASE_DOCUMENTS]; /* entry of Position i + 1 */
	size_t held[SIDES]; /* documents of the side, one in doubt included */
	size_t count[SIDES]; /* those that count */
	struct person persons[RXP_MAX_PERSONS];
	uint32_t overtaken[RXP_MAX_CASE_DOCUMENTS]; /* by entry: a bit for each person */
	struct rxp_case_turn turns[RXP_MAX_CASE_DOCUMENTS]; /* in the order of the fold */
};

static int side_of(const struct rxp_case *c, const char *party)
{
	return strcmp(party, c->party[RXP_CASE_REQUESTING]) == 0 ? RXP_CASE_REQUESTING
								 : RXP_CASE_REQUESTED;
}

static const struct entry *entry_at(const struct rxp_case *c, int side, size_t position)
{
	return &c->entries[c->at[side][position - 1]];
}

static bool same(const uint8_t a[RXP_DIGEST_OCTETS], const uint8_t b[RXP_DIGEST_OCTETS])
{
	return memcmp(a, b, RXP_DIGEST_OCTETS) == 0;
}

/* The Position, from this one on, of the side's document with this fingerprint; 0 if it has none. */
static uint16_t find(const struct rxp_case *c, int side, const uint8_t fingerprint[32], size_t from)
{
	for (size_t position = from; position <= c->held[side]; position++)
		if (same(entry_at(c, side, position)->doc.fingerprint, fingerprint))
			return (uint16_t)position;
	return 0;
}

/* Each once, and of an event of the document's type. */
static bool persons_are_sound(const struct rxp_case_document *d)
{
	uint32_t named = 0;

	for (unsigned i = 0; i < d->n_persons; i++) {
		unsigned key = d->persons[i].key;

		if (key == 0 || key > RXP_MAX_PERSONS || (named & UINT32_C(1) << (key - 1)) != 0 ||
		    d->persons[i].event >= RXP_CASE_EVENT_COUNT ||
		    rxp_case_event_row(d->persons[i].event)->type != d->type ||
		    d->persons[i].gives >> RXP_CASE_TRAIT_COUNT != 0)
			return false;
		named |= UINT32_C(1) << (key - 1);
	}
	return true;
}

/* Are the facts within their bounds, and of this type? */
static bool facts_are_sound(const struct rxp_case_document *d)
{
	if (!rxp_party_valid(d->from) || (unsigned)d->type >= RXP_TYPE_COUNT ||
	    !rxp_case_type(d->type)->in_case || d->position == 0 ||
	    d->n_persons > RXP_MAX_PERSONS || d->has_about != (rxp_case_answers(d->type) != NULL) ||
	    !persons_are_sound(d))
		return false;
	if (rxp_case_type(d->type)->names_persons)
		return d->n_persons > 0;
	return d->event < RXP_CASE_EVENT_COUNT && rxp_case_event_row(d->event)->type == d->type;
}

/* Give each document its place by sender and Position: 1, 2, 3 … each once. */
static int place(struct rxp_case *c)
{
	memset(c->at, 0xff, sizeof c->at);
	for (size_t i = 0; i < c->n; i++) {
		const struct rxp_case_document *d = &c->entries[i].doc;
		int side = side_of(c, d->from);

		if (!facts_are_sound(d) || d->position > c->n)
			return RXP_ERR_DAMAGED;
		if (c->party[side][0] == '\0')
			memcpy(c->party[side], d->from, sizeof c->party[side]);
		if (strcmp(c->party[side], d->from) != 0 || c->at[side][d->position - 1] != NONE)
			return RXP_ERR_DAMAGED;
		c->at[side][d->position - 1] = (uint16_t)i;
		c->held[side]++;
	}
	for (int side = 0; side < SIDES; side++) {
		for (size_t i = 0; i < c->held[side]; i++)
			if (c->at[side][i] == NONE)
				return RXP_ERR_DAMAGED;
		c->count[side] = c->held[side];
	}
	return 0;
}

/* Does d name the document before it, and none if it is the first (RXP-CHN-003)? */
static bool previous_fits(const struct rxp_case *c, int side, const struct rxp_case_document *d)
{
	if (d->position == 1)
		return !d->has_previous;
	return d->has_previous &&
	       same(d->previous, entry_at(c, side, d->position - 1)->doc.fingerprint);
}

/* What does d name in Seen? False for an unknown document or one before an earlier Seen
 * (RXP-CHN-004). All documents before d are linked already. */
static bool seen_fits(
    uint16_t *out, const struct rxp_case *c, int side, const struct rxp_case_document *d)
{
	uint16_t before = d->position == 1 ? 0 : entry_at(c, side, d->position - 1)->seen;

	uint16_t seen = d->has_seen ? find(c, !side, d->seen, before == 0 ? 1 : before) : 0;

	if (d->has_seen ? seen == 0 : before > 0)
		return false;
	*out = seen;
	return true;
}

/* Check and resolve the links; settle what counts. */
static int link_chain(struct rxp_case *c, int side)
{
	for (size_t position = 1; position <= c->held[side]; position++) {
		struct entry *e = &c->entries[c->at[side][position - 1]];

		if (!previous_fits(c, side, &e->doc) || !seen_fits(&e->seen, c, side, &e->doc) ||
		    (e->doc.in_doubt && position != c->held[side]))
			return RXP_ERR_DAMAGED;
	}
	return 0;
}

/* A last document in doubt counts only if the other side has seen it. */
static void settle_doubt(struct rxp_case *c, int side)
{
	size_t last = c->held[side];
	size_t other = c->held[!side];

	if (last > 0 && entry_at(c, side, last)->doc.in_doubt &&
	    (other == 0 || entry_at(c, !side, other)->seen < last))
		c->count[side]--;
}

/* --- the fold ------------------------------------------------------------------------------ */

/* The next document of a side, if all that it builds on is taken; else NULL. */
static const struct entry *ready(
    const struct rxp_case *c, int side, const size_t taken[SIDES], const size_t limit[SIDES])
{
	const struct entry *e;

	if (taken[side] >= limit[side])
		return NULL;
	e = entry_at(c, side, taken[side] + 1);
	return e->seen <= taken[!side] ? e : NULL;
}

/* What was found in taking one document. */
struct effect {
	uint32_t moved; /* a bit for each person whom it could move, if only to where they are */
	uint32_t changed; /* and for each of them who is somewhere else now */
	uint32_t overtaken; /* and for each whom it could not */
	bool
	    unplanned; /* for somebody it is a fact that was not foreseen, or not all is said of it */
	const char *barred; /* the requirement for which its sender must not seal it; NULL: none */
	struct rxp_case_why why; /* for the first person whom it could not move */
};

static void take_for(struct effect *e, struct person persons[RXP_MAX_PERSONS], unsigned at,
    enum rxp_case_event event, rxp_traits marks, enum rxp_case_side side)
{
	struct person *p = &persons[at];
	const struct rxp_case_why *why;
	const struct rxp_case_cell *cell =
	    rxp_case_find(&why, p->state, p->traits | marks, event, side);

	if (cell != NULL) {
		const char *owed = rxp_case_owed(event, p->traits | marks);
		rxp_traits has = p->traits | rxp_case_keeps(event, marks);
		enum rxp_case_state to = rxp_case_next(cell, p->state, p->traits, has);

		if (to != (enum rxp_case_state)p->state)
			e->changed |= UINT32_C(1) << at;
		p->state = (uint8_t)to;
		p->traits = has;
		e->unplanned = e->unplanned || !cell->foreseen || owed != NULL;
		if (e->barred == NULL)
			e->barred = cell->sealed ? owed : "RXP-CAS-011";
		e->moved |= UINT32_C(1) << at;
		return;
	}
	if (e->overtaken == 0)
		e->why = *why;
	e->overtaken |= UINT32_C(1) << at;
}

/* Does a document of the whole case say something of a person whom the case does not know? */
static bool names_stranger(
    const struct rxp_case_document *d, const struct person persons[RXP_MAX_PERSONS])
{
	for (unsigned i = 0; i < d->n_persons; i++)
		if (persons[d->persons[i].key - 1].state == RXP_CASE_UNKNOWN)
			return true;
	return false;
}

static rxp_traits marks_of(const struct rxp_case_document *d, unsigned key)
{
	for (unsigned i = 0; i < d->n_persons; i++)
		if (d->persons[i].key == key)
			return d->persons[i].gives;
	return 0;
}

/* RXP-CAS-009: everybody whom the table lets it move; it is overtaken if that is nobody. */
static void take_for_all(struct effect *e, struct person persons[RXP_MAX_PERSONS],
    const struct rxp_case_document *d, enum rxp_case_side side)
{
	static const struct rxp_case_why nobody = {RXP_REFUSAL_STATE, "RXP-CAS-009"};
	struct effect each = {0};
	uint32_t known = 0;

	if (names_stranger(d, persons)) {
		*e = (struct effect){.overtaken = EVERYBODY, .why = nobody};
		return;
	}
	for (unsigned at = 0; at < RXP_MAX_PERSONS; at++) {
		if (persons[at].state == RXP_CASE_UNKNOWN)
			continue;
		known |= UINT32_C(1) << at;
		take_for(
		    &each, persons, at, (enum rxp_case_event)d->event, marks_of(d, at + 1), side);
	}
	*e = (struct effect){.moved = each.moved,
	    .changed = each.changed,
	    .unplanned = each.unplanned,
	    .barred = each.barred};
	if (known == each.overtaken) {
		e->overtaken = EVERYBODY;
		e->why = known != 0 ? each.why : nobody;
	}
}

static struct effect take(struct person persons[RXP_MAX_PERSONS], const struct rxp_case_document *d,
    enum rxp_case_side side)
{
	struct effect e = {0};

	if (!rxp_case_type(d->type)->names_persons) {
		take_for_all(&e, persons, d, side);
		return e;
	}
	for (unsigned i = 0; i < d->n_persons; i++)
		take_for(&e, persons, d->persons[i].key - 1u,
		    (enum rxp_case_event)d->persons[i].event, d->persons[i].gives, side);
	return e;
}

static enum rxp_case_rank rank_of(const struct entry *e)
{
	return rxp_case_type(e->doc.type)->rank;
}

static void note(struct rxp_case *c, size_t turn, size_t entry, const struct effect *e)
{
	c->turns[turn] = (struct rxp_case_turn){
	    .document = (uint16_t)entry, .persons = e->moved, .changed = e->changed};
	c->overtaken[entry] = e->overtaken;
}

/*
 * The fold over the first limit[] documents of each side (RXP-CAS-005). whole is where what it did is
 * noted, or NULL. Documents that wait for one another, which no honest hash allows, are
 * RXP_ERR_DAMAGED.
 */
static int fold(struct person persons[RXP_MAX_PERSONS], struct rxp_case *whole,
    const struct rxp_case *c, const size_t limit[SIDES])
{
	size_t taken[SIDES] = {0, 0};

	for (unsigned at = 0; at < RXP_MAX_PERSONS; at++)
		persons[at] = (struct person){.state = RXP_CASE_UNKNOWN};
	while (taken[0] < limit[0] || taken[1] < limit[1]) {
		const struct entry *a = ready(c, RXP_CASE_REQUESTING, taken, limit);
		const struct entry *b = ready(c, RXP_CASE_REQUESTED, taken, limit);
		int side = RXP_CASE_REQUESTING;
		struct effect e;

		if (a == NULL || (b != NULL && rank_of(b) > rank_of(a))) {
			a = b;
			side = RXP_CASE_REQUESTED;
		}
		if (a == NULL)
			return RXP_ERR_DAMAGED;
		e = take(persons, &a->doc, (enum rxp_case_side)side);
		if (whole != NULL)
			note(whole, taken[0] + taken[1], (size_t)(a - c->entries), &e);
		taken[side]++;
	}
	return 0;
}

int rxp_case_replay(
    struct rxp_case **out, const struct rxp_case_document *docs, size_t n, const char *requesting)
{
	struct rxp_case *c = NULL;
	int rc;

	if (!rxp_party_valid(requesting))
		abort();
	if (n > RXP_MAX_CASE_DOCUMENTS)
		return RXP_ERR_BOUND;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return RXP_ERR_NOMEM;
	memcpy(c->party[RXP_CASE_REQUESTING], requesting, RXP_PARTY_TEXT);
	c->n = n;
	c->entries = calloc(n == 0 ? 1 : n, sizeof *c->entries);
	rc = c->entries == NULL ? RXP_ERR_NOMEM : 0;
	for (size_t i = 0; rc == 0 && i < n; i++)
		c->entries[i].doc = docs[i];
	if (rc == 0)
		rc = place(c);
	for (int side = 0; rc == 0 && side < SIDES; side++)
		rc = link_chain(c, side);
	if (rc != 0)
		goto done;
	for (int side = 0; side < SIDES; side++)
		settle_doubt(c, side);
	rc = fold(c->persons, c, c, c->count);
	if (rc != 0)
		goto done;
	*out = c;
	c = NULL;
done:
	rxp_case_free(c);
	return rc;
}

void rxp_case_free(struct rxp_case *c)
{
	if (c == NULL)
		return;
	free(c->entries);
	free(c);
}

enum rxp_case_state rxp_case_person(const struct rxp_case *c, unsigned key)
{
	if (key == 0 || key > RXP_MAX_PERSONS)
		abort();
	return c->persons[key - 1].state;
}

rxp_traits rxp_case_traits(const struct rxp_case *c, unsigned key)
{
	if (key == 0 || key > RXP_MAX_PERSONS)
		abort();
	return c->persons[key - 1].traits;
}

uint32_t rxp_case_overtaken(const struct rxp_case *c, size_t i)
{
	if (i >= c->n)
		abort();
	return c->overtaken[i];
}

int rxp_case_turn(struct rxp_case_turn *out, const struct rxp_case *c, size_t k)
{
	if (k >= c->count[0] + c->count[1])
		return RXP_ERR_NOT_FOUND;
	*out = c->turns[k];
	return 0;
}

void rxp_case_last(struct rxp_answer_last *out, const struct rxp_case *c, const char *party)
{
	int side = side_of(c, party);

	*out = (struct rxp_answer_last){.position = c->count[side]};
	memcpy(out->party, party, sizeof out->party);
	if (out->position > 0)
		memcpy(out->fingerprint, entry_at(c, side, c->count[side])->doc.fingerprint,
		    sizeof out->fingerprint);
}

/* --- the next document --------------------------------------------------------------------- */

static int refuse(struct rxp_case_verdict *out, enum rxp_refusal code, const char *requirement)
{
	*out = (struct rxp_case_verdict){.code = code, .requirement = requirement};
	return RXP_ERR_STATE;
}

static bool names(const struct rxp_case_document *d, unsigned key)
{
	for (unsigned i = 0; i < d->n_persons; i++)
		if (d->persons[i].key == key)
			return true;
	return false;
}

/* Is the document at this Position of the side, for each person of d, the last before d that d can
 * concern, and does it name the person? */
static bool is_last_about(const struct rxp_case *c, int side, size_t position, size_t last,
    const struct rxp_case_document *d, bool own)
{
	for (unsigned i = 0; rxp_case_type(d->type)->names_persons && i < d->n_persons; i++) {
		size_t at = last;

		while (at > position &&
		       !(names(&entry_at(c, side, at)->doc, d->persons[i].key) &&
			   rxp_case_concerns(d->type, entry_at(c, side, at)->doc.type, own)))
			at--;
		if (at > position || !names(&entry_at(c, side, at)->doc, d->persons[i].key))
			return false;
	}
	return true;
}

/* RXP-CAS-010: the document that d concerns is in d's past, and d answers it for these persons. */
static bool about_fits(
    const struct rxp_case *c, const size_t past[SIDES], int side, const struct rxp_case_document *d)
{
	for (int of = 0; of < SIDES; of++) {
		size_t position = find(c, of, d->about, 1);

		if (position > 0 && position <= past[of])
			return rxp_case_concerns(
				   d->type, entry_at(c, of, position)->doc.type, of == side) &&
			       is_last_about(c, of, position, past[of], d, of == side);
	}
	return false;
}

static bool has_trait(const struct person *p, enum rxp_case_trait trait)
{
	return (p->traits & (rxp_traits)1 << trait) != 0;
}

/* RXP-SAF-017: whoever of a family is named learns whether somebody else of it is left behind. */
static void find_family(struct person persons[RXP_MAX_PERSONS], const struct rxp_case_document *d)
{
	bool left = false;

	for (unsigned at = 0; at < RXP_MAX_PERSONS; at++)
		left = left || (has_trait(&persons[at], RXP_CASE_TRAIT_TOGETHER) &&
				   rxp_case_behind((enum rxp_case_state)persons[at].state) &&
				   !names(d, at + 1));
	for (unsigned at = 0; left && at < RXP_MAX_PERSONS; at++)
		if (has_trait(&persons[at], RXP_CASE_TRAIT_TOGETHER))
			persons[at].traits |= (rxp_traits)1 << RXP_CASE_TRAIT_FAMILY_LEFT;
}

/* Is d legal on the fold of its past (RXP-CAS-004)? */
static int check_state(struct rxp_case_verdict *out, const struct rxp_case *c, int side,
    const struct rxp_case_document *d, uint16_t seen, enum rxp_case_role role)
{
	struct person persons[RXP_MAX_PERSONS];
	size_t past[SIDES];
	struct effect e;
	int rc;

	past[side] = d->position - 1;
	past[!side] = seen;
	if (!rxp_case_may_send(d->type, (enum rxp_case_side)side))
		return refuse(out, RXP_REFUSAL_STATE, "RXP-CAS-004");
	if (rxp_case_type(d->type)->opens && (d->position != 1 || d->has_seen))
		return refuse(out, RXP_REFUSAL_STATE, "RXP-CAS-003");
	if (d->has_about && !about_fits(c, past, side, d))
		return refuse(out, RXP_REFUSAL_STATE, rxp_case_answers(d->type)->requirement);
	rc = fold(persons, NULL, c, past);
	if (rc != 0)
		return rc;
	find_family(persons, d);
	e = take(persons, d, (enum rxp_case_side)side);
	if (e.overtaken != 0)
		return refuse(out, e.why.code, e.why.requirement);
	if (e.barred != NULL && role == RXP_CASE_SEALING)
		return refuse(out, RXP_REFUSAL_STATE, e.barred);
	*out = (struct rxp_case_verdict){.unplanned = e.unplanned};
	return 0;
}

int rxp_case_check(struct rxp_case_verdict *out, const struct rxp_case *c,
    const struct rxp_case_document *d, enum rxp_case_role role)
{
	int side = side_of(c, d->from);
	uint16_t seen = 0;

	if (!facts_are_sound(d))
		return RXP_ERR_BOUND;
	if (d->position > c->held[side] + 1)
		return refuse(out, RXP_REFUSAL_GAP, "RXP-CHN-007");
	if (d->position <= c->held[side] ||
	    (c->party[side][0] != '\0' && strcmp(c->party[side], d->from) != 0))
		return refuse(out, RXP_REFUSAL_FORK, "RXP-CHN-008");
	if (!previous_fits(c, side, d))
		return refuse(out, RXP_REFUSAL_FORK, "RXP-CHN-003");
	if (!seen_fits(&seen, c, side, d))
		return refuse(out, RXP_REFUSAL_FORK, "RXP-CHN-004");
	if (c->n >= RXP_MAX_CASE_DOCUMENTS)
		return refuse(out, RXP_REFUSAL_STATE, "RXP-CHN-013");
	return check_state(out, c, side, d, seen, role);
}
