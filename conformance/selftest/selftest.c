#include "conformance/selftest/selftest.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/cases/facts.h"
#include "conformance/run/plan.h"
#include "conformance/run/preflight.h"
#include "conformance/run/preflight_pair.h"
#include "conformance/selftest/defects.h"
#include "protocol/base/err.h"

#define RECOVERIES 200 /* times that a product is asked whether it works again */
#define PAUSE_MS 50

struct run {
	const struct selftest *by;
	size_t cases; /* of all plans; of each … */
	enum verdict
	    *without; /* … what it came to without a defect; VERDICT_COUNT: not tried yet … */
	enum verdict *with; /* … and with the present one: the same */
	bool late; /* what is tried now was not found before */
	json_t *matrix;
	struct selftest_result result;
};

static enum verdict try_case(const struct run *r, const struct plan *plan, size_t i)
{
	struct outcome o;
	enum verdict v;

	plan->run(&o, i, r->by->target);
	v = o.verdict;
	outcome_clear(&o);
	return v;
}

static void be_quiet(void *arg, const struct preflight_said *said)
{
	(void)arg;
	(void)said;
}

static bool is_ready(const struct target *t)
{
	return t->pair != NULL ? preflight_pair(t->pair, be_quiet, NULL)
			       : preflight(t, be_quiet, NULL);
}

/* A process of the product that a defect ended is replaced within a moment. */
static bool works(const struct run *r)
{
	bool good = false;

	for (int i = 0; i < RECOVERIES && !good; i++) {
		good = is_ready(r->by->target);
		if (!good)
			(void)poll(NULL, 0, PAUSE_MS);
	}
	return good;
}

/* Does the case come to what the defect must give it, and pass without? Of a SHOULD a warning is all that it can come to. */
static bool finds(const struct defect *d, enum verdict with, enum verdict without)
{
	return without == VERDICT_PASS &&
	       (with == d->must || with == VERDICT_FAIL || with == VERDICT_WARN);
}

static int note(json_t *cases, const struct case_facts *f, enum verdict v)
{
	return json_array_append_new(
		   cases, json_pack("{s:s, s:s}", "id", f->id, "verdict", verdict_word(v))) == 0
		   ? 0
		   : RXP_ERR_NOMEM;
}

/* Does the product without a defect pass? What is found late counts if it passes each time, and once more: a case that now passes and now
 * fails would find any defect some time. Before the defect is there, since that may leave its trace. */
static void try_without(struct run *r, const struct plan *plan, size_t i, enum verdict *without)
{
	if (*without == VERDICT_COUNT)
		*without = try_case(r, plan, i);
	if (r->late && *without == VERDICT_PASS)
		*without = try_case(r, plan, i);
}

static int try_with(struct run *r, const struct defect *d, const struct plan *plan, size_t i,
    enum verdict *with, json_t *cases)
{
	int rc = defects_switch(r->by->switch_file, d->number);

	if (rc == 0) {
		*with = try_case(r, plan, i);
		r->result.tried++;
		rc = note(cases, plan->facts(i), *with);
	}
	return defects_switch(r->by->switch_file, 0) == 0 ? rc : RXP_ERR_IO;
}

/* What was not tried yet of the cases of one plan that are of the defect's requirement; first is the number of its first among those
 * of all plans. */
static int try_plan(struct run *r, const struct defect *d, const struct plan *plan, size_t first,
    json_t *cases, bool *killed)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->total() && !(*killed && !r->by->whole); i++) {
		enum verdict *with = &r->with[first + i], *without = &r->without[first + i];

		if (strcmp(plan->facts(i)->requirement, d->requirement) != 0)
			continue;
		if (*without == VERDICT_COUNT || *with == VERDICT_COUNT)
			try_without(r, plan, i, without);
		if (*with == VERDICT_COUNT)
			rc = try_with(r, d, plan, i, with, cases);
		*killed = *killed || finds(d, *with, *without);
	}
	return rc;
}

static int try_plans(struct run *r, const struct defect *d, json_t *cases, bool *killed)
{
	size_t first = 0;
	int rc = 0;

	for (size_t p = 0; rc == 0 && p < plan_total(); first += plan_at(p++)->total())
		if (strchr(d->letters, plan_at(p)->letter) != NULL)
			rc = try_plan(r, d, plan_at(p), first, cases, killed);
	return rc;
}

/* A case that came to no end says nothing of the defect, whether it had the defect or not: a machine that is busy is enough for it.
 * Such cases count as not tried; false: there is none. */
static bool reopen(const struct run *r, const struct defect *d)
{
	bool any = false;

	for (size_t i = 0; i < r->cases; i++) {
		bool with = r->with[i] == VERDICT_INCOMPLETE && d->must != VERDICT_INCOMPLETE;
		bool without = r->without[i] == VERDICT_INCOMPLETE;

		if (r->with[i] == VERDICT_COUNT || r->with[i] == VERDICT_PASS)
			continue;
		if (with)
			r->with[i] = VERDICT_COUNT;
		if (without)
			r->without[i] = VERDICT_COUNT;
		any = any || with || without;
	}
	return any;
}

static void tell_survivor(const struct defect *d, const json_t *cases)
{
	printf("survived   %s  %s\n           of %zu cases of %s not passed:", d->id, d->words,
	    json_array_size(cases), d->requirement);
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *c = json_array_get(cases, i);
		const char *verdict = json_string_value(json_object_get(c, "verdict"));

		if (strcmp(verdict, verdict_word(VERDICT_PASS)) != 0)
			printf(" %s %s", json_string_value(json_object_get(c, "id")), verdict);
	}
	putchar('\n');
	(void)fflush(stdout);
}

