/*
 * When clocks are due: the examples of the specification, and a grid over calendars, periods and instants at which days, months
 * and zones turn.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conformance/package/calendars.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/package/text.h"
#include "protocol/base/buf.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/terms/due.h"

#define EXAMPLES "due-dates.txt"
#define CALENDARS "deadline/calendars.json"
#define REQUIREMENT "RXP-CLK-001"
#define MAX_EVENTS 8
#define MAX_VERSIONS 4
#define LINE_TEXT 256
#define ID_TEXT 128

/* One computation. */
struct sum {
	enum rxp_clock clock;
	struct rxp_profile profile;
	struct rxp_calendar calendars[MAX_VERSIONS];
	const struct rxp_calendar *versions[MAX_VERSIONS];
	struct rxp_due_span outages[MAX_EVENTS];
	int64_t attempts[MAX_EVENTS];
	struct rxp_due_facts facts;
};

/* --- what is given ---------------------------------------------------------------------------- */

static const char *word_at(const json_t *list, size_t i)
{
	return json_string_value(json_is_array(list) ? json_array_get(list, i) : list);
}

static uint32_t number_at(const json_t *list, size_t i)
{
	return (uint32_t)json_integer_value(json_array_get(list, i));
}

static enum rxp_word word(enum rxp_word_list list, const char *text)
{
	enum rxp_word found = RXP_WORD_ABSENT;

	return text != NULL && rxp_word_parse(&found, list, text) == 0 ? found : RXP_WORD_ABSENT;
}

static int64_t instant(const char *text)
{
	int64_t ms = RXP_DUE_NEVER;

	return text != NULL && rxp_time_parse(&ms, text) == 0 ? ms : RXP_DUE_NEVER;
}

static struct rxp_limit limit(const json_t *value)
{
	return (struct rxp_limit){.source = RXP_SOURCE_INVENTED,
	    .value = number_at(value, 0),
	    .unit = word(RXP_LIST_UNIT, word_at(value, 1)),
	    .mode = word(RXP_LIST_MODE, word_at(value, 2))};
}

static void take_period(struct sum *s, const json_t *given)
{
	const json_t *period = json_object_get(given, "period");
	const json_t *starts = json_object_get(given, "starts");
	struct rxp_limit l = {0};

	if (period != NULL)
		l = limit(period);
	if (starts != NULL)
		l.start = word(RXP_LIST_START, word_at(starts, 0));
	s->profile.clocks[s->clock] = l;
}

static void take_effect(struct sum *s, const json_t *given, const char *key, enum rxp_word of)
{
	const json_t *does = json_object_get(given, key);
	size_t i = s->profile.effects.n;

	if (does == NULL)
		return;
	s->profile.effects.rows[i].of = of;
	s->profile.effects.rows[i].does = word(RXP_LIST_EFFECT, word_at(does, 0));
	s->profile.effects.n++;
}

static void take_spans(struct sum *s, const json_t *given, const char *key, bool pause)
{
	const json_t *all = json_object_get(given, key), *one;
	size_t i;

	json_array_foreach(all, i, one)
	{
		if (s->facts.n_outages < MAX_EVENTS)
			s->outages[s->facts.n_outages++] = (struct rxp_due_span){
			    instant(word_at(one, 0)), instant(word_at(one, 1)), pause};
	}
}

static void take_attempts(struct sum *s, const json_t *given)
{
	const json_t *all = json_object_get(given, "attempt");
	size_t n = json_is_array(all) ? json_array_size(all) : 0;

	for (size_t i = 0; i < n && i < MAX_EVENTS; i++)
		s->attempts[s->facts.n_attempts++] = instant(word_at(all, i));
}

static void take_instant(int64_t *at, const json_t *given, const char *key)
{
	const json_t *value = json_object_get(given, key);

	if (value != NULL)
		*at = instant(word_at(value, 0));
}

