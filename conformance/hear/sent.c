#include "conformance/hear/sent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/state/parties.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/message/type.h"

#define SECOND_MS 1000LL
#define LEAST_PAUSE_MS 100
#define SEAL_SPAN_MS (300 * SECOND_MS)

/* --- tools ----------------------------------------------------------------------------------- */

static bool say(struct sent_look *l, const struct heard *at, const char *why)
{
	(void)snprintf(l->why, sizeof l->why, "%s", why);
	l->at = at;
	return false;
}

/* Does it hold of each message? */
typedef bool holds(const struct sent_look *l, const struct heard *h);

static bool of_each(struct sent_look *l, holds *good, const char *why)
{
	for (const struct heard *h = l->first; h != NULL; h = h->next)
		if (!good(l, h))
			return say(l, h, why);
	return true;
}

/* Do all messages that open so far differ in these octets of theirs? */
static bool all_differ(struct sent_look *l, size_t at, size_t len, const char *why)
{
	for (const struct heard *h = l->first; h != NULL; h = h->next)
		for (const struct heard *other = l->first; h->stage > HEARD_DECRYPT && other != h;
		     other = other->next)
			if (other->stage > HEARD_DECRYPT &&
			    memcmp((const char *)h + at, (const char *)other + at, len) == 0)
				return say(l, h, why);
	return true;
}

static bool is_open(const struct heard *h)
{
	return h->stage == HEARD_CHECK || h->stage == HEARD_OPENED;
}

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

static bool look_tls13(struct sent_look *l)
{
	return of_each(l, is_tls13, "another version");
}

static bool offers_h2(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->line.offers_h2;
}

static bool look_h2(struct sent_look *l)
{
	return of_each(l, offers_h2, "h2 is not offered");
}

static bool has_pin(const struct sent_look *l, const struct heard *h)
{
	const struct rxp_identity *i = &l->parties->product->descriptor->identity;
	bool known = false;

	for (size_t n = 0; n < i->n_pins; n++)
		known = known || memcmp(h->line.pin, i->pins[n], sizeof h->line.pin) == 0;
	return h->line.has_pin && known;
}

static bool look_pin(struct sent_look *l)
{
	return of_each(l, has_pin, "no certificate, or one of another key");
}

static bool is_new(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->line.resumes;
}

static bool look_no_ticket(struct sent_look *l)
{
	return of_each(l, is_new, "a session of before is offered");
}

static bool is_not_early(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->line.early;
}

static bool look_no_early_data(struct sent_look *l)
{
	return of_each(l, is_not_early, "early data is announced");
}

static bool is_posted(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return strcmp(h->method, "POST") == 0 && strcmp(h->path, "/rxp/1/messages") == 0;
}

static bool look_path(struct sent_look *l)
{
	return of_each(l, is_posted, "another method or path");
}

static bool has_type(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return strcmp(h->type, "application/rxp+xml") == 0;
}

static bool look_type(struct sent_look *l)
{
	return of_each(l, has_type, "another content type, or none");
}

static bool is_not_encoded(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->encoded;
}

static bool look_no_encoding(struct sent_look *l)
{
	return of_each(l, is_not_encoded, "content-encoding is there");
}

static bool has_no_trailers(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->trailers;
}

static bool look_no_trailers(struct sent_look *l)
{
	return of_each(l, has_no_trailers, "trailers came");
}

/* --- the Envelope ---------------------------------------------------------------------------- */

static bool is_well_formed(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_PARSE, RXP_ERR_SYNTAX) && not_for(h, HEARD_OPEN, RXP_ERR_SYNTAX);
}

static bool look_well_formed(struct sent_look *l)
{
	return of_each(l, is_well_formed, "it does not parse");
}

static bool is_strict(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_PARSE, RXP_ERR_STRICT) && not_for(h, HEARD_OPEN, RXP_ERR_STRICT);
}

static bool look_strict(struct sent_look *l)
{
	return of_each(l, is_strict, "a comment, an entity, a declaration or the like");
}

static bool has_shape(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_PARSE, RXP_ERR_STRUCTURE);
}

static bool look_envelope_shape(struct sent_look *l)
{
	return of_each(l, has_shape, "another element, attribute or order");
}

static bool has_size(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->envelope.len <= RXP_MAX_ENVELOPE_OCTETS;
}

static bool look_envelope_size(struct sent_look *l)
{
	return of_each(l, has_size, "it is larger");
}

static bool has_suite(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_PARSE, RXP_ERR_UNSUPPORTED);
}

