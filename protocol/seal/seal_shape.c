#include "protocol/seal/seal_shape.h"

#include <string.h>

#include <libxml/tree.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/seal/seal_names.h"
#include "protocol/xml/xml.h"
#include "protocol/xml/xml_doc.h"

#define MAX_PART_ATTRIBUTES 2
#define DIGEST_OCTETS 32

enum content {
	CHILDREN, /* elements only, no text */
	EMPTY, /* nothing at all */
	TEXT, /* one text */
	DIGEST, /* one text, the base64 of a SHA-256 */
};

/* Parts whose value is not fixed; what they hold is read after the whole shape is known. */
enum slot {
	NONE,
	METHOD,
	VALUE,
	CERTIFICATE,
	PROPERTIES,
	SIGNING_TIME,
	CERT_DIGEST,
	SLOTS,
};

/* One element of the Signature. The list is in document order; depth says who is whose child. */
struct part {
	int depth;
	const char *ns;
	const char *name;
	enum content content;
	enum slot slot;
	const char *text; /* of TEXT; NULL: held by the slot */
	struct {
		const char *name;
		const char *value; /* NULL: held by the slot */
	} attribute[MAX_PART_ATTRIBUTES]; /* exactly these, in any order */
};

/* clang-format off */
#define PART(below, space, local, ...) {.depth = below, .ns = space, .name = local, .content = __VA_ARGS__},
#define DS(depth, name, ...) PART(depth, RXP_NS_DS, name, __VA_ARGS__)
#define XA(depth, name, ...) PART(depth, RXP_NS_XADES, name, __VA_ARGS__)
#define REFERENCE(id_or_type, literal, uri) \
	DS(2, "Reference", CHILDREN, .attribute = {{id_or_type, literal}, {"URI", uri}}) \
	DS(3, "Transforms", CHILDREN) \
	DS(4, "Transform", EMPTY, .attribute = {{"Algorithm", RXP_URI_EXC_C14N}}) \
	DS(3, "DigestMethod", EMPTY, .attribute = {{"Algorithm", RXP_URI_SHA256}}) \
	DS(3, "DigestValue", DIGEST)
#define FORMAT(reference) \
	XA(5, "DataObjectFormat", CHILDREN, .attribute = {{"ObjectReference", reference}}) \
	XA(6, "MimeType", TEXT, .text = "text/xml")

static const struct part parts[] = {
	DS(0, "Signature", CHILDREN, .attribute = {{"Id", "sig"}})
	DS(1, "SignedInfo", CHILDREN)
	DS(2, "CanonicalizationMethod", EMPTY, .attribute = {{"Algorithm", RXP_URI_EXC_C14N}})
	DS(2, "SignatureMethod", EMPTY, .slot = METHOD, .attribute = {{"Algorithm", NULL}})
	REFERENCE("Id", "ref-header", "#header")
	REFERENCE("Id", "ref-body", "#body")
	REFERENCE("Type", RXP_URI_SIGNED_PROPERTIES, "#seal")
	DS(1, "SignatureValue", TEXT, .slot = VALUE)
	DS(1, "KeyInfo", CHILDREN)
	DS(2, "X509Data", CHILDREN)
	DS(3, "X509Certificate", TEXT, .slot = CERTIFICATE)
	DS(1, "Object", CHILDREN)
	XA(2, "QualifyingProperties", CHILDREN, .attribute = {{"Target", "#sig"}})
	XA(3, "SignedProperties", CHILDREN, .slot = PROPERTIES, .attribute = {{"Id", "seal"}})
	XA(4, "SignedSignatureProperties", CHILDREN)
	XA(5, "SigningTime", TEXT, .slot = SIGNING_TIME)
	XA(5, "SigningCertificateV2", CHILDREN)
	XA(6, "Cert", CHILDREN)
	XA(7, "CertDigest", CHILDREN)
	DS(8, "DigestMethod", EMPTY, .attribute = {{"Algorithm", RXP_URI_SHA256}})
	DS(8, "DigestValue", DIGEST, .slot = CERT_DIGEST)
	XA(4, "SignedDataObjectProperties", CHILDREN)
	FORMAT("#ref-header")
	FORMAT("#ref-body")
};
/* clang-format on */

#define PARTS (sizeof parts / sizeof parts[0])
_Static_assert(PARTS == RXP_SEAL_SIGNATURE_ELEMENTS, "a sealer counts the elements beforehand");

static bool attributes_match(const xmlNode *element, const struct part *part)
{
	size_t want = 0;
	size_t have = 0;

	for (const xmlAttr *a = element->properties; a != NULL; a = a->next)
		have++;
	for (; want < MAX_PART_ATTRIBUTES && part->attribute[want].name != NULL; want++) {
		const char *value = rxp_xml_attribute(element, part->attribute[want].name);

		if (value == NULL || (part->attribute[want].value != NULL &&
					 strcmp(value, part->attribute[want].value) != 0))
			return false;
	}
	return have == want;
}

/* Only the two namespaces of the shape are declared, each at most once on an element: exc-c14n signs
 * no declaration that is not used. */
static bool declarations_match(const xmlNode *element)
{
	static const char *const allowed[] = {RXP_NS_DS, RXP_NS_XADES};
	size_t declared = 0;
	size_t matched = 0;

	for (const xmlNs *ns = element->nsDef; ns != NULL; ns = ns->next)
		declared++;
	for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
		const xmlNs *ns = element->nsDef;

		while (ns != NULL && strcmp((const char *)ns->href, allowed[i]) != 0)
			ns = ns->next;
		if (ns != NULL)
			matched++;
	}
	return declared == matched;
}

/* Of an element whose only child is a text. */
static const char *text_of(const xmlNode *leaf)
{
	return (const char *)leaf->children->content;
}

