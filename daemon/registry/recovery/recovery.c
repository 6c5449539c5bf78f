#include "daemon/registry/recovery/recovery.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/recovery/bring.h"
#include "daemon/registry/recovery/left.h"
#include "daemon/registry/recovery/loss.h"
#include "daemon/registry/recovery/regain.h"
#include "daemon/registry/recovery/shown.h"
#include "daemon/registry/recovery/tray.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_unproved.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/err.h"

struct recovery {
	struct recovery_config config;
	struct bring *bring;
	struct tray *tray;
	bool kicked, busy;
	/* the step that is being stored */
	struct store_item item;
	struct peer *peer;
	struct regain_step step;
	struct store_asked asked; /* outside a hold */
	int64_t now_ms; /* of that, or at the start */
	struct loss losses[REGISTRY_PEERS_MAX]; /* at the start, of each peer in its order */
	uint64_t doubted[REGISTRY_PEERS_MAX]; /* the same: what is unproved since then */
	struct loss suspected;
	bool spent; /* the log of the peer alone begins none today */
};

static struct db *db_of(const struct recovery *r)
{
	return store_db(r->config.node->store);
}

/* --- a step --------------------------------------------------------------------------------------- */

static int step_apply(void *arg, struct db *db)
{
	struct recovery *r = arg;

	return regain_step(&r->step, db, r->config.node, r->peer);
}

static void told(const struct peer *peer, enum recovery_stage stage)
{
	const struct recovery_words w = recovery_stage_words(stage);

	log_event(LOG_LOSS_STAGE, LOG_S(peer->party), LOG_S(w.word), LOG_S(w.meaning));
}

static void recounted(const struct recovery *r, struct peer *peer)
{
	(void)store_difference_open(db_of(r), &peer->differences, peer->party);
	peer->read_since_start = false; /* it is read anew */
	peer->watch_tried_ms = 0;
}

static void step_done(void *arg, int result)
{
	struct recovery *r = arg;

	r->busy = false;
	if (result != 0)
		return; /* the next tick looks again */
	r->peer->recovering = recovery_holds(r->step.next);
	r->peer->stuck = r->step.next == RECOVERY_STUCK;
	r->peer->came_back_mono = clock_mono_ms();
	if (r->step.next == RECOVERY_TOLD || r->step.next == RECOVERY_ASKED)
		peers_count(r->peer, STATE_NONE, STATE_WAITING);
	if (r->step.next == RECOVERY_OVER)
		recounted(r, r->peer);
	told(r->peer, r->step.next);
	if (r->step.disputed)
		log_event(LOG_LOSS_DISPUTED, LOG_S(r->peer->party));
	pace_kick(r->config.pace);
	r->kicked = true;
}

/* --- outside a hold ------------------------------------------------------------------------------ */

static int left_apply(void *arg, struct db *db)
{
	struct recovery *r = arg;
	int rc = r->peer->recovering ? RXP_ERR_STATE : left_find(&r->asked, db, r->peer->party);

	return rc != 0 ? rc : left_ask(&r->asked, db, r->config.node, r->now_ms);
}

static void left_done(void *arg, int result)
{
	struct recovery *r = arg;

	r->busy = false;
	if (result != 0)
		return; /* the next tick looks again */
	peers_count(r->peer, STATE_NONE, STATE_WAITING);
	log_event(LOG_HISTORY_AGAIN, LOG_S(r->peer->party), LOG_N(r->asked.cases.n));
	pace_kick(r->config.pace);
}

/* When no more of the kind comes for a while, so that one request names what came together. */
static void look_at_left(struct recovery *r, struct peer *peer)
{
	if (left_find(&r->asked, db_of(r), peer->party) != 0)
		r->asked.cases.n = 0;
	if (r->asked.cases.n != peer->left_cases)
		peer->left_mono = clock_mono_ms();
	peer->left_cases = r->asked.cases.n;
	if (peer->left_cases == 0 || clock_mono_ms() - peer->left_mono < REGISTRY_QUIET_MS)
		return;
	r->busy = true;
	r->peer = peer;
	r->now_ms = clock_wall_ms();
	r->item = (struct store_item){.apply = left_apply, .done = left_done, .arg = r};
	store_submit(r->config.node->store, &r->item);
}

static void look(struct recovery *r, struct peer *peer)
{
	struct store_recovery row;

	if (!peer->active)
		return;
	if (!peer->recovering) {
		look_at_left(r, peer);
		return;
	}
	if (store_recovery_get(db_of(r), &row, peer->party) != 0)
		return;
	if (row.proven || row.why != RECOVERY_WHY_LOG) /* a word alone makes none (RXP-RCV-023) */
		keys_anew(r->config.keys, row.began_ms);
	r->step = (struct regain_step){
	    .next = regain_after(r->config.node, &row, peer), .now_ms = clock_wall_ms()};
	if (r->step.next == RECOVERY_STAGE_COUNT)
		return;
	r->busy = true;
	r->peer = peer;
	r->item = (struct store_item){.apply = step_apply, .done = step_done, .arg = r};
	store_submit(r->config.node->store, &r->item);
}

