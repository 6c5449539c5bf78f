/*
 * requirement_data - what extract.awk makes of the specification.
 */
#ifndef CONFORM_REQUIREMENT_DATA_H
#define CONFORM_REQUIREMENT_DATA_H

#include "conformance/requirement/requirement.h"

extern const struct requirement requirement_rows[];
extern const size_t requirement_count;

#endif
