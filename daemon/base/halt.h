/*
 * halt - the words of holds and emergency stops (halt.def).
 */
#ifndef BASE_HALT_H
#define BASE_HALT_H

#include <stdbool.h>

enum stop_kind {
#define STOP_KIND(name, word, meaning) STOP_##name,
#include "daemon/base/halt.def"
	STOP_KINDS
};

bool halt_reason_known(const char *word);
/* RXP_ERR_NOT_FOUND for a word that is no kind. */
int stop_kind_parse(enum stop_kind *out, const char *word);

#endif
