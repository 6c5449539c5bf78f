#include "protocol/peering/descriptor.h"

#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/envelope/agreement.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/write.h"
#include "protocol/xml/xml.h"

#define MAX_HEADER_OCTETS 1024
#define MAX_SERIAL INT64_MAX /* xs:long in working.xsd */
#define MAX_SPKI_OCTETS 128 /* P-256 takes 91 */
#define MAX_TAG_TEXT 96 /* AgreementKey with its two attributes */

void rxp_working_init(struct rxp_working *w)
{
	*w = (struct rxp_working){0};
	for (size_t n = 0; n < RXP_MAX_AGREEMENT_KEYS; n++)
		rxp_buf_init(&w->keys[n].spki, MAX_SPKI_OCTETS);
}

void rxp_working_clear(struct rxp_working *w)
{
	for (size_t n = 0; n < RXP_MAX_AGREEMENT_KEYS; n++)
		rxp_buf_free(&w->keys[n].spki);
	rxp_working_init(w);
}

static void write_key(struct rxp_buf *out, const struct rxp_working_key *key)
{
	char from[RXP_TIME_TEXT], until[RXP_TIME_TEXT];
	struct rxp_buf tag;

	rxp_time_text(from, key->from_ms);
	rxp_time_text(until, key->until_ms);
	rxp_buf_init(&tag, MAX_TAG_TEXT);
	rxp_buf_puts(&tag, "AgreementKey from=\"");
	rxp_buf_puts(&tag, from);
	rxp_buf_puts(&tag, "\" until=\"");
	rxp_buf_puts(&tag, until);
	rxp_buf_put(&tag, "\"", 2);
	if (rxp_buf_error(&tag) == 0)
		rxp_write_base64(out, (const char *)tag.data, key->spki.data, key->spki.len);
	else
		out->error = rxp_buf_error(&tag);
	rxp_buf_free(&tag);
}

int rxp_working_seal(
    struct rxp_buf *out, const struct rxp_working *w, int64_t now_ms, const struct rxp_signer *seal)
{
	struct rxp_buf header, body, whole;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	int rc;

	rxp_buf_init(&header, MAX_HEADER_OCTETS);
	rxp_buf_init(&body, RXP_MAX_PART_OCTETS);
	rxp_buf_init(&whole, RXP_MAX_PART_OCTETS);
	rxp_write_text(&header, "Party", w->party);
	rxp_write_number(&header, "IdentitySerial", w->identity_serial);
	rxp_write_base64(&header, "IdentityDigest", w->identity, sizeof w->identity);
	rxp_write_time(&header, "Created", w->created_ms);
	for (size_t n = 0; n < w->n_keys; n++)
		write_key(&body, &w->keys[n]);
	if ((rc = rxp_buf_error(&header)) == 0 && (rc = rxp_buf_error(&body)) == 0 &&
	    (rc = rxp_seal_sign(
		 &whole, RXP_KIND_WORKING, &header, &body, now_ms, seal, fingerprint)) == 0)
		rc = rxp_buf_put(out, whole.data, whole.len);
	rxp_buf_free(&header);
	rxp_buf_free(&body);
	rxp_buf_free(&whole);
	return rc;
}

static int read_header(struct rxp_working *w, const struct _xmlNode *header)
{
	struct rxp_walk walk;

	rxp_walk_init(&walk, header, rxp_kind_namespace(RXP_KIND_WORKING));
	rxp_walk_party(&walk, "Party", w->party);
	rxp_walk_number(&walk, "IdentitySerial", &w->identity_serial, MAX_SERIAL);
	rxp_walk_octets(&walk, "IdentityDigest", w->identity, sizeof w->identity);
	rxp_walk_time(&walk, "Created", &w->created_ms);
	return rxp_walk_end(&walk);
}

