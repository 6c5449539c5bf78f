#include "conformance/cases/cell.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDES 2
#define MAX_PLACES 2048
#define MAX_CELLS ((size_t)SIDES * RXP_CASE_STATE_COUNT * RXP_CASE_EVENT_COUNT)
#define PRODUCT_COST 100 /* of a document of the product, where one that the suite sends costs 1 */

/* What the rules ask of a history in which each document has seen all before it, and speaks of P1 alone. */
struct place {
	enum rxp_case_state state;
	rxp_traits traits; /* those that stay */
	uint64_t sealed[SIDES]; /* the types of its documents, by side */
};
_Static_assert(RXP_TYPE_COUNT <= 64, "a mask of types fits");

static const struct place beginning = {.state = RXP_CASE_UNKNOWN};

/* --- what the tables say --------------------------------------------------------------------- */

static bool is_sealed(const struct place *p, enum rxp_case_side side, unsigned type)
{
	return (p->sealed[side] >> type & 1) != 0;
}

/* Is there a document that one of this type can concern (RXP-CAS-010)? */
static bool has_concerned(const struct place *p, enum rxp_type type, enum rxp_case_side side)
{
	if (rxp_case_answers(type) == NULL)
		return true;
	for (unsigned of = 0; of < SIDES; of++)
		for (unsigned t = 0; t < RXP_TYPE_COUNT; t++)
			if (is_sealed(p, (enum rxp_case_side)of, t) &&
			    rxp_case_concerns(type, (enum rxp_type)t, of == (unsigned)side))
				return true;
	return false;
}

/* What its content gives besides (saying.def): the child that is found is unaccompanied, and has a guardian. */
static rxp_traits marks_of(enum rxp_case_event event)
{
	return event == RXP_CASE_EVENT_FIND_MINOR
		   ? 1U << RXP_CASE_TRAIT_UNACCOMPANIED | 1U << RXP_CASE_TRAIT_GUARDIAN_NAMED
		   : 0;
}

/* The move of the document; NULL: it is not legal there, and *why. */
static const struct rxp_case_cell *judge(
    struct rxp_case_why *why, const struct place *p, struct cell_step s)
{
	enum rxp_type type = rxp_case_event_row(s.event)->type;
	const struct rxp_case_why *found;
	const struct rxp_case_cell *cell;
	bool is_first = (p->sealed[0] | p->sealed[1]) == 0;

	*why = (struct rxp_case_why){RXP_REFUSAL_STATE, "RXP-CAS-004"};
	if (!rxp_case_may_send(type, s.side))
		return NULL;
	if (rxp_case_type(type)->opens && !is_first)
		why->requirement = "RXP-CAS-003";
	else if (!has_concerned(p, type, s.side))
		why->requirement = rxp_case_answers(type)->requirement;
	else if (!rxp_case_type(type)->names_persons && p->state == RXP_CASE_UNKNOWN)
		why->requirement = "RXP-CAS-009";
	else {
		cell =
		    rxp_case_find(&found, p->state, p->traits | marks_of(s.event), s.event, s.side);
		if (cell != NULL)
			return cell;
		*why = *found;
	}
	return NULL;
}

/* Types that no document concerns in particular are one to the rules, so that the walk has fewer places: any of them stands
 * for all. */
static enum rxp_type stands_for(enum rxp_type type)
{
	for (unsigned t = 0; t < RXP_TYPE_COUNT; t++)
		for (int own = 0; own < SIDES; own++)
			if (rxp_case_concerns((enum rxp_type)t, type, own != 0) &&
			    !rxp_case_concerns((enum rxp_type)t, RXP_TYPE_PING, own != 0))
				return type;
	return RXP_TYPE_REGISTRATION;
}

static struct place take(
    const struct place *p, const struct rxp_case_cell *cell, struct cell_step s)
{
	struct place next = *p;

	next.traits |= rxp_case_keeps(s.event, marks_of(s.event));
	next.state = rxp_case_next(cell, p->state, p->traits, next.traits);
	next.sealed[s.side] |= UINT64_C(1) << stands_for(rxp_case_event_row(s.event)->type);
	return next;
}

