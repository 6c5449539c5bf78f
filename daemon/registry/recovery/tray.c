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
#include "daemon/registry/store/store_recovery.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define TICK_MS (60 * 1000LL)

struct tray {
	struct node *node;
	struct peers *peers;
	struct admit *admit;
	bool busy;
	struct store_item item;
	const struct peer *peer; /* whose is in work */
	uint8_t message_id[RXP_ID_OCTETS];
	struct rxp_buf envelope;
	bool all; /* all of a peer are to be due */
	struct store_keyless keyless; /* those that no key opens any more */
	uint64_t dropped;
	const struct peer *turned_away; /* whose last one nobody looked at; NULL: nobody's */
	struct timer *again;
	int64_t ticked_mono;
	char served[4]; /* the party that had the turn of the last minute */
};

/* Whether it found its place or not: if not, it stays. One that was not looked at, since the node had too much to do, is
 * tried again. */
static void answered(void *arg, uint64_t request, const struct admit_answer *a)
{
	struct tray *t = arg;

	(void)request;
	t->busy = false;
	if (a->octets.len > 0)
		return;
	t->turned_away = t->peer;
	timer_arm(t->again, REGISTRY_TRAY_AGAIN_MS);
}

static int apply(void *arg, struct db *db)
{
	const struct tray *t = arg;

	if (t->all)
		return store_tray_due(db, t->peer->party, NULL);
	return store_tray_tried(db, t->peer->party, t->message_id);
}

/* It is due no more before it is tried: what comes of its case meanwhile makes it due anew. */
static void done(void *arg, int result)
{
	const struct admit_asker asker = {.brings = true, .answered = answered, .arg = arg};
	struct tray *t = arg;
	struct msg_admit q = {.received_ms = clock_wall_ms(),
	    .envelope = {.data = t->envelope.data, .len = t->envelope.len}};

	if (result != 0 || t->all) {
		t->busy = false;
		return;
	}
	memcpy(q.party, t->peer->party, sizeof q.party);
	admit_bring(t->admit, &asker, &q);
}

static void store(struct tray *t, const struct peer *peer, bool all)
{
	t->busy = true;
	t->peer = peer;
	t->all = all;
	t->item = (struct store_item){.apply = apply, .done = done, .arg = t};
	store_submit(t->node->store, &t->item);
}

void tray_round(struct tray *t)
{
	const struct peer *peer;

	for (size_t i = 0; !t->busy && (peer = peers_at(t->peers, i)) != NULL; i++) {
		rxp_buf_reset(&t->envelope);
		/* Only of one with which something was lost. */
		if (peer->active && peer->came_back_mono != 0 &&
		    store_tray_next(
			store_db(t->node->store), t->message_id, &t->envelope, peer->party) == 0)
			store(t, peer, false);
	}
}

static bool has_waiting(const struct tray *t, const struct peer *peer)
{
	struct store_recovery r;

	return peer->active && store_recovery_get(store_db(t->node->store), &r, peer->party) == 0 &&
	       r.waiting > 0;
}

/* The next behind the one that had its turn, so that what can be placed nowhere holds up no other peer. */
static const struct peer *next_waiting(const struct tray *t)
{
	const struct peer *first = NULL, *peer;

	for (size_t i = 0; (peer = peers_at(t->peers, i)) != NULL; i++) {
		if (!has_waiting(t, peer))
			continue;
		if (strcmp(peer->party, t->served) > 0)
			return peer;
		if (first == NULL)
			first = peer;
	}
	return first;
}

static int keyless_apply(void *arg, struct db *db)
{
	struct tray *t = arg;

	return store_tray_drop_keyless(db, &t->dropped, &t->keyless);
}

/* Their octets are those of the peer's envelope, which nobody can open: they need not be out of the log at once. */
static void keyless_done(void *arg, int result)
{
	struct tray *t = arg;

	t->busy = false;
	if (result == 0)
		log_event(LOG_PLACE_NONE, LOG_S(t->keyless.peer), LOG_N(t->dropped), LOG_S("key"));
}

static bool drop_keyless(struct tray *t)
{
	if (store_tray_keyless(store_db(t->node->store), &t->keyless) != 0)
		return false;
	t->busy = true;
	t->item = (struct store_item){.apply = keyless_apply, .done = keyless_done, .arg = t};
	store_submit(t->node->store, &t->item);
	return true;
}

/* One peer each minute, so that what can be placed nowhere costs little. */
void tray_tick(struct tray *t, int64_t now_mono)
{
	const struct peer *peer;

	if (t->busy || now_mono - t->ticked_mono < TICK_MS)
		return;
	if (drop_keyless(t))
		return;
	t->ticked_mono = now_mono;
	peer = next_waiting(t);
	if (peer == NULL)
		return;
	memcpy(t->served, peer->party, sizeof t->served);
	store(t, peer, true);
}

static void on_again(void *arg)
{
	struct tray *t = arg;

	if (t->busy)
		timer_arm(t->again, REGISTRY_TRAY_AGAIN_MS);
	else if (t->turned_away != NULL)
		store(t, t->turned_away, true);
	if (!t->busy || t->all)
		t->turned_away = NULL;
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
