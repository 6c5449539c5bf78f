#include "conformance/message/reseal.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/evp.h>

#include "conformance/state/ecdsa.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

#define MAX_CANONICAL_OCTETS (1024UL * 1024)

/* --- the tree -------------------------------------------------------------------------------- */

static xmlNode *following(xmlNode *node, const xmlNode *top)
{
	if (node->type == XML_ELEMENT_NODE && node->children != NULL)
		return node->children;
	while (node != top && node->next == NULL)
		node = node->parent;
	return node == top ? NULL : node->next;
}

static xmlNode *named(xmlNode *top, const char *name)
{
	for (xmlNode *at = top; at != NULL; at = following(at, top))
		if (at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, name) == 0)
			return at;
	return NULL;
}

static bool has_id(xmlNode *element, const char *id)
{
	xmlChar *value = xmlGetNoNsProp(element, (const xmlChar *)"Id");
	bool equal = value != NULL && strcmp((const char *)value, id) == 0;

	xmlFree(value);
	return equal;
}

/* What a URI, however it is written, is meant to name. */
static xmlNode *target_of(xmlNode *root, const char *uri)
{
	static const char *const ids[] = {"header", "body", "seal"};

	if (uri[0] == '\0' || strcmp(uri, "#xpointer(/)") == 0)
		return root;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		if (strstr(uri, ids[i]) != NULL)
			for (xmlNode *at = root; at != NULL; at = following(at, root))
				if (at->type == XML_ELEMENT_NODE && has_id(at, ids[i]))
					return at;
	return NULL;
}

/* --- canonical octets ------------------------------------------------------------------------ */

static int is_below(void *arg, xmlNode *node, xmlNode *parent)
{
	const xmlNode *at = node->type == XML_NAMESPACE_DECL ? parent : node;

	while (at != NULL && at != arg)
		at = at->parent;
	return at != NULL;
}

static bool algorithm_has(xmlNode *top, const char *element, const char *part)
{
	xmlNode *method = named(top, element);
	xmlChar *uri = method == NULL ? NULL : xmlGetNoNsProp(method, (const xmlChar *)"Algorithm");
	bool has = uri != NULL && strstr((const char *)uri, part) != NULL;

	xmlFree(uri);
	return has;
}

/* Append the form that the element of this name below top asks; without one, plain canonical XML. */
static int canonical(struct rxp_buf *out, xmlNode *node, xmlNode *top, const char *element)
{
	xmlChar prefix[] = "ds";
	xmlChar *prefixes[] = {prefix, NULL};
	xmlOutputBuffer *sink = xmlAllocOutputBuffer(NULL);
	int mode = XML_C14N_EXCLUSIVE_1_0, rc;

	if (sink == NULL)
		return RXP_ERR_NOMEM;
	if (named(top, element) == NULL || algorithm_has(top, element, "xml-c14n-20010315"))
		mode = XML_C14N_1_0;
	else if (algorithm_has(top, element, "xml-c14n11"))
		mode = XML_C14N_1_1;
	rc = xmlC14NExecute(node->doc, is_below, node, mode,
		 named(top, "InclusiveNamespaces") == NULL ? NULL : prefixes,
		 algorithm_has(top, element, "WithComments"), sink) < 0
		 ? RXP_ERR_CRYPTO
		 : rxp_buf_put(out, xmlOutputBufferGetContent(sink), xmlOutputBufferGetSize(sink));
	xmlOutputBufferClose(sink);
	return rc;
}

static const EVP_MD *digest_of(xmlNode *top, const char *element)
{
	if (algorithm_has(top, element, "sha1"))
		return EVP_sha1();
	return algorithm_has(top, element, "sha512") ? EVP_sha512() : EVP_sha256();
}

/* --- values ---------------------------------------------------------------------------------- */

/* Append the base64 of the digest; nothing if the Reference names nothing. */
static int reference_digest(struct rxp_buf *out, xmlNode *root, xmlNode *reference)
{
	xmlChar *uri = xmlGetNoNsProp(reference, (const xmlChar *)"URI");
	xmlNode *target = uri == NULL ? NULL : target_of(root, (const char *)uri);
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct rxp_buf octets;
	unsigned len;
	int rc = 0;

	rxp_buf_init(&octets, MAX_CANONICAL_OCTETS);
	if (target != NULL) {
		rc = canonical(&octets, target, reference, "Transform");
		if (rc == 0 && EVP_Digest(octets.data, octets.len, digest, &len,
				   digest_of(reference, "DigestMethod"), NULL) != 1)
			rc = RXP_ERR_CRYPTO;
		if (rc == 0)
			rc = rxp_base64_put(out, digest, len);
	}
	rxp_buf_free(&octets);
	xmlFree(uri);
	return rc;
}

