#include "daemon/registry/out/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/err.h"

#define REST_MS 1000
#define CLOCK_STEP_MS 1000 /* by which a wall clock goes back before it is noticed */
#define DUE_MAX (2UL * REGISTRY_PEER_WINDOW) /* those in work are still due in their rows */

struct schedule {
	struct node *node;
	struct timer *timer;
	bool kicked;
	unsigned in_work;
	size_t turn; /* index of the peer that comes first next time */
	int64_t rest_until_mono;
	struct store_item wake;
	bool waking;
	int64_t wake_now;
	int64_t tick_wall, tick_mono; /* of the last tick */
};

/* --- back-off ------------------------------------------------------------------------------------ */

int64_t schedule_backoff(struct node *n, unsigned tries)
{
	int64_t delay = REGISTRY_RETRY_FIRST_MS;
	uint16_t jitter = 0;

	for (unsigned i = 1; i < tries && delay < REGISTRY_RETRY_LAST_MS; i++)
		delay *= 2;
	if (delay > REGISTRY_RETRY_LAST_MS)
		delay = REGISTRY_RETRY_LAST_MS;
	/* Without randomness there is no jitter; nothing secret depends on it. */
	(void)n->random.fill(n->random.arg, (uint8_t *)&jitter, sizeof jitter);
	return delay - delay / 2 * jitter / UINT16_MAX;
}

int64_t schedule_failed(struct schedule *s, struct peer *peer, int64_t began_mono)
{
	int64_t now = clock_mono_ms();

	if (peer->failures == 0 || began_mono > peer->failed_mono) {
		peer->failures++;
		peer->failed_mono = now;
		peer->not_before_mono = now + schedule_backoff(s->node, peer->failures);
	}
	return peer->not_before_mono > now ? peer->not_before_mono - now : 0;
}

void schedule_contact(struct schedule *s, struct peer *peer)
{
	if (peer->failures == 0)
		return;
	peer->failures = 0;
	peer->not_before_mono = 0;
	schedule_kick(s);
}

/* --- what is due --------------------------------------------------------------------------------- */

static unsigned room_of(const struct schedule *s, const struct peer *peer, int64_t mono)
{
	unsigned window = peer->failures > 0 ? REGISTRY_PEER_PROBE : REGISTRY_PEER_WINDOW;

	if (!peer->active || mono < peer->not_before_mono || mono < s->rest_until_mono ||
	    peer->in_work >= window || s->in_work >= REGISTRY_ACTIVE_MAX)
		return 0;
	window -= peer->in_work;
	return window < REGISTRY_ACTIVE_MAX - s->in_work ? window
							 : REGISTRY_ACTIVE_MAX - s->in_work;
}

static void start_due(struct schedule *s, struct peer *peer, unsigned room, int64_t now)
{
	uint8_t ids[DUE_MAX][16];
	int n = store_outbox_due(store_db(s->node->store), peer->party, now, ids, DUE_MAX);
	int rc;

	if (n < 0) {
		schedule_rest(s);
		return;
	}
	for (int i = 0; i < n && room > 0; i++) {
		if (outbox_in_work(s->node->outbox, ids[i]))
			continue;
		rc = outbox_start(s->node->outbox, peer, ids[i]);
		if (rc == RXP_ERR_DAMAGED)
			continue; /* one bad row stops nothing else */
		if (rc != 0) {
			/* A full window empties as what is in work ends, and that kicks. */
			if (rc != RXP_ERR_FULL)
				schedule_rest(s);
			return;
		}
		peer->in_work++;
		s->in_work++;
		room--;
	}
}

/* When something will be due for the peer, in ms from now; -1: not by itself. */
static int64_t wait_of(const struct schedule *s, const struct peer *peer, int64_t now, int64_t mono)
{
	int64_t at, wait = -1;

	if (!peer->active)
		return -1;
	if (store_outbox_next_due(store_db(s->node->store), peer->party, now, &at) == 0)
		wait = at - now;
	if (peer->not_before_mono > mono && (wait < 0 || peer->not_before_mono - mono < wait))
		wait = peer->not_before_mono - mono;
	return wait;
}

static void arm(struct schedule *s, int64_t now, int64_t mono)
{
	struct peer *peer;
	int64_t best = -1;

	for (size_t i = 0; (peer = peers_at(s->node->peers, i)) != NULL; i++) {
		int64_t wait = wait_of(s, peer, now, mono);

		if (wait >= 0 && (best < 0 || wait < best))
			best = wait;
	}
	if (s->rest_until_mono > mono && (best < 0 || best < s->rest_until_mono - mono))
		best = s->rest_until_mono - mono;
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

	if (!s->kicked)
		return;
	s->kicked = false;
	while (peers_at(s->node->peers, n) != NULL)
		n++;
	for (size_t i = 0; i < n; i++) {
		unsigned room;

		peer = peers_at(s->node->peers, (s->turn + i) % n);
		room = room_of(s, peer, mono);
		if (room > 0)
			start_due(s, peer, room, now);
	}
	s->turn = n > 0 ? (s->turn + 1) % n : 0;
	arm(s, now, mono);
}

void schedule_kick(struct schedule *s)
{
	s->kicked = true;
}

void schedule_ended(struct schedule *s, struct peer *peer)
{
	peer->in_work--;
	s->in_work--;
	s->kicked = true;
}

void schedule_rest(struct schedule *s)
{
	s->rest_until_mono = clock_mono_ms() + REST_MS;
	s->kicked = true;
}

static void on_timer(void *arg)
{
	struct schedule *s = arg;

	s->kicked = true;
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
	s->kicked = true;
}

/* Nothing is planned for later than an hour ahead: what is was planned before the clock went back. */
void schedule_tick(struct schedule *s)
{
	int64_t wall = clock_wall_ms(), mono = clock_mono_ms();
	bool went_back = wall - s->tick_wall < mono - s->tick_mono - CLOCK_STEP_MS;

	s->tick_wall = wall;
	s->tick_mono = mono;
	s->kicked = true;
	if (!went_back || s->waking)
		return;
	s->waking = true;
	s->wake_now = wall;
	s->wake = (struct store_item){.apply = wake_apply, .done = wake_done, .arg = s};
	store_submit(s->node->store, &s->wake);
}

int schedule_new(struct schedule **out, struct node *n)
{
	struct schedule *s = calloc(1, sizeof *s);
	int64_t now = clock_wall_ms();
	int rc;

	if (s == NULL)
		return RXP_ERR_NOMEM;
	s->node = n;
	s->kicked = true;
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
