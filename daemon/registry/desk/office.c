#include "daemon/registry/desk/office.h"

#include <stdlib.h>

#include "protocol/err.h"

static const struct office_pair pairs[RXP_TYPE_COUNT] = {
#define OFFICES(type, from, to) [RXP_TYPE_##type] = {from, to},
#include "daemon/registry/desk/office.def"
#undef OFFICES
};

int office_of(struct office_pair *out, enum rxp_type type)
{
	if ((unsigned)type >= RXP_TYPE_COUNT)
		abort();
	if (pairs[type].from == NULL)
		return RXP_ERR_UNSUPPORTED;
	*out = pairs[type];
	return 0;
}
