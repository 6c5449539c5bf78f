#include "daemon/registry/cases/clock_rows.h"

#include <stdio.h>

#include "daemon/registry/cases/clock_times.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/err.h"

/* --- one clock ----------------------------------------------------------------------------------- */

bool clock_rows_is_open(enum rxp_clock clock, enum rxp_clock_status status)
{
	return rxp_clock_row(clock)->kind != RXP_CLOCK_KIND_MINIMUM &&
	       (status == RXP_CLOCK_WAITS || status == RXP_CLOCK_RUNS ||
		   status == RXP_CLOCK_STANDS || status == RXP_CLOCK_PAST);
}

void clock_rows_local(
    char out[RECORD_NAME_MAX], const struct clock_times *t, const struct rxp_due *due)
{
	const struct rxp_calendar *calendar;
	char day[RXP_DAY_TEXT];
	size_t version;
	bool covered;
	int minute;

	out[0] = '\0';
	if (rxp_calendars_at(&version, t->in.calendars, due->start_ms) != 0)
		return;
	calendar = rxp_calendars_for(t->in.calendars, version, due->last_day, &covered);
	minute = rxp_calendar_day_end(calendar, due->last_day) == due->due_ms
		     ? 24 * 60
		     : rxp_calendar_minute(calendar, due->due_ms);
	rxp_day_text(day, due->last_day);
	snprintf(out, RECORD_NAME_MAX, "%s %02d:%02d %.3s", day, minute / 60, minute % 60, t->zone);
}

/* A clock that stands has no due instant that means anything. */
static bool has_due(const struct rxp_case_clock *c)
{
	return c->status != RXP_CLOCK_NO_CALENDAR && c->status != RXP_CLOCK_WAITS &&
	       c->status != RXP_CLOCK_STANDS;
}

static struct store_clock row_of(const struct clock_times *t, enum rxp_case_side own,
    uint32_t person, enum rxp_clock clock, const struct rxp_case_clock *c)
{
	struct store_clock row = {.person = person,
	    .clock = clock,
	    .status = c->status,
	    .own = c->actor == own,
	    .open = clock_rows_is_open(clock, c->status),
	    .start_ms = RXP_DUE_NEVER,
	    .due_ms = RXP_DUE_NEVER,
	    .warn_ms = RXP_DUE_NEVER,
	    .off_ms = c->off_ms};

	if (!has_due(c))
		return row;
	row.provisional = c->due.provisional;
	row.start_ms = c->due.start_ms;
	row.due_ms = c->due.due_ms;
	row.warn_ms = c->due.warn_ms;
	clock_rows_local(row.local, t, &c->due);
	return row;
}

/* --- when time changes it ------------------------------------------------------------------------ */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The next instant at which it is another clock, though nothing happens. */
static int64_t changes_at(const struct rxp_case_clock *c)
{
	if (c->status == RXP_CLOCK_WAITS && c->due.waits_until_ms != RXP_DUE_NEVER)
		return c->due.waits_until_ms + 1;
	return c->status == RXP_CLOCK_RUNS ? c->due.due_ms + 1 : RXP_DUE_NEVER;
}

/* --- all of a case ------------------------------------------------------------------------------- */

/* The first of those that are due; no consequence is drawn from a provisional due instant that has passed. */
static void mark_first(struct clock_rows *out, int64_t now_ms)
{
	struct store_clock *first = NULL;

	for (size_t i = 0; i < out->n; i++) {
		struct store_clock *c = &out->rows[i];

		if (c->open && c->due_ms != RXP_DUE_NEVER &&
		    !(c->provisional && c->due_ms < now_ms) &&
		    (first == NULL || c->due_ms < first->due_ms))
			first = c;
	}
	if (first != NULL)
		first->first = true;
}

static int compute_person(
    struct clock_rows *out, const struct clock_times *t, enum rxp_case_side own, unsigned person)
{
	for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++) {
		struct rxp_case_clock c;
		int rc = rxp_case_clock(&c, &t->in, person, (enum rxp_clock)clock);

		if (rc != 0)
			return rc;
		if (c.status == RXP_CLOCK_IDLE || c.status == RXP_CLOCK_UNCOUNTED)
			continue;
		out->rows[out->n++] = row_of(t, own, person, (enum rxp_clock)clock, &c);
		out->changes_ms = earlier(out->changes_ms, changes_at(&c));
		if (t->outage_lasts && out->rows[out->n - 1].open)
			out->changes_ms =
			    earlier(out->changes_ms, t->in.as_of_ms + REGISTRY_OUTAGE_LOOK_MS);
	}
	return 0;
}

int clock_rows_compute(struct clock_rows *out, const struct clock_times *t, enum rxp_case_side own)
{
	int rc = 0;

	out->n = 0;
	out->changes_ms = RXP_DUE_NEVER;
	for (unsigned person = 1; rc == 0 && person <= RXP_MAX_PERSONS; person++)
		if (rxp_case_person(t->in.c, person) != RXP_CASE_UNKNOWN)
			rc = compute_person(out, t, own, person);
	mark_first(out, t->in.as_of_ms);
	return rc;
}

/* --- what was told ------------------------------------------------------------------------------- */

static int carry_one(void *arg, const struct store_clock *old)
{
	struct clock_rows *rows = arg;

	for (size_t i = 0; i < rows->n; i++)
		if (rows->rows[i].person == old->person && rows->rows[i].clock == old->clock &&
		    rows->rows[i].due_ms == old->due_ms)
			rows->rows[i].said = old->said;
	return 0;
}

int clock_rows_carry(
    struct clock_rows *rows, struct db *db, const char *peer, const uint8_t case_id[16])
{
	return store_clock_each(db, peer, case_id, carry_one, rows);
}

enum store_clock_said clock_rows_to_tell(const struct store_clock *c, int64_t now_ms)
{
	if (c->open && c->status == RXP_CLOCK_PAST)
		return STORE_CLOCK_TOLD;
	if (c->open && c->own && c->status == RXP_CLOCK_RUNS && c->warn_ms <= now_ms &&
	    c->said == STORE_CLOCK_NOTHING)
		return STORE_CLOCK_WARNED;
	return c->said;
}

/* The next instant at which something is to be told of it. */
static int64_t tell_at(const struct store_clock *c, int64_t now_ms)
{
	if (clock_rows_to_tell(c, now_ms) != c->said)
		return now_ms;
	if (c->open && c->own && c->status == RXP_CLOCK_RUNS && c->said == STORE_CLOCK_NOTHING)
		return c->warn_ms;
	return RXP_DUE_NEVER;
}

int64_t clock_rows_next(const struct clock_rows *rows, int64_t now_ms)
{
	int64_t next_ms = rows->changes_ms;

	for (size_t i = 0; i < rows->n; i++)
		next_ms = earlier(next_ms, tell_at(&rows->rows[i], now_ms));
	return next_ms;
}

int clock_rows_store(
    const struct clock_rows *rows, struct db *db, const char *peer, const uint8_t case_id[16])
{
	int rc = store_clock_clear(db, peer, case_id);

	for (size_t i = 0; rc == 0 && i < rows->n; i++)
		rc = store_clock_put(db, peer, case_id, &rows->rows[i]);
	return rc != 0 ? rc : store_outbox_deadline(db, peer, case_id);
}
