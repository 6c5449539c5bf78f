/* Looks at the connection, the request, the Envelope and the Document. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/hear/sent_look.h"
#include "conformance/state/parties.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/agreement.h"
#include "protocol/message/type.h"

#define SEAL_SPAN_MS (300 * 1000LL)

/* It does not stop at that stage for that reason. */
static bool not_for(const struct heard *h, enum heard_stage stage, int why)
{
	return h->stage != stage || h->why != why;
}

/* --- the connection and the request ---------------------------------------------------------- */

static bool is_tls13(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->line.is_tls13;
}

bool look_tls13(struct sent_look *l)
{
	return sent_of_each(l, is_tls13, "another version");
}

static bool offers_h2(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->line.offers_h2;
}

bool look_h2(struct sent_look *l)
{
	return sent_of_each(l, offers_h2, "h2 is not offered");
}

static bool has_pin(const struct sent_look *l, const struct heard *h)
{
	const struct rxp_identity *i = &l->parties->product->descriptor->identity;
	bool known = false;

	for (size_t n = 0; n < i->n_pins; n++)
		known = known || memcmp(h->line.pin, i->pins[n], sizeof h->line.pin) == 0;
	return h->line.has_pin && known;
}

bool look_pin(struct sent_look *l)
{
	return sent_of_each(l, has_pin, "no certificate, or one of another key");
}

static bool is_new(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->line.resumes;
}

bool look_no_ticket(struct sent_look *l)
{
	return sent_of_each(l, is_new, "a session of before is offered");
}

static bool is_not_early(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->line.early;
}

bool look_no_early_data(struct sent_look *l)
{
	return sent_of_each(l, is_not_early, "early data is announced");
}

static bool is_posted(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return strcmp(h->method, "POST") == 0 && strcmp(h->path, "/rxp/1/messages") == 0;
}

bool look_path(struct sent_look *l)
{
	return sent_of_each(l, is_posted, "another method or path");
}

static bool has_type(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return strcmp(h->type, "application/rxp+xml") == 0;
}

bool look_type(struct sent_look *l)
{
	return sent_of_each(l, has_type, "another content type, or none");
}

static bool is_not_encoded(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->encoded;
}

bool look_no_encoding(struct sent_look *l)
{
	return sent_of_each(l, is_not_encoded, "content-encoding is there");
}

static bool has_no_trailers(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->trailers;
}

bool look_no_trailers(struct sent_look *l)
{
	return sent_of_each(l, has_no_trailers, "trailers came");
}

/* --- the Envelope ---------------------------------------------------------------------------- */

static bool is_well_formed(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_PARSE, RXP_ERR_SYNTAX) && not_for(h, HEARD_OPEN, RXP_ERR_SYNTAX);
}

bool look_well_formed(struct sent_look *l)
{
	return sent_of_each(l, is_well_formed, "it does not parse");
}

static bool is_strict(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_PARSE, RXP_ERR_STRICT) && not_for(h, HEARD_OPEN, RXP_ERR_STRICT);
}

bool look_strict(struct sent_look *l)
{
	return sent_of_each(l, is_strict, "a comment, an entity, a declaration or the like");
}

static bool has_shape(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_PARSE, RXP_ERR_STRUCTURE);
}

bool look_envelope_shape(struct sent_look *l)
{
	return sent_of_each(l, has_shape, "another element, attribute or order");
}

static bool has(const struct rxp_buf *text, const char *what)
{
	return text->len > 0 && memmem(text->data, text->len, what, strlen(what)) != NULL;
}

static size_t count(const struct rxp_buf *text, const char *what)
{
	const char *at = (const char *)text->data, *end = at + text->len;
	size_t n = 0;

	for (; (at = memmem(at, (size_t)(end - at), what, strlen(what))) != NULL; at++)
		n++;
	return n;
}

/* The deepest element of a text that is XML without comments and the like. */
static size_t depth_of(const struct rxp_buf *text)
{
	size_t depth = 0, deepest = 0;

	for (size_t i = 0; i + 1 < text->len; i++) {
		const char *at = (const char *)text->data + i;

		if (depth > 0 && (memcmp(at, "</", 2) == 0 || memcmp(at, "/>", 2) == 0))
			depth--;
		else if (at[0] == '<' && at[1] != '/' && at[1] != '?')
			depth++;
		if (depth > deepest)
			deepest = depth;
	}
	return deepest;
}

static bool is_shallow(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return depth_of(&h->envelope) <= RXP_MAX_XML_DEPTH &&
	       depth_of(&h->document) <= RXP_MAX_XML_DEPTH;
}

bool look_depth(struct sent_look *l)
{
	return sent_of_each(l, is_shallow, "an element lies deeper");
}

static bool has_derivation(const struct sent_look *l, const struct heard *h)
{
	struct rxp_info info;
	bool whole = true;

	rxp_info_make(&info, rxp_suite_p256.name, product_party(l->parties->product),
	    l->parties->own->party, h->message_id);
	for (size_t i = 0; i < RXP_INFO_PARTS; i++)
		whole = whole && has(&h->envelope_plain, info.part[i]);
	return whole;
}

