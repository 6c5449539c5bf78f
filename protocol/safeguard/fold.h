/*
 * fold - a text reduced to its words, so that they can be searched for however they are written.
 *
 * Letters become small and lose their marks, invisible characters vanish, what is neither letter nor digit parts
 * words (fold.def). This serves to find words, never to compare persons.
 */
#ifndef RXP_FOLD_H
#define RXP_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#define RXP_FOLD_TEXT 2064 /* 500 characters of UTF-8 and the spaces around them */

/*
 * Append the words of a text in UTF-8 to out, which holds a NUL-terminated result so far or "": each has one
 * space before and one after it, as have the first and the last. What does not fit is left out.
 */
void rxp_fold_append(char out[RXP_FOLD_TEXT], const char *text);

/* Has a result a word of letters of Latin and of another script that can be taken for them? Nobody writes such a word
 * by hand, and no list has it. */
bool rxp_fold_mixes(const char *folded);

/* Does it spell a word out: five or more words of one letter each, side by side? */
bool rxp_fold_spells(const char *folded);

#endif
