#include "daemon/registry/out/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/out/pickup.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define CLOCK_STEP_MS 1000 /* by which a wall clock goes back before it is noticed */
#define DUE_MAX \
	(2UL * REGISTRY_PEER_WINDOW) /* of a kind; those in work are still due in their rows */

struct schedule {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
	struct outbox *outbox;
	struct pickup *pickup;
	struct timer *timer;
	size_t turn; /* index of the peer that comes first next time */
	struct store_item wake;
	bool waking;
	int64_t wake_now;
	int64_t tick_wall, tick_mono; /* of the last tick */
};

/* --- damaged rows -------------------------------------------------------------------------------- */

/* One row on its way out of the scan, so that it hides no other. */
struct damaged {
	struct store_item item;
	struct schedule *by;
	struct peer *peer;
	uint8_t local_id[16];
	enum state before;
};

static const char DAMAGED[] = "what is stored of it is damaged";

static int damaged_apply(void *arg, struct db *db)
{
	struct damaged *d = arg;

	return store_outbox_park_damaged(db, d->local_id, DAMAGED, &d->before);
}

static void damaged_done(void *arg, int result)
{
	struct damaged *d = arg;
	char id[RXP_ID_TEXT];

	if (result == 0 && state_allows(d->before, EVENT_PARK))
		peers_count(d->peer, d->before, state_next(d->before, EVENT_PARK));
	rxp_id_text(id, d->local_id);
	if (result == 0)
		log_event(LOG_MESSAGE_PARKED, LOG_S(d->peer->party), LOG_S(id), LOG_S(DAMAGED));
	if (result == 0)
		outbox_tell(d->by->outbox, d->local_id);
	pace_kick(d->by->pace);
	free(d);
}

static void park_damaged(struct schedule *s, struct peer *peer, const uint8_t local_id[16])
{
	struct damaged *d = calloc(1, sizeof *d);

	if (d == NULL)
		return; /* it is found again */
	d->item = (struct store_item){.apply = damaged_apply, .done = damaged_done, .arg = d};
	d->by = s;
	d->peer = peer;
	memcpy(d->local_id, local_id, sizeof d->local_id);
	store_submit(s->node->store, &d->item);
}

/* --- what is due --------------------------------------------------------------------------------- */

/* To the request that waits, else pushed if there is room. RXP_ERR_EXISTS: neither. */
static int start(struct schedule *s, struct peer *peer, const uint8_t local_id[16], unsigned *room)
{
	int rc = RXP_ERR_EXISTS;

	if (pickup_waits(s->pickup, peer))
		rc = pickup_start(s->pickup, peer, local_id);
	if (rc == RXP_ERR_EXISTS && *room > 0) {
		rc = outbox_start(s->outbox, peer, local_id);
		*room -= rc == 0;
	}
	return rc;
}

/* Of those that are asked for, as many as there is room for. false: nothing more in this round. */
static bool start_some(
    struct schedule *s, struct peer *peer, const struct store_outbox_asked *asked, unsigned room)
{
	uint8_t ids[DUE_MAX][16];
	int n = store_outbox_due(store_db(s->node->store), asked, ids, DUE_MAX);
	int rc;

	if (n < 0) {
		pace_rest(s->pace);
		return false;
	}
	for (int i = 0; i < n && (room > 0 || pickup_waits(s->pickup, peer)); i++) {
		if (outbox_in_work(s->outbox, ids[i]))
			continue;
		rc = start(s, peer, ids[i], &room);
		if (rc == RXP_ERR_EXISTS)
			continue;
		if (rc == RXP_ERR_DAMAGED) {
			park_damaged(s, peer, ids[i]);
			continue; /* one bad row stops nothing else */
		}
		if (rc != 0) {
			/* A full window empties as what is in work ends, and that kicks. */
			if (rc != RXP_ERR_FULL)
				pace_rest(s->pace);
			return false;
		}
		pace_started(s->pace, peer);
	}
	return true;
}

