/*
 * Goals: for random periods, events, outages and attempts
 *  - a later event is never due earlier;
 *  - a period that rolls never ends on a day that does not work;
 *  - a walk day by day, written anew here, finds the same day.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "protocol/test/due_vector.h"
#include "protocol/test/library.h"

static uint64_t random_state;

static uint32_t next_random(uint32_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(random_state >> 33) % below;
}

static const enum rxp_word effects[] = {RXP_EFFECT_NONE, RXP_EFFECT_STOP, RXP_EFFECT_EXTEND};
static const enum rxp_word units[] = {
    RXP_UNIT_CALENDAR_DAYS, RXP_UNIT_WORKING_DAYS, RXP_UNIT_MONTHS, RXP_UNIT_HOURS};

static int64_t random_instant(int64_t from_ms, uint32_t days)
{
	return from_ms + next_random(days * 24) * 3600000LL + next_random(3600000);
}

static void random_vector(struct vector *v)
{
	static char names[3][8] = {"qra-1", "qrb-1", "qrc-1"};
	char *calendar[] = {names[next_random(3)]};

	vector_init(v);
	snprintf(v->name, sizeof v->name, "random %s", calendar[0]);
	vector_calendars(v, calendar, 1);
	v->facts.event_ms = random_instant(v->versions[0]->effective_ms, 500);
	v->period = (struct rxp_limit){.source = RXP_SOURCE_INVENTED,
	    .unit = units[next_random(4)],
	    .value = 1 + next_random(20)};
	if (v->period.unit == RXP_UNIT_MONTHS)
		v->period.value = 1 + next_random(5);
	if (next_random(3) == 0)
		v->profile.counting.roll = RXP_ROLL_NONE;
	if (next_random(2) == 0)
		v->profile.counting.cut_off = (int)next_random(1440);
	vector_add_effect(v, RXP_DISTURBANCE_OUTAGE, rxp_word_text(effects[next_random(3)]));
	vector_add_effect(v, RXP_DISTURBANCE_ATTEMPT, rxp_word_text(effects[next_random(3)]));
	vector_add_effect(v, RXP_DISTURBANCE_SUPPLEMENT, rxp_word_text(effects[next_random(3)]));
	v->facts.n_outages = next_random(4);
	for (size_t i = 0; i < v->facts.n_outages; i++) {
		v->outages[i].from_ms = random_instant(v->facts.event_ms, 30);
		v->outages[i].until_ms = random_instant(v->outages[i].from_ms, 3);
		v->outages[i].pause = next_random(3) == 0;
	}
	v->facts.n_attempts = next_random(4);
	for (size_t i = 0; i < v->facts.n_attempts; i++)
		v->attempts[i] = random_instant(v->facts.event_ms, 30);
}

/* The local day by the offsets alone. */
static int32_t naive_day(const struct rxp_calendar *c, int64_t ms)
{
	int32_t minutes = c->offsets[0].minutes;

	for (size_t i = 0; i < c->n_offsets; i++)
		if (c->offsets[i].from_ms <= ms)
			minutes = c->offsets[i].minutes;
	return (int32_t)((ms + minutes * 60000LL) / RXP_DAY_MS);
}

static bool naive_works(const struct rxp_calendar *c, int32_t day)
{
	if ((c->weekend >> (day + 3) % 7 & 1) != 0)
		return false;
	for (size_t i = 0; i < c->n_holidays; i++)
		if (c->holidays[i] == day)
			return false;
	return true;
}

/* Does some minute of the day lie in an outage or a pause that does that? Those of less than a minute
 * count too. */
static bool naive_outage(const struct vector *v, int32_t day, enum rxp_word does)
{
	for (size_t i = 0; i < v->facts.n_outages; i++) {
		const struct rxp_due_span *o = &v->outages[i];

		if (v->profile.effects.rows[o->pause ? 2 : 0].does != does)
			continue;
		for (int64_t ms = o->from_ms; ms < o->until_ms; ms += 60000)
			if (naive_day(v->versions[0], ms) == day ||
			    naive_day(v->versions[0], o->until_ms - 1) == day)
				return true;
	}
	return false;
}

static bool naive_attempt(const struct vector *v, int32_t day)
{
	for (size_t i = 0; i < v->facts.n_attempts; i++)
		if (naive_day(v->versions[0], v->attempts[i]) == day)
			return true;
	return false;
}

static bool naive_may_end(const struct vector *v, int32_t day)
{
	enum rxp_word attempt = v->profile.effects.rows[1].does;

	if (naive_outage(v, day, RXP_EFFECT_STOP) || naive_outage(v, day, RXP_EFFECT_EXTEND))
		return false;
	if (attempt == RXP_EFFECT_EXTEND && naive_attempt(v, day))
		return false;
	return v->profile.counting.roll == RXP_ROLL_NONE || naive_works(v->versions[0], day);
}

static int32_t naive_event_day(const struct vector *v)
{
	const struct rxp_calendar *c = v->versions[0];
	int32_t day = naive_day(c, v->facts.event_ms);

	if (v->profile.counting.cut_off < 0 ||
	    (rxp_calendar_minute(c, v->facts.event_ms) < v->profile.counting.cut_off &&
		naive_works(c, day)))
		return day;
	for (day++; !naive_works(c, day); day++)
		continue;
	return day;
}

/* Days only. */
static int32_t naive_last_day(const struct vector *v)
{
	int32_t day = naive_event_day(v);
	uint32_t left = v->period.value;

	if (v->period.unit == RXP_UNIT_MONTHS)
		left = (uint32_t)(rxp_day_add_months(day, left) - day);
	while (left > 0) {
		day++;
		if (naive_outage(v, day, RXP_EFFECT_STOP))
			continue;
		if (v->period.unit == RXP_UNIT_WORKING_DAYS && !naive_works(v->versions[0], day))
			continue;
		left--;
	}
	while (!naive_may_end(v, day))
		day++;
	return day;
}

static void check_random(struct vector *v)
{
	struct rxp_due due = vector_compute(v);
	int64_t later_ms;

	assert_int_equal(due.outcome, RXP_DUE_SET);
	assert_true(due.due_ms >= v->facts.event_ms);
	assert_int_equal(due.last_day, naive_day(v->versions[0], due.due_ms));
	if (v->period.unit != RXP_UNIT_HOURS) {
		assert_int_equal(due.last_day, naive_last_day(v));
		assert_int_equal(naive_day(v->versions[0], due.due_ms + 1), due.last_day + 1);
		assert_true(naive_may_end(v, due.last_day));
	}
	/* Stopped days do not keep the order of months of different lengths. */
	if (v->period.unit == RXP_UNIT_MONTHS &&
	    (v->profile.effects.rows[0].does == RXP_EFFECT_STOP ||
		v->profile.effects.rows[2].does == RXP_EFFECT_STOP))
		return;
	later_ms = due.due_ms;
	v->facts.event_ms = random_instant(v->facts.event_ms, 3);
	assert_true(vector_compute(v).due_ms >= later_ms);
}

static void test_random(void **state)
{
	uint64_t seed = (uint64_t)time(NULL);

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	random_state = seed;
	for (unsigned i = 0; i < 2000; i++) {
		struct vector v;

		random_vector(&v);
		check_random(&v);
		vector_clear(&v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("due_random", tests, library_begin, library_end);
}
