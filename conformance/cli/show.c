/* The commands that show what the suite has: list, explain. */
#include <stdio.h>

#include "conformance/cases/facts.h"
#include "conformance/cli/options.h"
#include "conformance/cli/trace.h"
#include "conformance/requirement/requirement.h"
#include "conformance/run/plan.h"
#include "conformance/script/script.h"
#include "protocol/base/codec.h"

#define MAX_SHOWN 48UL /* octets of a frame */

int command_list(const struct options *o)
{
	const char *pattern = o->values[OPTION_SELECT] == NULL ? "*" : o->values[OPTION_SELECT];
	char missed[FACTS_PATTERN] = "";
	size_t n = 0, shown = 0;

	while (plan_case(n) != NULL)
		n++;
	if (facts_all_meant(missed, pattern, plan_case, n))
		for (size_t i = 0; i < n; i++)
			if (facts_selected(plan_case(i), pattern)) {
				printf("%-14s %s\n", plan_case(i)->id, plan_case(i)->name);
				shown++;
			}
	if (shown == 0) {
		fprintf(stderr, "readmit-conform: no case has an id like %s\n", missed);
		return CONFORM_USAGE;
	}
	return CONFORM_PASSED;
}

static void explain_requirement(const struct requirement *r)
{
	printf("%s  (section %s; %s)\n  %s\n", r->id, r->section, requirement_level_word(r->level),
	    r->text);
}

/* What a step sends: a frame, or fields, of which some depend on the product and the message. */
static void explain_sent(const struct step *s)
{
	char digits[2 * MAX_SHOWN + 1];
	size_t n = s->octets_len < MAX_SHOWN ? s->octets_len : MAX_SHOWN;

	if (s->kind == STEP_FRAME)
		printf(" of type %u, flags 0x%02x", s->type, s->flags);
	if (n > 0) {
		rxp_hex_put(digits, (const uint8_t *)s->octets, n, false);
		printf(": %s%s", digits, n < s->octets_len ? "..." : "");
	}
	for (const struct script_field *f = s->fields; f != NULL && f->written.name != NULL; f++)
		printf("%s %s%s%s", f == s->fields ? ":" : ",", f->written.name,
		    f->value == VALUE_WRITTEN ? " " : "",
		    f->value == VALUE_WRITTEN ? f->written.value : " as ever");
}

static void explain_steps(const struct script *script)
{
	size_t n = 0;

	puts("  on a connection of its own:");
	for (const struct step *s = script->steps; s->kind != STEP_END; s++) {
		printf("    %zu. %s", ++n, step_words(s->kind));
		if (s->kind == STEP_AWAIT)
			printf(" for %s", await_words(s->await));
		if (s->n > 0)
			printf(", n is %zu", s->n);
		if (s->stream > 0)
			printf(", on stream %u", s->stream);
		explain_sent(s);
		putchar('\n');
	}
	printf("  then: %s\n\n", probe_words(script->probe));
}

static void explain_case(const struct plan *plan, size_t i)
{
	struct outcome c;

	plan->describe(&c, i);
	printf("%s  %s\n  tried by: %s (%s)\n  changed: %s, in: %s\n  expected: %s\n\n",
	    c.facts->id, c.facts->name, plan->name, plan->words, c.base, c.stage, c.expected);
	if (plan == plan_named("wire"))
		explain_steps(script_at(i));
	outcome_clear(&c);
}

int command_explain(const struct options *o)
{
	size_t i = 0;
	const struct plan *plan = plan_find(o->word, &i);
	const struct requirement *r =
	    requirement_find(plan == NULL ? o->word : plan->facts(i)->requirement);

	if (plan != NULL)
		explain_case(plan, i);
	if (r != NULL)
		explain_requirement(r);
	if (plan == NULL && r == NULL) {
		fprintf(
		    stderr, "readmit-conform: %s is neither a case nor a requirement\n", o->word);
		return CONFORM_USAGE;
	}
	if (plan == NULL)
		trace_explain(stdout, r);
	return CONFORM_PASSED;
}
