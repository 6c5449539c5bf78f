#include "daemon/sealer/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/second.h"
#include "daemon/sealer/centres.h"
#include "daemon/sealer/draft.h"
#include "daemon/sealer/facts.h"
#include "daemon/sealer/manifest.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/case/statistics.h"
#include "protocol/document/compartment.h"
#include "protocol/document/document.h"
#include "protocol/document/rules.h"
#include "protocol/peering/descriptor.h"
#include "protocol/safeguard/safeguard.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"
#include "protocol/xml/xml_fault.h"

#define NS_BODY "urn:rxp:1:body"
#define SCHEMA_REQUIREMENT "RXP-DOC-005"
#define MANIFEST "Attachments"
#define MANIFEST_REQUIREMENT "RXP-ATT-001"

/* The requirement behind each fixed text of the rules. */
static const struct {
	const char *text, *requirement;
} rules[] = {
#define RULE(name, requirement, text) {text, requirement},
#include "protocol/document/rule.def"
#undef RULE
};

/* One check; what it points to is owned by check_handle() and parse_manifest(). */
struct checking {
	const struct node *node;
	const struct msg_check *request;
	struct rxp_xml *xml;
	struct rxp_xml *manifest; /* NULL if the content has no attachments */
	size_t manifest_len; /* octets; the keys do not change them */
	struct reply *reply;
};

/* A fault that is no rule's is the schema's. */
static const char *requirement_of(const char *text, bool in_manifest)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (strcmp(rules[i].text, text) == 0)
			return rules[i].requirement;
	return in_manifest ? MANIFEST_REQUIREMENT : SCHEMA_REQUIREMENT;
}

/* The violations told so far. */
struct told {
	struct rxp_buf *records;
	unsigned n;
};

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static bool is_in_manifest(const char *path)
{
	return strncmp(path, MANIFEST, strlen(MANIFEST)) == 0;
}

/* No line of the body is that of a fault in the manifest, which is not in it. */
static void put(struct told *told, const char *requirement, unsigned long line, const char *path,
    const char *text, const char *action)
{
	struct rec_violation v = {.line = is_in_manifest(path) ? 0 : (uint32_t)line,
	    .path = text_bytes(path),
	    .text = text_bytes(text),
	    .action = text_bytes(action)};

	if (told->n++ >= RXP_MAX_REPORTS)
		return;
	snprintf(v.requirement, sizeof v.requirement, "%s", requirement);
	record_list_put(told->records, REC_violation, &record_violation, &v);
}

static void put_violation(void *arg, unsigned long line, const char *path, const char *text)
{
	put(arg, requirement_of(text, is_in_manifest(path)), line, path, text, "");
}

static void put_not_plain(void *arg, unsigned long line, const char *path, const char *text)
{
	put(arg, "RXP-CMP-005", line, path, text, "");
}

static void put_broken(void *arg, enum rxp_safeguard rule, unsigned long line, const char *path)
{
	const struct rxp_safeguard_row *row = rxp_safeguard_row(rule);

	put(arg, row->requirement, line, path, row->text, row->remedy);
}

/* RXP_ERR_UNSUPPORTED: not the element of a type that people write (RXP-DOC-014). */
static int read_type(enum rxp_type *out, const struct _xmlNode *content)
{
	enum rxp_type type;

	if (strcmp(rxp_xml_namespace(content), NS_BODY) != 0 ||
	    rxp_type_parse(&type, rxp_xml_name(content)) != 0 || !rxp_type_row(type)->collected)
		return RXP_ERR_UNSUPPORTED;
	*out = type;
	return 0;
}

/* The rows are the registry's: what is wrong with their form is no fault of the content. */
static int parse_manifest(struct checking *c, struct bytes rows)
{
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, DRAFT_MAX_CONTENT_OCTETS);
	rc = manifest_write_unkeyed(&octets, rows);
	if (rc == 0 && octets.len > 0)
		rc = rxp_xml_parse(
		    &c->manifest, octets.data, octets.len, octets.len, RXP_XML_SEALED);
	if (rc == 0)
		c->manifest_len = octets.len;
	rxp_buf_free(&octets);
	return rc == 0 || rc == RXP_ERR_NOMEM ? rc : RXP_ERR_DAMAGED;
}

