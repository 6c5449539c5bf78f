/*
 * requirement_data - what extract.awk makes of the specification and of spec/untested.txt.
 */
#ifndef CONFORM_REQUIREMENT_DATA_H
#define CONFORM_REQUIREMENT_DATA_H

#include "conformance/requirement/requirement.h"

extern const struct requirement requirement_rows[];
extern const size_t requirement_count;

extern const char requirement_specification[]; /* SHA-256 of the text, in hexadecimal digits */

struct untested {
	const char *id, *class, *words;
};

extern const struct untested untested_rows[];
extern const size_t untested_count;

#endif
