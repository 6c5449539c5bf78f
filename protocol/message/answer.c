#include "protocol/message/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/write.h"
#include "protocol/xml/xml.h"

#define MAX_HEADER_OCTETS 1024
#define MAX_CODE_TEXT 32
#define MAX_TAG_TEXT 64 /* Last with its two attributes */
#define MAX_COUNT INT64_MAX /* xs:long in receipt.xsd */

void rxp_answer_init(struct rxp_answer *a)
{
	*a = (struct rxp_answer){.kind = RXP_ANSWER_RECEIPT};
	rxp_buf_init(&a->working, RXP_MAX_ANSWER_OCTETS);
}

void rxp_answer_clear(struct rxp_answer *a)
{
	rxp_buf_free(&a->working);
	rxp_answer_init(a);
}

bool rxp_answer_final(const struct rxp_answer *a)
{
	if (a->kind == RXP_ANSWER_RECEIPT)
		return true;
	return a->has_fingerprint && rxp_refusal_row(a->refusal)->class != RXP_CLASS_LATER;
}

/* RXP-CHN-012: of the answering party, then of the other. */
static bool view_fits(const struct rxp_answer *a)
{
	return strcmp(a->view[0].party, a->from) == 0 && strcmp(a->view[1].party, a->to) == 0;
}

/* What the schema cannot say: which fields go with which code (RXP-ANS-008, RXP-ANS-016, RXP-CHN-011). */
static int check_rules(const struct rxp_answer *a)
{
	bool wants_working = a->refusal == RXP_REFUSAL_REKEY;
	bool wants_view = a->refusal == RXP_REFUSAL_GAP || a->refusal == RXP_REFUSAL_FORK;
	bool wants_retry = a->refusal == RXP_REFUSAL_FUTURE;

	if (a->kind == RXP_ANSWER_RECEIPT)
		return a->has_fingerprint ? 0 : RXP_ERR_SCHEMA;
	if (a->refusal == RXP_REFUSAL_NOT_ACCEPTABLE &&
	    (a->requirement[0] != '\0' || a->place[0] != '\0'))
		return RXP_ERR_SCHEMA;
	if (a->has_view != wants_view || (wants_view && !view_fits(a)))
		return RXP_ERR_SCHEMA;
	if (wants_working != (a->working.len > 0))
		return RXP_ERR_SCHEMA;
	if (a->retry_ms == 0 ? wants_retry : rxp_refusal_row(a->refusal)->class != RXP_CLASS_LATER)
		return RXP_ERR_SCHEMA;
	return 0;
}

static void write_receipt(struct rxp_buf *out, const struct rxp_answer *a)
{
	rxp_write_time(out, "ReceivedAt", a->received_ms);
	rxp_write_id(out, "LogId", a->log_id);
	rxp_write_number(out, "LogCount", a->log_count);
	rxp_write_base64(out, "LogHead", a->log_head, sizeof a->log_head);
	for (size_t i = 0; i < RXP_MAX_FLAGS && a->flags[i][0] != '\0'; i++)
		rxp_write_text(out, "Flag", a->flags[i]);
}

static void write_last(struct rxp_buf *out, const struct rxp_answer_last *last)
{
	char tag[MAX_TAG_TEXT];

	snprintf(tag, sizeof tag, "Last party=\"%s\" position=\"%" PRIu64 "\"", last->party,
	    last->position);
	if (last->position == 0)
		rxp_write_text(out, tag, "");
	else
		rxp_write_base64(out, tag, last->fingerprint, sizeof last->fingerprint);
}

static void write_refusal(struct rxp_buf *out, const struct rxp_answer *a)
{
	const struct rxp_refusal_row *row = rxp_refusal_row(a->refusal);

	rxp_write_text(out, "Code", row->wire);
	rxp_write_text(out, "Class", rxp_refusal_class_name(row->class));
	if (a->requirement[0] != '\0')
		rxp_write_text(out, "Requirement", a->requirement);
	if (a->place[0] != '\0')
		rxp_write_text(out, "Place", a->place);
	if (a->retry_ms != 0)
		rxp_write_time(out, "RetryAt", a->retry_ms);
	if (a->working.len > 0)
		rxp_write_base64(out, "Working", a->working.data, a->working.len);
	if (a->has_view) {
		rxp_buf_puts(out, "<View>");
		write_last(out, &a->view[0]);
		write_last(out, &a->view[1]);
		rxp_buf_puts(out, "</View>");
	}
}

