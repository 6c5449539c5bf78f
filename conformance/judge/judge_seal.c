/* The seal of an object, and which of its rules a wrong one breaks. */
#include <string.h>

#include <openssl/evp.h>

#include "conformance/judge/judge_inside.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/seal_names.h"
#include "protocol/xml/only.h"

#define MAX_CANONICAL_OCTETS (1024UL * 1024)
#define N_REFERENCES 3

static bool is(const char *value, const char *wanted)
{
	return value != NULL && strcmp(value, wanted) == 0;
}

/* NULL-safe, since what is searched need not be there. */
static const char *attribute(const struct _xmlNode *element, const char *name)
{
	return element == NULL ? NULL : rxp_xml_attribute(element, name);
}

static const struct _xmlNode *first(const struct _xmlNode *element)
{
	return element == NULL ? NULL : rxp_xml_first(element);
}

static const struct _xmlNode *ds(const struct _xmlNode *parent, const char *name)
{
	return rxp_xml_child(parent, RXP_NS_DS, name);
}

static const struct _xmlNode *xades(const struct _xmlNode *parent, const char *name)
{
	return rxp_xml_child(parent, RXP_NS_XADES, name);
}

static const struct _xmlNode *signed_properties(const struct _xmlNode *signature)
{
	return xades(xades(ds(signature, "Object"), "QualifyingProperties"), "SignedProperties");
}

/* --- the shape --------------------------------------------------------------------------------- */

/* An attribute that another implementation might take for an id (RXP-XML-004). */
static bool has_id_below(const struct _xmlNode *half)
{
	for (const struct _xmlNode *at = rxp_xml_below(half, half); at != NULL;
	     at = rxp_xml_below(half, at))
		if (attribute(at, "Id") != NULL || attribute(at, "ID") != NULL)
			return true;
	return false;
}

static const char *halves_fault(const struct _xmlNode *root, enum rxp_kind kind)
{
	static const char *const names[] = {"Header", "Body", "Signature"};
	static const char *const ids[] = {"header", "body", "sig"};
	const size_t n = sizeof names / sizeof names[0];
	const struct _xmlNode *at = first(root);

	for (size_t i = 0; i < n; i++, at = rxp_xml_next(at))
		if (at == NULL || strcmp(rxp_xml_name(at), names[i]) != 0)
			return "RXP-SEA-001";
	if (at != NULL)
		return "RXP-SEA-001";
	if (!rxp_only_elements(root))
		return kind == RXP_KIND_DOCUMENT ? "RXP-DOC-001" : "RXP-SEA-001";
	at = first(root);
	for (size_t i = 0; i < n; i++, at = rxp_xml_next(at)) {
		if (i < 2 && strcmp(rxp_xml_namespace(at), rxp_kind_namespace(kind)) != 0)
			return "RXP-SEA-002";
		if (!is(attribute(at, "Id"), ids[i]))
			return "RXP-SEA-004";
		if (i < 2 && has_id_below(at))
			return "RXP-XML-004";
	}
	return NULL;
}

static bool is_empty(const struct _xmlNode *element)
{
	return first(element) == NULL && rxp_only_elements(element);
}

static const char *method_fault(const struct _xmlNode *info)
{
	const struct _xmlNode *method = ds(info, "CanonicalizationMethod");

	if (method == NULL || !is(attribute(method, "Algorithm"), RXP_URI_EXC_C14N) ||
	    !is_empty(method))
		return "RXP-SEA-007";
	return NULL;
}

static const char *reference_fault(const struct _xmlNode *reference, size_t i)
{
	static const char *const uris[] = {"#header", "#body", "#seal"};
	static const char *const ids[] = {"ref-header", "ref-body", NULL};
	const struct _xmlNode *transforms = ds(reference, "Transforms");
	const struct _xmlNode *transform = first(transforms);

	if (!is(attribute(reference, "URI"), uris[i]) ||
	    (ids[i] != NULL && !is(attribute(reference, "Id"), ids[i])) ||
	    (ids[i] == NULL && !is(attribute(reference, "Type"), RXP_URI_SIGNED_PROPERTIES)))
		return "RXP-SEA-003";
	if (transform == NULL || rxp_xml_next(transform) != NULL ||
	    !is(attribute(transform, "Algorithm"), RXP_URI_EXC_C14N) || !is_empty(transform))
		return "RXP-SEA-007";
	return is(attribute(ds(reference, "DigestMethod"), "Algorithm"), RXP_URI_SHA256)
		   ? NULL
		   : "RXP-SEA-008";
}

