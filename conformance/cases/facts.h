/*
 * facts - what every case has, whichever role of the product it tries.
 *
 * The id is "XML-004.R.n1": the requirement without its "RXP-"; the letter of the plan (run/plan.def); p for what a product
 * must do or take, n for what it must not; and a number that is never given again.
 */
#ifndef CONFORM_FACTS_H
#define CONFORM_FACTS_H

#include <stdbool.h>
#include <stddef.h>

struct case_facts {
	const char *id;
	const char *requirement; /* "RXP-XML-004" */
	const char *name; /* what is different from an exchange as it should be */
};

/* Is it a case of what a product must not take or do? */
bool facts_negative(const struct case_facts *f);

/* The first of some patterns of fnmatch(3), between which blanks stand; one that is longer is two. Returns how many octets go with it; 0:
 * there is none. */
#define FACTS_PATTERN 128
size_t facts_pattern(char out[FACTS_PATTERN], const char *patterns);
/* Does an id match one of these patterns? */
bool facts_matches(const char *id, const char *patterns);
bool facts_selected(const struct case_facts *f, const char *patterns);
/* Does each of them match one of n cases at least? Who writes one that does not has slipped: false, and missed is the first such. */
bool facts_all_meant(char missed[FACTS_PATTERN], const char *patterns,
    const struct case_facts *(*at)(size_t i), size_t n);

#endif
