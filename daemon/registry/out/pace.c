#include "daemon/registry/out/pace.h"

#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/peers/peers.h"
#include "protocol/base/err.h"
#include "protocol/base/random.h"

#define REST_MS 1000

struct pace {
	struct rxp_random *random;
	bool kicked;
	unsigned in_work;
	int64_t rest_until_mono;
};

void pace_kick(struct pace *p)
{
	p->kicked = true;
}

bool pace_kicked(struct pace *p)
{
	bool kicked = p->kicked;

	p->kicked = false;
	return kicked;
}

void pace_started(struct pace *p, struct peer *peer)
{
	peer->in_work++;
	p->in_work++;
}

void pace_probed(struct peer *peer)
{
	peer->probe_now = false;
}

void pace_ended(struct pace *p, struct peer *peer)
{
	peer->in_work--;
	p->in_work--;
	p->kicked = true;
}

/* --- back-off ------------------------------------------------------------------------------------ */

int64_t pace_backoff(struct pace *p, unsigned tries)
{
	int64_t delay = REGISTRY_RETRY_FIRST_MS;
	uint16_t jitter = 0;

	for (unsigned i = 1; i < tries && delay < REGISTRY_RETRY_LAST_MS; i++)
		delay *= 2;
	if (delay > REGISTRY_RETRY_LAST_MS)
		delay = REGISTRY_RETRY_LAST_MS;
	/* Without randomness there is no jitter; nothing secret depends on it. */
	(void)p->random->fill(p->random->arg, (uint8_t *)&jitter, sizeof jitter);
	return delay - delay / 2 * jitter / UINT16_MAX;
}

/* What fails with it is due again from now on. */
static void turns_begin(struct peer *peer)
{
	for (unsigned files = 0; files < 2; files++)
		if (peer->failures == 0 || peer->turn_ms[files] == INT64_MAX)
			peer->turn_ms[files] = clock_wall_ms() - 1;
}

void pace_moved(struct peer *peer)
{
	peer->held_back = REGISTRY_PEER_WINDOW - REGISTRY_PEER_FOUND;
}

void pace_failed(struct pace *p, struct peer *peer, int64_t began_mono)
{
	int64_t now = clock_mono_ms();

	if (peer->failures > 0 && began_mono <= peer->failed_mono)
		return;
	peer->found = false;
	peer->failed_mono = now;
	if (now < peer->not_before_mono)
		return; /* a probe before its time: what was planned stays */
	turns_begin(peer);
	peer->failures++;
	pace_moved(peer);
	peer->not_before_mono = now + pace_backoff(p, peer->failures);
}

void pace_node_failed(struct peer *peer)
{
	peer->node_failed = true;
	peer->found = false;
}

void pace_went_further(struct pace *p, struct peer *peer)
{
	peer->failures = 1;
	peer->not_before_mono = clock_mono_ms() + pace_backoff(p, peer->failures);
	peer->turn_ms[true] = INT64_MAX;
	pace_kick(p);
}

int64_t pace_turn_ms(const struct peer *peer, bool files, int64_t now_ms)
{
	return peer->turn_ms[files] < now_ms ? peer->turn_ms[files] : now_ms;
}

void pace_turns_over(struct peer *peer, bool files, int64_t now_ms)
{
	peer->turn_ms[files] = now_ms;
}

void pace_answered(struct pace *p, struct peer *peer)
{
	peer->node_failed = false;
	peer->held_back -=
	    peer->held_back < REGISTRY_PEER_MORE ? peer->held_back : REGISTRY_PEER_MORE;
	if (peer->failures == 0)
		return;
	peer->failures = 0;
	peer->not_before_mono = 0;
	pace_kick(p);
}

void pace_contact(struct pace *p, struct peer *peer)
{
	int64_t now = clock_mono_ms();

	if (peer->failures == 0 || now < peer->deaf_until_mono)
		return;
	if (!peer->node_failed && !peer->found)
		peer->found = true;
	else if (pace_waits_ms(peer, now) > 0)
		peer->probe_now = true;
	else
		return;
	peer->deaf_until_mono = now + REGISTRY_CONTACT_PROBE_MS;
	pace_kick(p);
}

void pace_ask_now(struct pace *p, struct peer *peer)
{
	peer->probe_now = true;
	pace_kick(p);
}

void pace_rest(struct pace *p)
{
	p->rest_until_mono = clock_mono_ms() + REST_MS;
	p->kicked = true;
}

int64_t pace_rests_ms(const struct pace *p, int64_t mono)
{
	return p->rest_until_mono > mono ? p->rest_until_mono - mono : 0;
}

int64_t pace_waits_ms(const struct peer *peer, int64_t mono)
{
	if (peer->probe_now || peer->found || peer->not_before_mono <= mono)
		return 0;
	return peer->not_before_mono - mono;
}

/* Of a peer that fails, or did, those with attachments do not count. */
static unsigned counted(const struct peer *peer)
{
	if (peer->failures == 0 && peer->held_back == 0)
		return peer->in_work;
	return peer->in_work > peer->files_in_work ? peer->in_work - peer->files_in_work : 0;
}

unsigned pace_room(const struct pace *p, const struct peer *peer, int64_t mono)
{
	unsigned window = peer->failures == 0 ? REGISTRY_PEER_WINDOW - peer->held_back
			  : peer->found       ? REGISTRY_PEER_FOUND
					      : REGISTRY_PEER_PROBE;

	if (!peer->active || pace_waits_ms(peer, mono) > 0 || pace_rests_ms(p, mono) > 0 ||
	    counted(peer) >= window || p->in_work >= REGISTRY_ACTIVE_MAX)
		return 0;
	window -= counted(peer);
	return window < REGISTRY_ACTIVE_MAX - p->in_work ? window
							 : REGISTRY_ACTIVE_MAX - p->in_work;
}

/* --- the module ---------------------------------------------------------------------------------- */

int pace_new(struct pace **out, struct rxp_random *random)
{
	struct pace *p = calloc(1, sizeof *p);

	if (p == NULL)
		return RXP_ERR_NOMEM;
	p->random = random;
	p->kicked = true; /* what was due before the start */
	*out = p;
	return 0;
}

void pace_free(struct pace *p)
{
	free(p);
}
