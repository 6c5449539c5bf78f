/* The plan `respond`: its parts are the tables of messages with one change, of exchanges, of stories, of
 * courses of cases, of descriptors, and the matrix of moves. */
#include <stdlib.h>

#include "conformance/cases/case.h"
#include "conformance/cases/cell.h"
#include "conformance/cases/course.h"
#include "conformance/cases/exchange.h"
#include "conformance/run/again.h"
#include "conformance/run/bring.h"
#include "conformance/run/converse.h"
#include "conformance/run/plan.h"
#include "conformance/run/steer.h"
#include "conformance/run/story.h"
#include "conformance/run/trial.h"
#include "conformance/run/walk.h"

static const struct case_facts *facts_of_case(size_t i)
{
	return &case_at(i)->facts;
}

static void describe_case(struct outcome *out, size_t i)
{
	const struct conform_case *c = case_at(i);

	outcome_init(out, &c->facts, base_words(c->base), stage_word(c->change.stage));
	seen_words(out->expected, &c->expected);
}

static void run_case(struct outcome *out, size_t i, const struct target *target)
{
	trial_run(out, case_at(i), target);
}

static const struct case_facts *facts_of_exchange(size_t i)
{
	return &exchange_at(i)->facts;
}

static void describe_exchange(struct outcome *out, size_t i)
{
	converse_describe(out, exchange_at(i));
}

static void run_exchange(struct outcome *out, size_t i, const struct target *target)
{
	converse_run(out, exchange_at(i), target);
}

static const struct case_facts *facts_of_cell(size_t i)
{
	return &cell_at(i)->facts;
}

static void describe_cell(struct outcome *out, size_t i)
{
	walk_describe(out, cell_at(i));
}

static void run_cell(struct outcome *out, size_t i, const struct target *target)
{
	walk_run(out, cell_at(i), target);
}

static const struct case_facts *facts_of_course(size_t i)
{
	return &course_at(i)->facts;
}

static void describe_course(struct outcome *out, size_t i)
{
	steer_describe(out, course_at(i));
}

static void run_course(struct outcome *out, size_t i, const struct target *target)
{
	steer_run(out, course_at(i), target);
}

static const struct part {
	size_t (*total)(void);
	const struct case_facts *(*facts)(size_t i);
	struct again kind;
} parts[] = {
    {case_total, facts_of_case, {describe_case, run_case}},
    {exchange_total, facts_of_exchange, {describe_exchange, run_exchange}},
    {story_total, story_facts, {story_describe, story_run}},
    {bring_total, bring_facts, {bring_describe, bring_run}},
    {cell_total, facts_of_cell, {describe_cell, run_cell}},
    {course_total, facts_of_course, {describe_course, run_course}},
};
enum { PART_CASES = 0, PART_CELLS = 4, PART_COURSES = 5 };
#define N_PARTS (sizeof parts / sizeof parts[0])

/* The part that has the i-th case; *i becomes its number there. */
static const struct part *find(size_t *i)
{
	for (size_t p = 0; p < N_PARTS; *i -= parts[p++].total())
		if (*i < parts[p].total())
			return &parts[p];
	abort();
}

size_t respond_total(void)
{
	size_t n = 0;

	for (size_t p = 0; p < N_PARTS; p++)
		n += parts[p].total();
	return n;
}

const struct case_facts *respond_facts(size_t i)
{
	return find(&i)->facts(i);
}

void respond_describe(struct outcome *out, size_t i)
{
	find(&i)->kind.describe(out, i);
}

/* What takes a connection that the suite makes. */
static bool takes_port(const struct part *part, size_t i)
{
	return part == &parts[PART_CASES]
		   ? case_at(i)->change.stage >= STAGE_REQUEST
		   : part != &parts[PART_CELLS] && part != &parts[PART_COURSES];
}

void respond_run(struct outcome *out, size_t i, const struct target *target)
{
	const struct part *part = find(&i);

	if (target_pulls(target) && takes_port(part, i)) {
		part->kind.describe(out, i);
		outcome_rule(out, VERDICT_NA, "the product opens no port");
	} else {
		again_run(out, &part->kind, i, target);
	}
}
