/* A descriptor: each of its parts, and how they go together. */
#include <stdlib.h>
#include <string.h>

#include "conformance/judge/judge_inside.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"

/* What one identity part says to the next. */
struct link {
	char party[RXP_PARTY_TEXT];
	uint64_t serial;
	int64_t created_ms;
	bool has_previous, has_next_root;
	uint8_t previous[RXP_DIGEST_OCTETS], next_root[RXP_DIGEST_OCTETS];
	uint8_t root[RXP_DIGEST_OCTETS], fingerprint[RXP_DIGEST_OCTETS];
};

static bool same(const uint8_t a[RXP_DIGEST_OCTETS], const uint8_t b[RXP_DIGEST_OCTETS])
{
	return memcmp(a, b, RXP_DIGEST_OCTETS) == 0;
}

/* --- one identity part ------------------------------------------------------------------------- */

/* Does a part name something twice, or a key for an office that it has not? */
static const char *lists_fault(const struct _xmlNode *body, const char *ns)
{
	static const char *const once[] = {
	    "SealCertificate", "TlsPin", "Endpoint", "Office", "Level", "OfficeKey"};

	for (const struct _xmlNode *a = rxp_xml_first(body); a != NULL; a = rxp_xml_next(a))
		for (const struct _xmlNode *b = rxp_xml_next(a); b != NULL; b = rxp_xml_next(b))
			for (size_t i = 0; i < sizeof once / sizeof once[0]; i++)
				if (rxp_xml_is(a, ns, once[i]) && rxp_xml_is(b, ns, once[i]) &&
				    strcmp(rxp_xml_leaf(a), rxp_xml_leaf(b)) == 0)
					return strcmp(once[i], "OfficeKey") == 0 ? "RXP-DSC-014"
										 : "RXP-DSC-011";
	for (const struct _xmlNode *k = rxp_xml_child(body, ns, "OfficeKey"); k != NULL;
	     k = rxp_xml_next(k)) {
		const char *office = rxp_xml_attribute(k, "office");
		const struct _xmlNode *o = rxp_xml_child(body, ns, "Office");

		if (!rxp_xml_is(k, ns, "OfficeKey") || office == NULL)
			continue;
		while (o != NULL &&
		       (!rxp_xml_is(o, ns, "Office") || strcmp(rxp_xml_leaf(o), office) != 0))
			o = rxp_xml_next(o);
		if (o == NULL)
			return "RXP-DSC-013";
	}
	return NULL;
}

/* Does it list a certificate that may not seal? Its schema bounds its octets. */
static int judge_certificates(struct judgement *out, const struct _xmlNode *body, const char *ns)
{
	int rc = 0;

	for (const struct _xmlNode *c = rxp_xml_child(body, ns, "SealCertificate");
	     c != NULL && rc == 0 && rxp_xml_is(c, ns, "SealCertificate"); c = rxp_xml_next(c)) {
		const char *text = rxp_xml_leaf(c);
		struct rxp_cert *cert = NULL;
		struct rxp_buf der;

		rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
		rc = rxp_base64_get(&der, text, strlen(text));
		if (rc == 0)
			rc = rxp_cert_parse(&cert, der.data, der.len);
		rxp_cert_free(cert);
		rxp_buf_free(&der);
		if (rc == 0 || rc == RXP_ERR_NOMEM || rc == RXP_ERR_CRYPTO)
			continue;
		rc = 0;
		judge_wrong(out, "RXP-SEA-014", "Body/SealCertificate",
		    "not of version 3, not in DER, or of a key that may not seal");
	}
	return rc;
}

static int read_link(struct link *l, const struct _xmlNode *root, const char *ns)
{
	const struct _xmlNode *next =
	    rxp_xml_child(rxp_xml_child(root, ns, "Body"), ns, "NextRoot");
	struct rxp_walk w;
	int rc = 0;

	rxp_walk_init(&w, rxp_xml_child(root, ns, "Header"), ns);
	rxp_walk_party(&w, "Party", l->party);
	rxp_walk_number(&w, "Serial", &l->serial, INT64_MAX);
	rxp_walk_time(&w, "Created", &l->created_ms);
	l->has_previous = rxp_walk_at(&w, "Previous");
	if (l->has_previous)
		rxp_walk_octets(&w, "Previous", l->previous, sizeof l->previous);
	l->has_next_root = next != NULL;
	if (next != NULL)
		rc = rxp_base64_get_exact(l->next_root, sizeof l->next_root, rxp_xml_leaf(next));
	return w.error != 0 ? w.error : rc;
}

