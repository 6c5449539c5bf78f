#include "conformance/requirement/binding.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/requirement/requirement_data.h"

enum no_case {
#define NO_CASE_CLASS(name, word, meaning) NO_CASE_##name,
#include "conformance/requirement/no_case.def"
#undef NO_CASE_CLASS
	NO_CASE_COUNT
};

static const char *const classes[] = {
#define NO_CASE_CLASS(name, word, meaning) [NO_CASE_##name] = (word),
#include "conformance/requirement/no_case.def"
#undef NO_CASE_CLASS
};

static const struct {
	const char *id, *roles;
} bindings[] = {
#define BINDS(id, reviewed, roles) {"RXP-" id, roles},
#define NO_CASE(id, roles, class, words)
#include "conformance/requirement/role/node.def"
#include "conformance/requirement/role/procedure.def"
#include "conformance/requirement/role/wire.def"
#undef NO_CASE
#undef BINDS
};

static const struct {
	const char *id, *roles;
	enum no_case class;
	const char *words;
} reasons[] = {
#define BINDS(id, reviewed, roles)
#define NO_CASE(id, roles, class, words) {"RXP-" id, roles, NO_CASE_##class, words},
#include "conformance/requirement/role/node.def"
#include "conformance/requirement/role/procedure.def"
#include "conformance/requirement/role/wire.def"
#undef NO_CASE
#undef BINDS
};

static const struct {
	char letter;
	const char *words;
} roles[] = {
    {'R', "receives"},
    {'S', "sends"},
    {'D', "documents"},
    {'P', "between two"},
    {'N', "within"},
};

const char *binding_roles(const struct requirement *r)
{
	for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++)
		if (strcmp(bindings[i].id, r->id) == 0)
			return bindings[i].roles;
	return "";
}

bool binding_reason(struct binding_reason *out, const struct requirement *r, char role)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reasons[i].id, r->id) == 0 && strchr(reasons[i].roles, role) != NULL) {
			*out = (struct binding_reason){classes[reasons[i].class], reasons[i].words};
			return true;
		}
	if (role != BINDING_NODE)
		return false;
	for (size_t i = 0; i < untested_count; i++)
		if (strcmp(untested_rows[i].id, r->id) == 0) {
			*out =
			    (struct binding_reason){untested_rows[i].class, untested_rows[i].words};
			return true;
		}
	return false;
}

char binding_role_of(char letter)
{
	return (char)(letter == 'W' ? 'R' : letter);
}

const char *binding_role_words(char role)
{
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (roles[i].letter == role)
			return roles[i].words;
	abort();
}
