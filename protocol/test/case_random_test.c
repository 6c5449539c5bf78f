/*
 * Goals:
 *  - two States that send whatever their own view of the case allows, with documents that cross, are
 *    delayed or come twice, receipts that are lost and States that start anew, never refuse one another
 *    and end with equal states, traits, effects and clocks (RXP-CAS-001, RXP-CLK-040), whenever their receipts came and whatever outages
 *    were declared; a State that starts anew counts as before;
 *  - meanwhile nobody is ever planned for a transfer that was not agreed, no child on their own without
 *    a confirmed guardian, nobody who was withdrawn is moved on but by a physical fact, and a physical
 *    fact always has an effect;
 *  - a fault is told as the shortest play that shows it;
 *  - hostile facts are refused and break nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/case/case.h"
#include "protocol/test/library.h"
#include "protocol/test/play.h"

#define NOBODY RXP_CASE_STATE_COUNT /* no state is forbidden */
#define ROUNDS 600
#define MAX_ROUNDS (8 * ROUNDS) /* by then every type was sent */

static uint64_t random_state;

static uint32_t next_random(uint32_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(random_state >> 33) % below;
}

static void seed_random(void)
{
	const char *given = getenv("RXP_TEST_SEED");

	random_state = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	print_message("seed %llu\n", (unsigned long long)random_state);
}

/* --- plays --------------------------------------------------------------------------------- */

/* Traits that the marks of a type can give. */
static unsigned traits_of(enum rxp_type type)
{
	const struct rxp_case_mark *mark;
	unsigned traits = 0;

	for (size_t i = 0; (mark = rxp_case_mark(i)) != NULL; i++)
		traits |= mark->type == type ? 1u << mark->trait : 0;
	return traits;
}

static struct play_step random_act(enum rxp_case_side who, enum rxp_case_event event)
{
	enum rxp_type type = rxp_case_event_row(event)->type;
	uint32_t all = (UINT32_C(1) << PLAY_PERSONS) - 1;
	struct play_step s = {.kind = PLAY_ACT, .who = who, .event = event};

	s.persons =
	    next_random(2) == 0 ? UINT32_C(1) << next_random(PLAY_PERSONS) : 1 + next_random(all);
	if (rxp_case_type(type)->opens)
		s.persons = (UINT32_C(2) << next_random(PLAY_PERSONS)) - 1;
	s.others = next_random(3) == 0 ? s.persons & next_random(all + 1) : 0;
	s.marked = s.persons & next_random(all + 1);
	s.traits = traits_of(type) & next_random(1u << RXP_CASE_TRAIT_COUNT);
	s.older = next_random(8) == 0 ? 1 + next_random(2) : 0;
	s.due_days = next_random(3) == 0 ? 1 + next_random(40) : 0;
	s.at_hours = next_random(2) == 0 ? 1 + next_random(400) : 0;
	return s;
}

/* One in so many tries of this event counts, so that a play gets far: what moves nobody, happens without
 * a plan or ends a person's case is tried seldom. */
static uint32_t seldom(enum rxp_case_event event)
{
	enum rxp_case_rank rank = rxp_case_type(rxp_case_event_row(event)->type)->rank;
	bool moves = false;
	bool ends = false;

	for (unsigned state = 0; state < RXP_CASE_STATE_COUNT; state++) {
		const struct rxp_case_cell *cell = rxp_case_cell(state, event);

		if (cell->requirement != NULL && cell->to != state) {
			moves = true;
			ends = ends || rxp_case_state_ends(cell->to);
		}
	}
	switch (event) {
	case RXP_CASE_EVENT_DELIVER: /* nobody seals it without a plan */
		return 1;
	case RXP_CASE_EVENT_REACH_REQUESTED_DESK: /* conditions of a claim */
	case RXP_CASE_EVENT_REMIND_REPLY:
		return 8;
	case RXP_CASE_EVENT_FIND_MINOR:
	case RXP_CASE_EVENT_ASK_TRANSIT: /* the other procedures are short */
	case RXP_CASE_EVENT_REFER:
		return 4;
	default:
		if (rank == RXP_CASE_RANK_RECORD || rank == RXP_CASE_RANK_NOTICE)
			return 30;
		return !moves || ends ? 8 : 1;
	}
}

/* An act that the State can do, if a few dozen tries find one; it is done. */
static bool find_act(struct play_step *out, struct nodes *n, enum rxp_case_side who)
{
	for (unsigned tries = 0; tries < 100; tries++) {
		*out = random_act(who, next_random(RXP_CASE_EVENT_COUNT));
		if (next_random(seldom(out->event)) == 0 && nodes_step(n, out))
			return true;
	}
	return false;
}

/* A step that does something, if a few tries find one. */
static struct play_step random_step(struct nodes *n)
{
	static const enum play_kind often[] = {PLAY_ACT, PLAY_ACT, PLAY_ACT, PLAY_ARRIVE,
	    PLAY_RECEIPT, PLAY_RECEIPT, PLAY_LOSE_RECEIPT, PLAY_AGAIN, PLAY_RESTART, PLAY_OUTAGE,
	    PLAY_ATTEMPT};
	struct play_step s;
	bool done = false;

