#include "conformance/message/changes.h"

#include <string.h>

#include <openssl/evp.h>

#include "conformance/state/chance.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/agreement.h"

#define SECOND_MS 1000LL
#define DAY_MS (86400 * SECOND_MS)
#define NOISE_OCTETS 1000
#define UTF16_MARK_OCTETS 2

/* --- fields ---------------------------------------------------------------------------------- */

/* The times of a message moved by so much, with a MessageId of its new time. */
static int move(struct draft *d, int64_t by_ms, int64_t life_ms)
{
	struct rxp_outer *o = &d->header.outer;

	o->created_ms += by_ms;
	o->expires_ms = o->created_ms + life_ms;
	return rxp_id_make_v7(o->message_id, o->created_ms, chance());
}

int change_nothing(struct draft *d)
{
	(void)d;
	return 0;
}

/* Of the product's clock, for sure: when the message arrives it is less. */
int change_created_300_ahead(struct draft *d)
{
	return move(d, d->clock.least_ms + 300 * SECOND_MS, 60 * DAY_MS);
}

/* The same; it may take half a second to arrive, or more if the product says when it came. */
int change_created_301_ahead(struct draft *d)
{
	int rc = move(d, d->clock.most_ms + 301 * SECOND_MS + 500, 60 * DAY_MS);

	d->in_time_ms = d->header.outer.created_ms - 300 * SECOND_MS;
	return rc;
}

int change_expired(struct draft *d)
{
	return move(d, -2 * DAY_MS, DAY_MS);
}

/* Under its MessageId. */
int change_expired_by_now(struct draft *d)
{
	d->header.outer.created_ms -= 2 * DAY_MS;
	d->header.outer.expires_ms = d->header.outer.created_ms + DAY_MS;
	return 0;
}

int change_expires_before_created(struct draft *d)
{
	return move(d, 0, -DAY_MS);
}

int change_expires_in_90_days(struct draft *d)
{
	return move(d, 0, 90 * DAY_MS);
}

int change_expires_in_91_days(struct draft *d)
{
	return move(d, 0, 91 * DAY_MS);
}

int change_expires_at_created(struct draft *d)
{
	return move(d, 0, 0);
}

int change_expires_past_90_days(struct draft *d)
{
	return move(d, 0, 90 * DAY_MS + 1);
}

int change_type_unknown(struct draft *d)
{
	memcpy(d->header.type, "Pong", sizeof "Pong");
	return 0;
}

int change_office_unknown(struct draft *d)
{
	memcpy(d->header.from_office, "ZEBRA", sizeof "ZEBRA");
	return 0;
}

int change_id_of_version_4(struct draft *d)
{
	return rxp_id_make_v4(d->header.outer.message_id, chance());
}

/* --- fields of a case ------------------------------------------------------------------------ */

int change_case_new(struct draft *d)
{
	return rxp_id_make_v4(d->header.case_id, chance());
}

int change_position_gap(struct draft *d)
{
	d->header.position++;
	return 0;
}

int change_position_taken(struct draft *d)
{
	d->header.position = 1;
	d->header.has_previous = false;
	return 0;
}

int change_previous_other(struct draft *d)
{
	d->header.has_previous = true;
	d->header.previous[0] ^= 1;
	return 0;
}

int change_no_previous(struct draft *d)
{
	d->header.has_previous = false;
	return 0;
}

int change_seen_other(struct draft *d)
{
	d->header.has_seen = true;
	return chance()->fill(NULL, d->header.seen, sizeof d->header.seen);
}

int change_seen_own(struct draft *d)
{
	d->header.has_seen = true;
	memcpy(d->header.seen, d->header.previous, sizeof d->header.seen);
	return 0;
}

int change_profile_unknown(struct draft *d)
{
	memcpy(d->header.profile_id, "model", sizeof "model");
	return 0;
}

int change_profile_other_version(struct draft *d)
{
	memcpy(d->header.profile_version, "01", sizeof "01");
	return 0;
}

/* --- signer ---------------------------------------------------------------------------------- */

int change_signer_384(struct draft *d)
{
	d->signer = &d->parties->own->seal_384;
	return 0;
}

int change_signer_rsa(struct draft *d)
{
	d->signer = &d->parties->own->seal_rsa;
	return 0;
}

int change_signer_again(struct draft *d)
{
	d->signer = &d->parties->own->seal_again;
	return 0;
}

int change_signer_stray(struct draft *d)
{
	d->signer = &d->parties->own->stray;
	return 0;
}

int change_signer_tls(struct draft *d)
{
	d->signer = &d->parties->own->tls;
	return 0;
}

int change_signer_root(struct draft *d)
{
	d->signer = &d->parties->own->root;
	return 0;
}

int change_sealed_late(struct draft *d)
{
	d->sealed_ms += 301 * SECOND_MS;
	return 0;
}

int change_sealed_early(struct draft *d)
{
	d->sealed_ms -= 301 * SECOND_MS;
	return 0;
}

int change_sealed_300_after(struct draft *d)
{
	d->sealed_ms += 300 * SECOND_MS;
	return 0;
}

