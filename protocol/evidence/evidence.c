#include "protocol/evidence/evidence.h"

#include <stdbool.h>
#include <string.h>

#include <libxml/tree.h>
#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/seal/seal_names.h"
#include "protocol/seal/seal_shape.h"
#include "protocol/seal/signature.h"
#include "protocol/xml/xml.h"

#define DIGEST_TEXT (RXP_BASE64_LENGTH(RXP_DIGEST_OCTETS) + 1)
#define MAX_FRAME_OCTETS (16 * 1024UL) /* the certificate is the longest part */
#define MAX_WHOLE_OCTETS (3 * RXP_EVIDENCE_MAX_OCTETS + MAX_FRAME_OCTETS)
#define FIRST_REFERENCE 2 /* child of SignedInfo, after its two methods */

struct octets {
	const uint8_t *data;
	size_t len;
};

static struct octets piece_of(const struct rxp_evidence *e, enum rxp_evidence_piece piece)
{
	return (struct octets){.data = e->piece[piece].data, .len = e->piece[piece].len};
}

static int digest_of(uint8_t out[RXP_DIGEST_OCTETS], struct octets octets)
{
	if (EVP_Digest(octets.data, octets.len, out, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	return 0;
}

/* --- which piece is wrong: necessary conditions, before the exact ones --------------------------- */

/* Does the digest stand anywhere in these octets? It has one text form only. */
static bool mentions(struct octets octets, const uint8_t digest[RXP_DIGEST_OCTETS])
{
	uint8_t text[DIGEST_TEXT];

	EVP_EncodeBlock(text, digest, RXP_DIGEST_OCTETS);
	return memmem(octets.data, octets.len, text, DIGEST_TEXT - 1) != NULL;
}

static int check_digests(
    enum rxp_evidence_piece *wrong, const struct rxp_evidence *e, const uint8_t *fingerprint)
{
	static const enum rxp_evidence_piece digested[] = {
	    RXP_EVIDENCE_HEADER, RXP_EVIDENCE_PROPERTIES};
	struct octets signed_info = piece_of(e, RXP_EVIDENCE_SIGNED_INFO);
	uint8_t digest[RXP_DIGEST_OCTETS];
	int rc = digest_of(digest, signed_info);

	*wrong = RXP_EVIDENCE_SIGNED_INFO;
	if (rc == 0 && fingerprint != NULL && memcmp(digest, fingerprint, sizeof digest) != 0)
		return RXP_ERR_MISMATCH;
	for (size_t i = 0; rc == 0 && i < sizeof digested / sizeof digested[0]; i++) {
		*wrong = digested[i];
		rc = digest_of(digest, piece_of(e, digested[i]));
		if (rc == 0 && !mentions(signed_info, digest))
			rc = RXP_ERR_SEAL;
	}
	return rc;
}

static const struct rxp_cert *find_cert(
    struct octets properties, const struct rxp_cert *const *certs, size_t n)
{
	uint8_t digest[RXP_DIGEST_OCTETS];

	for (size_t i = 0; i < n; i++) {
		rxp_cert_digest(certs[i], digest);
		if (mentions(properties, digest))
			return certs[i];
	}
	return NULL;
}

/* --- the sealed object again, with an empty Body --------------------------------------------------- */

static void put_piece(
    struct rxp_buf *out, const struct rxp_evidence *e, enum rxp_evidence_piece piece)
{
	rxp_buf_put(out, e->piece[piece].data, e->piece[piece].len);
}

/* Around the pieces, what no seal covers: a Document in which they stand at their places, so that the
 * reader of sealed objects judges their shape. */
static int assemble(struct rxp_buf *out, const struct rxp_evidence *e, const struct rxp_cert *cert)
{
	const char *ns = rxp_kind_namespace(RXP_KIND_DOCUMENT);

	rxp_buf_puts(out, "<Document xmlns=\"");
	rxp_buf_puts(out, ns);
	rxp_buf_puts(out, "\">");
	put_piece(out, e, RXP_EVIDENCE_HEADER);
	rxp_buf_puts(out, "<Body Id=\"body\"></Body>"
			  "<ds:Signature xmlns:ds=\"" RXP_NS_DS "\" Id=\"sig\">");
	put_piece(out, e, RXP_EVIDENCE_SIGNED_INFO);
	rxp_buf_puts(out, "<ds:SignatureValue>");
	rxp_base64_put(out, e->piece[RXP_EVIDENCE_VALUE].data, e->piece[RXP_EVIDENCE_VALUE].len);
	rxp_buf_puts(out, "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>");
	rxp_buf_puts(out, rxp_cert_base64(cert));
	rxp_buf_puts(out,
	    "</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>"
	    "<xades:QualifyingProperties xmlns:xades=\"" RXP_NS_XADES "\" Target=\"#sig\">");
	put_piece(out, e, RXP_EVIDENCE_PROPERTIES);
	return rxp_buf_puts(
	    out, "</xades:QualifyingProperties></ds:Object></ds:Signature></Document>");
}

/* Are the octets the whole canonical form of the element? So no piece reaches beyond its place. */
static int check_canonical(struct rxp_xml *xml, xmlNode *element, struct octets octets)
{
	struct rxp_buf canonical;
	int rc;

	rxp_buf_init(&canonical, MAX_WHOLE_OCTETS);
	rc = rxp_xml_c14n(&canonical, xml, element);
	if (rc == 0 &&
	    (canonical.len != octets.len || memcmp(canonical.data, octets.data, octets.len) != 0))
		rc = RXP_ERR_STRUCTURE;
	rxp_buf_free(&canonical);
	return rc;
}

/* The DigestValue of the Reference at this position; the shape is known to be right. */
static int read_reference(uint8_t out[RXP_DIGEST_OCTETS], const xmlNode *signed_info, int position)
{
	const xmlNode *reference = rxp_xml_first(signed_info);

	for (int i = 0; i < FIRST_REFERENCE + position; i++)
		reference = rxp_xml_next(reference);
	return rxp_base64_get_exact(
	    out, RXP_DIGEST_OCTETS, (const char *)xmlGetLastChild(reference)->children->content);
}

/* The exact conditions: each piece canonical and at its place, digested by its own Reference. */
static int check_pieces(uint8_t body_digest[RXP_DIGEST_OCTETS], enum rxp_evidence_piece *wrong,
    const struct rxp_evidence *e, struct rxp_xml *xml, const struct rxp_seal_shape *shape)
{
	xmlNode *signed_info = rxp_xml_first(shape->signature);
	xmlNode *const element[] = {[RXP_EVIDENCE_HEADER] = shape->target[0],
	    [RXP_EVIDENCE_PROPERTIES] = shape->target[2],
	    [RXP_EVIDENCE_SIGNED_INFO] = signed_info};
	static const int reference[] = {[RXP_EVIDENCE_HEADER] = 0, [RXP_EVIDENCE_PROPERTIES] = 2};
	uint8_t digest[RXP_DIGEST_OCTETS], named[RXP_DIGEST_OCTETS];
	int rc = 0;

	for (int i = 0; rc == 0 && i < RXP_EVIDENCE_VALUE; i++) {
		*wrong = (enum rxp_evidence_piece)i;
		rc = check_canonical(xml, element[i], piece_of(e, *wrong));
		if (rc != 0 || i == RXP_EVIDENCE_SIGNED_INFO)
			continue;
		if ((rc = digest_of(digest, piece_of(e, *wrong))) == 0 &&
		    (rc = read_reference(named, signed_info, reference[i])) == 0 &&
		    memcmp(digest, named, sizeof digest) != 0)
			rc = RXP_ERR_SEAL;
	}
	return rc != 0 ? rc : read_reference(body_digest, signed_info, 1);
}

/* --- verdict ---------------------------------------------------------------------------------------- */

/* With the certificate known: shape, digests, signature, then what the Header says. */
static int verify_under(struct rxp_evidence_proof *proof, enum rxp_evidence_piece *wrong,
    const struct rxp_evidence *e, const struct rxp_cert *cert)
{
	struct rxp_seal_shape shape;
	struct rxp_xml *xml = NULL;
	struct rxp_buf whole, value;
	int rc;

	rxp_buf_init(&whole, MAX_WHOLE_OCTETS);
	rxp_buf_init(&value, RXP_MAX_SIGNATURE_OCTETS);
	*wrong = RXP_EVIDENCE_SIGNED_INFO;
	if ((rc = assemble(&whole, e, cert)) != 0 ||
	    (rc = rxp_xml_parse(&xml, whole.data, whole.len, MAX_WHOLE_OCTETS, RXP_XML_SEALED)) !=
		0 ||
	    (rc = rxp_seal_shape_read(&shape, xml, RXP_KIND_DOCUMENT)) != 0 ||
	    (rc = rxp_seal_shape_fits(&value, &shape, cert)) != 0 ||
	    (rc = check_pieces(proof->body_digest, wrong, e, xml, &shape)) != 0)
		goto done;
	*wrong = RXP_EVIDENCE_VALUE;
	if ((rc = rxp_signature_verify(cert, e->piece[RXP_EVIDENCE_SIGNED_INFO].data,
		 e->piece[RXP_EVIDENCE_SIGNED_INFO].len, e->piece[RXP_EVIDENCE_VALUE].data,
		 e->piece[RXP_EVIDENCE_VALUE].len)) != 0)
		goto done;
	*wrong = RXP_EVIDENCE_HEADER;
	proof->signing_time_ms = shape.signing_time_ms;
	rc = rxp_document_header(&proof->header, shape.target[0], shape.signing_time_ms);
done:
	rxp_xml_free(xml);
	rxp_buf_free(&value);
	rxp_buf_free(&whole);
	return rc;
}

int rxp_evidence_verify(struct rxp_evidence_proof *out, enum rxp_evidence_piece *wrong,
    const struct rxp_evidence *e, const struct rxp_cert *const *certs, size_t n,
    const uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	struct rxp_evidence_proof proof = {0};
	enum rxp_evidence_piece at = RXP_EVIDENCE_HEADER;
	int rc;

	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++)
		if (e->piece[i].len == 0 || e->piece[i].len > RXP_EVIDENCE_MAX_OCTETS)
			return RXP_ERR_BOUND;
	rc = check_digests(&at, e, fingerprint);
	if (rc != 0)
		goto done;
	proof.cert = find_cert(piece_of(e, RXP_EVIDENCE_PROPERTIES), certs, n);
	if (proof.cert == NULL)
		return RXP_ERR_SIGNER;
	at = RXP_EVIDENCE_VALUE;
	rc = RXP_ERR_SEAL;
	if (e->piece[RXP_EVIDENCE_VALUE].len == rxp_cert_value_length(proof.cert))
		rc = verify_under(&proof, &at, e, proof.cert);
	if (rc == 0)
		rc = digest_of(proof.fingerprint, piece_of(e, RXP_EVIDENCE_SIGNED_INFO));
	if (rc == 0)
		*out = proof;
done:
	if (rc != 0 && wrong != NULL)
		*wrong = at;
	return rc;
}

int rxp_evidence_answered(const struct rxp_evidence_proof *proof, const struct rxp_answer *answer)
{
	const struct rxp_outer *outer = &proof->header.outer;

	if (memcmp(answer->message_id, outer->message_id, sizeof outer->message_id) != 0 ||
	    strcmp(answer->from, outer->to) != 0 || strcmp(answer->to, outer->from) != 0 ||
	    !rxp_answer_final(answer) ||
	    memcmp(answer->fingerprint, proof->fingerprint, sizeof proof->fingerprint) != 0)
		return RXP_ERR_MISMATCH;
	if (answer->kind == RXP_ANSWER_RECEIPT &&
	    outer->created_ms - answer->received_ms > RXP_MAX_CLOCK_AHEAD_MS)
		return RXP_ERR_MISMATCH;
	return 0;
}
