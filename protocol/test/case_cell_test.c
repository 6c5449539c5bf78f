/*
 * Goals:
 *  - every (state, traits, event, marks, side, role), listed or not: what the case says is what the text
 *    says, for every state with every set of traits that a story leads to, of those that a condition asks
 *    about; a document that the text does not allow is overtaken in the fold and changes nothing;
 *  - every two documents that cross in every such state: the higher rank is taken first, then the
 *    other, whatever comes first, and the end is safe.
 * That the numbers of the text are those of the C tables is case_table_test.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/case/case.h"
#include "protocol/test/casebook.h"
#include "protocol/test/story.h"

#define MAX_PLACES 4096
#define P1 1u

static struct casebook *book;
static const enum rxp_case_side sides[] = {RXP_CASE_REQUESTING, RXP_CASE_REQUESTED};

static unsigned mask_of(enum rxp_case_side side)
{
	return side == RXP_CASE_REQUESTING ? CASEBOOK_REQUESTING : CASEBOOK_REQUESTED;
}

static size_t type_of(enum rxp_type type)
{
	return casebook_type(book, rxp_type_row(type)->wire);
}

/* --- every place that a story leads to ------------------------------------------------------ */

/* One person's state and traits, and the last step of the shortest story that leads there. */
static struct place {
	size_t state;
	size_t from; /* the place before */
	unsigned traits;
	enum rxp_case_event event;
	enum rxp_case_side side;
	unsigned marks;
} places[MAX_PLACES];
static size_t n_places;

static void find_place(size_t state, unsigned traits, size_t from, enum rxp_case_event event,
    enum rxp_case_side side, unsigned marks)
{
	for (size_t i = 0; i < n_places; i++)
		if (places[i].state == state && places[i].traits == traits)
			return;
	assert_true(n_places < MAX_PLACES);
	places[n_places++] = (struct place){state, from, traits, event, side, marks};
}

static void tell_place(struct story *s, size_t at)
{
	const struct place *p = &places[at];

	if (at == 0) {
		s->n = 0;
		return;
	}
	tell_place(s, p->from);
	story_tell_marked(s, story_party(p->side), p->event, P1, p->marks);
}

/* Has the story a document that this type of document can concern (RXP-CAS-010)? */
static bool has_concerned(const struct story *s, size_t type, enum rxp_case_side side)
{
	for (size_t i = 0; i < s->n; i++)
		if (casebook_concerns(book, type, type_of(s->docs[i].type),
			strcmp(s->docs[i].from, story_party(side)) == 0 ? CASEBOOK_OWN
									: CASEBOOK_OTHER))
			return true;
	return false;
}

/* What the text says of a document that goes on the story of a place. */
static struct casebook_verdict expect(const struct story *s, const struct place *p, size_t event,
    enum rxp_case_side side, unsigned marks)
{
	size_t type = book->events[event].type;
	struct casebook_verdict v =
	    casebook_judge(book, p->state, p->traits, event, mask_of(side), marks);

	if (!casebook_may_send(book, type, mask_of(side)))
		v.requirement = "RXP-CAS-004";
	else if (book->types[type].opens && s->n > 0)
		v.requirement = "RXP-CAS-003";
	else if (casebook_answers(book, type) != NULL && !has_concerned(s, type, side))
		v.requirement = casebook_answers(book, type);
	else if (book->types[type].whole && s->n == 0)
		v.requirement = "RXP-CAS-009";
	else
		return v;
	v.taken = false;
	v.code = "state";
	return v;
}

static void assert_person(const struct rxp_case *c, size_t state, unsigned traits)
{
	assert_int_equal(rxp_case_person(c, 1), state);
	assert_int_equal(rxp_case_traits(c, 1), traits);
}

