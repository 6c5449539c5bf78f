#include "daemon/base/api_role.h"

#include <stdlib.h>

static const char *const words[API_ROLES] = {
#define API_ROLE(name, word, group, named, meaning) [API_##name] = (word),
#include "daemon/base/api_role.def"
#undef API_ROLE
};

const char *api_role_word(enum api_role role)
{
	if ((unsigned)role >= API_ROLES)
		abort();
	return words[role];
}