static unsigned room_for(const struct schedule *s, const struct peer *peer)
{
	return peer->pulls ? 0 : pace_room(s->pace, peer, clock_mono_ms());
}

/* One that has not failed since the others had their turns, lest one that fails each time be tried in place of all others;
 * when all have had theirs, the first of them again. */
static bool try_next(struct schedule *s, struct peer *peer, struct store_outbox_asked asked)
{
	const bool files = asked.files == STORE_OUTBOX_WITH_FILES;
	const int64_t now = asked.now_ms;
	const unsigned all = room_for(s, peer), before = peer->in_work;
	/* A file takes as long as the line is there. */
	const unsigned room = files && all > REGISTRY_PEER_PROBE ? REGISTRY_PEER_PROBE : all;

	asked.failed_ms = pace_turn_ms(peer, files, now);
	if (!start_some(s, peer, &asked, room))
		return false;
	if (room == 0 || peer->in_work > before || asked.failed_ms == now)
		return true;
	pace_turns_over(peer, files, now);
	asked.failed_ms = now;
	return start_some(s, peer, &asked, room);
}

/* One of a peer that fails. One without attachments has its answer in a moment, and one with them, which may take minutes, keeps
 * no other from doing it. So the first try after a failure is without; but each second time one with them goes too, lest it wait
 * for good for one without that fails each time. */
static void probe(struct schedule *s, struct peer *peer, const struct store_outbox_asked *bare,
    const struct store_outbox_asked *with_files)
{
	bool both = peer->failures % 2 == 0;

	if (both && peer->in_work == 0 && !try_next(s, peer, *with_files))
		return;
	if (try_next(s, peer, *bare) && peer->in_work == 0)
		(void)try_next(s, peer, *with_files);
}

/* Those with attachments have room of their own, so that neither they nor those without wait for all of the others; whoever
 * fetches gets them in one order. Each kind goes when the line may be used for it. */
static void start_due(struct schedule *s, struct peer *peer, int64_t now)
{
	struct store_outbox_asked bare = {.peer = peer->party,
	    .now_ms = now,
	    .failed_ms = now,
	    .files = STORE_OUTBOX_BARE,
	    .until_ms = peers_goes_until(peer, false, now)};
	struct store_outbox_asked with_files = {.peer = peer->party,
	    .now_ms = now,
	    .failed_ms = now,
	    .files = STORE_OUTBOX_WITH_FILES,
	    .until_ms = peers_goes_until(peer, true, now)};
	bool one_order = pickup_waits(s->pickup, peer);
	unsigned room = room_for(s, peer), files = room;

	if (peer->failures > 0 && !one_order) {
		probe(s, peer, &bare, &with_files);
		return;
	}
	if (peer->failures > 0 && peer->in_work > 0)
		room = files = 0; /* what is fetched needs none */
	if (one_order && bare.until_ms == with_files.until_ms) {
		bare.files = STORE_OUTBOX_BOTH;
		(void)start_some(s, peer, &bare, room);
		return;
	}
	if (!one_order && peer->files_in_work + files > REGISTRY_PEER_FILES)
		files = peer->files_in_work < REGISTRY_PEER_FILES
			    ? REGISTRY_PEER_FILES - peer->files_in_work
			    : 0;
	if (start_some(s, peer, &with_files, files))
		(void)start_some(s, peer, &bare, room_for(s, peer));
}

/* When something will be due for the peer, in ms from now; -1: not by itself. */
static int64_t wait_of(const struct schedule *s, const struct peer *peer, int64_t now, int64_t mono)
{
	int64_t at, wait = -1, alone = pace_waits_ms(peer, mono);

	if (!peer->active)
		return -1;
	if (store_outbox_next_due(store_db(s->node->store), peer->party, now, &at) == 0)
		wait = at - now;
	if (alone > 0 && (wait < 0 || alone < wait))
		wait = alone;
	return wait;
}

