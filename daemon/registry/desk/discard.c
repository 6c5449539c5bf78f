#include "daemon/registry/desk/discard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/desk/poll.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/drop.h"
#include "daemon/registry/out/flight_void.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_inbox.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/err.h"

/* One request on its way to its commit. */
struct discarding {
	struct store_item item;
	const struct discard *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	int64_t at_ms;
	struct drop drop;
	bool quarantined; /* it is of a peer, not a message of ours */
	const char *problem;
};

static void answer(struct node *n, uint64_t request, int result, const char *problem)
{
	struct msg_message_discarded m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", problem);
	link_answer(n->desk, IPC_message_discarded, request, &m, NULL, 0);
}

/* --- the transaction ------------------------------------------------------------------------------ */

/* Looked at inside it, so that nothing puts it on a line in between. */
static int judge(struct discarding *d)
{
	d->problem = "";
	if (state_final(d->drop.row.state))
		d->problem = "it has its end already";
	else if (flight_void_is(&d->drop.row))
		d->problem = "another message waits for its answer (RXP-VOI-004)";
	else if (!drop_may(&d->drop))
		d->problem = "it may be at the peer: only the peer's answer ends it";
	else if (outbox_in_work(d->by->outbox, d->drop.row.local_id))
		d->problem = "it is being worked on now: try again in a moment";
	return d->problem[0] == '\0' ? 0 : RXP_ERR_STATE;
}

/* What two sealers died of, when it was analysed. */
static int end_quarantine(struct discarding *d, struct db *db)
{
	int rc = store_quarantine_end(db, d->drop.row.peer, d->drop.row.local_id);

	d->quarantined = rc == 0;
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = d->at_ms,
					       .user = d->user,
					       .action = JOURNAL_MESSAGE_DISCARD,
					       .peer = d->drop.row.peer,
					       .local_id = d->drop.row.local_id});
}

static int apply(void *arg, struct db *db)
{
	struct discarding *d = arg;
	int rc = drop_read(&d->drop, db);

	if (rc == RXP_ERR_NOT_FOUND)
		return end_quarantine(d, db);
	if (rc == 0)
		rc = judge(d);
	return rc != 0 ? rc
		       : drop_apply(&d->drop, db, d->by->clocks, d->user, "discarded by a person",
			     d->at_ms);
}

/* --- after it ------------------------------------------------------------------------------------- */

static void on_changed(void *arg, const uint8_t local_id[16])
{
	poll_changed(arg, local_id);
}

static void done(void *arg, int result)
{
	struct discarding *d = arg;
	char id[RXP_ID_TEXT];

	if (result == 0 && d->quarantined) {
		drop_octets_done(d->by->node);
		peers_count(peers_find(d->by->peers, d->drop.row.peer), STATE_QUARANTINED,
		    state_next(STATE_QUARANTINED, EVENT_DISCARD));
		rxp_id_text(id, d->drop.row.local_id);
		log_event(LOG_QUARANTINE_ENDED, LOG_S(d->drop.row.peer), LOG_S(id), LOG_S(d->user));
	} else if (result == 0) {
		drop_done(&d->drop, d->by->node, d->by->peers, on_changed, d->by->poll);
		pace_kick(d->by->pace);
		rxp_id_text(id, d->drop.row.local_id);
		log_event(
		    LOG_MESSAGE_DISCARDED, LOG_S(d->drop.row.peer), LOG_S(id), LOG_S(d->user));
	}
	answer(d->by->node, d->request, result, d->problem);
	free(d);
}

void discard_take(const struct discard *by, uint64_t request, const struct msg_message_discard *m)
{
	struct discarding *d = calloc(1, sizeof *d);

	if (d == NULL) {
		answer(by->node, request, RXP_ERR_NOMEM, "");
		return;
	}
	d->at_ms = clock_wall_ms();
	d->by = by;
	d->request = request;
	d->problem = "";
	memcpy(d->user, m->user, sizeof d->user);
	memcpy(d->drop.row.local_id, m->local_id, sizeof d->drop.row.local_id);
	d->item = (struct store_item){.apply = apply, .done = done, .arg = d};
	store_submit(by->node->store, &d->item);
}
