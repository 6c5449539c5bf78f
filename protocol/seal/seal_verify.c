#include "protocol/seal/seal.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/tree.h>
#include <libxml/valid.h>
#include <openssl/evp.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/buffer.h>
#include <xmlsec/keys.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/seal/seal_shape.h"
#include "protocol/xml/xml.h"
#include "protocol/xml/xml_doc.h"

#define DIGEST_OCTETS 32
#define MAX_SMALL_OCTETS 16384UL /* canonical SignedInfo or SignedProperties */

/* --- xmlsec, told everything beforehand ---------------------------------------------------- */

static xmlSecTransformId method_of(const struct rxp_cert *cert)
{
	switch (rxp_cert_alg(cert)) {
#define SEAL_ALG(name, key, group, digest, uri, xmlsec) \
	case RXP_SEAL_##name: \
		return xmlSecOpenSSLTransform##xmlsec##Id;
#include "protocol/seal/seal_alg.def"
#undef SEAL_ALG
	default:
		abort();
	}
}

/* The registered key in xmlsec's form; with it set, KeyInfo is never read. */
static xmlSecKey *key_of(const struct rxp_cert *cert)
{
	EVP_PKEY *pkey = rxp_cert_key(cert);
	xmlSecKeyData *data = NULL;
	xmlSecKey *key = xmlSecKeyCreate();

	if (key == NULL || EVP_PKEY_up_ref(pkey) != 1)
		goto fail;
	data = xmlSecOpenSSLEvpKeyAdopt(pkey);
	if (data == NULL) {
		EVP_PKEY_free(pkey);
		goto fail;
	}
	if (xmlSecKeySetValue(key, data) < 0) {
		xmlSecKeyDataDestroy(data);
		goto fail;
	}
	return key;
fail:
	xmlSecKeyDestroy(key);
	return NULL;
}

/* xmlsec finds what a Reference names through the document's table of ids. */
static int register_id(xmlDoc *doc, xmlNode *element)
{
	xmlAttr *id = element->properties;

	while (id != NULL && strcmp((const char *)id->name, "Id") != 0)
		id = id->next;
	if (id == NULL || id->children == NULL ||
	    xmlAddID(NULL, doc, id->children->content, id) == NULL ||
	    xmlGetID(doc, id->children->content) != id)
		return RXP_ERR_STRUCTURE;
	return 0;
}

/* An empty list of transforms would allow all of them, so each list is filled here. */
static int open_context(xmlSecDSigCtx **out, const struct rxp_cert *cert)
{
	xmlSecDSigCtx *ctx = xmlSecDSigCtxCreate(NULL);

	if (ctx == NULL)
		return RXP_ERR_NOMEM;
	ctx->flags = XMLSEC_DSIG_FLAGS_USE_VISA3D_HACK | XMLSEC_DSIG_FLAGS_STORE_SIGNATURE |
		     XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES;
	ctx->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
	ctx->signKey = key_of(cert);
	if (ctx->signKey == NULL ||
	    xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformExclC14NId) < 0 ||
	    xmlSecDSigCtxEnableSignatureTransform(ctx, method_of(cert)) < 0 ||
	    xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformExclC14NId) < 0 ||
	    xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecOpenSSLTransformSha256Id) < 0) {
		xmlSecDSigCtxDestroy(ctx);
		return RXP_ERR_NOMEM;
	}
	*out = ctx;
	return 0;
}

/* The verdict stands in the context; a return of 0 alone says only that xmlsec came to one. */
static int verify(xmlSecDSigCtx *ctx, xmlNode *signature)
{
	if (xmlSecDSigCtxVerify(ctx, signature) < 0)
		return RXP_ERR_SEAL;
	if (ctx->status != xmlSecDSigStatusSucceeded ||
	    xmlSecPtrListGetSize(&ctx->signedInfoReferences) != RXP_SEAL_REFERENCES)
		return RXP_ERR_SEAL;
	return 0;
}

/* --- what was verified --------------------------------------------------------------------- */

static int copy(struct rxp_buf *out, xmlSecBuffer *from)
{
	if (from == NULL || xmlSecBufferGetSize(from) == 0)
		return RXP_ERR_CRYPTO;
	return rxp_buf_put(out, xmlSecBufferGetData(from), xmlSecBufferGetSize(from));
}

