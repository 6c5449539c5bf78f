/*
 * facts - what every case has, whichever role of the product it tries.
 *
 * The id is "XML-004.R.n1": the requirement without its "RXP-"; the letter of the plan (run/plan.def); p for what a product
 * must do or take, n for what it must not; and a number that is never given again.
 */
#ifndef CONFORM_FACTS_H
#define CONFORM_FACTS_H

#include <stdbool.h>

struct case_facts {
	const char *id;
	const char *requirement; /* "RXP-XML-004" */
	const char *name; /* what is different from an exchange as it should be */
};

/* Is it a case of what a product must not take or do? */
bool facts_negative(const struct case_facts *f);

/* Does its id match a pattern of fnmatch(3)? */
bool facts_selected(const struct case_facts *f, const char *pattern);

#endif
