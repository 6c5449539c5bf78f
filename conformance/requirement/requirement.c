#include "conformance/requirement/requirement.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/requirement/requirement_data.h"

static const char *const levels[] = {
    [LEVEL_MUST] = "MUST",
    [LEVEL_SHOULD] = "SHOULD",
    [LEVEL_MAY] = "MAY",
    [LEVEL_STATEMENT] = "statement",
};
_Static_assert(sizeof levels / sizeof levels[0] == LEVEL_COUNT, "every level has a word");

size_t requirement_total(void)
{
	return requirement_count;
}

const struct requirement *requirement_at(size_t i)
{
	if (i >= requirement_count)
		abort();
	return &requirement_rows[i];
}

const struct requirement *requirement_find(const char *id)
{
	for (size_t i = 0; i < requirement_count; i++)
		if (strcmp(requirement_rows[i].id, id) == 0)
			return &requirement_rows[i];
	return NULL;
}

const char *requirement_level_word(enum requirement_level level)
{
	if ((unsigned)level >= LEVEL_COUNT)
		abort();
	return levels[level];
}