static bool look_suite(struct sent_look *l)
{
	return of_each(l, has_suite, "another suite");
}

static bool has_key(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_DECRYPT, RXP_ERR_KEY);
}

static bool look_key_known(struct sent_look *l)
{
	return of_each(l, has_key, "a key that this State never had");
}

static bool is_decrypted(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_DECRYPT, RXP_ERR_DECRYPT);
}

static bool look_decrypts(struct sent_look *l)
{
	return of_each(l, is_decrypted, "it does not decrypt under the key that it names");
}

static bool look_keys_differ(struct sent_look *l)
{
	return all_differ(l, offsetof(struct heard, secrets.key), sizeof l->first->secrets.key,
	    "two messages have one content key");
}

static bool look_ivs_differ(struct sent_look *l)
{
	return all_differ(l, offsetof(struct heard, secrets.iv), sizeof l->first->secrets.iv,
	    "two messages have one IV");
}

static bool look_points_differ(struct sent_look *l)
{
	return all_differ(l, offsetof(struct heard, secrets.point), sizeof l->first->secrets.point,
	    "two messages have one ephemeral key");
}

static bool has_parties(const struct sent_look *l, const struct heard *h)
{
	return !is_open(h) ||
	       (strcmp(h->header.outer.from, product_party(l->parties->product)) == 0 &&
		   strcmp(h->header.outer.to, l->parties->own->party) == 0);
}

static bool look_parties(struct sent_look *l)
{
	return of_each(l, has_parties, "another party");
}

/* --- the Document ---------------------------------------------------------------------------- */

static bool has_document_size(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_OPEN, RXP_ERR_BOUND) && not_for(h, HEARD_DECRYPT, RXP_ERR_BOUND);
}

static bool look_document_size(struct sent_look *l)
{
	return of_each(l, has_document_size, "it is larger");
}

static bool has_document_shape(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_OPEN, RXP_ERR_STRUCTURE);
}

static bool look_document_shape(struct sent_look *l)
{
	return of_each(l, has_document_shape, "another element, attribute or order");
}

static bool has_signer(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_OPEN, RXP_ERR_SIGNER);
}

static bool look_signer(struct sent_look *l)
{
	return of_each(l, has_signer, "a certificate that the descriptor does not name");
}

static bool is_sealed(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_OPEN, RXP_ERR_SEAL);
}

static bool look_verifies(struct sent_look *l)
{
	return of_each(l, is_sealed, "a digest or the signature is wrong, or its time");
}

static bool has_equal_headers(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return not_for(h, HEARD_OPEN, RXP_ERR_MISMATCH);
}

static bool look_headers_equal(struct sent_look *l)
{
	return of_each(l, has_equal_headers, "a field differs");
}

static bool is_valid(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->stage != HEARD_CHECK;
}

static bool look_content_valid(struct sent_look *l)
{
	return of_each(l, is_valid, "the content, or its type, is none that may be");
}

