#include "protocol/xml/xml_fault.h"

#include "protocol/base/err.h"

static const struct {
	int error;
	const char *requirement, *text;
} faults[RXP_XML_WRONGS] = {
#define XML_FAULT(name, error, requirement, text) \
	[RXP_XML_WRONG_##name] = {RXP_ERR_##error, requirement, text},
#include "protocol/xml/xml_fault.def"
#undef XML_FAULT
};

int rxp_xml_fault_set(struct rxp_xml_fault *f, enum rxp_xml_wrong wrong, unsigned long line)
{
	f->wrong = wrong;
	f->line = line;
	return faults[wrong].error;
}

const char *rxp_xml_fault_requirement(enum rxp_xml_wrong wrong)
{
	return faults[wrong].requirement;
}

const char *rxp_xml_fault_text(enum rxp_xml_wrong wrong)
{
	return faults[wrong].text;
}
