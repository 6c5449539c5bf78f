#include "conformance/hear/heard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "conformance/state/moment.h"
#include "conformance/state/parties.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/envelope.h"
#include "protocol/xml/xml.h"

#define BODY "urn:rxp:1:body"
#define MAX_PLACE 512
#define MAX_PREFIX 64 /* octets */

/* --- the Envelope as text -------------------------------------------------------------------- */

int heard_plain(struct rxp_buf *out, const struct rxp_buf *octets)
{
	/* Id may stand in what is sealed alone, and a declaration before what is not. */
	static const enum rxp_xml_kind kinds[] = {RXP_XML_ENVELOPE, RXP_XML_SEALED};
	struct rxp_xml *xml = NULL;
	int rc = RXP_ERR_SYNTAX;

	for (size_t i = 0; rc != 0 && i < sizeof kinds / sizeof kinds[0]; i++)
		rc = rxp_xml_parse(&xml, octets->data, octets->len, HOST_MAX_BODY, kinds[i]);
	if (rc == 0)
		rc = rxp_xml_c14n(out, xml, rxp_xml_root(xml));
	else
		rc = rxp_buf_put(out, octets->data, octets->len);
	rxp_xml_free(xml);
	return rc;
}

const char *heard_behind_start(const char *text, const char *at, const char *end, const char *name)
{
	size_t len = strlen(name);

	for (; (at = memmem(at, (size_t)(end - at), name, len)) != NULL; at += len) {
		const char *from = at, *behind = memchr(at, '>', (size_t)(end - at));

		while (from > text && at - from < MAX_PREFIX &&
		       strchr("<>/=\"' \t\r\n", from[-1]) == NULL)
			from--;
		if (behind != NULL && from > text && from[-1] == '<' &&
		    (from == at || at[-1] == ':') && strchr("> \t\r\n", at[len]) != NULL)
			return behind + 1;
	}
	return NULL;
}

/* The last element whose name is so holds this base64 text, of which out is the beginning. */
static bool beginning_of(uint8_t *out, size_t len, const struct rxp_buf *envelope, const char *name)
{
	char digits[128];
	size_t wanted = RXP_BASE64_LENGTH(len);
	const char *text = (const char *)envelope->data, *at = text, *end = text + envelope->len,
		   *found = NULL;

	while ((at = heard_behind_start(text, at, end, name)) != NULL)
		if ((size_t)(end - at) > wanted)
			found = at;
	if (found == NULL || wanted >= sizeof digits)
		return false;
	memcpy(digits, found, wanted);
	digits[wanted] = '\0';
	return rxp_base64_get_exact(out, len, digits) == 0;
}

const char *heard_tail(const struct rxp_buf *envelope, size_t n)
{
	const char *text = (const char *)envelope->data;
	size_t at = envelope->len;

	/* The end tags that follow it have no other content. */
	while (at >= 11 && memcmp(text + at - 11, "CipherValue", 11) != 0)
		at--;
	while (at > 0 && text[at - 1] != '<')
		at--;
	return at > n ? text + at - 1 - n : NULL;
}

bool heard_secrets(struct heard_secrets *out, const struct rxp_buf *envelope)
{
	struct rxp_envelope *e = NULL;
	struct rxp_buf plain;
	bool good = rxp_envelope_parse(&e, envelope->data, envelope->len) == 0;

	rxp_buf_init(&plain, HOST_MAX_BODY);
	if (good)
		memcpy(out->key_id, rxp_envelope_key_id(e), sizeof out->key_id);
	rxp_envelope_free(e);
	good = good && heard_plain(&plain, envelope) == 0 &&
	       beginning_of(out->iv, sizeof out->iv, &plain, "CipherValue") &&
	       beginning_of(out->point, sizeof out->point, &plain, "PublicKey");
	rxp_buf_free(&plain);
	return good;
}

static bool id_of(uint8_t out[RXP_ID_OCTETS], const struct rxp_buf *envelope)
{
	const char *text = (const char *)envelope->data;
	const char *end = text + envelope->len;
	const char *at =
	    envelope->len == 0 ? NULL : heard_behind_start(text, text, end, "MessageId");
	char id[RXP_ID_TEXT];

	if (at == NULL || (size_t)(end - at) < sizeof id)
		return false;
	memcpy(id, at, sizeof id - 1);
	id[sizeof id - 1] = '\0';
	return rxp_id_parse(out, id, 7) == 0;
}