static bool look_salts_differ(struct sent_look *l)
{
	return all_differ(
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
	return !is_open(h) || (is_office(h->header.from_office) && is_office(h->header.to_office));
}

static bool look_offices(struct sent_look *l)
{
	return of_each(l, has_offices, "an office that the list has not");
}

/* NULL: it does not open, or its type is unknown, which another case says. */
static const struct rxp_type_row *type_of(const struct heard *h)
{
	enum rxp_type type;

	return is_open(h) && rxp_type_parse(&type, h->header.type) == 0 ? rxp_type_row(type) : NULL;
}

static bool has_offices_of_type(const struct sent_look *l, const struct heard *h)
{
	const struct rxp_type_row *row = type_of(h);

	(void)l;
	return row == NULL || row->scope != RXP_SCOPE_NODE ||
	       (strcmp(h->header.from_office, row->asking_office) == 0 &&
		   strcmp(h->header.to_office, row->asked_office) == 0);
}

static bool look_offices_of_type(struct sent_look *l)
{
	return of_each(l, has_offices_of_type, "other offices than its type has");
}

static bool has_case_fields(const struct sent_look *l, const struct heard *h)
{
	const struct rxp_type_row *row = type_of(h);

	(void)l;
	return row == NULL || h->header.in_case == (row->scope != RXP_SCOPE_NODE);
}

static bool look_case_fields(struct sent_look *l)
{
	return of_each(
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

/* Of what stands between Salt and the end of the Body. */
static bool is_plain(const struct sent_look *l, const struct heard *h)
{
	const char *text = (const char *)h->document.data, *at, *end;

	(void)l;
	if (!is_open(h))
		return true;
	at = memmem(text, h->document.len, "</Salt>", 7);
	end = at == NULL ? NULL : memmem(at, h->document.len - (size_t)(at - text), "</Body>", 7);
	if (end == NULL)
		return false;
	for (at += 6; at < end; at++)
		if ((*at == '<' && !is_plain_tag(at)) || (*at == '>' && !is_plain_gap(at + 1, end)))
			return false;
	return true;
}

static bool look_plain(struct sent_look *l)
{
	return of_each(l, is_plain, "a prefix, or blanks of another form");
}

static bool is_sealed_when_created(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !is_open(h) ||
	       llabs((long long)(h->sealed_ms - h->header.outer.created_ms)) <= SEAL_SPAN_MS;
}

static bool look_sealed_at(struct sent_look *l)
{
	return of_each(l, is_sealed_when_created, "it is further away");
}

/* --- identity and time ----------------------------------------------------------------------- */

static bool look_documents_differ(struct sent_look *l)
{
	return all_differ(l, offsetof(struct heard, fingerprint), sizeof l->first->fingerprint,
	    "two messages have one fingerprint");
}

static bool lives_rightly(const struct sent_look *l, const struct heard *h)
{
	int64_t life_ms = h->header.outer.expires_ms - h->header.outer.created_ms;

	(void)l;
	return !is_open(h) || (life_ms > 0 && life_ms <= RXP_MAX_LIFETIME_MS);
}

static bool look_expires(struct sent_look *l)
{
	return of_each(l, lives_rightly, "a life of another length");
}

static bool lives_60_days(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !is_open(h) ||
	       h->header.outer.expires_ms - h->header.outer.created_ms == RXP_DEFAULT_LIFETIME_MS;
}

static bool look_expires_60(struct sent_look *l)
{
	return of_each(l, lives_60_days, "a life of another length");
}

/* --- tries ----------------------------------------------------------------------------------- */

static bool is_same(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->differs;
}

static bool look_same_octets(struct sent_look *l)
{
	return of_each(l, is_same, "a later try has other octets");
}

static bool is_over(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->after == 0;
}

static bool look_ends(struct sent_look *l)
{
	return of_each(l, is_over, "it was sent again after its final answer");
}

/* A stream that was surely not processed may be tried again at once. */
static bool is_patient(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	for (unsigned i = 2; i < h->tries && i < HEARD_TRIES; i++)
		if (h->try_ms[i] - h->try_ms[i - 1] < LEAST_PAUSE_MS)
			return false;
	return true;
}

static bool look_pace(struct sent_look *l)
{
	return of_each(l, is_patient, "tries follow one another at once");
}

/* --- history --------------------------------------------------------------------------------- */

/* The copy before this one; NULL: it is the first of its request. */
static const struct heard *copy_before(const struct sent_look *l, const struct heard *h)
{
	const struct heard *before = NULL;

	for (const struct heard *other = l->first; other != h; other = other->next)
		if (other->copies && memcmp(other->request, h->request, sizeof h->request) == 0)
			before = other;
	return before;
}

static bool is_next(const struct sent_look *l, const struct heard *h)
{
	const struct heard *before = h->copies ? copy_before(l, h) : NULL;

	return !h->copies || h->number == (before == NULL ? 1 : before->number + 1);
}

static bool look_numbers(struct sent_look *l)
{
	return of_each(l, is_next, "a number is left out or comes twice");
}

static bool is_last_empty(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->copies || h->last != h->has_copy;
}

static bool look_last_is_empty(struct sent_look *l)
{
	return of_each(l, is_last_empty, "Last and Copy contradict each other");
}

static bool waits_its_turn(const struct sent_look *l, const struct heard *h)
{
	const struct heard *before = h->copies ? copy_before(l, h) : NULL;

	return before == NULL || before->ended_ms <= h->try_ms[0];
}

static bool look_one_at_a_time(struct sent_look *l)
{
	return of_each(l, waits_its_turn, "a copy came before the one before it was answered");
}

/* --- the table ------------------------------------------------------------------------------- */

static const struct sent_case cases[] = {
#define SENT(requirement, number, least, look, name) \
	{{requirement "." number, "RXP-" requirement, name}, least, look_##look},
#include "conformance/hear/sent.def"
#undef SENT
};
#define N_CASES (sizeof cases / sizeof cases[0])

size_t sent_total(void)
{
	return N_CASES;
}

const struct sent_case *sent_at(size_t i)
{
	if (i >= N_CASES)
		abort();
	return &cases[i];
}
