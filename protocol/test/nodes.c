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

#define BIT(key) (UINT32_C(1) << ((key)-1))
#define TRAIT(name) (1u << RXP_CASE_TRAIT_##name)

/* What a State sees of the case. */
struct view {
	enum rxp_case_state state[PLAY_PERSONS + 1]; /* by key */
	unsigned traits[PLAY_PERSONS + 1];
	size_t facts[PLAY_PERSONS + 1]; /* records of what happened to the person */
};

/* One State: what it holds, and what it has under way. */
struct node {
	const char *party;
	struct story held;
	bool flying; /* its last document has not arrived */
	bool receipt; /* it has, and its receipt is under way */
	struct view view;
};

struct nodes {
	struct node node[2]; /* by enum rxp_case_side */
	enum rxp_case_state forbidden;
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

/* A planned transfer is the one that was agreed, and a child on their own has a confirmed guardian. */
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

static bool act(struct node *at, const struct play_step *step)
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
	c = story_replay(&at->held);
	rc = rxp_case_check(&verdict, c, &d, RXP_CASE_SEALING);
	rxp_case_free(c);
	if (rc != 0)
		return false;
	d.in_doubt = true;
	at->held.docs[at->held.n++] = d;
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

static bool step_receipt(struct nodes *n, struct node *at)
{
	struct rxp_case_document *d = own_last(at);

	if (!at->receipt || d == NULL)
		return false;
	d->in_doubt = false;
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

bool nodes_step(struct nodes *n, const struct play_step *step)
{
	struct node *at = &n->node[step->who];
	struct node *other = &n->node[!step->who];

	n->steps++;
	switch (step->kind) {
	case PLAY_ACT:
		return act(at, step);
	case PLAY_ARRIVE:
		return step_arrive(n, at, other);
	case PLAY_RECEIPT:
		return step_receipt(n, at);
	case PLAY_LOSE_RECEIPT:
		if (!at->receipt)
			return false;
		at->receipt = false;
		at->flying = true;
		return true;
	case PLAY_AGAIN:
		return step_again(n, at, other, step->number);
	case PLAY_RESTART:
		reorder(&at->held, step->number);
		look(n, at, false);
		return at->held.n > 1;
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

void nodes_finish(struct nodes *n, struct play_end *end)
{
	for (int side = 0; side < 2 && n->fault.text[0] == '\0'; side++) {
		struct node *at = &n->node[side];

		step_arrive(n, at, &n->node[!side]);
		step_receipt(n, at);
	}
	for (int side = 0; side < 2 && n->fault.text[0] == '\0'; side++)
		look(n, &n->node[side], false);
	if (n->fault.text[0] == '\0')
		compare(n, end);
}
