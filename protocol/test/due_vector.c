#include "protocol/test/due_vector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/timestamp.h"
#include "protocol/test/terms_file.h"

#define MAX_WORDS 8

int64_t vector_instant(const char *text)
{
	int64_t ms = RXP_DUE_NEVER;

	if (strcmp(text, "never") != 0 && rxp_time_parse(&ms, text) != 0)
		fail_msg("no time: %s", text);
	return ms;
}

static enum rxp_word word(enum rxp_word_list list, const char *text)
{
	enum rxp_word found = RXP_WORD_ABSENT;

	if (rxp_word_parse(&found, list, text) != 0)
		fail_msg("no %s: %s", rxp_list_type(list), text);
	return found;
}

static struct rxp_limit limit(char **w)
{
	return (struct rxp_limit){.source = RXP_SOURCE_INVENTED,
	    .value = (uint32_t)strtoul(w[0], NULL, 10),
	    .unit = word(RXP_LIST_UNIT, w[1])};
}

/* --- the lines of an example ---------------------------------------------------------------- */

static void on_vector(struct vector *v, char **w, int n)
{
	(void)n;
	snprintf(v->name, sizeof v->name, "%s", w[0]);
}
void vector_calendars(struct vector *v, char **w, int n)
{
	assert_in_range(n, 1, VECTOR_MAX_VERSIONS);
	for (int i = 0; i < n; i++)
		v->versions[i] = v->owned[i] = terms_calendar(w[i]);
	v->calendars = (struct rxp_calendars){v->versions, (size_t)n};
}
static void on_clock(struct vector *v, char **w, int n)
{
	(void)n;
	assert_int_equal(rxp_clock_parse(&v->clock, w[0]), 0);
}
static void on_period(struct vector *v, char **w, int n)
{
	enum rxp_word start = v->period.start;

	(void)n;
	v->period = limit(w);
	v->period.start = start;
}
static void on_starts(struct vector *v, char **w, int n)
{
	(void)n;
	v->period.start = word(RXP_LIST_START, w[0]);
}
static void on_roll(struct vector *v, char **w, int n)
{
	(void)n;
	v->profile.counting.roll = word(RXP_LIST_ROLL, w[0]);
}
static void on_cut_off(struct vector *v, char **w, int n)
{
	(void)n;
	v->profile.counting.cut_off = rxp_date_digits(w[0], 2) * 60 + rxp_date_digits(w[0] + 3, 2);
}
static void on_registration(struct vector *v, char **w, int n)
{
	(void)n;
	v->profile.clocks[RXP_CLOCK_REGISTRATION] = limit(w);
}
static void on_extension(struct vector *v, char **w, int n)
{
	(void)n;
	v->profile.clocks[RXP_CLOCK_EXTENSION] = limit(w);
	v->profile.clocks[RXP_CLOCK_EXTENSION].mode = word(RXP_LIST_MODE, w[2]);
}
void vector_add_effect(struct vector *v, enum rxp_word of, const char *does)
{
	size_t i = v->profile.effects.n++;

	v->profile.effects.rows[i].of = of;
	v->profile.effects.rows[i].does = word(RXP_LIST_EFFECT, does);
}
static void on_supplement_effect(struct vector *v, char **w, int n)
{
	(void)n;
	vector_add_effect(v, RXP_DISTURBANCE_SUPPLEMENT, w[0]);
}
static void on_outage_effect(struct vector *v, char **w, int n)
{
	(void)n;
	vector_add_effect(v, RXP_DISTURBANCE_OUTAGE, w[0]);
}
static void on_attempt_effect(struct vector *v, char **w, int n)
{
	(void)n;
	vector_add_effect(v, RXP_DISTURBANCE_ATTEMPT, w[0]);
}
static void on_pending(struct vector *v, char **w, int n)
{
	(void)n;
	v->profile.attachments.pending = word(RXP_LIST_PENDING, w[0]);
}
static void on_event(struct vector *v, char **w, int n)
{
	(void)n;
	v->facts.event_ms = vector_instant(w[0]);
}
static void on_registered(struct vector *v, char **w, int n)
{
	(void)n;
	v->facts.registered_ms = vector_instant(w[0]);
}
static void on_handed_over(struct vector *v, char **w, int n)
{
	(void)n;
	v->facts.handed_over_ms = vector_instant(w[0]);
}
static void on_attachments(struct vector *v, char **w, int n)
{
	(void)n;
	v->facts.attachments_ms = vector_instant(w[0]);
}
static void on_as_of(struct vector *v, char **w, int n)
{
	(void)n;
	v->facts.as_of_ms = vector_instant(w[0]);
}
static void add_span(struct vector *v, char **w, int n, bool pause)
{
	assert_int_equal(n, 2);
	assert_in_range(v->facts.n_outages, 0, VECTOR_MAX_EVENTS - 1);
	v->outages[v->facts.n_outages++] =
	    (struct rxp_due_span){vector_instant(w[0]), vector_instant(w[1]), pause};
}
static void on_outage(struct vector *v, char **w, int n)
{
	add_span(v, w, n, false);
}
static void on_pause(struct vector *v, char **w, int n)
{
	add_span(v, w, n, true);
}
static void on_attempt(struct vector *v, char **w, int n)
{
	(void)n;
	assert_in_range(v->facts.n_attempts, 0, VECTOR_MAX_EVENTS - 1);
	v->attempts[v->facts.n_attempts++] = vector_instant(w[0]);
}
static void on_asked(struct vector *v, char **w, int n)
{
	assert_int_equal(n, 2);
	v->facts.extension = (uint32_t)strtoul(w[0], NULL, 10);
	v->facts.extension_ms = vector_instant(w[1]);
}
static void on_until(struct vector *v, char **w, int n)
{
	(void)n;
	assert_int_equal(rxp_day_parse(&v->facts.valid_until, w[0]), 0);
}
static void on_due(struct vector *v, char **w, int n)
{
	(void)n;
	v->due_ms = vector_instant(w[0]);
}
static void on_last(struct vector *v, char **w, int n)
{
	(void)n;
	assert_int_equal(rxp_day_parse(&v->last_day, w[0]), 0);
}
static void on_flags(struct vector *v, char **w, int n)
{
	for (int i = 0; i < n; i++) {
		v->extended = v->extended || strcmp(w[i], "extended") == 0;
		v->provisional = v->provisional || strcmp(w[i], "provisional") == 0;
		v->tendered = v->tendered || strcmp(w[i], "tendered") == 0;
	}
}
static void on_waits(struct vector *v, char **w, int n)
{
	(void)n;
	v->waits = true;
	v->waits_ms = vector_instant(w[0]);
}

