#include "conformance/report/vectors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <jansson.h>

#include "conformance/document/vector.h"
#include "conformance/state/files.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"

#define NAME_TEXT 128
#define MAX_INDEX_OCTETS (4 * 1024UL * 1024)
#define DESCRIPTOR "descriptor.xml"
#define INDEX "index.json"

/* One case into its files, and its line of the index. */
static int write_vector(
    json_t *index, const char *dir, const struct vector *v, const struct vector_octets *o)
{
	const struct case_facts *f = vector_facts(v);
	char name[NAME_TEXT], manifest[NAME_TEXT], root[RXP_DIGEST_HEX], created[RXP_TIME_TEXT];
	bool has_manifest = o->known.manifest != NULL;
	json_t *entry;
	int rc;

	(void)snprintf(name, sizeof name, "%s.octets", f->id);
	(void)snprintf(manifest, sizeof manifest, "%s.manifest", f->id);
	rxp_hex_put(root, o->known.root, RXP_DIGEST_OCTETS, false);
	rxp_time_text(created, o->known.typing.created_ms);
	rc = files_write(dir, name, &o->octets);
	if (rc == 0 && has_manifest)
		rc = files_write(dir, manifest, &o->manifest);
	if (rc != 0)
		return rc;
	entry = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s*, s:s*, s:s}", "id", f->id,
	    "requirement", f->requirement, "name", f->name, "is", vector_words(v), "result",
	    facts_negative(f) ? "invalid" : "valid", "octets", name, "manifest",
	    has_manifest ? manifest : NULL, "created",
	    o->known.typing.created_ms == 0 ? NULL : created, "root", root);
	return entry == NULL || json_array_append_new(index, entry) != 0 ? RXP_ERR_NOMEM : 0;
}

static int write_all(json_t *index, const char *dir, const struct vector_world *w, size_t *n)
{
	int rc = files_write(dir, DESCRIPTOR, vector_world_descriptor(w));

	for (size_t i = 0; rc == 0 && i < vector_total(); i++) {
		struct vector_octets o;

		rc = vector_make(&o, vector_at(i), w);
		if (rc == 0) {
			rc = write_vector(index, dir, vector_at(i), &o);
			++*n;
		} else if (rc == RXP_ERR_KEY) {
			rc = 0;
		}
		vector_octets_clear(&o);
	}
	return rc;
}

static int write_index(json_t *index, const char *dir, int64_t now_ms)
{
	char clock[RXP_TIME_TEXT];
	struct rxp_buf text;
	char *dumped;
	json_t *whole;
	int rc;

	rxp_time_text(clock, now_ms);
	whole = json_pack("{s:s, s:s, s:s, s:O}", "protocol", "RXP/1", "clock", clock, "descriptor",
	    DESCRIPTOR, "vectors", index);
	dumped = whole == NULL ? NULL : json_dumps(whole, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	json_decref(whole);
	if (dumped == NULL)
		return RXP_ERR_NOMEM;
	rxp_buf_init(&text, MAX_INDEX_OCTETS);
	rc = rxp_buf_puts(&text, dumped);
	if (rc == 0)
		rc = rxp_buf_putc(&text, '\n');
	if (rc == 0)
		rc = files_write(dir, INDEX, &text);
	rxp_buf_free(&text);
	free(dumped);
	return rc;
}

int vectors_write(const char *dir, int64_t now_ms, size_t *n)
{
	struct vector_world *w = NULL;
	json_t *index = NULL;
	int rc = mkdir(dir, 0755) == 0 ? 0 : errno == EEXIST ? RXP_ERR_EXISTS : RXP_ERR_IO;

	*n = 0;
	if (rc == 0)
		rc = vector_world_new(&w, now_ms);
	if (rc == 0) {
		index = json_array();
		rc = index == NULL ? RXP_ERR_NOMEM : write_all(index, dir, w, n);
	}
	if (rc == 0)
		rc = write_index(index, dir, now_ms);
	json_decref(index);
	vector_world_free(w);
	return rc;
}
