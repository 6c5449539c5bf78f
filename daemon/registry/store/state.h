/*
 * state - the states of messages and attachments and their allowed moves, from state.def (spec/storage.md).
 *
 * Constant data; every function is pure. Whoever changes a row asks for the next state here, so that no row comes to one in another way.
 */
#ifndef REGISTRY_STATE_H
#define REGISTRY_STATE_H

#include <stdbool.h>

enum state {
	STATE_NONE = 0,
#define STATE(name, word, box, final, meaning, crash) STATE_##name,
#define EVENT(name, meaning)
#define MOVE(from, event, to)
#include "daemon/registry/store/state.def"
#undef STATE
#undef EVENT
#undef MOVE
	STATE_COUNT
};

enum state_event {
#define STATE(name, word, box, final, meaning, crash)
#define EVENT(name, meaning) EVENT_##name,
#define MOVE(from, event, to)
#include "daemon/registry/store/state.def"
#undef STATE
#undef EVENT
#undef MOVE
	EVENT_COUNT
};

enum state_box { STATE_OUTBOX, STATE_INBOX, STATE_ATTACHMENT };

/* The word of a state, as lists and the database have it. A value that is no state aborts. */
const char *state_word(enum state state);

/* STATE_NONE for a word of no row. */
enum state state_of_word(const char *word);

/* Does it never change again? Of what kind of row is it? A value that is no state aborts. */
bool state_final(enum state state);
enum state_box state_box(enum state state);

/* Does the table allow it? For events that come from outside; STATE_NONE allows nothing. */
bool state_allows(enum state state, enum state_event event);

/* The next state. A move that the table does not list aborts. */
enum state state_next(enum state state, enum state_event event);

#endif
