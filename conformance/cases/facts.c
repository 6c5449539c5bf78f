#include "conformance/cases/facts.h"

#include <fnmatch.h>
#include <string.h>

bool facts_negative(const struct case_facts *f)
{
	const char *last = strrchr(f->id, '.');

	return last != NULL && last[1] == 'n';
}

bool facts_selected(const struct case_facts *f, const char *pattern)
{
	return fnmatch(pattern, f->id, 0) == 0;
}
