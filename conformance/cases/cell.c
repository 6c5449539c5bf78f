#include "conformance/cases/cell.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDES 2
#define MAX_PLACES 512
#define MAX_CELLS ((size_t)RXP_CASE_STATE_COUNT * RXP_CASE_EVENT_COUNT)

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
		cell = rxp_case_find(&found, p->state, p->traits, s.event, s.side);
		if (cell != NULL)
			return cell;
		*why = *found;
	}
	return NULL;
}

static struct place take(
    const struct place *p, const struct rxp_case_cell *cell, struct cell_step s)
{
	struct place next = *p;

	next.traits |= rxp_case_keeps(s.event, 0);
	next.state = rxp_case_next(cell, p->state, p->traits, next.traits);
	next.sealed[s.side] |= UINT64_C(1) << rxp_case_event_row(s.event)->type;
	return next;
}

/* --- the walk -------------------------------------------------------------------------------- */

/* A place, and the last document of the shortest history that leads there. */
struct stop {
	struct place place;
	size_t from, length; /* the stop before; how many documents */
	struct cell_step last;
};

struct walk {
	struct stop stops[MAX_PLACES];
	size_t n;
	size_t first[RXP_CASE_STATE_COUNT]; /* the first stop in this state; MAX_PLACES: none */
};

static bool was_there(const struct walk *w, const struct place *p)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct place *q = &w->stops[i].place;

		if (p->state == q->state && p->traits == q->traits &&
		    p->sealed[0] == q->sealed[0] && p->sealed[1] == q->sealed[1])
			return true;
	}
	return false;
}

static void stop_at(struct walk *w, struct place p, size_t from, struct cell_step last)
{
	size_t length = w->n == 0 ? 0 : w->stops[from].length + 1;

	if (w->n == MAX_PLACES || length > CELL_MAX_PATH)
		return;
	if (w->first[p.state] == MAX_PLACES)
		w->first[p.state] = w->n;
	w->stops[w->n++] = (struct stop){p, from, length, last};
}

/* Only what moves the person, or gives a trait, leads on. */
static void walk_on(struct walk *w, size_t at, struct cell_step s)
{
	const struct place *here = &w->stops[at].place;
	struct rxp_case_why why;
	const struct rxp_case_cell *cell = judge(&why, here, s);
	struct place next;

	if (cell == NULL)
		return;
	next = take(here, cell, s);
	if ((next.state != here->state || next.traits != here->traits) && !was_there(w, &next))
		stop_at(w, next, at, s);
}

/* All that the requesting State can lead to by itself. */
static void walk(struct walk *w)
{
	*w = (struct walk){.n = 0};
	for (size_t i = 0; i < RXP_CASE_STATE_COUNT; i++)
		w->first[i] = MAX_PLACES;
	stop_at(w, beginning, 0, (struct cell_step){0});
	for (size_t at = 0; at < w->n; at++)
		for (unsigned e = 0; e < RXP_CASE_EVENT_COUNT; e++)
			walk_on(
			    w, at, (struct cell_step){(enum rxp_case_event)e, RXP_CASE_REQUESTING});
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

static void make(void)
{
	static struct walk w;

	walk(&w);
	for (unsigned s = 0; s < RXP_CASE_STATE_COUNT; s++)
		for (unsigned e = 0; w.first[s] != MAX_PLACES && e < RXP_CASE_EVENT_COUNT; e++)
			add(&w, w.first[s],
			    (struct cell_step){(enum rxp_case_event)e, RXP_CASE_REQUESTING});
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
