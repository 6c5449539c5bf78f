/*
 * Goals: children who are known late.
 *  - one who is found after the acceptance travels as one who was known from the beginning: not before the
 *    requested State named who receives the child, the requesting State confirmed that, and the best
 *    interests were assessed; and then does;
 *  - a date of birth in a Supplement, a reply or a correction of either State does the same, at once, whatever it
 *    crosses; said again it disturbs nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/test/library.h"
#include "protocol/test/story.h"

#define Q STORY_Q
#define D STORY_D
#define P1 1u
#define TRAIT(name) ((rxp_traits)1 << RXP_CASE_TRAIT_##name)
#define CONFIRMED (TRAIT(GUARDIAN_CONFIRMED) | TRAIT(BEST_INTERESTS))

/* An adult, as far as is known, accepted and with a travel document. */
static struct story ready(void)
{
	struct story s = {.n = 0};

	story_tell(&s, Q, RXP_CASE_EVENT_APPLY, P1);
	story_tell(&s, D, RXP_CASE_EVENT_ACCEPT, P1);
	story_tell(&s, D, RXP_CASE_EVENT_ISSUE_DOCUMENT, P1);
	return s;
}

/* The case says no to a document that gives these traits, as a safeguard does, to both States alike. */
static void assert_bars(const struct story *s, const char *from, enum rxp_case_event event,
    rxp_traits traits, const char *requirement)
{
	static const enum rxp_case_role roles[] = {RXP_CASE_SEALING, RXP_CASE_RECEIVING};
	struct rxp_case_document d = story_next(s, from, event, P1);
	struct rxp_case *c = story_replay(s);

	story_mark(&d, P1, traits);
	for (size_t i = 0; i < 2; i++) {
		struct rxp_case_verdict verdict;

		assert_int_equal(rxp_case_check(&verdict, c, &d, roles[i]), RXP_ERR_STATE);
		assert_int_equal(verdict.code, RXP_REFUSAL_NOT_ACCEPTABLE);
		assert_string_equal(verdict.requirement, requirement);
	}
	rxp_case_free(c);
}

static void takes(struct story *s, const char *from, enum rxp_case_event event, rxp_traits traits)
{
	struct rxp_case_document d = story_next(s, from, event, P1);

	story_mark(&d, P1, traits);
	story_takes(s, &d);
	story_tell_marked(s, from, event, P1, traits);
}

static void assert_state(const struct story *s, enum rxp_case_state state, rxp_traits traits)
{
	struct rxp_case *c = story_replay(s);

	assert_int_equal(rxp_case_person(c, 1), state);
	assert_int_equal(
	    rxp_case_traits(c, 1) & (TRAIT(CHILD) | TRAIT(UNACCOMPANIED) | TRAIT(GUARDIAN_NAMED)),
	    traits);
	rxp_case_free(c);
}

/* RXP-SAF-025, 031, 032: each is needed, and all together are enough. */
static void test_found_after_acceptance(void **unused)
{
	static const enum rxp_case_event notifies[] = {
	    RXP_CASE_EVENT_NOTIFY, RXP_CASE_EVENT_NOTIFY_OWN_DOCUMENT};

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct story s = ready();

		takes(&s, D, RXP_CASE_EVENT_FIND_MINOR, TRAIT(UNACCOMPANIED));
		assert_state(&s, RXP_CASE_READY, TRAIT(CHILD) | TRAIT(UNACCOMPANIED));
		assert_bars(&s, Q, notifies[i], CONFIRMED, "RXP-SAF-032");
		takes(&s, D, RXP_CASE_EVENT_FIND_MINOR, TRAIT(GUARDIAN_NAMED));
		assert_bars(&s, Q, notifies[i], TRAIT(GUARDIAN_CONFIRMED), "RXP-SAF-031");
		assert_bars(&s, Q, notifies[i], TRAIT(BEST_INTERESTS), "RXP-SAF-025");
		takes(&s, Q, notifies[i], CONFIRMED);
		takes(&s, D, RXP_CASE_EVENT_AGREE_TRANSFER, 0);
		assert_state(&s, RXP_CASE_PLANNED,
		    TRAIT(CHILD) | TRAIT(UNACCOMPANIED) | TRAIT(GUARDIAN_NAMED));
	}
}

