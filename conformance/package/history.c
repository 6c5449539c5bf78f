/* Descriptors of a State, one after the other, and which of them a reader takes who compared a root (section 7). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/document/part.h"
#include "conformance/document/vector.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/state/parties.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/peering/descriptor.h"

#define HOUR_MS 3600000LL
#define DAY_MS (24 * HOUR_MS)
#define CLOCK_AFTER_MS \
	(7 * DAY_MS) /* the first part was made so long before the clock of the vectors */
#define MAX_PARTS 4
#define NAME_TEXT 128
#define STEPS_TEXT 128

/* A chain in the making, and the steps that were written. */
struct chain {
	const struct making *m;
	const char *id;
	const struct state *own;
	struct rxp_descriptor *first; /* whose identity and working part each next one begins as */
	struct rxp_buf parts[MAX_PARTS], working;
	size_t n, from; /* from: the first part that is written */
	struct keypair new_root, other_root, new_seal;
	uint8_t compared[RXP_DIGEST_OCTETS];
	json_t *files;
	size_t n_steps;
	int rc; /* the first error; all that follows does nothing */
};

static const struct state *own_of(const struct making *m, bool other)
{
	return vector_world_parties(m->world, other)->own;
}

static void begin(struct chain *c, const struct making *m, const char *id)
{
	struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS];
	size_t n;

	*c = (struct chain){
	    .m = m, .id = id, .own = own_of(m, false), .files = json_object(), .n = 1};
	for (size_t i = 0; i < MAX_PARTS; i++)
		rxp_buf_init(&c->parts[i], RXP_MAX_PART_OCTETS);
	keypair_pin(&c->own->root, c->compared);
	c->rc = rxp_descriptor_split(
	    identities, &n, &c->working, c->own->descriptor.data, c->own->descriptor.len);
	if (c->rc == 0)
		c->rc = rxp_buf_put(&c->parts[0], identities[0].data, identities[0].len);
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&identities[i]);
	if (c->rc == 0)
		c->rc = rxp_descriptor_open(
		    &c->first, c->own->descriptor.data, c->own->descriptor.len, NULL);
	if (c->rc == 0)
		c->rc = keypair_make(&c->new_root, "QMA", "root", m->now_ms);
	if (c->rc == 0)
		c->rc = keypair_make(&c->other_root, "QMA", "root", m->now_ms);
	if (c->rc == 0)
		c->rc = keypair_make(&c->new_seal, "QMA", "seal", m->now_ms);
}

static void chain_clear(struct chain *c)
{
	rxp_descriptor_free(c->first);
	for (size_t i = 0; i < MAX_PARTS; i++)
		rxp_buf_free(&c->parts[i]);
	rxp_buf_free(&c->working);
	keypair_clear(&c->new_root);
	keypair_clear(&c->other_root);
	keypair_clear(&c->new_seal);
}

/* --- pieces ----------------------------------------------------------------------------------- */

/* The identity part as it is to be next; add() seals it. */
static struct rxp_identity *next(struct chain *c)
{
	struct rxp_identity *i = &c->first->identity;

	i->serial = c->n + 1;
	i->created_ms = c->m->now_ms + (int64_t)c->n * HOUR_MS;
	i->has_previous = true;
	part_fingerprint(i->previous, &c->parts[c->n - 1]);
	i->has_next_root = false;
	return i;
}

static void add(struct chain *c, const struct keypair *root)
{
	struct rxp_signer signer = keypair_signer(root);
	uint8_t digest[RXP_DIGEST_OCTETS];

	if (c->rc == 0)
		c->rc = rxp_identity_seal(&c->parts[c->n++], &c->first->identity,
		    c->first->identity.created_ms, &signer, digest);
}

static void announce(struct chain *c, const struct keypair *root)
{
	next(c)->has_next_root = true;
	keypair_pin(root, c->first->identity.next_root);
}

/* The working part under the latest part, as it is to be; work() seals it. */
static struct rxp_working *next_working(struct chain *c)
{
	struct rxp_working *w = &c->first->working;

	w->identity_serial = c->n;
	part_fingerprint(w->identity, &c->parts[c->n - 1]);
	w->created_ms = c->m->now_ms + (int64_t)c->n * HOUR_MS;
	return w;
}

