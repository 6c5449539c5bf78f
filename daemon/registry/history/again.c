#include "daemon/registry/history/again.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/registry/history/copy.h"
#include "daemon/registry/history/history.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/err.h"

#define BY_NODE "node" /* who gave it up, in the log */
#define LOCAL_PART 9 /* of the octets of an id, those from here on are as random as they come */

static const char GIVES_NOTHING[] = "what it gives is given no more";

/* --- its Number ----------------------------------------------------------------------------------- */

/* Directly behind that one, since a bundle has messages in the order of their ids, and copies in that of their Numbers
 * (RXP-BND-014). */
static int id_behind(
    uint8_t out[RXP_ID_OCTETS], const uint8_t id[RXP_ID_OCTETS], struct node *n, int64_t now_ms)
{
	size_t i = RXP_ID_OCTETS - 1;

	memcpy(out, id, RXP_ID_OCTETS);
	while (i >= LOCAL_PART && ++out[i] == 0)
		i--;
	return i >= LOCAL_PART ? 0 : rxp_id_make_v7(out, now_ms, &n->random);
}

int again_write(struct again *a, const struct history_config *of, struct db *db,
    struct store_given *row, const struct store_copy *c, int64_t now_ms)
{
	struct rec_node_history_copy says = {
	    .number = c->number, .last = !row->open && c->number == row->number};
	uint8_t local_id[RXP_ID_OCTETS];
	int rc = store_copy_drop(db, c->copy);

	/* Nor does another piece of it give anything. */
	if (rc == 0 && c->has_source)
		rc = store_copy_forget_of(db, c->source);
	if (rc != 0 || row->refused || memcmp(c->request, row->request, sizeof c->request) != 0)
		return rc;
	if (c->has_source && c->number == row->number)
		row->piece = row->pieces;
	memcpy(says.request, c->request, sizeof says.request);
	rc = id_behind(local_id, c->copy, of->node, now_ms);
	if (rc == 0)
		rc = copy_write(db, row, &says, NULL, local_id, now_ms);
	a->written += rc == 0;
	return rc;
}

/* --- the copy ------------------------------------------------------------------------------------- */

static int take_back(struct again *a, const struct history_config *of, struct db *db,
    const struct store_copy *c, int64_t now_ms)
{
	struct store_journal_entry e = {.at_ms = now_ms,
	    .action = JOURNAL_MESSAGE_VOID,
	    .reason = GIVES_NOTHING,
	    .peer = c->peer,
	    .local_id = c->copy};
	int rc = rxp_id_make_v7(a->voiding.void_id, now_ms, &of->node->random);

	memcpy(a->voiding.local_id, c->copy, sizeof a->voiding.local_id);
	if (rc == 0)
		rc = voiding_begin(&a->voiding, db, of->outbox, now_ms);
	if (rc == 0)
		rc = store_journal(db, &e);
	if (rc == 0)
		a->how = AGAIN_TAKEN_BACK;
	return rc;
}

/* Never on a line, it goes; what a person took back has a Void already. */
static int give_up(struct again *a, const struct history_config *of, struct db *db,
    const struct store_copy *c, int64_t now_ms)
{
	int rc;

	memcpy(a->drop.row.local_id, c->copy, sizeof a->drop.row.local_id);
	rc = drop_read(&a->drop, db);
	if (rc != 0 || a->drop.row.state == STATE_VOIDING)
		return rc;
	if (!drop_may(&a->drop))
		return take_back(a, of, db, c, now_ms);
	rc = drop_apply(&a->drop, db, of->clocks, NULL, GIVES_NOTHING, now_ms);
	if (rc == 0)
		a->how = AGAIN_DROPPED;
	return rc;
}

int again_give(struct again *a, const struct history_config *of, struct db *db,
    struct store_given *row, int64_t now_ms)
{
	struct store_copy c = {.number = 0};
	bool waits = false;
	int rc;

	while ((rc = store_copy_gone(db, &c, row->peer, c.copy)) == 0) {
		if (outbox_in_work(of->outbox, c.copy)) {
			waits = true;
			continue;
		}
		rc = give_up(a, of, db, &c, now_ms);
		return rc != 0 ? rc : again_write(a, of, db, row, &c, now_ms);
	}
	return rc == RXP_ERR_NOT_FOUND && waits ? RXP_ERR_LATER : rc;
}

/* --- after the commit ----------------------------------------------------------------------------- */

static void on_changed(void *arg, const uint8_t local_id[16])
{
	outbox_tell(arg, local_id);
}

static void tell_taken_back(const struct again *a, const struct history_config *of)
{
	const struct voiding *v = &a->voiding;
	struct peer *peer = peers_find(of->peers, v->row.peer);
	char id[RXP_ID_TEXT];

	peers_count(peer, v->before, v->row.state);
	peers_count(peer, STATE_NONE, STATE_WAITING);
	outbox_tell(of->outbox, v->local_id);
	rxp_id_text(id, v->row.message_id);
	log_event(LOG_MESSAGE_VOIDED, LOG_S(v->row.peer), LOG_S(id), LOG_S(BY_NODE));
}

static void tell_dropped(const struct again *a, const struct history_config *of)
{
	char id[RXP_ID_TEXT];

	drop_done(&a->drop, of->node, of->peers, on_changed, of->outbox);
	rxp_id_text(id, a->drop.row.local_id);
	log_event(LOG_MESSAGE_DISCARDED, LOG_S(a->drop.row.peer), LOG_S(id), LOG_S(BY_NODE));
}

void again_tell(const struct again *a, const struct history_config *of, const char *party)
{
	for (unsigned i = 0; i < a->written; i++)
		peers_count(peers_find(of->peers, party), STATE_NONE, STATE_WAITING);
	if (a->how == AGAIN_TAKEN_BACK)
		tell_taken_back(a, of);
	else if (a->how == AGAIN_DROPPED)
		tell_dropped(a, of);
	if (a->how != AGAIN_LEFT || a->written > 0)
		pace_kick(of->pace);
}
