#include "daemon/registry/recovery/regain.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/recovery/left.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_left.h"
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

/* Something came since we asked last, or what waited for it may come now. */
static bool is_more(const struct store_recovery *row)
{
	return row->before == STORE_ASK_AGAIN ||
	       row->answers + row->documents + row->own > row->before;
}

/* Of the last request what it found may be another thing now: all is asked for. */
static bool is_to_be_recounted(const struct store_recovery *row, const struct store_asked *last)
{
	return row->before == STORE_ASK_AGAIN ||
	       (is_more(row) && row->given_up + row->unproved + last->forked + last->spoilt > 0);
}

/* What is to be asked for once more, if nothing else is asked for: the cases of which something was left, and has its place now
 * (RXP-RCV-026); if something came, also others in which documents of the peer wait, perhaps for ours. RXP_ERR_NOT_FOUND: nothing. */
static int find_wanted(struct store_asked *out, struct db *db, const struct store_recovery *row)
{
	struct store_asked last = {.number = 0};
	enum left_asking now = left_asking(&last, db, row->peer);
	int rc = left_find(out, db, row->peer);

	if (now == LEFT_OUTLIVED || (now == LEFT_VAIN && is_more(row))) {
		out->cases = last.cases;
		return 0;
	}
	if (is_to_be_recounted(row, &last) || (now == LEFT_NONE && is_more(row))) {
		*out = (struct store_asked){.number = 0};
		snprintf(out->peer, sizeof out->peer, "%s", row->peer);
		return 0;
	}
	if ((rc != 0 && rc != RXP_ERR_NOT_FOUND) || row->waiting == 0 || !is_more(row))
		return rc;
	rc = store_left_trayed(db, &out->cases, row->peer);
	if (rc == RXP_ERR_FULL)
		out->cases.n = rc = 0;
	else if (rc == 0 && out->cases.n == 0)
		rc = RXP_ERR_NOT_FOUND;
	return rc;
}

static bool is_wanted(struct db *db, const struct store_recovery *row)
{
	struct store_asked wanted;

	return find_wanted(&wanted, db, row) == 0;
}

/* Is all here that is asked for? A piece that waits for what stands before it is looked at by take.c. */
static enum recovery_stage after_asked(
    struct node *n, const struct store_recovery *row, const struct peer *peer)
{
	struct db *db = store_db(n->store);
	bool quiet = clock_mono_ms() - peer->came_back_mono >= REGISTRY_QUIET_MS;
	struct store_asked asked;

	switch (left_asking(&asked, db, row->peer)) {
	case LEFT_OPEN:
		return RECOVERY_STAGE_COUNT;
	case LEFT_OUTLIVED:
		return RECOVERY_ASKED;
	case LEFT_ENDED:
		break;
	default:
		return RECOVERY_STUCK;
	}
	/* What bears a seal that was revoked is taken under a hold alone (RXP-RCV-013): that lasts until nothing comes. */
	if (row->missing + row->given_up + asked.forked + asked.spoilt + row->unproved == 0 &&
	    row->waiting == 0 && (quiet || n->config.reseals == 0))
		return RECOVERY_OVER;
	if (!quiet)
		return RECOVERY_STAGE_COUNT;
	return is_wanted(db, row) ? RECOVERY_ASKED : RECOVERY_STUCK;
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
		return quiet && is_wanted(store_db(n->store), row) ? RECOVERY_ASKED
								   : RECOVERY_STAGE_COUNT;
	default:
		return RECOVERY_STAGE_COUNT;
	}
}

/* --- a step --------------------------------------------------------------------------------------- */

/* For all of our documents after what was said of the loss, then for what is still wanted. */
static int ask(
    struct store_recovery *row, struct db *db, struct node *n, bool first, int64_t now_ms)
{
	struct store_asked asked = {.number = 0};
	int rc = 0;

	snprintf(asked.peer, sizeof asked.peer, "%s", row->peer);
	if (!first)
		rc = find_wanted(&asked, db, row);
	row->before = row->answers + row->documents + row->own;
	return rc != 0 ? rc : left_ask(&asked, db, n, now_ms);
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
	bool first;
	int rc = store_recovery_get(db, &row, peer->party);

	if (rc == 0 && regain_after(n, &row, peer) != s->next)
		rc = RXP_ERR_STATE; /* what was committed with it made another of it */
	if (rc != 0)
		return rc;
	s->disputed = s->next == RECOVERY_STUCK && row.stage == RECOVERY_TOLD && row.disputed;
	first = row.stage == RECOVERY_TOLD;
	row.stage = s->next;
	if (s->disputed)
		rc = look_there(db, &row, s->now_ms);
	if (rc != 0)
		return rc;
	if (s->next == RECOVERY_TOLD) {
		rc = loss_tell_again(&row, db, n, s->now_ms);
	} else if (s->next == RECOVERY_ASKED) {
		rc = ask(&row, db, n, first, s->now_ms);
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

/* The hold ends, and with it the wait for what was left of cases that are here; said again, that for the others (RXP-RCV-026). */
static int end_by_word(struct db *db, struct store_recovery *row, int64_t now_ms)
{
	bool held = recovery_holds(row->stage);
	int rc = store_left_drop(db, row->peer, !held);

	row->given_up = 0;
	if (rc != 0 || !held)
		return rc;
	rc = end(db, row, now_ms);
	/* Who compared has seen what the log of the peer says: the same entries hold nothing again. What was told of
	 * them stays told, with the pages, if nothing but the word of the peer says that they were lost. */
	row->proven = true;
	return rc;
}

int regain_confirm(struct regain_word *word, struct db *db, struct node *n, const struct peer *peer,
    int64_t now_ms)
{
	struct store_recovery row = {.stage = RECOVERY_OVER};
	uint64_t left = 0;
	int known = store_recovery_get(db, &row, peer->party);
	int rc = known == RXP_ERR_NOT_FOUND ? 0 : known;

	if (rc == 0)
		rc = store_left_count(db, &left, peer->party);
	if (rc == 0 && !recovery_holds(row.stage) && row.given_up + left == 0)
		rc = RXP_ERR_NOT_FOUND;
	if (rc == 0 && row.unproved != word->unproved)
		rc = RXP_ERR_MISMATCH;
	if (rc != 0)
		return rc;
	word->ends = row.unproved == 0;
	if (known != 0) /* a person had asked, and nothing is known to be lost */
		return store_left_drop(db, peer->party, true);
	if (word->ends) {
		rc = end_by_word(db, &row, now_ms);
	} else {
		rc = begin_log(word, db, n, peer, &row, now_ms);
		if (rc == 0)
			rc = let_stand(word, db, &row);
	}
	return rc != 0 ? rc : store_recovery_put(db, &row);
}
