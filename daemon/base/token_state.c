#include "daemon/base/token_state.h"

#include <stdlib.h>

static const struct {
	const char *word, *meaning;
} states[TOKEN_STATES] = {
#define TOKEN_STATE(name, word, meaning, action) [TOKEN_##name] = {word, meaning},
#include "daemon/base/token_state.def"
#undef TOKEN_STATE
};

const char *token_state_word(enum token_state state)
{
	if ((unsigned)state >= TOKEN_STATES)
		abort();
	return states[state].word;
}

const char *token_state_meaning(enum token_state state)
{
	if ((unsigned)state >= TOKEN_STATES)
		abort();
	return states[state].meaning;
}
