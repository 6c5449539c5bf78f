#include "daemon/registry/out/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/err.h"

#define CLOCK_STEP_MS 1000 /* by which a wall clock goes back before it is noticed */
#define DUE_MAX (2UL * REGISTRY_PEER_WINDOW) /* those in work are still due in their rows */

struct schedule {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
	struct outbox *outbox;
	struct timer *timer;
	size_t turn; /* index of the peer that comes first next time */
	struct store_item wake;
	bool waking;
	int64_t wake_now;
	int64_t tick_wall, tick_mono; /* of the last tick */
};

/* --- what is due --------------------------------------------------------------------------------- */

static void start_due(struct schedule *s, struct peer *peer, unsigned room, int64_t now)
{
	uint8_t ids[DUE_MAX][16];
	int n = store_outbox_due(store_db(s->node->store), peer->party, now, ids, DUE_MAX);
	int rc;

	if (n < 0) {
		pace_rest(s->pace);
		return;
	}
	for (int i = 0; i < n && room > 0; i++) {
		if (outbox_in_work(s->outbox, ids[i]))
			continue;
		rc = outbox_start(s->outbox, peer, ids[i]);
		if (rc == RXP_ERR_DAMAGED)
			continue; /* one bad row stops nothing else */
		if (rc != 0) {
			/* A full window empties as what is in work ends, and that kicks. */
			if (rc != RXP_ERR_FULL)
				pace_rest(s->pace);
			return;
		}
		pace_started(s->pace, peer);
		room--;
	}
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
		unsigned room;

		peer = peers_at(s->peers, (s->turn + i) % n);
		room = pace_room(s->pace, peer, mono);
		if (room > 0)
			start_due(s, peer, room, now);
	}
	s->turn = n > 0 ? (s->turn + 1) % n : 0;
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
    struct outbox *outbox)
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
