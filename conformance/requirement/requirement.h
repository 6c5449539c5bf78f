/*
 * requirement - the numbered requirements of the specification, as data.
 *
 * They are taken from spec/rxp-1.md when the program is built: nobody copies them by hand.
 */
#ifndef CONFORM_REQUIREMENT_H
#define CONFORM_REQUIREMENT_H

#include <stddef.h>

enum requirement_level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_MAY, LEVEL_STATEMENT, LEVEL_COUNT };

struct requirement {
	const char *id; /* "RXP-XML-004" */
	const char *section; /* "1. Wire choices" */
	enum requirement_level level; /* the strongest word of RFC 2119 in its text */
	const char *text; /* on one line, in the specification's markup */
};

size_t requirement_total(void);
const struct requirement *requirement_at(size_t i);
/* NULL: the specification has none of this id. */
const struct requirement *requirement_find(const char *id);
const char *requirement_level_word(enum requirement_level level); /* "MUST", … */

#endif
