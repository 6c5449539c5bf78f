#include "protocol/test/case_times.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/timestamp.h"
#include "protocol/test/terms_file.h"

void case_times_init(struct case_times *t)
{
	struct rxp_buf octets = terms_read("generic-test");

	*t = (struct case_times){.n_outages = 0};
	assert_int_equal(rxp_profile_draft(&t->profile, octets.data, octets.len, NULL), 0);
	rxp_buf_free(&octets);
	t->calendar = terms_calendar("qrb-1");
	t->versions[0] = t->calendar;
	t->calendars = (struct rxp_calendars){.versions = t->versions, .n = 1};
}

void case_times_clear(struct case_times *t)
{
	free(t->calendar);
}

int64_t case_times_ms(const char *text)
{
	char whole[RXP_TIME_TEXT];
	int64_t ms;

	if (text == NULL)
		return RXP_DUE_NEVER;
	snprintf(whole, sizeof whole, "2026-%.5sT%.5s:00.000Z", text, text + 6);
	assert_int_equal(rxp_time_parse(&ms, whole), 0);
	return ms;
}

struct rxp_case_document *case_times_tell(struct case_times *t, const char *from,
    enum rxp_case_event event, uint32_t persons, const char *received)
{
	assert_true(t->story.n < CASE_TIMES_MAX);
	t->moments[t->story.n] = (struct rxp_case_moment){.received_ms = case_times_ms(received)};
	story_tell(&t->story, from, event, persons);
	return &t->story.docs[t->story.n - 1];
}

void case_times_set(struct case_times *t, enum rxp_clock clock, uint32_t value, enum rxp_word unit)
{
	t->profile.clocks[clock] =
	    (struct rxp_limit){.source = RXP_SOURCE_INVENTED, .unit = unit, .value = value};
}

void case_times_effect(struct case_times *t, enum rxp_word of, enum rxp_word does)
{
	size_t i = 0;

	while (i < t->profile.effects.n && t->profile.effects.rows[i].of != of)
		i++;
	if (i == t->profile.effects.n)
		t->profile.effects.n++;
	t->profile.effects.rows[i].of = of;
	t->profile.effects.rows[i].does = does;
}

struct rxp_case_times case_times_of(
    const struct case_times *t, struct rxp_case **fold, const char *as_of)
{
	*fold = story_replay(&t->story);
	return (struct rxp_case_times){.c = *fold,
	    .docs = t->story.docs,
	    .moments = t->moments,
	    .n = t->story.n,
	    .profile = &t->profile,
	    .calendars = &t->calendars,
	    .outages = t->outages,
	    .n_outages = t->n_outages,
	    .attempts = {{t->attempts[0], t->n_attempts[0]}, {t->attempts[1], t->n_attempts[1]}},
	    .as_of_ms = case_times_ms(as_of)};
}

struct rxp_case_clock case_times_clock(
    const struct case_times *t, unsigned key, enum rxp_clock clock, const char *as_of)
{
	struct rxp_case *fold;
	struct rxp_case_times in = case_times_of(t, &fold, as_of);
	struct rxp_case_clock out;

	assert_int_equal(rxp_case_clock(&out, &in, key, clock), 0);
	rxp_case_free(fold);
	return out;
}
