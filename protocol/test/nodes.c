#include "protocol/test/nodes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/err.h"
#include "protocol/test/terms_file.h"

#define BIT(key) (UINT32_C(1) << ((key)-1))
#define TRAIT(name) (1u << RXP_CASE_TRAIT_##name)

/* What a State sees of the case. */
struct view {
	enum rxp_case_state state[PLAY_PERSONS + 1]; /* by key */
	unsigned traits[PLAY_PERSONS + 1];
	size_t facts[PLAY_PERSONS + 1]; /* records of what happened to the person */
};

#define START_MS INT64_C(1780822800000) /* 2026-06-07 09:00 */
#define HOUR_MS INT64_C(3600000)
#define SPANS 8

/* One State: what it holds, and what it has under way. */
struct node {
	const char *party;
	struct story held;
	struct rxp_case_moment moments[2][RXP_MAX_CASE_DOCUMENTS + 1]; /* by side and Position */
	bool flying; /* its last document has not arrived */
	bool receipt; /* it has, and its receipt is under way */
	struct view view;
};

struct nodes {
	struct node node[2]; /* by enum rxp_case_side */
	enum rxp_case_state forbidden;
	int64_t now_ms;
	struct rxp_due_span outages[SPANS]; /* both States know of them */
	size_t n_outages;
	struct {
		uint64_t position; /* of what was tried */
		int64_t at_ms;
	} attempts[2][SPANS];
	size_t n_attempts[2];
	size_t steps;
	struct play_fault fault;
};

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