/* --- the walk -------------------------------------------------------------------------------- */

/* A place, and the last document of the cheapest history that leads there. */
struct stop {
	struct place place;
	size_t from, length; /* the stop before; how many documents */
	unsigned cost;
	bool left; /* what leads on from here was looked at */
	struct cell_step last;
};

struct walk {
	enum rxp_case_side own; /* the side of the suite */
	struct stop stops[MAX_PLACES];
	size_t n;
	size_t best[RXP_CASE_STATE_COUNT]; /* the cheapest stop in this state; MAX_PLACES: none */
};

static struct stop *find_stop(struct walk *w, const struct place *p)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct place *q = &w->stops[i].place;

		if (p->state == q->state && p->traits == q->traits &&
		    p->sealed[0] == q->sealed[0] && p->sealed[1] == q->sealed[1])
			return &w->stops[i];
	}
	return NULL;
}

/* Come to a place, for the first time or more cheaply than before. */
static void stop_at(struct walk *w, const struct stop *s)
{
	struct stop *known = find_stop(w, &s->place);

	if (known == NULL && w->n < MAX_PLACES && s->length <= CELL_MAX_PATH)
		w->stops[w->n++] = *s;
	else if (known != NULL && !known->left && s->cost < known->cost)
		*known = *s;
}

/* May the product, which does what it must, be asked for this (RXP-CAS-011, 014)? It claims nothing from silence: under the
 * Profile of these cases silence is no consent (RXP-PRF-011). */
static bool may_be_asked(
    const struct rxp_case_cell *cell, const struct place *here, struct cell_step s)
{
	return s.event != RXP_CASE_EVENT_DEEM && cell->sealed &&
	       rxp_case_owed(s.event, here->traits | marks_of(s.event)) == NULL;
}

/* Only what moves the person, or gives a trait, leads on. */
static void walk_on(struct walk *w, size_t at, struct cell_step s)
{
	const struct stop *here = &w->stops[at];
	struct rxp_case_why why;
	const struct rxp_case_cell *cell = judge(&why, &here->place, s);
	struct stop next = {.from = at,
	    .length = here->length + 1,
	    .cost = here->cost + (s.side == w->own ? 1 : PRODUCT_COST),
	    .last = s};

	if (cell == NULL || (s.side != w->own && !may_be_asked(cell, &here->place, s)))
		return;
	next.place = take(&here->place, cell, s);
	if (next.place.state != here->place.state || next.place.traits != here->place.traits)
		stop_at(w, &next);
}

/* The cheapest stop from which was not looked on; MAX_PLACES: none is left. */
static size_t cheapest(const struct walk *w)
{
	size_t best = MAX_PLACES;

	for (size_t i = 0; i < w->n; i++)
		if (!w->stops[i].left &&
		    (best == MAX_PLACES || w->stops[i].cost < w->stops[best].cost))
			best = i;
	return best;
}

/* All states to which the suite, on its side, and the product can lead; with as few documents of the product as can be. */
static void walk(struct walk *w, enum rxp_case_side own)
{
	size_t found = 0, at;

	*w = (struct walk){.own = own};
	for (size_t i = 0; i < RXP_CASE_STATE_COUNT; i++)
		w->best[i] = MAX_PLACES;
	stop_at(w, &(struct stop){.place = beginning});
	while (found < RXP_CASE_STATE_COUNT && (at = cheapest(w)) != MAX_PLACES) {
		w->stops[at].left = true;
		if (w->best[w->stops[at].place.state] == MAX_PLACES) {
			w->best[w->stops[at].place.state] = at;
			found++;
		}
		for (unsigned e = 0; e < RXP_CASE_EVENT_COUNT; e++) {
			walk_on(
			    w, at, (struct cell_step){(enum rxp_case_event)e, RXP_CASE_REQUESTING});
			walk_on(
			    w, at, (struct cell_step){(enum rxp_case_event)e, RXP_CASE_REQUESTED});
		}
	}
}

/* --- the cells ------------------------------------------------------------------------------- */

