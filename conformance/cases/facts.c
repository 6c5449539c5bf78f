#include "conformance/cases/facts.h"

#include <fnmatch.h>
#include <string.h>

bool facts_negative(const struct case_facts *f)
{
	const char *last = strrchr(f->id, '.');

	return last != NULL && last[1] == 'n';
}

size_t facts_pattern(char out[FACTS_PATTERN], const char *patterns)
{
	size_t before = strspn(patterns, " "), len = strcspn(patterns + before, " ");

	if (len >= FACTS_PATTERN)
		len = FACTS_PATTERN - 1;
	memcpy(out, patterns + before, len);
	out[len] = '\0';
	return len == 0 ? 0 : before + len;
}

bool facts_matches(const char *id, const char *patterns)
{
	char one[FACTS_PATTERN];

	for (size_t n; (n = facts_pattern(one, patterns)) > 0; patterns += n)
		if (fnmatch(one, id, 0) == 0)
			return true;
	return false;
}

bool facts_all_meant(char missed[FACTS_PATTERN], const char *patterns,
    const struct case_facts *(*at)(size_t i), size_t n)
{
	char one[FACTS_PATTERN];
	size_t i, len;

	for (; (len = facts_pattern(one, patterns)) > 0; patterns += len) {
		for (i = 0; i < n && !facts_matches(at(i)->id, one); i++)
			;
		if (i == n) {
			memcpy(missed, one, sizeof one);
			return false;
		}
	}
	return true;
}

bool facts_selected(const struct case_facts *f, const char *patterns)
{
	return facts_matches(f->id, patterns);
}
