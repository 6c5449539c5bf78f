#include "protocol/evidence/container_seal.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/evidence/container.h"
#include "protocol/evidence/evidence_name.h"
#include "protocol/evidence/stamp.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/seal_names.h"
#include "protocol/seal/seal_write.h"
#include "protocol/seal/signature.h"
#include "protocol/seal/signer.h"

#define NS_ASIC "http://uri.etsi.org/02918/v1.2.1#"
#define NS_MANIFEST "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
#define BEGIN "<asic:XAdESSignatures xmlns:asic=\"" NS_ASIC "\">"
#define END "</asic:XAdESSignatures>"
#define VALUE_BEGIN "<ds:SignatureValue>"
#define NS_DS_BEGIN "<ds:SignatureValue xmlns:ds=\"" RXP_NS_DS "\">"
#define VALUE_END "</ds:SignatureValue>"
#define STAMP_BEGIN "<xades:EncapsulatedTimeStamp>"
#define STAMP_END "</xades:EncapsulatedTimeStamp>"
#define PROPERTIES_END "</xades:SignedProperties>" /* behind which a time-stamp stands */
#define REFERENCE_TEXT (RXP_ENTRY_TEXT + 48)
#define ID_TEXT 24

/* What is signed, and what says so. */
struct parts {
	struct rxp_buf properties, signed_info;
};

static void parts_init(struct parts *p)
{
	rxp_buf_init(&p->properties, RXP_MAX_CONTAINER_TEXT_OCTETS);
	rxp_buf_init(&p->signed_info, RXP_MAX_CONTAINER_TEXT_OCTETS);
}

static void parts_free(struct parts *p)
{
	rxp_buf_free(&p->properties);
	rxp_buf_free(&p->signed_info);
}

/* The next entry that is signed, from *at on; NULL: there is none. */
static const struct rxp_entry *next_signed(const struct rxp_container *c, size_t *at)
{
	struct rxp_evidence_name name;

	while (*at < c->n) {
		const struct rxp_entry *entry = &c->entries[(*at)++];

		if (rxp_evidence_name_parse(&name, entry->name) == 0 &&
		    name.kind != RXP_EVIDENCE_NAME_MIMETYPE && name.kind != RXP_EVIDENCE_NAME_META)
			return entry;
	}
	return NULL;
}

/* Their names need no escape in XML or in a URI reference. */
static int check_names(const struct rxp_container *c)
{
	struct rxp_evidence_name name;

	for (size_t i = 0; i < c->n; i++)
		if (rxp_evidence_name_parse(&name, c->entries[i].name) != 0)
			return RXP_ERR_SYNTAX;
	return 0;
}

static int make_properties(struct rxp_buf *out, const struct rxp_container *c,
    int64_t signing_time_ms, const struct rxp_cert *cert)
{
	const struct rxp_entry *entry;
	char id[ID_TEXT];
	unsigned n = 0;

	rxp_seal_properties_begin(out, signing_time_ms, cert);
	for (size_t at = 0; (entry = next_signed(c, &at)) != NULL;) {
		snprintf(id, sizeof id, "ref-%u", ++n);
		rxp_seal_properties_format(out, id, rxp_evidence_media(entry->name));
	}
	rxp_seal_properties_end(out);
	return rxp_buf_error(out);
}

static int make_signed_info(
    struct parts *p, const struct rxp_container *c, const struct rxp_cert *cert)
{
	const struct rxp_entry *entry;
	char attributes[REFERENCE_TEXT];
	uint8_t digest[RXP_DIGEST_OCTETS];
	unsigned n = 0;

	rxp_seal_info_begin(&p->signed_info, cert);
	for (size_t at = 0; (entry = next_signed(c, &at)) != NULL;) {
		if (rxp_entry_digest(digest, entry) != 0)
			return RXP_ERR_CRYPTO;
		snprintf(
		    attributes, sizeof attributes, "Id=\"ref-%u\" URI=\"%s\"", ++n, entry->name);
		rxp_seal_info_reference(&p->signed_info, attributes, false, digest);
	}
	return rxp_seal_info_end(&p->signed_info, &p->properties);
}

