#include "daemon/registry/cases/clockview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/clock_rows.h"
#include "daemon/registry/cases/clock_times.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/case/listed.h"

#define STEPS_MAX 4096 /* octets of the steps of one clock */
#define PERSONS_TEXT (RXP_MAX_PERSONS * 4 + 1)
#define SECOND_MS 1000
#define MARKS_OF_CLOCK 2 /* a warning, and that it passed */

/* Calls fn with each clock that has begun, by person. */
typedef int each_fn(
    void *arg, unsigned person, enum rxp_clock clock, const struct rxp_case_clock *c);

static int each_clock(const struct clock_times *t, each_fn *fn, void *arg)
{
	for (unsigned person = 1; person <= RXP_MAX_PERSONS; person++) {
		if (rxp_case_person(t->in.c, person) == RXP_CASE_UNKNOWN)
			continue;
		for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++) {
			struct rxp_case_clock c;
			int rc = rxp_case_clock(&c, &t->in, person, (enum rxp_clock)clock);

			if (rc == 0 && c.status != RXP_CLOCK_IDLE)
				rc = fn(arg, person, (enum rxp_clock)clock, &c);
			if (rc != 0)
				return rc;
		}
	}
	return 0;
}

static const char *actor_of(const struct cases *c, enum rxp_case_side actor)
{
	return (actor == RXP_CASE_REQUESTING) == c->row.requesting ? c->own : c->row.peer;
}

static bool is_own(const struct cases *c, enum rxp_case_side actor)
{
	return (actor == RXP_CASE_REQUESTING) == c->row.requesting;
}

static bool is_done(const struct rxp_case_clock *c)
{
	return c->status == RXP_CLOCK_MET || c->status == RXP_CLOCK_BROKEN ||
	       c->status == RXP_CLOCK_ENDED;
}

/* Is its due instant set, and does it mean anything? */
static bool is_due(const struct rxp_case_clock *c)
{
	return is_done(c) ? c->due.outcome == RXP_DUE_SET
			  : c->status == RXP_CLOCK_RUNS || c->status == RXP_CLOCK_PAST;
}

static int64_t instant_or_0(int64_t ms)
{
	return ms != RXP_DUE_NEVER ? ms : 0;
}

/* --- a row for each clock ------------------------------------------------------------------------ */

struct listing {
	struct rxp_buf *out;
	const struct cases *c;
	const struct clock_times *t;
	bool steps;
};

static void fill_due(
    struct rec_case_clock_row *r, const struct listing *l, const struct rxp_case_clock *c)
{
	r->start_ms = c->due.start_ms;
	r->due_ms = c->due.due_ms;
	r->warn_ms = instant_or_0(c->due.warn_ms);
	r->provisional = c->due.provisional;
	r->extended = c->due.extended;
	clock_rows_local(r->due_local, l->t, &c->due);
}

/* What the profile says where it gives no number, and its mark (RXP-PRF-018). */
static void fill_limit(struct rec_case_clock_row *r, const struct rxp_limit *limit)
{
	if (limit->source == RXP_WORD_ABSENT)
		return;
	snprintf(r->unit, sizeof r->unit, "%s", rxp_word_text(limit->unit));
	snprintf(r->source, sizeof r->source, "%s", rxp_word_text(limit->source));
}

/* RXP-CLK-031: what serves if the travel document does not come. */
static void fill_fallback(struct rec_case_clock_row *r, const struct listing *l)
{
	const char *requested = l->c->row.requesting ? l->c->row.peer : l->c->own;

	snprintf(r->fallback, sizeof r->fallback, "%s",
	    rxp_word_text(rxp_listed_fallback(l->t->in.profile, requested)));
}

static int put_clock(
    void *arg, unsigned person, enum rxp_clock clock, const struct rxp_case_clock *c)
{
	const struct listing *l = arg;
	struct rec_case_clock_row r = {.person = person,
	    .done_ms = is_done(c) ? instant_or_0(c->done_ms) : 0,
	    .off_seconds = (uint64_t)c->off_ms / SECOND_MS};
	struct rxp_buf steps;
	int rc = 0;

	snprintf(r.clock, sizeof r.clock, "%s", rxp_clock_row(clock)->word);
	snprintf(r.status, sizeof r.status, "%s", rxp_clock_status_word(c->status));
	snprintf(r.actor, sizeof r.actor, "%s", actor_of(l->c, c->actor));
	fill_limit(&r, &l->t->in.profile->clocks[clock]);
	if (clock == RXP_CLOCK_TRAVEL_DOCUMENT)
		fill_fallback(&r, l);
	rxp_buf_init(&steps, STEPS_MAX);
	if (is_due(c)) {
		fill_due(&r, l, c);
		rc = l->steps ? rxp_due_explain(&steps, &c->due) : 0;
	}
	r.steps = (struct bytes){.data = steps.data, .len = steps.len};
	if (rc == 0)
		rc = record_list_put(l->out, REC_case_clock_row, &record_case_clock_row, &r);
	rxp_buf_free(&steps);
	return rc;
}

