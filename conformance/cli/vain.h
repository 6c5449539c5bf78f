/*
 * vain - cases in a row that waited in vain, each as long as a step may take: of a product that hangs a run would otherwise take
 * hours. One that still answers a Ping does not hang: then it is what makes it send that comes to nothing, which is given up, and
 * whatever needs it not is tried all the same.
 */
#ifndef CONFORM_VAIN_H
#define CONFORM_VAIN_H

#include <stdbool.h>

#include "conformance/run/plan.h"

#define VAIN_MOST 8 /* cases; the rest is not tried */

struct vain {
	unsigned n; /* cases in a row so far */
	bool gave_up; /* the trigger */
};

/* Try the case, unless so many before it waited in vain; the caller clears the outcome. */
void vain_try(struct vain *v, struct outcome *out, const struct plan *plan, size_t i,
    const struct target *target);

#endif
