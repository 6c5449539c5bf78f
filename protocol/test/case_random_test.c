/*
 * Goals:
 *  - two States that send at random, with deliveries and receipts delayed at random, never refuse
 *    one another and end with equal states and equal effects, whatever the order in which documents
 *    are folded;
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
#include "protocol/test/story.h"

#define Q STORY_Q
#define D STORY_D

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
	struct rxp_case_document d =
	    story_next(&s->held, s->party, event, event == RXP_CASE_EVENT_APPLY ? 0xfff : persons);

	if (d.n_persons == 2 && event == RXP_CASE_EVENT_ACCEPT && next_random(2) != 0)
		d.persons[1].event = RXP_CASE_EVENT_REFUSE;
	return d;
}

/* Send it if the own view of the case allows it; often it does not. */
static void act(struct state *s)
{
	struct rxp_case_document d = random_document(s);
	struct rxp_case_refusal refusal;
	struct rxp_case *c = story_replay(&s->held);

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
		story_takes(&other->held, &d);
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
	x = story_replay(&a->held);
	y = story_replay(&b->held);
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
	struct rxp_case *c = story_replay(s);
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
	struct story s = {.n = 0};

	(void)unused;
	print_message("seed %llu\n", (unsigned long long)seed);
	random_state = seed;
	story_tell(&s, Q, RXP_CASE_EVENT_APPLY, 3);
	story_tell(&s, D, RXP_CASE_EVENT_ACCEPT, 1);
	story_tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	story_tell(&s, D, RXP_CASE_EVENT_REFUSE, 2);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_states_agree),
	    cmocka_unit_test(test_hostile_facts),
	};

	return cmocka_run_group_tests_name("case_random", tests, NULL, NULL);
}
