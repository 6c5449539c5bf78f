#include "daemon/registry/out/flight_end.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/flight_back.h"
#include "daemon/registry/out/flight_case.h"
#include "daemon/registry/out/flight_late.h"
#include "daemon/registry/out/flight_office.h"
#include "daemon/registry/out/flight_void.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_recovery.h"
#include "protocol/base/err.h"

void flight_end_rest(struct flight *f)
{
	pace_rest(f->all->pace);
	flight_left(f);
}

bool flight_end_is_last(enum state_event event)
{
	return event == EVENT_RECEIPT || event == EVENT_RECEIPT_LATE || event == EVENT_REFUSAL ||
	       event == EVENT_REFUSAL_EXPIRED || event == EVENT_OVERTAKEN;
}

/* Never sealed, it has no content whose erasure would take them later (RXP-RET-005). */
static int let_files_go(struct flight *f, struct db *db)
{
	memcpy(f->drop.row.local_id, f->row.local_id, sizeof f->drop.row.local_id);
	return drop_files(&f->drop, db);
}

/* Of one that has its final answer: the peer has lost it, or is asked since the seal of that was revoked. */
static int answered_again(struct flight *f, struct db *db)
{
	if (!f->again || !flight_end_is_last(f->end.event) || f->end.event == EVENT_OVERTAKEN)
		return 0;
	return store_outbox_reseal(db, f->row.local_id, &f->end.outcome, &f->resealed);
}

static int end_apply(void *arg, struct db *db)
{
	struct flight *f = arg;
	int rc = answered_again(f, db);

	if (rc != 0)
		return rc;
	if (flight_end_is_last(f->end.event) && !f->again)
		rc = store_outbox_finish(db, &f->changed, &f->end.outcome);
	else
		rc = store_outbox_plan(db, &f->changed, f->end.next_try_ms, f->end.why);
	if (rc == 0 && f->end.event == EVENT_OVERTAKEN)
		rc = let_files_go(f, db);
	if (rc == 0)
		rc = flight_back_end(f, db, clock_wall_ms());
	if (rc == 0)
		rc = flight_late_end(f, db, clock_wall_ms());
	if (rc == 0)
		rc = flight_case_end(f, db, clock_wall_ms());
	return rc != 0 ? rc : flight_void_end(f, db, clock_wall_ms());
}

static void log_end(const struct flight *f)
{
	switch (f->end.event) {
	case EVENT_RECEIPT:
	case EVENT_RECEIPT_LATE:
		log_event(LOG_MESSAGE_DELIVERED, LOG_S(f->row.peer), LOG_S(f->id_text),
		    LOG_S(f->row.type));
		break;
	case EVENT_REFUSAL:
	case EVENT_REFUSAL_EXPIRED:
		log_event(LOG_MESSAGE_REFUSED, LOG_S(f->row.peer), LOG_S(f->id_text),
		    LOG_S(f->end.outcome.refusal));
		break;
	case EVENT_OVERTAKEN:
		log_event(LOG_MESSAGE_OVERTAKEN, LOG_S(f->row.peer), LOG_S(f->id_text),
		    LOG_S(f->end.why));
		break;
	case EVENT_PARK:
		log_event(
		    LOG_MESSAGE_PARKED, LOG_S(f->row.peer), LOG_S(f->id_text), LOG_S(f->end.why));
		break;
	default:
		if (f->end.waits_for_key)
			break;
		log_event(
		    LOG_DELIVERY_FAILED, LOG_S(f->row.peer), LOG_S(f->id_text), LOG_S(f->end.why));
		break;
	}
}

static void end_done(void *arg, int result)
{
	struct flight *f = arg;

	if (result == RXP_ERR_STATE && f->end.event != EVENT_PARK) {
		flight_end_park(f, "the peer refused a document that it had named as seen");
		return;
	}
	if (result != 0) {
		flight_end_rest(f);
		return;
	}
	flight_committed(f);
	f->result = 0;
	if (f->end.event == EVENT_OVERTAKEN)
		drop_files_done(&f->drop);
	flight_void_ended(f);
	if (f->promoted) {
		peers_count(f->peer, STATE_DRAFT, STATE_WAITING);
		f->all->changed(f->all->changed_arg, f->promoted_id);
	}
	if (f->end.event == EVENT_REFUSAL)
		flight_office_refused(f);
	if (f->end.unheard)
		log_event(LOG_LOSS_UNHEARD, LOG_S(f->row.peer), LOG_S(f->end.why));
	if (!f->end.quiet)
		log_end(f);
	flight_back_ended(f);
	flight_left(f);
}

static bool expired(const struct flight *f, int64_t now)
{
	return f->row.expires_ms != 0 && now > f->row.expires_ms;
}