static void seal_working(struct chain *c, const struct keypair *seal)
{
	struct rxp_signer signer = keypair_signer(seal);

	rxp_buf_reset(&c->working);
	if (c->rc == 0)
		c->rc = rxp_working_seal(
		    &c->working, &c->first->working, c->first->working.created_ms, &signer);
}

static void work(struct chain *c)
{
	(void)next_working(c);
	seal_working(c, &c->own->seal);
}

/* The descriptor as it is by now is the next that the reader gets. */
static void step_octets(struct chain *c, const struct rxp_buf *octets)
{
	char name[NAME_TEXT], use[16];

	c->n_steps++;
	(void)snprintf(use, sizeof use, "step-%zu", c->n_steps);
	(void)snprintf(name, sizeof name, "history/%s-%zu.xml", c->id, c->n_steps);
	(void)json_object_set_new(c->files, use, json_string(name));
	if (c->rc == 0)
		c->rc = shelf_file(c->m->shelf, name, octets);
}

static void step(struct chain *c)
{
	struct rxp_buf out;

	rxp_buf_init(&out, RXP_MAX_DESCRIPTOR_OCTETS);
	if (c->rc == 0)
		c->rc = rxp_descriptor_write(&out, c->parts + c->from, c->n - c->from, &c->working);
	step_octets(c, &out);
	rxp_buf_free(&out);
}

/* --- histories -------------------------------------------------------------------------------- */