int change_sealed_300_before(struct draft *d)
{
	d->sealed_ms -= 300 * SECOND_MS;
	return 0;
}

/* --- outer ----------------------------------------------------------------------------------- */

int change_outer_id(struct draft *d)
{
	return rxp_id_make_v7(d->outer.message_id, d->outer.created_ms, chance());
}

int change_outer_created(struct draft *d)
{
	d->outer.created_ms--;
	return 0;
}

int change_outer_expires(struct draft *d)
{
	d->outer.expires_ms++;
	return 0;
}

int change_recipient_unknown(struct draft *d)
{
	struct rxp_agreement_key *key = NULL;
	int rc = rxp_agreement_key_make(&key, &rxp_suite_p256, chance());

	rxp_buf_reset(&d->spki);
	if (rc == 0)
		rc = rxp_agreement_key_spki(key, &d->spki);
	rxp_agreement_key_free(key);
	return rc;
}

/* --- octets ---------------------------------------------------------------------------------- */

static int put_before(struct rxp_buf *text, const void *octets, size_t len)
{
	struct rxp_buf whole;
	int rc;

	rxp_buf_init(&whole, text->max);
	(void)rxp_buf_put(&whole, octets, len);
	rc = rxp_buf_put(&whole, text->data, text->len);
	rxp_buf_reset(text);
	if (rc == 0)
		rc = rxp_buf_put(text, whole.data, whole.len);
	rxp_buf_free(&whole);
	return rc;
}

/* The same characters, all of them ASCII, with a byte order mark. */
static int to_utf16(struct rxp_buf *text)
{
	struct rxp_buf wide;
	int rc;

	rxp_buf_init(&wide, text->max);
	rc = rxp_buf_put(&wide, "\xff\xfe", UTF16_MARK_OCTETS);
	for (size_t i = 0; i < text->len && rc == 0; i++) {
		(void)rxp_buf_putc(&wide, text->data[i]);
		rc = rxp_buf_putc(&wide, 0);
	}
	rxp_buf_reset(text);
	if (rc == 0)
		rc = rxp_buf_put(text, wide.data, wide.len);
	rxp_buf_free(&wide);
	return rc;
}

/* Spaces within the first tag that begins so, until the text is that long. */
static int pad(struct rxp_buf *text, const char *tag, size_t len)
{
	struct rxp_buf whole;
	const uint8_t *at = memmem(text->data, text->len, tag, strlen(tag));
	size_t before;
	int rc = 0;

	if (at == NULL || text->len > len)
		return RXP_ERR_NOT_FOUND;
	before = (size_t)(at - text->data) + strlen(tag);
	rxp_buf_init(&whole, text->max);
	(void)rxp_buf_put(&whole, text->data, before);
	for (size_t i = text->len; i < len && rc == 0; i++)
		rc = rxp_buf_putc(&whole, ' ');
	if (rc == 0)
		rc = rxp_buf_put(&whole, text->data + before, text->len - before);
	rxp_buf_reset(text);
	if (rc == 0)
		rc = rxp_buf_put(text, whole.data, whole.len);
	rxp_buf_free(&whole);
	return rc;
}

int change_document_bom(struct draft *d)
{
	return put_before(&d->document, "\xef\xbb\xbf", 3);
}

int change_document_utf16(struct draft *d)
{
	return to_utf16(&d->document);
}

int change_document_nul(struct draft *d)
{
	return rxp_buf_putc(&d->document, 0);
}

int change_document_cut(struct draft *d)
{
	rxp_buf_cut(&d->document, d->document.len - 1);
	return 0;
}

int change_document_largest(struct draft *d)
{
	return pad(&d->document, "<Ping", RXP_MAX_DOCUMENT_OCTETS);
}

int change_document_too_large(struct draft *d)
{
	return pad(&d->document, "<Ping", RXP_MAX_DOCUMENT_OCTETS + 1);
}

int change_document_empty(struct draft *d)
{
	rxp_buf_reset(&d->document);
	return 0;
}

int change_document_not_utf8(struct draft *d)
{
	return rxp_buf_putc(&d->document, 0xff);
}

/* --- encrypted ------------------------------------------------------------------------------- */

int change_tag_bit(struct draft *d)
{
	d->encrypted.cipher.data[d->encrypted.cipher.len - 1] ^= 1;
	return 0;
}

int change_iv_bit(struct draft *d)
{
	d->encrypted.cipher.data[0] ^= 1;
	return 0;
}

int change_cipher_bit(struct draft *d)
{
	d->encrypted.cipher.data[d->encrypted.cipher.len / 2] ^= 1;
	return 0;
}

int change_tag_short(struct draft *d)
{
	rxp_buf_cut(&d->encrypted.cipher, d->encrypted.cipher.len - 1);
	return 0;
}

int change_no_tag(struct draft *d)
{
	rxp_buf_cut(&d->encrypted.cipher, d->encrypted.cipher.len - RXP_TAG_OCTETS);
	return 0;
}

