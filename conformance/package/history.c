/* Descriptors of a State, one after the other, and which of them a reader takes who compared a root (section 7). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/document/part.h"
#include "conformance/document/vector.h"
#include "conformance/package/chain.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/state/parties.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/peering/descriptor.h"

#define DAY_MS (24 * CHAIN_STEP_MS)
#define CLOCK_AFTER_MS \
	(7 * DAY_MS) /* the first part was made so long before the clock of the vectors */
#define NAME_TEXT 128
#define STEPS_TEXT 128

/* A chain in the making, and the steps that were written. */
struct told {
	const struct making *m;
	const char *id;
	struct chain chain;
	struct keypair new_root, other_root, new_seal;
	uint8_t compared[RXP_DIGEST_OCTETS];
	json_t *files;
	size_t n_steps;
};

static const struct state *own_of(const struct making *m, bool other)
{
	return vector_world_parties(m->world, other)->own;
}

static int begin(struct told *t, const struct making *m, const char *id)
{
	*t = (struct told){.m = m, .id = id, .files = json_object()};
	chain_begin(&t->chain, own_of(m, false), m->now_ms);
	keypair_pin(&t->chain.own->root, t->compared);
	if (t->chain.rc == 0)
		t->chain.rc = keypair_make(&t->new_root, "QMA", "root", m->now_ms);
	if (t->chain.rc == 0)
		t->chain.rc = keypair_make(&t->other_root, "QMA", "root", m->now_ms);
	if (t->chain.rc == 0)
		t->chain.rc = keypair_make(&t->new_seal, "QMA", "seal", m->now_ms);
	return t->chain.rc;
}

static void told_clear(struct told *t)
{
	chain_clear(&t->chain);
	keypair_clear(&t->new_root);
	keypair_clear(&t->other_root);
	keypair_clear(&t->new_seal);
}

/* --- pieces ----------------------------------------------------------------------------------- */

static struct rxp_identity *next(struct told *t)
{
	return chain_next(&t->chain);
}

static void add(struct told *t, const struct keypair *root)
{
	chain_add(&t->chain, root);
}

static void announce(struct told *t, const struct keypair *root)
{
	struct rxp_identity *i = next(t);

	i->has_next_root = true;
	keypair_pin(root, i->next_root);
}

static struct rxp_working *next_working(struct told *t)
{
	return chain_next_working(&t->chain);
}

static void seal_working(struct told *t, const struct keypair *seal)
{
	chain_seal_working(&t->chain, seal);
}

static void work(struct told *t)
{
	(void)next_working(t);
	seal_working(t, &t->chain.own->seal);
}

/* The descriptor as it is by now is the next that the reader gets. */
static void step_octets(struct told *t, const struct rxp_buf *octets)
{
	char name[NAME_TEXT], use[16];

	t->n_steps++;
	(void)snprintf(use, sizeof use, "step-%zu", t->n_steps);
	(void)snprintf(name, sizeof name, "history/%s-%zu.xml", t->id, t->n_steps);
	(void)json_object_set_new(t->files, use, json_string(name));
	if (t->chain.rc == 0)
		t->chain.rc = shelf_file(t->m->shelf, name, octets);
}

static void step(struct told *t)
{
	struct rxp_buf out;

	rxp_buf_init(&out, RXP_MAX_DESCRIPTOR_OCTETS);
	chain_write(&out, &t->chain);
	step_octets(t, &out);
	rxp_buf_free(&out);
}

/* --- histories -------------------------------------------------------------------------------- */

