#include "daemon/base/terms.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define DAY_MINUTES 1440

int terms_put_calendar(struct rxp_buf *out, const struct rxp_calendar *c)
{
	struct rec_calendar_head h = {.version = c->version,
	    .created_ms = c->created_ms,
	    .effective_ms = c->effective_ms,
	    .first_day = c->first_day,
	    .last_day = c->last_day,
	    .weekend = c->weekend};

	memcpy(h.owner, c->owner, sizeof h.owner);
	memcpy(h.digest, c->digest, sizeof h.digest);
	snprintf(h.zone, sizeof h.zone, "%s", c->zone);
	record_list_put(out, REC_calendar_head, &record_calendar_head, &h);
	for (size_t i = 0; i < c->n_offsets; i++) {
		const struct rec_calendar_offset r = {
		    .from_ms = c->offsets[i].from_ms, .minutes = c->offsets[i].minutes};

		record_list_put(out, REC_calendar_offset, &record_calendar_offset, &r);
	}
	for (size_t i = 0; i < c->n_holidays; i++) {
		const struct rec_calendar_holiday r = {.day = (uint32_t)c->holidays[i]};

		record_list_put(out, REC_calendar_holiday, &record_calendar_holiday, &r);
	}
	return rxp_buf_error(out);
}

static bool is_day(int64_t day)
{
	return day >= 0 && day <= RXP_MAX_DAY;
}

static int read_head(struct rxp_calendar *c, struct bytes fields)
{
	struct rec_calendar_head h;

	if (c->version != 0 ||
	    record_decode(&h, &record_calendar_head, fields.data, fields.len) != 0 ||
	    h.version == 0 || !is_day(h.first_day) || !is_day(h.last_day) ||
	    h.weekend >= 1u << RXP_WEEKDAY_COUNT || strlen(h.zone) >= sizeof c->zone)
		return RXP_ERR_STRUCTURE;
	memcpy(c->owner, h.owner, sizeof c->owner);
	c->version = h.version;
	c->created_ms = h.created_ms;
	c->effective_ms = h.effective_ms;
	c->first_day = (int32_t)h.first_day;
	c->last_day = (int32_t)h.last_day;
	memcpy(c->zone, h.zone, strlen(h.zone) + 1);
	c->weekend = (uint8_t)h.weekend;
	memcpy(c->digest, h.digest, sizeof c->digest);
	return 0;
}

static int read_offset(struct rxp_calendar *c, struct bytes fields)
{
	struct rec_calendar_offset r;

	if (c->n_offsets == RXP_MAX_CALENDAR_OFFSETS ||
	    record_decode(&r, &record_calendar_offset, fields.data, fields.len) != 0 ||
	    r.minutes < -DAY_MINUTES || r.minutes > DAY_MINUTES)
		return RXP_ERR_STRUCTURE;
	c->offsets[c->n_offsets].from_ms = r.from_ms;
	c->offsets[c->n_offsets++].minutes = (int32_t)r.minutes;
	return 0;
}

static int read_holiday(struct rxp_calendar *c, struct bytes fields)
{
	struct rec_calendar_holiday r;

	if (c->n_holidays == RXP_MAX_HOLIDAYS ||
	    record_decode(&r, &record_calendar_holiday, fields.data, fields.len) != 0 ||
	    !is_day(r.day))
		return RXP_ERR_STRUCTURE;
	c->holidays[c->n_holidays++] = (int32_t)r.day;
	return 0;
}

static int read_one(struct rxp_calendar *c, uint16_t tag, struct bytes fields)
{
	switch (tag) {
	case REC_calendar_head:
		return read_head(c, fields);
	case REC_calendar_offset:
		return read_offset(c, fields);
	case REC_calendar_holiday:
		return read_holiday(c, fields);
	default:
		return RXP_ERR_STRUCTURE;
	}
}

int terms_read_calendar(struct rxp_calendar *out, struct bytes records)
{
	struct record_cursor at = {.at = records.data, .left = records.len};
	struct rxp_calendar c;
	struct bytes fields;
	uint16_t tag;
	int rc;

	memset(&c, 0, sizeof c);
	while ((rc = record_list_next(&at, &tag, &fields)) == 1)
		if (read_one(&c, tag, fields) != 0)
			return RXP_ERR_STRUCTURE;
	if (rc != 0 || c.version == 0 || c.n_offsets == 0)
		return RXP_ERR_STRUCTURE;
	*out = c;
	return 0;
}