bool look_derivation(struct sent_look *l)
{
	return sent_of_each(
	    l, has_derivation, "AlgorithmID, PartyUInfo, PartyVInfo or SuppPubInfo is another");
}

static bool has_point(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->stage == HEARD_PARSE || rxp_agreement_point_check(&rxp_suite_p256,
					      h->secrets.point, sizeof h->secrets.point) == 0;
}

bool look_point(struct sent_look *l)
{
	return sent_of_each(l, has_point, "another form, or not on the curve");
}

static bool has_algorithms(const struct sent_look *l, const struct heard *h)
{
	static const char *const names[] = {"xmlenc11#aes256-gcm", "xmlenc#kw-aes256",
	    "xmlenc11#ECDH-ES", "xmlenc11#ConcatKDF", "xmlenc#sha256",
	    "urn:oid:1.2.840.10045.3.1.7"};
	bool all = true;

	(void)l;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		all = all && has(&h->envelope_plain, names[i]);
	return all && count(&h->envelope_plain, "EncryptedKey") == 2; /* its start and its end */
}

bool look_algorithms(struct sent_look *l)
{
	return sent_of_each(l, has_algorithms, "another algorithm, or another number of keys");
}

static bool has_size(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->envelope.len <= RXP_MAX_ENVELOPE_OCTETS;
}

bool look_envelope_size(struct sent_look *l)
{
	return sent_of_each(l, has_size, "it is larger");
}

static bool has_suite(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_PARSE, RXP_ERR_UNSUPPORTED);
}

bool look_suite(struct sent_look *l)
{
	return sent_of_each(l, has_suite, "another suite");
}

static bool has_key(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_DECRYPT, RXP_ERR_KEY);
}

bool look_key_known(struct sent_look *l)
{
	return sent_of_each(l, has_key, "a key that this State never had");
}

static bool is_decrypted(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_DECRYPT, RXP_ERR_DECRYPT);
}

bool look_decrypts(struct sent_look *l)
{
	return sent_of_each(l, is_decrypted, "it does not decrypt under the key that it names");
}

bool look_keys_differ(struct sent_look *l)
{
	return sent_all_differ(l, offsetof(struct heard, secrets.key), sizeof l->first->secrets.key,
	    "two messages have one content key");
}

bool look_ivs_differ(struct sent_look *l)
{
	return sent_all_differ(l, offsetof(struct heard, secrets.iv), sizeof l->first->secrets.iv,
	    "two messages have one IV");
}

bool look_points_differ(struct sent_look *l)
{
	return sent_all_differ(l, offsetof(struct heard, secrets.point),
	    sizeof l->first->secrets.point, "two messages have one ephemeral key");
}

static bool has_parties(const struct sent_look *l, const struct heard *h)
{
	return !sent_is_open(h) ||
	       (strcmp(h->header.outer.from, product_party(l->parties->product)) == 0 &&
		   strcmp(h->header.outer.to, l->parties->own->party) == 0);
}

bool look_parties(struct sent_look *l)
{
	return sent_of_each(l, has_parties, "another party");
}

/* --- the Document ---------------------------------------------------------------------------- */

static bool has_document_size(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_OPEN, RXP_ERR_BOUND) && not_for(h, HEARD_DECRYPT, RXP_ERR_BOUND);
}

bool look_document_size(struct sent_look *l)
{
	return sent_of_each(l, has_document_size, "it is larger");
}

static bool has_document_shape(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_OPEN, RXP_ERR_STRUCTURE);
}

bool look_document_shape(struct sent_look *l)
{
	return sent_of_each(l, has_document_shape, "another element, attribute or order");
}

static bool has_signer(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_OPEN, RXP_ERR_SIGNER);
}

bool look_signer(struct sent_look *l)
{
	return sent_of_each(l, has_signer, "a certificate that the descriptor does not name");
}

static bool has_method(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->stage <= HEARD_DECRYPT || has(&h->document_plain, "xmldsig-more#ecdsa-sha256") ||
	       has(&h->document_plain, "xmldsig-more#ecdsa-sha384") ||
	       has(&h->document_plain, "xmldsig-more#rsa-sha256");
}

bool look_signature_method(struct sent_look *l)
{
	return sent_of_each(l, has_method, "another method");
}

static bool is_sealed(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_OPEN, RXP_ERR_SEAL);
}

bool look_verifies(struct sent_look *l)
{
	return sent_of_each(l, is_sealed, "a digest or the signature is wrong, or its time");
}

static bool has_equal_headers(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_OPEN, RXP_ERR_MISMATCH);
}

bool look_headers_equal(struct sent_look *l)
{
	return sent_of_each(l, has_equal_headers, "a field differs");
}

static bool is_valid(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->stage != HEARD_CHECK;
}

