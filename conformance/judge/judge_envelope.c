/* An Envelope, as far as it can be judged without the key that it is closed for. */
#include <string.h>

#include "conformance/judge/judge_inside.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/envelope/encrypted.h"
#include "protocol/envelope/envelope.h"
#include "protocol/peering/descriptor.h"
#include "protocol/xml/only.h"

#define NS_ENVELOPE "urn:rxp:1:envelope"

/* The first element of a local name below another. */
static const struct _xmlNode *below(const struct _xmlNode *root, const char *name)
{
	for (const struct _xmlNode *at = root; at != NULL; at = rxp_xml_below(root, at))
		if (strcmp(rxp_xml_name(at), name) == 0)
			return at;
	return NULL;
}

/* Where an algorithm stands, and which it must be, in the order of the elements. */
static bool has_algorithms(const struct _xmlNode *root)
{
	static const struct {
		const char *element, *attribute, *value;
	} wanted[] = {
	    {"EncryptionMethod", "Algorithm", "http://www.w3.org/2009/xmlenc11#aes256-gcm"},
	    {"EncryptionMethod", "Algorithm", "http://www.w3.org/2001/04/xmlenc#kw-aes256"},
	    {"AgreementMethod", "Algorithm", "http://www.w3.org/2009/xmlenc11#ECDH-ES"},
	    {"KeyDerivationMethod", "Algorithm", "http://www.w3.org/2009/xmlenc11#ConcatKDF"},
	    {"DigestMethod", "Algorithm", "http://www.w3.org/2001/04/xmlenc#sha256"},
	    {"NamedCurve", "URI", "urn:oid:1.2.840.10045.3.1.7"},
	};
	size_t i = 0;

	for (const struct _xmlNode *at = root; at != NULL; at = rxp_xml_below(root, at)) {
		const char *value;

		if (i == sizeof wanted / sizeof wanted[0])
			return true;
		if (strcmp(rxp_xml_name(at), wanted[i].element) != 0)
			continue;
		value = rxp_xml_attribute(at, wanted[i].attribute);
		if (value == NULL || strcmp(value, wanted[i].value) != 0)
			return false;
		i++;
	}
	return i == sizeof wanted / sizeof wanted[0];
}

static unsigned count(const struct _xmlNode *root, const char *name)
{
	unsigned n = 0;

	for (const struct _xmlNode *at = root; at != NULL; at = rxp_xml_below(root, at))
		n += strcmp(rxp_xml_name(at), name) == 0;
	return n;
}

/* Is each value in the one form of base64? */
static bool has_base64(const struct _xmlNode *root)
{
	struct rxp_buf octets;
	bool good = true;

	for (const struct _xmlNode *at = root; at != NULL && good; at = rxp_xml_below(root, at)) {
		const char *text;

		if (strcmp(rxp_xml_name(at), "CipherValue") != 0 &&
		    strcmp(rxp_xml_name(at), "PublicKey") != 0)
			continue;
		text = rxp_xml_leaf(at);
		rxp_buf_init(&octets, RXP_MAX_ENVELOPE_OCTETS);
		good = rxp_base64_get(&octets, text, strlen(text)) == 0;
		rxp_buf_free(&octets);
	}
	return good;
}

static bool is_point(const struct _xmlNode *root)
{
	uint8_t point[RXP_POINT_OCTETS];

	return rxp_base64_get_exact(point, sizeof point, rxp_xml_leaf(below(root, "PublicKey"))) ==
		   0 &&
	       point[0] == 4;
}

/* The four values are there, and say the suite, From, To and MessageId of the Header. */
static bool has_info(const struct _xmlNode *root, const struct rxp_outer *outer)
{
	static const char *const names[] = {
	    "AlgorithmID", "PartyUInfo", "PartyVInfo", "SuppPubInfo"};
	const struct _xmlNode *params = below(root, "ConcatKDFParams");
	struct rxp_info info;

	rxp_info_make(&info, rxp_suite_p256.name, outer->from, outer->to, outer->message_id);
	for (size_t i = 0; i < RXP_INFO_PARTS; i++) {
		const char *value = params == NULL ? NULL : rxp_xml_attribute(params, names[i]);

		if (value == NULL || strcmp(value, info.part[i]) != 0)
			return false;
	}
	return true;
}

