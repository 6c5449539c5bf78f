#include "protocol/terms/terms.h"

#include <stdlib.h>

#include "protocol/base/err.h"

static const struct {
	int code;
	const char *requirement;
	const char *text;
} faults[RXP_TERMS_FAULT_COUNT] = {
#define TERMS_FAULT(name, code, requirement, text) \
	[RXP_TERMS_##name] = {RXP_ERR_##code, requirement, text},
#include "protocol/terms/terms_fault.def"
#undef TERMS_FAULT
};

int rxp_terms_refuse(struct rxp_reason *reason, enum rxp_terms_fault fault)
{
	if ((unsigned)fault >= RXP_TERMS_FAULT_COUNT)
		abort();
	if (reason != NULL)
		*reason = (struct rxp_reason){
		    .requirement = faults[fault].requirement, .text = faults[fault].text};
	return faults[fault].code;
}
