#include "conformance/document/vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/cases/case.h"
#include "conformance/document/file.h"
#include "conformance/document/object.h"
#include "conformance/example/example_data.h"
#include "conformance/message/changes.h"
#include "conformance/requirement/binding.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/message/type.h"

#define ID_TEXT 96
#define REQUIREMENT_TEXT 16
#define NAME_TEXT 128
#define MAX_OCTETS (1024UL * 1024)
#define ENDPOINT "https://127.0.0.1:1"
#define MANIFEST_END ".attachments.xml"

/* One of them is set. */
struct vector {
	struct case_facts facts;
	const struct conform_case *twin;
	const struct example *example;
	const struct object *object;
	const struct file_case *file;
	char id[ID_TEXT], requirement[REQUIREMENT_TEXT], name[NAME_TEXT]; /* that facts point at */
};

struct vector_world {
	int64_t now_ms;
	struct state *own, *other;
	struct product *own_read, *other_read; /* their descriptors, opened */
	uint8_t own_root[RXP_DIGEST_OCTETS], other_root[RXP_DIGEST_OCTETS];
	struct parties parties, turned; /* turned: the other State sends */
};

/* --- which there are --------------------------------------------------------------------------- */

/* Can a judge see the change in a Document or an Envelope alone? What the product knows besides no judge does. */
static bool shows(const struct conform_case *c)
{
	const struct requirement *r = requirement_find(c->facts.requirement);
	enum stage s = c->change.stage;

	if (r == NULL || strchr(binding_roles(r), 'D') == NULL || base_again(c->base) ||
	    c->change.example != NULL)
		return false;
	/* A prefix in content: a receiver takes it (RXP-DOC-004), and a judge says that no sender may write it (RXP-DOC-016). */
	if (strcmp(r->id, "RXP-DOC-004") == 0 && !facts_negative(&c->facts))
		return false;
	return s <= STAGE_SEALED || s == STAGE_ENVELOPE ||
	       (s == STAGE_ENCRYPTED && strcmp(r->id, "RXP-ENV-007") == 0);
}

/* A case of the suite under the same number, of the role D. */
static void take_case(struct vector *v, const struct conform_case *c)
{
	const char *point = strchr(c->facts.id, '.');

	(void)snprintf(v->id, sizeof v->id, "%.*s.D%s", (int)(point - c->facts.id), c->facts.id,
	    point + strlen(".R"));
	v->twin = c;
	v->facts = (struct case_facts){v->id, c->facts.requirement, c->facts.name};
}

/* The requirement of the type that the name of a file begins with: of several the longest. */
static const char *requirement_of_file(const char *file)
{
	const char *found = "";
	size_t longest = 0;

	for (unsigned t = 0; t < RXP_TYPE_COUNT; t++) {
		const struct rxp_type_row *row = rxp_type_row((enum rxp_type)t);
		const char *wire = row->wire;
		size_t n = 0;

		if (strncmp(wire, "Readmission", strlen("Readmission")) == 0)
			wire += strlen("Readmission");
		for (const char *c = wire; *c != '\0'; c++, n++) {
			if (*c >= 'A' && *c <= 'Z' && c > wire && file[n++] != '-')
				break;
			if ((*c | 0x20) != file[n])
				break;
			if (c[1] == '\0' && n > longest) {
				found = row->requirement;
				longest = n;
			}
		}
	}
	return found;
}

/* What an invalid example breaks; of a valid one, what its type demands. */
static const char *requirement_of(const struct example *e)
{
	static const struct {
		const char *file, *requirement;
	} rows[] = {
#define SCHEMA_EXAMPLE(file, requirement) {file, "RXP-" requirement},
#include "conformance/document/schema_example.def"
#undef SCHEMA_EXAMPLE
	};

	if (e->kind != EXAMPLE_VALID && strcmp(e->requirement, "schema") != 0)
		return e->requirement;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].file, e->file) == 0)
			return rows[i].requirement;
	return requirement_of_file(e->file);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

/* Manifests go with their content. Who gave a document to a node, and its list of centres, no document says. */
static bool is_case(const struct example *e)
{
	return !ends_with(e->file, MANIFEST_END) && strcmp(e->requirement, "RXP-SAF-008") != 0 &&
	       strcmp(e->requirement, "RXP-SAF-026") != 0;
}

static void take_example(struct vector *v, const struct example *e)
{
	const char *requirement = requirement_of(e);
	bool valid = e->kind == EXAMPLE_VALID;

	(void)snprintf(v->requirement, sizeof v->requirement, "%s", requirement);
	(void)snprintf(v->id, sizeof v->id, "%s.D.%c-%s", requirement + strlen("RXP-"),
	    valid ? 'p' : 'n', e->stem);
	(void)snprintf(
	    v->name, sizeof v->name, "the %s example %s", valid ? "valid" : "invalid", e->file);
	v->example = e;
	v->facts = (struct case_facts){v->id, v->requirement, v->name};
}

struct list {
	struct vector *rows;
	size_t n, room;
};

static struct vector *next_of(struct list *l)
{
	if (l->n == l->room)
		abort();
	return &l->rows[l->n++];
}

/* Made once, and kept as long as the program runs. */
static const struct list *all(void)
{
	static struct list l;

	if (l.rows != NULL)
		return &l;
	l.room = case_total() + example_count + object_total() + file_total();
	l.rows = calloc(l.room, sizeof *l.rows);
	if (l.rows == NULL)
		abort();
	for (size_t i = 0; i < case_total(); i++)
		if (shows(case_at(i)))
			take_case(next_of(&l), case_at(i));
	for (size_t i = 0; i < example_count; i++)
		if (is_case(&example_rows[i]))
			take_example(next_of(&l), &example_rows[i]);
	for (size_t i = 0; i < object_total(); i++) {
		struct vector *v = next_of(&l);

		v->object = object_at(i);
		v->facts = v->object->facts;
	}
	for (size_t i = 0; i < file_total(); i++) {
		struct vector *v = next_of(&l);

		v->file = file_at(i);
		v->facts = v->file->facts;
	}
	return &l;
}

