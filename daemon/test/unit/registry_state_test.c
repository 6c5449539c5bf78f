/*
 * Goals: every state has a word that is found again; every cell of the table of moves is tried,
 * listed or not; a final state is left by nothing; each state but the first ones is reached.
 *
 * links: registry
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/registry/store/state.h"

static const struct {
	enum state from;
	enum state_event event;
	enum state to;
} MOVES[] = {
#define STATE(name, word, box, final, meaning, crash)
#define EVENT(name, meaning)
#define MOVE(from, event, to) {STATE_##from, EVENT_##event, STATE_##to},
#include "daemon/registry/store/state.def"
#undef STATE
#undef EVENT
#undef MOVE
};

#define N_MOVES (sizeof MOVES / sizeof MOVES[0])

static enum state listed(enum state from, enum state_event event)
{
	for (size_t i = 0; i < N_MOVES; i++)
		if (MOVES[i].from == from && MOVES[i].event == event)
			return MOVES[i].to;
	return STATE_NONE;
}

static void test_words(void **s)
{
	(void)s;
	for (int i = STATE_NONE + 1; i < STATE_COUNT; i++)
		assert_int_equal(state_of_word(state_word((enum state)i)), i);
	assert_int_equal(state_of_word("sent"), STATE_NONE);
	assert_int_equal(state_of_word(""), STATE_NONE);
}

static void test_every_cell(void **s)
{
	size_t allowed = 0;

	(void)s;
	for (int from = STATE_NONE; from < STATE_COUNT; from++) {
		for (int event = 0; event < EVENT_COUNT; event++) {
			enum state to = listed((enum state)from, (enum state_event)event);

			assert_int_equal(state_allows((enum state)from, (enum state_event)event),
			    to != STATE_NONE);
			if (to == STATE_NONE)
				continue;
			allowed++;
			assert_int_equal(state_next((enum state)from, (enum state_event)event), to);
			assert_int_equal(state_box((enum state)from), state_box(to));
			assert_false(state_final((enum state)from));
		}
	}
	assert_int_equal(allowed, N_MOVES); /* no cell is listed twice */
}

/* A message begins as draft, waiting, received, handed-over or quarantined; an attachment as staging or
 * kept. */
static void test_reached(void **s)
{
	(void)s;
	for (int i = STATE_NONE + 1; i < STATE_COUNT; i++) {
		bool reached = i == STATE_DRAFT || i == STATE_WAITING || i == STATE_RECEIVED ||
			       i == STATE_QUARANTINED || i == STATE_STAGING || i == STATE_KEPT;

		for (size_t m = 0; m < N_MOVES; m++)
			reached = reached || (int)MOVES[m].to == i;
		assert_true(reached);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_every_cell),
	    cmocka_unit_test(test_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
