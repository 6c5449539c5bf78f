#include "daemon/registry/recovery/loss.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/log/logchain.h"

static int say(struct store_recovery *r, struct db *db, struct node *n,
    const struct rec_node_restored *says, int64_t now_ms)
{
	int rc = rxp_id_make_v7(r->notice, now_ms, &n->random);

	return rc != 0 ? rc
		       : store_outbox_say(db, r->notice, r->peer, RXP_TYPE_NODE_NOTICE,
			     REC_node_restored, says, now_ms);
}

/* What is told is the log that ends, as it is committed. */
static int tell(struct store_recovery *r, struct db *db, struct node *n, const struct peer *peer)
{
	struct rec_node_restored says = {.count = 0};
	struct store_log_of ends = {.peer = peer->party};
	int rc = store_log_end(db, &ends, &says.count, says.head);

	memcpy(says.log_id, ends.log_id, sizeof says.log_id);
	return rc != 0 ? rc : say(r, db, n, &says, r->began_ms);
}

int loss_tell_again(struct store_recovery *r, struct db *db, struct node *n, int64_t now_ms)
{
	struct rec_node_restored says = {.count = 0};
	struct store_log_of ended = {.peer = r->peer};
	int rc = store_log_ended(db, &ended, &says.count, says.head, r->began_ms);

	memcpy(says.log_id, ended.log_id, sizeof says.log_id);
	return rc != 0 ? rc : say(r, db, n, &says, now_ms);
}

static int begin_log(
    struct loss *l, struct db *db, struct node *n, const struct peer *peer, int64_t now_ms)
{
	struct store_log_of next = {.peer = peer->party};
	int rc = rxp_id_make_v4(l->log_id, &n->random);

	memcpy(next.log_id, l->log_id, sizeof next.log_id);
	if (rc == 0)
		rc = rxp_logchain_start(l->log.head, n->own, peer->party, l->log_id);
	return rc != 0 ? rc : store_log_anew(db, &next, l->log.head, now_ms);
}

/* The log that ends is found again by the time of its end: no other one of the peer has that. */
static int move_on(struct db *db, const struct peer *peer, int64_t *now_ms)
{
	struct store_log_of other = {.peer = peer->party};
	uint8_t head[RXP_DIGEST_OCTETS];
	uint64_t n;
	int rc;

	while ((rc = store_log_ended(db, &other, &n, head, *now_ms)) == 0)
		++*now_ms;
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* How many the log of the peer alone began today, with this one. One that is open, and is shown by an answer now, was none of those. */
static void count_by_log(
    struct store_recovery *r, const struct store_recovery *before, enum recovery_why why)
{
	int64_t day = clock_wall_ms() / RXP_DAY_MS;

	r->day = day;
	r->times = before->day == day ? before->times : 0;
	if (why == RECOVERY_WHY_LOG)
		r->times++;
	else if (why == RECOVERY_WHY_RECEIPT && before->why == RECOVERY_WHY_LOG &&
		 !before->proven && recovery_holds(before->stage) && r->times > 0)
		r->times--;
}

int loss_begin_anew(struct loss *out, struct db *db, struct node *n, const struct peer *peer,
    enum recovery_why why, int64_t now_ms)
{
	struct store_recovery before = {.stage = RECOVERY_OVER}, r;
	struct loss l = {.begun = true, .why = why};
	int rc = store_recovery_get(db, &before, peer->party);

	*out = (struct loss){.begun = false};
	if ((rc != 0 && rc != RXP_ERR_NOT_FOUND) || (rc = move_on(db, peer, &now_ms)) != 0)
		return rc;
	r = (struct store_recovery){.why = why,
	    .stage = RECOVERY_TOLD,
	    .began_ms = now_ms,
	    /* else it is somebody's word, until something comes back (RXP-RCV-013) */
	    .proven = why == RECOVERY_WHY_PUT_BACK || why == RECOVERY_WHY_RECEIPT,
	    .given_up = before.given_up};
	count_by_log(&r, &before, why);
	snprintf(r.peer, sizeof r.peer, "%s", peer->party);
	rc = tell(&r, db, n, peer);
	if (rc == 0)
		rc = begin_log(&l, db, n, peer, now_ms);
	if (rc == 0)
		rc = store_bringing_asked(db, peer->party); /* by what is told now */
	if (rc == 0)
		rc = store_recovery_put(db, &r);
	if (rc == 0)
		*out = l;
	return rc;
}

int loss_begin(struct loss *out, struct db *db, struct node *n, const struct peer *peer,
    enum recovery_why why, int64_t now_ms)
{
	struct store_recovery r;
	int rc = store_recovery_get(db, &r, peer->party);

	if (rc == 0 && recovery_holds(r.stage)) {
		*out = (struct loss){.begun = false};
		return 0;
	}
	if (rc == 0 && why == RECOVERY_WHY_LOG && r.times >= REGISTRY_LOSSES_DAY &&
	    r.day == clock_wall_ms() / RXP_DAY_MS)
		return RXP_ERR_FULL;
	return rc != 0 && rc != RXP_ERR_NOT_FOUND ? rc
						  : loss_begin_anew(out, db, n, peer, why, now_ms);
}

void loss_log_begun(const struct loss *l, struct peer *peer)
{
	if (!l->begun)
		return;
	memcpy(peer->log_id, l->log_id, sizeof peer->log_id);
	peer->log = l->log;
	peer->log_named_ms = INT64_MAX;
	peer->recovering = true;
	peer->loss_doubted = false;
	peer->came_back_mono = clock_mono_ms();
	peers_count(peer, STATE_NONE, STATE_WAITING);
}

void loss_begun(const struct loss *l, struct peer *peer)
{
	loss_log_begun(l, peer);
	if (l->begun)
		log_event(
		    LOG_LOSS_FOUND, LOG_S(peer->party), LOG_S(recovery_why_words(l->why).meaning));
}
