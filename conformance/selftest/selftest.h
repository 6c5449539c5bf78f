/*
 * selftest - is the suite any good? A product that is woven with known defects gets them one by one, and each must be found by
 * a case of the requirement that it breaks. A case finds it if it comes to what it must, and passes without the defect. Where none
 * does, those that came to no end, with the defect or without, are tried once more; what is found then counts if the case passes
 * without the defect twice.
 */
#ifndef CONFORM_SELFTEST_H
#define CONFORM_SELFTEST_H

#include <stdbool.h>
#include <stddef.h>

#include "conformance/run/target.h"

struct selftest {
	const struct target *target;
	const char *defects; /* the list */
	const char *switch_file; /* where the number of the present one stands */
	const char *pattern; /* of ids of defects, as of facts_matches() */
	bool whole; /* try each case of the requirement, not only until one has found the defect */
	const char
	    *matrix; /* where defect and case and verdict are written, in JSON; NULL: nowhere */
	bool again; /* none of them was found before: without it each case must pass twice */
};

struct selftest_result {
	size_t defects, killed, tried; /* tried: cases, with a defect */
};

/* What survives is told on standard output as it is seen; the matrix has what was tried, even if the rest is not. The product has no
 * defect afterwards. RXP_ERR_CONFIG: nothing was tried, since the cases of a defect need what the suite was not given, which was told
 * on standard error. RXP_ERR_STATE: the product does not work without a defect, or does no more after one, which was told, and counts as
 * not found. Errors of defects.h and of writing. */
int selftest_run(struct selftest_result *out, const struct selftest *s);

#endif
