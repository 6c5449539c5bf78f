#include "daemon/registry/recovery/regain.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_unproved.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/err.h"

/* --- what a stage waits for ----------------------------------------------------------------------- */

/* It lasted as long as such a message does: no other clock says so alone (RXP-RCV-017). */
static bool is_outlived(const struct store_outbox *m)
{
	return m->state == STATE_EXPIRED && m->expires_ms <= clock_wall_ms();
}

/* RECOVERY_STAGE_COUNT: it still waits. */
static enum recovery_stage after_told(struct db *db, const struct store_recovery *row)
{
	struct store_outbox notice;

	if (store_outbox_get(db, &notice, NULL, row->notice) != 0)
		return RECOVERY_STUCK;
	switch (notice.state) {
	case STATE_DELIVERED:
	case STATE_DELIVERED_LATE:
		return RECOVERY_ASKED;
	case STATE_REFUSED: /* a node that does not carry it out may give our documents back all the same */
		return row->unsupported ? RECOVERY_ASKED : RECOVERY_STUCK;
	case STATE_EXPIRED:
		return is_outlived(&notice) ? RECOVERY_TOLD : RECOVERY_STUCK;
	case STATE_PARKED:
	case STATE_DISCARDED:
	case STATE_VOIDING:
		return RECOVERY_STUCK;
	default:
		return RECOVERY_STAGE_COUNT;
	}
}

static bool is_over(enum state state)
{
	return state == STATE_REFUSED || state == STATE_PARKED || state == STATE_DISCARDED ||
	       state == STATE_EXPIRED;
}

/* Something came since we asked last, or what waited for it may come now. */
static bool is_due_again(const struct store_recovery *row)
{
	return row->before == STORE_ASK_AGAIN ||
	       row->answers + row->documents + row->own > row->before;
}

/* Is all here that is asked for? A piece that waits for what stands before it is looked at by take.c. */
static enum recovery_stage after_asked(
    struct node *n, const struct store_recovery *row, const struct peer *peer)
{
	struct db *db = store_db(n->store);
	uint64_t pieces = 0;
	bool quiet = clock_mono_ms() - peer->came_back_mono >= REGISTRY_QUIET_MS;
	struct store_outbox request;
	struct store_asked asked;

	if (store_asked_get(db, &asked, row->peer) != 0 ||
	    store_outbox_get(db, &request, NULL, asked.request) != 0)
		return RECOVERY_STUCK;
	if (is_over(request.state))
		return is_outlived(&request) ? RECOVERY_ASKED : RECOVERY_STUCK;
	if (asked.ended_ms == 0 || store_piece_count(db, &pieces, row->peer) != 0 || pieces > 0)
		return RECOVERY_STAGE_COUNT;
	/* What bears a seal that was revoked is taken under a hold alone (RXP-RCV-013): that lasts until nothing comes. */
	if (row->missing + row->given_up + asked.forked + asked.spoilt + row->unproved == 0 &&
	    row->waiting == 0 && (quiet || n->config.reseals == 0))
		return RECOVERY_OVER;
	if (!quiet)
		return RECOVERY_STAGE_COUNT;
	/* Something came since: ask once more for what had no place then. */
	return is_due_again(row) ? RECOVERY_ASKED : RECOVERY_STUCK;
}

/* The peer had refused what is said of the loss: has it shown since that was said that it has itself lost something (RXP-RCV-020)? */
static bool has_changed(struct db *db, const struct store_recovery *row)
{
	struct store_bringing b;

	return row->disputed && store_bringing_get(db, &b, row->peer) == 0 &&
	       b.began_ms >= row->said_ms && (!b.seen || (!b.open && b.lost > 0));
}

enum recovery_stage regain_after(
    struct node *n, const struct store_recovery *row, const struct peer *peer)
{
	bool quiet = clock_mono_ms() - peer->came_back_mono >= REGISTRY_QUIET_MS;

	switch (row->stage) {
	case RECOVERY_TOLD:
		return after_told(store_db(n->store), row);
	case RECOVERY_ASKED:
		return after_asked(n, row, peer);
	case RECOVERY_STUCK: /* something came after all */
		if (has_changed(store_db(n->store), row))
			return RECOVERY_TOLD;
		return quiet && is_due_again(row) ? RECOVERY_ASKED : RECOVERY_STAGE_COUNT;
	default:
		return RECOVERY_STAGE_COUNT;
	}
}

/* --- a step --------------------------------------------------------------------------------------- */

/* For all of our documents (RXP-HIS-001); copies of an earlier request go. */
static int ask(struct db *db, struct node *n, const struct peer *peer, int64_t now_ms)
{
	const struct rec_node_history_request says = {.cases = {NULL, 0}};
	struct store_asked asked = {.asked_ms = now_ms};
	int rc = rxp_id_make_v7(asked.request, now_ms, &n->random);

	memcpy(asked.peer, peer->party, sizeof asked.peer);
	if (rc == 0)
		rc = store_asked_put(db, &asked);
	if (rc == 0)
		rc = store_piece_drop(db, asked.peer, INT64_MAX);
	return rc != 0 ? rc
		       : store_outbox_say(db, asked.request, asked.peer, RXP_TYPE_HISTORY_REQUEST,
			     REC_node_history_request, &says, now_ms);
}

