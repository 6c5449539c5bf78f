#include "conformance/package/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/document/vector.h"
#include "conformance/message/saying.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/state/parties.h"
#include "conformance/state/product.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"
#include "protocol/document/facts.h"

#define MINUTE_MS 60000LL

const char *replay_side(enum rxp_case_side side)
{
	return side == RXP_CASE_REQUESTING ? "requesting" : "requested";
}

/* --- telling ---------------------------------------------------------------------------------- */

static int read_facts(struct rxp_case_document *out, const struct rxp_buf *octets,
    const struct rxp_cert *const *certs, size_t n)
{
	struct rxp_document *d = NULL;
	int rc = rxp_document_open(&d, octets->data, octets->len, NULL, certs, n);

	if (rc == 0)
		rc = rxp_facts_read(out, d);
	rxp_document_free(d);
	return rc;
}

/* Make the draft of what is said behind all that was told, and its facts. The caller clears it on success. */
static int make(struct draft *d, struct rxp_case_document *facts, const struct replay *r,
    const struct making *m, struct cell_step said)
{
	bool turned = said.side == RXP_CASE_REQUESTED;
	const struct product *sender = vector_world_parties(m->world, !turned)->product;
	int rc = saying_begin(d, vector_world_parties(m->world, turned), said.event, said.side,
	    m->now_ms + (int64_t)r->n * MINUTE_MS);

	if (rc != 0)
		return rc;
	rc = history_follow(&r->views[said.side], d);
	if (rc == 0)
		rc = draft_make(d, NULL);
	if (rc == 0)
		rc = read_facts(facts, &d->document, (const struct rxp_cert *const *)sender->certs,
		    sender->n_certs);
	if (rc != 0)
		draft_clear(d);
	return rc;
}

int replay_say(struct rxp_case_document *facts, const struct replay *r, const struct making *m,
    const char *name, struct cell_step said)
{
	struct draft d;
	int rc = make(&d, facts, r, m, said);

	if (rc != 0)
		return rc;
	rc = shelf_file(m->shelf, name, &d.document);
	draft_clear(&d);
	return rc;
}

int replay_try(struct rxp_case_document *facts, const struct replay *r, const struct making *m,
    struct cell_step said)
{
	struct draft d;
	int rc = make(&d, facts, r, m, said);

	if (rc == 0)
		draft_clear(&d);
	return rc;
}

static int tell_one(
    struct replay *r, const struct making *m, const char *folder, struct cell_step said)
{
	struct draft d;
	int rc = make(&d, &r->facts[r->n], r, m, said);

	if (rc != 0)
		return rc;
	(void)snprintf(r->names[r->n], sizeof r->names[0], "replay/%s/%zu-%s-%s.xml", folder,
	    r->n + 1, replay_side(said.side), rxp_case_event_row(said.event)->word);
	rc = shelf_file(m->shelf, r->names[r->n], &d.document);
	for (unsigned s = 0; s < REPLAY_SIDES && rc == 0; s++)
		rc = history_add(&r->views[s], &d.header, s == (unsigned)said.side, d.fingerprint);
	r->n++;
	draft_clear(&d);
	return rc;
}

int replay_tell(struct replay *out, const struct making *m, const char *folder,
    const struct cell_step *path, size_t n)
{
	int rc = 0;

	*out = (struct replay){.n = 0};
	making_begin(folder);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = tell_one(out, m, folder, path[i]);
	return rc;
}

struct json_t *replay_files(const struct replay *r)
{
	json_t *out = json_object();
	char use[32];

	for (size_t i = 0; i < r->n; i++) {
		(void)snprintf(use, sizeof use, "before-%zu", i + 1);
		(void)json_object_set_new(out, use, json_string(r->names[i]));
	}
	return out;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Documents stand in many vectors, and are opened once. */
static struct {
	struct opened {
		const char *name; /* of the index, which outlives it */
		struct rxp_case_document facts;
	} * rows;
	size_t n, room;
} known;

static int open_file(struct rxp_case_document *facts, const struct reading *r, const char *use)
{
	static const char *const parties[] = {REPLAY_REQUESTING, REPLAY_REQUESTED};
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	rc = reading_file(&octets, r, use);
	for (size_t i = 0; rc == 0 && i < REPLAY_SIDES; i++) {
		const struct product *sender = NULL;

		rc = reading_state(&sender, r, parties[i]);
		if (rc == 0)
			rc = read_facts(facts, &octets,
			    (const struct rxp_cert *const *)sender->certs, sender->n_certs);
		if (rc == 0)
			break;
		rc = rc == RXP_ERR_SIGNER && i + 1 < REPLAY_SIDES ? 0 : rc;
	}
	rxp_buf_free(&octets);
	return rc;
}

int replay_read_one(struct rxp_case_document *facts, const struct reading *r, const char *use)
{
	const char *name =
	    json_string_value(json_object_get(json_object_get(r->row, "files"), use));
	int rc;

	if (name == NULL)
		return RXP_ERR_NOT_FOUND;
	for (size_t i = 0; i < known.n; i++)
		if (strcmp(known.rows[i].name, name) == 0) {
			*facts = known.rows[i].facts;
			return 0;
		}
	rc = open_file(facts, r, use);
	if (rc == 0 && known.n == known.room) {
		size_t room = known.room == 0 ? 64 : 2 * known.room;
		struct opened *rows = realloc(known.rows, room * sizeof *rows);

		if (rows == NULL)
			return RXP_ERR_NOMEM;
		known.rows = rows;
		known.room = room;
	}
	if (rc == 0)
		known.rows[known.n++] = (struct opened){name, *facts};
	return rc;
}

int replay_read(struct rxp_case_document *facts, size_t *n, const struct reading *r)
{
	char use[32];
	int rc = 0;

	for (*n = 0; rc == 0 && *n < REPLAY_MAX_DOCUMENTS; ++*n) {
		(void)snprintf(use, sizeof use, "before-%zu", *n + 1);
		rc = replay_read_one(&facts[*n], r, use);
		if (rc == RXP_ERR_NOT_FOUND)
			return 0;
	}
	return rc;
}
