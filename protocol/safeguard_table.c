#include "protocol/safeguard_table.h"

#include <stdlib.h>

static const struct rxp_safeguard_row rows[RXP_SAFEGUARD_COUNT] = {
#define SAFEGUARD(name, requirement, judged, text, remedy) \
	[RXP_SAFEGUARD_##name] = {(requirement), RXP_SAFEGUARD_##judged, (text), (remedy)},
#include "protocol/safeguard.def"
};

const struct rxp_safeguard_row *rxp_safeguard_row(enum rxp_safeguard rule)
{
	if ((unsigned)rule >= RXP_SAFEGUARD_COUNT)
		abort();
	return &rows[rule];
}
