#include "protocol/test/nodes_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START_MS INT64_C(1780822800000) /* 2026-06-07 09:00 */
#define HOUR_MS INT64_C(3600000)

struct nodes *nodes_new(enum rxp_case_state forbidden)
{
	struct nodes *n = calloc(1, sizeof *n);

	assert_non_null(n);
	n->node[RXP_CASE_REQUESTING].party = STORY_Q;
	n->node[RXP_CASE_REQUESTED].party = STORY_D;
	n->forbidden = forbidden;
	n->now_ms = START_MS;
	return n;
}

void nodes_free(struct nodes *n)
{
	free(n);
}

const struct play_fault *nodes_fault(const struct nodes *n)
{
	return &n->fault;
}

void nodes_found(struct nodes *n, const char *format, ...)
{
	va_list args;

	if (n->fault.text[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(n->fault.text, sizeof n->fault.text, format, args);
	va_end(args);
	n->fault.step = n->steps;
}

/* --- steps --------------------------------------------------------------------------------- */

static struct rxp_case_document *own_last(struct node *at)
{
	struct rxp_case_document *last = NULL;

	for (size_t i = 0; i < at->held.n; i++)
		if (strcmp(at->held.docs[i].from, at->party) == 0 &&
		    (last == NULL || at->held.docs[i].position > last->position))
			last = &at->held.docs[i];
	return last;
}

/* The documents in another order, which number gives. */
static void reorder(struct story *s, uint32_t number)
{
	for (size_t i = s->n; i > 1; i--) {
		size_t j = number % i;
		struct rxp_case_document swap = s->docs[i - 1];

		number = number * 1664525 + 1013904223;
		s->docs[i - 1] = s->docs[j];
		s->docs[j] = swap;
	}
}

/* In the order in which the chain has them: what story_next() builds on. */
static void put_in_order(struct story *s, const struct story *held)
{
	s->n = held->n;
	for (size_t i = 0; i < s->n; i++) {
		size_t j = i;

		for (; j > 0 && s->docs[j - 1].position > held->docs[i].position; j--)
			s->docs[j] = s->docs[j - 1];
		s->docs[j] = held->docs[i];
	}
}

enum rxp_case_event nodes_next_event(enum rxp_case_event event)
{
	for (unsigned i = 1; i < RXP_CASE_EVENT_COUNT; i++) {
		enum rxp_case_event e = (event + i) % RXP_CASE_EVENT_COUNT;

		if (rxp_case_event_row(e)->type == rxp_case_event_row(event)->type)
			return e;
	}
	return event;
}

/* A document may concern an older one than the last; the case then has to say no. */
static void choose_older(struct rxp_case_document *d, const struct story *s, unsigned older)
{
	for (size_t i = s->n; d->has_about && i > 0; i--)
		if (rxp_case_concerns(
			d->type, s->docs[i - 1].type, strcmp(s->docs[i - 1].from, d->from) == 0) &&
		    older-- == 0) {
			memcpy(d->about, s->docs[i - 1].fingerprint, sizeof d->about);
			return;
		}
}

static struct rxp_case_document document_of(const struct node *at, const struct play_step *step)
{
	struct story s;
	struct rxp_case_document d;

	put_in_order(&s, &at->held);
	d = story_next(&s, at->party, step->event, step->persons);
	for (unsigned i = 0; i < d.n_persons; i++)
		if ((step->others & BIT(d.persons[i].key)) != 0)
			d.persons[i].event = (uint8_t)nodes_next_event(step->event);
	story_mark(&d, step->marked, step->traits);
	if (step->older > 0)
		choose_older(&d, &s, step->older);
	return d;
}

/* What the document says of times. */
static void say_times(struct rxp_case_document *d, const struct play_step *step, int64_t now_ms)
{
	int32_t stated_day =
	    step->due_days == 0 ? 0 : (int32_t)(now_ms / RXP_DAY_MS + step->due_days);
	int64_t at_ms = step->at_hours == 0 ? 0 : now_ms - step->at_hours * HOUR_MS;

	if (!rxp_case_type(d->type)->names_persons) {
		d->stated_day = stated_day;
		return;
	}
	for (unsigned i = 0; i < d->n_persons; i++) {
		d->persons[i].stated_day = stated_day;
		d->persons[i].at_ms = at_ms;
	}
}

static bool act(struct nodes *n, struct node *at, const struct play_step *step)
{
	struct rxp_case_document d;
	struct rxp_case_verdict verdict;
	struct rxp_case *c;
	int rc;

	if (at->flying || at->receipt || at->held.n >= RXP_MAX_CASE_DOCUMENTS ||
	    (rxp_case_type(rxp_case_event_row(step->event)->type)->names_persons &&
		step->persons == 0))
		return false;
	d = document_of(at, step);
	say_times(&d, step, n->now_ms);
	c = story_replay(&at->held);
	rc = rxp_case_check(&verdict, c, &d, RXP_CASE_SEALING);
	rxp_case_free(c);
	if (rc != 0)
		return false;
	d.in_doubt = true;
	at->held.docs[at->held.n++] = d;
	nodes_moment(at, &d)->received_ms = RXP_DUE_NEVER;
	at->flying = true;
	return true;
}

static bool holds(const struct node *at, const struct rxp_case_document *d)
{
	for (size_t i = 0; i < at->held.n; i++)
		if (memcmp(at->held.docs[i].fingerprint, d->fingerprint, sizeof d->fingerprint) ==
		    0)
			return true;
	return false;
}

/* A document that is known already gets its stored answer and nothing else happens. */
static void receive(struct nodes *n, struct node *at, const struct rxp_case_document *d)
{
	struct rxp_case_verdict verdict;
	struct rxp_case_document *news = &at->held.docs[at->held.n];
	struct rxp_case *c;

	if (holds(at, d))
		return;
	c = story_replay(&at->held);
	*news = *d;
	news->in_doubt = false;
	if (rxp_case_check(&verdict, c, news, RXP_CASE_RECEIVING) != 0)
		nodes_found(n, "%s refuses a %s of the other State: %s", at->party,
		    rxp_type_row(d->type)->wire, verdict.requirement);
	rxp_case_free(c);
	if (n->fault.text[0] != '\0')
		return;
	at->held.n++;
	nodes_moment(at, d)->received_ms = n->now_ms;
	nodes_look(n, at, true);
}

static bool step_arrive(struct nodes *n, struct node *at, struct node *other)
{
	const struct rxp_case_document *d = own_last(at);

	if (!at->flying || d == NULL)
		return false;
	receive(n, other, d);
	at->flying = false;
	at->receipt = true;
	return true;
}

/* The Receipt says when the other State received it. */
static bool step_receipt(struct nodes *n, struct node *at, struct node *other)
{
	struct rxp_case_document *d = own_last(at);

	if (!at->receipt || d == NULL)
		return false;
	d->in_doubt = false;
	*nodes_moment(at, d) = *nodes_moment(other, d);
	at->receipt = false;
	nodes_look(n, at, true);
	return true;
}

static bool step_again(struct nodes *n, const struct node *at, struct node *other, uint32_t number)
{
	const struct rxp_case_document *d;

	if (at->held.n == 0)
		return false;
	d = &at->held.docs[number % at->held.n];
	if (strcmp(d->from, at->party) != 0 || d->in_doubt)
		return false;
	receive(n, other, d);
	return true;
}

static bool step_restart(struct nodes *n, struct node *at, uint32_t number)
{
	static struct clocks before, after;

	nodes_read_clocks(&before, n, at);
	reorder(&at->held, number);
	nodes_look(n, at, false);
	nodes_read_clocks(&after, n, at);
	nodes_compare_clocks(n, &before, &after, "after a start");
	return at->held.n > 1;
}

static bool step_outage(struct nodes *n, uint32_t hours)
{
	if (n->n_outages == SPANS)
		return false;
	n->outages[n->n_outages++] = (struct rxp_due_span){
	    .from_ms = n->now_ms, .until_ms = n->now_ms + hours % 100 * HOUR_MS};
	return true;
}

static bool step_attempt(struct nodes *n, enum rxp_case_side who)
{
	const struct story *held = &n->node[who].held;
	uint64_t position = 0;

	for (size_t i = 0; i < held->n; i++)
		if (strcmp(held->docs[i].from, n->node[who].party) == 0 &&
		    held->docs[i].position > position)
			position = held->docs[i].position;
	if (position == 0 || n->n_attempts[who] == SPANS)
		return false;
	n->attempts[who][n->n_attempts[who]].position = position;
	n->attempts[who][n->n_attempts[who]++].at_ms = n->now_ms;
	return true;
}

bool nodes_step(struct nodes *n, const struct play_step *step)
{
	struct node *at = &n->node[step->who];
	struct node *other = &n->node[!step->who];

	n->steps++;
	n->now_ms += step->hours * HOUR_MS;
	switch (step->kind) {
	case PLAY_ACT:
		return act(n, at, step);
	case PLAY_ARRIVE:
		return step_arrive(n, at, other);
	case PLAY_RECEIPT:
		return step_receipt(n, at, other);
	case PLAY_LOSE_RECEIPT:
		if (!at->receipt)
			return false;
		at->receipt = false;
		at->flying = true;
		return true;
	case PLAY_AGAIN:
		return step_again(n, at, other, step->number);
	case PLAY_RESTART:
		return step_restart(n, at, step->number);
	case PLAY_OUTAGE:
		return step_outage(n, step->number);
	case PLAY_ATTEMPT:
		return step_attempt(n, step->who);
	default:
		abort();
	}
}

/* --- the end ------------------------------------------------------------------------------- */

static size_t position_of(const struct story *s, const struct rxp_case_document *d)
{
	size_t i = 0;

	while (
	    i < s->n && memcmp(s->docs[i].fingerprint, d->fingerprint, sizeof d->fingerprint) != 0)
		i++;
	return i;
}

static void compare(struct nodes *n, struct play_end *end)
{
	const struct story *q = &n->node[RXP_CASE_REQUESTING].held;
	const struct story *d = &n->node[RXP_CASE_REQUESTED].held;
	struct rxp_case *x = story_replay(q);
	struct rxp_case *y = story_replay(d);

	if (q->n != d->n)
		nodes_found(n, "the States hold %zu and %zu documents", q->n, d->n);
	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		if (rxp_case_person(x, key) != rxp_case_person(y, key) ||
		    rxp_case_traits(x, key) != rxp_case_traits(y, key))
			nodes_found(n, "P%u is %s at the one State and %s at the other", key,
			    rxp_case_state_name(rxp_case_person(x, key)),
			    rxp_case_state_name(rxp_case_person(y, key)));
	for (size_t i = 0; i < q->n; i++) {
		size_t j = position_of(d, &q->docs[i]);

		if (j == d->n || rxp_case_overtaken(x, i) != rxp_case_overtaken(y, j))
			nodes_found(n, "a %s of %s has another effect at the other State",
			    rxp_type_row(q->docs[i].type)->wire, q->docs[i].from);
		end->documents++;
		end->overtaken += rxp_case_overtaken(x, i) != 0;
		end->types[q->docs[i].type] = true;
	}
	rxp_case_free(x);
	rxp_case_free(y);
}

/* Both count the same, whenever they look. */
static void compare_times(struct nodes *n, struct play_end *end)
{
	static struct clocks q, d;

	for (unsigned times = 0; times < 3 && n->fault.text[0] == '\0'; times++) {
		nodes_read_clocks(&q, n, &n->node[RXP_CASE_REQUESTING]);
		nodes_read_clocks(&d, n, &n->node[RXP_CASE_REQUESTED]);
		nodes_compare_clocks(n, &q, &d, "at the two States");
		for (unsigned key = 1; key <= PLAY_PERSONS; key++)
			for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++)
				end->clocks[q.of[key][clock].status]++;
		n->now_ms += 20 * RXP_DAY_MS;
	}
}

void nodes_finish(struct nodes *n, struct play_end *end)
{
	for (int side = 0; side < 2 && n->fault.text[0] == '\0'; side++) {
		struct node *at = &n->node[side];

		step_arrive(n, at, &n->node[!side]);
		step_receipt(n, at, &n->node[!side]);
	}
	for (int side = 0; side < 2 && n->fault.text[0] == '\0'; side++)
		nodes_look(n, &n->node[side], false);
	if (n->fault.text[0] == '\0')
		compare(n, end);
	if (n->fault.text[0] == '\0')
		compare_times(n, end);
}