__attribute__((format(printf, 2, 3))) static void fault(struct nodes *n, const char *format, ...)
{
	va_list args;

	if (n->fault.text[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(n->fault.text, sizeof n->fault.text, format, args);
	va_end(args);
	n->fault.step = n->steps;
}

/* --- what must hold of one State's view ------------------------------------------------------ */

/* Does the i-th document count, and for this person? */
static bool is_effective(const struct node *at, const struct rxp_case *c, size_t i, unsigned key)
{
	const struct rxp_case_document *d = &at->held.docs[i];
	struct rxp_answer_last last;

	rxp_case_last(&last, c, d->from);
	return d->position <= last.position && story_names(d, key) &&
	       (rxp_case_overtaken(c, i) & BIT(key)) == 0;
}

/* The last document of the events' mask that took effect for the person; NULL if none did. */
static const struct rxp_case_document *last_effective(
    const struct node *at, const struct rxp_case *c, unsigned key, uint64_t events)
{
	const struct rxp_case_document *last = NULL;

	for (size_t i = 0; i < at->held.n; i++) {
		const struct rxp_case_document *d = &at->held.docs[i];

		for (unsigned p = 0; p < d->n_persons && is_effective(at, c, i, key); p++)
			if (d->persons[p].key == key &&
			    (events & UINT64_C(1) << d->persons[p].event) != 0 &&
			    (last == NULL || d->position > last->position))
				last = d;
	}
	return last;
}

#define EVENT(name) (UINT64_C(1) << RXP_CASE_EVENT_##name)
#define NOTIFICATIONS (EVENT(NOTIFY) | EVENT(NOTIFY_OWN_DOCUMENT) | EVENT(ANNOUNCE))

static unsigned gives_of(const struct rxp_case_document *d, unsigned key)
{
	for (unsigned p = 0; p < d->n_persons; p++)
		if (d->persons[p].key == key)
			return d->persons[p].gives;
	return 0;
}

/* A planned transfer is the one that was agreed; a child's interests were assessed for it, and a child on
 * their own has a guardian, named by the one State and confirmed by the other. */
static void check_planned(
    struct nodes *n, const struct node *at, const struct rxp_case *c, unsigned key)
{
	const struct rxp_case_document *planned = last_effective(at, c, key, NOTIFICATIONS);
	const struct rxp_case_document *agreed = last_effective(at, c, key, EVENT(AGREE_TRANSFER));

	if (planned == NULL || agreed == NULL ||
	    memcmp(agreed->about, planned->fingerprint, sizeof agreed->about) != 0)
		fault(n, "%s: P%u is planned for a transfer that nobody agreed to", at->party, key);
	else if ((rxp_case_traits(c, key) & TRAIT(UNACCOMPANIED)) != 0 &&
		 (gives_of(planned, key) & TRAIT(GUARDIAN_CONFIRMED)) == 0)
		fault(n, "%s: P%u is unaccompanied and planned without a guardian", at->party, key);
	else if ((rxp_case_traits(c, key) & TRAIT(UNACCOMPANIED)) != 0 &&
		 (rxp_case_traits(c, key) & TRAIT(GUARDIAN_NAMED)) == 0)
		fault(
		    n, "%s: P%u is planned and nobody said who receives the child", at->party, key);
	else if ((rxp_case_traits(c, key) & TRAIT(CHILD)) != 0 &&
		 planned->type == RXP_TYPE_TRANSFER_NOTIFICATION &&
		 (gives_of(planned, key) & TRAIT(BEST_INTERESTS)) == 0)
		fault(n, "%s: the interests of the child P%u were not assessed", at->party, key);
}

static bool is_withdrawn(enum rxp_case_state state)
{
	return state == RXP_CASE_WITHDRAWN || state == RXP_CASE_TRANSIT_WITHDRAWN;
}

static size_t facts_of(const struct node *at, const struct rxp_case *c, unsigned key)
{
	size_t n = 0;

	for (size_t i = 0; i < at->held.n; i++)
		n += at->held.docs[i].type == RXP_TYPE_TRANSFER_RECORD &&
		     is_effective(at, c, i, key);
	return n;
}

/* news: did a document come into the view? */
static void check_person(
    struct nodes *n, const struct node *at, const struct rxp_case *c, unsigned key, bool news)
{
	enum rxp_case_state before = at->view.state[key];
	enum rxp_case_state state = rxp_case_person(c, key);

	if (state == n->forbidden)
		fault(n, "%s: P%u is %s", at->party, key, rxp_case_state_name(state));
	if (state == RXP_CASE_PLANNED)
		check_planned(n, at, c, key);
	if (is_withdrawn(before) && !is_withdrawn(state) && state != RXP_CASE_TRANSIT_REVOKED &&
	    facts_of(at, c, key) == at->view.facts[key])
		fault(n, "%s: P%u was withdrawn and is %s", at->party, key,
		    rxp_case_state_name(state));
	if (!news && (before != state || at->view.traits[key] != rxp_case_traits(c, key)))
		fault(n, "%s: P%u was %s and is %s after a start", at->party, key,
		    rxp_case_state_name(before), rxp_case_state_name(state));
}

static void look(struct nodes *n, struct node *at, bool news)
{
	struct rxp_case *c = story_replay(&at->held);

	for (unsigned key = 1; key <= PLAY_PERSONS; key++) {
		check_person(n, at, c, key, news);
		at->view.state[key] = rxp_case_person(c, key);
		at->view.traits[key] = rxp_case_traits(c, key);
		at->view.facts[key] = facts_of(at, c, key);
	}
	for (size_t i = 0; i < at->held.n; i++)
		if (at->held.docs[i].type == RXP_TYPE_TRANSFER_RECORD &&
		    rxp_case_overtaken(c, i) != 0)
			fault(n, "%s: a physical fact has no effect", at->party);
	rxp_case_free(c);
}

/* --- clocks ---------------------------------------------------------------------------------- */

static const struct terms {
	struct rxp_profile profile;
	struct rxp_calendar *calendar;
} * terms(void)
{
	static struct terms t;
	struct rxp_buf octets;

	if (t.calendar != NULL)
		return &t;
	octets = terms_read("generic-test");
	assert_int_equal(rxp_profile_draft(&t.profile, octets.data, octets.len, NULL), 0);
	rxp_buf_free(&octets);
	t.profile.effects.rows[t.profile.effects.n].of = RXP_DISTURBANCE_SUPPLEMENT;
	t.profile.effects.rows[t.profile.effects.n++].does = RXP_EFFECT_STOP;
	t.calendar = terms_calendar("qrb-1");
	return &t;
}

static struct rxp_case_moment *moment_of(struct node *at, const struct rxp_case_document *d)
{
	return &at->moments[strcmp(d->from, STORY_Q) != 0][d->position];
}

/* All clocks of the persons of the play. */
struct clocks {
	struct rxp_case_clock of[PLAY_PERSONS + 1][RXP_CLOCK_COUNT];
	uint8_t begun_by[PLAY_PERSONS + 1][RXP_CLOCK_COUNT][RXP_DIGEST_OCTETS];
};

/* What one side tried of the documents that the other, or itself, holds. */
static size_t find_attempts(struct rxp_case_attempt out[SPANS], const struct nodes *n,
    const struct node *at, enum rxp_case_side who)
{
	size_t count = 0;

	for (size_t i = 0; i < n->n_attempts[who]; i++)
		for (size_t k = 0; k < at->held.n; k++)
			if (strcmp(at->held.docs[k].from, n->node[who].party) == 0 &&
			    at->held.docs[k].position == n->attempts[who][i].position)
				out[count++] = (struct rxp_case_attempt){
				    .document = k, .at_ms = n->attempts[who][i].at_ms};
	return count;
}

static void read_clocks(struct clocks *out, struct nodes *n, struct node *at)
{
	static struct rxp_case_moment moments[RXP_MAX_CASE_DOCUMENTS + 1];
	const struct rxp_calendar *versions[] = {terms()->calendar};
	const struct rxp_calendars calendars = {.versions = versions, .n = 1};
	struct rxp_case *c = story_replay(&at->held);
	struct rxp_case_attempt tried[2][SPANS];
	struct rxp_case_times in = {.c = c,
	    .docs = at->held.docs,
	    .moments = moments,
	    .n = at->held.n,
	    .profile = &terms()->profile,
	    .calendars = &calendars,
	    .outages = n->outages,
	    .n_outages = n->n_outages,
	    .attempts = {{tried[0], find_attempts(tried[0], n, at, RXP_CASE_REQUESTING)},
		{tried[1], find_attempts(tried[1], n, at, RXP_CASE_REQUESTED)}},
	    .as_of_ms = n->now_ms};

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < at->held.n; i++)
		moments[i] = *moment_of(at, &at->held.docs[i]);
	for (unsigned key = 1; key <= PLAY_PERSONS; key++)
		for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++) {
			struct rxp_case_clock *o = &out->of[key][clock];

			if (rxp_case_clock(o, &in, key, clock) != 0)
				fault(n, "%s: the clock %s of P%u is not computed", at->party,
				    rxp_clock_row(clock)->word, key);
			if (o->status != RXP_CLOCK_IDLE)
				memcpy(out->begun_by[key][clock],
				    at->held.docs[o->begun_by].fingerprint, RXP_DIGEST_OCTETS);
		}
	rxp_case_free(c);
}

