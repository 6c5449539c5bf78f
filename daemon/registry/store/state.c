#include "daemon/registry/store/state.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	enum state_box box;
	bool final;
} rows[STATE_COUNT] = {
#define STATE(name, word, box, final, meaning, crash) [STATE_##name] = {word, STATE_##box, final},
#define EVENT(name, meaning)
#define MOVE(from, event, to)
#include "daemon/registry/store/state.def"
#undef STATE
#undef EVENT
#undef MOVE
};

static const enum state moves[STATE_COUNT][EVENT_COUNT] = {
#define STATE(name, word, box, final, meaning, crash)
#define EVENT(name, meaning)
#define MOVE(from, event, to) [STATE_##from][EVENT_##event] = STATE_##to,
#include "daemon/registry/store/state.def"
#undef STATE
#undef EVENT
#undef MOVE
};

static void check(enum state state)
{
	if (state <= STATE_NONE || state >= STATE_COUNT)
		abort();
}

const char *state_word(enum state state)
{
	check(state);
	return rows[state].word;
}

enum state state_of_word(const char *word)
{
	for (int i = STATE_NONE + 1; i < STATE_COUNT; i++)
		if (strcmp(rows[i].word, word) == 0)
			return (enum state)i;
	return STATE_NONE;
}

bool state_final(enum state state)
{
	check(state);
	return rows[state].final;
}

enum state_box state_box(enum state state)
{
	check(state);
	return rows[state].box;
}

bool state_allows(enum state state, enum state_event event)
{
	return state > STATE_NONE && state < STATE_COUNT && event < EVENT_COUNT &&
	       moves[state][event] != STATE_NONE;
}

enum state state_next(enum state state, enum state_event event)
{
	if (!state_allows(state, event))
		abort();
	return moves[state][event];
}
