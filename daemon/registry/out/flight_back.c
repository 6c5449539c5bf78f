#include "daemon/registry/out/flight_back.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/out/flight.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"

static bool is_receipt(const struct flight *f)
{
	return !f->again && f->end.outcome.log_id != NULL &&
	       (f->end.event == EVENT_RECEIPT || f->end.event == EVENT_RECEIPT_LATE);
}

/* Receipts of before are no measure once the peer was given back what it lost, or its log is known to be another. */
static int measure_since(
    int64_t *since_ms, struct store_bringing *last, struct db *db, const char *peer)
{
	struct store_watch watch = {.since_ms = 0};
	int rc = store_watch_get(db, &watch, peer);

	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	*last = (struct store_bringing){.open = false};
	rc = store_bringing_get(db, last, peer);
	*since_ms = watch.since_ms > last->began_ms ? watch.since_ms : last->began_ms;
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* What the database knows, once, without the receipt that is to be judged; then memory follows. */
static int load(struct flight *f, struct db *db, int64_t since_ms)
{
	struct peer *p = f->peer;
	struct store_log_named named;
	int rc = p->named.loaded ? RXP_ERR_NOT_FOUND
				 : store_log_named(db, &named, p->party, since_ms, f->row.local_id);

	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	if (rc == 0) {
		p->named = (struct peer_named){.any = true,
		    .count = named.count,
		    .answered_ms = named.answered_ms,
		    .received_ms = named.received_ms};
		memcpy(p->named.log_id, named.log_id, sizeof p->named.log_id);
	}
	p->named.loaded = true;
	return 0;
}

static bool is_less(const struct flight *f)
{
	const struct peer_named *named = &f->peer->named;
	const struct store_outcome *o = &f->end.outcome;

	return named->any && f->row.first_attempt_ms > named->answered_ms &&
	       (memcmp(named->log_id, o->log_id, sizeof named->log_id) != 0 ||
		   named->count > o->log_count);
}

/* One answer may be lost there, in whose place this one stands: its log shows it (RXP-RCV-025). */
static void look_at_log(const struct flight *f)
{
	struct peer *p = f->peer;
	const struct peer_named *named = &p->named;
	const struct store_outcome *o = &f->end.outcome;
	int64_t now = clock_mono_ms();

	if (!is_receipt(f) || !named->any || f->end.went_back ||
	    f->row.first_attempt_ms <= named->answered_ms || o->log_count != named->count ||
	    memcmp(named->log_id, o->log_id, sizeof named->log_id) != 0 ||
	    now < p->look_not_before_mono)
		return;
	p->look_not_before_mono = now + REGISTRY_WATCH_AGAIN_MS;
	peers_read_log(p);
}

int flight_back_end(struct flight *f, struct db *db, int64_t now_ms)
{
	struct store_bringing last, b = {.open = true, .began_ms = now_ms, .seen = true};
	int64_t since_ms, day = now_ms / RXP_DAY_MS;
	int rc;

	if (!is_receipt(f))
		return 0;
	rc = measure_since(&since_ms, &last, db, f->row.peer);
	if (rc == 0)
		rc = load(f, db, since_ms);
	if (rc != 0 || !is_less(f) || last.open || f->peer->named.received_ms <= since_ms ||
	    (last.day == day && last.times >= REGISTRY_RESTORES_DAY))
		return rc;
	f->end.went_back = true;
	snprintf(b.peer, sizeof b.peer, "%s", f->row.peer);
	memcpy(b.log_id, f->end.outcome.log_id, sizeof b.log_id);
	b.day = day;
	b.times = (last.day == day ? last.times : 0) + 1;
	rc = store_bringing_carried(db, &b.beyond, b.peer);
	return rc != 0 ? rc : store_bringing_put(db, &b);
}

void flight_back_ended(struct flight *f)
{
	struct peer_named *named = &f->peer->named;
	const struct store_outcome *o = &f->end.outcome;
	bool same = is_receipt(f) && memcmp(named->log_id, o->log_id, sizeof named->log_id) == 0;

	look_at_log(f);
	if (f->end.went_back)
		log_event(LOG_PEER_WENT_BACK, LOG_S(f->row.peer), LOG_S(f->id_text));
	/* One that is given again, and names what was long ago, is no measure. */
	if (!is_receipt(f) ||
	    (named->any && !is_less(f) && !(same && o->log_count >= named->count)))
		return;
	*named = (struct peer_named){.loaded = true,
	    .any = true,
	    .count = o->log_count,
	    .answered_ms = o->answered_ms,
	    .received_ms = o->received_ms};
	memcpy(named->log_id, o->log_id, sizeof named->log_id);
}