/* What protects the persons: every rule, with all that the desk said beside the document. */
static int judge_safeguards(struct told *told, const struct checking *c,
    const struct _xmlNode *content, const struct _xmlNode *manifest)
{
	const struct msg_check *q = c->request;
	const struct rxp_safeguard_context context = {.judged = RXP_SAFEGUARD_SENDER,
	    .created_ms = q->now_ms,
	    .test_node = c->node->own->identity.test,
	    .officer = q->officer,
	    .second_officer = q->second_officer,
	    .names_confirmed = q->names_confirmed != 0,
	    .centres = centres_list(c->node->centres),
	    .n_centres = centres_count(c->node->centres)};

	return rxp_safeguards_check(&context, content, manifest, put_broken, told);
}

/* RXP-STA-011, by the clock of the node. */
static int judge_period(struct told *told, const struct checking *c, const struct _xmlNode *content)
{
	const struct _xmlNode *element = rxp_xml_child(content, NS_BODY, "Period");
	struct rxp_period period;

	if (!rxp_xml_is(content, NS_BODY, rxp_type_row(RXP_TYPE_STATISTICS_REPORT)->wire) ||
	    element == NULL || rxp_period_parse(&period, rxp_xml_leaf(element)) != 0 ||
	    period.until_ms <= c->request->now_ms)
		return 0;
	put(told, "RXP-STA-011", rxp_xml_line(element), "StatisticsReport/Period",
	    "the quarter has not ended",
	    "Report it when it has; until then see readmitctl statistics show");
	return RXP_ERR_NOT_ACCEPTABLE;
}

static void note_second(void *arg, enum rxp_safeguard rule, unsigned long line, const char *path)
{
	uint32_t *second = arg;

	(void)line;
	(void)path;
	*second |= rule == RXP_SAFEGUARD_SECOND_OFFICER ? CHECK_PROSE : 0;
	*second |= rule == RXP_SAFEGUARD_WORDS ? CHECK_NAMES : 0;
}

/* For what of a document that may be sent would it not do without a second officer (RXP-SAF-038)? */
static int need_second(uint32_t *second, const struct checking *c, const struct _xmlNode *content)
{
	const struct msg_check *q = c->request;
	const struct rxp_safeguard_context alone = {.judged = RXP_SAFEGUARD_SENDER,
	    .created_ms = q->now_ms,
	    .test_node = c->node->own->identity.test,
	    .officer = q->officer,
	    .second_officer = ""};
	int rc = rxp_safeguards_check(&alone, content,
	    c->manifest == NULL ? NULL : rxp_xml_root(c->manifest), note_second, second);

	return rc == RXP_ERR_NOT_ACCEPTABLE ? 0 : rc;
}

static int first_of(int rc, int next)
{
	return rc != 0 ? rc : next;
}

/* As rxp_document_check() and the safeguards will judge, but with the violations of all of them, also behind
 * one that has found some, and of what a desk alone must keep; the result is that of the first. */
static int judge(struct rxp_buf *violations, unsigned *offices, const struct checking *c)
{
	struct told told = {.records = violations};
	struct _xmlNode *content = rxp_xml_root(c->xml);
	struct _xmlNode *manifest = c->manifest == NULL ? NULL : rxp_xml_root(c->manifest);
	int rc = rxp_schema_validate_element(content, put_violation, &told);

	if (manifest != NULL)
		rc = first_of(rc, rxp_schema_validate_element(manifest, put_violation, &told));
	rc = first_of(rc, rxp_rules_check(content, manifest, put_violation, &told));
	rc = first_of(rc, rxp_compartments_plain(offices, content, put_not_plain, &told));
	rc = first_of(rc, judge_safeguards(&told, c, content, manifest));
	rc = first_of(rc, judge_period(&told, c, content));
	return first_of(rxp_buf_error(violations), rc);
}

