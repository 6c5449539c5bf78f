/*
 * tries - the cases of a plan, one behind another, for a person who looks on: each that does not pass is told, and now and then how
 * far the run is. What came to no end for want of time is tried once more behind all others, since a machine that is busy is enough
 * for it; its report says so, whatever it comes to then.
 */
#ifndef CONFORM_TRIES_H
#define CONFORM_TRIES_H

#include "conformance/report/report.h"
#include "conformance/run/plan.h"

/* Cases that are tried once more; so many of them that come to no end again are enough: then the product is slow, not the machine. */
#define TRIES_AGAIN 8
#define TRIES_AGAIN_VAIN 2

/* Those whose ids match the patterns (cases/facts.h), into the report. command: what a person types to try one again. Errors of report_add(). */
int tries_all(struct report *report, const struct plan *plan, const struct target *target,
    const char *command, const char *pattern);

#endif
