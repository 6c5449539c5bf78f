/* A Document: its seal, its Header, its Body, and what its type demands. */
#include <string.h>

#include "conformance/judge/judge_inside.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"
#include "protocol/peering/descriptor.h"
#include "protocol/xml/only.h"

#define NS_BODY "urn:rxp:1:body"
#define NS_DOCUMENT "urn:rxp:1:document"
#define MAX_SEALED_AFTER_MS (300 * 1000LL)
#define MAX_CANONICAL_OCTETS RXP_MAX_DOCUMENT_OCTETS

/* --- Header ------------------------------------------------------------------------------------ */

/* Are its elements those of section 4, in that order? */
static bool has_elements(const struct _xmlNode *header)
{
	static const struct {
		const char *name;
		bool optional;
	} elements[] = {{"Suite", false}, {"MessageId", false}, {"From", false}, {"To", false},
	    {"Created", false}, {"Expires", false}, {"Type", false}, {"FromOffice", false},
	    {"ToOffice", false}, {"CaseId", true}, {"Position", true}, {"Previous", true},
	    {"Seen", true}, {"Profile", true}};
	const struct _xmlNode *at = rxp_xml_first(header);

	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
		if (at != NULL && rxp_xml_is(at, NS_DOCUMENT, elements[i].name))
			at = rxp_xml_next(at);
		else if (!elements[i].optional)
			return false;
	}
	return at == NULL;
}

static void judge_times(
    struct judgement *out, const struct rxp_header *h, const struct rxp_seal *seal)
{
	int64_t lasts = h->outer.expires_ms - h->outer.created_ms;
	int64_t after = seal->signing_time_ms - h->outer.created_ms;

	if (lasts <= 0 || lasts > RXP_MAX_LIFETIME_MS)
		judge_wrong(out, "RXP-TIM-002", "Header/Expires",
		    "not later than Created, or more than 90 days later");
	if (after < -MAX_SEALED_AFTER_MS || after > MAX_SEALED_AFTER_MS)
		judge_wrong(out, "RXP-SEA-011", NULL, "sealed more than 300 seconds from Created");
}

/* Of the table of section 9; of a case the side that the sender is on is not known from one document. */
static bool offices_fit(const struct rxp_header *h, const struct rxp_type_row *row)
{
	if (row->asking_office[0] == '\0')
		return true;
	return (strcmp(h->from_office, row->asking_office) == 0 &&
		   strcmp(h->to_office, row->asked_office) == 0) ||
	       (strcmp(h->from_office, row->asked_office) == 0 &&
		   strcmp(h->to_office, row->asking_office) == 0);
}

static void judge_type(
    struct judgement *out, const struct rxp_header *h, const struct rxp_document *d)
{
	const struct rxp_type_row *row;
	enum rxp_type type;

	if (rxp_type_parse(&type, h->type) != 0) {
		judge_wrong(out, "RXP-DOC-005", "Header/Type", "no type of this version");
		return;
	}
	row = rxp_type_row(type);
	if (!rxp_office_valid(h->from_office) || !rxp_office_valid(h->to_office))
		judge_wrong(out, "RXP-DOC-006", "Header", "an office that is none of the list");
	else if (!offices_fit(h, row))
		judge_wrong(out, "RXP-DOC-012", "Header", "not the offices of its type");
	if (strcmp(rxp_xml_name(d->content), row->wire) != 0)
		judge_wrong(out, "RXP-DOC-004", "Body", "content of another name than the type");
	if (d->attachments != NULL && row->scope == RXP_SCOPE_NODE)
		judge_wrong(
		    out, "RXP-DOC-009", "Body/Attachments", "attachments outside of any case");
}

/* --- Body -------------------------------------------------------------------------------------- */

static const char *body_fault(const struct _xmlNode *body)
{
	const struct _xmlNode *salt = rxp_xml_first(body), *content = rxp_xml_next(salt);
	const struct _xmlNode *manifest = content == NULL ? NULL : rxp_xml_next(content);

	if (salt == NULL || !rxp_xml_is(salt, NS_DOCUMENT, "Salt"))
		return "RXP-DOC-003";
	if (content == NULL || strcmp(rxp_xml_namespace(content), NS_BODY) != 0)
		return "RXP-DOC-004";
	if (manifest == NULL)
		return NULL;
	return rxp_xml_is(manifest, NS_DOCUMENT, "Attachments") && rxp_xml_next(manifest) == NULL
		   ? NULL
		   : "RXP-DOC-004";
}

