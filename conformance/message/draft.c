#include "conformance/message/draft.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/message/reseal.h"
#include "conformance/state/chance.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/xml/write.h"

#define LIFETIME_MS (60 * 86400LL * 1000)
#define MAX_TEXT_OCTETS (1024UL * 1024) /* what is too large must be sent, too */
#define MAX_SPKI_OCTETS 256
#define PING "<Ping xmlns=\"urn:rxp:1:body\"></Ping>"

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
	rxp_buf_init(&d->document, MAX_TEXT_OCTETS);
	rxp_buf_init(&d->spki, MAX_SPKI_OCTETS);
	rxp_buf_init(&d->envelope, MAX_TEXT_OCTETS);
}

int draft_begin(struct draft *d, const struct parties *parties, int64_t now_ms)
{
	struct rxp_header *h = &d->header;
	int rc;

	empty(d);
	d->parties = parties;
	rc = rxp_id_make_v7(h->outer.message_id, now_ms, chance());
	if (rc != 0)
		return rc;
	memcpy(h->outer.from, parties->own->party, sizeof h->outer.from);
	memcpy(h->outer.to, product_party(parties->product), sizeof h->outer.to);
	h->outer.created_ms = now_ms;
	h->outer.expires_ms = now_ms + LIFETIME_MS;
	memcpy(h->type, "Ping", sizeof "Ping");
	memcpy(h->from_office, "NODE", sizeof "NODE");
	memcpy(h->to_office, "NODE", sizeof "NODE");
	rc = rxp_buf_puts(&d->content, PING);
	if (rc != 0)
		draft_clear(d);
	return rc;
}

int draft_twin(struct draft *d, const struct draft *of)
{
	int rc;

	empty(d);
	d->parties = of->parties;
	d->header = of->header;
	rc = rxp_buf_put(&d->content, of->content.data, of->content.len);
	if (rc != 0)
		draft_clear(d);
	return rc;
}

void draft_clear(struct draft *d)
{
	rxp_buf_free(&d->content);
	rxp_buf_free(&d->document);
	rxp_buf_free(&d->spki);
	rxp_buf_free(&d->envelope);
	rxp_encrypted_clear(&d->encrypted);
	*d = (struct draft){0};
}

/* --- the stages ------------------------------------------------------------------------------ */

/* Apply the change if it is of this stage; its edits go to text. */
static int at_stage(struct draft *d, enum stage stage, struct rxp_buf *text, const struct change *c)
{
	int rc = 0;

	if (c == NULL || c->stage != stage)
		return 0;
	if (c->function != NULL)
		return c->function(d);
	if (text == NULL)
		return RXP_ERR_NOT_FOUND;
	for (size_t i = 0; i < DRAFT_MAX_EDITS && c->edits[i].find != NULL && rc == 0; i++)
		rc = edit_apply(text, &c->edits[i]);
	return rc;
}

static int seal(struct draft *d, const struct change *c)
{
	struct rxp_draft parts = {.content = &d->content};
	struct rxp_signer signer;
	int rc = at_stage(d, STAGE_FIELDS, NULL, c);

	if (rc == 0)
		rc = at_stage(d, STAGE_CONTENT, &d->content, c);
	d->signer = &d->parties->own->seal;
	d->sealed_ms = d->header.outer.created_ms;
	if (rc == 0)
		rc = at_stage(d, STAGE_SIGNER, NULL, c);
	if (rc != 0)
		return rc;
	signer = keypair_signer(d->signer);
	rc = rxp_document_seal(
	    &d->document, &d->header, &parts, d->sealed_ms, chance(), &signer, d->fingerprint);
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
	rxp_write_id(out, "MessageId", d->outer.message_id);
	rxp_write_text(out, "From", d->outer.from);
	rxp_write_text(out, "To", d->outer.to);
	rxp_write_time(out, "Created", d->outer.created_ms);
	rxp_write_time(out, "Expires", d->outer.expires_ms);
	(void)rxp_buf_puts(out, "</Header>");
	(void)rxp_encrypted_write(out, &d->encrypted, &d->info);
	return rxp_buf_puts(out, "</Envelope>");
}

static int choose_key(struct draft *d)
{
	const struct rxp_working_key *key = product_key(d->parties->product, d->sealed_ms);

	/* A message of another time than now names the key of now: only its time is to be judged. */
	if (key == NULL)
		key = &d->parties->product->descriptor->working.keys[0];
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
