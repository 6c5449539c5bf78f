#include "conformance/run/plan.h"

#include <stdlib.h>
#include <string.h>

static const struct plan plans[] = {
#define PLAN(name, letter, words) \
	{#name, letter, words, name##_total, name##_facts, name##_describe, name##_run},
#include "conformance/run/plan.def"
#undef PLAN
};
#define N_PLANS (sizeof plans / sizeof plans[0])

size_t plan_total(void)
{
	return N_PLANS;
}

const struct plan *plan_at(size_t i)
{
	if (i >= N_PLANS)
		abort();
	return &plans[i];
}

const struct plan *plan_named(const char *name)
{
	for (size_t i = 0; i < N_PLANS; i++)
		if (strcmp(plans[i].name, name) == 0)
			return &plans[i];
	abort();
}

const struct plan *plan_find(const char *id, size_t *i)
{
	for (size_t p = 0; p < N_PLANS; p++)
		for (size_t n = 0; n < plans[p].total(); n++)
			if (strcmp(plans[p].facts(n)->id, id) == 0) {
				*i = n;
				return &plans[p];
			}
	return NULL;
}

const struct case_facts *plan_case(size_t n)
{
	for (size_t p = 0; p < N_PLANS; n -= plans[p++].total())
		if (n < plans[p].total())
			return plans[p].facts(n);
	return NULL;
}