int rxp_answer_seal(struct rxp_buf *out, const struct rxp_answer *a, int64_t now_ms,
    const struct rxp_signer *signer)
{
	bool receipt = a->kind == RXP_ANSWER_RECEIPT;
	struct rxp_buf header, body, whole;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	int rc = check_rules(a);

	if (rc != 0)
		return rc;
	rxp_buf_init(&header, MAX_HEADER_OCTETS);
	rxp_buf_init(&body, RXP_MAX_ANSWER_OCTETS);
	rxp_buf_init(&whole, RXP_MAX_ANSWER_OCTETS);
	rxp_write_id(&header, "MessageId", a->message_id);
	rxp_write_text(&header, "From", a->from);
	rxp_write_text(&header, "To", a->to);
	rxp_write_time(&header, "Created", a->created_ms);
	rxp_write_base64(&body, "EnvelopeDigest", a->envelope_digest, sizeof a->envelope_digest);
	if (a->has_fingerprint)
		rxp_write_base64(&body, "Fingerprint", a->fingerprint, sizeof a->fingerprint);
	if (receipt)
		write_receipt(&body, a);
	else
		write_refusal(&body, a);
	if ((rc = rxp_buf_error(&header)) == 0 && (rc = rxp_buf_error(&body)) == 0 &&
	    (rc = rxp_seal_sign(&whole, receipt ? RXP_KIND_RECEIPT : RXP_KIND_REFUSAL, &header,
		 &body, now_ms, signer, fingerprint)) == 0)
		rc = rxp_buf_put(out, whole.data, whole.len);
	rxp_buf_free(&header);
	rxp_buf_free(&body);
	rxp_buf_free(&whole);
	return rc;
}

static int read_header(struct rxp_answer *a, const struct _xmlNode *header, const char *ns)
{
	struct rxp_walk w;

	rxp_walk_init(&w, header, ns);
	rxp_walk_id(&w, "MessageId", a->message_id, 7);
	rxp_walk_party(&w, "From", a->from);
	rxp_walk_party(&w, "To", a->to);
	rxp_walk_time(&w, "Created", &a->created_ms);
	return rxp_walk_end(&w);
}

static void read_receipt(struct rxp_answer *a, struct rxp_walk *w)
{
	rxp_walk_time(w, "ReceivedAt", &a->received_ms);
	rxp_walk_id(w, "LogId", a->log_id, 4);
	rxp_walk_number(w, "LogCount", &a->log_count, MAX_COUNT);
	rxp_walk_octets(w, "LogHead", a->log_head, sizeof a->log_head);
	for (size_t i = 0; i < RXP_MAX_FLAGS && rxp_walk_at(w, "Flag"); i++)
		rxp_walk_text(w, "Flag", a->flags[i], sizeof a->flags[i]);
}

/* The code of a row, with the class of that row. */
static int read_code(struct rxp_answer *a, struct rxp_walk *w)
{
	char code[MAX_CODE_TEXT];
	char class[MAX_CODE_TEXT];

	rxp_walk_text(w, "Code", code, sizeof code);
	rxp_walk_text(w, "Class", class, sizeof class);
	if (w->error != 0)
		return w->error;
	if (rxp_refusal_parse(&a->refusal, code) != 0)
		return RXP_ERR_UNSUPPORTED;
	if (strcmp(class, rxp_refusal_class_name(rxp_refusal_row(a->refusal)->class)) != 0)
		return RXP_ERR_SCHEMA;
	return 0;
}

/* The schema has seen both attributes and their form, but for white space. */
static int read_last(struct rxp_answer_last *last, struct rxp_walk *w)
{
	const struct _xmlNode *element = w->next;
	const char *party, *position;

	if (!rxp_walk_at(w, "Last"))
		return RXP_ERR_STRUCTURE;
	party = rxp_xml_attribute(element, "party");
	position = rxp_xml_attribute(element, "position");
	if (!rxp_party_valid(party) || strspn(position, "0123456789") != strlen(position))
		return RXP_ERR_SCHEMA;
	memcpy(last->party, party, RXP_PARTY_TEXT);
	last->position = strtoull(position, NULL, 10);
	if (last->position == 0) {
		char nothing[1];

		return rxp_walk_text(w, "Last", nothing, sizeof nothing);
	}
	return rxp_walk_octets(w, "Last", last->fingerprint, sizeof last->fingerprint);
}

