/*
 * Goals:
 *  - every fault of a chain is refused with its code and requirement, and its valid twin passes;
 *  - documents that cross have one result: the higher rank is taken first, the other is overtaken,
 *    person by person;
 *  - a document that speaks of the whole case takes effect for whom it can, and is refused and overtaken
 *    if that is nobody;
 *  - a document concerns the last one of its kind that names its persons, from the right side;
 *  - a physical fact is taken in every state, by a receiver with the flag; a hand-over that is not
 *    foreseen is not sealed;
 *  - a document in doubt counts only once the other side has seen it;
 *  - documents that cannot be of one case are RXP_ERR_DAMAGED.
 * The cells of the table are case_cell_test.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/case/case.h"
#include "protocol/test/story.h"

#define Q STORY_Q
#define D STORY_D

static void assert_refuses(const struct story *s, const struct rxp_case_document *d,
    enum rxp_refusal code, const char *requirement)
{
	struct rxp_case *c = story_replay(s);
	struct rxp_case_verdict verdict = {0};

	assert_int_equal(rxp_case_check(&verdict, c, d, RXP_CASE_RECEIVING), RXP_ERR_STATE);
	assert_string_equal(verdict.requirement, requirement);
	assert_int_equal(verdict.code, code);
	assert_false(verdict.unplanned);
	rxp_case_free(c);
}

/* Persons P1 and P2, applied for; D has seen it. */
static struct story applied(void)
{
	struct story s = {.n = 0};

	story_tell(&s, Q, RXP_CASE_EVENT_APPLY, 3);
	return s;
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
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-REP-007"); /* the chain is right */
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
	d = story_next(&s, D, RXP_CASE_EVENT_EXTEND, 0);
	story_takes(&s, &d);
	d = story_next(&s, Q, RXP_CASE_EVENT_WITHDRAW, 4); /* nobody applied for P3 */
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
	memcpy(d.about, s.docs[0].fingerprint, sizeof d.about);
	d.persons[0].key = 2;
	d.persons[1].key = 3; /* the application does not name P3 */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-REP-002");
	d.n_persons = 1;
	story_takes(&s, &d);
}

/* P1 and P2 are notified in two documents, P1 a second time after a change. */
static struct story notified(void)
{
	struct story s = applied();

	story_tell(&s, D, RXP_CASE_EVENT_ACCEPT, 3);
	story_tell(&s, D, RXP_CASE_EVENT_ISSUE_DOCUMENT, 3);
	story_tell(&s, Q, RXP_CASE_EVENT_NOTIFY, 1);
	story_tell(&s, Q, RXP_CASE_EVENT_NOTIFY, 2);
	story_tell(&s, Q, RXP_CASE_EVENT_CHANGE_TRANSFER, 1);
	story_tell(&s, Q, RXP_CASE_EVENT_NOTIFY, 1);
	return s;
}

static void test_about_is_the_last_one(void **unused)
{
	struct story s = notified();
	const struct rxp_case_document *first = &s.docs[3];
	const struct rxp_case_document *second = &s.docs[4];
	struct rxp_case_document d = story_next(&s, D, RXP_CASE_EVENT_AGREE_TRANSFER, 1);

	(void)unused;
	story_takes(&s, &d);
	memcpy(d.about, first->fingerprint, sizeof d.about); /* it was changed */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-TRF-005");
	memcpy(d.about, second->fingerprint, sizeof d.about); /* it does not name P1 */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-TRF-005");
	d.persons[0].key = 2; /* the later notification does not name P2 */
	story_takes(&s, &d);
	memcpy(d.about, s.docs[6].fingerprint, sizeof d.about);
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-TRF-005");
	memcpy(d.about, second->fingerprint, sizeof d.about);
	memcpy(
	    d.seen, first->fingerprint, sizeof d.seen); /* and D has not seen any but the first */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-TRF-005");
}

/* A State does not answer itself. */
static void test_about_has_a_side(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d;

	(void)unused;
	story_tell(&s, Q, RXP_CASE_EVENT_CORRECT, 0); /* of its own application */
	d = story_next(&s, D, RXP_CASE_EVENT_ANSWER_CORRECTION, 0);
	story_takes(&s, &d);
	d = story_next(&s, Q, RXP_CASE_EVENT_ANSWER_CORRECTION, 0);
	memcpy(d.about, s.docs[1].fingerprint, sizeof d.about);
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-COR-004");
	d = story_next(&s, D, RXP_CASE_EVENT_CORRECT, 0); /* of the other's */
	story_takes(&s, &d);
	story_tell(&s, D, RXP_CASE_EVENT_CORRECT, 0);
	d = story_next(&s, Q, RXP_CASE_EVENT_ANSWER_CORRECTION, 0);
	story_takes(&s, &d);
}

