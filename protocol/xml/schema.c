#include "protocol/xml/schema.h"

#include <stdbool.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/schemasInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlIO.h>
#include <libxml/xmlschemas.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/xml/place.h"
#include "protocol/xml/schema_data.h"
#include "protocol/xml/xml.h"

#define MAX_SCHEMAS 16

/* Compiled by rxp_schema_init(), read-only afterwards. */
static xmlSchema *schemas[MAX_SCHEMAS];

static const struct {
	int code;
	const char *text;
} texts[] = {
#define SCHEMA_TEXT(code, text) {XML_SCHEMAV_##code, text},
#include "protocol/xml/schema_text.def"
#undef SCHEMA_TEXT
};

static const char *text_of(int code)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "not allowed here";
}

static const struct rxp_embedded *find_embedded(const char *url)
{
	const char *slash = strrchr(url, '/');
	const char *name = slash == NULL ? url : slash + 1;

	for (const struct rxp_embedded *e = rxp_embedded_schemas; e->name != NULL; e++)
		if (strcmp(e->name, name) == 0)
			return e;
	return NULL;
}

/* Serves what a schema includes from the embedded table, and nothing else. */
static xmlParserInput *load_embedded(const char *url, const char *id, xmlParserCtxt *ctxt)
{
	const struct rxp_embedded *e = url == NULL ? NULL : find_embedded(url);
	xmlParserInputBuffer *buffer;
	xmlParserInput *input;

	(void)id;
	if (e == NULL)
		return NULL;
	buffer = xmlParserInputBufferCreateMem(
	    (const char *)e->octets, (int)e->len, XML_CHAR_ENCODING_UTF8);
	if (buffer == NULL)
		return NULL;
	input = xmlNewIOInputStream(ctxt, buffer, XML_CHAR_ENCODING_NONE);
	if (input == NULL)
		xmlFreeParserInputBuffer(buffer);
	return input;
}

static void ignore_report(void *arg, xmlError *error)
{
	(void)arg;
	(void)error;
}

/* A schema without a namespace of its own is only ever included. */
static bool stands_alone(const struct rxp_embedded *e)
{
	xmlDoc *doc = xmlReadMemory(
	    (const char *)e->octets, (int)e->len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);
	bool alone =
	    doc != NULL && rxp_xml_attribute(xmlDocGetRootElement(doc), "targetNamespace") != NULL;

	xmlFreeDoc(doc);
	return alone;
}

static xmlSchema *compile(const struct rxp_embedded *e)
{
	xmlSchemaParserCtxt *ctxt = xmlSchemaNewMemParserCtxt((const char *)e->octets, (int)e->len);
	xmlSchema *schema = NULL;

	if (ctxt == NULL)
		return NULL;
	xmlSchemaSetParserStructuredErrors(ctxt, ignore_report, NULL);
	schema = xmlSchemaParse(ctxt);
	xmlSchemaFreeParserCtxt(ctxt);
	return schema;
}

int rxp_schema_init(void)
{
	xmlExternalEntityLoader before = xmlGetExternalEntityLoader();
	size_t n = 0;
	int rc = 0;

	xmlSetExternalEntityLoader(load_embedded);
	for (const struct rxp_embedded *e = rxp_embedded_schemas; rc == 0 && e->name != NULL; e++) {
		if (!stands_alone(e))
			continue;
		if (n == MAX_SCHEMAS || (schemas[n] = compile(e)) == NULL)
			rc = RXP_ERR_SCHEMA;
		n++;
	}
	xmlSetExternalEntityLoader(before);
	if (rc != 0)
		rxp_schema_cleanup();
	return rc;
}

void rxp_schema_cleanup(void)
{
	for (size_t i = 0; i < MAX_SCHEMAS; i++) {
		if (schemas[i] != NULL)
			xmlSchemaFree(schemas[i]);
		schemas[i] = NULL;
	}
}

static xmlSchema *schema_for(const char *ns)
{
	for (size_t i = 0; i < MAX_SCHEMAS && schemas[i] != NULL; i++)
		if (strcmp((const char *)schemas[i]->targetNamespace, ns) == 0)
			return schemas[i];
	return NULL;
}

/* One validation: whom to tell, and what was told last. */
struct session {
	const xmlNode *root;
	rxp_schema_report *report;
	void *arg;
	const xmlNode *told;
	unsigned reports;
};

/* An element that breaks several rules at once is reported once, with the first of them. */
static void on_violation(void *arg, xmlError *error)
{
	struct session *s = arg;
	const xmlNode *element = error->node;
	char path[RXP_PLACE_TEXT];

	while (element != NULL && element->type != XML_ELEMENT_NODE)
		element = element->parent;
	if (element == NULL)
		element = s->root;
	if (s->report == NULL || element == s->told || s->reports++ >= RXP_MAX_REPORTS)
		return;
	s->told = element;
	rxp_place_write(path, s->root, element);
	s->report(s->arg, rxp_xml_line(element), path, text_of(error->code));
}

int rxp_schema_validate_element(struct _xmlNode *element, rxp_schema_report *report, void *arg)
{
	struct session session = {.root = element, .report = report, .arg = arg};
	xmlSchema *schema = schema_for(rxp_xml_namespace(element));
	xmlSchemaValidCtxt *ctxt;
	int result;

	if (schema == NULL)
		return RXP_ERR_UNSUPPORTED;
	ctxt = xmlSchemaNewValidCtxt(schema);
	if (ctxt == NULL)
		return RXP_ERR_NOMEM;
	xmlSchemaSetValidStructuredErrors(ctxt, on_violation, &session);
	result = xmlSchemaValidateOneElement(ctxt, element);
	xmlSchemaFreeValidCtxt(ctxt);
	if (result < 0)
		return RXP_ERR_NOMEM;
	return result == 0 ? 0 : RXP_ERR_SCHEMA;
}

int rxp_schema_validate(const struct rxp_xml *xml, rxp_schema_report *report, void *arg)
{
	return rxp_schema_validate_element(rxp_xml_root(xml), report, arg);
}
