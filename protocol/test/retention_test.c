/*
 * Goals (RXP-RET-001 to 003, 006, 012):
 *  - every state has a row, and those that end a case for a person are exactly those with an end, beside the
 *    acceptances that lapse;
 *  - the end is the receipt of the document that changed the state last, and neither an earlier nor a later one;
 *  - what the agreement lets the States extend lapses by the validity of the acceptance, or by a document alone;
 *  - what the profile says counts from its day, to the day; what it does not say makes nothing due;
 *  - a person who withdrew, and one whose time is over, is blocked; others are not;
 *  - persons of one case end by themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/case/retention.h"
#include "protocol/test/case_times.h"
#include "protocol/test/library.h"

#define Q STORY_Q
#define D STORY_D
#define P1 1u
#define P2 2u
#define BOTH 3u

static struct case_times t;

static int set_up(void **unused)
{
	(void)unused;
	case_times_init(&t);
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	case_times_clear(&t);
	return 0;
}

static void tell(
    const char *from, enum rxp_case_event event, uint32_t persons, const char *received)
{
	case_times_tell(&t, from, event, persons, received);
}

static int64_t ms(const char *text)
{
	int64_t out;

	assert_int_equal(rxp_time_parse(&out, text), 0);
	return out;
}

static struct rxp_retention of(unsigned key, int64_t as_of_ms, bool with_profile)
{
	struct rxp_case *fold;
	struct rxp_case_times in = case_times_of(&t, &fold, NULL);
	struct rxp_retention out;

	in.as_of_ms = as_of_ms;
	if (!with_profile)
		in.profile = NULL;
	assert_int_equal(rxp_retention(&out, &in, key), 0);
	rxp_case_free(fold);
	return out;
}

static void assert_due(unsigned key, const char *as_of, const char *after, const char *ended,
    const char *due, bool blocked)
{
	struct rxp_retention r = of(key, ms(as_of), true);

	assert_string_equal(rxp_retention_word(r.after), after);
	assert_true(r.ended_ms == (ended != NULL ? ms(ended) : 0));
	assert_true(r.due_ms == (due != NULL ? ms(due) : RXP_DUE_NEVER));
	assert_int_equal(r.blocked, blocked);
}

/* --- the table ------------------------------------------------------------------------------------ */

static void test_every_state(void **unused)
{
	static const char *const words[RXP_CASE_STATE_COUNT] = {
#define CASE_STATE(name, word, kind, kept, meaning) [RXP_CASE_##name] = #kept,
#include "protocol/case/case.def"
	};

	(void)unused;
	for (int s = 0; s < RXP_CASE_STATE_COUNT; s++) {
		bool ends = rxp_case_state_ends((enum rxp_case_state)s);

		if (ends != (strcmp(words[s], "NEVER") != 0 && strcmp(words[s], "LAPSED") != 0))
			fail_msg("%s: %s", rxp_case_state_name((enum rxp_case_state)s), words[s]);
	}
}

static void test_days(void **unused)
{
	(void)unused;
	assert_true(
	    rxp_retention_due(ms("2026-06-07T00:00:00.000Z"), 1) == ms("2026-07-08T00:00:00.000Z"));
	assert_true(
	    rxp_retention_due(ms("2026-06-07T23:59:59.999Z"), 1) == ms("2026-07-08T00:00:00.000Z"));
	assert_true(
	    rxp_retention_due(ms("2026-08-31T12:00:00.000Z"), 6) == ms("2027-03-01T00:00:00.000Z"));
	assert_true(rxp_retention_due(ms("2026-12-31T12:00:00.000Z"), 12) ==
		    ms("2028-01-01T00:00:00.000Z"));
	assert_true(rxp_retention_due(ms("9999-12-01T00:00:00.000Z"), 1) == RXP_DUE_NEVER);
}

/* --- ends ----------------------------------------------------------------------------------------- */

