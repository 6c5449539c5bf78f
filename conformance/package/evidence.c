/* Containers of evidence, as QMA makes them of a case, and what a verifier says of each (section 16). */
#include "conformance/package/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/package/kinds.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/evidence/dossier_make.h"

#define NAME_TEXT 128
#define SAYS_TEXT 512
#define MAX_SAYS 16
#define CLOCK_AFTER_MS \
	INT64_C(604800000) /* a week behind that of the package: all was made before */

static void begin(struct evidence *e, const struct making *m)
{
	*e = (struct evidence){.n_roots = KEPT_SIDES};
	rxp_container_init(&e->entries);
	kept_begin(&e->kept, m);
}

static void evidence_clear(struct evidence *e)
{
	rxp_container_clear(&e->entries);
	kept_clear(&e->kept);
}

static void change(struct evidence *e, const struct evidence_row *row, enum evidence_when now)
{
	if (row->when == now && e->kept.rc == 0)
		row->change(e);
}

static void seal(struct evidence *e)
{
	struct rxp_buf signatures;

	rxp_buf_init(&signatures, RXP_MAX_CONTAINER_TEXT_OCTETS);
	kept_seal(&signatures, &e->kept, &e->entries,
	    e->sealer != NULL ? e->sealer : e->kept.sides[0].seal);
	if (e->kept.rc == 0)
		e->kept.rc = rxp_dossier_put_seal(&e->entries, &signatures);
	rxp_buf_free(&signatures);
}

static void compare(struct evidence *e)
{
	for (size_t i = 0; i < KEPT_SIDES; i++) {
		memcpy(e->roots[i].party, e->kept.sides[i].own->party, sizeof e->roots[i].party);
		memcpy(e->roots[i].digest, e->kept.sides[i].root, sizeof e->roots[i].digest);
	}
}

static int make(struct rxp_buf *out, struct evidence *e, const struct evidence_row *row)
{
	e->of = row->of;
	if (e->kept.rc == 0)
		evidence_prepare(e, row);
	change(e, row, EVIDENCE_TELL);
	kept_tell(&e->kept);
	kept_put(&e->entries, &e->kept);
	change(e, row, EVIDENCE_LIST);
	seal(e);
	change(e, row, EVIDENCE_SEAL);
	change(e, row, EVIDENCE_PACK);
	compare(e);
	change(e, row, EVIDENCE_ASK);
	return e->kept.rc != 0 ? e->kept.rc : archive_write(out, &e->entries, &e->manner);
}

/* --- on the shelf ----------------------------------------------------------------------------- */

static json_t *roots_json(const struct evidence *e)
{
	json_t *out = json_array();

	for (size_t i = 0; i < e->n_roots; i++) {
		char hex[RXP_DIGEST_HEX];

		rxp_hex_put(hex, e->roots[i].digest, sizeof e->roots[i].digest, false);
		(void)json_array_append_new(
		    out, json_pack("{s:s, s:s}", "party", e->roots[i].party, "root", hex));
	}
	return out;
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *says_json(const char *says)
{
	char text[SAYS_TEXT], *words[MAX_SAYS] = {NULL}, *save = NULL;
	json_t *out = json_array();
	size_t n = 0;

	(void)snprintf(text, sizeof text, "%s", says);
	for (char *w = strtok_r(text, " ", &save); w != NULL && n < MAX_SAYS;
	     w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	qsort(words, n, sizeof words[0], compare_words);
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(out, json_string(words[i]));
	return out;
}

static json_t *expected_json(const struct evidence_row *row)
{
	json_t *out = json_pack("{s:s, s:o}", "result", row->result, "says", says_json(row->says));

	if (row->named[0] != '\0')
		(void)json_object_set_new(out, "named", json_string(row->named));
	return out;
}

static int put_container(const struct making *m, const struct evidence_row *row)
{
	struct evidence *e = malloc(sizeof *e);
	struct rxp_buf octets;
	char name[NAME_TEXT];
	int rc;

	if (e == NULL)
		return RXP_ERR_NOMEM;
	making_begin(row->id);
	rxp_buf_init(&octets, RXP_MAX_CONTAINER_OCTETS);
	begin(e, m);
	(void)snprintf(name, sizeof name, "evidence/%s.asice", row->id);
	rc = make(&octets, e, row);
	if (rc == 0)
		rc = shelf_file(m->shelf, name, &octets);
	if (rc == 0)
		rc = shelf_add(m->shelf,
		    &(struct shelf_vector){row->id, "evidence", row->requirement, row->words,
			m->now_ms + CLOCK_AFTER_MS, json_pack("{s:s}", "container", name),
			json_pack("{s:o}", "roots", roots_json(e)), expected_json(row)});
	evidence_clear(e);
	free(e);
	rxp_buf_free(&octets);
	return rc;
}

int put_evidence(const struct making *m)
{
	int rc = 0;

	for (size_t i = 0; i < evidence_total() && rc == 0; i++)
		rc = put_container(m, evidence_at(i));
	return rc;
}

/* readmit-verify says it, which is held against the index where this suite is tried. */
json_t *weigh_evidence(const struct reading *v)
{
	(void)v;
	return json_null();
}
