#include "protocol/case.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/err.h"

/* --- the table ----------------------------------------------------------------------------- */

static const char *const state_names[] = {
#define CASE_STATE(name, word, meaning) [RXP_CASE_##name] = (word),
#include "protocol/case.def"
};

static const struct rxp_case_event_row events[] = {
#define CASE_EVENT(name, word_, type_, mark_) \
	[RXP_CASE_EVENT_##name] = {.type = RXP_TYPE_##type_, .word = (word_), .mark = (mark_)},
#include "protocol/case.def"
};

static const struct type {
	bool in_case;
	bool opens;
	enum rxp_case_side sender;
	enum rxp_case_rank rank;
} types[RXP_TYPE_COUNT] = {
#define CASE_DOCUMENT(type_, sender_, rank_, opens_) \
	[RXP_TYPE_##type_] = {.in_case = true, \
	    .opens = (opens_), \
	    .sender = RXP_CASE_##sender_, \
	    .rank = RXP_CASE_RANK_##rank_},
#include "protocol/case.def"
};

static const struct cell {
	const char *requirement; /* NULL: no such cell */
	enum rxp_case_state to;
} cells[RXP_CASE_STATE_COUNT][RXP_CASE_EVENT_COUNT] = {
#define CASE_MOVE(from, event, to_, requirement_) \
	[RXP_CASE_##from][RXP_CASE_EVENT_##event] = { \
	    .requirement = (requirement_), .to = RXP_CASE_##to_},
#include "protocol/case.def"
};

const char *rxp_case_state_name(enum rxp_case_state state)
{
	if ((unsigned)state >= RXP_CASE_STATE_COUNT)
		abort();
	return state_names[state];
}

const struct rxp_case_event_row *rxp_case_event_row(enum rxp_case_event event)
{
	if ((unsigned)event >= RXP_CASE_EVENT_COUNT)
		abort();
	return &events[event];
}

int rxp_case_sender(enum rxp_case_side *out, enum rxp_type type)
{
	if ((unsigned)type >= RXP_TYPE_COUNT)
		abort();
	if (!types[type].in_case)
		return RXP_ERR_NOT_FOUND;
	*out = types[type].sender;
	return 0;
}

int rxp_case_move(enum rxp_case_state *out, enum rxp_case_state from, enum rxp_case_event event,
    enum rxp_case_side sender, const char **requirement)
{
	const struct cell *cell;

	if ((unsigned)from >= RXP_CASE_STATE_COUNT || (unsigned)event >= RXP_CASE_EVENT_COUNT)
		abort();
	cell = &cells[from][event];
	if (cell->requirement == NULL || types[events[event].type].sender != sender)
		return RXP_ERR_STATE;
	*out = cell->to;
	if (requirement != NULL)
		*requirement = cell->requirement;
	return 0;
}

/* --- the chain ----------------------------------------------------------------------------- */

#define SIDES 2
#define NONE UINT16_MAX

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
	uint8_t states[RXP_MAX_PERSONS];
	uint32_t overtaken[RXP_MAX_CASE_DOCUMENTS]; /* by entry: a bit for each person */
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

/* The Position of this side's document with this fingerprint; 0 if it has none. */
static uint16_t find(const struct rxp_case *c, int side, const uint8_t fingerprint[32])
{
	for (size_t position = c->held[side]; position > 0; position--)
		if (same(entry_at(c, side, position)->doc.fingerprint, fingerprint))
			return (uint16_t)position;
	return 0;
}

/* Are the facts within their bounds, each person named once, and by events of this type? */
static bool facts_are_sound(const struct rxp_case_document *d)
{
	uint32_t named = 0;

	if (!rxp_party_valid(d->from) || (unsigned)d->type >= RXP_TYPE_COUNT ||
	    !types[d->type].in_case || d->position == 0 || d->n_persons == 0 ||
	    d->n_persons > RXP_MAX_PERSONS)
		return false;
	for (unsigned i = 0; i < d->n_persons; i++) {
		unsigned key = d->persons[i].key;

		if (key == 0 || key > RXP_MAX_PERSONS || (named & UINT32_C(1) << (key - 1)) != 0 ||
		    d->persons[i].event >= RXP_CASE_EVENT_COUNT ||
		    events[d->persons[i].event].type != d->type)
			return false;
		named |= UINT32_C(1) << (key - 1);
	}
	return true;
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
	uint16_t seen = d->has_seen ? find(c, !side, d->seen) : 0;

	if ((d->has_seen && seen == 0) || seen < before)
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

/* Moves the persons that the document names; the result has a bit for each whom it cannot move. */
static uint32_t apply(uint8_t states[RXP_MAX_PERSONS], const struct rxp_case_document *d, int side)
{
	uint32_t overtaken = 0;

	for (unsigned i = 0; i < d->n_persons; i++) {
		unsigned at = d->persons[i].key - 1u;
		enum rxp_case_state to;

		if (rxp_case_move(&to, states[at], d->persons[i].event, side, NULL) == 0)
			states[at] = (uint8_t)to;
		else
			overtaken |= UINT32_C(1) << at;
	}
	return overtaken;
}

/*
 * The fold over the first limit[] documents of each side (RXP-CAS-005). overtaken (may be NULL)
 * has one mask for each entry. Documents that wait for one another, which no honest hash allows,
 * are RXP_ERR_DAMAGED.
 */
static int fold(uint8_t states[RXP_MAX_PERSONS], uint32_t *overtaken, const struct rxp_case *c,
    const size_t limit[SIDES])
{
	size_t taken[SIDES] = {0, 0};

	memset(states, RXP_CASE_UNKNOWN, RXP_MAX_PERSONS);
	while (taken[0] < limit[0] || taken[1] < limit[1]) {
		const struct entry *a = ready(c, RXP_CASE_REQUESTING, taken, limit);
		const struct entry *b = ready(c, RXP_CASE_REQUESTED, taken, limit);
		int side = RXP_CASE_REQUESTING;
		uint32_t mask;

		if (a == NULL || (b != NULL && types[b->doc.type].rank > types[a->doc.type].rank)) {
			a = b;
			side = RXP_CASE_REQUESTED;
		}
		if (a == NULL)
			return RXP_ERR_DAMAGED;
		mask = apply(states, &a->doc, side);
		if (overtaken != NULL)
			overtaken[a - c->entries] = mask;
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
	rc = fold(c->states, c->overtaken, c, c->count);
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
	return c->states[key - 1];
}

uint32_t rxp_case_overtaken(const struct rxp_case *c, size_t i)
{
	if (i >= c->n)
		abort();
	return c->overtaken[i];
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

static int refuse(struct rxp_case_refusal *refusal, enum rxp_refusal code, const char *requirement)
{
	*refusal = (struct rxp_case_refusal){code, requirement};
	return RXP_ERR_STATE;
}

/* The application that d answers must be in its past (RXP-REP-002). */
static bool about_fits(
    const struct rxp_case *c, int side, const struct rxp_case_document *d, uint16_t seen)
{
	uint16_t position = d->has_about ? find(c, !side, d->about) : 0;

	return !d->has_about || (position > 0 && position <= seen &&
				    types[entry_at(c, !side, position)->doc.type].opens);
}

/* Is d legal on the fold of its past (RXP-CAS-004)? */
static int check_state(const struct rxp_case *c, int side, const struct rxp_case_document *d,
    uint16_t seen, struct rxp_case_refusal *refusal)
{
	uint8_t states[RXP_MAX_PERSONS];
	size_t past[SIDES];
	int rc;

	if (types[d->type].sender != (enum rxp_case_side)side)
		return refuse(refusal, RXP_REFUSAL_STATE, "RXP-CAS-004");
	if (types[d->type].opens && (d->position != 1 || d->has_seen))
		return refuse(refusal, RXP_REFUSAL_STATE, "RXP-CAS-003");
	if (!about_fits(c, side, d, seen))
		return refuse(refusal, RXP_REFUSAL_STATE, "RXP-REP-002");
	past[side] = d->position - 1;
	past[!side] = seen;
	rc = fold(states, NULL, c, past);
	if (rc != 0)
		return rc;
	if (apply(states, d, side) != 0)
		return refuse(refusal, RXP_REFUSAL_STATE, "RXP-CAS-004");
	return 0;
}

int rxp_case_check(
    const struct rxp_case *c, const struct rxp_case_document *d, struct rxp_case_refusal *refusal)
{
	int side = side_of(c, d->from);
	uint16_t seen = 0;

	if (!facts_are_sound(d))
		return RXP_ERR_BOUND;
	if (d->position > c->held[side] + 1)
		return refuse(refusal, RXP_REFUSAL_GAP, "RXP-CHN-007");
	if (d->position <= c->held[side] ||
	    (c->party[side][0] != '\0' && strcmp(c->party[side], d->from) != 0))
		return refuse(refusal, RXP_REFUSAL_FORK, "RXP-CHN-008");
	if (!previous_fits(c, side, d))
		return refuse(refusal, RXP_REFUSAL_FORK, "RXP-CHN-003");
	if (!seen_fits(&seen, c, side, d))
		return refuse(refusal, RXP_REFUSAL_FORK, "RXP-CHN-004");
	if (c->n >= RXP_MAX_CASE_DOCUMENTS)
		return refuse(refusal, RXP_REFUSAL_STATE, "RXP-CHN-013");
	return check_state(c, side, d, seen, refusal);
}
