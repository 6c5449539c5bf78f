/*
 * Goals:
 *  - every (state, event, sender) cell: the legal ones are those listed here, all others reject;
 *  - every fault of a chain is refused with its code and requirement, and its valid twin passes;
 *  - documents that cross have one result: the higher rank is taken first, the other is overtaken,
 *    person by person;
 *  - a document in doubt counts only once the other side has seen it;
 *  - documents that cannot be of one case are RXP_ERR_DAMAGED.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/case.h"
#include "protocol/err.h"
#include "protocol/test/story.h"

#define Q STORY_Q
#define D STORY_D

static void assert_refuses(const struct story *s, const struct rxp_case_document *d,
    enum rxp_refusal code, const char *requirement)
{
	struct rxp_case *c = story_replay(s);
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

	story_tell(&s, Q, RXP_CASE_EVENT_APPLY, 3);
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
	struct rxp_case_document d = story_next(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);

	(void)unused;
	story_takes(&s, &d);
	d.position = 3;
	assert_refuses(&s, &d, RXP_REFUSAL_GAP, "RXP-CHN-007");
	d.position = 1;
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-008");
	d = story_next(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	s.n = 0;
	assert_refuses(&s, &d, RXP_REFUSAL_GAP, "RXP-CHN-007");
}

static void test_previous(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d = story_next(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	struct story empty = {.n = 0};

	(void)unused;
	story_takes(&s, &d);
	d.previous[31] ^= 1;
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-003");
	d.previous[31] ^= 1;
	d.has_previous = false;
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-003");
	d = s.docs[0];
	story_takes(&empty, &d);
	d.has_previous = true;
	assert_refuses(&empty, &d, RXP_REFUSAL_FORK, "RXP-CHN-003");
}

static void test_seen(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d;

	(void)unused;
	story_tell(&s, D, RXP_CASE_EVENT_ACCEPT, 1);
	d = story_next(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
	story_takes(&s, &d);
	d.seen[0] ^= 1;
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-004");
	d.has_seen = false;
	assert_refuses(&s, &d, RXP_REFUSAL_FORK, "RXP-CHN-004");

	story_tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	story_tell(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
	d = story_next(&s, Q, RXP_CASE_EVENT_WITHDRAW, 2);
	story_takes(&s, &d);
	s.n = 3;
	story_tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 2);
	s.docs[s.n] = story_next(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
	memcpy(s.docs[s.n].seen, s.docs[0].fingerprint, sizeof s.docs[0].fingerprint);
	story_takes(&s, &s.docs[s.n]);
}

static void test_seen_does_not_go_back(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d;

	(void)unused;
	story_tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	story_tell(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
	story_tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 2);
	d = story_next(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
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
	story_tell(s, Q, RXP_CASE_EVENT_APPLY, 1);
	while (s->n < RXP_MAX_CASE_DOCUMENTS - 1)
		story_tell(s, D, RXP_CASE_EVENT_ACCEPT, 1);
	d = story_next(s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	story_takes(s, &d);
	story_tell(s, D, RXP_CASE_EVENT_ACCEPT, 1);
	assert_refuses(s, &d, RXP_REFUSAL_STATE, "RXP-CHN-013");
	story_tell(s, D, RXP_CASE_EVENT_ACCEPT, 1);
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
	c = story_replay(&s);
	assert_int_equal(rxp_case_person(c, 1), RXP_CASE_UNKNOWN);
	rxp_case_last(&last, c, Q);
	assert_int_equal(last.position, 0);
	rxp_case_free(c);

	/* The answer overtakes the receipt. */
	s.docs[1] = story_next(&s, D, RXP_CASE_EVENT_ACCEPT, 1);
	story_takes(&s, &s.docs[1]);
	s.n = 2;
	c = story_replay(&s);
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
	struct rxp_case_document d = story_next(&s, D, RXP_CASE_EVENT_ACCEPT, 3);
	struct story swapped = {.n = 0};

	(void)unused;
	story_takes(&s, &d);
	d.persons[1].key = 3; /* nobody applied for P3 */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-CAS-004");
	d = story_next(&s, Q, RXP_CASE_EVENT_ACCEPT, 1); /* the wrong side */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-CAS-004");
	d = story_next(&s, Q, RXP_CASE_EVENT_APPLY, 4); /* not the first document */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-CAS-003");
	d = story_next(&swapped, D, RXP_CASE_EVENT_APPLY, 1);
	assert_refuses(&swapped, &d, RXP_REFUSAL_STATE, "RXP-CAS-004");
	story_tell(&s, D, RXP_CASE_EVENT_REFUSE, 1);
	d = story_next(&s, D, RXP_CASE_EVENT_ACCEPT, 1); /* answered already */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-CAS-004");
}

static void test_about(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d = story_next(&s, D, RXP_CASE_EVENT_ACCEPT, 3);

	(void)unused;
	d.has_about = true;
	memcpy(d.about, s.docs[0].fingerprint, sizeof d.about);
	story_takes(&s, &d);
	d.about[5] ^= 1;
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-REP-002");
	d.about[5] ^= 1;
	d.has_seen = false; /* the application is known, but not in the reply's past */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-REP-002");
	d.has_seen = true;
	story_tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	story_takes(&s, &d);
	memcpy(d.seen, s.docs[1].fingerprint, sizeof d.seen);
	memcpy(d.about, s.docs[1].fingerprint, sizeof d.about); /* no application */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-REP-002");
}

/* A reply for P1 and P2 and a withdrawal of P1 that cross. */
static void test_crossing(void **unused)
{
	struct story s = applied();
	struct rxp_case_document withdrawal = story_next(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	struct rxp_case_document reply = story_next(&s, D, RXP_CASE_EVENT_ACCEPT, 3);
	struct story at_d = s;
	struct rxp_case *q;
	struct rxp_case *d;

	(void)unused;
	s.docs[s.n++] = withdrawal;
	story_takes(&s, &reply);
	s.docs[s.n++] = reply;
	at_d.docs[at_d.n++] = reply;
	story_takes(&at_d, &withdrawal);
	at_d.docs[at_d.n++] = withdrawal;
	q = story_replay(&s);
	d = story_replay(&at_d);
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

/* Two documents that each claim to have seen the other. */
static void test_circle(void **unused)
{
	struct story s = applied();
	struct rxp_case *c = NULL;

	(void)unused;
	story_tell(&s, D, RXP_CASE_EVENT_ACCEPT, 1);
	story_tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	story_tell(&s, D, RXP_CASE_EVENT_ACCEPT, 2);
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
	    cmocka_unit_test(test_circle),
	};

	return cmocka_run_group_tests_name("case", tests, NULL, NULL);
}
