#include "conformance/package/calendars.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "conformance/package/text.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/terms/calendar.h"

#define FOLDER "calendar/"
#define END ".xml"

static json_t *day_json(int32_t day)
{
	char text[RXP_DAY_TEXT];

	rxp_day_text(text, day);
	return json_string(text);
}

static json_t *calendar_json(const struct rxp_calendar *c)
{
	json_t *weekend = json_array(), *holidays = json_array(), *offsets = json_array();
	char time[RXP_TIME_TEXT];

	for (unsigned d = 0; d < RXP_WEEKDAY_COUNT; d++)
		if ((c->weekend >> d & 1) != 0)
			(void)json_array_append_new(
			    weekend, json_string(rxp_weekday_name((enum rxp_weekday)d)));
	for (size_t i = 0; i < c->n_holidays; i++)
		(void)json_array_append_new(holidays, day_json(c->holidays[i]));
	for (size_t i = 0; i < c->n_offsets; i++) {
		rxp_time_text(time, c->offsets[i].from_ms);
		(void)json_array_append_new(
		    offsets, json_pack("[s, i]", time, (int)c->offsets[i].minutes));
	}
	rxp_time_text(time, c->effective_ms);
	return json_pack("{s:s, s:i, s:s, s:[o,o], s:o, s:o, s:o}", "owner", c->owner, "version",
	    (int)c->version, "effective", time, "span", day_json(c->first_day),
	    day_json(c->last_day), "weekend", weekend, "holidays", holidays, "offsets", offsets);
}

struct json_t *calendars_json(void)
{
	json_t *out = json_object();

	for (size_t i = 0; out != NULL && i < package_text_count; i++) {
		const struct package_text *t = &package_texts[i];
		struct rxp_calendar c;
		char name[64];

		if (strncmp(t->name, FOLDER, strlen(FOLDER)) != 0)
			continue;
		(void)snprintf(name, sizeof name, "%.*s",
		    (int)(strlen(t->name) - strlen(FOLDER) - strlen(END)),
		    t->name + strlen(FOLDER));
		/* RXP/1 has no octet behind the root. */
		if (rxp_calendar_draft(&c, t->octets, t->len - 1, NULL) != 0 ||
		    json_object_set_new(out, name, calendar_json(&c)) != 0) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

static uint8_t weekend_of(const json_t *list)
{
	uint8_t bits = 0;
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		enum rxp_weekday d;

		if (json_is_string(one) && rxp_weekday_parse(&d, json_string_value(one)) == 0)
			bits |= (uint8_t)(1U << d);
	}
	return bits;
}

static int read_day(int32_t *out, const json_t *value)
{
	const char *text = json_string_value(value);

	return text == NULL ? RXP_ERR_SYNTAX : rxp_day_parse(out, text);
}

static int read_time(int64_t *out, const json_t *value)
{
	const char *text = json_string_value(value);

	return text == NULL ? RXP_ERR_SYNTAX : rxp_time_parse(out, text);
}

int calendars_read(struct rxp_calendar *out, const struct json_t *calendar)
{
	const json_t *span = json_object_get(calendar, "span");
	const json_t *holidays = json_object_get(calendar, "holidays");
	const json_t *offsets = json_object_get(calendar, "offsets");
	int rc = read_time(&out->effective_ms, json_object_get(calendar, "effective"));

	out->version = (uint32_t)json_integer_value(json_object_get(calendar, "version"));
	out->weekend = weekend_of(json_object_get(calendar, "weekend"));
	out->n_holidays = json_array_size(holidays);
	out->n_offsets = json_array_size(offsets);
	if (out->n_holidays > RXP_MAX_HOLIDAYS || out->n_offsets > RXP_MAX_CALENDAR_OFFSETS)
		return RXP_ERR_SYNTAX;
	if (rc == 0)
		rc = read_day(&out->first_day, json_array_get(span, 0));
	if (rc == 0)
		rc = read_day(&out->last_day, json_array_get(span, 1));
	for (size_t i = 0; i < out->n_holidays && rc == 0; i++)
		rc = read_day(&out->holidays[i], json_array_get(holidays, i));
	for (size_t i = 0; i < out->n_offsets && rc == 0; i++) {
		const json_t *one = json_array_get(offsets, i);

		rc = read_time(&out->offsets[i].from_ms, json_array_get(one, 0));
		out->offsets[i].minutes = (int32_t)json_integer_value(json_array_get(one, 1));
	}
	return rc;
}
