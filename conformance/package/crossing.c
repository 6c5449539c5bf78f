/*
 * Cases in each state in which both States say something at the same moment, each without having seen the other: every pair of
 * what each may say. Both are receipted; the fold gives one state at both (RXP-CAS-005 to 007).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/package/replay.h"
#include "protocol/base/err.h"

#define NAME_TEXT 192
#define FOLDER_TEXT 64
#define ID_TEXT 160

/* What a side may say in a state, as documents. */
struct sayings {
	size_t n;
	struct {
		enum rxp_case_event event;
		char name[NAME_TEXT];
		struct rxp_case_document facts;
	} rows[RXP_CASE_EVENT_COUNT];
};

struct crossing {
	struct replay replay;
	struct sayings by[REPLAY_SIDES];
};

static json_t *crossed_json(const struct rxp_case *c, size_t n)
{
	json_t *overtaken = json_array();

	for (unsigned s = 0; s < REPLAY_SIDES; s++)
		if ((rxp_case_overtaken(c, n + s) & 1) != 0)
			(void)json_array_append_new(
			    overtaken, json_string(replay_side((enum rxp_case_side)s)));
	return json_pack("{s:s, s:s, s:o}", "result", "receipt", "state",
	    rxp_case_state_name(rxp_case_person(c, 1)), "overtaken", overtaken);
}

/* docs: n before, then that of the requesting and that of the requested State, each of which must be taken. NULL: one is not. */
static json_t *cross(const struct rxp_case_document *docs, size_t n)
{
	struct rxp_case *before = NULL, *after = NULL;
	struct rxp_case_verdict verdict;
	json_t *out = NULL;
	int rc = rxp_case_replay(&before, docs, n, docs[0].from);

	for (unsigned s = 0; s < REPLAY_SIDES && rc == 0; s++)
		rc = rxp_case_check(&verdict, before, &docs[n + s], RXP_CASE_RECEIVING);
	if (rc == 0)
		rc = rxp_case_replay(&after, docs, n + REPLAY_SIDES, docs[0].from);
	if (rc == 0)
		out = crossed_json(after, n);
	rxp_case_free(before);
	rxp_case_free(after);
	return out;
}

/* --- making ----------------------------------------------------------------------------------- */

/* All that the side may say there; what it may not leaves no file. */
static int find_sayings(
    struct crossing *c, const struct making *m, const char *folder, enum rxp_case_side side)
{
	struct sayings *by = &c->by[side];
	struct rxp_case *now = NULL;
	int rc = rxp_case_replay(&now, c->replay.facts, c->replay.n, c->replay.facts[0].from);

	by->n = 0;
	for (unsigned e = 0; e < RXP_CASE_EVENT_COUNT && rc == 0; e++) {
		struct cell_step said = {(enum rxp_case_event)e, side};
		struct rxp_case_verdict verdict;

		if (!rxp_case_may_send(rxp_case_event_row(said.event)->type, side))
			continue;
		by->rows[by->n].event = said.event;
		(void)snprintf(by->rows[by->n].name, NAME_TEXT, "replay/%s/crossing-%s-%s.xml",
		    folder, replay_side(side), rxp_case_event_row(said.event)->word);
		making_begin(by->rows[by->n].name);
		rc = replay_try(&by->rows[by->n].facts, &c->replay, m, said);
		if (rc == 0 && rxp_case_check(&verdict, now, &by->rows[by->n].facts,
				   RXP_CASE_RECEIVING) == 0) {
			making_begin(by->rows[by->n].name);
			rc = replay_say(
			    &by->rows[by->n].facts, &c->replay, m, by->rows[by->n].name, said);
			by->n++;
		}
	}
	rxp_case_free(now);
	return rc;
}

static int put_pair(const struct making *m, const struct crossing *c, enum rxp_case_state state,
    size_t requesting, size_t requested)
{
	struct rxp_case_document *docs = calloc(REPLAY_MAX_DOCUMENTS + REPLAY_SIDES, sizeof *docs);
	const struct sayings *a = &c->by[RXP_CASE_REQUESTING], *b = &c->by[RXP_CASE_REQUESTED];
	const char *first = rxp_case_event_row(a->rows[requesting].event)->word;
	const char *second = rxp_case_event_row(b->rows[requested].event)->word;
	json_t *files = replay_files(&c->replay);
	char id[ID_TEXT], words[ID_TEXT];
	int rc;

	if (docs == NULL) {
		json_decref(files);
		return RXP_ERR_NOMEM;
	}
	memcpy(docs, c->replay.facts, c->replay.n * sizeof *docs);
	docs[c->replay.n] = a->rows[requesting].facts;
	docs[c->replay.n + 1] = b->rows[requested].facts;
	(void)json_object_set_new(files, "requesting", json_string(a->rows[requesting].name));
	(void)json_object_set_new(files, "requested", json_string(b->rows[requested].name));
	(void)snprintf(
	    id, sizeof id, "CAS-006.X.%s-%s-%s", rxp_case_state_name(state), first, second);
	(void)snprintf(words, sizeof words, "of a person who is '%s' '%s' crosses '%s'",
	    rxp_case_state_name(state), first, second);
	rc = shelf_add(
	    m->shelf, &(struct shelf_vector){id, "crossing", "RXP-CAS-006", words, m->now_ms, files,
			  json_pack("{s:s, s:s, s:s}", "requesting", REPLAY_REQUESTING, "requested",
			      REPLAY_REQUESTED, "person", "P1"),
			  cross(docs, c->replay.n)});
	free(docs);
	return rc;
}

static int put_state(struct crossing *c, const struct making *m, const struct cell *cell)
{
	char folder[FOLDER_TEXT];
	int rc;

	(void)snprintf(folder, sizeof folder, "crossing-%s", rxp_case_state_name(cell->state));
	rc = replay_tell(&c->replay, m, folder, cell->path, cell->n_path);
	for (unsigned s = 0; s < REPLAY_SIDES && rc == 0; s++)
		rc = find_sayings(c, m, folder, (enum rxp_case_side)s);
	for (size_t a = 0; a < c->by[0].n && rc == 0; a++)
		for (size_t b = 0; b < c->by[1].n && rc == 0; b++)
			rc = put_pair(m, c, cell->state, a, b);
	return rc;
}

int put_crossings(const struct making *m)
{
	struct crossing *c = calloc(1, sizeof *c);
	enum rxp_case_state before = RXP_CASE_UNKNOWN;
	int rc = c == NULL ? RXP_ERR_NOMEM : 0;

	for (size_t i = 0; i < cell_total() && rc == 0; i++) {
		const struct cell *cell = cell_at(i);

		if (cell->said.side != RXP_CASE_REQUESTING || cell->state == before)
			continue;
		before = cell->state;
		rc = put_state(c, m, cell);
	}
	free(c);
	return rc;
}

/* --- read back -------------------------------------------------------------------------------- */

json_t *weigh_crossing(const struct reading *v)
{
	struct rxp_case_document *docs = calloc(REPLAY_MAX_DOCUMENTS + REPLAY_SIDES, sizeof *docs);
	json_t *out = NULL;
	size_t n = 0;
	int rc = docs == NULL ? RXP_ERR_NOMEM : replay_read(docs, &n, v);

	for (unsigned s = 0; s < REPLAY_SIDES && rc == 0; s++)
		rc = replay_read_one(&docs[n + s], v, replay_side((enum rxp_case_side)s));
	if (rc == 0)
		out = cross(docs, n);
	free(docs);
	return out;
}
