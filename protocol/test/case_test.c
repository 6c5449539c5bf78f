/*
 * Goals:
 *  - every (state, event, sender) cell: the legal ones are those listed here, all others reject;
 *  - every fault of a chain is refused with its code and requirement, and its valid twin passes;
 *  - documents that cross have one result: the higher rank is taken first, the other is overtaken,
 *    person by person;
 *  - a document in doubt counts only once the other side has seen it;
 *  - two States that send at random, with deliveries and receipts delayed at random, never refuse
 *    one another and end with equal states, whatever the order in which documents are folded;
 *  - hostile facts are refused and break nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "protocol/case.h"
#include "protocol/err.h"

#define Q "QRA" /* asks */
#define D "QRB" /* is asked */

/* --- building cases ------------------------------------------------------------------------ */

struct story {
	struct rxp_case_document docs[RXP_MAX_CASE_DOCUMENTS + 1];
	size_t n;
};

static const struct rxp_case_document *last_of(const struct story *s, const char *party)
{
	for (size_t i = s->n; i > 0; i--)
		if (strcmp(s->docs[i - 1].from, party) == 0)
			return &s->docs[i - 1];
	return NULL;
}

/* A document of one event for the persons of the mask, linked to what the story holds. */
static struct rxp_case_document next_document(
    const struct story *s, const char *from, enum rxp_case_event event, uint32_t persons)
{
	const struct rxp_case_document *own = last_of(s, from);
	const struct rxp_case_document *other = last_of(s, strcmp(from, Q) == 0 ? D : Q);
	struct rxp_case_document d = {.type = rxp_case_event_row(event)->type,
	    .position = own == NULL ? 1 : own->position + 1};

	memcpy(d.from, from, sizeof d.from);
	d.has_previous = own != NULL;
	if (own != NULL)
		memcpy(d.previous, own->fingerprint, sizeof d.previous);
	d.has_seen = other != NULL;
	if (other != NULL)
		memcpy(d.seen, other->fingerprint, sizeof d.seen);
	d.fingerprint[0] = (uint8_t)from[2];
	d.fingerprint[1] = (uint8_t)(d.position >> 8);
	d.fingerprint[2] = (uint8_t)d.position;
	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		if ((persons & UINT32_C(1) << (key - 1)) != 0) {
			d.persons[d.n_persons].key = (uint8_t)key;
			d.persons[d.n_persons++].event = (uint8_t)event;
		}
	return d;
}

static void tell(struct story *s, const char *from, enum rxp_case_event event, uint32_t persons)
{
	s->docs[s->n] = next_document(s, from, event, persons);
	s->n++;
}

static struct rxp_case *replay(const struct story *s)
{
	struct rxp_case *c = NULL;

	assert_int_equal(rxp_case_replay(&c, s->docs, s->n, Q), 0);
	return c;
}

static void assert_takes(const struct story *s, const struct rxp_case_document *d)
{
	struct rxp_case *c = replay(s);
	struct rxp_case_refusal refusal;

	assert_int_equal(rxp_case_check(c, d, &refusal), 0);
	rxp_case_free(c);
}

static void assert_refuses(const struct story *s, const struct rxp_case_document *d,
    enum rxp_refusal code, const char *requirement)
{
	struct rxp_case *c = replay(s);
	struct rxp_case_refusal refusal = {0};

	assert_int_equal(rxp_case_check(c, d, &refusal), RXP_ERR_STATE);
	assert_string_equal(refusal.requirement, requirement);
	assert_int_equal(refusal.code, code);
	rxp_case_free(c);
}

/* Persons P1 and P2, applied for; D has seen it. */
static struct story applied(void)
{
	struct story s = {.n = 0};

	tell(&s, Q, RXP_CASE_EVENT_APPLY, 3);
	return s;
}

/* --- the table ----------------------------------------------------------------------------- */