static void test_refused(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, BOTH, "06-07 09:15");
	assert_due(1, "2036-01-01T00:00:00.000Z", "", NULL, NULL, false);
	tell(D, RXP_CASE_EVENT_REFUSE, P1, "06-10 10:00");
	tell(Q, RXP_CASE_EVENT_CORRECT, 0, "06-20 10:00"); /* changes nobody's state */
	assert_due(1, "2027-06-10T23:59:59.999Z", "refused", "2026-06-10T10:00:00.000Z",
	    "2027-06-11T00:00:00.000Z", false);
	assert_due(1, "2027-06-11T00:00:00.000Z", "refused", "2026-06-10T10:00:00.000Z",
	    "2027-06-11T00:00:00.000Z", true);
	assert_due(2, "2036-01-01T00:00:00.000Z", "", NULL, NULL, false);
}

static void test_withdrawn(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, BOTH, "06-07 09:15");
	tell(Q, RXP_CASE_EVENT_WITHDRAW, P2, "06-10 10:00");
	assert_due(2, "2026-06-10T10:00:00.000Z", "withdrawn", "2026-06-10T10:00:00.000Z",
	    "2026-07-11T00:00:00.000Z", true);
	assert_due(1, "2026-06-10T10:00:00.000Z", "", NULL, NULL, false);
}

static void test_consent_withdrawn_goes_at_once(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_REFER, P1, "06-07 09:15");
	tell(Q, RXP_CASE_EVENT_WITHDRAW_CONSENT, P1, "06-10 10:00");
	assert_due(1, "2026-06-10T10:00:00.000Z", "at-once", "2026-06-10T10:00:00.000Z",
	    "2026-06-10T10:00:00.000Z", true);
	assert_true(
	    of(1, ms("2026-06-10T10:00:00.000Z"), false).due_ms == ms("2026-06-10T10:00:00.000Z"));
}

/* Of the accelerated procedure, with a time of its own or without; and a consent to a transit. */
static void test_lapsed_otherwise(void **unused)
{
	struct rxp_case_clock clock;

	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, BOTH, "06-07 09:15");
	story_mark(&t.story.docs[0], P1, (rxp_traits)1 << RXP_CASE_TRAIT_ACCELERATED);
	tell(D, RXP_CASE_EVENT_ACCEPT, BOTH, "06-10 10:00");
	clock = case_times_clock(&t, 1, RXP_CLOCK_ACCELERATED_TRANSFER, "06-12 00:00");
	assert_int_equal(clock.status, RXP_CLOCK_RUNS);
	assert_int_equal(of(1, clock.due.due_ms, true).after, RXP_RETAINED_NEVER);
	assert_int_equal(of(1, clock.due.due_ms + 1, true).after, RXP_RETAINED_LAPSED);
	assert_int_equal(of(2, clock.due.due_ms + 1, true).after, RXP_RETAINED_NEVER);
	t.profile.clocks[RXP_CLOCK_ACCELERATED_TRANSFER] = (struct rxp_limit){.value = 0};
	clock = case_times_clock(&t, 1, RXP_CLOCK_TRANSFER, "06-12 00:00");
	assert_int_equal(clock.status, RXP_CLOCK_RUNS);
	assert_int_equal(of(1, clock.due.due_ms, true).after, RXP_RETAINED_NEVER);
	assert_int_equal(of(1, clock.due.due_ms + 1, true).after, RXP_RETAINED_LAPSED);
}

static void test_lapsed_transit(void **unused)
{
	struct rxp_case_clock clock;

	(void)unused;
	tell(Q, RXP_CASE_EVENT_ASK_TRANSIT, P1, "06-07 09:15");
	tell(D, RXP_CASE_EVENT_CONSENT_TRANSIT, P1, "06-10 10:00");
	clock = case_times_clock(&t, 1, RXP_CLOCK_TRANSIT_USE, "06-12 00:00");
	assert_int_equal(clock.status, RXP_CLOCK_RUNS);
	assert_int_equal(of(1, clock.due.due_ms, true).after, RXP_RETAINED_NEVER);
	assert_int_equal(of(1, clock.due.due_ms + 1, true).after, RXP_RETAINED_LAPSED);
	assert_true(of(1, clock.due.due_ms + 1, true).ended_ms == clock.due.due_ms);
}

