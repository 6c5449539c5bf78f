/*
 * xml_fault - what is wrong with octets that are no XML of the strict profile: one row of xml_fault.def
 * and the line where it was seen, for their author. Nothing of the octets is in it.
 */
#ifndef RXP_XML_FAULT_H
#define RXP_XML_FAULT_H

enum rxp_xml_wrong {
	RXP_XML_RIGHT,
#define XML_FAULT(name, error, requirement, text) RXP_XML_WRONG_##name,
#include "protocol/xml/xml_fault.def"
#undef XML_FAULT
	RXP_XML_WRONGS
};

struct rxp_xml_fault {
	enum rxp_xml_wrong
	    wrong; /* RXP_XML_RIGHT if it is no matter of the octets: bounds, memory */
	unsigned long line; /* from 1 */
};

/* Note it and give its RXP_ERR_*. */
int rxp_xml_fault_set(struct rxp_xml_fault *f, enum rxp_xml_wrong wrong, unsigned long line);

/* Of a row; wrong is not RXP_XML_RIGHT. */
const char *rxp_xml_fault_requirement(enum rxp_xml_wrong wrong);
const char *rxp_xml_fault_text(enum rxp_xml_wrong wrong);

#endif
