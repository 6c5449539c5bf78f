/* The commands that show what the suite has: list, explain, trace. */
#include <stdio.h>

#include "conformance/cases/case.h"
#include "conformance/cli/options.h"
#include "conformance/requirement/requirement.h"
#include "conformance/run/seen.h"

int command_list(const struct options *o)
{
	const char *pattern = o->values[OPTION_SELECT] == NULL ? "*" : o->values[OPTION_SELECT];
	size_t n = 0;

	for (size_t i = 0; i < case_total(); i++) {
		const struct conform_case *c = case_at(i);

		if (!case_selected(c, pattern))
			continue;
		printf("%-14s %s\n", c->id, c->name);
		n++;
	}
	if (n == 0) {
		fprintf(stderr, "readmit-conform: no case has an id like %s\n", pattern);
		return CONFORM_USAGE;
	}
	return CONFORM_PASSED;
}

static void explain_requirement(const struct requirement *r)
{
	printf("%s  (section %s; %s)\n  %s\n", r->id, r->section, requirement_level_word(r->level),
	    r->text);
}

static void explain_case(const struct conform_case *c)
{
	char expected[SEEN_WORDS];

	seen_words(expected, &c->expected);
	printf("%s  %s\n  changed in: %s\n  expected: %s\n\n", c->id, c->name,
	    stage_word(c->change.stage), expected);
}

int command_explain(const struct options *o)
{
	const struct conform_case *c = case_find(o->word);
	const struct requirement *r = requirement_find(c == NULL ? o->word : c->requirement);

	if (c != NULL)
		explain_case(c);
	if (r != NULL)
		explain_requirement(r);
	if (c == NULL && r == NULL) {
		fprintf(
		    stderr, "readmit-conform: %s is neither a case nor a requirement\n", o->word);
		return CONFORM_USAGE;
	}
	if (c == NULL)
		for (size_t i = 0; i < case_total(); i++)
			if (requirement_find(case_at(i)->requirement) == r)
				printf("  %-14s %s\n", case_at(i)->id, case_at(i)->name);
	return CONFORM_PASSED;
}

int command_trace(const struct options *o)
{
	size_t traced = 0;

	(void)o;
	for (size_t i = 0; i < requirement_total(); i++) {
		const struct requirement *r = requirement_at(i);
		size_t n = 0;

		printf("%s %s", r->id, requirement_level_word(r->level));
		for (size_t j = 0; j < case_total(); j++)
			if (requirement_find(case_at(j)->requirement) == r) {
				printf(" %s", case_at(j)->id);
				n++;
			}
		putchar('\n');
		traced += n > 0;
	}
	printf("%zu requirements, %zu with a case\n", requirement_total(), traced);
	return CONFORM_PASSED;
}
