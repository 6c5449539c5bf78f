#include "protocol/test/forge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/keys.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/test/must.h"

#define MAX_FORGED_OCTETS 1048576UL
#define DS "http://www.w3.org/2000/09/xmldsig#"

/* --- text ---------------------------------------------------------------------------------- */

static char *to_text(struct rxp_buf *buf)
{
	char *text;

	MUST(rxp_buf_putc(buf, '\0') == 0);
	text = strdup((const char *)buf->data);
	MUST(text != NULL);
	rxp_buf_free(buf);
	return text;
}

static char *splice(const char *text, size_t at, size_t len, const char *replace)
{
	struct rxp_buf out;

	rxp_buf_init(&out, MAX_FORGED_OCTETS);
	rxp_buf_put(&out, text, at);
	rxp_buf_puts(&out, replace);
	rxp_buf_puts(&out, text + at + len);
	return to_text(&out);
}

/* The template with each @NAME@ replaced. */
static char *expand(const char *template, const struct forge_slice *slices)
{
	char *text = strdup(template);

	MUST(text != NULL);
	for (; slices->name != NULL; slices++) {
		const char *at;

		while ((at = strstr(text, slices->name)) != NULL) {
			char *next =
			    splice(text, (size_t)(at - text), strlen(slices->name), slices->text);

			free(text);
			text = next;
		}
	}
	return text;
}

char *forge_edit(const char *text, const struct forge_edit *edit, const struct forge_slice *slices)
{
	char *find = expand(edit->find, slices);
	char *replace = expand(edit->replace, slices);
	const char *at = strstr(text, find);
	char *edited;

	MUST(at != NULL);
	edited = splice(text, (size_t)(at - text), strlen(find), replace);
	free(replace);
	free(find);
	return edited;
}

/* Replace the content of the first element of that tag at or behind *from; *from moves behind it. */
static char *set_content(char *text, size_t *from, const char *tag, const char *content)
{
	const char *open = strstr(text + *from, tag);
	const char *close;
	char *next;
	size_t at;

	MUST(open != NULL);
	at = (size_t)(open - text) + strlen(tag);
	close = strstr(text + at, "</");
	MUST(close != NULL);
	next = splice(text, at, (size_t)(close - text) - at, content);
	*from = at + strlen(content);
	free(text);
	return next;
}

/* --- tree ---------------------------------------------------------------------------------- */

static xmlDoc *read_text(const char *text)
{
	return xmlReadMemory(text, (int)strlen(text), NULL, NULL, XML_PARSE_NONET);
}

static xmlNode *next_node(xmlNode *node, const xmlNode *top)
{
	if (node->type == XML_ELEMENT_NODE && node->children != NULL)
		return node->children;
	while (node != top && node->next == NULL)
		node = node->parent;
	return node == top ? NULL : node->next;
}

static xmlNode *find_name(xmlNode *top, const char *name)
{
	for (xmlNode *at = top; at != NULL; at = next_node(at, top))
		if (at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, name) == 0)
			return at;
	return NULL;
}

static xmlNode *find_id(xmlNode *root, const char *id)
{
	for (xmlNode *at = root; at != NULL; at = next_node(at, root)) {
		xmlChar *value;
		bool found;

		if (at->type != XML_ELEMENT_NODE)
			continue;
		value = xmlGetNoNsProp(at, (const xmlChar *)"Id");
		found = value != NULL && strcmp((const char *)value, id) == 0;
		xmlFree(value);
		if (found)
			return at;
	}
	return NULL;
}

/* What a URI, however it is written, is meant to name. */
static xmlNode *find_target(xmlNode *root, const char *uri)
{
	static const char *const ids[] = {"header", "body", "seal"};

	if (uri[0] == '\0' || strcmp(uri, "#xpointer(/)") == 0)
		return root;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		if (strstr(uri, ids[i]) != NULL)
			return find_id(root, ids[i]);
	return NULL;
}

static int is_below(void *arg, xmlNode *node, xmlNode *parent)
{
	const xmlNode *at = node->type == XML_NAMESPACE_DECL ? parent : node;

	while (at != NULL && at != arg)
		at = at->parent;
	return at != NULL;
}

static char *algorithm_of(xmlNode *top, const char *name)
{
	xmlNode *element = find_name(top, name);

	return element == NULL ? NULL
			       : (char *)xmlGetNoNsProp(element, (const xmlChar *)"Algorithm");
}

/* The canonical octets under the method that the element of this name, the first below top, asks. */
static char *canonical(xmlNode *node, xmlNode *top, const char *name)
{
	char *method = algorithm_of(top, name);
	xmlNode *list = find_name(top, "InclusiveNamespaces");
	xmlChar prefix[] = "ds";
	xmlChar *prefixes[] = {prefix, NULL};
	xmlOutputBuffer *sink = xmlAllocOutputBuffer(NULL);
	int mode = XML_C14N_EXCLUSIVE_1_0;
	char *text;

	if (method == NULL || strstr(method, "xml-c14n-20010315") != NULL)
		mode = XML_C14N_1_0;
	else if (strstr(method, "xml-c14n11") != NULL)
		mode = XML_C14N_1_1;
	MUST(xmlC14NExecute(node->doc, is_below, node, mode, list == NULL ? NULL : prefixes,
		 method != NULL && strstr(method, "WithComments") != NULL, sink) >= 0);
	text = strdup((const char *)xmlOutputBufferGetContent(sink));
	MUST(text != NULL);
	xmlOutputBufferClose(sink);
	xmlFree(method);
	return text;
}

