#include "conformance/report/cause.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *stage, *taken, *refused;
} causes[] = {
#define CAUSE(stage, taken, refused) {stage, taken, refused},
#include "conformance/report/cause.def"
#undef CAUSE
};

const char *cause_find(const char *stage, bool taken)
{
	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
		if (strcmp(causes[i].stage, stage) == 0)
			return taken ? causes[i].taken : causes[i].refused;
	return NULL;
}
