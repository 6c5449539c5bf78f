#include <stdio.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/base/limits.h"
#include "protocol/xml/xml.h"

#define KEY_TEXT 8 /* "P24" and a NUL */

bool rxp_xml_is_person(const struct _xmlNode *element, uint32_t persons)
{
	const char *key = rxp_xml_attribute(element, "key");
	char text[KEY_TEXT];

	if (key == NULL || strcmp((const char *)element->name, "Person") != 0)
		return false;
	for (unsigned at = 0; at < RXP_MAX_PERSONS; at++) {
		snprintf(text, sizeof text, "P%u", at + 1);
		if ((persons & UINT32_C(1) << at) != 0 && strcmp(key, text) == 0)
			return true;
	}
	return false;
}

void rxp_xml_hide_persons(struct _xmlNode *content, uint32_t persons)
{
	struct _xmlNode *next;

	for (struct _xmlNode *child = content->children; child != NULL; child = next) {
		next = child->next;
		if (child->type != XML_ELEMENT_NODE || !rxp_xml_is_person(child, persons))
			continue;
		xmlUnlinkNode(child);
		xmlFreeNode(child);
	}
}
