/*
 * preflight - is everything set up so that a case can say something of the product? What is not is a configuration, never
 * a failure of the product.
 */
#ifndef CONFORM_PREFLIGHT_H
#define CONFORM_PREFLIGHT_H

#include <stdbool.h>

#include "conformance/run/target.h"

struct rxp_identity;

enum preflight_check {
#define PREFLIGHT(name, words, side, hint) PREFLIGHT_##name,
#include "conformance/run/preflight.def"
#undef PREFLIGHT
	PREFLIGHT_COUNT
};

/* Of a check. */
struct preflight_said {
	const char *words;
	const char *party; /* the second State, as which it was made; NULL: the first */
	bool holds;
	const char *seen, *side,
	    *hint; /* unless it holds: what was seen, whose it is, and what to do */
};

/* Told of each check. */
typedef void preflight_told(void *arg, const struct preflight_said *said);

/* Of the endpoints that a product lists the first that can be connected to, as any sender looks for it, or the first of all if none
 * can. NULL: it opens no port. Borrowed. */
const char *preflight_endpoint(const struct rxp_identity *i, int wait_ms);
/* Do all hold, for the second State, too, if there is one? Told of each until the first that does not. */
bool preflight(const struct target *target, preflight_told *told, void *arg);

#endif