static int make_parts(struct parts *p, const struct rxp_container *c, int64_t signing_time_ms,
    const struct rxp_cert *cert)
{
	int rc = check_names(c);

	if (rc == 0)
		rc = make_properties(&p->properties, c, signing_time_ms, cert);
	return rc != 0 ? rc : make_signed_info(p, c, cert);
}

static int put_whole(struct rxp_buf *out, const struct parts *p, const uint8_t *value,
    size_t value_len, const struct rxp_cert *cert, const struct rxp_buf *stamp)
{
	rxp_buf_puts(out, BEGIN);
	rxp_seal_signature(out, &p->signed_info, &p->properties, value, value_len, cert, stamp);
	return rxp_buf_puts(out, END);
}

int rxp_container_seal(struct rxp_buf *out, const struct rxp_container *c, int64_t signing_time_ms,
    const struct rxp_signer *signer)
{
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS];
	size_t value_len = 0;
	struct parts p;
	int rc;

	parts_init(&p);
	rc = make_parts(&p, c, signing_time_ms, signer->cert);
	if (rc == 0)
		rc = signer->sign(
		    signer->arg, p.signed_info.data, p.signed_info.len, value, &value_len);
	if (rc == 0)
		rc = put_whole(out, &p, value, value_len, signer->cert, NULL);
	parts_free(&p);
	return rc;
}

/* --- verified ------------------------------------------------------------------------------------ */

/* The text between these two: what surrounds it is compared
 * octet by octet afterwards, so that a wrong guess fails. */
static bool text_between(
    char *out, size_t out_size, const struct rxp_buf *octets, const char *begin, const char *end)
{
	const char *at = memmem(octets->data, octets->len, begin, strlen(begin)), *stop;
	size_t left;

	if (at == NULL)
		return false;
	at += strlen(begin);
	left = octets->len - (size_t)(at - (const char *)octets->data);
	stop = memmem(at, left, end, strlen(end));
	if (stop == NULL || (size_t)(stop - at) >= out_size)
		return false;
	memcpy(out, at, (size_t)(stop - at));
	out[stop - at] = '\0';
	return strlen(out) == (size_t)(stop - at);
}

static const struct rxp_cert *find_cert(
    const struct rxp_buf *octets, const struct rxp_cert *const *certs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = rxp_cert_base64(certs[i]);

		if (memmem(octets->data, octets->len, text, strlen(text)) != NULL)
			return certs[i];
	}
	return NULL;
}

static int read_value(struct rxp_buf *out, const struct rxp_buf *octets)
{
	char text[RXP_BASE64_LENGTH(RXP_MAX_SIGNATURE_OCTETS) + 1];

	if (!text_between(text, sizeof text, octets, VALUE_BEGIN, VALUE_END))
		return RXP_ERR_STRUCTURE;
	return rxp_base64_get(out, text, strlen(text)) != 0 ? RXP_ERR_STRUCTURE : 0;
}

static int read_time(int64_t *out, const struct rxp_buf *octets)
{
	char text[RXP_TIME_TEXT];

	if (!text_between(text, sizeof text, octets, "<xades:SigningTime>", "</xades:SigningTime>"))
		return RXP_ERR_STRUCTURE;
	return rxp_time_parse(out, text) != 0 ? RXP_ERR_STRUCTURE : 0;
}

/* Empty if there is none. */
static int read_stamp(struct rxp_buf *out, const struct rxp_buf *octets)
{
	char text[RXP_BASE64_LENGTH(RXP_MAX_STAMP_OCTETS) + 1];

	if (memmem(octets->data, octets->len, STAMP_BEGIN, strlen(STAMP_BEGIN)) == NULL)
		return 0;
	if (!text_between(text, sizeof text, octets, STAMP_BEGIN, STAMP_END))
		return RXP_ERR_STRUCTURE;
	return rxp_base64_get(out, text, strlen(text)) != 0 ? RXP_ERR_STRUCTURE : 0;
}