/* --- the log of the peer -------------------------------------------------------------------------- */

/* It began with the reading that shows it: what that found besides is told with the same time. */
static int suspect_apply(void *arg, struct db *db)
{
	struct recovery *r = arg;
	int64_t now = clock_wall_ms(), read_ms = r->peer->compared_ms;
	int rc = loss_begin(&r->suspected, db, r->config.node, r->peer, RECOVERY_WHY_LOG,
	    read_ms != 0 && read_ms < now ? read_ms : now);

	r->spent = rc == RXP_ERR_FULL;
	return rc;
}

static void suspect_done(void *arg, int result)
{
	struct recovery *r = arg;

	r->busy = false;
	if (result != 0 && !r->spent)
		return; /* it stays noted, and the next tick looks again */
	r->peer->loss_noted = false;
	r->peer->loss_doubted = r->spent;
	if (r->spent)
		log_event(LOG_LOSS_DOUBTED, LOG_S(r->peer->party));
	else
		loss_begun(&r->suspected, r->peer);
	pace_kick(r->config.pace);
	r->kicked = true;
}

static void suspect(struct recovery *r, struct peer *peer)
{
	r->busy = true;
	r->spent = false;
	r->peer = peer;
	r->item = (struct store_item){.apply = suspect_apply, .done = suspect_done, .arg = r};
	store_submit(r->config.node->store, &r->item);
}

/* Noted only: another step may be under way, and several logs may have been read at once. */
void recovery_suspect(struct recovery *r, struct peer *peer)
{
	if (peer->recovering)
		return;
	peer->loss_noted = true;
	r->kicked = true;
}

/* --- rounds --------------------------------------------------------------------------------------- */

void recovery_kick(struct recovery *r)
{
	r->kicked = true;
}

void recovery_round(struct recovery *r)
{
	struct peer *peer;

	if (!r->kicked)
		return;
	r->kicked = false;
	bring_round(r->bring);
	tray_round(r->tray);
	for (size_t i = 0; !r->busy && (peer = peers_at(r->config.peers, i)) != NULL; i++)
		if (peer->loss_noted)
			suspect(r, peer);
		else
			look(r, peer);
}

void recovery_tick(struct recovery *r)
{
	r->kicked = true;
	tray_tick(r->tray, clock_mono_ms());
}

void recovery_returned(struct recovery *r, const char *party, const uint8_t message_id[16])
{
	bring_returned(r->bring, party, message_id);
}

void recovery_left(struct recovery *r, const struct msg_pickup *m)
{
	bring_left(r->bring, m);
}

/* Whose page a sealer looks at. */
struct showing {
	struct recovery *by;
	struct peer *peer;
	recovery_shown_done *heard;
	void *arg;
};

static void page_checked(void *arg, int result, const struct rxp_log_page *page)
{
	struct showing *s = arg;

	if (page != NULL)
		result = bring_shown(s->by->bring, s->peer, page);
	s->heard(s->arg, result);
	free(s);
}

bool recovery_shown(struct recovery *r, const char *party, struct bytes octets,
    recovery_shown_done *heard, void *arg)
{
	struct peer *peer = peers_active(r->config.peers, party);
	struct showing *s;
	int rc = RXP_ERR_NOMEM;

	if (peer == NULL || !store_bringing_is_open(db_of(r), party))
		return false;
	s = malloc(sizeof *s);
	if (s != NULL) {
		*s = (struct showing){r, peer, heard, arg};
		rc = shown_check(r->config.node, r->config.publish, party, octets, page_checked, s);
	}
	if (rc != 0) {
		free(s);
		heard(arg, rc);
	}
	return true;
}

bool recovery_posted(struct recovery *r, uint64_t request, const struct msg_posted *m)
{
	return bring_posted(r->bring, request, m);
}

/* --- a person ------------------------------------------------------------------------------------- */

void recovery_confirmed(struct recovery *r, struct peer *peer, const struct regain_word *word)
{
	loss_log_begun(&word->loss, peer);
	if (word->grown)
		peer->log = word->log;
	peer->came_back_mono = clock_mono_ms();
	if (word->ends) {
		peer->recovering = false;
		recounted(r, peer);
		told(peer, RECOVERY_OVER);
	}
	pace_kick(r->config.pace);
	r->kicked = true;
}

/* --- the start ------------------------------------------------------------------------------------ */

/* What follows from a database that was put back, with all peers at once. */
static int put_back_apply(void *arg, struct db *db)
{
	struct recovery *r = arg;
	const struct peer *peer;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (peer = peers_at(r->config.peers, i)) != NULL; i++)
		rc = loss_begin_anew(
		    &r->losses[i], db, r->config.node, peer, RECOVERY_WHY_PUT_BACK, r->now_ms);
	return rc != 0 ? rc : store_put_back_done(db);
}

