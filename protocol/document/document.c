#include "protocol/document/document.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/random.h"
#include "protocol/document/rules.h"
#include "protocol/xml/only.h"
#include "protocol/xml/place.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/write.h"
#include "protocol/xml/xml.h"

#define NS_DOCUMENT "urn:rxp:1:document"
#define NS_BODY "urn:rxp:1:body"
#define MAX_HEADER_OCTETS 4096
#define MAX_POSITION INT64_MAX /* xs:long in document.xsd */
#define MAX_SEALED_AFTER_MS (300 * 1000LL) /* RXP-SEA-011: SigningTime around Created */

/* The form that document.xsd gives a profile's id and version. */
static bool profile_name_valid(const char *name)
{
	size_t len =
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");

	return len > 0 && len < RXP_PROFILE_TEXT && name[len] == '\0' && name[0] != '.' &&
	       name[0] != '-';
}

static void write_case(struct rxp_buf *out, const struct rxp_header *h)
{
	rxp_write_id(out, "CaseId", h->case_id);
	rxp_write_number(out, "Position", h->position);
	if (h->has_previous)
		rxp_write_base64(out, "Previous", h->previous, sizeof h->previous);
	if (h->has_seen)
		rxp_write_base64(out, "Seen", h->seen, sizeof h->seen);
	rxp_buf_puts(out, "<Profile id=\"");
	rxp_buf_puts(out, h->profile_id);
	rxp_buf_puts(out, "\" version=\"");
	rxp_buf_puts(out, h->profile_version);
	rxp_buf_puts(out, "\"></Profile>");
}

int rxp_document_write_header(struct rxp_buf *out, const struct rxp_header *h)
{
	rxp_write_text(out, "Suite", rxp_suite_p256.name);
	rxp_write_id(out, "MessageId", h->outer.message_id);
	rxp_write_text(out, "From", h->outer.from);
	rxp_write_text(out, "To", h->outer.to);
	rxp_write_time(out, "Created", h->outer.created_ms);
	rxp_write_time(out, "Expires", h->outer.expires_ms);
	rxp_write_text(out, "Type", h->type);
	rxp_write_text(out, "FromOffice", h->from_office);
	rxp_write_text(out, "ToOffice", h->to_office);
	if (h->in_case)
		write_case(out, h);
	return rxp_buf_error(out);
}

static int write_body(struct rxp_buf *out, const struct rxp_header *header,
    const struct rxp_draft *draft, const struct rxp_random *random)
{
	uint8_t salt[RXP_SALT_OCTETS];
	const struct rxp_binding binding = {header->outer.from, header->outer.to, salt};
	int rc;

	if (random->fill(random->arg, salt, sizeof salt) != 0)
		return RXP_ERR_CRYPTO;
	rxp_write_base64(out, "Salt", salt, sizeof salt);
	rc = rxp_compartments_close(out, draft->content, &binding, draft->office_keys, random);
	if (rc == 0 && draft->attachments != NULL)
		rc = rxp_buf_put(out, draft->attachments->data, draft->attachments->len);
	return rc;
}

int rxp_document_seal(struct rxp_buf *out, const struct rxp_header *header,
    const struct rxp_draft *draft, int64_t now_ms, const struct rxp_random *random,
    const struct rxp_signer *signer, uint8_t fingerprint[32])
{
	struct rxp_buf header_inner, body_inner;
	int rc;

	if (header->in_case && (!profile_name_valid(header->profile_id) ||
				   !profile_name_valid(header->profile_version)))
		return RXP_ERR_SYNTAX;
	rxp_buf_init(&header_inner, MAX_HEADER_OCTETS);
	rxp_buf_init(&body_inner, RXP_MAX_DOCUMENT_OCTETS);
	if ((rc = rxp_document_write_header(&header_inner, header)) == 0 &&
	    (rc = write_body(&body_inner, header, draft, random)) == 0)
		rc = rxp_seal_sign(out, RXP_KIND_DOCUMENT, &header_inner, &body_inner, now_ms,
		    signer, fingerprint);
	rxp_buf_free(&header_inner);
	rxp_buf_free(&body_inner);
	return rc;
}

/* The elements of a header are leaves without attributes, Profile apart. */
static bool leaves_are_plain(const struct _xmlNode *header)
{
	if (!rxp_only_elements(header))
		return false;
	for (const struct _xmlNode *e = rxp_xml_first(header); e != NULL; e = rxp_xml_next(e))
		if (!rxp_only_attributes(e, strcmp(rxp_xml_name(e), "Profile") == 0 ? 2 : 0))
			return false;
	return true;
}

