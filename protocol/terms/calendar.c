#include "protocol/terms/calendar.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/terms/terms.h"

#define MINUTE_MS 60000LL

/* --- days ---------------------------------------------------------------------------------- */

static size_t offset_at(const struct rxp_calendar *c, int64_t ms)
{
	size_t i = c->n_offsets - 1;

	while (i > 0 && c->offsets[i].from_ms > ms)
		i--;
	return i;
}

static int64_t local_ms(const struct rxp_calendar *c, size_t offset, int64_t ms)
{
	return ms + c->offsets[offset].minutes * MINUTE_MS;
}

static int32_t day_of(int64_t local)
{
	return (
	    int32_t)(local >= 0 ? local / RXP_DAY_MS : -((-local + RXP_DAY_MS - 1) / RXP_DAY_MS));
}

int32_t rxp_calendar_day(const struct rxp_calendar *c, int64_t ms)
{
	return day_of(local_ms(c, offset_at(c, ms), ms));
}

int rxp_calendar_minute(const struct rxp_calendar *c, int64_t ms)
{
	int64_t local = local_ms(c, offset_at(c, ms), ms);

	return (int)((local - day_of(local) * RXP_DAY_MS) / MINUTE_MS);
}

/* In the stretch of each offset the day ends at a known instant, cut to the end of the stretch; the
 * last stretch in which the day, or an earlier one, occurs at all decides. */
int64_t rxp_calendar_day_end(const struct rxp_calendar *c, int32_t day)
{
	size_t i = c->n_offsets - 1;
	int64_t end;

	for (;; i--) {
		end = (day + 1) * RXP_DAY_MS - c->offsets[i].minutes * MINUTE_MS - 1;
		if (i == 0 || end >= c->offsets[i].from_ms)
			break;
	}
	if (i + 1 < c->n_offsets && end >= c->offsets[i + 1].from_ms)
		end = c->offsets[i + 1].from_ms - 1;
	return end;
}

bool rxp_calendar_covers(const struct rxp_calendar *c, int32_t day)
{
	return day >= c->first_day && day <= c->last_day;
}

enum rxp_day_kind rxp_calendar_kind(const struct rxp_calendar *c, int32_t day)
{
	if ((c->weekend & 1U << rxp_day_weekday(day)) != 0)
		return RXP_DAY_WEEKEND;
	return bsearch(&day, c->holidays, c->n_holidays, sizeof day, rxp_day_compare) != NULL
		   ? RXP_DAY_HOLIDAY
		   : RXP_DAY_WORKING;
}

/* --- versions ------------------------------------------------------------------------------ */

int rxp_calendars_at(size_t *out, const struct rxp_calendars *all, int64_t start_ms)
{
	for (size_t i = all->n; i > 0; i--) {
		if (all->versions[i - 1]->effective_ms <= start_ms) {
			*out = i - 1;
			return 0;
		}
	}
	return RXP_ERR_NOT_FOUND;
}

const struct rxp_calendar *rxp_calendars_for(
    const struct rxp_calendars *all, size_t at, int32_t day, bool *covered)
{
	*covered = true;
	for (size_t i = at; i < all->n; i++)
		if (rxp_calendar_covers(all->versions[i], day))
			return all->versions[i];
	*covered = false;
	return all->versions[all->n - 1];
}

int rxp_calendar_succeeds(
    const struct rxp_calendar *held, const struct rxp_calendar *next, struct rxp_reason *reason)
{
	if (strcmp(held->owner, next->owner) != 0)
		return rxp_terms_refuse(reason, RXP_TERMS_OTHER);
	if (next->version <= held->version)
		return rxp_terms_refuse(reason, RXP_TERMS_VERSION);
	if (next->effective_ms <= held->effective_ms)
		return rxp_terms_refuse(reason, RXP_TERMS_START_ORDER);
	return 0;
}
