/* The command trace, and what explain says of a requirement. */
#include "conformance/cli/trace.h"

#include <string.h>

#include "conformance/cli/options.h"
#include "conformance/requirement/binding.h"
#include "conformance/run/plan.h"

typedef void print_case(FILE *to, const struct case_facts *c);

static void print_on_line(FILE *to, const struct case_facts *c)
{
	fprintf(to, "\n    %-14s %s", c->id, c->name);
}

static void print_id(FILE *to, const struct case_facts *c)
{
	fprintf(to, " %s", c->id);
}

/* The letter of the case's plan, as its id has it. */
static char letter_of(const struct case_facts *c)
{
	const char *point = strchr(c->id, '.');

	return (char)(point == NULL ? '\0' : point[1]);
}

/* The cases of a requirement in one of its roles. Returns how many there are. */
static size_t print_cases(FILE *to, const struct requirement *r, char role, print_case *print)
{
	const struct case_facts *c;
	size_t n = 0;

	for (size_t i = 0; (c = plan_case(i)) != NULL; i++)
		if (strcmp(c->requirement, r->id) == 0 && binding_role_of(letter_of(c)) == role) {
			print(to, c);
			n++;
		}
	return n;
}

/* Returns how many roles have a case. */
static size_t print_roles(FILE *to, const struct requirement *r, print_case *print)
{
	size_t n = 0;

	for (const char *role = binding_roles(r); *role != '\0'; role++) {
		struct binding_reason reason;
		bool tried;

		fprintf(to, "  %-10s", binding_role_words(*role));
		tried = print_cases(to, r, *role, print) > 0;
		if (!tried && binding_reason(&reason, r, *role))
			fprintf(to, " no case (%s): %s", reason.class, reason.words);
		fputc('\n', to);
		n += tried;
	}
	return n;
}

void trace_explain(FILE *to, const struct requirement *r)
{
	(void)print_roles(to, r, print_on_line);
}

int command_trace(const struct options *o)
{
	size_t traced = 0;

	(void)o;
	for (size_t i = 0; i < requirement_total(); i++) {
		const struct requirement *r = requirement_at(i);

		printf("%s %s\n", r->id, requirement_level_word(r->level));
		traced += print_roles(stdout, r, print_id) > 0;
	}
	printf("%zu requirements, %zu with a case\n", requirement_total(), traced);
	return CONFORM_PASSED;
}