static void take_profile(struct sum *s, const json_t *given)
{
	const json_t *roll = json_object_get(given, "roll");
	const char *cut = word_at(json_object_get(given, "cut-off"), 0);
	const json_t *registration = json_object_get(given, "registration");
	const json_t *extension = json_object_get(given, "extension");
	const json_t *pending = json_object_get(given, "pending");

	s->profile.counting.roll =
	    roll == NULL ? RXP_ROLL_NEXT : word(RXP_LIST_ROLL, word_at(roll, 0));
	s->profile.counting.calendar = RXP_CALENDAR_REQUESTED;
	s->profile.counting.cut_off =
	    cut == NULL ? -1 : rxp_date_digits(cut, 2) * 60 + rxp_date_digits(cut + 3, 2);
	if (registration != NULL)
		s->profile.clocks[RXP_CLOCK_REGISTRATION] = limit(registration);
	if (extension != NULL)
		s->profile.clocks[RXP_CLOCK_EXTENSION] = limit(extension);
	if (pending != NULL)
		s->profile.attachments.pending = word(RXP_LIST_PENDING, word_at(pending, 0));
	take_effect(s, given, "outage-effect", RXP_DISTURBANCE_OUTAGE);
	take_effect(s, given, "attempt-effect", RXP_DISTURBANCE_ATTEMPT);
	take_effect(s, given, "supplement-effect", RXP_DISTURBANCE_SUPPLEMENT);
	take_period(s, given);
}

static void take_facts(struct sum *s, const json_t *given)
{
	const json_t *asked = json_object_get(given, "asked");
	const char *until = word_at(json_object_get(given, "until"), 0);

	s->facts = (struct rxp_due_facts)RXP_DUE_NOTHING;
	s->facts.outages = s->outages;
	s->facts.attempts = s->attempts;
	take_instant(&s->facts.event_ms, given, "event");
	take_instant(&s->facts.registered_ms, given, "registered");
	take_instant(&s->facts.handed_over_ms, given, "handed-over");
	take_instant(&s->facts.attachments_ms, given, "attachments");
	take_instant(&s->facts.as_of_ms, given, "as-of");
	take_spans(s, given, "outage", false);
	take_spans(s, given, "pause", true);
	take_attempts(s, given);
	if (asked != NULL) {
		s->facts.extension = number_at(asked, 0);
		s->facts.extension_ms = instant(word_at(asked, 1));
	}
	if (until != NULL)
		(void)rxp_day_parse(&s->facts.valid_until, until);
}

/* --- what comes of it ------------------------------------------------------------------------- */

static json_t *time_json(int64_t ms)
{
	char text[RXP_TIME_TEXT];

	if (ms == RXP_DUE_NEVER)
		return json_string("never");
	rxp_time_text(text, ms);
	return json_string(text);
}

static json_t *due_json(const struct rxp_due *due)
{
	json_t *flags;
	char day[RXP_DAY_TEXT];

	if (due->outcome == RXP_DUE_WAITS)
		return json_pack(
		    "{s:s, s:o}", "result", "waits", "until", time_json(due->waits_until_ms));
	if (due->outcome != RXP_DUE_SET)
		return json_pack("{s:s}", "result", "none");
	flags = json_array();
	if (due->extended)
		(void)json_array_append_new(flags, json_string("extended"));
	if (due->provisional)
		(void)json_array_append_new(flags, json_string("provisional"));
	if (due->tendered)
		(void)json_array_append_new(flags, json_string("tendered"));
	rxp_day_text(day, due->last_day);
	return json_pack("{s:s, s:o, s:s, s:o}", "result", "due", "due", time_json(due->due_ms),
	    "last", day, "flags", flags);
}