static void assert_verdicts(
    const struct rxp_case *c, const struct rxp_case_document *d, const struct casebook_verdict *v)
{
	struct rxp_case_verdict receiving = {0};
	struct rxp_case_verdict sealing = {0};
	int received = rxp_case_check(&receiving, c, d, RXP_CASE_RECEIVING);
	int sealed = rxp_case_check(&sealing, c, d, RXP_CASE_SEALING);

	assert_int_equal(received, v->taken ? 0 : RXP_ERR_STATE);
	assert_int_equal(sealed, v->taken && v->barred == NULL ? 0 : RXP_ERR_STATE);
	if (v->taken) {
		assert_int_equal(receiving.unplanned, v->unplanned);
		if (v->barred != NULL)
			assert_string_equal(sealing.requirement, v->barred);
		return;
	}
	assert_string_equal(rxp_refusal_row(receiving.code)->wire, v->code);
	assert_string_equal(receiving.requirement, v->requirement);
	assert_string_equal(sealing.requirement, v->requirement);
	assert_false(receiving.unplanned);
}

/* The document on top of the story: what the fold makes of it. */
static void assert_fold(struct story *s, const struct rxp_case_document *d, const struct place *p,
    const struct casebook_verdict *v)
{
	struct rxp_case *c;

	s->docs[s->n++] = *d;
	c = story_replay(s);
	assert_person(c, v->taken ? v->to : p->state, v->taken ? v->traits : p->traits);
	assert_int_equal(rxp_case_overtaken(c, s->n - 1) != 0, !v->taken);
	rxp_case_free(c);
	s->n--;
}

/* The next set of marks of a type; false after the last. Begin with none. Those that no condition asks about
 * come all together or not at all: what one of them could change the others would show as well. */
static bool next_marks(unsigned *marks, size_t type)
{
	unsigned all = casebook_marks(book, type);
	unsigned asked = all & casebook_asked(book);
	unsigned carried = all & ~asked;
	unsigned next = ((*marks & asked) - asked) & asked;

	if (next != 0) {
		*marks = next | (*marks & carried);
		return true;
	}
	if (carried == 0 || (*marks & carried) != 0)
		return false;
	*marks = carried;
	return true;
}

/* A document of one side on top of the story of a place. */
static void try_document(struct story *s, const struct rxp_case *c, size_t at, size_t event,
    enum rxp_case_side side, unsigned marks)
{
	const struct place *p = &places[at];
	struct casebook_verdict v = expect(s, p, event, side, marks);
	struct rxp_case_document d =
	    story_next(s, story_party(side), (enum rxp_case_event)event, P1);

	story_mark(&d, P1, marks);
	assert_verdicts(c, &d, &v);
	if (v.taken || strcmp(v.requirement, "RXP-CAS-004") == 0)
		assert_fold(s, &d, p, &v);
	if (v.taken)
		find_place(v.to, v.traits, at, (enum rxp_case_event)event, side, marks);
}

static void walk_place(size_t at)
{
	struct story s;
	const struct place *p = &places[at];
	struct rxp_case *c;

	tell_place(&s, at);
	c = story_replay(&s);
	assert_person(c, p->state, p->traits);
	for (size_t event = 0; event < book->n_events; event++) {
		unsigned marks = 0;

		do {
			for (size_t i = 0; i < 2; i++)
				try_document(&s, c, at, event, sides[i], marks);
		} while (next_marks(&marks, book->events[event].type));
	}
	rxp_case_free(c);
}

static void test_every_cell(void **unused)
{
	bool reached[RXP_CASE_STATE_COUNT] = {false};

	(void)unused;
	n_places = 0;
	find_place(RXP_CASE_UNKNOWN, 0, 0, 0, 0, 0);
	for (size_t i = 0; i < n_places; i++) {
		walk_place(i);
		reached[places[i].state] = true;
	}
	for (unsigned state = 0; state < RXP_CASE_STATE_COUNT; state++)
		assert_true(reached[state]);
	print_message("%zu places, %zu moves, %zu facts\n", n_places, book->n_moves, book->n_facts);
}

/* --- documents that cross ------------------------------------------------------------------- */

static bool is_record(size_t event)
{
	return strcmp(book->types[book->events[event].type].wire, "TransferRecord") == 0;
}

static bool is(size_t state, const char *word)
{
	return strcmp(book->states[state].word, word) == 0;
}

static bool withdrawn(size_t state)
{
	return is(state, "withdrawn") || is(state, "transit-withdrawn");
}

static unsigned trait(const char *word)
{
	return 1u << casebook_trait(book, word);
}

