#include "protocol/message/type.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"

static const struct rxp_type_row types[] = {
#define MESSAGE(name, wire, scope, level, asking, asked, collected, requirement, meaning) \
	[RXP_TYPE_##name] = {wire, RXP_SCOPE_##scope, RXP_LEVEL_##level, asking, asked, \
	    (collected) != 0, requirement, meaning},
#include "protocol/message/message.def"
#undef MESSAGE
};

static const char *const levels[] = {
    [RXP_LEVEL_CORE] = "Core",
    [RXP_LEVEL_DEEMED] = "Deemed",
    [RXP_LEVEL_TAKE_BACK] = "Take-back",
    [RXP_LEVEL_TRANSIT] = "Transit",
    [RXP_LEVEL_REINTEGRATION] = "Reintegration",
};
_Static_assert(sizeof levels / sizeof levels[0] == RXP_LEVEL_COUNT, "every level has a name");

static const char *const offices[] = {
#define OFFICE(name) name,
#include "protocol/message/office.def"
#undef OFFICE
};

const struct rxp_type_row *rxp_type_row(enum rxp_type type)
{
	if ((unsigned)type >= RXP_TYPE_COUNT)
		abort();
	return &types[type];
}

int rxp_type_parse(enum rxp_type *out, const char *wire)
{
	for (size_t i = 0; i < RXP_TYPE_COUNT; i++)
		if (strcmp(types[i].wire, wire) == 0) {
			*out = (enum rxp_type)i;
			return 0;
		}
	return RXP_ERR_NOT_FOUND;
}

const char *rxp_level_name(enum rxp_level level)
{
	if ((unsigned)level >= RXP_LEVEL_COUNT)
		abort();
	return levels[level];
}

int rxp_level_parse(enum rxp_level *out, const char *name)
{
	for (size_t i = 0; i < RXP_LEVEL_COUNT; i++)
		if (strcmp(levels[i], name) == 0) {
			*out = (enum rxp_level)i;
			return 0;
		}
	return RXP_ERR_NOT_FOUND;
}

bool rxp_office_valid(const char *office)
{
	for (size_t i = 0; i < sizeof offices / sizeof offices[0]; i++)
		if (strcmp(offices[i], office) == 0)
			return true;
	return false;
}