/* The Header's values, one by one. */
static const char *header_fault(struct rxp_outer *o, const struct _xmlNode *header)
{
	struct rxp_walk w;
	int64_t lasts;

	rxp_walk_init(&w, header, NS_ENVELOPE);
	if (rxp_walk_element(&w, "MessageId") == NULL || rxp_walk_element(&w, "From") == NULL ||
	    rxp_walk_element(&w, "To") == NULL || rxp_walk_element(&w, "Created") == NULL ||
	    rxp_walk_element(&w, "Expires") == NULL || rxp_walk_end(&w) != 0 ||
	    !rxp_only_elements(header) || !rxp_only_attributes(header, 0))
		return "RXP-ENV-001";
	rxp_walk_init(&w, header, NS_ENVELOPE);
	if (rxp_walk_id(&w, "MessageId", o->message_id, 7) != 0)
		return "RXP-MSG-001";
	if (rxp_walk_party(&w, "From", o->from) != 0 || rxp_walk_party(&w, "To", o->to) != 0)
		return "RXP-MSG-002";
	if (rxp_walk_time(&w, "Created", &o->created_ms) != 0 ||
	    rxp_walk_time(&w, "Expires", &o->expires_ms) != 0)
		return "RXP-TIM-001";
	lasts = o->expires_ms - o->created_ms;
	return lasts <= 0 || lasts > RXP_MAX_LIFETIME_MS ? "RXP-TIM-002" : NULL;
}

static const char *shape_fault(const struct _xmlNode *root)
{
	const struct _xmlNode *header = rxp_xml_child(root, NS_ENVELOPE, "Header");
	const char *suite = rxp_xml_attribute(root, "Suite");
	struct rxp_outer outer;
	const char *fault;

	if (suite == NULL || header == NULL)
		return "RXP-ENV-001";
	if (strcmp(suite, rxp_suite_p256.name) != 0)
		return "RXP-ENV-004";
	fault = header_fault(&outer, header);
	if (fault != NULL)
		return fault;
	if (count(root, "EncryptedKey") != 1 || below(root, "CipherReference") != NULL ||
	    !has_algorithms(root))
		return "RXP-ENV-010";
	if (!has_info(root, &outer))
		return "RXP-ENV-007";
	if (!has_base64(root))
		return "RXP-XML-006";
	return is_point(root) ? "RXP-ENV-001" : "RXP-ENV-008";
}

int judge_envelope(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known)
{
	struct rxp_envelope *envelope = NULL;
	struct rxp_xml *xml = NULL;
	int rc = judge_parse(
	    out, &xml, octets, len, RXP_MAX_ENVELOPE_OCTETS, "RXP-ENV-002", RXP_XML_ENVELOPE);

	if (rc != 0 || xml == NULL)
		return rc;
	rc = rxp_envelope_parse(&envelope, octets, len);
	if (rc == 0) {
		const char *from = rxp_envelope_outer(envelope)->from;

		memcpy(out->party, from, sizeof out->party);
		if (known->descriptor != NULL &&
		    strcmp(known->descriptor->identity.party, from) != 0)
			judge_wrong(out, "RXP-ENV-012", "Header/From",
			    "not from the State whose descriptor is known");
	} else if (rc == RXP_ERR_BOUND) {
		judge_wrong(out, "RXP-ENV-003", NULL, "it holds more than a Document may be");
		rc = 0;
	} else if (rc != RXP_ERR_NOMEM) {
		judge_wrong(
		    out, shape_fault(rxp_xml_root(xml)), NULL, "not the one shape of an Envelope");
		rc = 0;
	}
	rxp_envelope_free(envelope);
	rxp_xml_free(xml);
	return rc;
}
