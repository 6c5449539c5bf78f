#include "conformance/run/story.h"

#include <stdio.h>
#include <stdlib.h>

#include "conformance/hear/retorts.h"
#include "conformance/run/control.h"
#include "conformance/run/story_tell.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

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
	story_tell *tell; /* NULL: tell_pulled() of the retort */
	struct retort retort;
} stories[] = {
#define STORY(requirement, number, expected, name, function) \
	{{requirement "." number, "RXP-" requirement, name}, expected, function, {0}},
#define PULLED(number, retort, name) \
	{{"PUL-006." number, "RXP-PUL-006", name}, NOT_TAKEN, NULL, retort},
#include "conformance/run/story.def"
#undef PULLED
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
	outcome_init(out, story_facts(i), "a case that is told from its beginning", STAGE_WORD);
	(void)snprintf(out->expected, sizeof out->expected, "%s", stories[i].expected);
}

void story_run(struct outcome *out, size_t i, const struct target *target)
{
	struct teller t = {.out = out, .line = {.target = target}};
	int64_t began_ms = tls_now_ms();
	int rc;

	if (control(out, &t.line, BASE_PING, VERDICT_INCOMPLETE, "before it")) {
		rc = stories[i].tell != NULL ? stories[i].tell(&t)
					     : tell_pulled(&t, &stories[i].retort);
		line_hang_up(&t.line);
		if (rc < 0)
			outcome_rule(out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
		else if (rc == 0)
			(void)control(out, &t.line, BASE_PING, VERDICT_FAIL, "after it");
	}
	line_judge(&t.line, out);
	line_hang_up(&t.line);
	out->took_ms = (int)(tls_now_ms() - began_ms);
}
