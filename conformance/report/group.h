/*
 * group - the cases of a verdict, those together that came to it for the same reason: one defect often shows in many cases, and
 * this is how it is seen.
 */
#ifndef CONFORM_GROUP_H
#define CONFORM_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "conformance/report/weight.h"
#include "conformance/run/outcome.h"

#define MAX_GROUPS 512

struct report_file;

/* Cases of one verdict with the same reason. */
struct group {
	const char *why; /* borrowed from the report */
	size_t first, n,
	    requirements; /* the first case; how many cases; of how many requirements */
	enum weight weight; /* of the first case */
};

/* The gravest first, then the most cases; cases of a reason beyond the last one are in none. */
struct groups {
	size_t n;
	struct group list[MAX_GROUPS];
};

/* NULL: no memory. The caller frees it. */
struct groups *groups_make(const struct report_file *f, enum verdict v);

/* Is case i of the group that has this verdict and reason? */
bool group_has(const struct report_file *f, size_t i, enum verdict v, const char *why);
/* Is it the first one of the group that is of its requirement? */
bool group_begins(const struct report_file *f, size_t i, enum verdict v, const struct group *g);

#endif