bool heard_id(uint8_t out[RXP_ID_OCTETS], const struct rxp_buf *envelope)
{
	struct rxp_buf plain;
	bool good;

	rxp_buf_init(&plain, HOST_MAX_BODY);
	good = heard_plain(&plain, envelope) == 0 && id_of(out, &plain);
	rxp_buf_free(&plain);
	return good;
}

/* --- opening --------------------------------------------------------------------------------- */

static void digest_of(uint8_t out[32], const uint8_t *octets, size_t len)
{
	if (EVP_Digest(octets, len, out, NULL, EVP_sha256(), NULL) != 1)
		memset(out, 0, 32);
}

static void take_given(struct heard *h, const struct _xmlNode *copy)
{
	const char *text = rxp_xml_leaf(copy);
	struct rxp_buf octets;

	h->has_copy = copy != NULL;
	if (copy == NULL)
		return;
	(void)rxp_id_parse(h->copied, rxp_xml_attribute(copy, "messageId"), 7);
	(void)rxp_base64_get_exact(
	    h->copied_envelope, sizeof h->copied_envelope, rxp_xml_attribute(copy, "envelope"));
	/* digits, by the schema */
	h->piece = (unsigned)strtoul(rxp_xml_attribute(copy, "piece"), NULL, 10);
	h->pieces = (unsigned)strtoul(rxp_xml_attribute(copy, "pieces"), NULL, 10);
	rxp_buf_init(&octets, RXP_MAX_COPY_OCTETS);
	if (rxp_base64_get(&octets, text, strlen(text)) == 0)
		digest_of(h->copied_digest, octets.data, octets.len);
	h->copied_len = octets.len;
	rxp_buf_free(&octets);
}

static void take_copy(struct heard *h, const struct _xmlNode *content)
{
	const char *number = rxp_xml_leaf(rxp_xml_child(content, BODY, "Number"));

	h->copies = rxp_xml_is(content, BODY, "HistoryCopy");
	if (!h->copies)
		return;
	(void)rxp_id_parse(h->request, rxp_xml_leaf(rxp_xml_child(content, BODY, "Request")), 7);
	h->number = strtoull(number, NULL, 10);
	h->last = strcmp(rxp_xml_leaf(rxp_xml_child(content, BODY, "Last")), "true") == 0;
	take_given(h, rxp_xml_child(content, BODY, "Copy"));
}

static void take_void(struct heard *h, const struct _xmlNode *content)
{
	h->is_void = rxp_xml_is(content, BODY, "Void");
	if (!h->is_void)
		return;
	(void)rxp_id_parse(h->voids, rxp_xml_leaf(rxp_xml_child(content, BODY, "MessageId")), 7);
	(void)rxp_base64_get_exact(h->voids_fingerprint, sizeof h->voids_fingerprint,
	    rxp_xml_leaf(rxp_xml_child(content, BODY, "Fingerprint")));
}

/* Of a manifest that was checked. */
static void take_files(struct heard *h, const struct _xmlNode *manifest)
{
	h->attaches = manifest != NULL;
	if (!h->attaches)
		return;
	h->files = calloc(RXP_MAX_ATTACHMENTS, sizeof *h->files);
	if (h->files != NULL)
		(void)rxp_attachment_read(h->files, &h->n_files, manifest);
}

static void take_document(struct heard *h, const struct rxp_document *d)
{
	struct rxp_buf place;

	h->header = d->header;
	memcpy(h->salt, d->salt, sizeof h->salt);
	memcpy(h->fingerprint, d->seal.fingerprint, sizeof h->fingerprint);
	h->sealed_ms = d->seal.signing_time_ms;
	h->stage = HEARD_CHECK;
	rxp_buf_init(&place, MAX_PLACE);
	h->why = rxp_document_check(d, &place);
	rxp_buf_free(&place);
	if (h->why != 0)
		return;
	h->stage = HEARD_OPENED;
	take_files(h, d->attachments);
	take_copy(h, d->content);
	take_void(h, d->content);
}

