#include "conformance/report/decisive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/report/report_file.h"
#include "conformance/requirement/requirement.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/message/answer.h"
#include "protocol/seal/seal_names.h"
#include "protocol/xml/xml.h"

#define MAX_ID 16 /* of a requirement, with its NUL */
#define MAX_WORD 64 /* a code or a status, with its NUL */
#define DIGEST_TEXT (RXP_BASE64_LENGTH(RXP_DIGEST_OCTETS) + 1)

/* --- octets of the report ---------------------------------------------------------------------- */

/* The caller frees out, whatever it returns. */
static int octets_of(struct rxp_buf *out, const struct report_file *f, size_t i, const char *member)
{
	const char *base64 = report_case_text(f, i, member);

	rxp_buf_init(out, RXP_MAX_ENVELOPE_OCTETS);
	return rxp_base64_get(out, base64, strlen(base64));
}

/* NULL: it is no XML that could be sent. The caller frees it. */
static struct rxp_xml *xml_of(
    const struct report_file *f, size_t i, const char *member, enum rxp_xml_kind kind)
{
	struct rxp_xml *xml = NULL;
	struct rxp_buf octets;

	if (octets_of(&octets, f, i, member) == 0 && octets.len > 0)
		(void)rxp_xml_parse(&xml, octets.data, octets.len, RXP_MAX_ENVELOPE_OCTETS, kind);
	rxp_buf_free(&octets);
	return xml;
}

static struct _xmlNode *part(const struct rxp_xml *xml, const char *name)
{
	struct _xmlNode *root = xml == NULL ? NULL : rxp_xml_root(xml);

	return root == NULL ? NULL : rxp_xml_child(root, rxp_xml_namespace(root), name);
}

/* "" if it is not there. */
static const char *field_of(const struct _xmlNode *part, const char *name)
{
	return part == NULL ? "" : rxp_xml_leaf(rxp_xml_child(part, rxp_xml_namespace(part), name));
}

static void digest_text(char out[DIGEST_TEXT], const uint8_t *octets, size_t len)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	struct rxp_buf text;

	out[0] = '\0';
	rxp_buf_init(&text, DIGEST_TEXT);
	if (EVP_Digest(octets, len, digest, NULL, EVP_sha256(), NULL) == 1 &&
	    rxp_base64_put(&text, digest, sizeof digest) == 0) {
		memcpy(out, text.data, text.len);
		out[text.len] = '\0';
	}
	rxp_buf_free(&text);
}

/* Of the Document that was sent under this MessageId; "" if it is not in the report (RXP-ANS-003). */
static void fingerprint_of(
    char out[DIGEST_TEXT], const struct report_file *f, size_t i, const char *message_id)
{
	struct rxp_xml *xml = xml_of(f, i, "inside", RXP_XML_SEALED);
	struct rxp_buf canonical;
	struct _xmlNode *info = NULL;

	out[0] = '\0';
	rxp_buf_init(&canonical, RXP_MAX_DOCUMENT_OCTETS);
	if (xml != NULL && strcmp(field_of(part(xml, "Header"), "MessageId"), message_id) == 0)
		info = rxp_xml_child(rxp_xml_child(rxp_xml_root(xml), RXP_NS_DS, "Signature"),
		    RXP_NS_DS, "SignedInfo");
	if (info != NULL && rxp_xml_c14n(&canonical, xml, info) == 0)
		digest_text(out, canonical.data, canonical.len);
	rxp_buf_free(&canonical);
	rxp_xml_free(xml);
}

/* --- an answer that was not believed ----------------------------------------------------------- */

/* Does a Refusal of this code carry a View? */
static bool has_view(const char *code)
{
	return strcmp(code, rxp_refusal_row(RXP_REFUSAL_GAP)->wire) == 0 ||
	       strcmp(code, rxp_refusal_row(RXP_REFUSAL_FORK)->wire) == 0;
}

/* An answer that is right but for its Code is not one with a wrong View. */
static const char *view_defect(const struct decisive *d, bool has)
{
	if (d->field != NULL && strcmp(d->field, "Code") == 0 && has_view(d->expected) == has)
		return has ? "its Code is wrong; the View in it is right for the Code that was expected"
			   : "its Code is wrong; it carries no View, which is right for the Code that was expected";
	return has ? "it carries a View, which its Code must not have"
		   : "it carries no View, which its Code must have";
}

static void find_refusal(struct decisive *out, const struct _xmlNode *body)
{
	bool has = rxp_xml_child(body, rxp_xml_namespace(body), "View") != NULL;
	enum rxp_refusal code;

	out->clause = "RXP-ANS-008";
	if (rxp_refusal_parse(&code, field_of(body, "Code")) != 0) {
		out->defect = "its Code is none of section 6";
	} else if (strcmp(field_of(body, "Class"),
		       rxp_refusal_class_name(rxp_refusal_row(code)->class)) != 0) {
		out->defect = "its Class is not the one of its Code";
	} else if (has != has_view(field_of(body, "Code"))) {
		out->clause = "RXP-CHN-011";
		out->defect = view_defect(out, has);
	} else {
		out->clause = NULL;
	}
}