static void test_every_cell(void **unused)
{
	static const struct {
		enum rxp_case_state from;
		enum rxp_case_event event;
		enum rxp_case_side sender;
		enum rxp_case_state to;
	} legal[] = {
	    {RXP_CASE_UNKNOWN, RXP_CASE_EVENT_APPLY, RXP_CASE_REQUESTING, RXP_CASE_RECEIVED},
	    {RXP_CASE_RECEIVED, RXP_CASE_EVENT_ACCEPT, RXP_CASE_REQUESTED, RXP_CASE_ACCEPTED},
	    {RXP_CASE_RECEIVED, RXP_CASE_EVENT_REFUSE, RXP_CASE_REQUESTED, RXP_CASE_REFUSED},
	    {RXP_CASE_RECEIVED, RXP_CASE_EVENT_WITHDRAW, RXP_CASE_REQUESTING, RXP_CASE_WITHDRAWN},
	    {RXP_CASE_ACCEPTED, RXP_CASE_EVENT_WITHDRAW, RXP_CASE_REQUESTING, RXP_CASE_WITHDRAWN},
	};
	const size_t n = sizeof legal / sizeof legal[0];
	size_t found = 0;

	(void)unused;
	for (unsigned from = 0; from < RXP_CASE_STATE_COUNT; from++)
		for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++)
			for (unsigned sender = 0; sender < 2; sender++) {
				enum rxp_case_state to = RXP_CASE_STATE_COUNT;
				const char *requirement = NULL;
				int rc = rxp_case_move(&to, from, event, sender, &requirement);
				size_t i = 0;

				while (i < n && (legal[i].from != from || legal[i].event != event ||
						    legal[i].sender != sender))
					i++;
				if (i == n) {
					assert_int_equal(rc, RXP_ERR_STATE);
					assert_int_equal(to, RXP_CASE_STATE_COUNT);
					continue;
				}
				assert_int_equal(rc, 0);
				assert_int_equal(to, legal[i].to);
				assert_int_equal(strncmp(requirement, "RXP-", 4), 0);
				found++;
			}
	assert_int_equal(found, n);
}

static void test_every_type_of_a_case_has_a_sender(void **unused)
{
	(void)unused;
	for (unsigned type = 0; type < RXP_TYPE_COUNT; type++) {
		enum rxp_case_side side;
		bool in_case = rxp_type_row(type)->scope == RXP_SCOPE_CASE;

		assert_int_equal(rxp_case_sender(&side, type), in_case ? 0 : RXP_ERR_NOT_FOUND);
	}
}

/* --- the chain ----------------------------------------------------------------------------- */