static void first(struct chain *c)
{
	step(c);
}
static void wrong_root(struct chain *c)
{
	keypair_pin(&own_of(c->m, true)->root, c->compared);
	step(c);
}
static void next_part(struct chain *c)
{
	struct rxp_identity *i;

	step(c);
	i = next(c);
	(void)snprintf(i->endpoints[0], sizeof i->endpoints[0], "https://new.qma.example:8443");
	add(c, &c->own->root);
	work(c);
	step(c);
}
/* A second part announces the new root, and a third is sealed by it. */
static void change_root(struct chain *c, const struct keypair *announced, const struct keypair *by)
{
	announce(c, announced);
	add(c, &c->own->root);
	(void)next(c);
	add(c, by);
	work(c);
	step(c);
}
static void root_changed(struct chain *c)
{
	step(c);
	change_root(c, &c->new_root, &c->new_root);
}
static void new_root_compared(struct chain *c)
{
	keypair_pin(&c->new_root, c->compared);
	change_root(c, &c->new_root, &c->new_root);
}
static void former_root_compared(struct chain *c)
{
	change_root(c, &c->new_root, &c->new_root);
}
static void root_unannounced(struct chain *c)
{
	step(c);
	(void)next(c);
	add(c, &c->new_root);
	work(c);
	step(c);
}
static void root_other(struct chain *c)
{
	step(c);
	change_root(c, &c->new_root, &c->other_root);
}
static void announcement_lapsed(struct chain *c)
{
	step(c);
	announce(c, &c->new_root);
	add(c, &c->own->root);
	(void)next(c);
	add(c, &c->own->root);
	(void)next(c);
	add(c, &c->new_root);
	work(c);
	step(c);
}
static void former_root_again(struct chain *c)
{
	root_changed(c);
	(void)next(c);
	add(c, &c->own->root);
	work(c);
	step(c);
}
static void second(struct chain *c)
{
	(void)next(c);
	add(c, &c->own->root);
	work(c);
}
static void lower_serial(struct chain *c)
{
	second(c);
	step(c);
	c->n = 1;
	work(c);
	step(c);
}
static void same_serial(struct chain *c)
{
	struct rxp_identity *i;

	second(c);
	step(c);
	c->n = 1;
	rxp_buf_reset(&c->parts[1]);
	i = next(c);
	(void)snprintf(i->endpoints[0], sizeof i->endpoints[0], "https://other.qma.example:8443");
	add(c, &c->own->root);
	next_working(c)->created_ms += HOUR_MS;
	seal_working(c, &c->own->seal);
	step(c);
}
static void working_at(struct chain *c, int64_t after_ms)
{
	next_working(c)->created_ms = c->m->now_ms + after_ms;
	seal_working(c, &c->own->seal);
	step(c);
}
static void newer_working(struct chain *c)
{
	working_at(c, HOUR_MS);
	working_at(c, 2 * HOUR_MS);
}
static void older_working(struct chain *c)
{
	working_at(c, 2 * HOUR_MS);
	working_at(c, HOUR_MS);
}
static void working_stray(struct chain *c)
{
	step(c);
	(void)next_working(c);
	seal_working(c, &c->own->stray);
	step(c);
}
static void working_of_other_identity(struct chain *c)
{
	step(c);
	next_working(c)->identity[0] ^= 1;
	seal_working(c, &c->own->seal);
	step(c);
}
static void working_of_other_serial(struct chain *c)
{
	step(c);
	next_working(c)->identity_serial = 2;
	seal_working(c, &c->own->seal);
	step(c);
}
/* A second part lists the new seal in the place of the old one. */
static void leave_out_seal(struct chain *c)
{
	struct rxp_identity *i = next(c);
	const uint8_t *der;
	size_t len;

	der = rxp_cert_der(c->new_seal.cert, &len);
	rxp_buf_reset(&i->certs[0]);
	if (c->rc == 0)
		c->rc = rxp_buf_put(&i->certs[0], der, len);
	add(c, &c->own->root);
	(void)next_working(c);
}
static void working_retired(struct chain *c)
{
	step(c);
	leave_out_seal(c);
	seal_working(c, &c->own->seal);
	step(c);
}
static void seal_changed(struct chain *c)
{
	step(c);
	leave_out_seal(c);
	seal_working(c, &c->new_seal);
	step(c);
}
static void dates_inverted(struct chain *c)
{
	step(c);
	next(c)->created_ms = c->m->now_ms - HOUR_MS;
	add(c, &c->own->root);
	work(c);
	step(c);
}
static void revoked_ahead(struct chain *c)
{
	struct rxp_identity *i;

	step(c);
	i = next(c);
	i->revoked_since_ms = i->created_ms + 1000;
	add(c, &c->own->root);
	work(c);
	step(c);
}
static void previous_other(struct chain *c)
{
	step(c);
	next(c)->previous[0] ^= 1;
	add(c, &c->own->root);
	work(c);
	step(c);
}
static void serial_left_out(struct chain *c)
{
	step(c);
	next(c)->serial = 3;
	add(c, &c->own->root);
	next_working(c)->identity_serial = 3;
	seal_working(c, &c->own->seal);
	step(c);
}
static void turned(struct chain *c)
{
	struct rxp_buf part;

	second(c);
	part = c->parts[0];
	c->parts[0] = c->parts[1];
	c->parts[1] = part;
	step(c);
}
static void begins_later(struct chain *c)
{
	second(c);
	step(c);
	second(c);
	c->from = 1;
	step(c);
}
static void begins_too_late(struct chain *c)
{
	step(c);
	second(c);
	second(c);
	c->from = 1;
	step(c);
}
static void other_party(struct chain *c)
{
	step(c);
	step_octets(c, &own_of(c->m, true)->descriptor);
}
static void ahead_by(struct chain *c, int64_t part_ms, int64_t working_ms)
{
	const int64_t clock_ms = c->m->now_ms + CLOCK_AFTER_MS;

	step(c);
	next(c)->created_ms = clock_ms + part_ms;
	add(c, &c->own->root);
	next_working(c)->created_ms = clock_ms + working_ms;
	seal_working(c, &c->own->seal);
	step(c);
}
static void part_ahead_by_less(struct chain *c)
{
	ahead_by(c, DAY_MS - 1000, DAY_MS - 1000);
}
static void part_ahead(struct chain *c)
{
	ahead_by(c, DAY_MS + 1000, 0);
}
static void working_ahead(struct chain *c)
{
	ahead_by(c, 0, DAY_MS + 1000);
}

static const struct {
	const char *id, *requirement, *steps, *words;
	void (*tell)(struct chain *c);
} rows[] = {
#define HISTORY(requirement, number, function, steps, words) \
	{requirement "." number, "RXP-" requirement, steps, words, function},
#include "conformance/package/history.def"
#undef HISTORY
};

/* --- on the shelf ----------------------------------------------------------------------------- */

