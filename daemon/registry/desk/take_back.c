#include "daemon/registry/desk/take_back.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/desk/poll.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/out/voiding.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/err.h"

/* One request on its way to its commit. */
struct taking_back {
	struct store_item item;
	const struct take_back *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	int64_t at_ms;
	struct voiding voiding;
};

static void answer(struct node *n, uint64_t request, int result, const struct voiding *v)
{
	struct msg_message_voided m = {.result = (uint32_t)result};

	if (v != NULL && v->problem != NULL)
		snprintf(m.problem, sizeof m.problem, "%s", v->problem);
	if (v != NULL && result == 0)
		memcpy(m.local_id, v->void_id, sizeof m.local_id);
	link_answer(n->desk, IPC_message_voided, request, &m, NULL, 0);
}

static int apply(void *arg, struct db *db)
{
	struct taking_back *t = arg;
	int rc = voiding_begin(&t->voiding, db, t->by->outbox, t->at_ms);

	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = t->at_ms,
					       .user = t->user,
					       .action = JOURNAL_MESSAGE_VOID,
					       .peer = t->voiding.row.peer,
					       .local_id = t->voiding.local_id});
}

static void tell(const struct taking_back *t)
{
	const struct voiding *v = &t->voiding;
	struct peer *peer = peers_find(t->by->peers, v->row.peer);
	char id[RXP_ID_TEXT];

	peers_count(peer, v->before, v->row.state);
	peers_count(peer, STATE_NONE, STATE_WAITING);
	poll_changed(t->by->poll, v->local_id);
	pace_ask_now(t->by->pace, peer);
	rxp_id_text(id, v->row.message_id);
	log_event(LOG_MESSAGE_VOIDED, LOG_S(v->row.peer), LOG_S(id), LOG_S(t->user));
}

static void done(void *arg, int result)
{
	struct taking_back *t = arg;

	if (result == 0)
		tell(t);
	answer(t->by->node, t->request, result, &t->voiding);
	free(t);
}

void take_back_take(const struct take_back *by, uint64_t request, const struct msg_message_void *m)
{
	struct taking_back *t = calloc(1, sizeof *t);
	struct node *n = by->node;
	int rc = RXP_ERR_NOMEM;

	if (t != NULL) {
		t->at_ms = clock_wall_ms();
		rc = rxp_id_make_v7(t->voiding.void_id, t->at_ms, &n->random);
	}
	if (rc != 0) {
		answer(n, request, rc, NULL);
		free(t);
		return;
	}
	t->by = by;
	t->request = request;
	memcpy(t->user, m->user, sizeof t->user);
	memcpy(t->voiding.local_id, m->local_id, sizeof t->voiding.local_id);
	t->item = (struct store_item){.apply = apply, .done = done, .arg = t};
	store_submit(n->store, &t->item);
}
