#include "protocol/seal/seal.h"

#include <string.h>

#include <libxml/tree.h>
#include <openssl/evp.h>

#include "protocol/base/err.h"
#include "protocol/seal/seal_shape.h"
#include "protocol/seal/seal_write.h"
#include "protocol/xml/xml.h"
#include "protocol/xml/xml_doc.h"

#define DIGEST_OCTETS 32
#define MAX_SMALL_OCTETS 4096 /* SignedInfo is about 1.3 KB, SignedProperties 0.9 KB */
#define MAX_FRAME_OCTETS \
	(16 * 1024) /* all but Header and Body; the certificate is the longest part */

/* What one sealing makes on its way. */
struct work {
	struct rxp_buf header; /* canonical, as the next three */
	struct rxp_buf body;
	struct rxp_buf properties;
	struct rxp_buf signed_info;
	struct rxp_buf whole;
	unsigned elements;
};

static int digest_of(uint8_t out[DIGEST_OCTETS], const struct rxp_buf *octets)
{
	if (EVP_Digest(octets->data, octets->len, out, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	return 0;
}

static void put_all(struct rxp_buf *out, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rxp_buf_puts(out, texts[i]);
}

#define PUT(out, ...) \
	put_all(out, (const char *const[]){__VA_ARGS__}, \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* Header or Body as an only child of the root, so that a content that closes its element early
 * shows as a second child or as octets behind the root. */
static int put_alone(struct rxp_buf *out, enum rxp_kind kind, const char *name, const char *id,
    const struct rxp_buf *inner)
{
	const char *root = rxp_kind_root(kind);

	PUT(out, "<", root, " xmlns=\"", rxp_kind_namespace(kind), "\"><", name, " Id=\"", id,
	    "\">");
	rxp_buf_put(out, inner->data, inner->len);
	PUT(out, "</", name, "></", root, ">");
	return rxp_buf_error(out);
}

/* The canonical octets of Header or Body with this content. */
static int make_half(struct rxp_buf *canonical, unsigned *elements, enum rxp_kind kind,
    const char *name, const char *id, const struct rxp_buf *inner)
{
	struct rxp_xml *xml = NULL;
	struct rxp_buf text;
	struct _xmlNode *half;
	int rc;

	rxp_buf_init(&text, RXP_MAX_DOCUMENT_OCTETS);
	if ((rc = put_alone(&text, kind, name, id, inner)) != 0 ||
	    (rc = rxp_xml_parse(
		 &xml, text.data, text.len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED)) != 0)
		goto done;
	half = rxp_xml_root(xml)->children;
	if (half->next != NULL || !rxp_seal_shape_is_half(half, kind, name, id)) {
		rc = RXP_ERR_STRICT;
		goto done;
	}
	*elements += xml->elements;
	rc = rxp_xml_c14n(canonical, xml, half);
done:
	rxp_xml_free(xml);
	rxp_buf_free(&text);
	return rc;
}

/* The seal's two Ids of what it covers, as XAdES names them. */
static int make_properties(
    struct rxp_buf *out, int64_t signing_time_ms, const struct rxp_cert *cert)
{
	rxp_seal_properties_begin(out, signing_time_ms, cert);
	rxp_seal_properties_format(out, "ref-header", "text/xml");
	rxp_seal_properties_format(out, "ref-body", "text/xml");
	rxp_seal_properties_end(out);
	return rxp_buf_error(out);
}

static int make_signed_info(struct work *work, const struct rxp_cert *cert)
{
	struct rxp_buf *out = &work->signed_info;
	uint8_t header[DIGEST_OCTETS], body[DIGEST_OCTETS];
	int rc;

	if ((rc = digest_of(header, &work->header)) != 0 ||
	    (rc = digest_of(body, &work->body)) != 0)
		return rc;
	rxp_seal_info_begin(out, cert);
	rxp_seal_info_reference(out, "Id=\"ref-header\" URI=\"#header\"", true, header);
	rxp_seal_info_reference(out, "Id=\"ref-body\" URI=\"#body\"", true, body);
	return rxp_seal_info_end(out, &work->properties);
}

/* The object from its parts and the signature over SignedInfo. */
static int assemble(struct work *work, enum rxp_kind kind, const struct rxp_signer *signer)
{
	struct rxp_buf *out = &work->whole;
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS];
	size_t value_len = 0;
	int rc = signer->sign(
	    signer->arg, work->signed_info.data, work->signed_info.len, value, &value_len);

	if (rc != 0)
		return rc;
	if (value_len != rxp_cert_value_length(signer->cert))
		return RXP_ERR_CRYPTO;
	PUT(out, "<", rxp_kind_root(kind), " xmlns=\"", rxp_kind_namespace(kind), "\">");
	rxp_buf_put(out, work->header.data, work->header.len);
	rxp_buf_put(out, work->body.data, work->body.len);
	rxp_seal_signature(
	    out, &work->signed_info, &work->properties, value, value_len, signer->cert, NULL);
	PUT(out, "</", rxp_kind_root(kind), ">");
	return rxp_buf_error(out);
}

static void work_init(struct work *work)
{
	*work = (struct work){0};
	rxp_buf_init(&work->header, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&work->body, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&work->properties, MAX_SMALL_OCTETS);
	rxp_buf_init(&work->signed_info, MAX_SMALL_OCTETS);
	rxp_buf_init(&work->whole, 2 * RXP_MAX_DOCUMENT_OCTETS + MAX_FRAME_OCTETS);
}

static void work_clear(struct work *work)
{
	rxp_buf_free(&work->header);
	rxp_buf_free(&work->body);
	rxp_buf_free(&work->properties);
	rxp_buf_free(&work->signed_info);
	rxp_buf_free(&work->whole);
}

int rxp_seal_sign(struct rxp_buf *out, enum rxp_kind kind, const struct rxp_buf *header_inner,
    const struct rxp_buf *body_inner, int64_t signing_time_ms, const struct rxp_signer *signer,
    uint8_t fingerprint[32])
{
	struct work work;
	uint8_t digest[DIGEST_OCTETS];
	int rc;

	work_init(&work);
	if ((rc = make_half(
		 &work.header, &work.elements, kind, "Header", "header", header_inner)) != 0 ||
	    (rc = make_half(&work.body, &work.elements, kind, "Body", "body", body_inner)) != 0)
		goto done;
	/* The root was counted with each half. */
	if (work.elements - 1 + RXP_SEAL_SIGNATURE_ELEMENTS > RXP_MAX_XML_ELEMENTS) {
		rc = RXP_ERR_STRICT;
		goto done;
	}
	if ((rc = make_properties(&work.properties, signing_time_ms, signer->cert)) != 0 ||
	    (rc = make_signed_info(&work, signer->cert)) != 0 ||
	    (rc = digest_of(digest, &work.signed_info)) != 0 ||
	    (rc = assemble(&work, kind, signer)) != 0 ||
	    (rc = rxp_buf_put(out, work.whole.data, work.whole.len)) != 0)
		goto done;
	memcpy(fingerprint, digest, sizeof digest);
done:
	work_clear(&work);
	return rc;
}
