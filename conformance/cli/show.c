/* The commands that show what the suite has: list, explain. */
#include <stdio.h>

#include "conformance/cli/options.h"
#include "conformance/cli/trace.h"
#include "conformance/requirement/requirement.h"
#include "conformance/run/plan.h"

int command_list(const struct options *o)
{
	const char *pattern = o->values[OPTION_SELECT] == NULL ? "*" : o->values[OPTION_SELECT];
	const struct case_facts *c;
	size_t n = 0;

	for (size_t i = 0; (c = plan_case(i)) != NULL; i++) {
		if (!facts_selected(c, pattern))
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

static void explain_case(const struct plan *plan, size_t i)
{
	struct outcome c;

	plan->describe(&c, i);
	printf("%s  %s\n  tried by: %s (%s)\n  changed: %s, in: %s\n  expected: %s\n\n",
	    c.facts->id, c.facts->name, plan->name, plan->words, c.base, c.stage, c.expected);
	outcome_clear(&c);
}

int command_explain(const struct options *o)
{
	size_t i = 0;
	const struct plan *plan = plan_find(o->word, &i);
	const struct requirement *r =
	    requirement_find(plan == NULL ? o->word : plan->facts(i)->requirement);

	if (plan != NULL)
		explain_case(plan, i);
	if (r != NULL)
		explain_requirement(r);
	if (plan == NULL && r == NULL) {
		fprintf(
		    stderr, "readmit-conform: %s is neither a case nor a requirement\n", o->word);
		return CONFORM_USAGE;
	}
	if (plan == NULL)
		trace_explain(stdout, r);
	return CONFORM_PASSED;
}