/* Two documents of the two sides, each legal at the place. */
struct crossing {
	size_t event[2];
	unsigned marks[2];
};

/* The end that a pair must not lead to, whatever the ranks say. */
static void assert_safe(
    const struct place *p, const struct crossing *x, size_t state, unsigned traits)
{
	bool record = is_record(x->event[0]) || is_record(x->event[1]);

	if (is(state, "planned") && (traits & ~p->traits & trait("unaccompanied")) != 0)
		fail_msg("a child found unaccompanied is still planned");
	if (withdrawn(p->state) && !record)
		assert_int_equal(state, p->state);
	if (is(x->event[0], "withdraw") && !record)
		assert_true(book->states[state].ends);
}

static void assert_crossing(struct story *s, const struct place *p, const struct crossing *x)
{
	struct rxp_case_document docs[2];
	struct casebook_verdict v[2];
	size_t rank[2];
	size_t first;
	size_t state = p->state;
	unsigned traits = p->traits;

	for (size_t i = 0; i < 2; i++) {
		docs[i] = story_next(s, story_party(sides[i]), x->event[i], P1);
		story_mark(&docs[i], P1, x->marks[i]);
		rank[i] = book->types[book->events[x->event[i]].type].rank;
	}
	first = rank[1] > rank[0] ? 1 : 0;
	for (size_t n = 0; n < 2; n++) {
		size_t i = n == 0 ? first : !first;

		v[i] = casebook_judge(
		    book, state, traits, x->event[i], mask_of(sides[i]), x->marks[i]);
		state = v[i].to;
		traits = v[i].traits;
	}
	for (size_t arrival = 0; arrival < 2; arrival++) {
		struct rxp_case *c;

		s->docs[s->n] = docs[arrival];
		s->docs[s->n + 1] = docs[!arrival];
		s->n += 2;
		c = story_replay(s);
		assert_person(c, state, traits);
		assert_int_equal(rxp_case_overtaken(c, s->n - 2) != 0, !v[arrival].taken);
		assert_int_equal(rxp_case_overtaken(c, s->n - 1) != 0, !v[!arrival].taken);
		rxp_case_free(c);
		s->n -= 2;
	}
	assert_safe(p, x, state, traits);
}

/* All that one side may say at the place. */
#define MAX_SAYINGS 256

struct saying {
	size_t event;
	unsigned marks;
};

static size_t sayings(struct saying out[MAX_SAYINGS], const struct story *s, const struct place *p,
    enum rxp_case_side side)
{
	size_t n = 0;

	for (size_t event = 0; event < book->n_events; event++) {
		unsigned marks = 0;

		do {
			assert_true(n < MAX_SAYINGS);
			out[n] = (struct saying){event, marks};
			n += expect(s, p, event, side, marks).taken;
		} while (next_marks(&marks, book->events[event].type));
	}
	return n;
}

static size_t cross_place(size_t at)
{
	struct story s;
	const struct place *p = &places[at];
	struct saying q[MAX_SAYINGS];
	struct saying d[MAX_SAYINGS];
	size_t n_q;
	size_t n_d;

	tell_place(&s, at);
	n_q = sayings(q, &s, p, RXP_CASE_REQUESTING);
	n_d = sayings(d, &s, p, RXP_CASE_REQUESTED);
	for (size_t i = 0; i < n_q; i++)
		for (size_t j = 0; j < n_d; j++) {
			const struct crossing x = {
			    {q[i].event, d[j].event}, {q[i].marks, d[j].marks}};

			assert_crossing(&s, p, &x);
		}
	return n_q * n_d;
}

static void test_every_crossing(void **unused)
{
	size_t n = 0;

	(void)unused;
	for (size_t i = 1; i < n_places; i++)
		n += cross_place(i);
	print_message("%zu crossings\n", n);
	assert_true(n > 0);
}

static int set_up(void **unused)
{
	(void)unused;
	book = casebook_read();
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	free(book);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_cell),
	    cmocka_unit_test(test_every_crossing),
	};

	return cmocka_run_group_tests_name("case_cell", tests, set_up, tear_down);
}
