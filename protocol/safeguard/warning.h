/*
 * warning - words that hint at what the country of origin must not learn (RXP-SAF-022).
 *
 * A search for carelessness: it proves nothing, and who wants to say something finds other words.
 */
#ifndef RXP_WARNING_H
#define RXP_WARNING_H

#include <stdbool.h>

/* Does a text, as rxp_fold_append() leaves it, hold a word of warning.def in any language? */
bool rxp_warning_in(const char *folded);

/* One of those by which nobody is called. */
bool rxp_warning_in_name(const char *folded);

#endif
