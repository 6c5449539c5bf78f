/*
 * guess - "did you mean": the known word nearest to a mistyped one.
 */
#ifndef CTL_GUESS_H
#define CTL_GUESS_H

#include <stddef.h>

#define GUESS_WORD_MAX 24 /* octets; a longer word has no guess */
#define GUESS_DISTANCE_MAX 2 /* letters put in, left out, changed or swapped */

struct guess {
	const char *word;
	const char *best; /* NULL: nothing near */
	size_t distance;
};

struct guess guess_begin(const char *word);
void guess_try(struct guess *g, const char *known); /* known lives as long as the guess */

#endif
