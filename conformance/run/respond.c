/* The plan `respond`: each case is a valid message with one change, tried by trial.h. */
#include <stdio.h>

#include "conformance/cases/case.h"
#include "conformance/run/plan.h"
#include "conformance/run/trial.h"

size_t respond_total(void)
{
	return case_total();
}

const struct case_facts *respond_facts(size_t i)
{
	return &case_at(i)->facts;
}

void respond_describe(struct outcome *out, size_t i)
{
	const struct conform_case *c = case_at(i);

	outcome_init(out, &c->facts, base_words(c->base), stage_word(c->change.stage));
	seen_words(out->expected, &c->expected);
}

void respond_run(struct outcome *out, size_t i, const struct target *target)
{
	respond_describe(out, i);
	trial_run(out, case_at(i), target);
}