/* calendars: of calendars.json. NULL: it cannot be computed. */
static json_t *compute(const json_t *given, const json_t *calendars)
{
	const json_t *names = json_object_get(given, "calendars");
	const char *clock = word_at(json_object_get(given, "clock"), 0);
	struct sum *s = calloc(1, sizeof *s);
	struct rxp_calendars all = {s == NULL ? NULL : s->versions, json_array_size(names)};
	struct rxp_due due;
	json_t *out = NULL;
	int rc = s == NULL || all.n > MAX_VERSIONS ? RXP_ERR_BOUND : 0;

	for (size_t i = 0; rc == 0 && i < all.n; i++) {
		rc =
		    calendars_read(&s->calendars[i], json_object_get(calendars, word_at(names, i)));
		s->versions[i] = &s->calendars[i];
	}
	if (rc == 0)
		rc = rxp_clock_parse(&s->clock, clock == NULL ? "reply" : clock);
	if (rc == 0) {
		take_profile(s, given);
		take_facts(s, given);
		rc = rxp_due_compute(&due, s->clock, &s->profile, &all, &s->facts);
	}
	if (rc == 0)
		out = due_json(&due);
	free(s);
	return out;
}

json_t *weigh_deadline(const struct reading *r)
{
	struct rxp_buf octets;
	json_t *calendars = NULL, *out = NULL;

	rxp_buf_init(&octets, CALENDARS_MAX_OCTETS);
	if (reading_file(&octets, r, "calendars") == 0)
		calendars = json_loadb((const char *)octets.data, octets.len, 0, NULL);
	if (calendars != NULL)
		out = compute(json_object_get(r->row, "given"), calendars);
	json_decref(calendars);
	rxp_buf_free(&octets);
	return out;
}

/* --- the examples of the specification -------------------------------------------------------- */

static json_t *value_of(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	return *end == '\0' && isdigit((unsigned char)text[0]) ? json_integer(n)
							       : json_string(text);
}

/* The words behind the key: one as itself, several as a list. What may come often is a list of them. */
static void put_line(json_t *given, const char *key, char *rest)
{
	bool often =
	    strcmp(key, "outage") == 0 || strcmp(key, "pause") == 0 || strcmp(key, "attempt") == 0;
	json_t *words = json_array(), *all = json_object_get(given, key);
	char *save = NULL;

	for (char *w = strtok_r(rest, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
		(void)json_array_append_new(words, value_of(w));
	if (json_array_size(words) == 1 && strcmp(key, "calendars") != 0) {
		json_t *one = json_incref(json_array_get(words, 0));

		json_decref(words);
		words = one;
	}
	if (!often) {
		(void)json_object_set_new(given, key, words);
		return;
	}
	if (all == NULL) {
		all = json_array();
		(void)json_object_set_new(given, key, all);
	}
	(void)json_array_append_new(all, words);
}

/* `due`, `last`, `flags` and `waits` are what comes out. */
static json_t *take_expected(json_t *given)
{
	json_t *waits = json_object_get(given, "waits"), *flags = json_object_get(given, "flags");
	json_t *out;

	if (waits != NULL) {
		out = json_pack("{s:s, s:O}", "result", "waits", "until", waits);
	} else {
		out = json_pack("{s:s, s:O, s:O, s:o}", "result", "due", "due",
		    json_object_get(given, "due"), "last", json_object_get(given, "last"), "flags",
		    json_is_array(flags)    ? json_incref(flags)
		    : json_is_string(flags) ? json_pack("[O]", flags)
					    : json_array());
	}
	(void)json_object_del(given, "waits");
	(void)json_object_del(given, "due");
	(void)json_object_del(given, "last");
	(void)json_object_del(given, "flags");
	return out;
}

static const char *requirement_of(const json_t *given)
{
	const char *unit = word_at(json_object_get(given, "period"), 1);
	const char *roll = word_at(json_object_get(given, "roll"), 0);

	if (unit != NULL && strcmp(unit, "hours") == 0)
		return "RXP-CLK-008";
	return roll != NULL && strcmp(roll, "none") != 0 ? "RXP-CLK-007" : "RXP-CLK-006";
}

static int put(const struct making *m, const char *id, const char *requirement, const char *words,
    json_t *given, json_t *expected)
{
	return shelf_add(
	    m->shelf, &(struct shelf_vector){id, "deadline", requirement, words, m->now_ms,
			  json_pack("{s:s}", "calendars", CALENDARS), given, expected});
}

static int put_example(const struct making *m, json_t *given)
{
	json_t *name = json_incref(json_object_get(given, "vector"));
	json_t *expected = take_expected(given);
	char id[ID_TEXT];
	int rc;

	(void)snprintf(id, sizeof id, "CLK-001.L.%s", json_string_value(name));
	(void)json_object_del(given, "vector");
	rc = put(m, id, REQUIREMENT, json_string_value(name), given, expected);
	json_decref(name);
	return rc;
}

static int put_examples(const struct making *m)
{
	const struct package_text *text = package_text(EXAMPLES);
	const char *at = (const char *)text->octets, *end = at + text->len;
	json_t *given = NULL;
	int rc = 0;

	while (at < end && rc == 0) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));
		size_t n = eol == NULL ? (size_t)(end - at) : (size_t)(eol - at);
		char line[LINE_TEXT], *space;

		(void)snprintf(line, sizeof line, "%.*s", (int)n, at);
		at += n + 1;
		space = strchr(line, ' ');
		if (line[0] != '#' && space != NULL) {
			*space = '\0';
			if (given == NULL)
				given = json_object();
			put_line(given, line, space + 1);
		} else if (line[0] == '\0' && given != NULL) {
			rc = put_example(m, given);
			given = NULL;
		}
	}
	return rc == 0 && given != NULL ? put_example(m, given) : rc;
}