/* What its schema cannot say of one part. */
static void judge_part(
    struct judgement *out, const struct link *l, const struct _xmlNode *root, const char *ns)
{
	const struct _xmlNode *header = rxp_xml_child(root, ns, "Header");
	const struct _xmlNode *since =
	    rxp_xml_child(rxp_xml_child(root, ns, "Body"), ns, "RevokedSince");
	bool test = strcmp(rxp_xml_leaf(rxp_xml_child(header, ns, "Test")), "true") == 0;
	int64_t since_ms = 0;

	if (test != rxp_party_is_test(l->party))
		judge_wrong(out, "RXP-MSG-002", "Header/Test",
		    "a code for tests and a node that is none, or the reverse");
	if (since != NULL && rxp_time_parse(&since_ms, rxp_xml_leaf(since)) == 0 &&
	    since_ms > l->created_ms)
		judge_wrong(
		    out, "RXP-DSC-024", "Body/RevokedSince", "revoked after its own Created");
}

/* The seal, then what stands in it; the root is whoever sealed it. */
static int judge_identity_parsed(
    struct judgement *out, struct link *l, struct rxp_xml *xml, const struct rxp_cert *root)
{
	const struct judge_known nothing = {.n_certs = 0};
	const char *ns = rxp_kind_namespace(RXP_KIND_IDENTITY), *fault;
	struct rxp_seal seal = {0};
	int rc = judge_seal(out, &seal, xml, RXP_KIND_IDENTITY, &nothing);

	if (rc != 0 || out->requirement != NULL)
		return rc;
	memcpy(l->fingerprint, seal.fingerprint, sizeof l->fingerprint);
	rxp_cert_spki_digest(root, l->root);
	fault = lists_fault(seal.body, ns);
	if (fault != NULL)
		judge_wrong(out, fault, "Body", "named twice, or for an office that is not listed");
	rxp_seal_clear(&seal);
	rc = judge_schema(out, rxp_xml_root(xml), "RXP-DSC-010");
	if (rc == 0 && out->requirement == NULL)
		rc = judge_certificates(out, rxp_xml_child(rxp_xml_root(xml), ns, "Body"), ns);
	if (rc != 0 || out->requirement != NULL)
		return rc;
	if (read_link(l, rxp_xml_root(xml), ns) != 0)
		judge_wrong(out, "RXP-XML-006", "Header", "a value of another form than its one");
	judge_part(out, l, rxp_xml_root(xml), ns);
	return 0;
}

static int judge_identity(struct judgement *out, struct link *l, const struct rxp_buf *part)
{
	const struct judge_known nothing = {.n_certs = 0};
	struct judge_under under;
	struct rxp_xml *xml = NULL;
	int rc = judge_under(&under, part->data, part->len, RXP_KIND_IDENTITY, &nothing);

	if (rc == 0)
		rc = judge_parse(out, &xml, part->data, part->len, RXP_MAX_PART_OCTETS,
		    "RXP-DSC-002", RXP_XML_SEALED);
	if (rc == 0 && xml != NULL)
		rc = judge_identity_parsed(out, l, xml, under.claimed);
	rxp_xml_free(xml);
	judge_under_clear(&under);
	return rc;
}

/* --- the chain --------------------------------------------------------------------------------- */

static void judge_next(struct judgement *out, const struct link *l, const struct link *before)
{
	bool sealed_by_next = before->has_next_root && same(l->root, before->next_root);

	if (strcmp(l->party, before->party) != 0 || l->serial != before->serial + 1 ||
	    !l->has_previous || !same(l->previous, before->fingerprint))
		judge_wrong(out, "RXP-DSC-003", "Header",
		    "its Serial or Previous is not that of the part before it");
	if (!same(l->root, before->root) && !sealed_by_next)
		judge_wrong(out, "RXP-DSC-004", NULL,
		    "sealed by a root that the part before neither had nor announced");
	if (l->created_ms < before->created_ms)
		judge_wrong(
		    out, "RXP-DSC-024", "Header/Created", "before Created of the part before it");
	if (before->has_next_root && !sealed_by_next &&
	    (!l->has_next_root || !same(l->next_root, before->next_root)))
		judge_wrong(out, "RXP-DSC-025", "Body/NextRoot",
		    "the root that the part before announced is not announced again");
}