/* Ready from the acceptance: the transfer is due in the profile's time, and lapses with it alone. */
static void test_lapsed(void **unused)
{
	struct rxp_case_clock transfer;
	struct rxp_retention r;

	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, P1, "06-07 09:15");
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-10 10:00");
	case_times_set(&t, RXP_CLOCK_TRANSFER, 30, RXP_UNIT_CALENDAR_DAYS);
	transfer = case_times_clock(&t, 1, RXP_CLOCK_TRANSFER, "06-20 00:00");
	assert_int_equal(transfer.status, RXP_CLOCK_RUNS);
	r = of(1, transfer.due.due_ms, true);
	assert_int_equal(r.after, RXP_RETAINED_NEVER);
	r = of(1, transfer.due.due_ms + 1, true);
	assert_int_equal(r.after, RXP_RETAINED_LAPSED);
	assert_true(r.ended_ms == transfer.due.due_ms);
	assert_true(r.due_ms == rxp_retention_due(transfer.due.due_ms, 12));
	assert_false(r.blocked);
	tell(Q, RXP_CASE_EVENT_USE_STANDARD_DOCUMENT, P1, "06-12 10:00");
	tell(Q, RXP_CASE_EVENT_NOTIFY, P1, "06-13 10:00");
	assert_int_equal(of(1, transfer.due.due_ms + 1, true).after, RXP_RETAINED_NEVER);
}

static bool is_endless(unsigned key, int64_t as_of_ms)
{
	struct rxp_retention r = of(key, as_of_ms, true);

	return r.after == RXP_RETAINED_NEVER && r.extendable && r.due_ms == RXP_DUE_NEVER &&
	       !r.blocked;
}

/* RXP-RET-012: not by the transfer, by the validity of the acceptance; without it, by a document alone. */
static void test_extendable(void **unused)
{
	const int64_t late = ms("2099-01-01T00:00:00.000Z");
	struct rxp_case_clock transfer, consent;
	struct rxp_limit *limit = &t.profile.clocks[RXP_CLOCK_TRANSFER];

	(void)unused;
	assert_true(
	    limit->extendable); /* the profile for tests says so, as two of the agreements do */
	tell(Q, RXP_CASE_EVENT_APPLY, BOTH, "06-07 09:15");
	tell(D, RXP_CASE_EVENT_ACCEPT, BOTH, "06-10 10:00");
	limit->value = 1;
	transfer = case_times_clock(&t, 1, RXP_CLOCK_TRANSFER, "06-20 00:00");
	consent = case_times_clock(&t, 1, RXP_CLOCK_CONSENT, "06-20 00:00");
	assert_true(transfer.due.due_ms < consent.due.due_ms);
	assert_int_equal(of(1, consent.due.due_ms, true).after, RXP_RETAINED_NEVER);
	assert_false(of(1, consent.due.due_ms, true).extendable);
	assert_int_equal(of(1, consent.due.due_ms + 1, true).after, RXP_RETAINED_LAPSED);
	assert_true(of(1, late, true).ended_ms == consent.due.due_ms);
	t.profile.clocks[RXP_CLOCK_CONSENT].extendable = true;
	assert_true(is_endless(1, late));
	case_times_set(&t, RXP_CLOCK_CONSENT, 0, RXP_UNIT_NONE);
	assert_true(is_endless(1, transfer.due.due_ms));
	assert_true(is_endless(1, late));
	/* nor by the day that the acceptance alone states (RXP-CLK-054) */
	t.story.docs[1].persons[0].stated_day = (int32_t)(consent.due.due_ms / RXP_DAY_MS);
	assert_true(is_endless(1, late));
	assert_false(of(1, late, false).extendable);
	limit->extendable = false; /* the twin */
	assert_int_equal(of(1, late, true).after, RXP_RETAINED_LAPSED);
	assert_true(of(1, late, true).ended_ms == transfer.due.due_ms);
	assert_false(of(1, late, true).extendable);
	limit->extendable = true;
	tell(Q, RXP_CASE_EVENT_WITHDRAW, P2, "06-20 10:00");
	assert_int_equal(of(2, late, true).after, RXP_RETAINED_WITHDRAWN);
	assert_false(of(2, late, true).extendable);
	assert_true(is_endless(1, late));
}

