#include "conformance/run/story.h"

#include <stdio.h>
#include <stdlib.h>

#include "conformance/hear/retorts.h"
#include "conformance/run/story_tell.h"

#define STAGE_WORD "history"
#define NOT_TAKEN "the status 422 without a signed answer"

#define EDIT(stage, find, replace) \
	{ \
		RETORT_##stage, {{find, NULL, replace}}, NULL, NULL \
	}
#define BY(stage, function) \
	{ \
		RETORT_##stage, {{NULL, NULL, NULL}}, retort_##function, NULL \
	}

static const struct story {
	struct case_facts facts;
	const char *expected;
	story_tell *tell;
	story_between *between; /* if there is no tell */
	story_rolled *rolled; /* if there is neither, … */
	enum rolled_key key; /* … with this one; */
	struct retort retort; /* if there is none of these: of tell_pulled() … */
	struct given given; /* … or, with a status, of tell_given() */
} stories[] = {
#define STORY(requirement, number, expected, name, function) \
	{{requirement "." number, "RXP-" requirement, name}, expected, function, NULL, NULL, \
	    ROLLED_seal, {0}, {0}},
#define BETWEEN(requirement, number, expected, name, function) \
	{{requirement "." number, "RXP-" requirement, name}, expected, NULL, function, NULL, \
	    ROLLED_seal, {0}, {0}},
#define ROLLED(requirement, number, expected, key, name, function) \
	{{requirement "." number, "RXP-" requirement, name}, expected, NULL, NULL, function, \
	    ROLLED_##key, {0}, {0}},
#define PULLED(number, retort, name) \
	{{"PUL-006." number, "RXP-PUL-006", name}, NOT_TAKEN, NULL, NULL, NULL, ROLLED_seal, \
	    retort, {0}},
#define GIVEN(requirement, number, range, status, name) \
	{{requirement "." number, "RXP-" requirement, name}, "the status " #status, NULL, NULL, \
	    NULL, ROLLED_seal, {0}, {range, status}},
#include "conformance/run/story.def"
#undef GIVEN
#undef ROLLED
#undef PULLED
#undef BETWEEN
#undef STORY
};

size_t story_total(void)
{
	return sizeof stories / sizeof stories[0];
}

const struct case_facts *story_facts(size_t i)
{
	if (i >= story_total())
		abort();
	return &stories[i].facts;
}

void story_describe(struct outcome *out, size_t i)
{
	outcome_init(
	    out, story_facts(i), "a new case, sent from its first document on", STAGE_WORD);
	(void)snprintf(out->expected, sizeof out->expected, "%s", stories[i].expected);
}

/* The other State speaks on a line of its own. */
static int tell_between(const struct story *s, struct teller *t)
{
	struct target target = *t->line.target;
	struct teller other = {.out = t->out, .line = {.target = &target}};
	int rc;

	if (target.second == NULL) {
		outcome_rule(t->out, VERDICT_INCOMPLETE,
		    "it needs a second State that the product knows: --second");
		t->out->alone = true;
		return 1;
	}
	target.parties = target.second;
	target.desk = target.second_desk;
	rc = s->between(t, &other);
	line_judge(&other.line, t->out);
	line_hang_up(&other.line);
	return rc;
}

static int tell(struct teller *t, const void *arg)
{
	const struct story *s = arg;

	if (s->between != NULL)
		return tell_between(s, t);
	if (s->rolled != NULL)
		return tell_rolled(t, s->key, s->rolled);
	if (s->given.status != 0)
		return tell_given(t, &s->given);
	return s->tell != NULL ? s->tell(t) : tell_pulled(t, &s->retort);
}

void story_run(struct outcome *out, size_t i, const struct target *target)
{
	teller_run(out, target, tell, &stories[i]);
}