static int signature(struct rxp_buf *out, xmlNode *info, EVP_PKEY *key)
{
	uint8_t pair[2 * ECDSA_MAX_HALF_OCTETS];
	size_t pair_len;
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, MAX_CANONICAL_OCTETS);
	rc = canonical(&octets, info, info, "CanonicalizationMethod");
	if (rc == 0)
		rc = ecdsa_sign(pair, &pair_len, key, digest_of(info, "SignatureMethod"),
		    octets.data, octets.len);
	if (rc == 0)
		rc = rxp_base64_put(out, pair, pair_len);
	rxp_buf_free(&octets);
	return rc;
}

/* --- the text -------------------------------------------------------------------------------- */

/* What stands behind the first start tag of this name without attributes, whatever its prefix; NULL: there is none. */
static const char *behind_start(const char *text, const char *name)
{
	const size_t len = strlen(name);

	for (const char *at = strstr(text, name); at != NULL; at = strstr(at + len, name)) {
		const char *prefix = at;

		while (prefix > text && prefix[-1] != '<' && prefix[-1] != '/')
			prefix--;
		if (at[len] == '>' && prefix > text && prefix[-1] == '<')
			return at + len + 1;
	}
	return NULL;
}

/* Put value between the first tag at or behind *from and the end tag after it; *from moves behind it. An empty value
 * leaves what is there. */
static int set_value(
    struct rxp_buf *text, size_t *from, const char *name, const struct rxp_buf *value)
{
	struct rxp_buf changed;
	const char *start = (const char *)text->data, *open = behind_start(start + *from, name),
		   *close;
	size_t at;
	int rc;

	if (open == NULL || (close = strstr(open, "</")) == NULL)
		return RXP_ERR_SYNTAX;
	at = (size_t)(open - start);
	if (value->len == 0) {
		*from = at;
		return 0;
	}
	rxp_buf_init(&changed, text->max);
	(void)rxp_buf_put(&changed, start, at);
	(void)rxp_buf_put(&changed, value->data, value->len);
	(void)rxp_buf_puts(&changed, close);
	rc = rxp_buf_putc(&changed, '\0');
	if (rc == 0) {
		rxp_buf_reset(text);
		rc = rxp_buf_put(text, changed.data, changed.len);
		*from = at + value->len;
	}
	rxp_buf_free(&changed);
	return rc;
}

static xmlDoc *parse(const struct rxp_buf *text)
{
	return xmlReadMemory((const char *)text->data, (int)text->len - 1, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

static int set_digests(struct rxp_buf *text)
{
	xmlDoc *doc = parse(text);
	xmlNode *root = doc == NULL ? NULL : xmlDocGetRootElement(doc);
	xmlNode *info = root == NULL ? NULL : named(root, "SignedInfo");
	const char *start = strstr((const char *)text->data, "SignedInfo");
	size_t from = start == NULL ? 0 : (size_t)(start - (const char *)text->data);
	int rc = info == NULL || start == NULL ? RXP_ERR_SYNTAX : 0;

	for (xmlNode *at = rc == 0 ? info->children : NULL; at != NULL && rc == 0; at = at->next) {
		struct rxp_buf value;

		if (at->type != XML_ELEMENT_NODE ||
		    strcmp((const char *)at->name, "Reference") != 0)
			continue;
		rxp_buf_init(&value, text->max);
		rc = reference_digest(&value, root, at);
		if (rc == 0)
			rc = set_value(text, &from, "DigestValue", &value);
		rxp_buf_free(&value);
	}
	xmlFreeDoc(doc);
	return rc;
}

static int set_signature(struct rxp_buf *text, EVP_PKEY *key)
{
	xmlDoc *doc = parse(text);
	xmlNode *root = doc == NULL ? NULL : xmlDocGetRootElement(doc);
	xmlNode *info = root == NULL ? NULL : named(root, "SignedInfo");
	struct rxp_buf value;
	size_t from = 0;
	int rc = info == NULL ? RXP_ERR_SYNTAX : 0;

	rxp_buf_init(&value, text->max);
	if (rc == 0)
		rc = signature(&value, info, key);
	if (rc == 0)
		rc = set_value(text, &from, "SignatureValue", &value);
	rxp_buf_free(&value);
	xmlFreeDoc(doc);
	return rc;
}

int reseal(struct rxp_buf *text, struct evp_pkey_st *key)
{
	int rc = rxp_buf_putc(text, '\0');

	if (rc == 0)
		rc = set_digests(text);
	if (rc == 0)
		rc = set_signature(text, key);
	if (text->len > 0)
		rxp_buf_cut(text, text->len - 1);
	return rc;
}
