/*
 * preflight - is everything set up so that a case can say something of the product? What is not is a configuration, never
 * a failure of the product.
 */
#ifndef CONFORM_PREFLIGHT_H
#define CONFORM_PREFLIGHT_H

#include <stdbool.h>

#include "conformance/run/target.h"

enum preflight_check {
#define PREFLIGHT(name, words, hint) PREFLIGHT_##name,
#include "conformance/run/preflight.def"
#undef PREFLIGHT
	PREFLIGHT_COUNT
};

/* Told of each check: its words, whether it holds, and otherwise what was seen and what to do. */
typedef void preflight_told(
    void *arg, const char *words, bool holds, const char *seen, const char *hint);

/* Do all hold, for the second State, too, if there is one? Told of each until the first that does not. */
bool preflight(const struct target *target, preflight_told *told, void *arg);

#endif
