#include "conformance/report/group.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/report/report_file.h"

bool group_has(const struct report_file *f, size_t i, enum verdict v, const char *why)
{
	return report_case_verdict(f, i) == v && strcmp(report_case_text(f, i, "why"), why) == 0;
}

bool group_begins(const struct report_file *f, size_t i, enum verdict v, const struct group *g)
{
	for (size_t k = g->first; k < i; k++)
		if (group_has(f, k, v, g->why) && strcmp(report_case_text(f, k, "requirement"),
						      report_case_text(f, i, "requirement")) == 0)
			return false;
	return true;
}

static struct group *group_of(struct groups *all, const char *why, size_t i, enum weight weight)
{
	for (size_t g = 0; g < all->n; g++)
		if (strcmp(all->list[g].why, why) == 0)
			return &all->list[g];
	if (all->n == MAX_GROUPS)
		return NULL;
	all->list[all->n] = (struct group){.why = why, .first = i, .weight = weight};
	return &all->list[all->n++];
}

/* The gravest first, then the most cases; of as many, the one that came first. */
static int compare(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

struct groups *groups_make(const struct report_file *f, enum verdict v)
{
	struct groups *all = calloc(1, sizeof *all);

	for (size_t i = 0; all != NULL && i < report_file_cases(f); i++) {
		struct group *g;

		if (report_case_verdict(f, i) != v)
			continue;
		g = group_of(all, report_case_text(f, i, "why"), i, weight_of(f, i));
		if (g == NULL)
			continue;
		g->n++;
		g->requirements += group_begins(f, i, v, g) ? 1 : 0;
	}
	if (all != NULL)
		qsort(all->list, all->n, sizeof all->list[0], compare);
	return all;
}
