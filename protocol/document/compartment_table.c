#include "protocol/document/compartment.h"

#include <string.h>

#include "protocol/base/err.h"

static const char *const offices[RXP_COMPARTMENT_COUNT] = {
#define COMPARTMENT(name, element, office, content, meaning) [RXP_COMPARTMENT_##name] = (office),
#include "protocol/document/compartment.def"
#undef COMPARTMENT
};

const char *rxp_compartment_office(enum rxp_compartment compartment)
{
	return offices[compartment];
}

int rxp_compartment_of_office(enum rxp_compartment *out, const char *office)
{
	for (unsigned c = 0; c < RXP_COMPARTMENT_COUNT; c++) {
		if (strcmp(offices[c], office) == 0) {
			*out = (enum rxp_compartment)c;
			return 0;
		}
	}
	return RXP_ERR_NOT_FOUND;
}