static const char *references_fault(const struct _xmlNode *info)
{
	const struct _xmlNode *at = ds(info, "Reference");
	const char *fault;

	for (size_t i = 0; i < N_REFERENCES; i++, at = rxp_xml_next(at)) {
		if (at == NULL || !rxp_xml_is(at, RXP_NS_DS, "Reference"))
			return "RXP-SEA-003";
		fault = reference_fault(at, i);
		if (fault != NULL)
			return fault;
	}
	return at == NULL ? NULL : "RXP-SEA-003";
}

static const char *const methods[] = {
#define SEAL_ALG(name, key, group, digest, uri, xmlsec) [RXP_SEAL_##name] = (uri),
#include "protocol/seal/seal_alg.def"
#undef SEAL_ALG
};

static bool is_method(const char *uri)
{
	for (size_t i = 0; uri != NULL && i < sizeof methods / sizeof methods[0]; i++)
		if (strcmp(uri, methods[i]) == 0)
			return true;
	return false;
}

static const char *properties_fault(const struct _xmlNode *signature)
{
	const struct _xmlNode *of =
	    xades(signed_properties(signature), "SignedSignatureProperties");
	int64_t time_ms;

	if (of == NULL || !is(attribute(signed_properties(signature), "Id"), "seal"))
		return "RXP-SEA-001";
	return rxp_time_parse(&time_ms, rxp_xml_leaf(xades(of, "SigningTime"))) == 0
		   ? NULL
		   : "RXP-SEA-011";
}

/* Method, length of the value and digest, against the certificate within. */
static const char *certificate_fault(
    const struct _xmlNode *signature, const struct rxp_cert *cert, const char *method)
{
	const struct _xmlNode *digest =
	    ds(xades(xades(xades(xades(signed_properties(signature), "SignedSignatureProperties"),
			       "SigningCertificateV2"),
			 "Cert"),
		   "CertDigest"),
		"DigestValue");
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS], own[RXP_DIGEST_OCTETS], said[RXP_DIGEST_OCTETS];

	rxp_cert_digest(cert, own);
	if (!is(method, methods[rxp_cert_alg(cert)]))
		return "RXP-SEA-008";
	if (rxp_base64_get_exact(value, rxp_cert_value_length(cert),
		rxp_xml_leaf(ds(signature, "SignatureValue"))) != 0)
		return "RXP-SEA-009";
	return rxp_base64_get_exact(said, sizeof said, rxp_xml_leaf(digest)) == 0 &&
		       memcmp(said, own, sizeof own) != 0
		   ? "RXP-SEA-010"
		   : "RXP-SEA-001";
}

static const char *fitting_fault(const struct _xmlNode *signature)
{
	const struct _xmlNode *data = ds(ds(signature, "KeyInfo"), "X509Data");
	const char *text = rxp_xml_leaf(ds(data, "X509Certificate"));
	struct rxp_cert *cert = NULL;
	struct rxp_buf der;
	const char *fault = "RXP-SEA-001";

	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	if (rxp_base64_get(&der, text, strlen(text)) == 0 &&
	    rxp_cert_parse(&cert, der.data, der.len) == 0)
		fault = certificate_fault(signature, cert,
		    attribute(ds(ds(signature, "SignedInfo"), "SignatureMethod"), "Algorithm"));
	rxp_cert_free(cert);
	rxp_buf_free(&der);
	return fault;
}

const char *judge_seal_shape(const struct rxp_xml *xml, enum rxp_kind kind)
{
	const struct _xmlNode *root = rxp_xml_root(xml), *signature, *info;
	const char *fault;

	if (!rxp_xml_is(root, rxp_kind_namespace(kind), rxp_kind_root(kind)))
		return strcmp(rxp_xml_namespace(root), rxp_kind_namespace(kind)) == 0
			   ? "RXP-SEA-002"
			   : "RXP-SEA-001";
	if (attribute(root, "Id") != NULL)
		return "RXP-SEA-004";
	fault = halves_fault(root, kind);
	if (fault != NULL)
		return fault;
	signature = ds(root, "Signature");
	info = ds(signature, "SignedInfo");
	if (info == NULL)
		return "RXP-SEA-001";
	fault = method_fault(info);
	if (fault == NULL && !is_method(attribute(ds(info, "SignatureMethod"), "Algorithm")))
		fault = "RXP-SEA-008";
	if (fault == NULL)
		fault = references_fault(info);
	if (fault == NULL)
		fault = properties_fault(signature);
	return fault != NULL ? fault : fitting_fault(signature);
}

/* --- the values -------------------------------------------------------------------------------- */

