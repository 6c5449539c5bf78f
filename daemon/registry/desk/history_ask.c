#include "daemon/registry/desk/history_ask.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define CASES_MAX 4096 /* octets of the ids that a peer's request may name */

static const uint8_t all_cases[RXP_ID_OCTETS];
/* A case that is not there for the caller (unseen.h). */
static const uint8_t hidden_case[RXP_ID_OCTETS] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* One request on its way to its commit. */
struct asking {
	struct store_item item;
	const struct history_ask *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	struct store_asked row;
};

static void answer(struct node *n, uint64_t request, int result, const char *problem,
    const uint8_t local_id[RXP_ID_OCTETS])
{
	struct msg_history_asked m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", problem);
	if (result == 0)
		memcpy(m.local_id, local_id, sizeof m.local_id);
	link_answer(n->desk, IPC_history_asked, request, &m, NULL, 0);
}

/* --- the commit ----------------------------------------------------------------------------------- */

static int apply(void *arg, struct db *db)
{
	const struct asking *a = arg;
	int rc = store_asked_begin(db, &a->row);

	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = a->row.asked_ms,
					       .user = a->user,
					       .action = JOURNAL_HISTORY_ASK,
					       .peer = a->row.peer,
					       .local_id = a->row.request});
}

static void done(void *arg, int result)
{
	struct asking *a = arg;

	if (result == 0) {
		peers_count(peers_find(a->by->peers, a->row.peer), STATE_NONE, STATE_WAITING);
		pace_kick(a->by->pace);
	}
	answer(a->by->node, a->request, result, "", a->row.request);
	free(a);
}

static int check_peer(const char **problem, const struct history_ask *by, const char *party)
{
	const struct peer *peer = peers_find(by->peers, party);

	if (peer == NULL) {
		*problem = "the party is no peer";
		return RXP_ERR_NOT_FOUND;
	}
	if (peer->recovering) {
		*problem = "it is asked already, since something was lost: recovery list";
		return RXP_ERR_STATE;
	}
	if (peer->active)
		return 0;
	*problem = "the peer is not trusted any more";
	return RXP_ERR_STATE;
}

void history_ask(const struct history_ask *by, uint64_t request, const struct msg_history_ask *m)
{
	struct asking *a = calloc(1, sizeof *a);
	const char *problem = "";
	int rc = a == NULL ? RXP_ERR_NOMEM : check_peer(&problem, by, m->peer);

	if (rc == 0 && memcmp(m->case_id, hidden_case, sizeof hidden_case) == 0)
		rc = RXP_ERR_NOT_FOUND;
	if (rc == 0) {
		a->row.asked_ms = clock_wall_ms();
		rc = rxp_id_make_v7(a->row.request, a->row.asked_ms, &by->node->random);
	}
	if (rc != 0) {
		answer(by->node, request, rc, problem, all_cases);
		free(a);
		return;
	}
	a->by = by;
	a->request = request;
	memcpy(a->user, m->user, sizeof a->user);
	memcpy(a->row.peer, m->peer, sizeof a->row.peer);
	a->row.cases.n = memcmp(m->case_id, all_cases, sizeof all_cases) != 0;
	memcpy(a->row.cases.ids[0], m->case_id, sizeof m->case_id);
	a->item = (struct store_item){.apply = apply, .done = done, .arg = a};
	store_submit(by->node->store, &a->item);
}

/* --- the list ------------------------------------------------------------------------------------- */

static int put(struct rxp_buf *rows, const struct rec_history_row *r)
{
	return record_list_put(rows, REC_history_row, &record_history_row, r);
}

static int put_asked(struct rxp_buf *rows, struct db *db, const char *own, const char *peer)
{
	struct rec_history_row r = {.peer = ""};
	struct store_asked a;
	int rc = store_asked_get(db, &a, peer);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	snprintf(r.peer, sizeof r.peer, "%s", peer);
	snprintf(r.asked_by, sizeof r.asked_by, "%s", own);
	snprintf(r.state, sizeof r.state, "%s", a.ended_ms != 0 ? "ended" : "open");
	snprintf(r.cases, sizeof r.cases, "%s", a.cases.n == 0 ? "all" : "named");
	r.asked_ms = a.asked_ms;
	r.ended_ms = a.ended_ms;
	r.copies = a.number - (a.ended_ms != 0);
	r.taken = a.taken;
	r.held = a.held;
	r.left_out = a.left_out;
	r.forked = a.forked;
	r.spoilt = a.spoilt;
	return put(rows, &r);
}

static int put_given(struct rxp_buf *rows, struct db *db, const char *peer)
{
	struct rec_history_row r = {.peer = ""};
	struct store_given g;
	struct rxp_buf cases;
	int rc;

	rxp_buf_init(&cases, CASES_MAX);
	rc = store_given_get(db, &g, &cases, peer);
	if (rc == 0) {
		snprintf(r.peer, sizeof r.peer, "%s", peer);
		snprintf(r.asked_by, sizeof r.asked_by, "%s", peer);
		snprintf(r.state, sizeof r.state, "%s", g.open ? "open" : "ended");
		snprintf(r.cases, sizeof r.cases, "%s", g.all ? "all" : "named");
		r.copies = g.number - !g.open;
		rc = put(rows, &r);
	}
	rxp_buf_free(&cases);
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

void history_ask_list(const struct history_ask *by, uint64_t request)
{
	struct node *n = by->node;
	struct db *db = store_db(n->store);
	struct msg_history_listed a = {0};
	const struct peer *peer;
	struct rxp_buf rows;
	int rc = 0;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	for (size_t i = 0; rc == 0 && (peer = peers_at(by->peers, i)) != NULL; i++) {
		rc = put_asked(&rows, db, n->own, peer->party);
		if (rc == 0)
			rc = put_given(&rows, db, peer->party);
	}
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	link_answer(n->desk, IPC_history_listed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}