/* The very octets that xmlsec digested for the Reference at this position. */
static int copy_reference(struct rxp_buf *out, xmlSecDSigCtx *ctx, xmlSecSize position)
{
	xmlSecDSigReferenceCtx *reference =
	    xmlSecPtrListGetItem(&ctx->signedInfoReferences, position);

	if (reference == NULL)
		return RXP_ERR_CRYPTO;
	return copy(out, xmlSecDSigReferenceCtxGetPreDigestBuffer(reference));
}

static int collect(struct rxp_seal *seal, xmlSecDSigCtx *ctx)
{
	int rc;

	if ((rc = copy_reference(&seal->header_octets, ctx, 0)) != 0 ||
	    (rc = copy_reference(&seal->properties_octets, ctx, 2)) != 0 ||
	    (rc = copy(&seal->signed_info_octets, xmlSecDSigCtxGetPreSignBuffer(ctx))) != 0)
		return rc;
	if (EVP_Digest(seal->signed_info_octets.data, seal->signed_info_octets.len,
		seal->fingerprint, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	return 0;
}

static void seal_init(struct rxp_seal *seal)
{
	*seal = (struct rxp_seal){0};
	rxp_buf_init(&seal->header_octets, RXP_MAX_DOCUMENT_OCTETS * 2UL);
	rxp_buf_init(&seal->properties_octets, MAX_SMALL_OCTETS);
	rxp_buf_init(&seal->signed_info_octets, MAX_SMALL_OCTETS);
	rxp_buf_init(&seal->value, RXP_MAX_SIGNATURE_OCTETS);
}

static const struct rxp_cert *find(
    const char *base64, const struct rxp_cert *const *certs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(base64, rxp_cert_base64(certs[i])) == 0)
			return certs[i];
	return NULL;
}

int rxp_seal_verify(struct rxp_seal *out, struct rxp_xml *xml, enum rxp_kind kind,
    const struct rxp_cert *const *certs, size_t n)
{
	xmlSecDSigCtx *ctx = NULL;
	struct rxp_seal_shape shape;
	struct rxp_seal seal;
	int rc;

	seal_init(&seal);
	rc = rxp_seal_shape_read(&shape, xml, kind);
	if (rc != 0)
		goto done;
	seal.cert = find(shape.certificate, certs, n);
	if (seal.cert == NULL) {
		rc = RXP_ERR_SIGNER;
		goto done;
	}
	if ((rc = rxp_seal_shape_fits(&seal.value, &shape, seal.cert)) != 0)
		goto done;
	for (size_t i = 0; i < RXP_SEAL_REFERENCES; i++)
		if ((rc = register_id(xml->doc, shape.target[i])) != 0)
			goto done;
	if ((rc = open_context(&ctx, seal.cert)) != 0 || (rc = verify(ctx, shape.signature)) != 0 ||
	    (rc = collect(&seal, ctx)) != 0)
		goto done;
	seal.signing_time_ms = shape.signing_time_ms;
	seal.header = shape.target[0];
	seal.body = shape.target[1];
	*out = seal;
	seal_init(&seal);
done:
	rxp_seal_clear(&seal);
	if (ctx != NULL)
		xmlSecDSigCtxDestroy(ctx);
	return rc;
}

void rxp_seal_clear(struct rxp_seal *seal)
{
	if (seal == NULL)
		return;
	rxp_buf_free(&seal->header_octets);
	rxp_buf_free(&seal->properties_octets);
	rxp_buf_free(&seal->signed_info_octets);
	rxp_buf_free(&seal->value);
}

int rxp_seal_claimed_cert(struct rxp_cert **out, const struct rxp_xml *xml, enum rxp_kind kind)
{
	struct rxp_seal_shape shape;
	struct rxp_cert *cert = NULL;
	struct rxp_buf der;
	struct rxp_buf value;
	int rc;

	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rxp_buf_init(&value, RXP_MAX_SIGNATURE_OCTETS);
	rc = rxp_seal_shape_read(&shape, xml, kind);
	if (rc != 0)
		goto done;
	rc = rxp_base64_get(&der, shape.certificate, strlen(shape.certificate));
	if (rc != 0) {
		rc = rc == RXP_ERR_NOMEM ? rc : RXP_ERR_STRUCTURE;
		goto done;
	}
	if ((rc = rxp_cert_parse(&cert, der.data, der.len)) != 0 ||
	    (rc = rxp_seal_shape_fits(&value, &shape, cert)) != 0)
		goto done;
	*out = cert;
	cert = NULL;
done:
	rxp_cert_free(cert);
	rxp_buf_free(&value);
	rxp_buf_free(&der);
	return rc;
}