/* The schema has seen both attributes. */
static int read_times(struct rxp_working_key *key, const struct _xmlNode *element)
{
	int rc;

	if ((rc = rxp_time_parse(&key->from_ms, rxp_xml_attribute(element, "from"))) != 0 ||
	    (rc = rxp_time_parse(&key->until_ms, rxp_xml_attribute(element, "until"))) != 0)
		return rc;
	return key->from_ms < key->until_ms ? 0 : RXP_ERR_DATES;
}

/* A key that a sender could not encrypt to is refused here and not when it is needed (RXP-DSC-008). */
static int read_key(struct rxp_working_key *key)
{
	struct rxp_buf point;
	int rc;

	rxp_buf_init(&point, RXP_MAX_POINT_OCTETS);
	rc = rxp_agreement_spki_point(&point, &rxp_suite_p256, key->spki.data, key->spki.len);
	rxp_buf_free(&point);
	if (rc == 0 &&
	    EVP_Digest(key->spki.data, key->spki.len, key->key_id, NULL, EVP_sha256(), NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	return rc;
}

static int read_body(struct rxp_working *w, const struct _xmlNode *body)
{
	struct rxp_walk walk;
	int rc;

	rxp_walk_init(&walk, body, rxp_kind_namespace(RXP_KIND_WORKING));
	while (w->n_keys < RXP_MAX_AGREEMENT_KEYS && rxp_walk_at(&walk, "AgreementKey")) {
		struct rxp_working_key *key = &w->keys[w->n_keys];

		if ((rc = read_times(key, walk.next)) != 0 ||
		    (rc = rxp_walk_base64(&walk, "AgreementKey", &key->spki)) != 0 ||
		    (rc = read_key(key)) != 0)
			return rc;
		w->n_keys++;
	}
	return rxp_walk_end(&walk);
}

/* RXP-DSC-006: verifies under the seal certificates of the identity. */
static int verify(struct rxp_seal *seal, struct rxp_xml *xml, const struct rxp_identity *identity)
{
	struct rxp_cert *certs[RXP_MAX_SEAL_CERTIFICATES] = {NULL};
	const struct rxp_cert *usable[RXP_MAX_SEAL_CERTIFICATES];
	int rc = 0;

	for (size_t n = 0; rc == 0 && n < identity->n_certs; n++) {
		rc = rxp_cert_parse(&certs[n], identity->certs[n].data, identity->certs[n].len);
		usable[n] = certs[n];
	}
	if (rc == 0)
		rc = rxp_seal_verify(seal, xml, RXP_KIND_WORKING, usable, identity->n_certs);
	seal->cert = NULL; /* lives no longer than this function */
	for (size_t n = 0; n < RXP_MAX_SEAL_CERTIFICATES; n++)
		rxp_cert_free(certs[n]);
	return rc;
}

int rxp_working_open(struct rxp_working *out, const uint8_t *octets, size_t len,
    const struct rxp_identity *identity, const uint8_t identity_digest[RXP_DIGEST_OCTETS])
{
	struct rxp_xml *xml = NULL;
	struct rxp_seal seal = {0};
	struct rxp_working w;
	int rc;

	rxp_working_init(&w);
	if ((rc = rxp_xml_parse(&xml, octets, len, RXP_MAX_PART_OCTETS, RXP_XML_SEALED)) != 0 ||
	    (rc = verify(&seal, xml, identity)) != 0 ||
	    (rc = rxp_schema_validate(xml, NULL, NULL)) != 0 ||
	    (rc = read_header(&w, seal.header)) != 0 || (rc = read_body(&w, seal.body)) != 0)
		goto done;
	if (strcmp(w.party, identity->party) != 0 || w.identity_serial != identity->serial ||
	    memcmp(w.identity, identity_digest, sizeof w.identity) != 0) {
		rc = RXP_ERR_MISMATCH;
		goto done;
	}
	*out = w;
	rxp_working_init(&w);
done:
	rxp_working_clear(&w);
	rxp_seal_clear(&seal);
	rxp_xml_free(xml);
	return rc;
}
