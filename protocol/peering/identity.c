#include "protocol/peering/identity.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/write.h"
#include "protocol/xml/xml.h"

#define MAX_HEADER_OCTETS 1024
#define MAX_SERIAL INT64_MAX /* xs:long in identity.xsd */
#define MAX_LEVEL_TEXT 16
#define BOOLEAN_TEXT 6
#define MAX_SPKI_OCTETS 128 /* P-256 takes 91 */

void rxp_identity_init(struct rxp_identity *i)
{
	*i = (struct rxp_identity){0};
	for (size_t n = 0; n < RXP_MAX_SEAL_CERTIFICATES; n++)
		rxp_buf_init(&i->certs[n], RXP_MAX_CERTIFICATE_OCTETS);
}

void rxp_identity_clear(struct rxp_identity *i)
{
	for (size_t n = 0; n < RXP_MAX_SEAL_CERTIFICATES; n++)
		rxp_buf_free(&i->certs[n]);
	rxp_office_keys_clear(&i->office_keys);
	rxp_identity_init(i);
}

static int write_header(struct rxp_buf *out, const struct rxp_identity *i)
{
	rxp_write_text(out, "Party", i->party);
	rxp_write_number(out, "Serial", i->serial);
	rxp_write_time(out, "Created", i->created_ms);
	if (i->has_previous)
		rxp_write_base64(out, "Previous", i->previous, sizeof i->previous);
	rxp_write_text(out, "Test", i->test ? "true" : "false");
	return rxp_buf_error(out);
}

static void write_office_key(struct rxp_buf *out, const struct rxp_office_key *key)
{
	char tag[sizeof "OfficeKey office=\"\"" + RXP_OFFICE_TEXT];

	snprintf(
	    tag, sizeof tag, "OfficeKey office=\"%s\"", rxp_compartment_office(key->compartment));
	rxp_write_base64(out, tag, key->spki.data, key->spki.len);
}

static int write_body(struct rxp_buf *out, const struct rxp_identity *i)
{
	for (size_t n = 0; n < i->n_certs; n++)
		rxp_write_base64(out, "SealCertificate", i->certs[n].data, i->certs[n].len);
	for (size_t n = 0; n < i->n_pins; n++)
		rxp_write_base64(out, "TlsPin", i->pins[n], sizeof i->pins[n]);
	for (size_t n = 0; n < i->n_endpoints; n++)
		rxp_write_text(out, "Endpoint", i->endpoints[n]);
	if (i->n_endpoints == 0)
		rxp_write_text(out, "Pulls", "");
	for (size_t n = 0; n < i->n_offices; n++)
		rxp_write_text(out, "Office", i->offices[n]);
	for (size_t n = 0; n < i->office_keys.n; n++)
		write_office_key(out, &i->office_keys.key[n]);
	for (unsigned level = 0; level < RXP_LEVEL_COUNT; level++)
		if ((i->levels & 1U << level) != 0)
			rxp_write_text(out, "Level", rxp_level_name((enum rxp_level)level));
	if (i->revoked_since_ms != 0)
		rxp_write_time(out, "RevokedSince", i->revoked_since_ms);
	if (i->has_next_root)
		rxp_write_base64(out, "NextRoot", i->next_root, sizeof i->next_root);
	return rxp_buf_error(out);
}

int rxp_identity_seal(struct rxp_buf *out, const struct rxp_identity *i, int64_t now_ms,
    const struct rxp_signer *root, uint8_t fingerprint[32])
{
	struct rxp_buf header, body, whole;
	int rc;

	rxp_buf_init(&header, MAX_HEADER_OCTETS);
	rxp_buf_init(&body, RXP_MAX_PART_OCTETS);
	rxp_buf_init(&whole, RXP_MAX_PART_OCTETS);
	if ((rc = write_header(&header, i)) == 0 && (rc = write_body(&body, i)) == 0 &&
	    (rc = rxp_seal_sign(
		 &whole, RXP_KIND_IDENTITY, &header, &body, now_ms, root, fingerprint)) == 0)
		rc = rxp_buf_put(out, whole.data, whole.len);
	rxp_buf_free(&header);
	rxp_buf_free(&body);
	rxp_buf_free(&whole);
	return rc;
}

static int read_header(struct rxp_identity *i, const struct _xmlNode *header)
{
	char test[BOOLEAN_TEXT];
	struct rxp_walk w;
	int rc;

	rxp_walk_init(&w, header, rxp_kind_namespace(RXP_KIND_IDENTITY));
	rxp_walk_party(&w, "Party", i->party);
	rxp_walk_number(&w, "Serial", &i->serial, MAX_SERIAL);
	rxp_walk_time(&w, "Created", &i->created_ms);
	i->has_previous = rxp_walk_at(&w, "Previous");
	if (i->has_previous)
		rxp_walk_octets(&w, "Previous", i->previous, sizeof i->previous);
	rxp_walk_text(&w, "Test", test, sizeof test);
	if ((rc = rxp_walk_end(&w)) != 0)
		return rc;
	i->test = strcmp(test, "true") == 0;
	return i->test == rxp_party_is_test(i->party) ? 0 : RXP_ERR_MISMATCH; /* RXP-MSG-002 */
}