static int judge_chain(struct judgement *out, const struct rxp_buf *identities, size_t n,
    const struct judge_known *known)
{
	struct link before = {.serial = 0}, l = {.serial = 0};
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0 && out->requirement == NULL; i++) {
		rc = judge_identity(out, &l, &identities[i]);
		if (rc != 0 || out->requirement != NULL)
			break;
		if (i == 0 && l.has_previous != (l.serial > 1))
			judge_wrong(out, "RXP-DSC-003", "Header",
			    "Previous at Serial 1 only must be absent");
		else if (i > 0)
			judge_next(out, &l, &before);
		before = l;
		l = (struct link){.serial = 0};
	}
	memcpy(out->party, before.party, sizeof out->party);
	if (known->root != NULL && !same(before.root, known->root))
		judge_wrong(out, "RXP-DSC-005", NULL,
		    "its latest part is not sealed by the root that people compared");
	return rc;
}

/* --- the working part -------------------------------------------------------------------------- */

/* An agreement key whose time ends before it begins. */
static bool has_turned_times(const struct _xmlNode *body)
{
	for (const struct _xmlNode *k = rxp_xml_first(body); k != NULL; k = rxp_xml_next(k)) {
		const char *from = rxp_xml_attribute(k, "from"),
			   *until = rxp_xml_attribute(k, "until");

		if (from != NULL && until != NULL && strcmp(from, until) >= 0)
			return true;
	}
	return false;
}

static int judge_working(struct judgement *out, const struct rxp_buf *part)
{
	const struct judge_known nothing = {.n_certs = 0};
	const char *ns = rxp_kind_namespace(RXP_KIND_WORKING);
	struct rxp_seal seal = {0};
	struct rxp_xml *xml = NULL;
	int rc = judge_parse(
	    out, &xml, part->data, part->len, RXP_MAX_PART_OCTETS, "RXP-DSC-002", RXP_XML_SEALED);

	if (rc == 0 && xml != NULL)
		rc = judge_seal(out, &seal, xml, RXP_KIND_WORKING, &nothing);
	rxp_seal_clear(&seal);
	if (rc == 0 && out->requirement == NULL)
		rc = judge_schema(out, rxp_xml_root(xml), "RXP-DSC-006");
	if (rc == 0 && out->requirement == NULL &&
	    has_turned_times(rxp_xml_child(rxp_xml_root(xml), ns, "Body")))
		judge_wrong(out, "RXP-DSC-008", "Body/AgreementKey",
		    "its until is not later than its from");
	rxp_xml_free(xml);
	return rc;
}

/* All parts are sound by themselves, and so is the chain: what librxp still refuses lies between them. */
static int judge_together(struct judgement *out, const uint8_t *octets, size_t len)
{
	struct rxp_descriptor *d = NULL;
	int rc = rxp_descriptor_open(&d, octets, len, NULL);

	rxp_descriptor_free(d);
	if (rc == RXP_ERR_NOMEM || rc == RXP_ERR_CRYPTO || rc == 0)
		return rc;
	if (rc == RXP_ERR_KEY)
		judge_wrong(out, "RXP-DSC-010", NULL, "a key or certificate that nobody could use");
	else
		judge_wrong(
		    out, "RXP-DSC-006", NULL, "the working part is not under this identity part");
	return 0;
}

int judge_descriptor(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known)
{
	struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS];
	struct rxp_buf working;
	struct rxp_xml *xml = NULL;
	size_t n = 0;
	int rc = judge_parse(
	    out, &xml, octets, len, RXP_MAX_DESCRIPTOR_OCTETS, "RXP-DSC-002", RXP_XML_ENVELOPE);

	if (rc == 0 && xml != NULL)
		rc = judge_schema(out, rxp_xml_root(xml), "RXP-DSC-001");
	rxp_xml_free(xml);
	if (rc != 0 || out->requirement != NULL)
		return rc;
	if (rxp_descriptor_split(identities, &n, &working, octets, len) != 0)
		judge_wrong(out, "RXP-DSC-002", NULL, "a part is larger than it may be");
	rc = judge_chain(out, identities, n, known);
	if (working.len == 0)
		judge_wrong(out, "RXP-DSC-001", NULL, "it has no working part");
	if (rc == 0 && out->requirement == NULL)
		rc = judge_working(out, &working);
	if (rc == 0 && out->requirement == NULL)
		rc = judge_together(out, octets, len);
	out->sealed = rc == 0 && out->requirement == NULL;
	out->known = out->sealed && known->root != NULL;
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&identities[i]);
	rxp_buf_free(&working);
	return rc;
}
