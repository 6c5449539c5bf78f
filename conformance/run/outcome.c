#include "conformance/run/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "conformance/requirement/requirement.h"

static const struct {
	const char *word, *meaning;
} verdicts[] = {
#define VERDICT(name, word, meaning) [VERDICT_##name] = {word, meaning},
#include "conformance/run/verdict.def"
#undef VERDICT
};

const char *verdict_word(enum verdict v)
{
	if ((unsigned)v >= VERDICT_COUNT)
		abort();
	return verdicts[v].word;
}

const char *verdict_meaning(enum verdict v)
{
	if ((unsigned)v >= VERDICT_COUNT)
		abort();
	return verdicts[v].meaning;
}

void outcome_init(
    struct outcome *o, const struct case_facts *facts, const char *base, const char *stage)
{
	*o = (struct outcome){.facts = facts, .base = base, .stage = stage};
	rxp_buf_init(&o->sent, OUTCOME_MAX_OCTETS);
	rxp_buf_init(&o->received, OUTCOME_MAX_OCTETS);
	rxp_buf_init(&o->inside, OUTCOME_MAX_OCTETS);
	rxp_buf_init(&o->change.was, OUTCOME_CHANGED);
	rxp_buf_init(&o->change.is, OUTCOME_CHANGED);
}

void outcome_clear(struct outcome *o)
{
	rxp_buf_free(&o->sent);
	rxp_buf_free(&o->received);
	rxp_buf_free(&o->inside);
	rxp_buf_free(&o->change.was);
	rxp_buf_free(&o->change.is);
}

void outcome_rule(struct outcome *o, enum verdict v, const char *format, ...)
{
	va_list arguments;

	if (o->verdict == VERDICT_FAIL && v != VERDICT_FAIL)
		return;
	o->verdict = v;
	va_start(arguments, format);
	(void)vsnprintf(o->why, sizeof o->why, format, arguments);
	va_end(arguments);
}

bool outcome_goes_on(const struct outcome *o)
{
	return o->verdict != VERDICT_FAIL && o->verdict != VERDICT_INCOMPLETE &&
	       o->verdict != VERDICT_ERROR;
}

enum verdict outcome_against(const struct outcome *o)
{
	const struct requirement *r = requirement_find(o->facts->requirement);

	return r != NULL && r->level == LEVEL_SHOULD ? VERDICT_WARN : VERDICT_FAIL;
}
