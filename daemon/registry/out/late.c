#include "daemon/registry/out/late.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/ferry.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_pending.h"
#include "protocol/base/err.h"

#define HEARD_SHARE 8 /* of the time that a peer is left alone, so much sooner where it is heard */

/* One document whose files are on their way. */
struct bringing {
	struct late *by;
	bool active;
	struct store_pending of;
	struct peer *peer;
	int64_t began_mono;
};

struct late {
	struct node *node;
	struct peers *peers;
	struct ferry *ferry;
	struct pace *pace;
	struct timer *timer; /* of the passes */
	struct bringing all[REGISTRY_LATE_MAX];
	/* Where the next tick goes on, and after the last at the first: what waits for a peer that does not answer holds
	 * back nothing of another. */
	uint8_t from[RXP_ID_OCTETS];
	/* The same of the pass through what is behind. */
	uint8_t pass_from[RXP_ID_OCTETS];
	bool in_pass; /* it has not come to its end */
};

/* --- what is behind ------------------------------------------------------------------------------ */

static void fall_behind(struct peer *peer)
{
	peer->late.behind = peer->late.again = true;
}

/* When the next pass is due, or goes on. */
static void arm(struct late *l, int64_t now)
{
	struct peer *peer;
	int64_t at = l->in_pass ? now : INT64_MAX;

	for (size_t i = 0; (peer = peers_at(l->peers, i)) != NULL; i++)
		if (peer->active && peer->late.behind && peer->late.not_before_mono < at)
			at = peer->late.not_before_mono;
	if (at != INT64_MAX)
		timer_arm(l->timer, at > now ? at - now : 0);
}

/* Those that were under way together count once. */
static void failed(const struct bringing *b, enum ferry_outcome outcome, int64_t now)
{
	struct peer_late *late = &b->peer->late;
	int64_t delay;

	fall_behind(b->peer);
	if (outcome == FERRY_FURTHER)
		late->failures = 0;
	else if (late->failures > 0 && b->began_mono <= late->failed_mono)
		return;
	late->failures++;
	late->failed_mono = now;
	delay = pace_backoff(b->by->pace, late->failures);
	if (delay > REGISTRY_LATE_LAST_MS)
		delay = REGISTRY_LATE_LAST_MS;
	late->not_before_mono = now + delay;
	delay /= HEARD_SHARE;
	late->heard_from_mono =
	    now + (delay > REGISTRY_CONTACT_PROBE_MS ? delay : REGISTRY_CONTACT_PROBE_MS);
}

void late_heard(struct late *l, struct peer *peer)
{
	struct peer_late *late = &peer->late;
	int64_t now = clock_mono_ms();

	if (late->not_before_mono <= now || late->not_before_mono <= late->heard_from_mono)
		return;
	late->not_before_mono = late->heard_from_mono;
	arm(l, now);
}

static bool has_under_way(const struct late *l, const struct peer *peer)
{
	for (size_t i = 0; i < REGISTRY_LATE_MAX; i++)
		if (l->all[i].active && l->all[i].peer == peer)
			return true;
	return false;
}

static void brought(void *arg, enum ferry_outcome outcome, const char *why)
{
	struct bringing *b = arg;
	char id[RXP_ID_TEXT];

	b->active = false;
	if (outcome == FERRY_ALL) {
		late_heard(b->by, b->peer);
		if (!b->peer->late.behind && !has_under_way(b->by, b->peer))
			b->peer->late.failures = 0;
	} else {
		if (outcome == FERRY_PEER || outcome == FERRY_FURTHER)
			failed(b, outcome, clock_mono_ms());
		rxp_id_text(id, b->of.local_id);
		log_event(LOG_DELIVERY_FAILED, LOG_S(b->of.peer), LOG_S(id), LOG_S(why));
	}
	arm(b->by, clock_mono_ms());
}

/* --- beginning ----------------------------------------------------------------------------------- */

static bool is_under_way(const struct late *l, const uint8_t local_id[RXP_ID_OCTETS])
{
	for (size_t i = 0; i < REGISTRY_LATE_MAX; i++)
		if (l->all[i].active && memcmp(l->all[i].of.local_id, local_id, RXP_ID_OCTETS) == 0)
			return true;
	return false;
}