static struct cell cells[MAX_CELLS];
static size_t n_cells;

static const char *side_word(enum rxp_case_side side)
{
	return side == RXP_CASE_REQUESTING ? "requesting" : "requested";
}

static void name(struct cell *c, const char *requirement)
{
	const char *state = rxp_case_state_name(c->state), *side = side_word(c->said.side);
	const char *word = rxp_case_event_row(c->said.event)->word;

	(void)snprintf(c->id, sizeof c->id, "%s.R.%c-%s-%s-%s", requirement + sizeof "RXP-" - 1,
	    c->expected.kind == EXPECT_RECEIPT ? 'p' : 'n', state, side, word);
	(void)snprintf(c->name, sizeof c->name, "of a person who is '%s' the %s State says '%s'",
	    state, side, word);
	c->facts = (struct case_facts){c->id, requirement, c->name};
}

static void retrace(struct cell *c, const struct walk *w, size_t at)
{
	c->n_path = w->stops[at].length;
	for (size_t i = c->n_path; i > 0; at = w->stops[at].from)
		c->path[--i] = w->stops[at].last;
	for (size_t i = 0; i < c->n_path; i++)
		c->needs_product = c->needs_product || c->path[i].side != c->said.side;
}

static void add(const struct walk *w, size_t at, struct cell_step said)
{
	const struct place *here = &w->stops[at].place;
	struct cell *c = &cells[n_cells++];
	struct rxp_case_why why;
	const struct rxp_case_cell *cell = judge(&why, here, said);

	*c = (struct cell){.state = here->state, .said = said, .to = here->state};
	retrace(c, w, at);
	if (cell != NULL) {
		c->expected = (struct expect){EXPECT_RECEIPT, 0};
		c->unplanned = !cell->foreseen;
		c->to = take(here, cell, said).state;
	} else {
		c->expected = (struct expect){EXPECT_REFUSAL, (int)why.code};
	}
	name(c, cell != NULL ? cell->requirement : why.requirement);
}

static void make_side(enum rxp_case_side own, enum rxp_case_state first)
{
	static struct walk w;

	walk(&w, own);
	for (unsigned s = first; s < RXP_CASE_STATE_COUNT; s++)
		for (unsigned e = 0; w.best[s] != MAX_PLACES && e < RXP_CASE_EVENT_COUNT; e++)
			add(&w, w.best[s], (struct cell_step){(enum rxp_case_event)e, own});
}

/* Where nothing is known yet, nobody is the requested State. */
static void make(void)
{
	make_side(RXP_CASE_REQUESTING, RXP_CASE_UNKNOWN);
	make_side(RXP_CASE_REQUESTED, RXP_CASE_RECEIVED);
}

size_t cell_total(void)
{
	if (n_cells == 0)
		make();
	return n_cells;
}

const struct cell *cell_at(size_t i)
{
	if (i >= cell_total())
		abort();
	return &cells[i];
}

/* --- what shows a move ----------------------------------------------------------------------- */

static struct place place_of(const struct cell *c)
{
	struct place p = beginning;
	struct rxp_case_why why;

	for (size_t i = 0; i < c->n_path; i++)
		p = take(&p, judge(&why, &p, c->path[i]), c->path[i]);
	return p;
}

bool cell_witness(struct cell_step *out, bool *takes, const struct cell *c, size_t i)
{
	struct place before = place_of(c), after = before;
	struct rxp_case_why why;
	const struct rxp_case_cell *cell = judge(&why, &before, c->said);

	if (cell == NULL || c->to == c->state)
		return false;
	after = take(&before, cell, c->said);
	/* It differs by the state alone: what the document itself adds to the history is in both. */
	before = after;
	before.state = c->state;
	for (unsigned e = 0; e < RXP_CASE_EVENT_COUNT; e++) {
		struct cell_step s = {(enum rxp_case_event)e, c->said.side};
		bool then = judge(&why, &before, s) != NULL, now = judge(&why, &after, s) != NULL;

		if (then == now || i-- > 0)
			continue;
		*out = s;
		*takes = now;
		return true;
	}
	return false;
}