/* The last word is the result. */
static json_t *expected_json(const char *steps)
{
	char text[STEPS_TEXT], *save = NULL, *last = NULL;
	json_t *list = json_array();

	(void)snprintf(text, sizeof text, "%s", steps);
	for (char *w = strtok_r(text, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
		(void)json_array_append_new(list, json_string(w));
		last = w;
	}
	return json_pack("{s:s, s:o}", "result", last, "steps", list);
}

int put_histories(const struct making *m)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rc == 0; i++) {
		struct chain *c = malloc(sizeof *c);
		char root[RXP_DIGEST_HEX];

		if (c == NULL)
			return RXP_ERR_NOMEM;
		making_begin(rows[i].id);
		begin(c, m, rows[i].id);
		if (c->rc == 0)
			rows[i].tell(c);
		rc = c->rc;
		rxp_hex_put(root, c->compared, sizeof c->compared, false);
		if (rc == 0)
			rc = shelf_add(m->shelf,
			    &(struct shelf_vector){rows[i].id, "history", rows[i].requirement,
				rows[i].words, m->now_ms + CLOCK_AFTER_MS, c->files,
				json_pack("{s:s}", "root", root), expected_json(rows[i].steps)});
		else
			json_decref(c->files);
		chain_clear(c);
		free(c);
	}
	return rc;
}

/* --- read back -------------------------------------------------------------------------------- */

/* What a reader trusts. */
struct trust {
	bool any;
	char party[RXP_PARTY_TEXT];
	uint64_t serial;
	uint8_t identity[RXP_DIGEST_OCTETS];
	int64_t working_ms;
};

/* RXP-DSC-021: is the identity part that is trusted among them? */
static bool holds(const struct rxp_buf *octets, const uint8_t identity[RXP_DIGEST_OCTETS])
{
	struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS], working;
	uint8_t digest[RXP_DIGEST_OCTETS];
	bool found = false;
	size_t n = 0;
	int rc = rxp_descriptor_split(identities, &n, &working, octets->data, octets->len);

	for (size_t i = 0; i < n && rc == 0; i++) {
		part_fingerprint(digest, &identities[i]);
		found = found || memcmp(digest, identity, sizeof digest) == 0;
	}
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&identities[i]);
	rxp_buf_free(&working);
	return found;
}

static bool is_newer(const struct rxp_descriptor *d, const struct trust *t)
{
	return d->identity.serial > t->serial ||
	       (d->identity.serial == t->serial && d->working.created_ms > t->working_ms);
}

static bool take(struct trust *t, const struct rxp_buf *octets, int64_t now_ms,
    const uint8_t root[RXP_DIGEST_OCTETS])
{
	struct rxp_descriptor *d = NULL;
	bool taken =
	    rxp_descriptor_open(&d, octets->data, octets->len, t->any ? NULL : root) == 0 &&
	    d->has_working && d->identity.created_ms <= now_ms + DAY_MS &&
	    d->working.created_ms <= now_ms + DAY_MS;

	if (taken && t->any)
		taken = strcmp(d->identity.party, t->party) == 0 && holds(octets, t->identity) &&
			is_newer(d, t);
	if (taken) {
		t->any = true;
		memcpy(t->party, d->identity.party, sizeof t->party);
		t->serial = d->identity.serial;
		memcpy(t->identity, d->identity_digest, sizeof t->identity);
		t->working_ms = d->working.created_ms;
	}
	rxp_descriptor_free(d);
	return taken;
}

json_t *weigh_history(const struct reading *r)
{
	const char *hex = reading_word(r, "root"), *last = NULL;
	uint8_t root[RXP_DIGEST_OCTETS];
	struct trust t = {.any = false};
	json_t *steps = json_array();
	int rc = hex == NULL ? RXP_ERR_SYNTAX : rxp_hex_get(root, sizeof root, hex, false);

	for (size_t i = 1; rc == 0; i++) {
		struct rxp_buf octets;
		char use[32];

		(void)snprintf(use, sizeof use, "step-%zu", i);
		rxp_buf_init(&octets, RXP_MAX_DESCRIPTOR_OCTETS);
		rc = reading_file(&octets, r, use);
		if (rc == 0) {
			last = take(&t, &octets, r->now_ms, root) ? "taken" : "refused";
			(void)json_array_append_new(steps, json_string(last));
		}
		rxp_buf_free(&octets);
	}
	if (rc == RXP_ERR_NOT_FOUND && last != NULL)
		return json_pack("{s:s, s:o}", "result", last, "steps", steps);
	json_decref(steps);
	return NULL;
}
