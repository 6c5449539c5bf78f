/*
 * patience - what any sender has with a product that cannot take a message now, by 503 or `busy` (RXP-ANS-021): it tries again,
 * with pauses of which each is longer than the one before (RXP-HTTP-009), as long as a step may take.
 */
#ifndef CONFORM_PATIENCE_H
#define CONFORM_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "conformance/run/seen.h"
#include "conformance/run/target.h"

struct patience {
	const struct target *target; /* borrowed */
	int64_t until_ms;
	int pause_ms; /* before the next try */
};

struct patience patience_of(const struct target *target);
/* Pause before the next try; what the suite serves besides is served. false: there is no time for one. */
bool patience_bear(struct patience *p);

/* Is that what a product says that cannot take it now? */
bool patience_asked(const struct seen *seen);
/* The status that says so. */
#define PATIENCE_STATUS 503

/* Rule that it could not be tried. */
void patience_ended(const struct target *target, struct outcome *out);

#endif
