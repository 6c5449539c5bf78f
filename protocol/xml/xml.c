#include "protocol/xml/xml.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/xml/xml_doc.h"
#include "protocol/xml/xml_strict.h"

/* What the callbacks of one parse share; the parser context points to it. */
struct watch {
	unsigned elements;
	int error;
	struct rxp_xml_fault *fault;
};

static void note(const xmlParserCtxt *ctxt, enum rxp_xml_wrong wrong, int line)
{
	struct watch *watch = ctxt->_private;

	if (watch->error == 0)
		watch->error =
		    rxp_xml_fault_set(watch->fault, wrong, line > 0 ? (unsigned long)line : 1);
}

/* Ends the parse, from a callback that nothing but the parser's main loop stands behind. */
static void stop(xmlParserCtxt *ctxt, enum rxp_xml_wrong wrong, int line)
{
	note(ctxt, wrong, line);
	xmlStopParser(ctxt);
}

/* What the library's reports mean, as far as an author can make use of it. */
static const struct {
	int code;
	enum rxp_xml_wrong wrong;
} reports[] = {
    {XML_ERR_TAG_NAME_MISMATCH, RXP_XML_WRONG_END_TAG},
    {XML_ERR_TAG_NOT_FINISHED, RXP_XML_WRONG_CUT},
    {XML_ERR_DOCUMENT_END, RXP_XML_WRONG_OUTSIDE},
    {XML_ERR_UNDECLARED_ENTITY, RXP_XML_WRONG_ENTITY},
    {XML_WAR_UNDECLARED_ENTITY, RXP_XML_WRONG_ENTITY},
    {XML_ERR_ATTRIBUTE_REDEFINED, RXP_XML_WRONG_TWICE},
    {XML_NS_ERR_ATTRIBUTE_REDEFINED, RXP_XML_WRONG_TWICE},
    {XML_NS_ERR_UNDEFINED_NAMESPACE, RXP_XML_WRONG_PREFIX},
    {XML_NS_ERR_XML_NAMESPACE, RXP_XML_WRONG_PREFIX},
    {XML_WAR_NS_URI, RXP_XML_WRONG_PREFIX},
    {XML_WAR_NS_URI_RELATIVE, RXP_XML_WRONG_PREFIX},
    {XML_ERR_INVALID_CHAR, RXP_XML_WRONG_CHARACTER},
};

/* Any report, a warning too: a relative namespace name is one, and cannot be canonicalized. The parser
 * would go on after it, at the cost of time. xmlStopParser() is not for here: it frees the input, from
 * which the function that reports may still be reading. */
static void on_report(void *arg, xmlError *report)
{
	xmlParserCtxt *ctxt = arg;
	struct watch *watch = ctxt->_private;
	enum rxp_xml_wrong wrong = RXP_XML_WRONG_FORM;

	if (report->code == XML_ERR_NO_MEMORY && watch->error == 0)
		watch->error = RXP_ERR_NOMEM;
	for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++)
		if (reports[i].code == report->code)
			wrong = reports[i].wrong;
	note(ctxt, wrong, report->line);
	ctxt->disableSAX = 1;
	ctxt->instate = XML_PARSER_EOF;
}

static void on_doctype(
    void *arg, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
	(void)name;
	(void)public_id;
	(void)system_id;
	stop(arg, RXP_XML_WRONG_DOCTYPE, 1);
}

/* Is one element more with so many attributes within RXP-XML-005? */
static enum rxp_xml_wrong count_wrong(const xmlParserCtxt *ctxt, int attributes)
{
	const struct watch *watch = ctxt->_private;

	if (ctxt->nodeNr >= RXP_MAX_XML_DEPTH)
		return RXP_XML_WRONG_DEPTH;
	if (watch->elements >= RXP_MAX_XML_ELEMENTS)
		return RXP_XML_WRONG_ELEMENTS;
	return attributes > RXP_MAX_XML_ATTRIBUTES ? RXP_XML_WRONG_ATTRIBUTES : RXP_XML_RIGHT;
}

static void on_element(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int namespaces, const xmlChar **namespace, int attributes, int defaulted,
    const xmlChar **attribute)
{
	xmlParserCtxt *ctxt = arg;
	struct watch *watch = ctxt->_private;
	enum rxp_xml_wrong wrong = count_wrong(ctxt, namespaces + attributes);

	if (wrong != RXP_XML_RIGHT) {
		stop(ctxt, wrong, ctxt->input->line);
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
		watch->error = rxp_xml_fault_set(watch->fault, RXP_XML_WRONG_FORM, 1);
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
	struct rxp_xml_fault fault;

	return rxp_xml_parse_told(out, octets, len, max, kind, &fault);
}

int rxp_xml_parse_told(struct rxp_xml **out, const uint8_t *octets, size_t len, size_t max,
    enum rxp_xml_kind kind, struct rxp_xml_fault *fault)
{
	struct watch watch = {.fault = fault};
	struct rxp_xml *xml = NULL;
	int rc;

	*fault = (struct rxp_xml_fault){RXP_XML_RIGHT, 0};
	if (len > max || len > INT_MAX)
		return RXP_ERR_BOUND;
	rc = rxp_xml_strict_octets(octets, len, kind, fault);
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
	rc = rxp_xml_strict_tree(xml->doc, kind, fault);
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

struct _xmlNode *rxp_xml_child(const struct _xmlNode *element, const char *ns, const char *name)
{
	struct _xmlNode *child = element == NULL ? NULL : rxp_xml_first(element);

	while (child != NULL && !rxp_xml_is(child, ns, name))
		child = rxp_xml_next(child);
	return child;
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
	const xmlNode *child = element == NULL ? NULL : element->children;

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
