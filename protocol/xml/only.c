#include "protocol/xml/only.h"

#include <libxml/tree.h>

bool rxp_only_elements(const struct _xmlNode *element)
{
	for (const xmlNode *child = element->children; child != NULL; child = child->next)
		if (child->type != XML_ELEMENT_NODE)
			return false;
	return true;
}

bool rxp_only_attributes(const struct _xmlNode *element, size_t n)
{
	for (const xmlAttr *a = element->properties; a != NULL; a = a->next)
		if (n-- == 0)
			return false;
	return n == 0;
}
