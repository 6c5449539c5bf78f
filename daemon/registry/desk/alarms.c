#include "daemon/registry/desk/alarms.h"

#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/registry/desk/status.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/in/share.h"
#include "daemon/registry/keeping/rewrap.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/dates.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/state.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_clock.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_left.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/watch/pass.h"
#include "protocol/base/err.h"

/* What is looked at: the node itself, or one of its peers. */
struct look {
	const struct status *of;
	const struct peer *peer; /* NULL: the node itself */
	struct store_recovery
	    lost; /* with it; of a peer alone, as the rest; all zeros: nothing ever was */
	bool held;
	struct store_asked asked; /* the last request for a history */
	uint64_t left; /* documents of ours that came back and have no place */
	uint64_t overdue;
	int64_t now_ms;
};

static struct db *db_of(const struct look *l)
{
	return store_db(l->of->node->store);
}

/* --- the node itself -------------------------------------------------------------------------------- */

static uint64_t count_SEAL_KEY(const struct look *l)
{
	return l->peer == NULL && l->of->node->seal != TOKEN_READY;
}

static uint64_t count_STORE(const struct look *l)
{
	return l->peer == NULL && store_failing(l->of->node->store);
}

static uint64_t count_DISPLACED(const struct look *l)
{
	return l->peer == NULL && store_displaced(l->of->node->store);
}

static uint64_t count_NO_DESCRIPTOR(const struct look *l)
{
	uint8_t root[RXP_DIGEST_OCTETS];

	return l->peer == NULL && keys_descriptor(l->of->keys, root).len == 0;
}

static uint64_t count_OWN_AHEAD(const struct look *l)
{
	return l->peer == NULL ? keys_ahead(l->of->keys, l->now_ms) : 0;
}

static uint64_t count_DISK_FULL(const struct look *l)
{
	return l->peer == NULL && share_health()[0] != '\0';
}

static uint64_t count_DISK_LOW(const struct look *l)
{
	return l->peer == NULL && file_room(REGISTRY_CIPHERTEXT_MAX) == RXP_ERR_FULL;
}

static uint64_t count_BOXES_DAMAGED(const struct look *l)
{
	return l->peer == NULL ? rewrap_state(l->of->rewrap).damaged : 0;
}

/* --- a peer ----------------------------------------------------------------------------------------- */

static uint64_t count_LOGS_DIFFER(const struct look *l)
{
	return l->peer != NULL ? l->peer->differences : 0;
}

static uint64_t count_LOSS_HELD(const struct look *l)
{
	return l->held;
}

static uint64_t count_LOSS_STUCK(const struct look *l)
{
	return l->held && l->lost.stage == RECOVERY_STUCK;
}

static uint64_t count_LOSS_DOUBTED(const struct look *l)
{
	return l->peer != NULL && l->peer->active && l->peer->loss_doubted &&
	       l->peer->differences > 0;
}

static uint64_t count_LOSS_DISPUTED(const struct look *l)
{
	return l->held && l->lost.disputed;
}

/* Of what the hold goes on with, one that would have been parked if it were another (RXP-RCV-017). What is parked is a person's, who had
 * asked for a history before. */
static bool is_unheard(const struct look *l, const uint8_t local_id[RXP_ID_OCTETS])
{
	struct store_outbox m;

	return store_outbox_get(db_of(l), &m, NULL, local_id) == 0 &&
	       m.strikes >= REGISTRY_STRIKES_MAX && m.state != STATE_PARKED &&
	       !state_final(m.state);
}

static uint64_t count_LOSS_UNHEARD(const struct look *l)
{
	return l->held && (is_unheard(l, l->lost.notice) || is_unheard(l, l->asked.request));
}

static uint64_t count_UNPROVED(const struct look *l)
{
	return l->lost.unproved;
}

static uint64_t count_GIVEN_UP(const struct look *l)
{
	return l->lost.given_up;
}

static uint64_t count_HISTORY_FORKED(const struct look *l)
{
	return l->asked.forked;
}

static uint64_t count_HISTORY_LEFT(const struct look *l)
{
	return l->left;
}

static uint64_t count_PARKED(const struct look *l)
{
	return l->peer != NULL ? l->peer->counts[STATE_PARKED] : 0;
}

static uint64_t count_QUARANTINED(const struct look *l)
{
	return l->peer != NULL ? l->peer->counts[STATE_QUARANTINED] : 0;
}

static uint64_t count_PEER_KEYLESS(const struct look *l)
{
	return l->peer != NULL && l->peer->active && l->peer->keyless;
}

static uint64_t count_PEER_STRANGE(const struct look *l)
{
	return l->peer != NULL && l->peer->active && l->peer->strange;
}

static uint64_t count_LOG_UNSEEN(const struct look *l)
{
	return l->peer != NULL && l->peer->active && pass_is_blind(l->peer, l->now_ms);
}

static uint64_t count_PEER_FULL(const struct look *l)
{
	return l->peer != NULL && share_full(l->of->share, l->peer);
}

static uint64_t count_OVERDUE(const struct look *l)
{
	return l->overdue;
}

/* --- either ----------------------------------------------------------------------------------------- */

static uint64_t count_ENDS_SOON(const struct look *l)
{
	const struct dates *d = l->peer != NULL ? &l->peer->dates : l->of->dates;
	uint64_t n = 0;

	for (int e = 0; (l->peer == NULL || l->peer->active) && e < ENDING_COUNT; e++)
		n += dates_near(d, (enum ending)e, l->now_ms);
	return n;
}

/* --- all of them ------------------------------------------------------------------------------------ */

static uint64_t (*const counts[ALARM_COUNT])(const struct look *l) = {
#define ALARM(name, word, unready, meaning, action) [ALARM_##name] = count_##name,
#include "daemon/base/alarm.def"
#undef ALARM
};

/* Of each peer in its order. */
struct overdue {
	struct peers *peers; /* borrowed */
	uint64_t n[REGISTRY_PEERS_MAX];
};

static int add_overdue(void *arg, const struct store_clock_count *c)
{
	struct overdue *all = arg;
	const struct peer *peer;

	for (size_t i = 0; (peer = peers_at(all->peers, i)) != NULL; i++)
		if (strcmp(c->peer, peer->party) == 0)
			all->n[i] += c->overdue;
	return 0;
}

/* What cannot be read is not known: a database that fails is an alarm of its own. */
static void look_at(struct look *l)
{
	if (store_recovery_get(db_of(l), &l->lost, l->peer->party) == 0)
		l->held = recovery_holds(l->lost.stage);
	(void)store_asked_get(db_of(l), &l->asked, l->peer->party);
	(void)store_left_count(db_of(l), &l->left, l->peer->party);
}

static void tell(const struct look *l, alarms_fn *fn, void *arg)
{
	for (int a = 0; a < ALARM_COUNT; a++) {
		uint64_t n = counts[a](l);

		if (n > 0)
			fn(arg, (enum alarm)a, l->peer, n);
	}
}

void alarms_each(const struct status *of, alarms_fn *fn, void *arg)
{
	const struct look own = {.of = of, .now_ms = clock_wall_ms()};
	struct overdue overdue = {.peers = of->peers};
	const struct peer *peer;

	tell(&own, fn, arg);
	(void)store_clock_counts(
	    store_db(of->node->store), own.now_ms, own.now_ms, add_overdue, &overdue);
	for (size_t i = 0; (peer = peers_at(of->peers, i)) != NULL; i++) {
		struct look l = {
		    .of = of, .peer = peer, .overdue = overdue.n[i], .now_ms = own.now_ms};

		look_at(&l);
		tell(&l, fn, arg);
	}
}
