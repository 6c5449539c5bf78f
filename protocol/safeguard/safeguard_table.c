#include "protocol/safeguard/safeguard_table.h"

#include <stdlib.h>
#include <string.h>

static const struct rxp_safeguard_row rows[RXP_SAFEGUARD_COUNT] = {
#define SAFEGUARD(name, requirement, judged, text, remedy) \
	[RXP_SAFEGUARD_##name] = {(requirement), RXP_SAFEGUARD_##judged, (text), (remedy)},
#include "protocol/safeguard/safeguard.def"
};

static const struct rxp_safeguard_row rows_of_case[] = {
#define SAFEGUARD_CASE(requirement, text, remedy) \
	{(requirement), RXP_SAFEGUARD_BOTH, (text), (remedy)},
#include "protocol/safeguard/safeguard.def"
};

const struct rxp_safeguard_row *rxp_safeguard_row(enum rxp_safeguard rule)
{
	if ((unsigned)rule >= RXP_SAFEGUARD_COUNT)
		abort();
	return &rows[rule];
}

const struct rxp_safeguard_row *rxp_safeguard_of_case(const char *requirement)
{
	for (size_t i = 0; i < sizeof rows_of_case / sizeof rows_of_case[0]; i++)
		if (strcmp(rows_of_case[i].requirement, requirement) == 0)
			return &rows_of_case[i];
	return NULL;
}