static void test_position(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d = next_document(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);

	(void)unused;
	assert_takes(&s, &d);
	d.position = 3;
	assert_refuses(&s, &d, RXP_REFUSAL_GAP, "RXP-CHN-007");
	d.position = 1;
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-008");
	d = next_document(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	s.n = 0;
	assert_refuses(&s, &d, RXP_REFUSAL_GAP, "RXP-CHN-007");
}

static void test_previous(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d = next_document(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	struct story empty = {.n = 0};

	(void)unused;
	assert_takes(&s, &d);
	d.previous[31] ^= 1;
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-003");
	d.previous[31] ^= 1;
	d.has_previous = false;
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-003");
	d = s.docs[0];
	assert_takes(&empty, &d);
	d.has_previous = true;
	assert_refuses(&empty, &d, RXP_REFUSAL_FORK, "RXP-CHN-003");
}

static void test_seen(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d;

	(void)unused;
	tell(&s, D, RXP_CASE_EVENT_ACCEPT, 1);
	d = next_document(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
	assert_takes(&s, &d);
	d.seen[0] ^= 1;
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-004");
	d.has_seen = false;
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-004");

	tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	tell(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
	d = next_document(&s, Q, RXP_CASE_EVENT_WITHDRAW, 2);
	assert_takes(&s, &d);
	s.n = 3;
	tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 2);
	s.docs[s.n] = next_document(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
	memcpy(s.docs[s.n].seen, s.docs[0].fingerprint, sizeof s.docs[0].fingerprint);
	assert_takes(&s, &s.docs[s.n]);
}

static void test_seen_does_not_go_back(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d;

	(void)unused;
	tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	tell(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
	tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 2);
	d = next_document(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
	memcpy(d.seen, s.docs[1].fingerprint, sizeof d.seen);
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-CAS-004"); /* the chain is right */
	memcpy(d.seen, s.docs[0].fingerprint, sizeof d.seen);
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-004");
}

static void test_bounds(void **unused)
{
	struct story *s = calloc(1, sizeof *s);
	struct rxp_case *c = NULL;
	struct rxp_case_document d;

	(void)unused;
	assert_non_null(s);
	tell(s, Q, RXP_CASE_EVENT_APPLY, 1);
	while (s->n < RXP_MAX_CASE_DOCUMENTS - 1)
		tell(s, D, RXP_CASE_EVENT_ACCEPT, 1);
	d = next_document(s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	assert_takes(s, &d);
	tell(s, D, RXP_CASE_EVENT_ACCEPT, 1);
	assert_refuses(s, &d, RXP_REFUSAL_STATE, "RXP-CHN-013");
	tell(s, D, RXP_CASE_EVENT_ACCEPT, 1);
	assert_int_equal(rxp_case_replay(&c, s->docs, s->n, Q), RXP_ERR_BOUND);
	assert_null(c);
	free(s);
}

static void test_doubt(void **unused)
{
	struct story s = applied();
	struct rxp_answer_last last;
	struct rxp_case *c;

	(void)unused;
	s.docs[0].in_doubt = true;
	c = replay(&s);
	assert_int_equal(rxp_case_person(c, 1), RXP_CASE_UNKNOWN);
	rxp_case_last(&last, c, Q);
	assert_int_equal(last.position, 0);
	rxp_case_free(c);

	/* The answer overtakes the receipt. */
	s.docs[1] = next_document(&s, D, RXP_CASE_EVENT_ACCEPT, 1);
	assert_takes(&s, &s.docs[1]);
	s.n = 2;
	c = replay(&s);
	assert_int_equal(rxp_case_person(c, 1), RXP_CASE_ACCEPTED);
	assert_int_equal(rxp_case_person(c, 2), RXP_CASE_RECEIVED);
	rxp_case_last(&last, c, Q);
	assert_int_equal(last.position, 1);
	assert_memory_equal(last.fingerprint, s.docs[0].fingerprint, sizeof last.fingerprint);
	rxp_case_free(c);
}

/* --- the fold ------------------------------------------------------------------------------ */

static void test_state(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d = next_document(&s, D, RXP_CASE_EVENT_ACCEPT, 3);
	struct story swapped = {.n = 0};

	(void)unused;
	assert_takes(&s, &d);
	d.persons[1].key = 3; /* nobody applied for P3 */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-CAS-004");
	d = next_document(&s, Q, RXP_CASE_EVENT_ACCEPT, 1); /* the wrong side */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-CAS-004");
	d = next_document(&s, Q, RXP_CASE_EVENT_APPLY, 4); /* not the first document */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-CAS-003");
	d = next_document(&swapped, D, RXP_CASE_EVENT_APPLY, 1);
	assert_refuses(&swapped, &d, RXP_REFUSAL_STATE, "RXP-CAS-004");
	tell(&s, D, RXP_CASE_EVENT_REFUSE, 1);
	d = next_document(&s, D, RXP_CASE_EVENT_ACCEPT, 1); /* answered already */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-CAS-004");
}

static void test_about(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d = next_document(&s, D, RXP_CASE_EVENT_ACCEPT, 3);

	(void)unused;
	d.has_about = true;
	memcpy(d.about, s.docs[0].fingerprint, sizeof d.about);
	assert_takes(&s, &d);
	d.about[5] ^= 1;
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-REP-002");
	d.about[5] ^= 1;
	tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	assert_takes(&s, &d);
	memcpy(d.seen, s.docs[1].fingerprint, sizeof d.seen);
	memcpy(d.about, s.docs[1].fingerprint, sizeof d.about); /* no application */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-REP-002");
}

/* A reply for P1 and P2 and a withdrawal of P1 that cross. */
static void test_crossing(void **unused)
{
	struct story s = applied();
	struct rxp_case_document withdrawal = next_document(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	struct rxp_case_document reply = next_document(&s, D, RXP_CASE_EVENT_ACCEPT, 3);
	struct story at_d = s;
	struct rxp_case *q;
	struct rxp_case *d;

	(void)unused;
	s.docs[s.n++] = withdrawal;
	assert_takes(&s, &reply);
	s.docs[s.n++] = reply;
	at_d.docs[at_d.n++] = reply;
	assert_takes(&at_d, &withdrawal);
	at_d.docs[at_d.n++] = withdrawal;
	q = replay(&s);
	d = replay(&at_d);
	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		assert_int_equal(rxp_case_person(q, key), rxp_case_person(d, key));
	assert_int_equal(rxp_case_person(q, 1), RXP_CASE_WITHDRAWN);
	assert_int_equal(rxp_case_person(q, 2), RXP_CASE_ACCEPTED);
	assert_int_equal(rxp_case_overtaken(q, 2), 1);
	assert_int_equal(rxp_case_overtaken(q, 1), 0);
	assert_int_equal(rxp_case_overtaken(d, 1), 1);
	rxp_case_free(q);
	rxp_case_free(d);
}

/* --- at random ----------------------------------------------------------------------------- */

static uint64_t random_state;

static uint32_t next_random(uint32_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(random_state >> 33) % below;
}

/* One State with what it holds and what it has under way. */
struct state {
	const char *party;
	struct story held;
	bool flying; /* the last own document has not arrived */
	bool receipt; /* it has, and its receipt is under way */
};

static struct rxp_case_document *own_last(struct state *s)
{
	for (size_t i = s->held.n; i > 0; i--)
		if (strcmp(s->held.docs[i - 1].from, s->party) == 0)
			return &s->held.docs[i - 1];
	return NULL;
}

/* The documents in another order. */
static void shuffle(struct story *s)
{
	for (size_t i = s->n; i > 1; i--) {
		size_t j = next_random((uint32_t)i);
		struct rxp_case_document swap = s->docs[i - 1];

		s->docs[i - 1] = s->docs[j];
		s->docs[j] = swap;
	}
}

/* A random document: an application for many, or something about one or two of them. */
static struct rxp_case_document random_document(const struct state *s)
{
	enum rxp_case_event event = next_random(RXP_CASE_EVENT_COUNT);
	unsigned one = next_random(12);
	unsigned another = next_random(12);
	uint32_t persons = UINT32_C(1) << one | UINT32_C(1) << another;
	struct rxp_case_document d = next_document(
	    &s->held, s->party, event, event == RXP_CASE_EVENT_APPLY ? 0xfff : persons);

	if (d.n_persons == 2 && event == RXP_CASE_EVENT_ACCEPT && next_random(2) != 0)
		d.persons[1].event = RXP_CASE_EVENT_REFUSE;
	return d;
}

/* Send it if the own view of the case allows it; often it does not. */
static void act(struct state *s)
{
	struct rxp_case_document d = random_document(s);
	struct rxp_case_refusal refusal;
	struct rxp_case *c = replay(&s->held);

	if (rxp_case_check(c, &d, &refusal) == 0) {
		d.in_doubt = true;
		s->held.docs[s->held.n++] = d;
		s->flying = true;
	}
	rxp_case_free(c);
}

static void step(struct state *s, struct state *other)
{
	struct rxp_case_document d;

	if (s->receipt) {
		own_last(s)->in_doubt = false;
		s->receipt = false;
	} else if (s->flying) {
		d = *own_last(s);
		d.in_doubt = false;
		assert_takes(&other->held, &d);
		other->held.docs[other->held.n++] = d;
		s->flying = false;
		s->receipt = true;
	} else if (s->held.n < RXP_MAX_CASE_DOCUMENTS) {
		act(s);
	}
}

/* Equal for every person, and equal effects for every document, matched by fingerprint. */
static void assert_same_end(struct state *a, struct state *b)
{
	struct rxp_case *x;
	struct rxp_case *y;

	shuffle(&a->held);
	shuffle(&b->held);
	x = replay(&a->held);
	y = replay(&b->held);
	assert_int_equal(a->held.n, b->held.n);
	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		assert_int_equal(rxp_case_person(x, key), rxp_case_person(y, key));
	for (size_t i = 0; i < a->held.n; i++) {
		size_t j = 0;

		while (j < b->held.n && memcmp(a->held.docs[i].fingerprint,
					    b->held.docs[j].fingerprint, RXP_DIGEST_OCTETS) != 0)
			j++;
		assert_true(j < b->held.n);
		assert_int_equal(rxp_case_overtaken(x, i), rxp_case_overtaken(y, j));
	}
	rxp_case_free(x);
	rxp_case_free(y);
}

static unsigned overtaken_documents(const struct story *s)
{
	struct rxp_case *c = replay(s);
	unsigned n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += rxp_case_overtaken(c, i) != 0;
	rxp_case_free(c);
	return n;
}

static void test_two_states_agree(void **unused)
{
	uint64_t seed = (uint64_t)time(NULL);
	struct state *states = calloc(2, sizeof *states);
	unsigned documents = 0;
	unsigned overtaken = 0;

	(void)unused;
	print_message("seed %llu\n", (unsigned long long)seed);
	assert_non_null(states);
	random_state = seed;
	for (unsigned round = 0; round < 300; round++) {
		states[0] = (struct state){.party = Q};
		states[1] = (struct state){.party = D};
		for (unsigned i = 0; i < 150; i++) {
			unsigned who = next_random(2);

			step(&states[who], &states[!who]);
		}
		for (unsigned who = 0; who < 2; who++)
			while (states[who].flying || states[who].receipt)
				step(&states[who], &states[!who]);
		assert_same_end(&states[0], &states[1]);
		documents += (unsigned)states[0].held.n;
		overtaken += overtaken_documents(&states[0].held);
	}
	print_message("%u documents, %u overtaken\n", documents, overtaken);
	assert_true(overtaken > 0);
	free(states);
}

/* One changed octet in otherwise sound facts, or facts that are noise. */
static void test_hostile_facts(void **unused)
{
	uint64_t seed = (uint64_t)time(NULL);
	struct story s = applied();

	(void)unused;
	print_message("seed %llu\n", (unsigned long long)seed);
	random_state = seed;
	tell(&s, D, RXP_CASE_EVENT_ACCEPT, 1);
	tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	tell(&s, D, RXP_CASE_EVENT_REFUSE, 2);
	for (unsigned i = 0; i < 20000; i++) {
		struct story t = s;
		struct rxp_case_document *d = &t.docs[next_random((uint32_t)t.n)];
		struct rxp_case *c = NULL;
		int rc;

		switch (next_random(6)) {
		case 0:
			d->position = next_random(8);
			break;
		case 1:
			d->persons[next_random(2)].key = (uint8_t)next_random(256);
			d->n_persons = next_random(32);
			break;
		case 2:
			d->persons[0].event = (uint8_t)next_random(256);
			break;
		case 3:
			d->seen[next_random(3)] ^= (uint8_t)(1 + next_random(255));
			break;
		case 4:
			d->type = next_random(RXP_TYPE_COUNT + 4);
			break;
		default:
			memcpy(d->from, next_random(2) != 0 ? "QRC" : D, sizeof d->from);
			break;
		}
		rc = rxp_case_replay(&c, t.docs, t.n, Q);
		assert_true(rc == 0 || rc == RXP_ERR_DAMAGED);
		rxp_case_free(c);
	}
}

/* Two documents that each claim to have seen the other. */
static void test_circle(void **unused)
{
	struct story s = applied();
	struct rxp_case *c = NULL;

	(void)unused;
	tell(&s, D, RXP_CASE_EVENT_ACCEPT, 1);
	tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	tell(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
	memcpy(s.docs[2].seen, s.docs[3].fingerprint, sizeof s.docs[2].seen);
	assert_int_equal(rxp_case_replay(&c, s.docs, s.n, Q), RXP_ERR_DAMAGED);
	assert_null(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_cell),
	    cmocka_unit_test(test_every_type_of_a_case_has_a_sender),
	    cmocka_unit_test(test_position),
	    cmocka_unit_test(test_previous),
	    cmocka_unit_test(test_seen),
	    cmocka_unit_test(test_seen_does_not_go_back),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_doubt),
	    cmocka_unit_test(test_state),
	    cmocka_unit_test(test_about),
	    cmocka_unit_test(test_crossing),
	    cmocka_unit_test(test_two_states_agree),
	    cmocka_unit_test(test_hostile_facts),
	    cmocka_unit_test(test_circle),
	};

	return cmocka_run_group_tests_name("case", tests, NULL, NULL);
}