/* RXP-SAF-031: of one who has somebody to travel with, the interests alone. */
static void test_accompanied(void **unused)
{
	struct story s = ready();

	(void)unused;
	takes(&s, D, RXP_CASE_EVENT_FIND_MINOR, 0);
	assert_bars(&s, Q, RXP_CASE_EVENT_NOTIFY, 0, "RXP-SAF-031");
	takes(&s, Q, RXP_CASE_EVENT_NOTIFY, TRAIT(BEST_INTERESTS));
}

/* RXP-MNR-002, 004: another guardian is confirmed anew. */
static void test_another_guardian(void **unused)
{
	struct story s = ready();

	(void)unused;
	takes(&s, D, RXP_CASE_EVENT_FIND_MINOR, TRAIT(UNACCOMPANIED) | TRAIT(GUARDIAN_NAMED));
	takes(&s, Q, RXP_CASE_EVENT_NOTIFY, CONFIRMED);
	takes(&s, D, RXP_CASE_EVENT_AGREE_TRANSFER, 0);
	takes(&s, D, RXP_CASE_EVENT_FIND_MINOR, TRAIT(GUARDIAN_NAMED));
	assert_state(
	    &s, RXP_CASE_READY, TRAIT(CHILD) | TRAIT(UNACCOMPANIED) | TRAIT(GUARDIAN_NAMED));
	assert_bars(&s, Q, RXP_CASE_EVENT_NOTIFY, TRAIT(BEST_INTERESTS), "RXP-SAF-025");
}

/* RXP-SAF-032: nobody replied to an announcement, so that who agrees to it says who receives the child. */
static void test_announced(void **unused)
{
	struct story s = {.n = 0};

	(void)unused;
	story_tell_marked(&s, Q, RXP_CASE_EVENT_ANNOUNCE, P1,
	    TRAIT(CHILD) | TRAIT(UNACCOMPANIED) | TRAIT(GUARDIAN_CONFIRMED));
	assert_state(&s, RXP_CASE_NOTIFIED, TRAIT(CHILD) | TRAIT(UNACCOMPANIED));
	assert_bars(&s, D, RXP_CASE_EVENT_AGREE_TRANSFER, 0, "RXP-SAF-032");
	takes(&s, D, RXP_CASE_EVENT_AGREE_TRANSFER, TRAIT(GUARDIAN_NAMED));
	assert_state(
	    &s, RXP_CASE_PLANNED, TRAIT(CHILD) | TRAIT(UNACCOMPANIED) | TRAIT(GUARDIAN_NAMED));
}

/* --- known by another document (RXP-CAS-012) -------------------------------------------------- */

/* What makes a child known. */
static const struct known {
	const char *from;
	enum rxp_case_event event;
} knowns[] = {
    {Q, RXP_CASE_EVENT_SUPPLEMENT},
    {Q, RXP_CASE_EVENT_CORRECT},
    {D, RXP_CASE_EVENT_CORRECT},
    {D, RXP_CASE_EVENT_FIND_MINOR},
};
#define N_KNOWNS (sizeof knowns / sizeof knowns[0])
#define MINOR (TRAIT(CHILD) | TRAIT(UNACCOMPANIED))

/* A transfer that is planned falls at once, and what follows is as if it had been known from the start. */
static void test_known_when_planned(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < N_KNOWNS; i++) {
		struct story s = ready();

		takes(&s, Q, RXP_CASE_EVENT_NOTIFY, 0);
		takes(&s, D, RXP_CASE_EVENT_AGREE_TRANSFER, 0);
		takes(&s, knowns[i].from, knowns[i].event, MINOR);
		assert_state(&s, RXP_CASE_READY, MINOR);
		assert_bars(&s, Q, RXP_CASE_EVENT_NOTIFY, CONFIRMED, "RXP-SAF-032");
		takes(&s, D, RXP_CASE_EVENT_FIND_MINOR, TRAIT(GUARDIAN_NAMED));
		takes(&s, Q, RXP_CASE_EVENT_NOTIFY, CONFIRMED);
		takes(&s, knowns[i].from, knowns[i].event,
		    MINOR); /* said again, it disturbs nothing */
		if (knowns[i].event != RXP_CASE_EVENT_FIND_MINOR)
			assert_state(&s, RXP_CASE_NOTIFIED, MINOR | TRAIT(GUARDIAN_NAMED));
	}
}

