#include "conformance/cli/tries.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "conformance/cli/vain.h"
#include "conformance/requirement/requirement.h"
#include "conformance/state/moment.h"

#define PROGRESS_MS 60000 /* a line that says how far the run is */

static void print_outcome(const struct outcome *o, const char *command)
{
	const struct requirement *r = requirement_find(o->facts->requirement);

	if (o->verdict == VERDICT_PASS || o->verdict == VERDICT_NA || o->unprompted || o->alone)
		return;
	printf("%-10s %s  %s\n           %s\n", verdict_word(o->verdict), o->facts->id,
	    o->facts->name, o->why);
	if (r != NULL)
		printf("           %s: %s\n", r->id, r->text);
	printf("           again: %s --select %s\n", command, o->facts->id);
	(void)fflush(stdout);
}

/* A person, or a time limit around the run, ends it: what was tried is reported all the same. */
static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

/* A second signal ends the program as ever. */
static void listen_for_end(void)
{
	struct sigaction a = {.sa_handler = end, .sa_flags = SA_RESTART | (int)SA_RESETHAND};

	ended = 0;
	(void)sigemptyset(&a.sa_mask);
	(void)sigaction(SIGINT, &a, NULL);
	(void)sigaction(SIGTERM, &a, NULL);
}

/* A case that came to no end: its number in the plan and in the report. */
struct late {
	size_t i, place;
	char why[OUTCOME_WHY];
};

/* Where a run is, and what is said of many cases together. */
struct run {
	const char *command; /* that tries one again */
	size_t selected, tried, failed;
	size_t unprompted, alone, keyless, not_asked;
	struct vain vain;
	struct late late[TRIES_AGAIN];
	size_t n_late;
	int64_t said_ms;
};

static void try_one(struct outcome *o, const struct plan *plan, size_t i,
    const struct target *target, struct run *r)
{
	if (ended != 0) {
		plan->describe(o, i);
		outcome_rule(o, VERDICT_INCOMPLETE, "the run was ended before it was its turn");
		return;
	}
	vain_try(&r->vain, o, plan, i, target);
	r->tried++;
}

static void count_outcome(struct run *r, const struct outcome *o)
{
	r->unprompted += o->unprompted ? 1 : 0;
	r->alone += o->alone ? 1 : 0;
	r->keyless += o->keyless ? 1 : 0;
	r->not_asked += o->verdict == VERDICT_NA && !o->keyless ? 1 : 0;
	r->failed += o->verdict == VERDICT_FAIL ? 1 : 0;
	if (ended != 0 || moment_now_ms() - r->said_ms < PROGRESS_MS)
		return;
	r->said_ms = moment_now_ms();
	fprintf(stderr, "        %zu of %zu cases, %zu failed\n", r->tried, r->selected, r->failed);
}

static void print_together(const struct run *r)
{
	if (r->unprompted > 0)
		printf(
		    "incomplete %zu cases need documents of the product, and nothing makes it send any\n"
		    "           do: give --trigger a command that does\n",
		    r->unprompted);
	if (r->alone > 0)
		printf(
		    "incomplete %zu cases need a second State of the suite that the product knows\n"
		    "           do: make one with init, without --endpoint, give the product its descriptor, and give --second its folder\n",
		    r->alone);
	if (r->keyless > 0)
		printf(
		    "not-asked  %zu cases stand above TLS\n"
		    "           do: give --staging-tls-key and --other-staging-tls-key those of both test nodes\n",
		    r->keyless);
	if (r->not_asked > 0)
		printf(
		    "not-asked  %zu cases: of what the product does not claim, or does only where it is asked for\n"
		    "           the report says why of each\n",
		    r->not_asked);
	if (ended != 0)
		printf("incomplete %zu cases: the run was ended before they were tried\n",
		    r->selected - r->tried);
}

/* --- once more --------------------------------------------------------------------------------- */

/* What took its time and came to no end; what nothing makes the product do, or needs another State, does not end later either. */
static bool is_late(const struct outcome *o, const struct target *target)
{
	return o->verdict == VERDICT_INCOMPLETE && !o->unprompted && !o->alone && target != NULL &&
	       o->took_ms >= target->wait_ms;
}

static void note_late(
    struct run *r, const struct outcome *o, size_t i, size_t place, const struct target *target)
{
	struct late *late = &r->late[r->n_late];

	if (r->n_late == TRIES_AGAIN || !is_late(o, target))
		return;
	*late = (struct late){.i = i, .place = place};
	memcpy(late->why, o->why, sizeof late->why);
	r->n_late++;
}

static int try_again(struct report *report, const struct plan *plan, const struct target *target,
    const struct run *r, const struct late *late, unsigned *vain)
{
	struct outcome o;
	int rc;

	plan->run(&o, late->i, target);
	printf("again      %s  %s, tried once more, since it had come to no end: %s\n", o.facts->id,
	    verdict_word(o.verdict), late->why);
	print_outcome(&o, r->command);
	rc = report_replace(report, late->place, &o, late->why);
	*vain += o.verdict == VERDICT_INCOMPLETE ? 1 : 0;
	outcome_clear(&o);
	return rc;
}

/* A product that gives nothing any more is asked no more, nor is one whose trigger was given up. */
static int try_late(struct report *report, const struct plan *plan, const struct target *target,
    const struct run *r)
{
	unsigned vain = 0;
	int rc = 0;

	if (r->vain.n == VAIN_MOST || r->vain.gave_up)
		return 0;
	for (size_t k = 0; k < r->n_late && rc == 0 && vain < TRIES_AGAIN_VAIN && ended == 0; k++)
		rc = try_again(report, plan, target, r, &r->late[k], &vain);
	return rc;
}

/* --- all --------------------------------------------------------------------------------------- */

static int try_next(struct report *report, const struct plan *plan, size_t i,
    const struct target *target, struct run *r)
{
	struct outcome o;
	int rc;

	try_one(&o, plan, i, target, r);
	if (ended == 0) {
		print_outcome(&o, r->command);
		note_late(r, &o, i, report_cases(report), target);
	}
	rc = report_add(report, &o);
	count_outcome(r, &o);
	outcome_clear(&o);
	return rc;
}

int tries_all(struct report *report, const struct plan *plan, const struct target *target,
    const char *command, const char *pattern)
{
	struct run run = {.command = command, .said_ms = moment_now_ms()};
	int rc = 0;

	for (size_t i = 0; i < plan->total(); i++)
		run.selected += facts_selected(plan->facts(i), pattern) ? 1 : 0;
	fprintf(stderr, "        %zu cases to try\n", run.selected);
	listen_for_end();
	for (size_t i = 0; i < plan->total() && rc == 0; i++)
		if (facts_selected(plan->facts(i), pattern))
			rc = try_next(report, plan, i, target, &run);
	if (rc == 0)
		rc = try_late(report, plan, target, &run);
	print_together(&run);
	return rc;
}