static void arm(struct schedule *s, int64_t now, int64_t mono)
{
	struct peer *peer;
	int64_t best = -1, rest = pace_rests_ms(s->pace, mono);

	for (size_t i = 0; (peer = peers_at(s->peers, i)) != NULL; i++) {
		int64_t wait = wait_of(s, peer, now, mono);

		if (wait >= 0 && (best < 0 || wait < best))
			best = wait;
	}
	if (rest > 0 && (best < 0 || best < rest))
		best = rest;
	if (best >= 0)
		timer_arm(s->timer, best);
	else
		timer_disarm(s->timer);
}

void schedule_round(struct schedule *s)
{
	int64_t now = clock_wall_ms(), mono = clock_mono_ms();
	struct peer *peer;
	size_t n = 0;

	if (!pace_kicked(s->pace))
		return;
	while (peers_at(s->peers, n) != NULL)
		n++;
	for (size_t i = 0; i < n; i++) {
		unsigned room, before;

		peer = peers_at(s->peers, (s->turn + i) % n);
		if (!node_may_send(s->node, peer->party))
			continue;
		room = peer->pulls ? 0 : pace_room(s->pace, peer, mono);
		if (room > 0 || (peer->active && pickup_waits(s->pickup, peer) &&
				    pace_rests_ms(s->pace, mono) == 0)) {
			before = peer->in_work;
			start_due(s, peer, now);
			if (peer->in_work != before)
				pace_probed(peer);
		}
	}
	s->turn = n > 0 ? (s->turn + 1) % n : 0;
	pickup_looked(s->pickup);
	arm(s, now, mono);
}

static void on_timer(void *arg)
{
	struct schedule *s = arg;

	pace_kick(s->pace);
}

/* --- the wall clock ------------------------------------------------------------------------------ */

static int wake_apply(void *arg, struct db *db)
{
	struct schedule *s = arg;

	return store_outbox_wake(db, s->wake_now, s->wake_now + REGISTRY_RETRY_EXPIRED_MS);
}

static void wake_done(void *arg, int result)
{
	struct schedule *s = arg;

	(void)result; /* the next tick asks again */
	s->waking = false;
	pace_kick(s->pace);
}

/* Nothing is planned for later than an hour ahead: what is was planned before the clock went back. */
void schedule_tick(struct schedule *s)
{
	int64_t wall = clock_wall_ms(), mono = clock_mono_ms();
	bool went_back = wall - s->tick_wall < mono - s->tick_mono - CLOCK_STEP_MS;

	s->tick_wall = wall;
	s->tick_mono = mono;
	pace_kick(s->pace);
	if (!went_back || s->waking)
		return;
	s->waking = true;
	s->wake_now = wall;
	s->wake = (struct store_item){.apply = wake_apply, .done = wake_done, .arg = s};
	store_submit(s->node->store, &s->wake);
}

int schedule_new(struct schedule **out, struct node *n, struct peers *peers, struct pace *pace,
    struct outbox *outbox, struct pickup *pickup)
{
	struct schedule *s = calloc(1, sizeof *s);
	int64_t now = clock_wall_ms();
	int rc;

	if (s == NULL)
		return RXP_ERR_NOMEM;
	s->node = n;
	s->peers = peers;
	s->pace = pace;
	s->outbox = outbox;
	s->pickup = pickup;
	s->tick_wall = now;
	s->tick_mono = clock_mono_ms();
	rc = timer_new(&s->timer, n->loop, on_timer, s);
	/* A statement outside a transaction commits by itself. */
	if (rc == 0)
		rc = store_outbox_wake(store_db(n->store), now, now);
	if (rc != 0) {
		schedule_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

void schedule_free(struct schedule *s)
{
	if (s == NULL)
		return;
	timer_free(s->timer);
	free(s);
}