/* Silence does not speak for the child any more. */
static void test_known_when_deemed(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < N_KNOWNS; i++) {
		struct story s = {.n = 0};

		story_tell(&s, Q, RXP_CASE_EVENT_APPLY, P1);
		story_tell(&s, D, RXP_CASE_EVENT_REACH_REQUESTED_DESK, 0);
		story_tell(&s, Q, RXP_CASE_EVENT_REMIND_REPLY, 0);
		takes(&s, Q, RXP_CASE_EVENT_DEEM, 0);
		assert_state(&s, RXP_CASE_DEEMED, 0);
		takes(&s, knowns[i].from, knowns[i].event, MINOR);
		assert_state(&s, RXP_CASE_EXAMINATION, MINOR);
		assert_bars(&s, D, RXP_CASE_EVENT_ACCEPT, 0, "RXP-SAF-024");
	}
}

/* Both in either order of arrival: what is known of the child holds, and nobody is planned. */
static void assert_crosses(const struct story *before, const struct known *known, const char *from,
    enum rxp_case_event event, rxp_traits traits)
{
	struct rxp_case_document a = story_next(before, known->from, known->event, P1);
	struct rxp_case_document b = story_next(before, from, event, P1);

	story_mark(&a, P1, MINOR);
	story_mark(&b, P1, traits);
	for (size_t order = 0; order < 2; order++) {
		struct story s = *before;
		struct rxp_case *c;

		s.docs[s.n++] = order == 0 ? a : b;
		s.docs[s.n++] = order == 0 ? b : a;
		c = story_replay(&s);
		assert_int_equal(rxp_case_traits(c, 1) & MINOR, MINOR);
		assert_int_equal(rxp_case_person(c, 1), RXP_CASE_READY);
		rxp_case_free(c);
	}
}

static void test_known_while_it_crosses(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < N_KNOWNS; i++) {
		struct story s = ready();

		if (strcmp(knowns[i].from, D) == 0) {
			assert_crosses(&s, &knowns[i], Q, RXP_CASE_EVENT_NOTIFY, 0);
			continue;
		}
		takes(&s, Q, RXP_CASE_EVENT_NOTIFY, 0);
		assert_crosses(&s, &knowns[i], D, RXP_CASE_EVENT_AGREE_TRANSFER, 0);
	}
}

/* The reply itself tells it, late: the acceptance stands, what was planned does not. */
static void test_known_by_reply(void **unused)
{
	struct story s = {.n = 0};

	(void)unused;
	story_tell(&s, Q, RXP_CASE_EVENT_APPLY, P1);
	story_tell(&s, D, RXP_CASE_EVENT_REACH_REQUESTED_DESK, 0);
	story_tell(&s, Q, RXP_CASE_EVENT_REMIND_REPLY, 0);
	takes(&s, Q, RXP_CASE_EVENT_DEEM, 0);
	takes(&s, Q, RXP_CASE_EVENT_USE_STANDARD_DOCUMENT, 0);
	takes(&s, Q, RXP_CASE_EVENT_NOTIFY, 0);
	takes(&s, D, RXP_CASE_EVENT_ACCEPT, MINOR | TRAIT(GUARDIAN_NAMED));
	assert_state(&s, RXP_CASE_READY, MINOR | TRAIT(GUARDIAN_NAMED));
}

/* RXP-TRN-013: nor is there another consent to what was asked for an adult. */
static void test_known_in_transit(void **unused)
{
	struct story s = {.n = 0};

	(void)unused;
	story_tell(&s, Q, RXP_CASE_EVENT_ASK_TRANSIT, P1);
	takes(&s, D, RXP_CASE_EVENT_CONSENT_TRANSIT, 0);
	takes(&s, Q, RXP_CASE_EVENT_CORRECT, MINOR);
	assert_state(&s, RXP_CASE_TRANSIT_ASKED, MINOR);
	assert_bars(&s, D, RXP_CASE_EVENT_CONSENT_TRANSIT, 0, "RXP-SAF-034");
	takes(&s, Q, RXP_CASE_EVENT_WITHDRAW, 0);
}