static bool content_matches(const xmlNode *element, const struct part *part)
{
	const xmlNode *child = element->children;
	uint8_t digest[DIGEST_OCTETS];

	if (child == NULL)
		return part->content == EMPTY;
	if (part->content == CHILDREN) {
		while (child != NULL && child->type == XML_ELEMENT_NODE)
			child = child->next;
		return child == NULL;
	}
	if (part->content == EMPTY || child->type != XML_TEXT_NODE || child->next != NULL)
		return false;
	if (part->content == DIGEST)
		return rxp_base64_get_exact(digest, sizeof digest, text_of(element)) == 0;
	return part->text == NULL || strcmp(text_of(element), part->text) == 0;
}

/* The element that follows in document order within top, and its depth below top. */
static xmlNode *following(const xmlNode *node, const xmlNode *top, int *depth)
{
	xmlNode *child = rxp_xml_first(node);

	if (child != NULL) {
		++*depth;
		return child;
	}
	while (node != top) {
		xmlNode *next = rxp_xml_next(node);

		if (next != NULL)
			return next;
		node = node->parent;
		--*depth;
	}
	return NULL;
}

static bool signature_matches(xmlNode *signature, xmlNode *slot[SLOTS])
{
	xmlNode *at = signature;
	int depth = 0;

	for (size_t i = 0; i < PARTS; i++) {
		const struct part *part = &parts[i];

		if (at == NULL || depth != part->depth || !rxp_xml_is(at, part->ns, part->name) ||
		    !attributes_match(at, part) || !declarations_match(at) ||
		    !content_matches(at, part))
			return false;
		slot[part->slot] = at;
		at = following(at, signature, &depth);
	}
	return at == NULL;
}

static bool has_only_id(const xmlNode *element, const char *id)
{
	const char *value = rxp_xml_attribute(element, "Id");

	return value != NULL && strcmp(value, id) == 0 && element->properties->next == NULL;
}

/* No element below has an attribute that another implementation might take for an id. */
static bool ids_are_absent_below(const xmlNode *top)
{
	int depth = 0;

	for (const xmlNode *at = following(top, top, &depth); at != NULL;
	     at = following(at, top, &depth))
		if (rxp_xml_attribute(at, "Id") != NULL || rxp_xml_attribute(at, "ID") != NULL)
			return false;
	return true;
}

bool rxp_seal_shape_is_half(
    const struct _xmlNode *element, enum rxp_kind kind, const char *name, const char *id)
{
	return element != NULL && element->type == XML_ELEMENT_NODE &&
	       rxp_xml_is(element, rxp_kind_namespace(kind), name) && has_only_id(element, id) &&
	       ids_are_absent_below(element);
}

/* The root declares its namespace as the default and has nothing else of its own. */
static bool root_matches(const xmlNode *root, enum rxp_kind kind)
{
	return rxp_xml_is(root, rxp_kind_namespace(kind), rxp_kind_root(kind)) &&
	       root->properties == NULL && root->nsDef != NULL && root->nsDef->next == NULL &&
	       root->nsDef->prefix == NULL && root->ns == root->nsDef;
}

int rxp_seal_shape_read(struct rxp_seal_shape *out, const struct rxp_xml *xml, enum rxp_kind kind)
{
	xmlNode *root = rxp_xml_root(xml);
	xmlNode *slot[SLOTS] = {NULL};
	xmlNode *header;
	xmlNode *body;
	xmlNode *signature;
	struct rxp_seal_shape shape;

	if (xml->doc->ids != NULL || !root_matches(root, kind))
		return RXP_ERR_STRUCTURE;
	header = root->children;
	body = header == NULL ? NULL : header->next;
	signature = body == NULL ? NULL : body->next;
	if (!rxp_seal_shape_is_half(header, kind, "Header", "header") ||
	    !rxp_seal_shape_is_half(body, kind, "Body", "body") || signature == NULL ||
	    signature->type != XML_ELEMENT_NODE || signature->next != NULL ||
	    !signature_matches(signature, slot))
		return RXP_ERR_STRUCTURE;
	shape = (struct rxp_seal_shape){
	    .signature = signature,
	    .target = {header, body, slot[PROPERTIES]},
	    .method = rxp_xml_attribute(slot[METHOD], "Algorithm"),
	    .value = text_of(slot[VALUE]),
	    .certificate = text_of(slot[CERTIFICATE]),
	};
	if (rxp_base64_get_exact(shape.certificate_digest, sizeof shape.certificate_digest,
		text_of(slot[CERT_DIGEST])) != 0 ||
	    rxp_time_parse(&shape.signing_time_ms, text_of(slot[SIGNING_TIME])) != 0)
		return RXP_ERR_STRUCTURE;
	*out = shape;
	return 0;
}

int rxp_seal_shape_fits(
    struct rxp_buf *value, const struct rxp_seal_shape *shape, const struct rxp_cert *cert)
{
	static const char *const methods[] = {
#define SEAL_ALG(name, key, group, digest, uri, xmlsec) [RXP_SEAL_##name] = (uri),
#include "protocol/seal/seal_alg.def"
#undef SEAL_ALG
	};
	uint8_t octets[RXP_MAX_SIGNATURE_OCTETS];
	uint8_t digest[DIGEST_OCTETS];
	size_t len = rxp_cert_value_length(cert);

	rxp_cert_digest(cert, digest);
	if (strcmp(shape->method, methods[rxp_cert_alg(cert)]) != 0 ||
	    memcmp(shape->certificate_digest, digest, sizeof digest) != 0 ||
	    rxp_base64_get_exact(octets, len, shape->value) != 0)
		return RXP_ERR_STRUCTURE;
	return rxp_buf_put(value, octets, len);
}
