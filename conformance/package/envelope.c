/* Envelopes for a key that is given: those that open, with the Document within, and those that do not. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "conformance/cases/case.h"
#include "conformance/document/vector.h"
#include "conformance/package/answered.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/state/chance.h"
#include "conformance/state/parties.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"
#include "protocol/envelope/envelope.h"
#include "protocol/message/type.h"

#define NAME_TEXT 256
#define ID_TEXT 96
#define KEY "keys/QRA/agreement.key"
#define MAX_SPKI_OCTETS 256
#define MAX_OCTETS (1024UL * 1024)
#define REKEYED "ENV-015.E.p-rekeyed"

static json_t *given(void)
{
	return json_pack("{s:s, s:s, s:s}", "from", "QMA", "to", "QRA", "key", KEY);
}

/* document: what is within; NULL if it does not open. */
static int put(const struct making *m, const struct shelf_vector *v, const struct rxp_buf *envelope,
    const struct rxp_buf *document)
{
	char octets[NAME_TEXT], plain[NAME_TEXT];
	struct shelf_vector whole = *v;
	int rc;

	(void)snprintf(octets, sizeof octets, "envelope/%s.envelope", v->id);
	(void)snprintf(plain, sizeof plain, "envelope/%s.document", v->id);
	rc = shelf_file(m->shelf, octets, envelope);
	if (rc == 0 && document != NULL)
		rc = shelf_file(m->shelf, plain, document);
	whole.kind = "envelope";
	whole.clock_ms = m->now_ms;
	whole.given = given();
	whole.files = json_pack(
	    "{s:s, s:s*}", "envelope", octets, "document", document == NULL ? NULL : plain);
	if (rc == 0)
		return shelf_add(m->shelf, &whole);
	json_decref(whole.files);
	json_decref(whole.given);
	json_decref(whole.expected);
	return rc;
}

/* Can the key and the clock alone tell the answer? What is changed within the Document is of the kind `document`. */
static bool shows(const struct conform_case *c)
{
	enum stage s = c->change.stage;

	if (base_again(c->base) || base_before(c->base) != BASE_NONE || c->base == BASE_ATTACHED ||
	    c->change.example != NULL || s > STAGE_ENVELOPE || c->expected.kind == EXPECT_SAME ||
	    c->expected.kind == EXPECT_NO_HTTP)
		return false;
	return !facts_negative(&c->facts) || s == STAGE_SIGNER || s >= STAGE_OUTER ||
	       (s == STAGE_FIELDS && c->base == BASE_PING);
}

/* Does its key give the Document, whatever is wrong with it? */
static bool opens(const struct rxp_buf *envelope, const struct rxp_agreement_key *key)
{
	struct rxp_envelope *e = NULL;
	struct rxp_buf plain;
	bool good;

	rxp_buf_init(&plain, RXP_MAX_ENVELOPE_OCTETS);
	good = rxp_envelope_parse(&e, envelope->data, envelope->len) == 0 &&
	       rxp_envelope_decrypt(&plain, e, key, NULL) == 0;
	rxp_envelope_free(e);
	rxp_buf_free(&plain);
	return good;
}

static int put_case(const struct making *m, const struct conform_case *c)
{
	const struct rxp_agreement_key *key = vector_world_parties(m->world, true)->own->agreement;
	const char *r = c->facts.id;
	char id[ID_TEXT];
	struct draft d;
	int rc;

	for (char *to = id; (*to = *r) != '\0'; to++, r++)
		if (r[0] == 'R' && r > c->facts.id && r[-1] == '.')
			*to = 'E';
	making_begin(id);
	rc = draft_begin(&d, vector_world_parties(m->world, false), c->base, m->now_ms);
	if (rc != 0)
		return rc;
	rc = draft_make(&d, &c->change);
	if (rc == 0)
		rc = put(m,
		    &(struct shelf_vector){.id = id,
			.requirement = c->facts.requirement,
			.words = c->facts.name,
			.expected = json_pack("{s:o}", "result", answered_json(&c->expected))},
		    &d.envelope, opens(&d.envelope, key) ? &d.document : NULL);
	draft_clear(&d);
	return rc;
}