static void read_endpoints(struct rxp_identity *i, struct rxp_walk *w)
{
	if (rxp_walk_at(w, "Pulls"))
		rxp_walk_element(w, "Pulls");
	while (i->n_endpoints < RXP_MAX_ENDPOINTS && rxp_walk_at(w, "Endpoint")) {
		rxp_walk_text(w, "Endpoint", i->endpoints[i->n_endpoints], sizeof i->endpoints[0]);
		i->n_endpoints++;
	}
}

static void read_levels(struct rxp_identity *i, struct rxp_walk *w)
{
	while (rxp_walk_at(w, "Level")) {
		char name[MAX_LEVEL_TEXT];
		enum rxp_level level;

		if (rxp_walk_text(w, "Level", name, sizeof name) == 0 &&
		    rxp_level_parse(&level, name) == 0)
			i->levels |= 1U << level;
	}
}

/* A key that a sender could not encrypt to is refused here and not when it is needed. */
static int read_office_keys(struct rxp_office_keys *keys, struct rxp_walk *w)
{
	int rc = 0;

	while (rc == 0 && rxp_walk_at(w, "OfficeKey")) {
		const char *office = rxp_xml_attribute(w->next, "office");
		enum rxp_compartment compartment;
		struct rxp_buf spki;

		rxp_buf_init(&spki, MAX_SPKI_OCTETS);
		rc = rxp_compartment_of_office(&compartment, office);
		if (rc == 0)
			rc = rxp_walk_base64(w, "OfficeKey", &spki);
		if (rc == 0)
			rc = rxp_office_keys_add(keys, compartment, spki.data, spki.len);
		rxp_buf_free(&spki);
	}
	return rc;
}

/* The counts are the schema's too; here they keep the arrays. */
static int read_body(struct rxp_identity *i, const struct _xmlNode *body)
{
	struct rxp_walk w;
	int rc;

	rxp_walk_init(&w, body, rxp_kind_namespace(RXP_KIND_IDENTITY));
	while (i->n_certs < RXP_MAX_SEAL_CERTIFICATES && rxp_walk_at(&w, "SealCertificate"))
		rxp_walk_base64(&w, "SealCertificate", &i->certs[i->n_certs++]);
	while (i->n_pins < RXP_MAX_TLS_PINS && rxp_walk_at(&w, "TlsPin"))
		rxp_walk_octets(&w, "TlsPin", i->pins[i->n_pins++], RXP_DIGEST_OCTETS);
	read_endpoints(i, &w);
	while (i->n_offices < RXP_MAX_OFFICES && rxp_walk_at(&w, "Office"))
		rxp_walk_text(&w, "Office", i->offices[i->n_offices++], RXP_OFFICE_TEXT);
	if ((rc = read_office_keys(&i->office_keys, &w)) != 0)
		return rc;
	read_levels(i, &w);
	if (rxp_walk_at(&w, "RevokedSince"))
		rxp_walk_time(&w, "RevokedSince", &i->revoked_since_ms);
	if (i->revoked_since_ms > i->created_ms) /* RXP-DSC-024 */
		return RXP_ERR_DATES;
	i->has_next_root = rxp_walk_at(&w, "NextRoot");
	if (i->has_next_root)
		rxp_walk_octets(&w, "NextRoot", i->next_root, sizeof i->next_root);
	return rxp_walk_end(&w);
}

static bool lists(const struct rxp_identity *i, const struct rxp_buf *der)
{
	for (size_t n = 0; i != NULL && n < i->n_certs; n++)
		if (i->certs[n].len == der->len &&
		    memcmp(i->certs[n].data, der->data, der->len) == 0)
			return true;
	return false;
}

/* Every certificate named can verify a seal. Those that go on from the part before were tried there. */
static int check_certificates(const struct rxp_identity *i, const struct rxp_identity *before)
{
	for (size_t n = 0; n < i->n_certs; n++) {
		struct rxp_cert *cert = NULL;
		int rc = lists(before, &i->certs[n])
			     ? 0
			     : rxp_cert_parse(&cert, i->certs[n].data, i->certs[n].len);

		rxp_cert_free(cert);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int rxp_identity_read(struct rxp_identity *i, struct rxp_identity_root *root,
    uint8_t fingerprint[RXP_DIGEST_OCTETS], const uint8_t *octets, size_t len,
    const struct rxp_identity *before)
{
	struct rxp_xml *xml = NULL;
	struct rxp_cert *cert = NULL;
	struct rxp_seal seal = {0};
	int64_t from_ms;
	int rc;

	if ((rc = rxp_xml_parse(&xml, octets, len, RXP_MAX_PART_OCTETS, RXP_XML_SEALED)) != 0 ||
	    (rc = rxp_seal_claimed_cert(&cert, xml, RXP_KIND_IDENTITY)) != 0 ||
	    (rc = rxp_seal_verify(
		 &seal, xml, RXP_KIND_IDENTITY, (const struct rxp_cert *const[]){cert}, 1)) != 0 ||
	    (rc = rxp_schema_validate(xml, NULL, NULL)) != 0 ||
	    (rc = read_header(i, seal.header)) != 0 || (rc = read_body(i, seal.body)) != 0 ||
	    (rc = check_certificates(i, before)) != 0)
		goto done;
	rxp_cert_spki_digest(cert, root->digest);
	rxp_cert_validity(cert, &from_ms, &root->until_ms);
	memcpy(fingerprint, seal.fingerprint, RXP_DIGEST_OCTETS);
done:
	rxp_seal_clear(&seal);
	rxp_cert_free(cert);
	rxp_xml_free(xml);
	return rc;
}