bool look_content_valid(struct sent_look *l)
{
	return sent_of_each(l, is_valid, "the content, or its type, is none that may be");
}

bool look_salts_differ(struct sent_look *l)
{
	return sent_all_differ(
	    l, offsetof(struct heard, salt), sizeof l->first->salt, "two documents have one Salt");
}

static bool is_office(const char *name)
{
	static const char *const offices[] = {
#define OFFICE(name) name,
#include "protocol/message/office.def"
#undef OFFICE
	};

	for (size_t i = 0; i < sizeof offices / sizeof offices[0]; i++)
		if (strcmp(offices[i], name) == 0)
			return true;
	return false;
}

static bool has_offices(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !sent_is_open(h) ||
	       (is_office(h->header.from_office) && is_office(h->header.to_office));
}

bool look_offices(struct sent_look *l)
{
	return sent_of_each(l, has_offices, "an office that the list has not");
}

/* NULL: it does not open, or its type is unknown, which another case says. */
static const struct rxp_type_row *type_of(const struct heard *h)
{
	enum rxp_type type;

	return sent_is_open(h) && rxp_type_parse(&type, h->header.type) == 0 ? rxp_type_row(type)
									     : NULL;
}

static bool has_offices_of_type(const struct sent_look *l, const struct heard *h)
{
	const struct rxp_type_row *row = type_of(h);

	(void)l;
	return row == NULL || row->scope != RXP_SCOPE_NODE ||
	       (strcmp(h->header.from_office, row->asking_office) == 0 &&
		   strcmp(h->header.to_office, row->asked_office) == 0);
}

bool look_offices_of_type(struct sent_look *l)
{
	return sent_of_each(l, has_offices_of_type, "other offices than its type has");
}

static bool has_case_fields(const struct sent_look *l, const struct heard *h)
{
	const struct rxp_type_row *row = type_of(h);

	(void)l;
	return row == NULL || h->header.in_case == (row->scope != RXP_SCOPE_NODE);
}

bool look_case_fields(struct sent_look *l)
{
	return sent_of_each(
	    l, has_case_fields, "CaseId where there is no case, or none where there is one");
}

/* Blanks between two elements are a line feed and two spaces for each level. */
static bool is_plain_gap(const char *at, const char *end)
{
	size_t n = 0;

	while (at + n < end && strchr(" \t\r\n", at[n]) != NULL)
		n++;
	if (n == 0 || at + n == end || at[n] != '<')
		return true;
	return at[0] == '\n' && n % 2 == 1 && strspn(at + 1, " ") == n - 1;
}

static bool is_plain_tag(const char *at)
{
	return memchr(at, ':', strcspn(at, " >")) == NULL;
}

/* Behind a compartment that begins there, which has a form of its own (RXP-CMP-001) and a prefix of its sender's choice, or none;
 * otherwise the same. */
static const char *behind_compartment(const char *at, const char *end)
{
	static const char local[] = "EncryptedData";
	size_t name = strcspn(at + 1, " >"), len = sizeof local - 1;
	char closes[64];
	const char *closed;

	if (*at != '<' || name < len || memcmp(at + 1 + name - len, local, len) != 0 ||
	    (name > len && at[name - len] != ':') || name > sizeof closes - 4)
		return at;
	(void)snprintf(closes, sizeof closes, "</%.*s", (int)name, at + 1);
	closed = memmem(at, (size_t)(end - at), closes, strlen(closes));
	closed = closed == NULL ? NULL : memchr(closed, '>', (size_t)(end - closed));
	return closed == NULL ? at : closed + 1;
}

/* Of what stands between Salt and the end of the Body. */
static bool is_plain(const struct sent_look *l, const struct heard *h)
{
	const char *text = (const char *)h->document.data, *at, *end;

	(void)l;
	if (!sent_is_open(h))
		return true;
	at = memmem(text, h->document.len, "</Salt>", 7);
	end = at == NULL ? NULL : memmem(at, h->document.len - (size_t)(at - text), "</Body>", 7);
	if (end == NULL)
		return false;
	for (at += 6; at < end; at++) {
		at = behind_compartment(at, end);
		if ((*at == '<' && !is_plain_tag(at)) || (*at == '>' && !is_plain_gap(at + 1, end)))
			return false;
	}
	return true;
}

bool look_plain(struct sent_look *l)
{
	return sent_of_each(l, is_plain, "a prefix, or blanks of another form");
}

static bool attaches_in_case(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !sent_is_open(h) || h->header.in_case || !h->attaches;
}

bool look_no_attachments(struct sent_look *l)
{
	return sent_of_each(l, attaches_in_case, "Attachments are there");
}

static bool is_sealed_when_created(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !sent_is_open(h) ||
	       llabs((long long)(h->sealed_ms - h->header.outer.created_ms)) <= SEAL_SPAN_MS;
}

bool look_sealed_at(struct sent_look *l)
{
	return sent_of_each(l, is_sealed_when_created, "it is further away");
}
