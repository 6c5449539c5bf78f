/* Of each sealed object of the package that is sound, the octets that its digests and signature are over. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "conformance/document/vector.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/state/parties.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/seal.h"
#include "protocol/xml/xml.h"

#define NAME_TEXT 256
#define ID_TEXT 128
#define REQUIREMENT "RXP-SEA-007"
#define REQUIREMENT_ID "SEA-007.C.p-"
#define MAX_CANONICAL_OCTETS (1024UL * 1024)

/* A sealed object, verified under the certificate within. */
struct sealed {
	struct rxp_xml *xml;
	struct rxp_cert *cert;
	struct rxp_seal seal;
	struct rxp_buf body;
	enum rxp_kind kind;
};

/* RXP_ERR_NOT_FOUND: it is no sealed object. */
static int open_sealed(struct sealed *s, const struct rxp_buf *octets)
{
	const struct rxp_cert *certs[1];
	int rc =
	    rxp_xml_parse(&s->xml, octets->data, octets->len, MAX_CANONICAL_OCTETS, RXP_XML_SEALED);

	for (unsigned k = 0; rc == 0; k++) {
		if (k == RXP_KIND_COUNT)
			return RXP_ERR_NOT_FOUND;
		s->kind = (enum rxp_kind)k;
		if (rxp_xml_is(
			rxp_xml_root(s->xml), rxp_kind_namespace(s->kind), rxp_kind_root(s->kind)))
			break;
	}
	if (rc == 0)
		rc = rxp_seal_claimed_cert(&s->cert, s->xml, s->kind);
	if (rc != 0)
		return RXP_ERR_NOT_FOUND;
	certs[0] = s->cert;
	rc = rxp_seal_verify(&s->seal, s->xml, s->kind, certs, 1);
	if (rc == 0)
		rc = rxp_xml_c14n(&s->body, s->xml, s->seal.body);
	return rc;
}

static void sealed_clear(struct sealed *s)
{
	rxp_seal_clear(&s->seal);
	rxp_cert_free(s->cert);
	rxp_xml_free(s->xml);
	rxp_buf_free(&s->body);
}

#define N_PIECES 5
struct piece {
	const char *name;
	const struct rxp_buf *octets;
};

static int put_pieces(
    const struct making *m, const char *id, const struct piece pieces[N_PIECES], json_t *files)
{
	char name[NAME_TEXT];
	int rc = 0;

	for (size_t i = 0; i < N_PIECES && rc == 0; i++) {
		(void)snprintf(name, sizeof name, "canonical/%s.%s", id, pieces[i].name);
		rc = shelf_file(m->shelf, name, pieces[i].octets);
		(void)json_object_set_new(files, pieces[i].name, json_string(name));
	}
	return rc;
}

/* The digests of all pieces, and the fingerprint. */
static json_t *digests_json(
    const struct piece pieces[N_PIECES], const uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	json_t *out = json_pack("{s:s}", "result", "sound");
	uint8_t digest[RXP_DIGEST_OCTETS];
	char hex[RXP_DIGEST_HEX];

	for (size_t i = 0; i < N_PIECES; i++) {
		if (EVP_Digest(pieces[i].octets->data, pieces[i].octets->len, digest, NULL,
			EVP_sha256(), NULL) != 1)
			memset(digest, 0, sizeof digest);
		rxp_hex_put(hex, digest, sizeof digest, false);
		(void)json_object_set_new(out, pieces[i].name, json_string(hex));
	}
	rxp_hex_put(hex, fingerprint, RXP_DIGEST_OCTETS, false);
	(void)json_object_set_new(out, "fingerprint", json_string(hex));
	return out;
}

#define PIECES(octets, s) \
	{ \
		{"object", octets}, {"header", &(s).seal.header_octets}, {"body", &(s).body}, \
		    {"properties", &(s).seal.properties_octets}, \
		{ \
			"signed-info", &(s).seal.signed_info_octets \
		} \
	}

static int put_sealed(
    const struct making *m, const char *id, const char *words, const struct rxp_buf *octets)
{
	struct sealed s = {0};
	const struct piece pieces[N_PIECES] = PIECES(octets, s);
	json_t *files = json_object();
	char name[ID_TEXT];
	int rc;

	rxp_buf_init(&s.body, MAX_CANONICAL_OCTETS);
	rc = open_sealed(&s, octets);
	(void)snprintf(name, sizeof name, REQUIREMENT_ID "%s", id);
	if (rc == 0)
		rc = put_pieces(m, name, pieces, files);
	if (rc == 0) {
		rc = shelf_add(
		    m->shelf, &(struct shelf_vector){name, "canonical", REQUIREMENT, words,
				  m->now_ms, files, json_pack("{s:s}", "is", rxp_kind_root(s.kind)),
				  digests_json(pieces, s.seal.fingerprint)});
	} else {
		json_decref(files);
	}
	sealed_clear(&s);
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* Are the pieces of the package those that are computed now? */
static bool same_pieces(const struct reading *r, const struct piece pieces[N_PIECES])
{
	bool same = true;

	for (size_t i = 0; i < N_PIECES; i++) {
		struct rxp_buf octets;

		rxp_buf_init(&octets, MAX_CANONICAL_OCTETS);
		same = same && reading_file(&octets, r, pieces[i].name) == 0 &&
		       octets.len == pieces[i].octets->len &&
		       memcmp(octets.data, pieces[i].octets->data, octets.len) == 0;
		rxp_buf_free(&octets);
	}
	return same;
}

json_t *weigh_canonical(const struct reading *r)
{
	struct sealed s = {0};
	struct rxp_buf octets;
	const struct piece pieces[N_PIECES] = PIECES(&octets, s);
	json_t *out = NULL;
	int rc;

	rxp_buf_init(&octets, MAX_CANONICAL_OCTETS);
	rxp_buf_init(&s.body, MAX_CANONICAL_OCTETS);
	rc = reading_file(&octets, r, "object");
	if (rc == 0)
		rc = open_sealed(&s, &octets);
	if (rc == 0 && same_pieces(r, pieces))
		out = digests_json(pieces, s.seal.fingerprint);
	sealed_clear(&s);
	rxp_buf_free(&octets);
	return out;
}

/* The parts of the State's descriptor. */
static int put_parts(const struct making *m)
{
	const struct state *own = vector_world_parties(m->world, false)->own;
	struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS], working;
	size_t n;
	int rc = rxp_descriptor_split(
	    identities, &n, &working, own->descriptor.data, own->descriptor.len);

	if (rc == 0)
		rc = put_sealed(m, "identity", "the identity part of QMA", &identities[0]);
	if (rc == 0)
		rc = put_sealed(m, "working", "the working part of QMA", &working);
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&identities[i]);
	rxp_buf_free(&working);
	return rc;
}

int put_canonical(const struct making *m)
{
	int rc = put_parts(m);

	for (size_t i = 0; i < vector_total() && rc == 0; i++) {
		const struct case_facts *f = vector_facts(vector_at(i));
		struct vector_octets o;

		if (facts_negative(f))
			continue;
		making_begin(f->id);
		rc = vector_make(&o, vector_at(i), m->world);
		if (rc == 0)
			rc = put_sealed(m, f->id, f->name, &o.octets);
		vector_octets_clear(&o);
	}
	return rc;
}
