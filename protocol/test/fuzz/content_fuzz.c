/*
 * Input: typed content or a manifest, as the ministry's own systems hand them to the desk; the line feed
 * at the end of a file is not of it.
 * Promise: rules and safeguards judge also what breaks its schema; content that satisfies schema and rules has
 * facts; a manifest that does has rows, and the rows written are the same manifest.
 * seeds: spec/examples spec/examples/invalid
 */
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/limits.h"
#include "protocol/case/case_table.h"
#include "protocol/document/facts.h"
#include "protocol/document/rules.h"
#include "protocol/envelope/attachment.h"
#include "protocol/safeguard/safeguard.h"
#include "protocol/test/fuzz/fuzz.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

#define MAX_PATH_OCTETS 4096

/* A report names places and rules; it quotes nothing (its texts hold no control character). */
static void look(void *arg, unsigned long line, const char *path, const char *text)
{
	unsigned *count = arg;

	(void)line;
	MUST(strlen(path) < MAX_PATH_OCTETS && strlen(text) > 0);
	MUST(++*count <= 2 * RXP_MAX_REPORTS);
}

static int judge(const struct _xmlNode *content, unsigned *reports)
{
	const struct rxp_safeguard_context context = {.judged = RXP_SAFEGUARD_SENDER};
	int rc = rxp_rules_check(content, NULL, look, reports);

	rxp_safeguards_check(&context, content, NULL, NULL, NULL);
	return rc;
}

static void read_content(const struct _xmlNode *content)
{
	struct rxp_case_document facts;
	enum rxp_type type;

	if (rxp_type_parse(&type, rxp_xml_name(content)) != 0 ||
	    rxp_type_row(type)->scope != RXP_SCOPE_CASE)
		return;
	MUST(rxp_facts_content(&facts, type, content) == 0);
	MUST(facts.n_persons <= RXP_MAX_PERSONS);
	MUST(facts.n_persons > 0 || !rxp_case_type(type)->names_persons);
}

static void read_manifest(const struct _xmlNode *manifest)
{
	static struct rxp_attachment rows[RXP_MAX_ATTACHMENTS], again[RXP_MAX_ATTACHMENTS];
	struct rxp_xml *xml = NULL;
	struct rxp_buf out;
	size_t n = 0, m = 0;

	if (rxp_attachment_read(rows, &n, manifest) != 0)
		return;
	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	MUST(rxp_attachment_write(&out, rows, n) == 0);
	MUST(rxp_xml_parse(&xml, out.data, out.len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED) == 0);
	MUST(rxp_attachment_read(again, &m, rxp_xml_root(xml)) == 0 && m == n);
	for (size_t i = 0; i < n; i++)
		MUST(rows[i].length == again[i].length &&
		     memcmp(rows[i].key, again[i].key, sizeof rows[i].key) == 0);
	rxp_xml_free(xml);
	rxp_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	struct rxp_xml *xml = NULL;
	const struct _xmlNode *root;
	unsigned reports = 0;
	int rc;

	fuzz_state();
	if (len > 0 && octets[len - 1] == '\n')
		len--;
	if (rxp_xml_parse(&xml, octets, len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY) != 0)
		return 0;
	root = rxp_xml_root(xml);
	rc = rxp_schema_validate(xml, look, &reports);
	if (rc != 0)
		MUST(reports > 0 || rxp_schema_validate(xml, NULL, NULL) != 0);
	if (strcmp(rxp_xml_namespace(root), "urn:rxp:1:body") == 0 && judge(root, &reports) == 0 &&
	    rc == 0)
		read_content(root);
	if (rc == 0 && rxp_xml_is(root, "urn:rxp:1:document", "Attachments"))
		read_manifest(root);
	rxp_xml_free(xml);
	return 0;
}
