/* Typed content: what its schema, the rules beyond it and the safeguards say. */
#include <ctype.h>
#include <string.h>

#include "conformance/judge/judge_inside.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/document/rules.h"
#include "protocol/message/type.h"
#include "protocol/safeguard/safeguard.h"
#include "protocol/xml/place.h"
#include "protocol/xml/schema.h"

struct told {
	struct judgement *out;
	const struct _xmlNode *root;
	const char *ns, *otherwise;
};

#define CASE_ID_VERSION 4

/* One that would be right in lower case. */
static bool is_in_capitals(const char *value)
{
	char text[RXP_ID_TEXT];
	uint8_t id[RXP_ID_OCTETS];
	size_t len = strlen(value), capitals = 0;

	if (len != sizeof text - 1)
		return false;
	for (size_t i = 0; i <= len; i++) {
		text[i] = (char)tolower((unsigned char)value[i]);
		capitals += text[i] != value[i];
	}
	return capitals > 0 && rxp_id_parse(id, text, CASE_ID_VERSION) == 0;
}

static bool is_no_base64(const char *value)
{
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_PART_OCTETS);
	rc = rxp_base64_get(&octets, value, strlen(value));
	rxp_buf_free(&octets);
	return rc == RXP_ERR_SYNTAX;
}

/* Does a place, its numbers left out, end with these elements? */
static bool ends_with(const char *place, const char *elements)
{
	size_t len = strlen(place), n = strlen(elements);

	return len >= n && strcmp(place + len - n, elements) == 0 &&
	       (len == n || place[len - n - 1] == '/');
}

/* The text of the element that stands there; "": it has none. */
static const char *value_at(const struct _xmlNode *root, const char *path)
{
	for (const struct _xmlNode *e = root; e != NULL; e = rxp_xml_below(root, e)) {
		char own[RXP_PLACE_TEXT];

		rxp_place_write(own, root, e);
		if (strcmp(own, path) == 0)
			return rxp_xml_leaf(e);
	}
	return "";
}

const char *judge_requirement_at(const struct judge_fault *fault, const char *otherwise)
{
	static const struct {
		const char *ns, *elements, *requirement;
		bool text;
		bool (*is)(const char *value); /* NULL: whatever it is */
	} rows[] = {
#define JUDGE_PLACE(ns, elements, requirement) {ns, elements, requirement, false, NULL},
#define JUDGE_TEXT(ns, elements, requirement) {ns, elements, requirement, true, NULL},
#define JUDGE_VALUE(ns, elements, is, requirement) {ns, elements, requirement, true, is},
#include "conformance/judge/judge_place.def"
#undef JUDGE_VALUE
#undef JUDGE_TEXT
#undef JUDGE_PLACE
	};
	bool stands = strstr(fault->text, "misplaced") == NULL;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].ns, fault->ns) == 0 &&
		    ends_with(fault->place, rows[i].elements) && (stands || !rows[i].text) &&
		    (rows[i].is == NULL || rows[i].is(value_at(fault->root, fault->path))))
			return rows[i].requirement;
	return otherwise;
}

void judge_names(char out[RXP_PLACE_TEXT], const char *path)
{
	struct rxp_buf names;

	memset(out, 0, RXP_PLACE_TEXT);
	rxp_buf_init(&names, RXP_PLACE_TEXT - 1);
	if (rxp_place_names(&names, path) == 0 && names.len > 0)
		memcpy(out, names.data, names.len);
	rxp_buf_free(&names);
}

static void note_violation(void *arg, unsigned long line, const char *path, const char *text)
{
	struct told *told = arg;
	char place[RXP_PLACE_TEXT];

	(void)line;
	judge_names(place, path);
	judge_wrong(told->out,
	    judge_requirement_at(
		&(struct judge_fault){told->ns, place, text, told->root, path}, told->otherwise),
	    place, text);
}

int judge_schema(struct judgement *out, struct _xmlNode *element, const char *otherwise)
{
	struct told told = {out, element, rxp_xml_namespace(element), otherwise};
	int rc = rxp_schema_validate_element(element, note_violation, &told);

	if (rc == RXP_ERR_SCHEMA || rc == RXP_ERR_UNSUPPORTED) {
		judge_wrong(out, otherwise, NULL, "no schema has it");
		return 0;
	}
	return rc;
}

/* A rule is told by its text alone. */
static void note_rule(void *arg, unsigned long line, const char *path, const char *text)
{
	static const struct {
		const char *requirement, *text;
	} rules[] = {
#define RULE(name, requirement, text) {requirement, text},
#include "protocol/document/rule.def"
#undef RULE
	};
	char place[RXP_PLACE_TEXT];

	(void)line;
	judge_names(place, path);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (strcmp(rules[i].text, text) == 0)
			judge_wrong(arg, rules[i].requirement, place, text);
}

static void note_safeguard(void *arg, enum rxp_safeguard rule, unsigned long line, const char *path)
{
	char place[RXP_PLACE_TEXT];

	(void)line;
	judge_names(place, path);
	judge_wrong(
	    arg, rxp_safeguard_row(rule)->requirement, place, rxp_safeguard_row(rule)->text);
}

int judge_typed(struct judgement *out, struct _xmlNode *content, struct _xmlNode *manifest,
    const struct judge_typing *typing)
{
	/* Who gave it to the node, and which centres that node lists, the document does not say. */
	const struct rxp_safeguard_context context = {.judged = RXP_SAFEGUARD_SENDER,
	    .created_ms = typing->created_ms,
	    .test_node = typing->test_node,
	    .officer = "desk",
	    .second_officer = "second",
	    .names_confirmed = typing->names_confirmed};
	enum rxp_type type;
	int rc;

	if (rxp_type_parse(&type, rxp_xml_name(content)) != 0) {
		judge_wrong(out, "RXP-DOC-004", NULL, "no type has content of this name");
		return 0;
	}
	rc = judge_schema(out, content, rxp_type_row(type)->requirement);
	if (rc == 0 && manifest != NULL)
		rc = judge_schema(out, manifest, "RXP-ATT-001");
	if (rc != 0 || out->requirement != NULL)
		return rc;
	(void)rxp_rules_check(content, manifest, note_rule, out);
	if (out->requirement == NULL)
		(void)rxp_safeguards_check(&context, content, manifest, note_safeguard, out);
	return 0;
}

static int parse_manifest(
    struct judgement *out, struct rxp_xml **manifest, const struct judge_known *known)
{
	return known->manifest == NULL
		   ? 0
		   : judge_parse(out, manifest, known->manifest, known->manifest_len,
			 RXP_MAX_DOCUMENT_OCTETS, "RXP-ENV-003", RXP_XML_BODY);
}

int judge_content(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known)
{
	struct rxp_xml *xml = NULL, *manifest = NULL;
	int rc = judge_parse(
	    out, &xml, octets, len, RXP_MAX_DOCUMENT_OCTETS, "RXP-ENV-003", RXP_XML_BODY);

	if (rc == 0)
		rc = parse_manifest(out, &manifest, known);
	if (rc == 0 && out->requirement == NULL)
		rc = judge_typed(out, rxp_xml_root(xml),
		    manifest == NULL ? NULL : rxp_xml_root(manifest), &known->typing);
	rxp_xml_free(xml);
	rxp_xml_free(manifest);
	return rc;
}