static void put_back_done(void *arg, int result)
{
	struct recovery *r = arg;
	struct peer *peer;

	r->busy = result != 0;
	for (size_t i = 0; result == 0 && (peer = peers_at(r->config.peers, i)) != NULL; i++)
		loss_begun(&r->losses[i], peer);
}

/* Nothing is received or sent before it is committed. */
static int see_to_put_back(struct recovery *r)
{
	int rc = store_put_back_get(db_of(r), &r->now_ms);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	r->now_ms = clock_wall_ms();
	r->item = (struct store_item){.apply = put_back_apply, .done = put_back_done, .arg = r};
	store_submit(r->config.node->store, &r->item);
	store_round(r->config.node->store);
	return r->busy ? RXP_ERR_IO : 0;
}

/* What of it came back is held again (RXP-RCV-018). told: how much was proved until now. */
static int hold_unproved(struct db *db, const char *peer, uint64_t *told)
{
	struct store_recovery row;
	int rc = store_recovery_get(db, &row, peer);

	*told = 0;
	if (rc != 0 || row.unproved == 0 || recovery_holds(row.stage))
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	*told = row.unproved;
	if (row.disputed) /* in a hold that a person has ended */
		memset(row.notice, 0, sizeof row.notice);
	row.stage = RECOVERY_STUCK;
	row.ended_ms = 0;
	return store_recovery_put(db, &row);
}

/* Seals of ours that are revoked, and bore what came back while they were not. */
static int revoked_apply(void *arg, struct db *db)
{
	struct recovery *r = arg;
	struct bytes rows = r->config.node->config.revoked;
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	struct rec_own_revoked seal;
	const struct peer *peer;
	struct bytes fields;
	uint16_t tag;
	uint64_t n;
	int rc;

	while ((rc = record_list_next(&c, &tag, &fields)) == 1) {
		rc = tag != REC_own_revoked
			 ? RXP_ERR_DAMAGED
			 : record_decode(&seal, &record_own_revoked, fields.data, fields.len);
		if (rc == 0)
			rc = store_back_revoked(db, seal.seal, seal.since_ms, &n);
		if (rc != 0)
			return rc;
	}
	for (size_t i = 0; rc == 0 && (peer = peers_at(r->config.peers, i)) != NULL; i++)
		rc = hold_unproved(db, peer->party, &r->doubted[i]);
	return rc;
}

static void revoked_done(void *arg, int result)
{
	struct recovery *r = arg;
	const struct peer *peer;

	r->busy = result != 0;
	for (size_t i = 0; result == 0 && (peer = peers_at(r->config.peers, i)) != NULL; i++)
		if (r->doubted[i] > 0)
			log_event(LOG_UNPROVED_NOW, LOG_S(peer->party), LOG_N(r->doubted[i]));
}

/* Nothing is received or sent before it is committed. */
static int see_to_revoked(struct recovery *r)
{
	if (r->config.node->config.revoked.len == 0)
		return 0;
	r->item = (struct store_item){.apply = revoked_apply, .done = revoked_done, .arg = r};
	store_submit(r->config.node->store, &r->item);
	store_round(r->config.node->store);
	return r->busy ? RXP_ERR_IO : 0;
}

static int load(struct recovery *r)
{
	struct peer *peer;
	int rc;

	for (size_t i = 0; (peer = peers_at(r->config.peers, i)) != NULL; i++) {
		struct store_recovery row;

		rc = store_recovery_get(db_of(r), &row, peer->party);
		if (rc == RXP_ERR_NOT_FOUND)
			continue;
		if (rc != 0)
			return rc;
		peer->recovering = recovery_holds(row.stage);
		peer->stuck = row.stage == RECOVERY_STUCK;
		peer->came_back_mono = clock_mono_ms();
	}
	return 0;
}

int recovery_new(struct recovery **out, const struct recovery_config *config)
{
	struct recovery *r = calloc(1, sizeof *r);
	int rc;

	if (r == NULL)
		return RXP_ERR_NOMEM;
	r->config = *config;
	r->kicked = true; /* what a crash left */
	rc = bring_new(&r->bring, config->node, config->peers, config->pace, config->pickup);
	if (rc == 0)
		rc = tray_new(&r->tray, config->node, config->peers, config->admit);
	if (rc == 0)
		rc = see_to_put_back(r);
	if (rc == 0)
		rc = see_to_revoked(r);
	if (rc == 0)
		rc = load(r);
	if (rc != 0) {
		recovery_free(r);
		return rc;
	}
	*out = r;
	return 0;
}

void recovery_free(struct recovery *r)
{
	if (r == NULL)
		return;
	tray_free(r->tray);
	bring_free(r->bring);
	free(r);
}