int clockview_clocks(
    struct rxp_buf *out, const struct cases *c, const struct clock_times *times, bool steps)
{
	struct listing l = {.out = out, .c = c, .t = times, .steps = steps};

	return each_clock(times, put_clock, &l);
}

/* --- what there was to tell ---------------------------------------------------------------------- */

enum mark_kind { MARK_WARNING, MARK_PASSED };

/* Of the persons for whom it is the same. */
struct mark {
	enum mark_kind kind;
	int64_t at_ms;
	enum rxp_clock clock;
	struct rxp_case_clock of; /* of the first of them */
	uint32_t persons;
};

struct marking {
	const struct cases *c;
	const struct clock_times *t;
	struct mark *marks; /* MARKS_OF_CLOCK for each */
	size_t n;
};

static void add_mark(struct marking *m, const struct mark *mark)
{
	size_t at = m->n;

	for (size_t i = 0; i < m->n; i++) {
		struct mark *known = &m->marks[i];

		if (known->kind == mark->kind && known->at_ms == mark->at_ms &&
		    known->clock == mark->clock && known->of.status == mark->of.status &&
		    known->of.done_ms == mark->of.done_ms) {
			known->persons |= mark->persons;
			return;
		}
	}
	for (; at > 0 && m->marks[at - 1].at_ms > mark->at_ms; at--)
		m->marks[at] = m->marks[at - 1];
	m->marks[at] = *mark;
	m->n++;
}

/* The act, if there was one, came after that. */
static bool was_open_at(const struct rxp_case_clock *c, int64_t at_ms)
{
	return !is_done(c) || c->done_ms > at_ms;
}

static int mark_clock(
    void *arg, unsigned person, enum rxp_clock clock, const struct rxp_case_clock *c)
{
	struct marking *m = arg;
	struct mark mark = {.clock = clock, .of = *c, .persons = UINT32_C(1) << (person - 1)};
	int64_t now_ms = m->t->in.as_of_ms;

	if (!is_due(c))
		return 0;
	mark.at_ms = c->due.warn_ms;
	mark.kind = MARK_WARNING;
	if (is_own(m->c, c->actor) && mark.at_ms <= now_ms && was_open_at(c, mark.at_ms))
		add_mark(m, &mark);
	mark.at_ms = c->due.due_ms;
	mark.kind = MARK_PASSED;
	if (rxp_clock_row(clock)->kind != RXP_CLOCK_KIND_MINIMUM &&
	    (c->status == RXP_CLOCK_PAST || (is_done(c) && c->off_ms > 0)))
		add_mark(m, &mark);
	return 0;
}

/* "P1 P2" */
static struct bytes persons_text(char out[PERSONS_TEXT], uint32_t persons)
{
	size_t used = 0;

	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		if ((persons & UINT32_C(1) << (key - 1)) != 0)
			used += (size_t)snprintf(
			    out + used, PERSONS_TEXT - used, "%sP%u", used > 0 ? " " : "", key);
	return (struct bytes){.data = (const uint8_t *)out, .len = used};
}

static int put_mark(struct rxp_buf *out, const struct marking *m, const struct mark *mark)
{
	static const char *const kinds[] = {[MARK_WARNING] = "warning", [MARK_PASSED] = "passed"};
	const struct rxp_case_clock *c = &mark->of;
	char persons[PERSONS_TEXT];
	struct rec_clock_mark_row r = {
	    .at_ms = mark->at_ms, .persons = persons_text(persons, mark->persons)};

	snprintf(r.kind, sizeof r.kind, "%s", kinds[mark->kind]);
	snprintf(r.clock, sizeof r.clock, "%s", rxp_clock_row(mark->clock)->word);
	snprintf(r.actor, sizeof r.actor, "%s", actor_of(m->c, c->actor));
	clock_rows_local(r.due_local, m->t, &c->due);
	if (mark->kind == MARK_PASSED) {
		snprintf(r.status, sizeof r.status, "%s", rxp_clock_status_word(c->status));
		r.done_ms = is_done(c) ? instant_or_0(c->done_ms) : 0;
		r.off_seconds = (uint64_t)c->off_ms / SECOND_MS;
	}
	return record_list_put(out, REC_clock_mark_row, &record_clock_mark_row, &r);
}

int clockview_marks(struct rxp_buf *out, const struct cases *c, const struct clock_times *times)
{
	struct marking m = {.c = c, .t = times};
	int rc;

	m.marks = calloc((size_t)CLOCK_ROWS_MAX * MARKS_OF_CLOCK, sizeof *m.marks);
	if (m.marks == NULL)
		return RXP_ERR_NOMEM;
	rc = each_clock(times, mark_clock, &m);
	for (size_t i = 0; rc == 0 && i < m.n; i++)
		rc = put_mark(out, &m, &m.marks[i]);
	free(m.marks);
	return rc;
}