static void first(struct told *t)
{
	step(t);
}
static void wrong_root(struct told *t)
{
	keypair_pin(&own_of(t->m, true)->root, t->compared);
	step(t);
}
static void next_part(struct told *t)
{
	struct rxp_identity *i;

	step(t);
	i = next(t);
	(void)snprintf(i->endpoints[0], sizeof i->endpoints[0], "https://new.qma.example:8443");
	add(t, &t->chain.own->root);
	work(t);
	step(t);
}
/* A second part announces the new root, and a third is sealed by it. */
static void change_root(struct told *t, const struct keypair *announced, const struct keypair *by)
{
	announce(t, announced);
	add(t, &t->chain.own->root);
	(void)next(t);
	add(t, by);
	work(t);
	step(t);
}
static void root_changed(struct told *t)
{
	step(t);
	change_root(t, &t->new_root, &t->new_root);
}
static void new_root_compared(struct told *t)
{
	keypair_pin(&t->new_root, t->compared);
	change_root(t, &t->new_root, &t->new_root);
}
static void former_root_compared(struct told *t)
{
	change_root(t, &t->new_root, &t->new_root);
}
static void root_unannounced(struct told *t)
{
	step(t);
	(void)next(t);
	add(t, &t->new_root);
	work(t);
	step(t);
}
static void root_other(struct told *t)
{
	step(t);
	change_root(t, &t->new_root, &t->other_root);
}
static void announcement_lapsed(struct told *t)
{
	step(t);
	announce(t, &t->new_root);
	add(t, &t->chain.own->root);
	(void)next(t);
	add(t, &t->chain.own->root);
	(void)next(t);
	add(t, &t->new_root);
	work(t);
	step(t);
}
static void former_root_again(struct told *t)
{
	root_changed(t);
	(void)next(t);
	add(t, &t->chain.own->root);
	work(t);
	step(t);
}
static void second(struct told *t)
{
	(void)next(t);
	add(t, &t->chain.own->root);
	work(t);
}
static void lower_serial(struct told *t)
{
	second(t);
	step(t);
	t->chain.n = 1;
	work(t);
	step(t);
}
static void same_serial(struct told *t)
{
	struct rxp_identity *i;

	second(t);
	step(t);
	t->chain.n = 1;
	rxp_buf_reset(&t->chain.parts[1]);
	i = next(t);
	(void)snprintf(i->endpoints[0], sizeof i->endpoints[0], "https://other.qma.example:8443");
	add(t, &t->chain.own->root);
	next_working(t)->created_ms += CHAIN_STEP_MS;
	seal_working(t, &t->chain.own->seal);
	step(t);
}
static void working_at(struct told *t, int64_t after_ms)
{
	next_working(t)->created_ms = t->m->now_ms + after_ms;
	seal_working(t, &t->chain.own->seal);
	step(t);
}
static void newer_working(struct told *t)
{
	working_at(t, CHAIN_STEP_MS);
	working_at(t, 2 * CHAIN_STEP_MS);
}
static void older_working(struct told *t)
{
	working_at(t, 2 * CHAIN_STEP_MS);
	working_at(t, CHAIN_STEP_MS);
}
static void working_stray(struct told *t)
{
	step(t);
	(void)next_working(t);
	seal_working(t, &t->chain.own->stray);
	step(t);
}
static void working_of_other_identity(struct told *t)
{
	step(t);
	next_working(t)->identity[0] ^= 1;
	seal_working(t, &t->chain.own->seal);
	step(t);
}
static void working_of_other_serial(struct told *t)
{
	step(t);
	next_working(t)->identity_serial = 2;
	seal_working(t, &t->chain.own->seal);
	step(t);
}
/* A second part lists the new seal in the place of the old one. */
static void leave_out_seal(struct told *t)
{
	(void)next(t);
	chain_replace_seal(&t->chain, &t->new_seal);
	add(t, &t->chain.own->root);
	(void)next_working(t);
}
static void working_retired(struct told *t)
{
	step(t);
	leave_out_seal(t);
	seal_working(t, &t->chain.own->seal);
	step(t);
}
static void seal_changed(struct told *t)
{
	step(t);
	leave_out_seal(t);
	seal_working(t, &t->new_seal);
	step(t);
}
static void dates_inverted(struct told *t)
{
	step(t);
	next(t)->created_ms = t->m->now_ms - CHAIN_STEP_MS;
	add(t, &t->chain.own->root);
	work(t);
	step(t);
}
static void revoked_ahead(struct told *t)
{
	struct rxp_identity *i;

	step(t);
	i = next(t);
	i->revoked_since_ms = i->created_ms + 1000;
	add(t, &t->chain.own->root);
	work(t);
	step(t);
}
static void previous_other(struct told *t)
{
	step(t);
	next(t)->previous[0] ^= 1;
	add(t, &t->chain.own->root);
	work(t);
	step(t);
}
static void serial_left_out(struct told *t)
{
	step(t);
	next(t)->serial = 3;
	add(t, &t->chain.own->root);
	next_working(t)->identity_serial = 3;
	seal_working(t, &t->chain.own->seal);
	step(t);
}
static void turned(struct told *t)
{
	struct rxp_buf part;

	second(t);
	part = t->chain.parts[0];
	t->chain.parts[0] = t->chain.parts[1];
	t->chain.parts[1] = part;
	step(t);
}
static void begins_later(struct told *t)
{
	second(t);
	step(t);
	second(t);
	t->chain.from = 1;
	step(t);
}
static void begins_too_late(struct told *t)
{
	step(t);
	second(t);
	second(t);
	t->chain.from = 1;
	step(t);
}
static void other_party(struct told *t)
{
	step(t);
	step_octets(t, &own_of(t->m, true)->descriptor);
}
static void ahead_by(struct told *t, int64_t part_ms, int64_t working_ms)
{
	const int64_t clock_ms = t->m->now_ms + CLOCK_AFTER_MS;

	step(t);
	next(t)->created_ms = clock_ms + part_ms;
	add(t, &t->chain.own->root);
	next_working(t)->created_ms = clock_ms + working_ms;
	seal_working(t, &t->chain.own->seal);
	step(t);
}
static void part_ahead_by_less(struct told *t)
{
	ahead_by(t, DAY_MS - 1000, DAY_MS - 1000);
}
static void part_ahead(struct told *t)
{
	ahead_by(t, DAY_MS + 1000, 0);
}
static void working_ahead(struct told *t)
{
	ahead_by(t, 0, DAY_MS + 1000);
}

static const struct {
	const char *id, *requirement, *steps, *words;
	void (*tell)(struct told *t);
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
		struct told *t = malloc(sizeof *t);
		char root[RXP_DIGEST_HEX];

		if (t == NULL)
			return RXP_ERR_NOMEM;
		making_begin(rows[i].id);
		if (begin(t, m, rows[i].id) == 0)
			rows[i].tell(t);
		rc = t->chain.rc;
		rxp_hex_put(root, t->compared, sizeof t->compared, false);
		if (rc == 0)
			rc = shelf_add(m->shelf,
			    &(struct shelf_vector){rows[i].id, "history", rows[i].requirement,
				rows[i].words, m->now_ms + CLOCK_AFTER_MS, t->files,
				json_pack("{s:s}", "root", root), expected_json(rows[i].steps)});
		else
			json_decref(t->files);
		told_clear(t);
		free(t);
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