/* After Expires hourly, as a question (RXP-ANS-014). */
static int64_t next_try(const struct flight *f, int64_t delay_ms, int64_t now)
{
	return now + (expired(f, now) ? REGISTRY_RETRY_EXPIRED_MS : delay_ms);
}

/* Is it what a hold goes on with, which is never parked (RXP-RCV-017)? */
static bool holds_up(const struct flight *f)
{
	return f->peer->recovering && store_recovery_waits_for(store_db(f->all->node->store),
					  f->row.peer, f->row.local_id);
}

/* What a hold goes on with is tried again, each time later; the rest waits for a person. */
static void strike_out(struct flight *f, int64_t *delay_ms)
{
	int64_t more = f->changed.strikes - REGISTRY_STRIKES_MAX + 1;

	if (!holds_up(f)) {
		f->end.event = EVENT_PARK;
		return;
	}
	f->end.unheard = true;
	*delay_ms = more < REGISTRY_RETRY_EXPIRED_MS / REGISTRY_RETRY_LAST_MS
			? more * REGISTRY_RETRY_LAST_MS
			: REGISTRY_RETRY_EXPIRED_MS;
}

void flight_end_try(struct flight *f, int64_t delay_ms)
{
	int64_t now = clock_wall_ms();

	f->changed = f->row;
	if (f->way == FLIGHT_ANSWER)
		f->changed.ordered = false;
	if (f->end.strike && ++f->changed.strikes >= REGISTRY_STRIKES_MAX)
		strike_out(f, &delay_ms);
	if (f->end.lacks_from != 0)
		f->changed.lacks_from = f->end.lacks_from;
	if (!f->again)
		f->changed.state = state_next(f->row.state, f->end.event);
	if (f->end.event == EVENT_PARK || flight_end_is_last(f->end.event))
		f->end.next_try_ms = 0;
	else if (f->end.next_try_ms == 0)
		f->end.next_try_ms = next_try(f, delay_ms, now);
	if (f->again && f->end.next_try_ms == 0)
		f->changed.strikes = 0; /* it may be lost once more */
	flight_commit(f, end_apply, end_done);
}

void flight_end_park(struct flight *f, const char *why)
{
	f->end = (struct flight_end){.event = EVENT_PARK};
	snprintf(f->end.why, sizeof f->end.why, "%s", why);
	flight_end_try(f, 0);
}

void flight_end_unanswered(struct flight *f, bool strike, int64_t delay_ms, const char *why)
{
	f->end = (struct flight_end){.event = EVENT_NO_ANSWER, .strike = strike};
	snprintf(f->end.why, sizeof f->end.why, "%s", why);
	flight_end_try(f, delay_ms);
}

void flight_end_keyless(struct flight *f)
{
	f->end = (struct flight_end){.event = EVENT_NO_ANSWER, .waits_for_key = true};
	snprintf(f->end.why, sizeof f->end.why, "%s", rxp_err_text(RXP_ERR_LATER));
	flight_end_try(f, REGISTRY_SEAL_WAIT_MS);
}

int64_t flight_end_delay(const struct flight *f)
{
	unsigned tries = f->row.attempts > f->row.strikes ? f->row.attempts : f->row.strikes + 1;

	return pace_backoff(f->all->pace, tries);
}

void flight_end_held(struct flight *f, const char *why, int64_t delay_ms)
{
	f->end = (struct flight_end){.event = EVENT_NO_ANSWER, .quiet = true};
	snprintf(f->end.why, sizeof f->end.why, "%s", why);
	flight_end_try(f, delay_ms);
}

void flight_end_with_peer(struct flight *f, const char *why)
{
	pace_failed(f->all->pace, f->peer, f->began_mono);
	flight_end_unanswered(f, false, 0, why);
}

/* No answer; of those with the same deadline it has been due the longest. */
static void stays_first(struct flight *f, const char *why)
{
	int64_t now = clock_wall_ms();

	f->end = (struct flight_end){.event = EVENT_NO_ANSWER};
	/* The clock may have gone back since it was made. */
	if (!expired(f, now))
		f->end.next_try_ms = f->row.created_ms < now ? f->row.created_ms : now;
	snprintf(f->end.why, sizeof f->end.why, "%s", why);
	flight_end_try(f, 0);
}

void flight_end_with_line(struct flight *f, bool moved, const char *why)
{
	if (moved)
		pace_moved(f->peer);
	else
		pace_failed(f->all->pace, f->peer, f->began_mono);
	if (f->row.attempts % REGISTRY_LINE_TURNS != 0)
		stays_first(f, why);
	else
		flight_end_unanswered(f, false, 0, why);
}

void flight_end_further(struct flight *f, const char *why)
{
	pace_failed(f->all->pace, f->peer, f->began_mono);
	pace_went_further(f->all->pace, f->peer);
	stays_first(f, why);
}
