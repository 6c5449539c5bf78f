#include "daemon/registry/out/flight_back.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/out/flight.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"

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

int flight_back_end(struct flight *f, struct db *db, int64_t now_ms)
{
	const struct store_outcome *o = &f->end.outcome;
	struct store_bringing last, b = {.open = true, .began_ms = now_ms, .seen = true};
	struct store_log_of log = {.peer = f->row.peer};
	int64_t since_ms, day = now_ms / RXP_DAY_MS;
	int rc;

	if (f->again || o->log_id == NULL ||
	    (f->end.event != EVENT_RECEIPT && f->end.event != EVENT_RECEIPT_LATE))
		return 0;
	rc = measure_since(&since_ms, &last, db, f->row.peer);
	if (rc != 0 || last.open || (last.day == day && last.times >= REGISTRY_RESTORES_DAY))
		return rc;
	memcpy(log.log_id, o->log_id, sizeof log.log_id);
	rc = store_log_went_back(db, &log, o->log_count, f->row.first_attempt_ms, since_ms);
	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	f->end.went_back = true;
	snprintf(b.peer, sizeof b.peer, "%s", f->row.peer);
	memcpy(b.log_id, log.log_id, sizeof b.log_id);
	b.day = day;
	b.times = (last.day == day ? last.times : 0) + 1;
	return store_bringing_put(db, &b);
}
