#include "daemon/registry/in/heard_restored.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/log/logchain.h"

#define REQUIREMENT "RXP-RCV-006"

/* What is open for it, or was last; all zeros if it never lost anything. */
static int last_of(struct store_bringing *out, struct db *db, const char *party)
{
	int rc = store_bringing_get(db, out, party);

	if (rc == RXP_ERR_NOT_FOUND)
		*out = (struct store_bringing){.open = false};
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

static const struct heard_objection too_often = {
    "it has lost something too often today", REQUIREMENT, RXP_REFUSAL_BUSY, 0};

static int judge_times(
    struct heard_objection *out, struct db *db, const char *party, int64_t received_ms)
{
	int64_t day = received_ms / RXP_DAY_MS;
	struct store_bringing last;
	int rc = last_of(&last, db, party);

	if (rc != 0)
		return rc;
	if (last.open && !last.seen) {
		*out = (struct heard_objection){"what it lost before is on its way to it",
		    REQUIREMENT, RXP_REFUSAL_BUSY, received_ms + REGISTRY_HISTORY_AGAIN_MS};
	} else if (last.day == day && last.times >= REGISTRY_RESTORES_DAY) {
		*out = too_often;
		out->retry_ms = (day + 1) * RXP_DAY_MS;
	}
	return 0;
}

/* --- can it have been so? ------------------------------------------------------------------------- */

static void refuse(struct heard_objection *out, const char *why)
{
	*out = (struct heard_objection){why, REQUIREMENT, RXP_REFUSAL_STATE, 0};
}

/* Nothing is left of it: an empty log, which begins as every log does. */
static int judge_empty(struct heard_objection *out, const char *own, const char *party,
    const struct rec_node_restored *r)
{
	uint8_t head[RXP_DIGEST_OCTETS];
	int rc = rxp_logchain_start(head, party, own, r->log_id);

	if (rc == 0 && memcmp(head, r->head, sizeof head) != 0)
		refuse(out, "a head that its log never had");
	return rc;
}

/* The head at that entry, as far as our copy of the log shows it. */
static int judge_copy(struct heard_objection *out, struct db *db, const char *own,
    const char *party, const struct rec_node_restored *r)
{
	struct rxp_log_point at = {.n = 0};
	struct store_watch watch;
	int rc = store_watch_get(db, &watch, party);

	if (rc != 0 || memcmp(watch.agreed.log_id, r->log_id, sizeof r->log_id) != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	if (watch.agreed.n <= r->count)
		at = watch.agreed;
	else if (r->count <= REGISTRY_WATCH_WHOLE_MAX)
		rc = rxp_logchain_start(at.head, party, own, r->log_id);
	else
		return 0;
	if (rc == 0)
		rc = store_watched_head(db, &at, party, r->count);
	if (rc == 0 && at.n == r->count && memcmp(at.head, r->head, sizeof at.head) != 0)
		refuse(out, "a head that its log never had");
	return rc;
}

/* Did we see that this log went back, or that it lost answers which it was brought (RXP-RCV-022)? Then it had gone on from there in
 * another way before the peer knew, and its end says nothing. */
static bool went_back(struct db *db, const char *party, const struct rec_node_restored *r)
{
	struct store_bringing last;

	return last_of(&last, db, party) == 0 && last.seen &&
	       (memcmp(last.log_id, r->log_id, sizeof r->log_id) == 0 ||
		   (store_bringing_disputes(&last) && last.lost > 0));
}

/* What this node lost with the party, as far as it explains what it does not know (RXP-RCV-015). */
struct own_loss {
	bool ever, open; /* open: neither all that was sent nor all logs are known */
	int64_t began_ms;
	struct store_watch watch; /* what was read since */
};

static int look_at_own(struct own_loss *out, struct db *db, const char *party)
{
	struct store_recovery r;
	int rc = store_recovery_get(db, &r, party);

	*out = (struct own_loss){.ever = rc == 0};
	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	rc = store_watch_get(db, &out->watch, party);
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	out->began_ms = r.began_ms;
	out->open = recovery_holds(r.stage) || out->watch.compared_ms <= r.ended_ms;
	return 0;
}

/* Can a log of the party have so many entries? Who has nothing from before cannot know. Of one that went before the one that was read since a loss here, nobody can say. */
static bool can_be(const struct own_loss *own, const struct store_known_log *known,
    const struct rec_node_restored *r)
{
	if (own->open || !known->any || r->count <= known->sent)
		return true;
	return own->ever && (memcmp(own->watch.agreed.log_id, r->log_id, sizeof r->log_id) != 0 ||
				r->count <= own->watch.shown + known->sent_since);
}

/* Known from a Receipt or a page, or since it ended before. */
static int look_known(
    struct store_known_log *known, struct db *db, const struct store_ended_log *of)
{
	struct store_bringing last;
	int rc = store_bringing_known(db, known, of);

	if (rc == 0)
		rc = last_of(&last, db, of->peer);
	if (rc == 0 && last.times > 0 && memcmp(last.log_id, of->log_id, sizeof last.log_id) == 0)
		known->known = true;
	return rc;
}

static int judge_end(struct heard_objection *out, struct db *db, const struct msg_opened *facts,
    const char *party, const struct rec_node_restored *r)
{
	struct store_ended_log of = {
	    .peer = party, .log_id = r->log_id, .n = r->count, .said_ms = facts->created_ms};
	struct store_known_log known = {.any = false};
	struct own_loss loss;
	int rc = look_at_own(&loss, db, party);

	of.lost_ms = loss.began_ms;
	if (rc == 0)
		rc = look_known(&known, db, &of);
	if (rc != 0)
		return rc;
	if (!known.known && known.any && !loss.open)
		refuse(out, "a log that it never kept");
	else if (!can_be(&loss, &known, r))
		refuse(out, "more entries than its log can have had");
	else if (known.claimed && memcmp(known.head, r->head, sizeof known.head) != 0)
		refuse(out, "a head that its log never had");
	else
		rc = judge_copy(out, db, facts->to, party, r);
	return rc;
}

int heard_restored_judge(struct heard_objection *out, struct db *db, const struct msg_opened *facts,
    const char *party, const struct rec_node_restored *r, int64_t received_ms)
{
	int rc = judge_times(out, db, party, received_ms);

	if (rc != 0 || out->why != NULL)
		return rc;
	if (r->count == 0)
		return judge_empty(out, facts->to, party, r);
	return went_back(db, party, r) ? 0 : judge_end(out, db, facts, party, r);
}

/* --- what follows --------------------------------------------------------------------------------- */

/* RXP-RCV-024: how many of the entries that a log had until it ended nothing accounts for yet. None, where all that it could name was
 * asked for since it ended, or is being asked for. */
static int look_beyond(uint64_t *out, struct db *db, const char *party,
    const struct rec_node_restored *r, const struct store_bringing *last)
{
	struct store_recovery own = {.stage = RECOVERY_OVER};
	struct store_ended_log of = {.peer = party, .log_id = r->log_id, .n = r->count};
	struct store_asked_log asked = {.brought = last->lost};
	int rc = store_recovery_get(db, &own, party);
	bool told = memcmp(own.told_log, r->log_id, sizeof r->log_id) == 0;
	bool again = last->times > 0 && memcmp(last->log_id, r->log_id, sizeof r->log_id) == 0;
	uint64_t known = 0;

	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	*out = 0;
	rc = again ? 0 : store_bringing_carried(db, out, party);
	if (rc != 0 || (recovery_holds(own.stage) && !told) ||
	    (again && own.began_ms >= last->began_ms))
		return rc;
	if (told) {
		asked.n = own.told_at;
		of.lost_ms = own.began_ms;
	}
	rc = store_bringing_accounted(db, &known, &of, &asked);
	if (rc == 0 && r->count > known)
		*out += r->count - known;
	return rc;
}

int heard_restored_act(
    struct db *db, const char *party, const struct rec_node_restored *r, int64_t received_ms)
{
	int64_t day = received_ms / RXP_DAY_MS;
	struct store_bringing last, b = {.n = r->count, .open = true, .began_ms = received_ms};
	int rc = last_of(&last, db, party);

	if (rc != 0)
		return rc;
	if (went_back(db, party, r))
		b.n = 0; /* which of its entries are those that it had is not known */
	snprintf(b.peer, sizeof b.peer, "%s", party);
	memcpy(b.log_id, r->log_id, sizeof b.log_id);
	b.day = day;
	b.times = (last.day == day ? last.times : 0) + 1;
	rc = look_beyond(&b.beyond, db, party, r, &last);
	if (rc == 0)
		rc = store_difference_explained(db, party, r->log_id, b.n);
	return rc != 0 ? rc : store_bringing_put(db, &b);
}

int heard_restored_back(
    struct db *db, const char *party, const struct rec_node_restored *r, int64_t received_ms)
{
	struct store_watch watch = {.since_ms = 0};
	int rc = store_watch_get(db, &watch, party);

	if (rc == 0 || rc == RXP_ERR_NOT_FOUND)
		rc = store_difference_explained(db, party, r->log_id, r->count);
	if (rc != 0)
		return rc;
	return watch.since_ms >= received_ms ? 0 : store_watch_restart(db, party, received_ms);
}

void heard_restored_tell(const char *party, const struct rec_node_restored *r)
{
	log_event(LOG_PEER_PUT_BACK, LOG_S(party), LOG_N(r->count));
}
