#include "daemon/registry/in/share.h"

#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/err.h"

struct share {
	struct node *node; /* borrowed */
	uint64_t peer_octets;
	bool disk_told; /* that it is full, and not yet that it has room again */
	int64_t disk_told_mono; /* 0: never */
};

/* Is it time to say it again? Takes note that it is said. */
static bool is_due(int64_t *told_mono)
{
	int64_t now = clock_mono_ms();

	if (*told_mono != 0 && now - *told_mono < REGISTRY_ALARM_MS)
		return false;
	*told_mono = now;
	return true;
}

/* --- the disk ------------------------------------------------------------------------------------ */

/* There is room again when the largest file fits: small messages alone are no end of it. */
static void note_room(struct share *s)
{
	if (!s->disk_told || file_room(REGISTRY_CIPHERTEXT_MAX) != 0)
		return;
	s->disk_told = false;
	log_event(LOG_DISK_BACK, LOG_N(REGISTRY_DISK_RESERVE_OCTETS));
}

bool share_room(struct share *s, uint64_t octets)
{
	if (file_room(octets) == 0) {
		note_room(s);
		return true;
	}
	if (is_due(&s->disk_told_mono)) {
		s->disk_told = true;
		log_event(LOG_DISK_FULL, LOG_N(REGISTRY_DISK_RESERVE_OCTETS));
	}
	return false;
}

const char *share_health(void)
{
	return file_room(0) == 0 ? "" : "the disk is nearly full; peers are answered busy";
}

/* --- peers --------------------------------------------------------------------------------------- */

static void tell(struct share *s, struct peer *peer, const char *why)
{
	uint64_t octets = 0;

	if (!is_due(&peer->full_told_mono))
		return;
	(void)store_peer_octets(store_db(s->node->store), peer->party, &octets);
	log_event(LOG_PEER_FULL, LOG_S(peer->party), LOG_N(octets), LOG_S(why));
}

bool share_open(struct share *s, struct peer *peer, uint64_t octets)
{
	uint64_t held;

	if (!share_room(s, octets))
		return false;
	if (store_peer_octets(store_db(s->node->store), peer->party, &held) != 0)
		return false;
	if (held + octets > s->peer_octets) {
		tell(s, peer, "octets");
		return false;
	}
	if (peer->counts[STATE_QUARANTINED] >= REGISTRY_QUARANTINE_MAX) {
		tell(s, peer, "envelopes in quarantine");
		return false;
	}
	return true;
}

bool share_full(const struct share *s, const struct peer *peer)
{
	uint64_t held;

	return peer->counts[STATE_QUARANTINED] >= REGISTRY_QUARANTINE_MAX ||
	       (store_peer_octets(store_db(s->node->store), peer->party, &held) == 0 &&
		   held + REGISTRY_MESSAGE_OCTETS > s->peer_octets);
}

int share_check(const struct share *s, struct db *db, const char *party)
{
	uint64_t held;
	int rc = store_peer_octets(db, party, &held);

	if (rc != 0)
		return rc;
	return held > s->peer_octets ? RXP_ERR_FULL : 0;
}

void share_overrun(struct share *s, struct peer *peer)
{
	tell(s, peer, "octets");
}

uint64_t share_octets(const struct share *s)
{
	return s->peer_octets;
}

/* --- beginning and end --------------------------------------------------------------------------- */

static int check_sum(void *arg, const char *party, uint64_t counted, uint64_t stored)
{
	struct share *s = arg;

	if (counted == stored)
		return 0;
	log_event(LOG_PEER_RECOUNTED, LOG_S(party), LOG_N(counted), LOG_N(stored));
	return store_peer_weigh(
	    store_db(s->node->store), party, (int64_t)stored - (int64_t)counted);
}

int share_new(struct share **out, struct node *n, uint64_t peer_octets)
{
	struct share *s = calloc(1, sizeof *s);
	int rc;

	if (s == NULL)
		return RXP_ERR_NOMEM;
	s->node = n;
	s->peer_octets = peer_octets;
	rc = store_peer_sums(store_db(n->store), check_sum, s);
	if (rc != 0) {
		share_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

void share_free(struct share *s)
{
	free(s);
}