static int read_view(struct rxp_answer *a, const struct _xmlNode *view, const char *ns)
{
	struct rxp_walk w;
	int rc;

	rxp_walk_init(&w, view, ns);
	if ((rc = read_last(&a->view[0], &w)) != 0 || (rc = read_last(&a->view[1], &w)) != 0)
		return rc;
	a->has_view = true;
	return rxp_walk_end(&w);
}

static int read_refusal(struct rxp_answer *a, struct rxp_walk *w)
{
	int rc = read_code(a, w);

	if (rc != 0)
		return rc;
	if (rxp_walk_at(w, "Requirement"))
		rxp_walk_text(w, "Requirement", a->requirement, sizeof a->requirement);
	if (rxp_walk_at(w, "Place"))
		rxp_walk_text(w, "Place", a->place, sizeof a->place);
	if (rxp_walk_at(w, "RetryAt"))
		rxp_walk_time(w, "RetryAt", &a->retry_ms);
	if (rxp_walk_at(w, "Working"))
		rxp_walk_base64(w, "Working", &a->working);
	if (rxp_walk_at(w, "View"))
		return read_view(a, rxp_walk_element(w, "View"), w->ns);
	return 0;
}

static int read_body(struct rxp_answer *a, const struct _xmlNode *body, const char *ns)
{
	struct rxp_walk w;
	int rc = 0;

	rxp_walk_init(&w, body, ns);
	rxp_walk_octets(&w, "EnvelopeDigest", a->envelope_digest, sizeof a->envelope_digest);
	a->has_fingerprint = rxp_walk_at(&w, "Fingerprint");
	if (a->has_fingerprint)
		rxp_walk_octets(&w, "Fingerprint", a->fingerprint, sizeof a->fingerprint);
	if (a->kind == RXP_ANSWER_RECEIPT)
		read_receipt(a, &w);
	else
		rc = read_refusal(a, &w);
	if (rc == 0)
		rc = rxp_walk_end(&w);
	return rc == 0 ? check_rules(a) : rc;
}

static int kind_of(enum rxp_kind *out, const struct rxp_xml *xml)
{
	const char *ns = rxp_xml_namespace(rxp_xml_root(xml));

	if (strcmp(ns, rxp_kind_namespace(RXP_KIND_RECEIPT)) == 0)
		*out = RXP_KIND_RECEIPT;
	else if (strcmp(ns, rxp_kind_namespace(RXP_KIND_REFUSAL)) == 0)
		*out = RXP_KIND_REFUSAL;
	else
		return RXP_ERR_STRUCTURE;
	return 0;
}

int rxp_answer_open(struct rxp_answer *out, const uint8_t *octets, size_t len,
    const struct rxp_cert *const *certs, size_t n)
{
	struct rxp_xml *xml = NULL;
	struct rxp_seal seal = {0};
	struct rxp_answer a;
	enum rxp_kind kind;
	int rc;

	rxp_answer_init(&a);
	if ((rc = rxp_xml_parse(&xml, octets, len, RXP_MAX_ANSWER_OCTETS, RXP_XML_SEALED)) != 0 ||
	    (rc = kind_of(&kind, xml)) != 0 ||
	    (rc = rxp_seal_verify(&seal, xml, kind, certs, n)) != 0 ||
	    (rc = rxp_schema_validate(xml, NULL, NULL)) != 0)
		goto done;
	a.kind = kind == RXP_KIND_RECEIPT ? RXP_ANSWER_RECEIPT : RXP_ANSWER_REFUSAL;
	if ((rc = read_header(&a, seal.header, rxp_kind_namespace(kind))) != 0 ||
	    (rc = read_body(&a, seal.body, rxp_kind_namespace(kind))) != 0)
		goto done;
	a.cert = seal.cert;
	*out = a;
	rxp_answer_init(&a);
done:
	rxp_answer_clear(&a);
	rxp_seal_clear(&seal);
	rxp_xml_free(xml);
	return rc;
}
