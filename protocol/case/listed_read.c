#include "protocol/case/listed.h"

#include <stdio.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/base/err.h"
#include "protocol/xml/xml.h"

#define NS_BODY "urn:rxp:1:body"

static const struct rxp_listed_row *row_of(const struct _xmlNode *element)
{
	enum rxp_listed_kind kind;

	if (strcmp(rxp_xml_namespace(element), NS_BODY) != 0 ||
	    strcmp(rxp_xml_namespace(element->parent), NS_BODY) != 0 ||
	    rxp_listed_kind_parse(&kind, rxp_xml_name(element)) != 0)
		return NULL;
	return rxp_listed_find(kind, rxp_xml_name(element->parent));
}

const struct _xmlNode *rxp_listed_next(const struct rxp_listed_row **row,
    const struct _xmlNode *content, const struct _xmlNode *element)
{
	const struct rxp_listed_row *found = NULL;

	while (found == NULL && (element = rxp_xml_below(content, element)) != NULL)
		found = row_of(element);
	if (element != NULL)
		*row = found;
	return element;
}

int rxp_listed_value(
    char out[RXP_LISTED_TEXT], const struct rxp_listed_row *row, const struct _xmlNode *element)
{
	const char *scheme = rxp_xml_attribute(element, "scheme");
	const char *code = rxp_xml_attribute(element, "code");
	char value[RXP_LISTED_TEXT];
	int n;

	if (row->kind != RXP_LISTED_POINT)
		n = snprintf(value, sizeof value, "%s", rxp_xml_leaf(element));
	else if (scheme != NULL && code != NULL)
		n = snprintf(value, sizeof value, "%s:%s", scheme, code);
	else
		return RXP_ERR_SCHEMA;
	if (n <= 0 || (size_t)n >= sizeof value)
		return RXP_ERR_SCHEMA;
	memcpy(out, value, sizeof value);
	return 0;
}