/* RXP-SAF-034, 035 */
static void test_transit_of_a_child(void **unused)
{
	static const struct {
		rxp_traits traits;
		const char *requirement;
	} cases[] = {
	    {0, "RXP-SAF-034"},
	    {TRAIT(RECEPTION), "RXP-SAF-034"},
	    {TRAIT(ESCORTED), "RXP-SAF-035"},
	    {TRAIT(ESCORTED) | TRAIT(RECEPTION), NULL},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct story s = {.n = 0};

		story_tell_marked(&s, Q, RXP_CASE_EVENT_ASK_TRANSIT, P1, MINOR | cases[i].traits);
		if (cases[i].requirement != NULL) {
			assert_bars(&s, D, RXP_CASE_EVENT_CONSENT_TRANSIT, 0, cases[i].requirement);
			continue;
		}
		takes(&s, D, RXP_CASE_EVENT_CONSENT_TRANSIT, 0);
		takes(&s, Q, RXP_CASE_EVENT_DELIVER, TRAIT(HANDED_TO));
		takes(&s, D, RXP_CASE_EVENT_PASS_ON, TRAIT(HANDED_TO));
		assert_state(&s, RXP_CASE_TRANSIT_DONE, MINOR);
	}
}

/* RXP-TRF-015, RXP-CAS-014: who took the child over is said; what happened without is no less a fact. */
static void test_handed_to(void **unused)
{
	static const struct {
		const char *from;
		enum rxp_case_event event;
		enum rxp_case_state to;
	} records[] = {
	    {Q, RXP_CASE_EVENT_DELIVER, RXP_CASE_IN_TRANSFER},
	    {D, RXP_CASE_EVENT_ARRIVE, RXP_CASE_COMPLETED},
	    {Q, RXP_CASE_EVENT_TAKE_BACK, RXP_CASE_TAKEN_BACK},
	};
	struct story s = ready();

	(void)unused;
	takes(&s, D, RXP_CASE_EVENT_FIND_MINOR, TRAIT(UNACCOMPANIED) | TRAIT(GUARDIAN_NAMED));
	takes(&s, Q, RXP_CASE_EVENT_NOTIFY, CONFIRMED);
	takes(&s, D, RXP_CASE_EVENT_AGREE_TRANSFER, 0);
	for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
		struct rxp_case_document d = story_next(&s, records[i].from, records[i].event, P1);
		struct rxp_case *c = story_replay(&s);
		struct rxp_case_verdict verdict;

		assert_int_equal(rxp_case_check(&verdict, c, &d, RXP_CASE_SEALING), RXP_ERR_STATE);
		assert_int_equal(verdict.code, RXP_REFUSAL_STATE);
		assert_string_equal(verdict.requirement, "RXP-TRF-015");
		assert_int_equal(rxp_case_check(&verdict, c, &d, RXP_CASE_RECEIVING), 0);
		assert_true(verdict.unplanned);
		story_mark(&d, P1, TRAIT(HANDED_TO));
		assert_int_equal(rxp_case_check(&verdict, c, &d, RXP_CASE_SEALING), 0);
		rxp_case_free(c);
		story_tell(&s, records[i].from, records[i].event, P1);
		assert_state(&s, records[i].to, MINOR | TRAIT(GUARDIAN_NAMED));
	}
}

/* RXP-CAS-013: a stranger's key is a mistake, and whoever is meant would not be protected by it. */
static void test_stranger(void **unused)
{
	struct story s = ready();
	struct rxp_case_document d = story_next(&s, Q, RXP_CASE_EVENT_CORRECT, 0);
	struct rxp_case *c = story_replay(&s);
	struct rxp_case_verdict verdict;

	(void)unused;
	story_mark(&d, 2u, MINOR);
	assert_int_equal(rxp_case_check(&verdict, c, &d, RXP_CASE_RECEIVING), RXP_ERR_STATE);
	assert_int_equal(verdict.code, RXP_REFUSAL_STATE);
	assert_string_equal(verdict.requirement, "RXP-CAS-009");
	story_mark(&d, P1, MINOR);
	story_takes(&s, &d);
	rxp_case_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_found_after_acceptance),
	    cmocka_unit_test(test_accompanied),
	    cmocka_unit_test(test_another_guardian),
	    cmocka_unit_test(test_announced),
	    cmocka_unit_test(test_known_when_planned),
	    cmocka_unit_test(test_known_when_deemed),
	    cmocka_unit_test(test_known_while_it_crosses),
	    cmocka_unit_test(test_known_by_reply),
	    cmocka_unit_test(test_known_in_transit),
	    cmocka_unit_test(test_transit_of_a_child),
	    cmocka_unit_test(test_handed_to),
	    cmocka_unit_test(test_stranger),
	};

	return cmocka_run_group_tests_name("case_child", tests, library_begin, library_end);
}
