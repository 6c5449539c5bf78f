#include <stdbool.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/xml/xml.h"
#include "protocol/xml/xml_doc.h"

#define INDENT 2 /* spaces for each level */
#define MAX_LINE (2 + RXP_MAX_XML_DEPTH * INDENT) /* with line feed and NUL */

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* Without the text between its child elements; of a leaf, without text that is white space alone. */
static void strip(xmlNode *element)
{
	bool leaf = rxp_xml_first(element) == NULL;
	xmlNode *next;

	if (leaf && !is_blank(rxp_xml_leaf(element)))
		return;
	for (xmlNode *child = element->children; child != NULL; child = next) {
		next = child->next;
		if (child->type == XML_ELEMENT_NODE)
			continue;
		xmlUnlinkNode(child);
		xmlFreeNode(child);
	}
}

static xmlNode *new_line(xmlDoc *doc, size_t depth)
{
	char text[MAX_LINE] = "\n";

	memset(text + 1, ' ', depth * INDENT);
	return xmlNewDocText(doc, (const xmlChar *)text);
}

/* Each child element on a line of its own. */
static int indent(xmlNode *element, size_t depth)
{
	xmlNode *line;

	for (xmlNode *child = rxp_xml_first(element); child != NULL; child = rxp_xml_next(child)) {
		line = new_line(element->doc, depth + 1);
		if (line == NULL)
			return RXP_ERR_NOMEM;
		xmlAddPrevSibling(child, line);
	}
	if (rxp_xml_first(element) == NULL)
		return 0;
	line = new_line(element->doc, depth);
	if (line == NULL)
		return RXP_ERR_NOMEM;
	xmlAddChild(element, line);
	return 0;
}

/* Its namespace is the default one, declared where it is another than that of the element above. The old
 * declarations go once nothing below refers to them. */
static int unprefix(xmlNode *element, bool is_root)
{
	xmlNs *old = element->nsDef;
	int rc = 0;

	if (element->ns == NULL)
		return RXP_ERR_STRUCTURE;
	element->nsDef = NULL;
	if (!is_root && xmlStrEqual(element->ns->href, element->parent->ns->href))
		element->ns = element->parent->ns;
	else
		element->ns = xmlNewNs(element, element->ns->href, NULL);
	if (element->ns == NULL)
		rc = RXP_ERR_NOMEM;
	for (xmlNode *child = rxp_xml_first(element); rc == 0 && child != NULL;
	     child = rxp_xml_next(child))
		rc = unprefix(child, false);
	xmlFreeNsList(old);
	return rc;
}

static size_t depth_of(const xmlNode *element, const xmlNode *root)
{
	size_t depth = 0;

	for (; element != root; element = element->parent)
		depth++;
	return depth;
}

int rxp_xml_plain(struct rxp_xml *xml)
{
	xmlNode *root = rxp_xml_root(xml);
	int rc = unprefix(root, true);

	for (xmlNode *e = root; rc == 0 && e != NULL; e = rxp_xml_below(root, e)) {
		strip(e);
		rc = indent(e, depth_of(e, root));
	}
	return rc;
}
