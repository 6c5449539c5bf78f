#include "daemon/registry/out/flight_key.h"

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/out/flight_end.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/refresh.h"

void flight_key_lacks(struct flight *f, int64_t delay_ms)
{
	if (!f->peer->keyless)
		log_event(LOG_PEER_KEYLESS, LOG_S(f->row.peer));
	f->peer->keyless = true;
	f->vain_ms = clock_wall_ms();
	flight_end_unanswered(
	    f, false, delay_ms, "waits for an agreement key of the peer that is in force");
}

static void asked(void *arg, enum refresh_outcome outcome, const char *why)
{
	struct flight *f = arg;
	uint8_t key_id[32];

	if (!f->peer->active)
		flight_left(f);
	else if (outcome == REFRESH_OWN)
		flight_end_rest(f);
	else if (outcome == REFRESH_PEER) {
		f->vain_ms = clock_wall_ms();
		flight_end_with_peer(f, why);
	} else if (peers_agreement_key(f->peer, clock_wall_ms(), key_id) == 0)
		f->go_on(f);
	else
		flight_key_lacks(f, refresh_waits_ms(f->peer, clock_mono_ms()));
}

int flight_key_ask(struct flight *f, flight_keyed *go_on)
{
	int rc;

	f->go_on = go_on;
	f->began_mono = clock_mono_ms();
	rc = refresh_ask(f->all->refresh, f->peer, asked, f);
	if (rc < 0)
		return rc;
	if (rc == 0)
		flight_key_lacks(f, refresh_waits_ms(f->peer, f->began_mono));
	return 0;
}
