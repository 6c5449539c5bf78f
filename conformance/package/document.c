/* Documents, Envelopes, answers, descriptors, log pages, terms, bundles, typed content, files: sound, or with one change. */
#include <stdio.h>

#include <jansson.h>

#include "conformance/cases/case.h"
#include "conformance/document/vector.h"
#include "conformance/package/answered.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/state/product.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"

#define NAME_TEXT 256
#define MAX_OCTETS (1024UL * 1024)

static json_t *expected(const struct vector *v)
{
	const struct expect *answer = vector_answer(v);
	json_t *out = json_object();

	(void)json_object_set_new(
	    out, "result", json_string(facts_negative(vector_facts(v)) ? "broken" : "sound"));
	if (answer != NULL)
		(void)json_object_set_new(out, "answer", answered_json(answer));
	return out;
}

static json_t *given(const struct vector *v, const struct judge_known *known)
{
	char root[RXP_DIGEST_HEX], created[RXP_TIME_TEXT];
	json_t *out = json_pack("{s:s}", "is", vector_words(v));

	if (known->root != NULL) {
		rxp_hex_put(root, known->root, RXP_DIGEST_OCTETS, false);
		(void)json_object_set_new(out, "root", json_string(root));
	}
	if (known->media_type != NULL)
		(void)json_object_set_new(out, "mediaType", json_string(known->media_type));
	if (known->typing.created_ms != 0) {
		rxp_time_text(created, known->typing.created_ms);
		(void)json_object_set_new(out, "created", json_string(created));
	}
	return out;
}

static int put(const struct making *m, const struct vector *v, const struct vector_octets *o)
{
	const struct case_facts *f = vector_facts(v);
	char octets[NAME_TEXT], manifest[NAME_TEXT];
	int rc;

	(void)snprintf(octets, sizeof octets, "document/%s.octets", f->id);
	(void)snprintf(manifest, sizeof manifest, "document/%s.manifest", f->id);
	rc = shelf_file(m->shelf, octets, &o->octets);
	if (rc == 0 && o->known.manifest != NULL)
		rc = shelf_file(m->shelf, manifest, &o->manifest);
	return rc != 0
		   ? rc
		   : shelf_add(m->shelf, &(struct shelf_vector){f->id, "document", f->requirement,
					     f->name, m->now_ms,
					     json_pack("{s:s, s:s*}", "octets", octets, "manifest",
						 o->known.manifest == NULL ? NULL : manifest),
					     given(v, &o->known), expected(v)});
}

int put_documents(const struct making *m)
{
	int rc = 0;

	for (size_t i = 0; i < vector_total() && rc == 0; i++) {
		const struct vector *v = vector_at(i);
		struct vector_octets o;

		making_begin(vector_facts(v)->id);
		rc = vector_make(&o, v, m->world);
		if (rc == 0)
			rc = put(m, v, &o);
		vector_octets_clear(&o);
	}
	return rc;
}

/* --- read back -------------------------------------------------------------------------------- */

/* Whatever the index gives besides the octets. */
static int known_of(struct judge_known *known, uint8_t root[RXP_DIGEST_OCTETS],
    const struct rxp_buf *manifest, const struct reading *r, const struct product *sender)
{
	const char *hex = reading_word(r, "root"), *created = reading_word(r, "created");
	int rc = 0;

	*known = (struct judge_known){.descriptor = sender->descriptor,
	    .certs = (const struct rxp_cert *const *)sender->certs,
	    .n_certs = sender->n_certs,
	    .root = hex == NULL ? NULL : root,
	    .manifest = manifest->len > 0 ? manifest->data : NULL,
	    .manifest_len = manifest->len,
	    .typing = {.test_node = created != NULL},
	    .media_type = reading_word(r, "mediaType")};
	if (hex != NULL)
		rc = rxp_hex_get(root, RXP_DIGEST_OCTETS, hex, false);
	if (rc == 0 && created != NULL)
		rc = rxp_time_parse(&known->typing.created_ms, created);
	return rc;
}

json_t *weigh_document(const struct reading *r)
{
	uint8_t root[RXP_DIGEST_OCTETS];
	const struct product *sender = NULL;
	struct rxp_buf octets, manifest;
	struct judge_known known;
	struct judgement j;
	int rc;

	rxp_buf_init(&octets, MAX_OCTETS);
	rxp_buf_init(&manifest, MAX_OCTETS);
	rc = reading_state(&sender, r, "QMA");
	if (rc == 0)
		rc = reading_file(&octets, r, "octets");
	if (rc == 0) {
		rc = reading_file(&manifest, r, "manifest");
		rc = rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	}
	if (rc == 0)
		rc = known_of(&known, root, &manifest, r, sender);
	if (rc == 0)
		rc = judge(&j, octets.data, octets.len, &known);
	rxp_buf_free(&octets);
	rxp_buf_free(&manifest);
	return rc != 0 ? NULL
		       : json_pack("{s:s}", "result", j.requirement == NULL ? "sound" : "broken");
}
