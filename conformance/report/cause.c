#include "conformance/report/cause.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *stage, *taken, *refused;
} causes[] = {
#define CAUSE(stage, taken, refused) {stage, taken, refused},
#define SIGN(found, cause)
#include "conformance/report/cause.def"
#undef CAUSE
#undef SIGN
};
static const struct {
	const char *found, *cause;
} signs[] = {
#define CAUSE(stage, taken, refused)
#define SIGN(found, cause) {found, cause},
#include "conformance/report/cause.def"
#undef CAUSE
#undef SIGN
};

const char *cause_find(const char *stage, bool taken)
{
	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
		if (strcmp(causes[i].stage, stage) == 0)
			return taken ? causes[i].taken : causes[i].refused;
	return NULL;
}

const char *cause_seen(const char *seen)
{
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (strstr(seen, signs[i].found) != NULL)
			return signs[i].cause;
	return NULL;
}
