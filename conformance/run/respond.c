/* The plan `respond`: valid messages with one change, tried by trial.h, then the cells of the matrix, tried by walk.h. */
#include <stdio.h>

#include "conformance/cases/case.h"
#include "conformance/cases/cell.h"
#include "conformance/run/plan.h"
#include "conformance/run/trial.h"
#include "conformance/run/walk.h"

size_t respond_total(void)
{
	return case_total() + cell_total();
}

const struct case_facts *respond_facts(size_t i)
{
	return i < case_total() ? &case_at(i)->facts : &cell_at(i - case_total())->facts;
}

static void describe_case(struct outcome *out, const struct conform_case *c)
{
	outcome_init(out, &c->facts, base_words(c->base), stage_word(c->change.stage));
	seen_words(out->expected, &c->expected);
}

void respond_describe(struct outcome *out, size_t i)
{
	if (i < case_total())
		describe_case(out, case_at(i));
	else
		walk_describe(out, cell_at(i - case_total()));
}

void respond_run(struct outcome *out, size_t i, const struct target *target)
{
	respond_describe(out, i);
	if (i < case_total())
		trial_run(out, case_at(i), target);
	else
		walk_run(out, cell_at(i - case_total()), target);
}