/* Has the canonical form of the element the digest of the i-th Reference? */
static int digest_fits(
    bool *fits, struct rxp_xml *xml, const struct _xmlNode *reference, struct _xmlNode *element)
{
	uint8_t claimed[RXP_DIGEST_OCTETS], digest[RXP_DIGEST_OCTETS];
	struct rxp_buf canonical;
	int rc;

	rxp_buf_init(&canonical, MAX_CANONICAL_OCTETS);
	rc = rxp_xml_c14n(&canonical, xml, element);
	if (rc == 0 &&
	    EVP_Digest(canonical.data, canonical.len, digest, NULL, EVP_sha256(), NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	if (rc == 0)
		*fits = rxp_base64_get_exact(claimed, sizeof claimed,
			    rxp_xml_leaf(ds(reference, "DigestValue"))) == 0 &&
			memcmp(claimed, digest, sizeof digest) == 0;
	rxp_buf_free(&canonical);
	return rc;
}

/* The seal has the right shape and does not verify. */
static int note_value(struct judgement *out, struct rxp_xml *xml)
{
	struct _xmlNode *header = rxp_xml_first(rxp_xml_root(xml)), *body = rxp_xml_next(header);
	const struct _xmlNode *signature = rxp_xml_next(body);
	const struct _xmlNode *reference = ds(ds(signature, "SignedInfo"), "Reference");
	struct _xmlNode *parts[N_REFERENCES] = {header, body, NULL};
	bool fits = true;
	int rc = 0;

	parts[2] = rxp_xml_child(xades(ds(signature, "Object"), "QualifyingProperties"),
	    RXP_NS_XADES, "SignedProperties");
	for (size_t i = 0; i < N_REFERENCES && rc == 0 && fits;
	     i++, reference = rxp_xml_next(reference))
		rc = digest_fits(&fits, xml, reference, parts[i]);
	if (rc == 0 && !fits)
		judge_wrong(out, "RXP-SEA-005", NULL,
		    "what is sealed was changed since: a digest is another");
	else if (rc == 0)
		judge_wrong(out, "RXP-SEA-009", NULL,
		    "the signature value is not of this key over this object");
	return rc;
}

int judge_under(struct judge_under *u, const uint8_t *octets, size_t len, enum rxp_kind kind,
    const struct judge_known *known)
{
	struct rxp_xml *xml = NULL;
	int rc;

	*u = (struct judge_under){.certs = known->certs, .n = known->n_certs};
	if (known->n_certs > 0)
		return 0;
	rc = rxp_xml_parse(&xml, octets, len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED);
	if (rc == 0)
		rc = rxp_seal_claimed_cert(&u->claimed, xml, kind);
	u->one[0] = u->claimed;
	u->certs = u->one;
	u->n = rc == 0 ? 1 : 0;
	rxp_xml_free(xml);
	return rc == RXP_ERR_NOMEM ? rc : 0;
}

void judge_under_clear(struct judge_under *u)
{
	rxp_cert_free(u->claimed);
	*u = (struct judge_under){.n = 0};
}

int judge_as(struct judgement *out, const struct judge_form *form, const uint8_t *octets,
    size_t len, const struct judge_known *known)
{
	struct judge_under under;
	struct judge_sealed o = {.octets = octets, .len = len, .under = &under, .known = known};
	int rc = judge_under(&under, octets, len, form->kind, known);

	if (rc == 0)
		rc = judge_parse(
		    out, &o.xml, octets, len, form->max, form->too_large, RXP_XML_SEALED);
	if (rc == 0 && o.xml != NULL)
		rc = form->read(out, &o);
	rxp_xml_free(o.xml);
	judge_under_clear(&under);
	return rc;
}

static int verify_claimed(
    struct rxp_seal *seal, struct rxp_xml *xml, enum rxp_kind kind, struct rxp_cert **cert)
{
	const struct rxp_cert *certs[1];
	int rc = rxp_seal_claimed_cert(cert, xml, kind);

	certs[0] = *cert;
	return rc == 0 ? rxp_seal_verify(seal, xml, kind, certs, 1) : rc;
}

int judge_seal(struct judgement *out, struct rxp_seal *seal, struct rxp_xml *xml,
    enum rxp_kind kind, const struct judge_known *known)
{
	struct rxp_cert *claimed = NULL;
	int rc = known->n_certs > 0 ? rxp_seal_verify(seal, xml, kind, known->certs, known->n_certs)
				    : verify_claimed(seal, xml, kind, &claimed);

	if (rc == 0) {
		out->sealed = true;
		out->known = known->n_certs > 0;
		seal->cert = NULL;
	}
	rxp_cert_free(claimed);
	switch (rc) {
	case RXP_ERR_SIGNER:
		judge_wrong(out, "RXP-SEA-010", NULL,
		    "sealed under a certificate that the descriptor does not name");
		return 0;
	case RXP_ERR_SEAL:
		return note_value(out, xml);
	case RXP_ERR_STRUCTURE:
	case RXP_ERR_KEY:
		judge_wrong(
		    out, judge_seal_shape(xml, kind), NULL, "not the one shape of a sealed object");
		return 0;
	default:
		return rc;
	}
}