	for (unsigned tries = 0; tries < 6 && !done; tries++) {
		s = (struct play_step){.kind = often[next_random(sizeof often / sizeof often[0])],
		    .hours = next_random(3) == 0 ? next_random(60) : 0,
		    .who = next_random(2) == 0 ? RXP_CASE_REQUESTING : RXP_CASE_REQUESTED,
		    .number = next_random(1u << 20)};
		done = s.kind == PLAY_ACT ? find_act(&s, n, s.who) : nodes_step(n, &s);
	}
	return s;
}

static void make_play(struct play *p)
{
	struct nodes *n = nodes_new(NOBODY);

	for (p->n = 0; p->n < PLAY_STEPS && nodes_fault(n)->text[0] == '\0'; p->n++)
		p->steps[p->n] = random_step(n);
	nodes_free(n);
}

/* Tell the shortest play that still fails, and fail. */
static void tell(struct play *p, const struct play_fault *fault)
{
	print_message("%s, after %zu steps; the shortest play:\n", fault->text, fault->step);
	play_shrink(p, NOBODY);
	play_print(p);
	fail_msg("%s", play_run(p, NOBODY, NULL).text);
}

static bool every_type(const struct play_end *end)
{
	for (unsigned type = 0; type < RXP_TYPE_COUNT; type++)
		if (end->types[type] != rxp_case_type(type)->in_case)
			return false;
	return true;
}

static void test_two_states_agree(void **unused)
{
	struct play *p = calloc(1, sizeof *p);
	struct play_end end = {.documents = 0};
	unsigned round = 0;

	(void)unused;
	assert_non_null(p);
	seed_random();
	for (; round < ROUNDS || (round < MAX_ROUNDS && !every_type(&end)); round++) {
		struct play_fault fault;

		make_play(p);
		fault = play_run(p, NOBODY, &end);
		if (fault.text[0] != '\0')
			tell(p, &fault);
	}
	print_message(
	    "%u plays, %zu documents, %zu overtaken\n", round, end.documents, end.overtaken);
	for (unsigned status = 0; status < RXP_CLOCK_STATUS_COUNT; status++)
		print_message("%zu clocks %s\n", end.clocks[status],
		    rxp_clock_status_word((enum rxp_clock_status)status));
	assert_true(end.overtaken > 0);
	assert_true(every_type(&end));
	free(p);
}

/* If refusing somebody were a fault: an application and the refusal are the whole story. */
static void test_a_fault_is_told_in_short(void **unused)
{
	struct play *p = calloc(1, sizeof *p);
	unsigned found = 0;

	(void)unused;
	assert_non_null(p);
	seed_random();
	while (found < 5) {
		make_play(p);
		if (play_run(p, RXP_CASE_REFUSED, NULL).text[0] == '\0')
			continue;
		found++;
		play_shrink(p, RXP_CASE_REFUSED);
		assert_int_equal(p->n, 3); /* it is sealed, it arrives, it is refused */
		assert_int_equal(p->steps[0].event, RXP_CASE_EVENT_APPLY);
		assert_int_equal(p->steps[0].kind, PLAY_ACT);
		assert_int_equal(p->steps[0].traits, 0);
		assert_string_not_equal(play_run(p, RXP_CASE_REFUSED, NULL).text, "");
	}
	play_print(p);
	free(p);
}

/* --- hostile facts ------------------------------------------------------------------------- */

/* One changed value in otherwise sound facts. */
static void spoil(struct story *t)
{
	struct rxp_case_document *d = &t->docs[next_random((uint32_t)t->n)];

	switch (next_random(8)) {
	case 0:
		d->position = next_random(8);
		break;
	case 1:
		d->persons[next_random(2)].key = (uint8_t)next_random(256);
		d->n_persons = next_random(32);
		break;
	case 2:
		d->persons[0].event = (uint8_t)next_random(256);
		break;
	case 3:
		d->seen[next_random(3)] ^= (uint8_t)(1 + next_random(255));
		break;
	case 4:
		d->type = next_random(RXP_TYPE_COUNT + 4);
		break;
	case 5:
		d->persons[0].gives = next_random(UINT32_MAX);
		break;
	case 6:
		d->event = (uint8_t)next_random(256);
		break;
	default:
		memcpy(d->from, next_random(2) != 0 ? "QRC" : STORY_D, sizeof d->from);
		break;
	}
}

static void test_hostile_facts(void **unused)
{
	struct story s = {.n = 0};

	(void)unused;
	seed_random();
	story_tell(&s, STORY_Q, RXP_CASE_EVENT_APPLY, 3);
	story_tell(&s, STORY_D, RXP_CASE_EVENT_ACCEPT, 1);
	story_tell(&s, STORY_Q, RXP_CASE_EVENT_REMIND, 0);
	story_tell(&s, STORY_D, RXP_CASE_EVENT_REFUSE, 2);
	for (unsigned i = 0; i < 20000; i++) {
		struct story t = s;
		struct rxp_case *c = NULL;
		int rc;

		spoil(&t);
		rc = rxp_case_replay(&c, t.docs, t.n, STORY_Q);
		assert_true(rc == 0 || rc == RXP_ERR_DAMAGED);
		rxp_case_free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_states_agree),
	    cmocka_unit_test(test_a_fault_is_told_in_short),
	    cmocka_unit_test(test_hostile_facts),
	};

	return cmocka_run_group_tests_name("case_random", tests, library_begin, library_end);
}
