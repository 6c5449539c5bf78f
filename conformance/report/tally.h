/*
 * tally - what each requirement of the specification came to. What is broken in a case of another requirement counts for the
 * one that is broken: the other was not judged by it.
 */
#ifndef CONFORM_TALLY_H
#define CONFORM_TALLY_H

#include <stddef.h>

#include "conformance/run/outcome.h"

struct report_file;
struct requirement;

struct tally {
	size_t counts[VERDICT_COUNT], all; /* cases of its own, and those of others that broke it */
	size_t
	    elsewhere; /* cases of its own that broke another requirement; in all, and in no count */
	const struct requirement *by; /* the last of those others; NULL: elsewhere is 0 */
	size_t first[VERDICT_COUNT]; /* a case of each count that is not 0 */
	size_t first_elsewhere;
};

/* One for each requirement, in the order of requirement_at(). NULL: no memory. The caller frees it. */
struct tally *tally_make(const struct report_file *f);

/* What is worst of it: the colour of its square. Only broken elsewhere: VERDICT_FAIL, with no count of it. */
enum verdict tally_worst(const struct tally *t);

struct tally_sums {
	size_t passed, failed, by_others, untried;
};

/* How many requirements did what; none that has no case, or was not asked. NULL for no memory gives zeros. */
void tally_sum(struct tally_sums *out, const struct tally *tallies);

#endif