/* RXP-CAS-009 */
static void test_whole_case(void **unused)
{
	struct story s = applied();
	struct rxp_case_document d = story_next(&s, D, RXP_CASE_EVENT_REGISTER, 0);
	struct story empty = {.n = 0};
	struct rxp_case *c;

	(void)unused;
	story_takes(&s, &d);
	d.n_persons = 1; /* of somebody it says something besides, and of the same event */
	d.persons[0].key = 1;
	d.persons[0].event = RXP_CASE_EVENT_ACCEPT;
	c = story_replay(&s);
	assert_int_equal(
	    rxp_case_check(&(struct rxp_case_verdict){.code = 0}, c, &d, RXP_CASE_RECEIVING),
	    RXP_ERR_BOUND);
	rxp_case_free(c);

	story_tell(&s, D, RXP_CASE_EVENT_ACCEPT, 1);
	d = story_next(&s, D, RXP_CASE_EVENT_REGISTER, 0);
	story_takes(&s, &d); /* for P2 alone */
	story_tell(&s, D, RXP_CASE_EVENT_REGISTER, 0);
	c = story_replay(&s);
	assert_int_equal(rxp_case_person(c, 1), RXP_CASE_ACCEPTED);
	assert_int_equal(rxp_case_person(c, 2), RXP_CASE_EXAMINATION);
	assert_int_equal(rxp_case_overtaken(c, 2), 0);
	rxp_case_free(c);
	d = story_next(&s, D, RXP_CASE_EVENT_REGISTER, 0); /* for nobody */
	assert_refuses(&s, &d, RXP_REFUSAL_STATE, "RXP-CAS-004");
	story_tell(&s, D, RXP_CASE_EVENT_REGISTER, 0);
	c = story_replay(&s);
	assert_int_equal(rxp_case_overtaken(c, 3), UINT32_MAX);
	rxp_case_free(c);
	d = story_next(&empty, Q, RXP_CASE_EVENT_REMIND, 0);
	assert_refuses(&empty, &d, RXP_REFUSAL_STATE, "RXP-CAS-009");
}

/* RXP-CAS-011: P1 was withdrawn, and is handed over, or comes. */
static void test_facts(void **unused)
{
	struct story s = applied();
	struct rxp_case_document deliver;
	struct rxp_case_document arrive;
	struct rxp_case_verdict verdict;
	struct rxp_case *c;

	(void)unused;
	story_tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, 1);
	deliver = story_next(&s, Q, RXP_CASE_EVENT_DELIVER, 1);
	arrive = story_next(&s, D, RXP_CASE_EVENT_ARRIVE, 1);
	c = story_replay(&s);
	assert_int_equal(rxp_case_check(&verdict, c, &deliver, RXP_CASE_SEALING), RXP_ERR_STATE);
	assert_string_equal(verdict.requirement, "RXP-CAS-011");
	assert_int_equal(verdict.code, RXP_REFUSAL_STATE);
	assert_int_equal(rxp_case_check(&verdict, c, &deliver, RXP_CASE_RECEIVING), 0);
	assert_true(verdict.unplanned);
	assert_int_equal(rxp_case_check(&verdict, c, &arrive, RXP_CASE_SEALING), 0);
	assert_true(verdict.unplanned);
	rxp_case_free(c);
	arrive =
	    story_next(&s, D, RXP_CASE_EVENT_ARRIVE, 4); /* a person whom the case does not know */
	assert_refuses(&s, &arrive, RXP_REFUSAL_STATE, "RXP-CAS-004");
	story_tell(&s, D, RXP_CASE_EVENT_ARRIVE, 1);
	c = story_replay(&s);
	assert_int_equal(rxp_case_person(c, 1), RXP_CASE_COMPLETED);
	assert_int_equal(rxp_case_overtaken(c, 2), 0);
	rxp_case_free(c);
}

/* An unaccompanied child, accepted without a guardian: nobody learns more than `not-acceptable`. */
static void test_condition(void **unused)
{
	struct story s = {.n = 0};
	struct rxp_case_document d;

	(void)unused;
	story_tell_marked(&s, Q, RXP_CASE_EVENT_APPLY, 3,
	    1u << RXP_CASE_TRAIT_CHILD | 1u << RXP_CASE_TRAIT_UNACCOMPANIED);
	d = story_next(&s, D, RXP_CASE_EVENT_ACCEPT, 3);
	assert_refuses(&s, &d, RXP_REFUSAL_NOT_ACCEPTABLE, "RXP-SAF-024");
	story_mark(&d, 1, 1u << RXP_CASE_TRAIT_GUARDIAN_NAMED); /* for P1 alone */
	assert_refuses(&s, &d, RXP_REFUSAL_NOT_ACCEPTABLE, "RXP-SAF-024");
	story_mark(&d, 3, 1u << RXP_CASE_TRAIT_GUARDIAN_NAMED);
	story_takes(&s, &d);
	d.persons[0].event = RXP_CASE_EVENT_REFUSE;
	d.persons[0].gives = 0;
	story_takes(&s, &d);
}

/* A reply for P1 and P2 and a withdrawal of P1 that cross: neither is in the past of the other (RXP-CAS-002). */
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
	    cmocka_unit_test(test_position),
	    cmocka_unit_test(test_previous),
	    cmocka_unit_test(test_seen),
	    cmocka_unit_test(test_seen_does_not_go_back),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_doubt),
	    cmocka_unit_test(test_state),
	    cmocka_unit_test(test_about),
	    cmocka_unit_test(test_about_is_the_last_one),
	    cmocka_unit_test(test_about_has_a_side),
	    cmocka_unit_test(test_whole_case),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_condition),
	    cmocka_unit_test(test_crossing),
	    cmocka_unit_test(test_circle),
	};

	return cmocka_run_group_tests_name("case", tests, NULL, NULL);
}
