/*
 * token_state - the closed set of token_state.def: how a seal key in a token stands.
 */
#ifndef BASE_TOKEN_STATE_H
#define BASE_TOKEN_STATE_H

enum token_state {
#define TOKEN_STATE(name, word, meaning, action) TOKEN_##name,
#include "daemon/base/token_state.def"
#undef TOKEN_STATE
	TOKEN_STATES
};

/* For a metric, and for people. */
const char *token_state_word(enum token_state state);
const char *token_state_meaning(enum token_state state);

#endif
