#include "daemon/registry/desk/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/cases/halt.h"
#include "daemon/registry/desk/poll.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"

/* An order on its way to its commit. */
struct ordered {
	struct store_item item;
	const struct order *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	int64_t at_ms;
	struct store_outbox row; /* as the commit makes it */
	enum state before;
};

static int ordered_new(
    struct ordered **out, const struct order *by, uint64_t request, const char *user)
{
	struct ordered *o = calloc(1, sizeof *o);

	if (o == NULL)
		return RXP_ERR_NOMEM;
	o->by = by;
	o->request = request;
	o->at_ms = clock_wall_ms();
	snprintf(o->user, sizeof o->user, "%s", user);
	*out = o;
	return 0;
}

static void submit(struct ordered *o, store_apply *apply, store_done *done)
{
	o->item = (struct store_item){.apply = apply, .done = done, .arg = o};
	store_submit(o->by->node->store, &o->item);
}

static int journal(struct ordered *o, struct db *db, enum journal_action action)
{
	return store_journal(db, &(struct store_journal_entry){.at_ms = o->at_ms,
				     .user = o->user,
				     .action = action,
				     .peer = o->row.peer,
				     .local_id = o->row.local_id});
}

/* After the commit of either order, at which a person waits. */
static void begin(struct ordered *o)
{
	struct peer *peer = peers_find(o->by->peers, o->row.peer);

	peers_count(peer, o->before, o->row.state);
	pace_ask_now(o->by->pace, peer);
}

/* --- ping ---------------------------------------------------------------------------------------- */

static void answer_ping(
    struct node *n, uint64_t request, int result, const char *problem, const uint8_t *local_id)
{
	struct msg_peer_pinged m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", problem);
	if (local_id != NULL)
		memcpy(m.local_id, local_id, sizeof m.local_id);
	link_answer(n->desk, IPC_peer_pinged, request, &m, NULL, 0);
}

static int ping_apply(void *arg, struct db *db)
{
	struct ordered *o = arg;
	const struct store_draft nothing = {.key = NULL};
	int rc = store_outbox_add(db, &o->row, &nothing, o->at_ms);

	return rc != 0 ? rc : journal(o, db, JOURNAL_PEER_PING);
}

static void ping_done(void *arg, int result)
{
	struct ordered *o = arg;

	if (result == 0)
		begin(o);
	answer_ping(o->by->node, o->request, result, "", result == 0 ? o->row.local_id : NULL);
	free(o);
}

void order_ping(const struct order *by, uint64_t request, const struct msg_peer_ping *m)
{
	const struct peer *peer = peers_find(by->peers, m->party);
	const struct rxp_type_row *ping = rxp_type_row(RXP_TYPE_PING);
	struct ordered *o = NULL;
	int rc;

	if (peer == NULL || !peer->active) {
		answer_ping(by->node, request, peer == NULL ? RXP_ERR_NOT_FOUND : RXP_ERR_STATE,
		    peer == NULL ? "the party is no peer" : "the peer is distrusted", NULL);
		return;
	}
	rc = ordered_new(&o, by, request, m->user);
	if (rc == 0)
		rc = rxp_id_make_v7(o->row.local_id, o->at_ms, &by->node->random);
	if (rc != 0) {
		answer_ping(by->node, request, rc, "", NULL);
		free(o);
		return;
	}
	memcpy(o->row.peer, peer->party, sizeof o->row.peer);
	o->row.state = STATE_WAITING;
	snprintf(o->row.type, sizeof o->row.type, "%s", ping->wire);
	snprintf(o->row.from_office, sizeof o->row.from_office, "%s", ping->asking_office);
	snprintf(o->row.to_office, sizeof o->row.to_office, "%s", ping->asked_office);
	submit(o, ping_apply, ping_done);
}

/* --- requeue ------------------------------------------------------------------------------------- */

static void answer_requeue(struct node *n, uint64_t request, int result)
{
	struct msg_message_requeued m = {.result = (uint32_t)result};

	link_answer(n->desk, IPC_message_requeued, request, &m, NULL, 0);
}

static enum state_event requeue_event(const struct store_outbox *row, size_t envelope_len)
{
	if (envelope_len == 0)
		return EVENT_REQUEUE_UNCLOSED;
	return row->attempts == 0 ? EVENT_REQUEUE_CLOSED : EVENT_REQUEUE_SENT;
}

/* Only a parked message; read inside the transaction, since two requests may share a round. */
static int take_row(struct ordered *o, struct db *db)
{
	enum halt halt = HALT_NONE;
	struct rxp_buf envelope;
	enum state_event event;
	int rc;

	rxp_buf_init(&envelope, RXP_MAX_ENVELOPE_OCTETS);
	rc = store_outbox_get(db, &o->row, &envelope, o->row.local_id);
	event = requeue_event(&o->row, envelope.len);
	rxp_buf_free(&envelope);
	if (rc != 0)
		return rc;
	if (!state_allows(o->row.state, event))
		return RXP_ERR_STATE;
	/* What is in doubt gets one try more, whatever halts it; what was never sent gets none. */
	o->row.ordered = o->row.attempts > 0;
	if (!o->row.ordered)
		rc = halt_judge_message(&halt, db, o->by->node->own, o->row.local_id);
	if (rc != 0 || halt != HALT_NONE)
		return rc != 0 ? rc : RXP_ERR_STATE;
	o->before = o->row.state;
	o->row.state = state_next(o->row.state, event);
	o->row.strikes = 0;
	return 0;
}

static int requeue_apply(void *arg, struct db *db)
{
	struct ordered *o = arg;
	int rc = take_row(o, db);

	if (rc == 0)
		rc = store_outbox_plan(db, &o->row, o->at_ms, "");
	return rc != 0 ? rc : journal(o, db, JOURNAL_MESSAGE_REQUEUE);
}

static void requeue_done(void *arg, int result)
{
	struct ordered *o = arg;

	if (result == 0) {
		begin(o);
		poll_changed(o->by->poll, o->row.local_id);
	}
	answer_requeue(o->by->node, o->request, result);
	free(o);
}

void order_requeue(const struct order *by, uint64_t request, const struct msg_message_requeue *m)
{
	struct ordered *o = NULL;
	int rc = ordered_new(&o, by, request, m->user);

	if (rc != 0) {
		answer_requeue(by->node, request, rc);
		return;
	}
	memcpy(o->row.local_id, m->local_id, sizeof o->row.local_id);
	submit(o, requeue_apply, requeue_done);
}
