#include "protocol/xml.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>

#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/limits.h"
#include "protocol/xml_doc.h"
#include "protocol/xml_strict.h"

/* What the callbacks of one parse share; the parser context points to it. */
struct watch {
	unsigned elements;
	int error;
};

static void note(const xmlParserCtxt *ctxt, int error)
{
	struct watch *watch = ctxt->_private;

	if (watch->error == 0)
		watch->error = error;
}

/* Ends the parse, from a callback that nothing but the parser's main loop stands behind. */
static void stop(xmlParserCtxt *ctxt, int error)
{
	note(ctxt, error);
	xmlStopParser(ctxt);
}

/* Any report, a warning too: a relative namespace name is one, and cannot be canonicalized. The parser
 * would go on after it, at the cost of time. xmlStopParser() is not for here: it frees the input, from
 * which the function that reports may still be reading. */
static void on_report(void *arg, xmlError *report)
{
	xmlParserCtxt *ctxt = arg;

	note(ctxt, report->code == XML_ERR_NO_MEMORY ? RXP_ERR_NOMEM : RXP_ERR_SYNTAX);
	ctxt->disableSAX = 1;
	ctxt->instate = XML_PARSER_EOF;
}

static void on_doctype(
    void *arg, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
	(void)name;
	(void)public_id;
	(void)system_id;
	stop(arg, RXP_ERR_STRICT);
}

static void on_element(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int namespaces, const xmlChar **namespace, int attributes, int defaulted,
    const xmlChar **attribute)
{
	xmlParserCtxt *ctxt = arg;
	struct watch *watch = ctxt->_private;

	if (ctxt->nodeNr >= RXP_MAX_XML_DEPTH || watch->elements >= RXP_MAX_XML_ELEMENTS ||
	    namespaces + attributes > RXP_MAX_XML_ATTRIBUTES) {
		stop(ctxt, RXP_ERR_STRICT);
		return;
	}
	watch->elements++;
	xmlSAX2StartElementNs(
	    arg, name, prefix, uri, namespaces, namespace, attributes, defaulted, attribute);
}

/* The parsed tree, or NULL and watch->error. */
static xmlDoc *parse_tree(const uint8_t *octets, size_t len, struct watch *watch)
{
	xmlParserCtxt *ctxt = xmlNewParserCtxt();
	xmlDoc *doc;

	if (ctxt == NULL) {
		watch->error = RXP_ERR_NOMEM;
		return NULL;
	}
	ctxt->_private = watch;
	ctxt->sax->serror = on_report;
	ctxt->sax->internalSubset = on_doctype;
	ctxt->sax->startElementNs = on_element;
	/* Pedantic, it reports relative namespace names behind a prefix too. */
	doc = xmlCtxtReadMemory(ctxt, (const char *)octets, (int)len, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_PEDANTIC);
	if (watch->error == 0 && (doc == NULL || !ctxt->wellFormed || !ctxt->nsWellFormed))
		watch->error = RXP_ERR_SYNTAX;
	if (watch->error != 0) {
		xmlFreeDoc(doc);
		doc = NULL;
	}
	xmlFreeParserCtxt(ctxt);
	return doc;
}

int rxp_xml_parse(
    struct rxp_xml **out, const uint8_t *octets, size_t len, size_t max, enum rxp_xml_kind kind)
{
	struct watch watch = {0};
	struct rxp_xml *xml = NULL;
	int rc;

	if (len > max || len > INT_MAX)
		return RXP_ERR_BOUND;
	rc = rxp_xml_strict_octets(octets, len, kind);
	if (rc != 0)
		return rc;
	xml = calloc(1, sizeof *xml);
	if (xml == NULL)
		return RXP_ERR_NOMEM;
	xml->doc = parse_tree(octets, len, &watch);
	xml->elements = watch.elements;
	rc = watch.error;
	if (rc != 0)
		goto done;
	rc = rxp_xml_strict_tree(xml->doc, kind);
	if (rc != 0)
		goto done;
	*out = xml;
	xml = NULL;
done:
	rxp_xml_free(xml);
	return rc;
}

void rxp_xml_free(struct rxp_xml *xml)
{
	if (xml == NULL)
		return;
	xmlFreeDoc(xml->doc);
	free(xml);
}

struct _xmlNode *rxp_xml_root(const struct rxp_xml *xml)
{
	return xml->doc->children;
}

const char *rxp_xml_name(const struct _xmlNode *element)
{
	return (const char *)element->name;
}

const char *rxp_xml_namespace(const struct _xmlNode *element)
{
	return element->ns == NULL ? "" : (const char *)element->ns->href;
}

unsigned long rxp_xml_line(const struct _xmlNode *element)
{
	long line = xmlGetLineNo(element);

	return line < 0 ? 0 : (unsigned long)line;
}

bool rxp_xml_is(const struct _xmlNode *element, const char *ns, const char *name)
{
	return strcmp(rxp_xml_name(element), name) == 0 &&
	       strcmp(rxp_xml_namespace(element), ns) == 0;
}

static struct _xmlNode *element_from(struct _xmlNode *node)
{
	while (node != NULL && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}

struct _xmlNode *rxp_xml_first(const struct _xmlNode *element)
{
	return element_from(element->children);
}

struct _xmlNode *rxp_xml_next(const struct _xmlNode *element)
{
	return element_from(element->next);
}

const char *rxp_xml_attribute(const struct _xmlNode *element, const char *name)
{
	for (const xmlAttr *a = element->properties; a != NULL; a = a->next)
		if (strcmp((const char *)a->name, name) == 0)
			return a->children == NULL ? "" : (const char *)a->children->content;
	return NULL;
}

struct _xmlNode *rxp_xml_below(const struct _xmlNode *root, const struct _xmlNode *element)
{
	struct _xmlNode *next = rxp_xml_first(element);

	while (next == NULL && element != root) {
		next = rxp_xml_next(element);
		element = element->parent;
	}
	return next;
}

const char *rxp_xml_leaf(const struct _xmlNode *element)
{
	const xmlNode *child = element->children;

	return child == NULL || child->type != XML_TEXT_NODE ? "" : (const char *)child->content;
}

int rxp_xml_text(struct rxp_buf *out, const struct _xmlNode *element)
{
	const xmlNode *child = element->children;

	if (child == NULL)
		return rxp_buf_error(out);
	if (child->type != XML_TEXT_NODE || child->next != NULL)
		return RXP_ERR_STRUCTURE;
	return rxp_buf_puts(out, (const char *)child->content);
}

int rxp_xml_refill(struct rxp_xml *xml, struct _xmlNode *element, const uint8_t *octets, size_t len)
{
	struct rxp_xml *filling = NULL;
	xmlNode *copy;
	int rc = rxp_xml_parse(&filling, octets, len, len, RXP_XML_BODY);

	if (rc != 0)
		return rc;
	copy = xmlDocCopyNode(rxp_xml_root(filling), xml->doc, 1);
	if (copy == NULL) {
		rc = RXP_ERR_NOMEM;
		goto done;
	}
	xmlFreeNodeList(element->children);
	element->children = NULL;
	element->last = NULL;
	xmlAddChild(element, copy);
	xml->elements += filling->elements;
done:
	rxp_xml_free(filling);
	return rc;
}
