/*
 * Cases in each state, and what one State says then: the cells of the table of moves as sealed documents. All that are legal, and
 * of those that are not a few for each state and side.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/package/answered.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/package/replay.h"
#include "protocol/base/err.h"
#include "protocol/message/answer.h"

#define NAME_TEXT 192
#define FOLDER_TEXT 64
#define MAX_REFUSED 4 /* for each state and side */

static json_t *moved_json(const char *result, enum rxp_case_state state, bool unplanned)
{
	return json_pack("{s:s, s:s, s:b}", "result", result, "state", rxp_case_state_name(state),
	    "unplanned", (int)unplanned);
}

static json_t *expected_json(const struct cell *c)
{
	json_t *answer = answered_json(&c->expected);
	json_t *out = moved_json(json_string_value(answer), c->to, c->unplanned);

	json_decref(answer);
	return out;
}

static int put(const struct making *m, const struct cell *c, const struct replay *r)
{
	char id[CELL_ID_TEXT], name[NAME_TEXT];
	struct rxp_case_document facts;
	json_t *files;
	char *point;
	int rc;

	(void)snprintf(id, sizeof id, "%s", c->facts.id);
	point = strstr(id, ".R.");
	if (point != NULL)
		point[1] = 'M';
	(void)snprintf(name, sizeof name, "replay/%s-%s/%s.xml", replay_side(c->said.side),
	    rxp_case_state_name(c->state), rxp_case_event_row(c->said.event)->word);
	making_begin(id);
	rc = replay_say(&facts, r, m, name, c->said);
	if (rc != 0)
		return rc;
	files = replay_files(r);
	(void)json_object_set_new(files, "tried", json_string(name));
	return shelf_add(m->shelf,
	    &(struct shelf_vector){id, "move", c->facts.requirement, c->name, m->now_ms, files,
		json_pack("{s:s, s:s, s:s}", "requesting", REPLAY_REQUESTING, "requested",
		    REPLAY_REQUESTED, "person", "P1"),
		expected_json(c)});
}

int put_moves(const struct making *m)
{
	struct replay *r = calloc(1, sizeof *r);
	const struct cell *before = NULL;
	unsigned refused = 0;
	int rc = r == NULL ? RXP_ERR_NOMEM : 0;

	for (size_t i = 0; i < cell_total() && rc == 0; i++) {
		const struct cell *c = cell_at(i);
		bool legal = c->expected.kind == EXPECT_RECEIPT;

		/* Cells of one state and side stand together. */
		if (before == NULL || before->state != c->state ||
		    before->said.side != c->said.side) {
			char folder[FOLDER_TEXT];

			(void)snprintf(folder, sizeof folder, "%s-%s", replay_side(c->said.side),
			    rxp_case_state_name(c->state));
			rc = replay_tell(r, m, folder, c->path, c->n_path);
			refused = 0;
		}
		before = c;
		if (rc == 0 && (legal || refused++ < MAX_REFUSED))
			rc = put(m, c, r);
	}
	free(r);
	return rc;
}

/* --- read back -------------------------------------------------------------------------------- */

json_t *weigh_move(const struct reading *v)
{
	struct rxp_case_document *docs = calloc(REPLAY_MAX_DOCUMENTS + 1, sizeof *docs);
	struct rxp_case *before = NULL, *after = NULL;
	struct rxp_case_verdict verdict;
	json_t *out = NULL;
	size_t n = 0;
	int rc = docs == NULL ? RXP_ERR_NOMEM : replay_read(docs, &n, v);

	if (rc == 0)
		rc = replay_read_one(&docs[n], v, "tried");
	if (rc == 0)
		rc = rxp_case_replay(&before, docs, n, n == 0 ? docs[n].from : docs[0].from);
	if (rc == 0) {
		rc = rxp_case_check(&verdict, before, &docs[n], RXP_CASE_RECEIVING);
		if (rc == RXP_ERR_STATE)
			out = moved_json(
			    rxp_refusal_row(verdict.code)->wire, rxp_case_person(before, 1), false);
	}
	if (rc == 0)
		rc = rxp_case_replay(&after, docs, n + 1, docs[0].from);
	if (rc == 0)
		out = moved_json("receipt", rxp_case_person(after, 1), verdict.unplanned);
	rxp_case_free(before);
	rxp_case_free(after);
	free(docs);
	return out;
}
