#include "protocol/case/statistics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"

#define NUMBER_TEXT 24

static const char *const codes[RXP_STATISTIC_COUNT] = {
#define STATISTIC(NAME, code, meaning) [RXP_STATISTIC_##NAME] = (code),
#include "protocol/case/statistics.def"
#undef STATISTIC
};

enum unit { DOCUMENT, PERSON };

static const struct {
	enum rxp_statistic counted;
	enum rxp_case_event event;
	enum unit unit;
} events[] = {
#define STATISTIC_EVENT(NAME, event, unit) {RXP_STATISTIC_##NAME, RXP_CASE_EVENT_##event, unit},
#include "protocol/case/statistics.def"
#undef STATISTIC_EVENT
};

static const struct {
	enum rxp_case_event event;
	enum rxp_clock clock;
	enum rxp_statistic in_time, late;
} answers[] = {
#define STATISTIC_ANSWER(event, clock, IN_TIME, LATE) \
	{RXP_CASE_EVENT_##event, RXP_CLOCK_##clock, RXP_STATISTIC_##IN_TIME, RXP_STATISTIC_##LATE},
#include "protocol/case/statistics.def"
#undef STATISTIC_ANSWER
};

static const struct {
	enum rxp_statistic counted;
	enum rxp_clock clock;
} misses[] = {
#define STATISTIC_MISSED(NAME, clock) {RXP_STATISTIC_##NAME, RXP_CLOCK_##clock},
#include "protocol/case/statistics.def"
#undef STATISTIC_MISSED
};

static const struct {
	enum rxp_statistic part, whole;
} parts[] = {
#define STATISTIC_PART(PART, WHOLE) {RXP_STATISTIC_##PART, RXP_STATISTIC_##WHOLE},
#include "protocol/case/statistics.def"
#undef STATISTIC_PART
};

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

const char *rxp_statistic_code(enum rxp_statistic s)
{
	if ((unsigned)s >= RXP_STATISTIC_COUNT)
		abort();
	return codes[s];
}

int rxp_statistic_parse(enum rxp_statistic *out, const char *code)
{
	for (int i = 0; i < RXP_STATISTIC_COUNT; i++) {
		if (strcmp(codes[i], code) == 0) {
			*out = (enum rxp_statistic)i;
			return 0;
		}
	}
	return RXP_ERR_NOT_FOUND;
}

int rxp_period_parse(struct rxp_period *out, const char *text)
{
	int year, quarter;

	if (strlen(text) != RXP_PERIOD_TEXT - 1 || text[4] != '-' || text[5] != 'Q')
		return RXP_ERR_SYNTAX;
	year = rxp_date_digits(text, 4);
	quarter = rxp_date_digits(text + 6, 1);
	if (year < 2000 || year > 2099 || quarter < 1 || quarter > 4)
		return RXP_ERR_SYNTAX;
	out->from_ms = rxp_day_number(year, 3 * quarter - 2, 1) * RXP_DAY_MS;
	out->until_ms =
	    rxp_day_number(year + (quarter == 4), quarter == 4 ? 1 : 3 * quarter + 1, 1) *
	    RXP_DAY_MS;
	return 0;
}

static bool is_in(const struct rxp_period *p, int64_t ms)
{
	return ms >= p->from_ms && ms < p->until_ms;
}

/* --- documents ------------------------------------------------------------------------------------ */

/* Was the answer late by the clock that it stopped? Without a due instant nothing is. */
static int is_late(
    bool *out, const struct rxp_case_times *in, size_t document, unsigned key, enum rxp_clock clock)
{
	struct rxp_case_clock c;
	int rc;

	*out = false;
	if (in->profile == NULL)
		return 0;
	rc = rxp_case_clock(&c, in, key, clock);
	if (rc == 0)
		*out = c.status == RXP_CLOCK_BROKEN && c.done_by == document;
	return rc;
}

/* One person for whom the event took effect. */
static int add_person(struct rxp_statistics *s, const struct rxp_case_times *in, size_t document,
    unsigned key, enum rxp_case_event event)
{
	bool late = false;
	int rc = 0;

	for (size_t i = 0; i < N_OF(events); i++)
		s->counts[events[i].counted] +=
		    events[i].event == event && events[i].unit == PERSON;
	for (size_t i = 0; rc == 0 && i < N_OF(answers); i++) {
		if (answers[i].event != event)
			continue;
		rc = is_late(&late, in, document, key, answers[i].clock);
		s->counts[late ? answers[i].late : answers[i].in_time]++;
	}
	return rc;
}

static enum rxp_case_event event_of(const struct rxp_case_document *d, unsigned key)
{
	for (unsigned i = 0; i < d->n_persons; i++)
		if (d->persons[i].key == key)
			return (enum rxp_case_event)d->persons[i].event;
	return (enum rxp_case_event)d->event;
}

static void add_once(struct rxp_statistics *s, const struct rxp_case_document *d)
{
	enum rxp_case_event event = event_of(d, d->n_persons > 0 ? d->persons[0].key : 0);

	for (size_t i = 0; i < N_OF(events); i++)
		s->counts[events[i].counted] +=
		    events[i].event == event && events[i].unit == DOCUMENT;
}

static int add_documents(
    struct rxp_statistics *s, const struct rxp_case_times *in, const struct rxp_period *period)
{
	struct rxp_case_turn turn;
	int rc = 0;

	for (size_t k = 0; rc == 0 && rxp_case_turn(&turn, in->c, k) == 0; k++) {
		const struct rxp_case_document *d = &in->docs[turn.document];

		if (!is_in(period, in->moments[turn.document].received_ms))
			continue;
		if (turn.persons != 0)
			add_once(s, d);
		for (unsigned key = 1; rc == 0 && key <= RXP_MAX_PERSONS; key++)
			if ((turn.persons & UINT32_C(1) << (key - 1)) != 0)
				rc = add_person(s, in, turn.document, key, event_of(d, key));
	}
	return rc;
}

/* --- persons -------------------------------------------------------------------------------------- */

/* Due in the quarter, and nothing was done by then, whether it came later or not (RXP-STA-005). */
static int add_missed(
    struct rxp_statistics *s, const struct rxp_case_times *in, const struct rxp_period *period)
{
	int rc = 0;

	for (unsigned key = 1; in->profile != NULL && rc == 0 && key <= RXP_MAX_PERSONS; key++) {
		if (rxp_case_person(in->c, key) == RXP_CASE_UNKNOWN)
			continue;
		for (size_t i = 0; rc == 0 && i < N_OF(misses); i++) {
			struct rxp_case_clock c;

			rc = rxp_case_clock(&c, in, key, misses[i].clock);
			if (rc == 0 && c.due.outcome == RXP_DUE_SET &&
			    is_in(period, c.due.due_ms) && !c.due.provisional &&
			    (c.status == RXP_CLOCK_PAST || c.status == RXP_CLOCK_BROKEN ||
				(c.status == RXP_CLOCK_ENDED && c.off_ms > 0)))
				s->counts[misses[i].counted]++;
		}
	}
	return rc;
}

static bool is_unanswered(enum rxp_case_state state)
{
	return state == RXP_CASE_RECEIVED || state == RXP_CASE_INCOMPLETE ||
	       state == RXP_CASE_EXAMINATION || state == RXP_CASE_EXTENDED;
}

/* The case as it was at the end of the quarter: its documents that were received before. */
static int add_unanswered(struct rxp_statistics *s, const struct rxp_case_times *in,
    const struct rxp_period *period, const char *requesting)
{
	struct rxp_case_document *docs = calloc(in->n + 1, sizeof *docs);
	struct rxp_case *then = NULL;
	size_t n = 0;
	int rc = docs == NULL ? RXP_ERR_NOMEM : 0;

	for (size_t i = 0; rc == 0 && i < in->n; i++)
		if (in->moments[i].received_ms < period->until_ms)
			docs[n++] = in->docs[i];
	if (rc == 0)
		rc = rxp_case_replay(&then, docs, n, requesting);
	for (unsigned key = 1; rc == 0 && key <= RXP_MAX_PERSONS; key++)
		s->counts[RXP_STATISTIC_UNANSWERED] += is_unanswered(rxp_case_person(then, key));
	rxp_case_free(then);
	free(docs);
	return rc;
}

int rxp_statistics_add(struct rxp_statistics *s, const struct rxp_case_times *in,
    const struct rxp_period *period, const char *requesting)
{
	struct rxp_statistics more = *s;
	int rc = add_documents(&more, in, period);

	if (rc == 0)
		rc = add_missed(&more, in, period);
	if (rc == 0)
		rc = add_unanswered(&more, in, period, requesting);
	if (rc == 0)
		*s = more;
	return rc;
}

/* --- what is told --------------------------------------------------------------------------------- */

enum rxp_told rxp_statistics_told(const struct rxp_statistics *s, enum rxp_statistic which)
{
	if (s->counts[which] < RXP_STATISTICS_LEAST)
		return RXP_TOLD_FEW;
	for (size_t i = 0; i < N_OF(parts); i++)
		if (parts[i].whole == which && s->counts[parts[i].part] < RXP_STATISTICS_LEAST)
			return RXP_TOLD_NOTHING;
	return RXP_TOLD_COUNT;
}

static void put_side(struct rxp_buf *out, const char *element, const struct rxp_statistics *s)
{
	char number[NUMBER_TEXT];

	rxp_buf_puts(out, "<");
	rxp_buf_puts(out, element);
	rxp_buf_puts(out, ">");
	for (int i = 0; i < RXP_STATISTIC_COUNT; i++) {
		enum rxp_told told = rxp_statistics_told(s, (enum rxp_statistic)i);

		if (told == RXP_TOLD_NOTHING)
			continue;
		rxp_buf_puts(out, "<Counter code=\"");
		rxp_buf_puts(out, codes[i]);
		if (told == RXP_TOLD_FEW) {
			rxp_buf_puts(out, "\"><FewerThanFive/></Counter>");
			continue;
		}
		snprintf(number, sizeof number, "%llu", (unsigned long long)s->counts[i]);
		rxp_buf_puts(out, "\"><Count>");
		rxp_buf_puts(out, number);
		rxp_buf_puts(out, "</Count></Counter>");
	}
	rxp_buf_puts(out, "</");
	rxp_buf_puts(out, element);
	rxp_buf_puts(out, ">");
}

int rxp_statistics_put(struct rxp_buf *out, const char *period,
    const struct rxp_statistics *requesting, const struct rxp_statistics *requested)
{
	rxp_buf_puts(out, "<StatisticsReport xmlns=\"urn:rxp:1:body\"><Period>");
	rxp_buf_puts(out, period);
	rxp_buf_puts(out, "</Period>");
	put_side(out, "Requesting", requesting);
	put_side(out, "Requested", requested);
	return rxp_buf_puts(out, "</StatisticsReport>");
}