static bool may_go(const struct late *l, const struct peer *peer)
{
	return node_may_send(l->node, peer->party) &&
	       peer->late.not_before_mono <= clock_mono_ms() &&
	       peers_goes_until(peer, true, clock_wall_ms()) == INT64_MAX;
}

/* false: there is no room for it now. */
static bool begin(struct late *l, const struct store_pending *p)
{
	struct peer *peer = peers_active(l->peers, p->peer);
	struct bringing *b = NULL;

	/* The document has its receipt: its files are no more urgent than others. */
	if (is_under_way(l, p->local_id) || peer == NULL || !may_go(l, peer))
		return true;
	for (size_t i = 0; b == NULL && i < REGISTRY_LATE_MAX; i++)
		if (!l->all[i].active)
			b = &l->all[i];
	if (b == NULL)
		return false;
	b->by = l;
	b->of = *p;
	b->peer = peer;
	b->began_mono = clock_mono_ms();
	b->active = ferry_begin(l->ferry, peer, b->of.local_id, brought, b) == 1;
	return true;
}

void late_changed(struct late *l, const uint8_t local_id[RXP_ID_OCTETS])
{
	struct store_pending found;
	struct peer *peer;

	if (store_pending_late(store_db(l->node->store), &found, local_id, 1) != 1 ||
	    memcmp(found.local_id, local_id, RXP_ID_OCTETS) != 0 || begin(l, &found))
		return;
	peer = peers_active(l->peers, found.peer);
	if (peer != NULL)
		fall_behind(peer); /* the end of one of those under way arms the timer */
}

static bool is_behind(struct late *l, const char *party)
{
	const struct peer *peer = peers_active(l->peers, party);

	return peer != NULL && peer->late.behind;
}

/* A page of what waits, from that place; behind: only of peers that are. Returns whether the end was reached; else the place is
 * where to go on. */
static bool page(struct late *l, uint8_t from[RXP_ID_OCTETS], bool behind)
{
	struct store_pending found[REGISTRY_PAGE_MAX];
	int n = store_pending_late(store_db(l->node->store), found, from, REGISTRY_PAGE_MAX);
	int i = 0;

	while (i < n && ((behind && !is_behind(l, found[i].peer)) || begin(l, &found[i])))
		i++;
	if (i == n && n == REGISTRY_PAGE_MAX)
		i--;
	if (i < n)
		memcpy(from, found[i].local_id, RXP_ID_OCTETS);
	else
		memset(from, 0, RXP_ID_OCTETS);
	return i >= n;
}

void late_tick(struct late *l)
{
	(void)page(l, l->from, false);
}

static bool has_room(const struct late *l)
{
	size_t i = 0;

	while (i < REGISTRY_LATE_MAX && l->all[i].active)
		i++;
	return i < REGISTRY_LATE_MAX;
}

/* Is nothing of it behind any more? */
static void catch_up(struct peer *peer)
{
	if (peer->late.again || peer->late.not_before_mono > clock_mono_ms())
		return;
	peer->late.behind = false;
}

/* Through all that is behind, once; what failed since waits for the next. */
static void on_timer(void *arg)
{
	struct late *l = arg;
	struct peer *peer;

	for (size_t i = 0; !l->in_pass && (peer = peers_at(l->peers, i)) != NULL; i++)
		peer->late.again = false;
	l->in_pass = !page(l, l->pass_from, true);
	for (size_t i = 0; !l->in_pass && (peer = peers_at(l->peers, i)) != NULL; i++)
		catch_up(peer);
	if (!l->in_pass || has_room(l))
		arm(l, clock_mono_ms());
}

int late_new(
    struct late **out, struct node *n, struct peers *peers, struct ferry *ferry, struct pace *pace)
{
	struct late *l = calloc(1, sizeof *l);

	if (l == NULL)
		return RXP_ERR_NOMEM;
	l->node = n;
	l->peers = peers;
	l->ferry = ferry;
	l->pace = pace;
	if (timer_new(&l->timer, n->loop, on_timer, l) != 0) {
		free(l);
		return RXP_ERR_NOMEM;
	}
	*out = l;
	return 0;
}

void late_free(struct late *l)
{
	if (l == NULL)
		return;
	timer_free(l->timer);
	free(l);
}
