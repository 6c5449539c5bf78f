#include "conformance/report/tally.h"

#include <stdlib.h>

#include "conformance/report/decisive.h"
#include "conformance/report/report_file.h"
#include "conformance/requirement/requirement.h"

static void add(struct tally *t, enum verdict v, size_t i)
{
	if (t->counts[v]++ == 0)
		t->first[v] = i;
	t->all++;
}

static void add_elsewhere(struct tally *t, const struct requirement *by, size_t i)
{
	if (t->elsewhere++ == 0)
		t->first_elsewhere = i;
	t->by = by;
	t->all++;
}

struct tally *tally_make(const struct report_file *f)
{
	struct tally *tallies = calloc(requirement_total(), sizeof *tallies);

	for (size_t i = 0; tallies != NULL && i < report_file_cases(f); i++) {
		const struct requirement *own =
		    requirement_find(report_case_text(f, i, "requirement"));
		enum verdict v = report_case_verdict(f, i);
		const struct requirement *broken = v == VERDICT_FAIL ? decisive_broken(f, i) : NULL;

		if (broken != NULL)
			add(&tallies[broken - requirement_at(0)], v, i);
		if (own != NULL && broken == NULL)
			add(&tallies[own - requirement_at(0)], v, i);
		else if (own != NULL)
			add_elsewhere(&tallies[own - requirement_at(0)], broken, i);
	}
	return tallies;
}

enum verdict tally_worst(const struct tally *t)
{
	static const enum verdict order[] = {VERDICT_ERROR, VERDICT_INCOMPLETE, VERDICT_WEAK,
	    VERDICT_WARN, VERDICT_PASS, VERDICT_NA};

	if (t->counts[VERDICT_FAIL] > 0 || t->elsewhere > 0)
		return VERDICT_FAIL;
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		if (t->counts[order[i]] > 0)
			return order[i];
	return VERDICT_NA;
}

void tally_sum(struct tally_sums *out, const struct tally *tallies)
{
	*out = (struct tally_sums){0};
	for (size_t i = 0; tallies != NULL && i < requirement_total(); i++) {
		enum verdict v = tally_worst(&tallies[i]);

		if (tallies[i].all == 0 || v == VERDICT_NA)
			continue;
		if (tallies[i].counts[VERDICT_FAIL] > 0)
			out->failed++;
		else if (v == VERDICT_FAIL)
			out->by_others++;
		else if (v == VERDICT_INCOMPLETE || v == VERDICT_ERROR)
			out->untried++;
		else
			out->passed++;
	}
}
