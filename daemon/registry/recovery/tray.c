#include "daemon/registry/recovery/tray.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/in/admit.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_tray.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define TICK_MS (60 * 1000LL)

enum step {
	STEP_TRY, /* one document */
	STEP_REST, /* it found its place and is gone, or found none */
	STEP_UNTRY, /* nobody looked at it */
	STEP_TURN, /* those whose turn it is are to be due */
	STEP_GIVE_UP, /* what cannot be placed any more */
};

struct tray {
	struct node *node;
	struct peers *peers;
	struct admit *admit;
	bool busy; /* from a step until all that follows from it is done */
	enum step step;
	struct store_item item;
	const struct peer *peer; /* whose is in work */
	uint8_t message_id[RXP_ID_OCTETS];
	struct rxp_buf envelope;
	struct store_hopeless hopeless;
	uint64_t dropped;
	struct timer *again;
	int64_t ticked_mono;
};

static int apply(void *arg, struct db *db)
{
	struct tray *t = arg;

	switch (t->step) {
	case STEP_TRY:
		return store_tray_tried(db, t->peer->party, t->message_id, clock_wall_ms());
	case STEP_REST:
		return store_tray_rests(db, t->peer->party, t->message_id);
	case STEP_UNTRY:
		return store_tray_untried(db, t->peer->party, t->message_id);
	case STEP_TURN:
		return store_tray_retry(db, clock_wall_ms());
	default:
		return store_tray_give_up(db, &t->dropped, &t->hopeless);
	}
}

static void go(struct tray *t, enum step step);

/* Whether it found its place or not: if not, it stays. The node that had too much to do to look at it has a pause. */
static void answered(void *arg, uint64_t request, const struct admit_answer *a)
{
	struct tray *t = arg;

	(void)request;
	if (a->octets.len > 0)
		go(t, STEP_REST);
	else
		timer_arm(t->again, REGISTRY_TRAY_AGAIN_MS);
}

/* That it is in work is said before: what comes of its case meanwhile makes it due anew. */
static void try_it(struct tray *t)
{
	const struct admit_asker asker = {.brings = true, .answered = answered, .arg = t};
	struct msg_admit q = {.received_ms = clock_wall_ms(),
	    .envelope = {.data = t->envelope.data, .len = t->envelope.len}};

	memcpy(q.party, t->peer->party, sizeof q.party);
	admit_bring(t->admit, &asker, &q);
}

/* Octets that are given up are those of the peer's envelope: they need not be out of the log at once. */
static void done(void *arg, int result)
{
	struct tray *t = arg;

	if (result == 0 && t->step == STEP_TRY) {
		try_it(t);
		return;
	}
	t->busy = false;
	if (result == 0 && t->step == STEP_GIVE_UP)
		log_event(LOG_PLACE_NONE, LOG_S(t->hopeless.peer), LOG_N(t->dropped),
		    LOG_S(t->hopeless.keyless ? "key" : "case"));
}

static void go(struct tray *t, enum step step)
{
	t->busy = true;
	t->step = step;
	t->item = (struct store_item){.apply = apply, .done = done, .arg = t};
	store_submit(t->node->store, &t->item);
}

void tray_round(struct tray *t)
{
	const struct peer *peer;

	for (size_t i = 0; !t->busy && (peer = peers_at(t->peers, i)) != NULL; i++) {
		rxp_buf_reset(&t->envelope);
		/* Only of one with which something was lost. */
		if (!peer->active || peer->came_back_mono == 0 ||
		    store_tray_next(
			store_db(t->node->store), t->message_id, &t->envelope, peer->party) != 0)
			continue;
		t->peer = peer;
		go(t, STEP_TRY);
	}
}

void tray_tick(struct tray *t, int64_t now_mono)
{
	struct db *db = store_db(t->node->store);
	int64_t now_ms = clock_wall_ms();

	if (t->busy || now_mono - t->ticked_mono < TICK_MS)
		return;
	if (store_tray_hopeless(db, &t->hopeless, now_ms) == 0) {
		go(t, STEP_GIVE_UP);
		return;
	}
	t->ticked_mono = now_mono;
	if (store_tray_turn(db, now_ms) == 0)
		go(t, STEP_TURN);
}

static void on_again(void *arg)
{
	go(arg, STEP_UNTRY);
}

int tray_new(struct tray **out, struct node *n, struct peers *peers, struct admit *admit)
{
	struct tray *t = calloc(1, sizeof *t);
	int rc;

	if (t == NULL)
		return RXP_ERR_NOMEM;
	*t = (struct tray){.node = n, .peers = peers, .admit = admit};
	rxp_buf_init(&t->envelope, RXP_MAX_ENVELOPE_OCTETS);
	rc = timer_new(&t->again, n->loop, on_again, t);
	if (rc != 0) {
		tray_free(t);
		return rc;
	}
	*out = t;
	return 0;
}

void tray_free(struct tray *t)
{
	if (t == NULL)
		return;
	timer_free(t->again);
	rxp_buf_free(&t->envelope);
	free(t);
}
