/*
 * plan - the cases of one role of the product, as commands and reports see them. A new role is a row of plan.def, its cases,
 * and its four functions.
 */
#ifndef CONFORM_PLAN_H
#define CONFORM_PLAN_H

#include <stddef.h>

#include "conformance/run/outcome.h"
#include "conformance/run/target.h"

struct plan {
	const char *name; /* of its command */
	char letter;
	const char *words; /* what the product does in it */
	size_t (*total)(void);
	const struct case_facts *(*facts)(size_t i);
	/* What it will be asked, as an outcome that was not tried; the caller clears it. */
	void (*describe)(struct outcome *out, size_t i);
	/* Try it; never fails: what goes wrong is its verdict. The caller clears it. */
	void (*run)(struct outcome *out, size_t i, const struct target *target);
};

#define PLAN(name, letter, words) \
	size_t name##_total(void); \
	const struct case_facts *name##_facts(size_t i); \
	void name##_describe(struct outcome *out, size_t i); \
	void name##_run(struct outcome *out, size_t i, const struct target *target);
#include "conformance/run/plan.def"
#undef PLAN

size_t plan_total(void);
const struct plan *plan_at(size_t i);
/* Of the command of that name; aborts if there is none. */
const struct plan *plan_named(const char *name);
/* The plan and number of a case. NULL: no plan has one of that id; *i is untouched. */
const struct plan *plan_find(const char *id, size_t *i);
/* The n-th case, the plans one behind another. NULL: there are not as many. */
const struct case_facts *plan_case(size_t n);

#endif