/* RXP-ENV-015: first for another key, then for this one; Document, content key, IV and ciphertext are the same. */
static int put_rekeyed(const struct making *m)
{
	const struct parties *own = vector_world_parties(m->world, false);
	uint8_t cek[RXP_KEY_OCTETS];
	struct rxp_envelope *first = NULL;
	struct rxp_buf spki, closed, again;
	struct draft d;
	int rc;

	making_begin(REKEYED);
	rxp_buf_init(&spki, MAX_SPKI_OCTETS);
	rxp_buf_init(&closed, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_init(&again, RXP_MAX_ENVELOPE_OCTETS);
	rc = draft_begin(&d, own, BASE_PING, m->now_ms);
	if (rc != 0)
		return rc;
	rc = draft_make(&d, NULL);
	if (rc == 0)
		rc = rxp_agreement_key_spki(own->own->agreement, &spki);
	if (rc == 0)
		rc = rxp_envelope_close(&closed, &d.outer, d.document.data, d.document.len,
		    spki.data, spki.len, chance(), cek);
	if (rc == 0)
		rc = rxp_envelope_parse(&first, closed.data, closed.len);
	if (rc == 0)
		rc = rxp_envelope_rekey(&again, first, cek, d.spki.data, d.spki.len, chance());
	if (rc == 0)
		rc = put(m,
		    &(struct shelf_vector){.id = REKEYED,
			.requirement = "RXP-ENV-015",
			.words = "an Envelope whose EncryptedKey was made anew for another key",
			.expected = json_pack("{s:s}", "result", "receipt")},
		    &again, &d.document);
	rxp_envelope_free(first);
	rxp_buf_free(&spki);
	rxp_buf_free(&closed);
	rxp_buf_free(&again);
	draft_clear(&d);
	return rc;
}

int put_envelopes(const struct making *m)
{
	int rc = put_rekeyed(m);

	for (size_t i = 0; i < case_total() && rc == 0; i++)
		if (shows(case_at(i)))
			rc = put_case(m, case_at(i));
	return rc;
}

/* --- read back -------------------------------------------------------------------------------- */

/* Two States, a key, and an Envelope of the one for the other. */
struct opening {
	const struct product *from, *to;
	struct rxp_agreement_key *key;
	struct rxp_buf octets, plain;
	struct rxp_envelope *envelope;
	struct rxp_document *document;
	int64_t now_ms;
};

static int opening_begin(struct opening *o, const struct reading *r)
{
	int rc = reading_state(&o->from, r, reading_word(r, "from"));

	o->now_ms = r->now_ms;
	rxp_buf_init(&o->octets, MAX_OCTETS);
	rxp_buf_init(&o->plain, MAX_OCTETS);
	if (rc == 0)
		rc = reading_state(&o->to, r, reading_word(r, "to"));
	if (rc == 0)
		rc = reading_key(&o->key, r, reading_word(r, "key"));
	return rc == 0 ? reading_file(&o->octets, r, "envelope") : rc;
}

static void opening_clear(struct opening *o)
{
	rxp_document_free(o->document);
	rxp_envelope_free(o->envelope);
	rxp_agreement_key_free(o->key);
	rxp_buf_free(&o->octets);
	rxp_buf_free(&o->plain);
}

/* The word for what shows before a key is used (section 3); NULL: it goes on. */
static const char *outer_word(struct opening *o)
{
	const struct rxp_outer *outer;

	if (o->octets.len > RXP_MAX_ENVELOPE_OCTETS)
		return "413";
	if (rxp_envelope_parse(&o->envelope, o->octets.data, o->octets.len) != 0)
		return "422";
	outer = rxp_envelope_outer(o->envelope);
	if (strcmp(outer->from, product_party(o->from)) != 0)
		return "sender";
	if (strcmp(outer->to, product_party(o->to)) != 0)
		return "recipient";
	return memcmp(rxp_envelope_key_id(o->envelope), o->to->descriptor->working.keys[0].key_id,
		   RXP_DIGEST_OCTETS) == 0
		   ? NULL
		   : "rekey";
}

/* The same behind opening: times, type and levels, content. */
static const char *inner_word(const struct opening *o)
{
	const struct rxp_header *h = &o->document->header;
	struct rxp_buf place;
	enum rxp_type type;
	int rc;

	if (h->outer.created_ms > o->now_ms + RXP_MAX_CLOCK_AHEAD_MS)
		return "future";
	if (h->outer.expires_ms <= o->now_ms)
		return "expired";
	if (rxp_type_parse(&type, h->type) != 0)
		return "unsupported";
	rxp_buf_init(&place, MAX_OCTETS);
	rc = rxp_document_check(o->document, &place);
	rxp_buf_free(&place);
	return rc == 0 ? "receipt" : rc == RXP_ERR_SCHEMA ? "schema" : "unsupported";
}

/* Is the Document of the package the one within? Also of one whose seal is wrong. */
static bool same_document(const struct opening *o, const struct reading *r)
{
	struct rxp_buf octets;
	bool same;
	int rc;

	rxp_buf_init(&octets, MAX_OCTETS);
	rc = reading_file(&octets, r, "document");
	same = rc == RXP_ERR_NOT_FOUND || (rc == 0 && octets.len == o->plain.len &&
					      memcmp(octets.data, o->plain.data, octets.len) == 0);
	rxp_buf_free(&octets);
	return same;
}

static const char *open_word(struct opening *o, const struct reading *r)
{
	const char *word = outer_word(o);

	if (word != NULL)
		return word;
	if (rxp_envelope_decrypt(&o->plain, o->envelope, o->key, NULL) != 0)
		return "unopenable";
	if (!same_document(o, r))
		return "another Document";
	if (rxp_document_open(&o->document, o->plain.data, o->plain.len,
		rxp_envelope_outer(o->envelope), (const struct rxp_cert *const *)o->from->certs,
		o->from->n_certs) != 0)
		return "unopenable";
	return inner_word(o);
}

json_t *weigh_envelope(const struct reading *r)
{
	struct opening o = {0};
	json_t *out = NULL;

	if (opening_begin(&o, r) == 0)
		out = json_pack("{s:s}", "result", open_word(&o, r));
	opening_clear(&o);
	return out;
}
