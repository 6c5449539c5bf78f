#include "protocol/seal/seal_write.h"

#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/seal_names.h"

#define DIGEST_OCTETS 32
#define DIGEST_METHOD "Algorithm=\"" RXP_URI_SHA256 "\"></ds:DigestMethod>"

static void put_all(struct rxp_buf *out, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rxp_buf_puts(out, texts[i]);
}

#define PUT(out, ...) \
	put_all(out, (const char *const[]){__VA_ARGS__}, \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* --- SignedInfo ---------------------------------------------------------------------------------- */

void rxp_seal_info_begin(struct rxp_buf *out, const struct rxp_cert *cert)
{
	static const char *const methods[] = {
#define SEAL_ALG(name, key, group, digest, uri, xmlsec) [RXP_SEAL_##name] = (uri),
#include "protocol/seal/seal_alg.def"
#undef SEAL_ALG
	};

	PUT(out,
	    "<ds:SignedInfo xmlns:ds=\"" RXP_NS_DS "\">"
	    "<ds:CanonicalizationMethod Algorithm=\"" RXP_URI_EXC_C14N "\">"
	    "</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"",
	    methods[rxp_cert_alg(cert)], "\"></ds:SignatureMethod>");
}

void rxp_seal_info_reference(
    struct rxp_buf *out, const char *attributes, bool canonical, const uint8_t digest[32])
{
	PUT(out, "<ds:Reference ", attributes, ">",
	    canonical ? "<ds:Transforms><ds:Transform Algorithm=\"" RXP_URI_EXC_C14N
			"\"></ds:Transform></ds:Transforms>"
		      : "",
	    "<ds:DigestMethod " DIGEST_METHOD "<ds:DigestValue>");
	rxp_base64_put(out, digest, DIGEST_OCTETS);
	rxp_buf_puts(out, "</ds:DigestValue></ds:Reference>");
}

int rxp_seal_info_end(struct rxp_buf *out, const struct rxp_buf *properties)
{
	uint8_t digest[DIGEST_OCTETS];

	if (EVP_Digest(properties->data, properties->len, digest, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	rxp_seal_info_reference(
	    out, "Type=\"" RXP_URI_SIGNED_PROPERTIES "\" URI=\"#seal\"", true, digest);
	return rxp_buf_puts(out, "</ds:SignedInfo>");
}

/* --- SignedProperties ---------------------------------------------------------------------------- */

void rxp_seal_properties_begin(
    struct rxp_buf *out, int64_t signing_time_ms, const struct rxp_cert *cert)
{
	char time[RXP_TIME_TEXT];
	uint8_t digest[DIGEST_OCTETS];

	rxp_time_text(time, signing_time_ms);
	rxp_cert_digest(cert, digest);
	PUT(out,
	    "<xades:SignedProperties xmlns:xades=\"" RXP_NS_XADES "\" Id=\"seal\">"
	    "<xades:SignedSignatureProperties><xades:SigningTime>",
	    time,
	    "</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>"
	    "<ds:DigestMethod xmlns:ds=\"" RXP_NS_DS "\" " DIGEST_METHOD
	    "<ds:DigestValue xmlns:ds=\"" RXP_NS_DS "\">");
	rxp_base64_put(out, digest, sizeof digest);
	rxp_buf_puts(out, "</ds:DigestValue></xades:CertDigest></xades:Cert>"
			  "</xades:SigningCertificateV2></xades:SignedSignatureProperties>"
			  "<xades:SignedDataObjectProperties>");
}

void rxp_seal_properties_format(struct rxp_buf *out, const char *reference, const char *media)
{
	PUT(out, "<xades:DataObjectFormat ObjectReference=\"#", reference, "\"><xades:MimeType>",
	    media, "</xades:MimeType></xades:DataObjectFormat>");
}

void rxp_seal_properties_end(struct rxp_buf *out)
{
	rxp_buf_puts(out, "</xades:SignedDataObjectProperties></xades:SignedProperties>");
}

/* --- the whole ----------------------------------------------------------------------------------- */

int rxp_seal_stamp(struct rxp_buf *out, const struct rxp_buf *stamp)
{
	rxp_buf_puts(out,
	    "<xades:UnsignedProperties><xades:UnsignedSignatureProperties>"
	    "<xades:SignatureTimeStamp><ds:CanonicalizationMethod Algorithm=\"" RXP_URI_EXC_C14N
	    "\"></ds:CanonicalizationMethod><xades:EncapsulatedTimeStamp>");
	rxp_base64_put(out, stamp->data, stamp->len);
	return rxp_buf_puts(out, "</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>"
				 "</xades:UnsignedSignatureProperties></xades:UnsignedProperties>");
}

int rxp_seal_signature(struct rxp_buf *out, const struct rxp_buf *signed_info,
    const struct rxp_buf *properties, const uint8_t *value, size_t value_len,
    const struct rxp_cert *cert, const struct rxp_buf *stamp)
{
	PUT(out, "<ds:Signature xmlns:ds=\"" RXP_NS_DS "\" Id=\"sig\">");
	rxp_buf_put(out, signed_info->data, signed_info->len);
	PUT(out, "<ds:SignatureValue>");
	rxp_base64_put(out, value, value_len);
	PUT(out, "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>",
	    rxp_cert_base64(cert),
	    "</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>"
	    "<xades:QualifyingProperties xmlns:xades=\"" RXP_NS_XADES "\" Target=\"#sig\">");
	rxp_buf_put(out, properties->data, properties->len);
	if (stamp != NULL)
		rxp_seal_stamp(out, stamp);
	return rxp_buf_puts(out, "</xades:QualifyingProperties></ds:Object></ds:Signature>");
}