/* What the log of the peer said of what is lost is no difference (RXP-LOG-023), nor that it is another one (RXP-LOG-030). */
static int end(struct db *db, struct store_recovery *row, int64_t now_ms)
{
	int rc = 0;

	row->stage = RECOVERY_OVER;
	row->ended_ms = now_ms;
	if (row->proven)
		rc = store_difference_lost(db, row->peer, row->told_log, row->told_at);
	if (rc == 0 && row->proven)
		rc = store_difference_unheard(db, row->peer, row->began_ms);
	return rc != 0 ? rc : store_recovery_wake(db, row->peer, now_ms);
}

/* Once in a hold: who refuses to know the log may have lost what it knew of it. Its answers show that, if one is lost there. */
static int look_there(struct db *db, const struct store_recovery *row, int64_t now_ms)
{
	struct store_bringing last = {.open = false},
			      b = {.open = true, .began_ms = now_ms, .seen = true};
	int rc = store_bringing_get(db, &last, row->peer);

	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	if (last.open || last.began_ms >= row->began_ms)
		return 0;
	snprintf(b.peer, sizeof b.peer, "%s", row->peer);
	b.day = last.day;
	b.times = last.times;
	rc = store_bringing_carried(db, &b.beyond, b.peer);
	return rc != 0 ? rc : store_bringing_put(db, &b);
}

int regain_step(struct regain_step *s, struct db *db, struct node *n, const struct peer *peer)
{
	struct store_recovery row;
	int rc = store_recovery_get(db, &row, peer->party);

	if (rc == 0 && regain_after(n, &row, peer) != s->next)
		rc = RXP_ERR_STATE; /* what was committed with it made another of it */
	if (rc != 0)
		return rc;
	s->disputed = s->next == RECOVERY_STUCK && row.stage == RECOVERY_TOLD && row.disputed;
	row.stage = s->next;
	if (s->disputed)
		rc = look_there(db, &row, s->now_ms);
	if (rc != 0)
		return rc;
	if (s->next == RECOVERY_TOLD) {
		rc = loss_tell_again(&row, db, n, s->now_ms);
	} else if (s->next == RECOVERY_ASKED) {
		row.before = row.answers + row.documents + row.own;
		row.missing = 0;
		rc = ask(db, n, peer, s->now_ms);
	} else if (s->next == RECOVERY_OVER) {
		rc = end(db, &row, s->now_ms);
	}
	return rc != 0 ? rc : store_recovery_put(db, &row);
}

/* --- a person ------------------------------------------------------------------------------------- */

/* Whoever has the key dates what it seals as it likes, and knows a log that a Receipt names: what stands is no entry of that (RXP-RCV-014). */
static int begin_log(struct regain_word *word, struct db *db, struct node *n,
    const struct peer *peer, struct store_recovery *row, int64_t now_ms)
{
	const struct store_recovery before = *row;
	bool may_seem = false;
	int rc = store_unproved_may_seem(db, &may_seem, peer->party);

	if (rc != 0 || !may_seem)
		return rc;
	rc = loss_begin_anew(&word->loss, db, n, peer, before.why, now_ms);
	if (rc == 0)
		rc = store_recovery_get(db, row, peer->party);
	if (rc == 0)
		row->proven = before.proven;
	return rc;
}

/* All is asked for once more, when what waited for it had time to come. */
static int let_stand(struct regain_word *word, struct db *db, struct store_recovery *row)
{
	row->before = STORE_ASK_AGAIN;
	if (row->stage == RECOVERY_ASKED)
		row->stage = RECOVERY_STUCK;
	return store_unproved_stand(db, row->peer, &word->log, &word->grown);
}

int regain_confirm(struct regain_word *word, struct db *db, struct node *n, const struct peer *peer,
    int64_t now_ms)
{
	struct store_recovery row;
	int rc = store_recovery_get(db, &row, peer->party);

	if (rc == 0 && !recovery_holds(row.stage) && row.given_up == 0)
		rc = RXP_ERR_NOT_FOUND;
	if (rc == 0 && row.unproved != word->unproved)
		rc = RXP_ERR_MISMATCH;
	if (rc != 0)
		return rc;
	word->ends = row.unproved == 0;
	if (!word->ends) {
		rc = begin_log(word, db, n, peer, &row, now_ms);
		if (rc == 0)
			rc = let_stand(word, db, &row);
	} else if (recovery_holds(row.stage)) {
		rc = end(db, &row, now_ms);
		/* Who compared has seen what the log of the peer says: the same entries hold nothing again. What was told of
		 * them stays told, with the pages, if nothing but the word of the peer says that they were lost. */
		row.proven = true;
	}
	if (word->ends)
		row.given_up = 0;
	return rc != 0 ? rc : store_recovery_put(db, &row);
}