static bool same_clock(const struct clocks *a, const struct clocks *b, unsigned key, unsigned clock)
{
	const struct rxp_case_clock *x = &a->of[key][clock];
	const struct rxp_case_clock *y = &b->of[key][clock];

	return x->status == y->status && x->actor == y->actor && x->off_ms == y->off_ms &&
	       x->done_ms == y->done_ms && x->due.outcome == y->due.outcome &&
	       x->due.start_ms == y->due.start_ms && x->due.due_ms == y->due.due_ms &&
	       x->due.warn_ms == y->due.warn_ms && x->due.provisional == y->due.provisional &&
	       memcmp(a->begun_by[key][clock], b->begun_by[key][clock], RXP_DIGEST_OCTETS) == 0;
}

static void compare_clocks(
    struct nodes *n, const struct clocks *a, const struct clocks *b, const char *where)
{
	for (unsigned key = 1; key <= PLAY_PERSONS; key++)
		for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++)
			if (!same_clock(a, b, key, clock))
				fault(n, "the clock %s of P%u is %s and %s %s",
				    rxp_clock_row(clock)->word, key,
				    rxp_clock_status_word(a->of[key][clock].status),
				    rxp_clock_status_word(b->of[key][clock].status), where);
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
	int32_t due_day = step->due_days == 0 ? 0 : (int32_t)(now_ms / RXP_DAY_MS + step->due_days);
	int64_t at_ms = step->at_hours == 0 ? 0 : now_ms - step->at_hours * HOUR_MS;

	if (!rxp_case_type(d->type)->names_persons) {
		d->due_day = due_day;
		return;
	}
	for (unsigned i = 0; i < d->n_persons; i++) {
		d->persons[i].due_day = due_day;
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
	moment_of(at, &d)->received_ms = RXP_DUE_NEVER;
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
		fault(n, "%s refuses a %s of the other State: %s", at->party,
		    rxp_type_row(d->type)->wire, verdict.requirement);
	rxp_case_free(c);
	if (n->fault.text[0] != '\0')
		return;
	at->held.n++;
	moment_of(at, d)->received_ms = n->now_ms;
	look(n, at, true);
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
	*moment_of(at, d) = *moment_of(other, d);
	at->receipt = false;
	look(n, at, true);
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

	read_clocks(&before, n, at);
	reorder(&at->held, number);
	look(n, at, false);
	read_clocks(&after, n, at);
	compare_clocks(n, &before, &after, "after a start");
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
		fault(n, "the States hold %zu and %zu documents", q->n, d->n);
	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		if (rxp_case_person(x, key) != rxp_case_person(y, key) ||
		    rxp_case_traits(x, key) != rxp_case_traits(y, key))
			fault(n, "P%u is %s at the one State and %s at the other", key,
			    rxp_case_state_name(rxp_case_person(x, key)),
			    rxp_case_state_name(rxp_case_person(y, key)));
	for (size_t i = 0; i < q->n; i++) {
		size_t j = position_of(d, &q->docs[i]);

		if (j == d->n || rxp_case_overtaken(x, i) != rxp_case_overtaken(y, j))
			fault(n, "a %s of %s has another effect at the other State",
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
		read_clocks(&q, n, &n->node[RXP_CASE_REQUESTING]);
		read_clocks(&d, n, &n->node[RXP_CASE_REQUESTED]);
		compare_clocks(n, &q, &d, "at the two States");
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
		look(n, &n->node[side], false);
	if (n->fault.text[0] == '\0')
		compare(n, end);
	if (n->fault.text[0] == '\0')
		compare_times(n, end);
}