static int read_attribute(
    char out[RXP_PROFILE_TEXT], const struct _xmlNode *element, const char *name)
{
	const char *value = rxp_xml_attribute(element, name);

	if (value == NULL || !profile_name_valid(value))
		return RXP_ERR_STRUCTURE;
	memcpy(out, value, strlen(value) + 1);
	return 0;
}

static int read_case(struct rxp_header *h, struct rxp_walk *w)
{
	const struct _xmlNode *profile;
	int rc;

	rxp_walk_id(w, "CaseId", h->case_id, 4);
	rxp_walk_number(w, "Position", &h->position, MAX_POSITION);
	h->has_previous = rxp_walk_at(w, "Previous");
	if (h->has_previous)
		rxp_walk_octets(w, "Previous", h->previous, sizeof h->previous);
	h->has_seen = rxp_walk_at(w, "Seen");
	if (h->has_seen)
		rxp_walk_octets(w, "Seen", h->seen, sizeof h->seen);
	profile = rxp_walk_element(w, "Profile");
	if (profile == NULL)
		return w->error;
	if (h->position == 0 || rxp_xml_first(profile) != NULL || !rxp_only_elements(profile))
		return RXP_ERR_STRUCTURE;
	rc = read_attribute(h->profile_id, profile, "id");
	return rc != 0 ? rc : read_attribute(h->profile_version, profile, "version");
}

/* Does the bracketed group stand exactly where RXP-DOC-002 wants it? */
static bool group_fits(const struct rxp_header *h)
{
	enum rxp_type type;

	if (rxp_type_parse(&type, h->type) != 0)
		return true;
	return h->in_case == (rxp_type_row(type)->scope == RXP_SCOPE_CASE);
}

static int read_header(struct rxp_header *h, const struct _xmlNode *header)
{
	struct rxp_walk w;
	char suite[16];
	int rc;

	if (!leaves_are_plain(header))
		return RXP_ERR_STRUCTURE;
	rxp_walk_init(&w, header, NS_DOCUMENT);
	rxp_walk_text(&w, "Suite", suite, sizeof suite);
	rxp_walk_id(&w, "MessageId", h->outer.message_id, 7);
	rxp_walk_party(&w, "From", h->outer.from);
	rxp_walk_party(&w, "To", h->outer.to);
	rxp_walk_time(&w, "Created", &h->outer.created_ms);
	rxp_walk_time(&w, "Expires", &h->outer.expires_ms);
	rxp_walk_text(&w, "Type", h->type, sizeof h->type);
	rxp_walk_text(&w, "FromOffice", h->from_office, sizeof h->from_office);
	rxp_walk_text(&w, "ToOffice", h->to_office, sizeof h->to_office);
	h->in_case = rxp_walk_at(&w, "CaseId");
	if (h->in_case && (rc = read_case(h, &w)) != 0)
		return rc;
	if ((rc = rxp_walk_end(&w)) != 0)
		return rc;
	return strcmp(suite, rxp_suite_p256.name) == 0 && group_fits(h) ? 0 : RXP_ERR_STRUCTURE;
}

static int read_body(struct rxp_document *d)
{
	const struct _xmlNode *first;
	struct rxp_walk w;
	int rc;

	if (!rxp_only_elements(d->seal.body))
		return RXP_ERR_STRUCTURE;
	first = rxp_xml_first(d->seal.body);
	if (first == NULL || !rxp_only_attributes(first, 0))
		return RXP_ERR_STRUCTURE;
	rxp_walk_init(&w, d->seal.body, NS_DOCUMENT);
	if ((rc = rxp_walk_octets(&w, "Salt", d->salt, sizeof d->salt)) != 0)
		return rc;
	d->content = w.next;
	if (d->content == NULL || strcmp(rxp_xml_namespace(d->content), NS_BODY) != 0)
		return RXP_ERR_STRUCTURE;
	w.next = rxp_xml_next(d->content);
	if (rxp_walk_at(&w, "Attachments"))
		d->attachments = rxp_walk_element(&w, "Attachments");
	return rxp_walk_end(&w);
}

/* RXP-ENV-013 */
static bool same_outer(const struct rxp_outer *a, const struct rxp_outer *b)
{
	return memcmp(a->message_id, b->message_id, sizeof a->message_id) == 0 &&
	       strcmp(a->from, b->from) == 0 && strcmp(a->to, b->to) == 0 &&
	       a->created_ms == b->created_ms && a->expires_ms == b->expires_ms;
}