/* --- the grid --------------------------------------------------------------------------------- */

static const struct {
	int value;
	const char *unit;
} periods[] = {{1, "hours"}, {72, "hours"}, {1, "calendar-days"}, {8, "calendar-days"},
    {30, "calendar-days"}, {1, "working-days"}, {10, "working-days"}, {1, "months"}, {3, "months"},
    {12, "months"}};

/* Around the ends of days, months, leap days and offsets, of the calendars that speak then. */
static const struct {
	const char *calendar, *at;
} events[] = {
#define EVENT(calendar, at) {calendar, at},
#include "conformance/package/event.def"
#undef EVENT
};

static int put_grid(const struct making *m, const json_t *calendars)
{
	static const char *const rolls[] = {"next-working-day", "none"};
	int rc = 0;

	for (size_t e = 0; e < sizeof events / sizeof events[0]; e++)
		for (size_t p = 0; p < sizeof periods / sizeof periods[0]; p++)
			for (size_t r = 0; r < 2 && rc == 0; r++) {
				json_t *given = json_pack("{s:[s], s:[i,s], s:s, s:s}", "calendars",
				    events[e].calendar, "period", periods[p].value, periods[p].unit,
				    "roll", rolls[r], "event", events[e].at);
				const char *requirement = requirement_of(given);
				char id[ID_TEXT], words[ID_TEXT];

				(void)snprintf(id, sizeof id, "%s.L.grid-%s-%s-%d-%s-%s",
				    requirement + strlen("RXP-"), events[e].calendar, events[e].at,
				    periods[p].value, periods[p].unit, rolls[r]);
				(void)snprintf(words, sizeof words, "%d %s from %s",
				    periods[p].value, periods[p].unit, events[e].at);
				rc = put(
				    m, id, requirement, words, given, compute(given, calendars));
			}
	return rc;
}

int put_deadlines(const struct making *m)
{
	json_t *calendars = calendars_json();
	int rc = calendars == NULL ? RXP_ERR_NOMEM
				   : shelf_json(m->shelf, CALENDARS, json_incref(calendars));

	if (rc == 0)
		rc = put_examples(m);
	if (rc == 0)
		rc = put_grid(m, calendars);
	json_decref(calendars);
	return rc;
}