/* The octets anew from the entries and from what was read. */
static int compare(struct parts *p, const struct rxp_container *c, const struct rxp_buf *octets,
    const struct rxp_buf *value, const struct rxp_container_seal *seal)
{
	struct rxp_buf again;
	int rc;

	rxp_buf_init(&again, RXP_MAX_CONTAINER_TEXT_OCTETS);
	rc = make_parts(p, c, seal->signing_time_ms, seal->cert);
	if (rc == 0)
		rc = put_whole(&again, p, value->data, value->len, seal->cert,
		    seal->stamp.len > 0 ? &seal->stamp : NULL);
	if (rc == 0 &&
	    (again.len != octets->len || memcmp(again.data, octets->data, again.len) != 0))
		rc = RXP_ERR_MISMATCH;
	rxp_buf_free(&again);
	return rc;
}

int rxp_container_seal_verify(struct rxp_container_seal *out, const struct rxp_container *c,
    const struct rxp_buf *octets, const struct rxp_cert *const *certs, size_t n)
{
	struct rxp_container_seal seal = {.cert = find_cert(octets, certs, n)};
	struct rxp_buf value;
	struct parts p;
	int rc;

	if (seal.cert == NULL)
		return RXP_ERR_SIGNER;
	rxp_buf_init(&value, RXP_MAX_SIGNATURE_OCTETS);
	rxp_buf_init(&seal.stamp, RXP_MAX_STAMP_OCTETS);
	parts_init(&p);
	if ((rc = read_time(&seal.signing_time_ms, octets)) == 0 &&
	    (rc = read_value(&value, octets)) == 0 && (rc = read_stamp(&seal.stamp, octets)) == 0 &&
	    (rc = compare(&p, c, octets, &value, &seal)) == 0)
		rc = rxp_signature_verify(
		    seal.cert, p.signed_info.data, p.signed_info.len, value.data, value.len);
	if (rc == 0)
		*out = seal;
	else
		rxp_buf_free(&seal.stamp);
	parts_free(&p);
	rxp_buf_free(&value);
	return rc;
}

/* --- the time-stamp ---------------------------------------------------------------------------------- */

/* SignatureValue is canonical as it stands, but for the namespace, which its parent declares. */
int rxp_container_imprint(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *octets)
{
	char value[RXP_BASE64_LENGTH(RXP_MAX_SIGNATURE_OCTETS) + 1];
	char element[sizeof value + sizeof NS_DS_BEGIN + sizeof VALUE_END];

	if (!text_between(value, sizeof value, octets, VALUE_BEGIN, VALUE_END))
		return RXP_ERR_STRUCTURE;
	snprintf(element, sizeof element, NS_DS_BEGIN "%s" VALUE_END, value);
	return EVP_Digest(element, strlen(element), out, NULL, EVP_sha256(), NULL) == 1
		   ? 0
		   : RXP_ERR_CRYPTO;
}

int rxp_container_stamp(
    struct rxp_buf *out, const struct rxp_buf *octets, const struct rxp_buf *stamp)
{
	const uint8_t *at =
	    memmem(octets->data, octets->len, PROPERTIES_END, strlen(PROPERTIES_END));
	size_t before;

	if (at == NULL)
		return RXP_ERR_STRUCTURE;
	before = (size_t)(at - octets->data) + strlen(PROPERTIES_END);
	rxp_buf_put(out, octets->data, before);
	rxp_seal_stamp(out, stamp);
	return rxp_buf_put(out, octets->data + before, octets->len - before);
}

/* --- the list of contents -------------------------------------------------------------------------- */

static void put_file(struct rxp_buf *out, const char *path, const char *media)
{
	rxp_buf_puts(out, "<manifest:file-entry manifest:full-path=\"");
	rxp_buf_puts(out, path);
	rxp_buf_puts(out, "\" manifest:media-type=\"");
	rxp_buf_puts(out, media);
	rxp_buf_puts(out, "\"></manifest:file-entry>");
}

int rxp_container_manifest(struct rxp_buf *out, const struct rxp_container *c)
{
	const struct rxp_entry *entry;
	int rc = check_names(c);

	if (rc != 0)
		return rc;
	rxp_buf_puts(
	    out, "<manifest:manifest xmlns:manifest=\"" NS_MANIFEST "\" manifest:version=\"1.2\">");
	put_file(out, "/", RXP_EVIDENCE_MIMETYPE_VALUE);
	for (size_t at = 0; (entry = next_signed(c, &at)) != NULL;)
		put_file(out, entry->name, rxp_evidence_media(entry->name));
	return rxp_buf_puts(out, "</manifest:manifest>");
}