int rxp_document_header(
    struct rxp_header *out, const struct _xmlNode *header, int64_t signing_time_ms)
{
	struct rxp_header h = {0};
	int64_t after;
	int rc = read_header(&h, header);

	if (rc != 0)
		return rc;
	after = signing_time_ms - h.outer.created_ms;
	if (after < -MAX_SEALED_AFTER_MS || after > MAX_SEALED_AFTER_MS)
		return RXP_ERR_SEAL;
	*out = h;
	return 0;
}

static int read_document(struct rxp_document *d, const struct rxp_outer *outer)
{
	int rc;

	if ((rc = rxp_document_header(&d->header, d->seal.header, d->seal.signing_time_ms)) != 0 ||
	    (rc = read_body(d)) != 0)
		return rc;
	return outer == NULL || same_outer(&d->header.outer, outer) ? 0 : RXP_ERR_MISMATCH;
}

int rxp_document_open(struct rxp_document **out, const uint8_t *octets, size_t len,
    const struct rxp_outer *outer, const struct rxp_cert *const *certs, size_t n)
{
	struct rxp_document *d = calloc(1, sizeof *d);
	int rc;

	if (d == NULL)
		return RXP_ERR_NOMEM;
	if ((rc = rxp_xml_parse(&d->xml, octets, len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED)) !=
		0 ||
	    (rc = rxp_seal_verify(&d->seal, d->xml, RXP_KIND_DOCUMENT, certs, n)) != 0 ||
	    (rc = read_document(d, outer)) != 0)
		goto done;
	*out = d;
	d = NULL;
done:
	rxp_document_free(d);
	return rc;
}

void rxp_document_free(struct rxp_document *d)
{
	if (d == NULL)
		return;
	rxp_seal_clear(&d->seal);
	rxp_xml_free(d->xml);
	free(d);
}

static void first_place(void *arg, unsigned long line, const char *path, const char *text)
{
	struct rxp_buf *place = arg;

	(void)line;
	(void)text;
	if (place->len == 0)
		rxp_place_names(place, path);
}

static int wrong_at(struct rxp_buf *place, const char *path)
{
	int rc = rxp_buf_puts(place, path);

	return rc != 0 ? rc : RXP_ERR_SCHEMA;
}

static int compartment_at(
    const struct rxp_document *d, const struct _xmlNode *at, struct rxp_buf *place, int rc)
{
	char path[RXP_PLACE_TEXT];
	int told;

	rxp_place_write(path, d->content, at);
	told = rxp_place_names(place, path);
	return told != 0 ? told : rc;
}

static int check_compartments(const struct rxp_document *d, struct rxp_buf *place)
{
	const struct rxp_binding binding = {d->header.outer.from, d->header.outer.to, d->salt};
	const struct _xmlNode *at = NULL;
	int rc = rxp_compartments_check(&at, d->content, &binding);

	return rc == RXP_ERR_SCHEMA ? compartment_at(d, at, place, rc) : rc;
}

int rxp_document_check(const struct rxp_document *d, struct rxp_buf *place)
{
	enum rxp_type type;
	int rc;

	if (rxp_type_parse(&type, d->header.type) != 0)
		return RXP_ERR_UNSUPPORTED;
	if (!rxp_office_valid(d->header.from_office))
		return wrong_at(place, "Header/FromOffice");
	if (!rxp_office_valid(d->header.to_office))
		return wrong_at(place, "Header/ToOffice");
	if (strcmp(rxp_xml_name(d->content), rxp_type_row(type)->wire) != 0)
		return wrong_at(place, "Body");
	if (d->attachments != NULL && rxp_type_row(type)->scope == RXP_SCOPE_NODE)
		return wrong_at(place, "Body/Attachments");
	rc = rxp_schema_validate_element(d->content, first_place, place);
	if (rc == 0 && d->attachments != NULL)
		rc = rxp_schema_validate_element(d->attachments, first_place, place);
	if (rc == 0)
		rc = rxp_rules_check(d->content, d->attachments, first_place, place);
	return rc != 0 ? rc : check_compartments(d, place);
}

int rxp_document_office_keys(
    const struct rxp_document *d, const struct rxp_office_keys *own, struct rxp_buf *place)
{
	const struct _xmlNode *at = NULL;
	int rc = rxp_compartments_known(&at, d->content, own);

	return rc == RXP_ERR_KEY ? compartment_at(d, at, place, rc) : rc;
}
