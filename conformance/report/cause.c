#include "conformance/report/cause.h"

#include <stddef.h>
#include <string.h>

/* A piece of text, and what lies behind it. */
struct row {
	const char *found, *cause;
};

static const struct {
	const char *stage, *taken, *refused;
} causes[] = {
#define CAUSE(stage, taken, refused) {stage, taken, refused},
#include "conformance/report/cause.def"
};
static const struct {
	const char *stage, *area, *cause;
} within[] = {
#define WITHIN(stage, area, cause) {stage, area, cause},
#include "conformance/report/cause.def"
};
static const struct row signs[] = {
#define SIGN(found, cause) {found, cause},
#include "conformance/report/cause.def"
};
static const struct row named[] = {
#define NAMED(found, cause) {found, cause},
#include "conformance/report/cause.def"
};
static const struct row instead[] = {
#define INSTEAD(found, cause) {found, cause},
#include "conformance/report/cause.def"
};
static const struct row faults[] = {
#define FAULT(found, cause) {found, cause},
#include "conformance/report/cause.def"
};

const char *cause_page(void)
{
	return
#define PAGE(cause) cause;
#include "conformance/report/cause.def"
}

/* Is it of that area, whose letters stand behind "RXP-"? */
static bool is_of(const char *requirement, const char *area)
{
	const size_t begin = strlen("RXP-"), len = strlen(area);

	return strlen(requirement) > begin + len && strncmp(requirement + begin, area, len) == 0 &&
	       requirement[begin + len] == '-';
}

const char *cause_within(const char *stage, const char *requirement)
{
	for (size_t i = 0; i < sizeof within / sizeof within[0]; i++)
		if (is_of(requirement, within[i].area) &&
		    (within[i].stage[0] == '\0' || strcmp(within[i].stage, stage) == 0))
			return within[i].cause;
	return NULL;
}

const char *cause_find(const char *stage, bool taken)
{
	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
		if (strcmp(causes[i].stage, stage) == 0)
			return taken ? causes[i].taken : causes[i].refused;
	return NULL;
}

static const char *find(const struct row *rows, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(text, rows[i].found) != NULL)
			return rows[i].cause;
	return NULL;
}

const char *cause_seen(const char *seen)
{
	return find(signs, sizeof signs / sizeof signs[0], seen);
}

const char *cause_named(const char *name)
{
	return find(named, sizeof named / sizeof named[0], name);
}

const char *cause_fault(const char *why)
{
	return find(faults, sizeof faults / sizeof faults[0], why);
}

const char *cause_instead(const char *why)
{
	return find(instead, sizeof instead / sizeof instead[0], why);
}