/* The word about one procedure says nothing of the other. */
static void test_extendable_otherwise(void **unused)
{
	const int64_t late = ms("2099-01-01T00:00:00.000Z");

	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, BOTH, "06-07 09:15");
	story_mark(&t.story.docs[0], P1, (rxp_traits)1 << RXP_CASE_TRAIT_ACCELERATED);
	tell(D, RXP_CASE_EVENT_ACCEPT, BOTH, "06-10 10:00");
	case_times_set(&t, RXP_CLOCK_CONSENT, 0, RXP_UNIT_NONE);
	assert_int_equal(of(1, late, true).after, RXP_RETAINED_LAPSED);
	assert_true(is_endless(2, late));
	t.profile.clocks[RXP_CLOCK_TRANSFER].extendable = false;
	t.profile.clocks[RXP_CLOCK_ACCELERATED_TRANSFER].extendable = true;
	assert_true(is_endless(1, late));
	assert_int_equal(of(2, late, true).after, RXP_RETAINED_LAPSED);
	assert_false(of(2, ms("2026-06-20T00:00:00.000Z"), true).extendable);
}

static void test_extendable_transit(void **unused)
{
	const int64_t late = ms("2099-01-01T00:00:00.000Z");

	(void)unused;
	tell(Q, RXP_CASE_EVENT_ASK_TRANSIT, P1, "06-07 09:15");
	tell(D, RXP_CASE_EVENT_CONSENT_TRANSIT, P1, "06-10 10:00");
	assert_int_equal(of(1, late, true).after, RXP_RETAINED_LAPSED);
	t.profile.clocks[RXP_CLOCK_TRANSIT_USE].extendable = true;
	assert_true(is_endless(1, late));
	tell(D, RXP_CASE_EVENT_REVOKE_TRANSIT, P1, "06-20 10:00");
	assert_int_equal(of(1, late, true).after, RXP_RETAINED_WITHDRAWN);
}

static void test_without_a_word_nothing_is_due(void **unused)
{
	struct rxp_retention r;

	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, P1, "06-07 09:15");
	tell(D, RXP_CASE_EVENT_REFUSE, P1, "06-10 10:00");
	r = of(1, ms("2099-01-01T00:00:00.000Z"), false);
	assert_int_equal(r.after, RXP_RETAINED_REFUSED);
	assert_true(r.due_ms == RXP_DUE_NEVER);
	assert_int_equal(r.months, 0);
	assert_false(r.blocked);
	r = of(1, ms("2099-01-01T00:00:00.000Z"), true); /* its twin */
	assert_int_equal(r.months, 12);
	assert_int_equal(r.source, RXP_SOURCE_INVENTED);
	assert_true(r.blocked);
	for (size_t i = 0; i < t.profile.retention.n; i++)
		if (t.profile.retention.rows[i].after == RXP_RETENTION_REFUSED)
			t.profile.retention.rows[i].after = RXP_RETENTION_LAPSED;
	assert_true(of(1, ms("2099-01-01T00:00:00.000Z"), true).due_ms == RXP_DUE_NEVER);
}

/* What is in doubt and not receipted has no instant. */
static void test_without_a_receipt(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, P1, "06-07 09:15");
	tell(Q, RXP_CASE_EVENT_WITHDRAW, P1, NULL);
	assert_due(1, "2036-01-01T00:00:00.000Z", "", NULL, NULL, false);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_state),
	    cmocka_unit_test(test_days),
	    TEST(test_refused),
	    TEST(test_withdrawn),
	    TEST(test_consent_withdrawn_goes_at_once),
	    TEST(test_lapsed),
	    TEST(test_lapsed_otherwise),
	    TEST(test_lapsed_transit),
	    TEST(test_extendable),
	    TEST(test_extendable_otherwise),
	    TEST(test_extendable_transit),
	    TEST(test_without_a_word_nothing_is_due),
	    TEST(test_without_a_receipt),
	};

	return cmocka_run_group_tests_name("retention", tests, library_begin, library_end);
}