/* What takes two tries is worth a look. */
static void tell_again(const struct defect *d)
{
	printf("again      %s  found when the cases that had come to no end were tried once more\n",
	    d->id);
	(void)fflush(stdout);
}

static void untry(enum verdict *of, size_t n)
{
	for (size_t i = 0; i < n; i++)
		of[i] = VERDICT_COUNT;
}

static int try_defect(struct run *r, const struct defect *d)
{
	json_t *entry = json_pack("{s:s, s:s, s:s, s:s, s:[]}", "id", d->id, "requirement",
	    d->requirement, "words", d->words, "must", verdict_word(d->must), "cases");
	json_t *cases = json_object_get(entry, "cases");
	bool killed = false;
	int rc = entry == NULL ? RXP_ERR_NOMEM : 0;

	untry(r->with, r->cases);
	for (size_t i = 0; i < r->cases; i++) /* once by chance is not for all that follow */
		if (r->without[i] != VERDICT_PASS)
			r->without[i] = VERDICT_COUNT;
	r->late = r->by->again;
	if (rc == 0)
		rc = try_plans(r, d, cases, &killed);
	if (rc == 0 && !killed && reopen(r, d)) {
		r->late = true;
		rc = json_object_set_new(entry, "again", json_true()) == 0
			 ? try_plans(r, d, cases, &killed)
			 : RXP_ERR_NOMEM;
		if (rc == 0 && killed)
			tell_again(d);
	}
	/* Whatever a case came to when the product had broken, it may have come to because of that. */
	if (rc == 0 && !works(r)) {
		printf("broken     %s  after it the product works no more\n", d->id);
		killed = false;
		rc = RXP_ERR_STATE;
	}
	if (rc == 0 && !killed)
		tell_survivor(d, cases);
	if (entry != NULL && json_object_set_new(entry, "killed", json_boolean(killed)) != 0)
		rc = RXP_ERR_NOMEM;
	r->result.defects++;
	r->result.killed += killed;
	if (json_array_append_new(r->matrix, entry) != 0 && rc == 0)
		rc = RXP_ERR_NOMEM;
	return rc;
}

static int write_matrix(const struct run *r)
{
	json_t *all = json_pack("{s:I, s:I, s:I, s:O}", "mutants", (json_int_t)r->result.defects,
	    "killed", (json_int_t)r->result.killed, "tried", (json_int_t)r->result.tried, "matrix",
	    r->matrix);
	int rc = all == NULL ? RXP_ERR_NOMEM : 0;

	if (rc == 0 && json_dump_file(all, r->by->matrix, JSON_INDENT(1)) != 0)
		rc = RXP_ERR_IO;
	json_decref(all);
	return rc;
}

static int begin(struct run *r)
{
	for (size_t p = 0; p < plan_total(); p++)
		r->cases += plan_at(p)->total();
	r->without = calloc(r->cases + 1, sizeof *r->without);
	r->with = calloc(r->cases + 1, sizeof *r->with);
	r->matrix = json_array();
	if (r->without == NULL || r->with == NULL || r->matrix == NULL)
		return RXP_ERR_NOMEM;
	untry(r->without, r->cases);
	if (defects_switch(r->by->switch_file, 0) != 0)
		return RXP_ERR_IO;
	return works(r) ? 0 : RXP_ERR_STATE;
}

/* What the suite needs for the cases of a plan, and was not given; NULL: nothing. */
static const char *lacking(char letter, const struct target *t)
{
	if (t->pair != NULL)
		return letter == 'P'
			   ? NULL
			   : "speak with one product: `readmit-conform selftest` tries it";
	if (letter == 'P')
		return "stand between two products: `readmit-conform proxy --defects` tries it";
	if (letter == 'S' && t->sender == NULL)
		return "hear what the product sends: give --listen";
	return NULL;
}

static int check_means(const struct selftest *s, const struct defect *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t p = 0; facts_matches(list[i].id, s->pattern) && p < plan_total(); p++) {
			const struct plan *plan = plan_at(p);
			const char *lacks = strchr(list[i].letters, plan->letter) == NULL
						? NULL
						: lacking(plan->letter, s->target);

			if (lacks == NULL)
				continue;
			fprintf(stderr,
			    "readmit-conform: %s is a defect for cases of `%s`, for which the suite must %s\n",
			    list[i].id, plan->name, lacks);
			return RXP_ERR_CONFIG;
		}
	return 0;
}

int selftest_run(struct selftest_result *out, const struct selftest *s)
{
	struct run r = {.by = s};
	struct defect *defects = NULL;
	size_t n = 0;
	int rc = defects_read(&defects, &n, s->defects);

	if (rc == 0)
		rc = check_means(s, defects, n);
	if (rc == 0)
		rc = begin(&r);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (facts_matches(defects[i].id, s->pattern))
			rc = try_defect(&r, &defects[i]);
	/* What was tried before a failure was tried. */
	if (s->matrix != NULL && r.matrix != NULL) {
		int written = write_matrix(&r);

		rc = rc == 0 ? written : rc;
	}
	if (rc == 0)
		*out = r.result;
	json_decref(r.matrix);
	free(r.with);
	free(r.without);
	free(defects);
	return rc;
}