/* RXP-DOC-016: content in the form that every node gives it is what it was. */
static int judge_markup(struct judgement *out, struct rxp_xml *whole, struct _xmlNode *content)
{
	struct rxp_buf sent, plain;
	struct rxp_xml *xml = NULL;
	int rc;

	rxp_buf_init(&sent, MAX_CANONICAL_OCTETS);
	rxp_buf_init(&plain, 2UL * MAX_CANONICAL_OCTETS);
	rc = rxp_xml_c14n(&sent, whole, content);
	if (rc == 0)
		rc = rxp_xml_parse(&xml, sent.data, sent.len, MAX_CANONICAL_OCTETS, RXP_XML_BODY);
	if (rc == 0)
		rc = rxp_xml_plain(xml);
	if (rc == 0)
		rc = rxp_xml_c14n(&plain, xml, rxp_xml_root(xml));
	if (rc == 0 && (plain.len != sent.len || memcmp(plain.data, sent.data, sent.len) != 0))
		judge_wrong(out, "RXP-DOC-016", "Body",
		    "not in the one form of markup: a prefix, or white space of its author's own");
	rxp_xml_free(xml);
	rxp_buf_free(&plain);
	rxp_buf_free(&sent);
	return rc;
}

/* --- the whole --------------------------------------------------------------------------------- */

static int judge_opened(
    struct judgement *out, const struct rxp_document *d, const struct judge_known *known)
{
	struct rxp_buf place;
	const struct judge_typing typing = {.created_ms = d->header.outer.created_ms,
	    .test_node = rxp_party_is_test(d->header.outer.from),
	    .names_confirmed = true};
	int rc;

	memcpy(out->party, d->header.outer.from, sizeof out->party);
	judge_times(out, &d->header, &d->seal);
	if (known->descriptor != NULL &&
	    strcmp(known->descriptor->identity.party, d->header.outer.from) != 0)
		judge_wrong(
		    out, "RXP-ENV-012", "Header/From", "sealed by another State than it names");
	judge_type(out, &d->header, d);
	if (out->requirement != NULL)
		return 0;
	rc = judge_typed(out, d->content, d->attachments, &typing);
	if (rc != 0 || out->requirement != NULL)
		return rc;
	rxp_buf_init(&place, RXP_PLACE_TEXT);
	if (rxp_document_check(d, &place) != 0)
		judge_wrong(out, "RXP-CMP-001", NULL, "a compartment of another form than the one");
	rxp_buf_free(&place);
	return judge_markup(out, d->xml, d->content);
}

/* Its seal verifies, and librxp does not open it. */
static int judge_unopened(struct judgement *out, struct rxp_xml *xml)
{
	struct _xmlNode *root = rxp_xml_root(xml), *header = rxp_xml_first(root);
	const char *fault;
	int rc;

	if (!has_elements(header))
		judge_wrong(
		    out, "RXP-DOC-002", "Header", "not the elements of section 4, in their order");
	fault = body_fault(rxp_xml_next(header));
	if (fault != NULL)
		judge_wrong(out, fault, "Body", "not Salt, one content and at most one manifest");
	rc = judge_schema(out, root, "RXP-DOC-002");
	if (rc == 0)
		judge_wrong(out, "RXP-DOC-002", "Header",
		    "the group of a case where there is none, or none where it must be");
	return rc;
}

static int read_document(struct judgement *out, const struct judge_sealed *o)
{
	struct rxp_document *d = NULL;
	struct rxp_seal seal = {0};
	struct rxp_header header;
	int rc = judge_seal(out, &seal, o->xml, RXP_KIND_DOCUMENT, o->known);

	if (rc != 0 || out->requirement != NULL)
		return rc;
	if (rxp_document_header(&header, seal.header, seal.signing_time_ms) == RXP_ERR_SEAL)
		judge_wrong(out, "RXP-SEA-011", NULL, "sealed more than 300 seconds from Created");
	rxp_seal_clear(&seal);
	if (out->requirement != NULL)
		return 0;
	rc = rxp_document_open(&d, o->octets, o->len, NULL, o->under->certs, o->under->n);
	if (rc == 0)
		rc = judge_opened(out, d, o->known);
	else if (rc != RXP_ERR_NOMEM)
		rc = judge_unopened(out, o->xml);
	rxp_document_free(d);
	return rc;
}

int judge_document(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known)
{
	static const struct judge_form form = {
	    RXP_KIND_DOCUMENT, RXP_MAX_DOCUMENT_OCTETS, "RXP-ENV-003", read_document};

	return judge_as(out, &form, octets, len, known);
}
