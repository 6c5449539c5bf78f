#include "conformance/message/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/example/example.h"
#include "conformance/message/attached.h"
#include "conformance/message/reseal.h"
#include "conformance/state/chance.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/xml/write.h"

#define LIFETIME_MS (60 * 86400LL * 1000)
#define MAX_TEXT_OCTETS (1024UL * 1024) /* what is too large must be sent, too */
#define MAX_FILE_OCTETS (4UL * 1024 * 1024)
#define MAX_SPKI_OCTETS 256
#define PROFILE "customary" /* of the specification itself: every product holds it (RXP-PRF-023) */
#define PROFILE_VERSION "1"

const char *stage_word(enum stage stage)
{
	static const char *const words[] = {
#define STAGE(name, word, meaning) [STAGE_##name] = (word),
#include "conformance/message/stage.def"
#undef STAGE
	};

	if ((unsigned)stage >= STAGE_COUNT)
		abort();
	return words[stage];
}

/* --- beginning ------------------------------------------------------------------------------- */

static void empty(struct draft *d)
{
	*d = (struct draft){0};
	rxp_buf_init(&d->content, MAX_TEXT_OCTETS);
	rxp_buf_init(&d->file, MAX_FILE_OCTETS);
	rxp_buf_init(&d->manifest, MAX_TEXT_OCTETS);
	rxp_buf_init(&d->document, MAX_TEXT_OCTETS);
	rxp_buf_init(&d->spki, MAX_SPKI_OCTETS);
	rxp_buf_init(&d->envelope, MAX_TEXT_OCTETS);
	changed_init(&d->changed, MAX_TEXT_OCTETS);
}

