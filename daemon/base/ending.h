/*
 * ending - what of a State has an end, and how long before people are told (RXP-DSC-041).
 */
#ifndef BASE_ENDING_H
#define BASE_ENDING_H

#include <stdbool.h>
#include <stdint.h>

enum ending {
#define ENDING(name, word, first, second, third, meaning, after, own, peer) ENDING_##name,
#include "daemon/base/ending.def"
#undef ENDING
	ENDING_COUNT
};

#define ENDING_MARKS 4 /* first to third, and the end */
#define ENDING_DAY_MS INT64_C(86400000)
#define ENDING_NEXT_ROOT_MS (60 * ENDING_DAY_MS) /* from the announcement */

const char *ending_word(enum ending e);

/* RXP_ERR_NOT_FOUND. */
int ending_find(enum ending *out, const char *word);

/* How many of its marks have passed when so much is left. */
unsigned ending_passed(enum ending e, int64_t left_ms);

#endif