size_t vector_total(void)
{
	return all()->n;
}

const struct vector *vector_at(size_t i)
{
	if (i >= all()->n)
		abort();
	return &all()->rows[i];
}

const struct case_facts *vector_facts(const struct vector *v)
{
	return &v->facts;
}

const char *vector_words(const struct vector *v)
{
	return v->twin != NULL     ? base_words(v->twin->base)
	       : v->object != NULL ? object_words(v->object->base)
	       : v->file != NULL   ? file_words(v->file)
				   : "typed content";
}

bool vector_is_message(const struct vector *v)
{
	return v->twin != NULL;
}

const struct expect *vector_answer(const struct vector *v)
{
	return v->twin == NULL ? NULL : &v->twin->expected;
}

/* --- the States -------------------------------------------------------------------------------- */

int vector_world_new(struct vector_world **out, int64_t now_ms)
{
	struct vector_world *w = calloc(1, sizeof *w);
	int rc = w == NULL ? RXP_ERR_NOMEM : state_invent(&w->own, "QMA", ENDPOINT, now_ms);

	if (rc == 0)
		rc = state_invent(&w->other, "QRA", ENDPOINT, now_ms);
	if (rc != 0)
		goto done;
	w->now_ms = now_ms;
	keypair_pin(&w->own->root, w->own_root);
	keypair_pin(&w->other->root, w->other_root);
	rc = product_open(
	    &w->own_read, w->own->descriptor.data, w->own->descriptor.len, w->own_root);
	if (rc == 0)
		rc = product_open(&w->other_read, w->other->descriptor.data,
		    w->other->descriptor.len, w->other_root);
	w->parties = (struct parties){w->own, w->other_read};
	w->turned = (struct parties){w->other, w->own_read};
done:
	if (rc != 0) {
		vector_world_free(w);
		return rc;
	}
	*out = w;
	return 0;
}

void vector_world_free(struct vector_world *w)
{
	if (w == NULL)
		return;
	product_free(w->own_read);
	product_free(w->other_read);
	state_free(w->own);
	state_free(w->other);
	free(w);
}

const struct parties *vector_world_parties(const struct vector_world *w, bool turned)
{
	return turned ? &w->turned : &w->parties;
}

/* --- octets ------------------------------------------------------------------------------------ */

static int make_draft(
    struct rxp_buf *out, const struct conform_case *c, const struct vector_world *w)
{
	enum base before = base_before(c->base);
	struct draft d, first;
	int rc = draft_begin(&d, &w->parties, c->base, w->now_ms);

	if (rc != 0)
		return rc;
	if (before != BASE_NONE &&
	    (rc = draft_begin(&first, &w->parties, before, w->now_ms)) == 0) {
		rc = draft_make(&first, NULL);
		if (rc == 0)
			draft_follow(&d, &first);
		draft_clear(&first);
	}
	if (rc == 0)
		rc = draft_make(&d, &c->change);
	if (rc == 0 && c->change.stage > STAGE_SEALED)
		rc = rxp_buf_put(out, d.envelope.data, d.envelope.len);
	else if (rc == 0)
		rc = rxp_buf_put(out, d.document.data, d.document.len);
	draft_clear(&d);
	return rc;
}

static int make_example(struct vector_octets *out, const struct example *e)
{
	char manifest[ID_TEXT];
	int rc = rxp_time_parse(&out->known.typing.created_ms, e->created);

	out->known.typing.test_node = true;
	if (rc == 0)
		rc = rxp_buf_put(&out->octets, e->octets, e->len - (e->octets[e->len - 1] == '\n'));
	if (rc != 0 || !e->has_manifest)
		return rc;
	(void)snprintf(manifest, sizeof manifest, "%s" MANIFEST_END, e->stem);
	for (size_t i = 0; i < example_count; i++)
		if (strcmp(example_rows[i].file, manifest) == 0)
			rc = rxp_buf_put(
			    &out->manifest, example_rows[i].octets, example_rows[i].len - 1);
	out->known.manifest = out->manifest.data;
	out->known.manifest_len = out->manifest.len;
	return rc;
}

int vector_make(struct vector_octets *out, const struct vector *v, const struct vector_world *w)
{
	*out =
	    (struct vector_octets){.known = {.descriptor = w->own_read->descriptor,
				       .certs = (const struct rxp_cert *const *)w->own_read->certs,
				       .n_certs = w->own_read->n_certs,
				       .root = w->own_root}};
	rxp_buf_init(&out->octets, MAX_OCTETS);
	rxp_buf_init(&out->manifest, MAX_OCTETS);
	if (v->twin != NULL)
		return make_draft(&out->octets, v->twin, w);
	if (v->example != NULL)
		return make_example(out, v->example);
	if (v->file != NULL) {
		out->known.media_type = file_said(v->file);
		return file_make(&out->octets, v->file);
	}
	if (v->object->base == OBJECT_OTHER_ROOT)
		out->known.root = w->other_root;
	return object_make(&out->octets, v->object, w->own, w->other, w->now_ms);
}

void vector_octets_clear(struct vector_octets *o)
{
	rxp_buf_free(&o->octets);
	rxp_buf_free(&o->manifest);
}