static void find_defect(struct decisive *out, const struct report_file *f, size_t i,
    const struct rxp_xml *answer, const struct rxp_xml *sent)
{
	const struct _xmlNode *body = part(answer, "Body");
	char digest[DIGEST_TEXT] = "";
	struct rxp_buf octets;

	if (octets_of(&octets, f, i, "sent") == 0)
		digest_text(digest, octets.data, octets.len);
	out->clause = "RXP-ANS-012";
	if (sent != NULL && strcmp(field_of(part(sent, "Header"), "MessageId"),
				field_of(part(answer, "Header"), "MessageId")) != 0)
		out->defect = "it names another MessageId than the one that was sent";
	else if (sent != NULL && strcmp(digest, field_of(body, "EnvelopeDigest")) != 0)
		out->defect = "its EnvelopeDigest is not that of the Envelope that was sent";
	else if (strcmp(out->answer, "Refusal") == 0 && body != NULL)
		find_refusal(out, body);
	else
		out->clause = NULL;
	rxp_buf_free(&octets);
}

/* --- the field --------------------------------------------------------------------------------- */

static void set(struct decisive *out, const char *field, const char *expected, const char *received)
{
	out->field = field;
	(void)snprintf(out->expected, sizeof out->expected, "%s", expected);
	(void)snprintf(out->received, sizeof out->received, "%s", received);
}

/* The word behind a piece of text that it begins with; NULL: it does not, or does not fit. */
static const char *word_behind(char out[MAX_WORD], const char *text, const char *piece)
{
	size_t len;

	if (strncmp(text, piece, strlen(piece)) != 0)
		return NULL;
	text += strlen(piece);
	len = strcspn(text, " ,");
	if (len == 0 || len >= MAX_WORD)
		return NULL;
	memcpy(out, text, len);
	out[len] = '\0';
	return out;
}

/* "wanted A, got B" */
static void find_wanted(struct decisive *out, const char *wanted, const char *got)
{
	char want[MAX_WORD], came[MAX_WORD];
	const char *code = word_behind(want, wanted, "the Refusal ");
	const char *status = word_behind(came, got, "the status ");
	enum rxp_refusal refusal;

	if (code != NULL && status != NULL && rxp_refusal_parse(&refusal, code) == 0) {
		out->field = "HTTP status";
		(void)snprintf(out->expected, sizeof out->expected,
		    "%d, with the signed Refusal %s", rxp_refusal_row(refusal)->http_status, code);
		(void)snprintf(
		    out->received, sizeof out->received, "%s, without a signed answer", status);
	} else if (code != NULL && out->code[0] != '\0' && strcmp(code, out->code) != 0) {
		set(out, "Code", code, out->code);
	} else if (code != NULL && strcmp(got, "a Receipt") == 0) {
		out->field = "Answer";
		(void)snprintf(out->expected, sizeof out->expected, "the Refusal %s", code);
		(void)snprintf(out->received, sizeof out->received, "%s", got);
	} else if (word_behind(want, wanted, "the status ") != NULL && status != NULL) {
		set(out, "HTTP status", want, status);
	}
}

static void find_field(
    struct decisive *out, const struct report_file *f, size_t i, const struct rxp_xml *answer)
{
	static const char wanted[] = "wanted ", middle[] = ", got ";
	const char *why = report_case_text(f, i, "why"), *got = strstr(why, middle);
	char fingerprint[DIGEST_TEXT];

	if (strncmp(why, wanted, strlen(wanted)) == 0 && got != NULL) {
		find_wanted(out, why + strlen(wanted), got + strlen(middle));
	} else if (strstr(why, "names another Fingerprint") != NULL && answer != NULL) {
		fingerprint_of(fingerprint, f, i, field_of(part(answer, "Header"), "MessageId"));
		set(out, "Fingerprint",
		    fingerprint[0] == '\0' ? "that of the Document" : fingerprint,
		    field_of(part(answer, "Body"), "Fingerprint"));
	}
}

void decisive_read(struct decisive *out, const struct report_file *f, size_t i)
{
	static const char *const kinds[] = {"Receipt", "Refusal"};
	struct rxp_xml *answer = xml_of(f, i, "received", RXP_XML_SEALED);
	struct rxp_xml *sent = xml_of(f, i, "sent", RXP_XML_ENVELOPE);
	const char *root = answer == NULL ? "" : rxp_xml_name(rxp_xml_root(answer));

	*out = (struct decisive){0};
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
		if (strcmp(root, kinds[k]) == 0)
			out->answer = kinds[k];
	if (out->answer != NULL)
		(void)snprintf(
		    out->code, sizeof out->code, "%s", field_of(part(answer, "Body"), "Code"));
	out->unbelieved = out->answer != NULL &&
			  strstr(report_case_text(f, i, "why"), "an answer that is none") != NULL;
	find_field(out, f, i, answer);
	if (out->unbelieved)
		find_defect(out, f, i, answer, sent);
	(void)snprintf(
	    out->sent_at, sizeof out->sent_at, "%s", field_of(part(sent, "Header"), "Created"));
	rxp_xml_free(sent);
	rxp_xml_free(answer);
}

const struct requirement *decisive_broken(const struct report_file *f, size_t i)
{
	const char *why = report_case_text(f, i, "why"), *colon = strstr(why, ": ");
	char id[MAX_ID];

	if (strncmp(why, "RXP-", strlen("RXP-")) != 0 || colon == NULL ||
	    (size_t)(colon - why) >= sizeof id)
		return NULL;
	memcpy(id, why, (size_t)(colon - why));
	id[colon - why] = '\0';
	return strcmp(id, report_case_text(f, i, "requirement")) == 0 ? NULL : requirement_find(id);
}