static int open_document(struct heard *h, const struct rxp_envelope *e, const struct product *p)
{
	const struct rxp_cert *certs[RXP_MAX_SEAL_CERTIFICATES];
	struct rxp_document *d = NULL;
	int rc;

	for (size_t i = 0; i < p->n_certs; i++)
		certs[i] = p->certs[i];
	rc = rxp_document_open(
	    &d, h->document.data, h->document.len, rxp_envelope_outer(e), certs, p->n_certs);
	if (rc == 0)
		take_document(h, d);
	rxp_document_free(d);
	return rc == 0 ? h->why : rc;
}

static void take_apart(struct heard *h, const struct parties *parties)
{
	const struct rxp_agreement_key *key;
	struct rxp_envelope *e = NULL;

	h->stage = HEARD_PARSE;
	h->why = rxp_envelope_parse(&e, h->envelope.data, h->envelope.len);
	if (h->why != 0)
		return;
	(void)heard_secrets(&h->secrets, &h->envelope);
	h->stage = HEARD_DECRYPT;
	key = state_agreement(parties->own, rxp_envelope_key_id(e));
	h->why =
	    key == NULL ? RXP_ERR_KEY : rxp_envelope_decrypt(&h->document, e, key, h->secrets.key);
	if (h->why == 0)
		h->why = heard_plain(&h->document_plain, &h->document);
	if (h->why == 0) {
		h->stage = HEARD_OPEN;
		h->why = open_document(h, e, parties->product);
	}
	rxp_envelope_free(e);
}

/* --- tries ----------------------------------------------------------------------------------- */

static void note_try(struct heard *h, const struct host_request *r)
{
	h->last_ms = tls_now_ms();
	if (h->tries < HEARD_TRIES)
		h->try_ms[h->tries] = h->last_ms;
	h->tries++;
	h->waits = r->place;
	digest_of(h->digest, r->body.data, r->body.len);
}

struct heard *heard_new(const struct host_request *r, const struct parties *parties)
{
	struct heard *h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	rxp_buf_init(&h->envelope, HOST_MAX_BODY);
	rxp_buf_init(&h->latest, HOST_MAX_BODY);
	rxp_buf_init(&h->document, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&h->envelope_plain, HOST_MAX_BODY);
	rxp_buf_init(&h->document_plain, HOST_MAX_BODY);
	h->at_ms = moment_now_ms();
	h->line = *r->line;
	memcpy(h->method, r->method, sizeof h->method);
	memcpy(h->path, r->path, sizeof h->path);
	memcpy(h->type, r->type, sizeof h->type);
	h->encoded = r->encoded;
	h->trailers = r->trailers;
	if (rxp_buf_put(&h->envelope, r->body.data, r->body.len) != 0 ||
	    heard_plain(&h->envelope_plain, &h->envelope) != 0) {
		heard_free(h);
		return NULL;
	}
	(void)id_of(h->message_id, &h->envelope_plain);
	take_apart(h, parties);
	note_try(h, r);
	return h;
}

void heard_free(struct heard *h)
{
	rxp_buf_free(&h->envelope);
	rxp_buf_free(&h->latest);
	rxp_buf_free(&h->document);
	rxp_buf_free(&h->envelope_plain);
	rxp_buf_free(&h->document_plain);
	explicit_bzero(&h->secrets, sizeof h->secrets);
	if (h->files != NULL)
		explicit_bzero(h->files, RXP_MAX_ATTACHMENTS * sizeof *h->files);
	free(h->files);
	free(h);
}

void heard_again(struct heard *h, const struct host_request *r)
{
	note_try(h, r);
	if (r->body.len != h->envelope.len ||
	    memcmp(r->body.data, h->envelope.data, r->body.len) != 0) {
		h->differs = true;
		rxp_buf_reset(&h->latest);
		(void)rxp_buf_put(&h->latest, r->body.data, r->body.len);
	}
	if (h->ended && !h->lost)
		h->after++;
}

void heard_forgive_since(struct heard *h, int64_t since_ms)
{
	h->lost = h->lost || (h->ended && h->ended_ms >= since_ms);
}