static const struct {
	const char *key;
	void (*take)(struct vector *v, char **words, int n);
} lines[] = {
    {"vector", on_vector},
    {"calendars", vector_calendars},
    {"clock", on_clock},
    {"period", on_period},
    {"starts", on_starts},
    {"roll", on_roll},
    {"cut-off", on_cut_off},
    {"registration", on_registration},
    {"extension", on_extension},
    {"outage-effect", on_outage_effect},
    {"supplement-effect", on_supplement_effect},
    {"attempt-effect", on_attempt_effect},
    {"pending", on_pending},
    {"event", on_event},
    {"registered", on_registered},
    {"handed-over", on_handed_over},
    {"attachments", on_attachments},
    {"as-of", on_as_of},
    {"outage", on_outage},
    {"pause", on_pause},
    {"attempt", on_attempt},
    {"asked", on_asked},
    {"until", on_until},
    {"due", on_due},
    {"last", on_last},
    {"flags", on_flags},
    {"waits", on_waits},
};

void vector_read_line(struct vector *v, char *line)
{
	char *words[MAX_WORDS] = {line};
	char *rest = NULL;
	int n = 0;

	for (char *at = strtok_r(line, " ", &rest); at != NULL; at = strtok_r(NULL, " ", &rest)) {
		assert_in_range(n, 0, MAX_WORDS - 1);
		words[n++] = at;
	}
	if (n < 2)
		fail_msg("%s: a line without a value", v->name);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (strcmp(lines[i].key, words[0]) == 0) {
			lines[i].take(v, words + 1, n - 1);
			return;
		}
	}
	fail_msg("%s: unknown line %s", v->name, words[0]);
}

void vector_init(struct vector *v)
{
	*v = (struct vector){.facts = RXP_DUE_NOTHING};
	v->profile.counting.roll = RXP_ROLL_NEXT;
	v->profile.counting.cut_off = -1;
	v->profile.counting.calendar = RXP_CALENDAR_REQUESTED;
	v->facts.outages = v->outages;
	v->facts.attempts = v->attempts;
}

void vector_clear(struct vector *v)
{
	for (int i = 0; i < VECTOR_MAX_VERSIONS; i++)
		free(v->owned[i]);
}

int vector_try(struct rxp_due *out, struct vector *v)
{
	v->profile.clocks[v->clock] = v->period;
	return rxp_due_compute(out, v->clock, &v->profile, &v->calendars, &v->facts);
}

struct rxp_due vector_compute(struct vector *v)
{
	struct rxp_due due;
	int rc = vector_try(&due, v);

	if (rc != 0)
		fail_msg("%s: %d", v->name, rc);
	return due;
}