static const struct {
	const char *words, *example;
	enum base before;
	bool again;
	const char *file; /* the type of what goes with it; NULL: nothing */
	struct edit edits[2]; /* up to the first without find */
} bases[] = {
#define BASE(name, words, example, follows, again, file, ...) \
	{words, example, BASE_##follows, (again) != 0, file, {__VA_ARGS__}},
#include "conformance/message/base.def"
#undef BASE
};

const char *base_words(enum base base)
{
	if ((unsigned)base >= BASE_COUNT)
		abort();
	return bases[base].words;
}

enum base base_before(enum base base)
{
	if ((unsigned)base >= BASE_COUNT)
		abort();
	return bases[base].before;
}

bool base_again(enum base base)
{
	if ((unsigned)base >= BASE_COUNT)
		abort();
	return bases[base].again;
}

/* The type is the name of the content's root element. */
static int take_type(struct rxp_header *h, const struct rxp_buf *content)
{
	size_t n = 0;

	while (1 + n < content->len && strchr(" >/", content->data[1 + n]) == NULL)
		n++;
	if (n == 0 || n >= sizeof h->type)
		return RXP_ERR_BOUND;
	memcpy(h->type, content->data + 1, n);
	h->type[n] = '\0';
	return 0;
}

/* Fill the content with an example, and make the Header fit. */
static int take_example(struct draft *d, const struct example *e)
{
	int rc;

	if (e == NULL)
		return RXP_ERR_NOT_FOUND;
	rxp_buf_reset(&d->content);
	rc = example_content(&d->content, e, d->now_ms);
	return rc == 0 ? take_type(&d->header, &d->content) : rc;
}

static int belongs_to_case(struct rxp_header *h)
{
	const char *asking, *asked;
	enum rxp_type type;
	int rc = rxp_type_parse(&type, h->type);

	if (rc != 0 || rxp_type_row(type)->scope == RXP_SCOPE_NODE)
		return rc;
	h->in_case = true;
	h->position = 1;
	/* The suite is the requesting State. */
	asking = rxp_type_row(type)->asking_office;
	asked = rxp_type_row(type)->asked_office;
	(void)snprintf(
	    h->from_office, sizeof h->from_office, "%s", asking[0] == '\0' ? "RETURNS" : asking);
	(void)snprintf(
	    h->to_office, sizeof h->to_office, "%s", asked[0] == '\0' ? "READMISSION" : asked);
	memcpy(h->profile_id, PROFILE, sizeof PROFILE);
	memcpy(h->profile_version, PROFILE_VERSION, sizeof PROFILE_VERSION);
	return rxp_id_make_v4(h->case_id, chance());
}

/* edits: up to the first without find. */
static int fill(struct draft *d, const char *example, const struct edit *edits)
{
	struct rxp_header *h = &d->header;
	int rc = rxp_id_make_v7(h->outer.message_id, d->now_ms, chance());

	memcpy(h->outer.from, d->parties->own->party, sizeof h->outer.from);
	memcpy(h->outer.to, product_party(d->parties->product), sizeof h->outer.to);
	h->outer.created_ms = d->now_ms;
	h->outer.expires_ms = d->now_ms + LIFETIME_MS;
	memcpy(h->from_office, "NODE", sizeof "NODE");
	memcpy(h->to_office, "NODE", sizeof "NODE");
	if (rc == 0)
		rc = take_example(d, example_find(example, EXAMPLE_VALID));
	for (; rc == 0 && edits->find != NULL; edits++)
		rc = edit_apply(&d->content, edits);
	return rc == 0 ? belongs_to_case(h) : rc;
}

int draft_begin_example(struct draft *d, const struct parties *parties, const char *example,
    const struct edit *edits, int64_t now_ms)
{
	int rc;

	empty(d);
	d->parties = parties;
	d->now_ms = now_ms;
	rc = fill(d, example, edits);
	if (rc != 0)
		draft_clear(d);
	return rc;
}

int draft_begin(struct draft *d, const struct parties *parties, enum base base, int64_t now_ms)
{
	int rc;

	if ((unsigned)base >= BASE_COUNT)
		abort();
	rc = draft_begin_example(d, parties, bases[base].example, bases[base].edits, now_ms);
	if (rc == 0 && bases[base].file != NULL) {
		rc = attached_make(&d->file, &d->manifest, bases[base].file, ATTACHED_OCTETS);
		if (rc != 0)
			draft_clear(d);
	}
	return rc;
}

void draft_follow(struct draft *d, const struct draft *before)
{
	memcpy(d->header.case_id, before->header.case_id, sizeof d->header.case_id);
	memcpy(d->header.previous, before->fingerprint, sizeof d->header.previous);
	d->header.has_previous = true;
	d->header.position = before->header.position + 1;
}

int draft_rename(struct draft *d)
{
	return rxp_id_make_v7(d->header.outer.message_id, d->now_ms, chance());
}

int draft_twin(struct draft *d, const struct draft *of)
{
	int rc;

	empty(d);
	d->parties = of->parties;
	d->now_ms = of->now_ms;
	d->header = of->header;
	rc = rxp_buf_put(&d->content, of->content.data, of->content.len);
	if (rc == 0 && of->file.len > 0)
		rc = rxp_buf_put(&d->file, of->file.data, of->file.len);
	if (rc == 0 && of->manifest.len > 0)
		rc = rxp_buf_put(&d->manifest, of->manifest.data, of->manifest.len);
	if (rc != 0)
		draft_clear(d);
	return rc;
}

int draft_another(struct draft *d, const struct draft *of)
{
	int rc = draft_twin(d, of);

	return rc == 0 ? draft_rename(d) : rc;
}

void draft_clear(struct draft *d)
{
	rxp_buf_free(&d->content);
	rxp_buf_free(&d->file);
	rxp_buf_free(&d->manifest);
	rxp_buf_free(&d->document);
	rxp_buf_free(&d->spki);
	rxp_buf_free(&d->envelope);
	rxp_encrypted_clear(&d->encrypted);
	changed_clear(&d->changed);
	*d = (struct draft){0};
}

/* --- the stages ------------------------------------------------------------------------------ */

static int write_outer(struct rxp_buf *out, const struct rxp_outer *o)
{
	rxp_write_id(out, "MessageId", o->message_id);
	rxp_write_text(out, "From", o->from);
	rxp_write_text(out, "To", o->to);
	rxp_write_time(out, "Created", o->created_ms);
	rxp_write_time(out, "Expires", o->expires_ms);
	return rxp_buf_error(out);
}

/* Append what a stage works on, as text; nothing: it is no text. */
static int put_stage(struct rxp_buf *out, const struct draft *d, enum stage stage)
{
	const struct rxp_buf *text = stage == STAGE_CONTENT    ? &d->content
				     : stage == STAGE_MANIFEST ? &d->manifest
				     : stage == STAGE_RESEALED || stage == STAGE_SEALED
					 ? &d->document
				     : stage == STAGE_ENVELOPE ? &d->envelope
							       : NULL;

	if (text != NULL)
		return text->len == 0 ? 0 : rxp_buf_put(out, text->data, text->len);
	if (stage == STAGE_FIELDS)
		return rxp_document_write_header(out, &d->header);
	if (stage == STAGE_OUTER)
		return write_outer(out, &d->outer);
	return stage == STAGE_ENCRYPTED ? rxp_encrypted_write(out, &d->encrypted, &d->info) : 0;
}

static int apply(struct draft *d, struct rxp_buf *text, const struct change *c)
{
	int rc = 0;

	if (c->function != NULL)
		return c->function(d);
	if (c->example != NULL) {
		/* A valid one and an invalid one may have one name: the latter is meant then. */
		const struct example *e = example_find(c->example, EXAMPLE_FORM);

		if (e == NULL)
			e = example_find(c->example, EXAMPLE_SAFEGUARD);
		return take_example(d, e != NULL ? e : example_find(c->example, EXAMPLE_VALID));
	}
	if (text == NULL)
		return RXP_ERR_NOT_FOUND;
	for (size_t i = 0; i < DRAFT_MAX_EDITS && c->edits[i].find != NULL && rc == 0; i++)
		rc = edit_apply(text, &c->edits[i]);
	return rc;
}

/* Apply the change if it is of this stage; its edits go to text. Another example is no change of the one before. */
static int at_stage(struct draft *d, enum stage stage, struct rxp_buf *text, const struct change *c)
{
	struct rxp_buf before, after;
	int rc;

	if (c == NULL || c->stage != stage)
		return 0;
	rxp_buf_init(&before, MAX_TEXT_OCTETS);
	rxp_buf_init(&after, MAX_TEXT_OCTETS);
	rc = put_stage(&before, d, stage);
	if (rc == 0)
		rc = apply(d, text, c);
	if (rc == 0)
		rc = put_stage(&after, d, stage);
	if (rc == 0 && c->example == NULL)
		rc = changed_note(&d->changed, &before, &after);
	d->changed.inside = stage < STAGE_OUTER;
	rxp_buf_free(&before);
	rxp_buf_free(&after);
	return rc;
}

static int seal(struct draft *d, const struct change *c)
{
	struct rxp_draft parts = {.content = &d->content,
	    .office_keys = &d->parties->product->descriptor->identity.office_keys};
	struct rxp_signer signer;
	int rc = at_stage(d, STAGE_FIELDS, NULL, c);

	if (rc == 0)
		rc = at_stage(d, STAGE_CONTENT, &d->content, c);
	if (rc == 0)
		rc = at_stage(d, STAGE_MANIFEST, &d->manifest, c);
	parts.attachments = d->manifest.len > 0 ? &d->manifest : NULL;
	d->signer = &d->parties->own->seal;
	d->sealed_ms = d->header.outer.created_ms;
	if (rc == 0)
		rc = at_stage(d, STAGE_SIGNER, NULL, c);
	if (rc != 0)
		return rc;
	signer = keypair_signer(d->signer);
	rc = rxp_document_seal(
	    &d->document, &d->header, &parts, d->sealed_ms, chance(), &signer, d->fingerprint);
	/* What leaves the seal as it is leaves it the canonical form that is digested, if it opens at all. */
	d->knows_fingerprint = c == NULL || c->stage != STAGE_RESEALED;
	if (rc == 0)
		rc = at_stage(d, STAGE_RESEALED, &d->document, c);
	if (rc == 0 && c != NULL && c->stage == STAGE_RESEALED)
		rc = reseal(&d->document, d->signer->key);
	if (rc == 0)
		rc = at_stage(d, STAGE_SEALED, &d->document, c);
	return rc;
}

/* The Envelope's shell is written here, since it must be able to hold what librxp would not close. */
static int write_envelope(struct draft *d)
{
	struct rxp_buf *out = &d->envelope;

	(void)rxp_buf_puts(
	    out, "<Envelope xmlns=\"urn:rxp:1:envelope\" Suite=\"RXP-1-P256\"><Header>");
	(void)write_outer(out, &d->outer);
	(void)rxp_buf_puts(out, "</Header>");
	(void)rxp_encrypted_write(out, &d->encrypted, &d->info);
	return rxp_buf_puts(out, "</Envelope>");
}

static int choose_key(struct draft *d)
{
	const struct product *product = d->parties->product;
	const struct rxp_working_key *key = product_key(product, moment_now_ms());

	/* A message of another time than now names the key of now: only its time is to be judged. */
	if (key == NULL)
		key = product_key(product, d->sealed_ms);
	if (key == NULL)
		key = &product->descriptor->working.keys[0];
	return rxp_buf_put(&d->spki, key->spki.data, key->spki.len);
}

static int close_envelope(struct draft *d, const struct change *c)
{
	uint8_t cek[RXP_KEY_OCTETS];
	int rc = choose_key(d);

	d->outer = d->header.outer;
	if (rc == 0)
		rc = at_stage(d, STAGE_OUTER, NULL, c);
	if (rc == 0)
		rc = at_stage(d, STAGE_RECIPIENT, NULL, c);
	if (rc != 0)
		return rc;
	rxp_info_make(
	    &d->info, rxp_suite_p256.name, d->outer.from, d->outer.to, d->outer.message_id);
	rc = rxp_encrypted_make(&d->encrypted, &d->info, d->document.data, d->document.len,
	    d->spki.data, d->spki.len, chance(), cek);
	if (rc == 0)
		rc = at_stage(d, STAGE_ENCRYPTED, NULL, c);
	if (rc == 0)
		rc = write_envelope(d);
	if (rc == 0)
		rc = at_stage(d, STAGE_ENVELOPE, &d->envelope, c);
	if (rc == 0 &&
	    EVP_Digest(d->envelope.data, d->envelope.len, d->digest, NULL, EVP_sha256(), NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	return rc;
}

int draft_make(struct draft *d, const struct change *c)
{
	int rc = seal(d, c);

	if (rc == 0)
		rc = close_envelope(d, c);
	if (rc != 0)
		return rc;
	d->request = (struct wire_request){.method = "POST",
	    .path = "/rxp/1/messages",
	    .content_type = "application/rxp+xml",
	    .body = d->envelope.data,
	    .body_len = d->envelope.len};
	rc = at_stage(d, STAGE_REQUEST, NULL, c);
	d->credential = &d->parties->own->tls;
	if (rc == 0)
		rc = at_stage(d, STAGE_CONNECTION, NULL, c);
	return rc;
}