static const EVP_MD *digest_named(const char *uri)
{
	if (uri != NULL && strstr(uri, "sha1") != NULL)
		return EVP_sha1();
	return uri != NULL && strstr(uri, "sha512") != NULL ? EVP_sha512() : EVP_sha256();
}

static char *base64(const uint8_t *octets, size_t len)
{
	struct rxp_buf out;

	rxp_buf_init(&out, MAX_FORGED_OCTETS);
	MUST(rxp_base64_put(&out, octets, len) == 0);
	return to_text(&out);
}

static char *reference_digest(xmlNode *root, xmlNode *reference)
{
	char *uri = (char *)xmlGetNoNsProp(reference, (const xmlChar *)"URI");
	xmlNode *target = uri == NULL ? NULL : find_target(root, uri);
	char *method = algorithm_of(reference, "DigestMethod");
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len;
	char *text = NULL;

	if (target != NULL) {
		char *octets = canonical(target, reference, "Transform");

		MUST(EVP_Digest(octets, strlen(octets), digest, &len, digest_named(method), NULL) ==
		     1);
		text = base64(digest, len);
		free(octets);
	}
	xmlFree(method);
	xmlFree(uri);
	return text;
}

static char *sign_info(xmlNode *info, EVP_PKEY *key)
{
	char *octets = canonical(info, info, "CanonicalizationMethod");
	char *method = algorithm_of(info, "SignatureMethod");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[256];
	uint8_t raw[64];
	const uint8_t *at = der;
	size_t len = sizeof der;
	ECDSA_SIG *pair;

	MUST(EVP_DigestSignInit(ctx, NULL, digest_named(method), NULL, key) == 1);
	MUST(EVP_DigestSign(ctx, der, &len, (const uint8_t *)octets, strlen(octets)) == 1);
	pair = d2i_ECDSA_SIG(NULL, &at, (long)len);
	MUST(pair != NULL);
	MUST(BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, 32) == 32);
	MUST(BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + 32, 32) == 32);
	ECDSA_SIG_free(pair);
	EVP_MD_CTX_free(ctx);
	xmlFree(method);
	free(octets);
	return base64(raw, sizeof raw);
}

char *forge_resign(const char *original, struct evp_pkey_st *key)
{
	char *text = strdup(original);
	xmlDoc *doc = read_text(original);
	xmlNode *info;
	char *value;
	size_t from;

	MUST(text != NULL && doc != NULL);
	info = find_name(xmlDocGetRootElement(doc), "SignedInfo");
	from = (size_t)(strstr(text, "<ds:SignedInfo") - text);
	for (xmlNode *at = info->children; at != NULL; at = at->next) {
		if (strcmp((const char *)at->name, "Reference") != 0)
			continue;
		value = reference_digest(xmlDocGetRootElement(doc), at);
		if (value != NULL)
			text = set_content(text, &from, "<ds:DigestValue>", value);
		else
			from = (size_t)(strstr(text + from, "</ds:DigestValue>") - text) + 1;
		free(value);
	}
	xmlFreeDoc(doc);
	doc = read_text(text);
	MUST(doc != NULL);
	value = sign_info(find_name(xmlDocGetRootElement(doc), "SignedInfo"), key);
	from = 0;
	text = set_content(text, &from, "<ds:SignatureValue>", value);
	free(value);
	xmlFreeDoc(doc);
	return text;
}

/* --- a verifier without a structure check -------------------------------------------------- */

static void register_all_ids(xmlDoc *doc)
{
	xmlNode *root = xmlDocGetRootElement(doc);

	for (xmlNode *at = root; at != NULL; at = next_node(at, root)) {
		if (at->type != XML_ELEMENT_NODE)
			continue;
		for (xmlAttr *a = at->properties; a != NULL; a = a->next)
			if (strcmp((const char *)a->name, "Id") == 0 && a->children != NULL)
				xmlAddID(NULL, doc, a->children->content, a);
	}
}

bool forge_naive_accepts(const char *text, struct evp_pkey_st *key)
{
	xmlDoc *doc = read_text(text);
	xmlSecDSigCtx *ctx = NULL;
	xmlNode *signature = NULL;
	bool accepted = false;

	if (doc == NULL)
		return false;
	register_all_ids(doc);
	signature = xmlSecFindNode(
	    xmlDocGetRootElement(doc), (const xmlChar *)"Signature", (const xmlChar *)DS);
	ctx = xmlSecDSigCtxCreate(NULL);
	MUST(ctx != NULL && EVP_PKEY_up_ref(key) == 1);
	ctx->signKey = xmlSecKeyCreate();
	MUST(xmlSecKeySetValue(ctx->signKey, xmlSecOpenSSLEvpKeyAdopt(key)) == 0);
	if (signature != NULL)
		accepted = xmlSecDSigCtxVerify(ctx, signature) >= 0 &&
			   ctx->status == xmlSecDSigStatusSucceeded;
	xmlSecDSigCtxDestroy(ctx);
	xmlFreeDoc(doc);
	return accepted;
}
