#include "conformance/run/traced.h"

#include <string.h>

#include "conformance/requirement/binding.h"
#include "conformance/run/plan.h"

/* The letter of the case's plan, as its id has it. */
static char letter_of(const struct case_facts *c)
{
	const char *point = strchr(c->id, '.');

	return (char)(point == NULL ? '\0' : point[1]);
}

size_t traced_each(const struct requirement *r, char role, traced_case *tell, void *arg)
{
	size_t n = 0;

	for (size_t p = 0; p < plan_total(); p++)
		for (size_t i = 0; i < plan_at(p)->total(); i++) {
			const struct case_facts *c = plan_at(p)->facts(i);

			if (strcmp(c->requirement, r->id) != 0 ||
			    binding_role_of(letter_of(c)) != role)
				continue;
			tell(arg, c);
			n++;
		}
	return n;
}