/* Of the case that is asked for, or of a new one with a random id (RXP-DOC-007). */
static int choose_case(struct msg_checked *a, const struct checking *c, enum rxp_type type)
{
	static const uint8_t none[RXP_ID_OCTETS];

	if (rxp_type_row(type)->scope != RXP_SCOPE_CASE)
		return 0;
	memcpy(a->case_id, c->request->case_id, sizeof a->case_id);
	return memcmp(a->case_id, none, sizeof none) != 0
		   ? 0
		   : rxp_id_make_v4(a->case_id, &c->node->random);
}

static int make_draft(struct rxp_buf *draft, const struct checking *c, const char *type)
{
	struct draft_for of = {
	    .type = type, .peer = c->request->peer, .attachments = c->request->attachments};
	struct rxp_buf canonical;
	int rc;

	memcpy(of.case_id, c->reply->body.checked.case_id, sizeof of.case_id);
	rxp_buf_init(&canonical, DRAFT_MAX_CONTENT_OCTETS - c->manifest_len);
	rc = rxp_xml_plain(c->xml); /* RXP-DOC-016 */
	if (rc == 0)
		rc = rxp_xml_c14n(&canonical, c->xml, rxp_xml_root(c->xml));
	if (rc == 0)
		rc = draft_seal(draft, c->node, &of, &canonical);
	rxp_buf_free(&canonical);
	return rc;
}

static int check_content(const struct checking *c)
{
	struct msg_checked *a = &c->reply->body.checked;
	struct rxp_buf *facts = &c->reply->octets[0];
	struct rxp_buf *draft = &c->reply->octets[1];
	struct rxp_buf *violations = &c->reply->octets[2];
	struct _xmlNode *content = rxp_xml_root(c->xml);
	unsigned offices = 0;
	enum rxp_type type;
	int rc = read_type(&type, content);

	if (rc != 0)
		return rc;
	snprintf(a->type, sizeof a->type, "%s", rxp_type_row(type)->wire);
	rc = judge(violations, &offices, c);
	a->violations = reply_bytes(violations);
	if (rc != 0)
		return rc;
	rc = need_second(&a->second, c, content);
	if (rc != 0)
		return rc;
	if (rxp_type_row(type)->scope == RXP_SCOPE_CASE)
		rc = facts_put_content(facts, type, content);
	if (rc == 0)
		rc = choose_case(a, c, type);
	if (rc == 0)
		rc = make_draft(draft, c, a->type);
	if (rc != 0)
		return rc;
	a->offices = offices;
	a->facts = reply_bytes(facts);
	a->draft = reply_bytes(draft);
	return 0;
}

static bool is_space(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

static size_t without_space_behind(struct bytes body)
{
	size_t len = body.len;

	while (len > 0 && is_space(body.data[len - 1]))
		len--;
	return len;
}

/* The one fault of octets that are no XML of the profile has a line and no path. */
static int parse_body(struct checking *c, struct bytes body)
{
	struct rxp_buf *violations = &c->reply->octets[2];
	struct rxp_xml_fault fault;
	int rc = rxp_xml_parse_told(&c->xml, body.data, without_space_behind(body),
	    RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY, &fault);
	struct rec_violation v = {.line = (uint32_t)fault.line};

	if (rc == 0 || fault.wrong == RXP_XML_RIGHT)
		return rc;
	v.text = text_bytes(rxp_xml_fault_text(fault.wrong));
	snprintf(v.requirement, sizeof v.requirement, "%s", rxp_xml_fault_requirement(fault.wrong));
	record_list_put(violations, REC_violation, &record_violation, &v);
	c->reply->body.checked.violations = reply_bytes(violations);
	return rxp_buf_error(violations) != 0 ? rxp_buf_error(violations) : rc;
}

int check_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_check *q = request;
	struct checking c = {.node = node, .request = q, .reply = reply};
	int rc;

	if (q->now_ms < 0 || q->now_ms > RXP_MAX_TIME_MS || q->names_confirmed > 1)
		return RXP_ERR_STATE;
	rc = parse_manifest(&c, q->attachments);
	if (rc == 0)
		rc = parse_body(&c, q->body);
	if (rc == 0)
		rc = check_content(&c);
	reply->body.checked.result = (uint32_t)rc;
	rxp_xml_free(c.xml);
	rxp_xml_free(c.manifest);
	return 0;
}