int change_wrapped_bit(struct draft *d)
{
	d->encrypted.wrapped[RXP_WRAPPED_OCTETS / 2] ^= 1;
	return 0;
}

int change_point_off_curve(struct draft *d)
{
	d->encrypted.point[RXP_POINT_OCTETS - 1] ^= 1;
	return 0;
}

int change_point_other(struct draft *d)
{
	struct rxp_agreement_key *key = NULL;
	struct rxp_buf point;
	int rc = rxp_agreement_key_make(&key, &rxp_suite_p256, chance());

	rxp_buf_init(&point, RXP_POINT_OCTETS);
	if (rc == 0)
		rc = rxp_agreement_key_point(key, &point);
	if (rc == 0)
		memcpy(d->encrypted.point, point.data, RXP_POINT_OCTETS);
	rxp_buf_free(&point);
	rxp_agreement_key_free(key);
	return rc;
}

/* Only what the Envelope says of the derivation: the key was derived as it should be. */
int change_info_suite(struct draft *d)
{
	rxp_info_make(&d->info, "RXP-1-P384", d->outer.from, d->outer.to, d->outer.message_id);
	return 0;
}

/* --- the envelope ---------------------------------------------------------------------------- */

int change_envelope_bom(struct draft *d)
{
	return put_before(&d->envelope, "\xef\xbb\xbf", 3);
}

int change_envelope_utf16(struct draft *d)
{
	return to_utf16(&d->envelope);
}

int change_envelope_nul(struct draft *d)
{
	return rxp_buf_putc(&d->envelope, 0);
}

int change_envelope_empty(struct draft *d)
{
	rxp_buf_reset(&d->envelope);
	return 0;
}

int change_envelope_noise(struct draft *d)
{
	uint8_t *room;

	rxp_buf_reset(&d->envelope);
	if (rxp_buf_room(&d->envelope, NOISE_OCTETS, &room) != 0)
		return RXP_ERR_NOMEM;
	return chance()->fill(chance()->arg, room, NOISE_OCTETS);
}

int change_envelope_largest(struct draft *d)
{
	return pad(&d->envelope, "<xenc:EncryptedData", RXP_MAX_ENVELOPE_OCTETS);
}

int change_envelope_too_large(struct draft *d)
{
	return pad(&d->envelope, "<xenc:EncryptedData", RXP_MAX_ENVELOPE_OCTETS + 1);
}

/* --- what was sent before -------------------------------------------------------------------- */

static void take_fingerprint(struct draft *d)
{
	memcpy(d->fingerprint, d->sent->fingerprint, sizeof d->fingerprint);
	d->knows_fingerprint = true;
}

int change_same_document(struct draft *d)
{
	rxp_buf_reset(&d->document);
	take_fingerprint(d);
	return rxp_buf_put(&d->document, d->sent->document.data, d->sent->document.len);
}

int change_same_octets(struct draft *d)
{
	rxp_buf_reset(&d->envelope);
	take_fingerprint(d);
	return rxp_buf_put(&d->envelope, d->sent->envelope.data, d->sent->envelope.len);
}

/* --- request --------------------------------------------------------------------------------- */

int change_type_of_content(struct draft *d)
{
	d->request.content_type = "application/xml";
	return 0;
}

int change_type_with_charset(struct draft *d)
{
	d->request.content_type = "application/rxp+xml; charset=utf-8";
	return 0;
}

int change_type_in_capitals(struct draft *d)
{
	d->request.content_type = "Application/RXP+XML";
	return 0;
}

int change_no_type_of_content(struct draft *d)
{
	d->request.content_type = NULL;
	return 0;
}

int change_content_encoding(struct draft *d)
{
	d->request.fields[0] = (struct wire_field){"content-encoding", "gzip"};
	return 0;
}

int change_unknown_path(struct draft *d)
{
	d->request.path = "/rxp/1/message";
	return 0;
}

int change_method_put(struct draft *d)
{
	d->request.method = "PUT";
	return 0;
}

int change_put_descriptor(struct draft *d)
{
	d->request.method = "PUT";
	d->request.path = "/rxp/1/descriptor";
	return 0;
}

int change_get_answers(struct draft *d)
{
	d->request = (struct wire_request){.method = "GET", .path = "/rxp/1/answers"};
	return 0;
}

/* --- connection ------------------------------------------------------------------------------ */

int change_tls_12(struct draft *d)
{
	d->own_line = true;
	d->old_tls = true;
	return 0;
}

int change_alpn_http_1(struct draft *d)
{
	d->own_line = true;
	d->protocol = "http/1.1";
	return 0;
}

int change_no_alpn(struct draft *d)
{
	d->own_line = true;
	d->protocol = "";
	return 0;
}

int change_no_credential(struct draft *d)
{
	d->own_line = true;
	d->credential = NULL;
	return 0;
}

int change_credential_stray(struct draft *d)
{
	d->own_line = true;
	d->credential = &d->parties->own->stray;
	return 0;
}

int change_credential_seal(struct draft *d)
{
	d->own_line = true;
	d->credential = &d->parties->own->seal;
	return 0;
}
