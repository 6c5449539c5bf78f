/*
 * Goals: for the clocks of the reply, and what is true of each clock
 *  - the documents of case_clock.def begin, pause, lengthen, meet and end it, and no others do;
 *  - a person's clock is their own: what takes no effect for a person does nothing to their clocks;
 *  - what was done in time, late, early or never is told apart to the millisecond, and never from a
 *    provisional due instant;
 *  - nobody stops time by not registering, or by finding an application incomplete again and again;
 *  - a document without a receipt has no instant.
 * The other clocks are case_clock_transfer_test.c's; how a due instant is counted is due_test.c's.
 */
#include "protocol/test/case_rig.h"

#include <string.h>

#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"

/* --- the reply ------------------------------------------------------------------------------- */

/* QRB works from Sunday, 7 June 2026, to Thursday. Registration within 5 working days, reply within 8 days
 * of it. */
static void test_reply_counts_from_registration(void **unused)
{
	(void)unused;
	apply(BOTH, 0);
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_WAITS, NULL);
	assert_clock(1, RXP_CLOCK_REGISTRATION, "06-08 00:00", RXP_CLOCK_RUNS, "06-14");
	assert_clock(1, RXP_CLOCK_ACCELERATED_REPLY, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(3, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	assert_clock(1, RXP_CLOCK_REGISTRATION, "06-10 00:00", RXP_CLOCK_MET, "06-14");
	assert_clock(1, RXP_CLOCK_REPLY, "06-10 00:00", RXP_CLOCK_RUNS, "06-17");
	assert_clock(2, RXP_CLOCK_REPLY, "06-17 20:59", RXP_CLOCK_RUNS, "06-17");
	assert_clock(2, RXP_CLOCK_REPLY, "06-17 21:00", RXP_CLOCK_PAST, "06-17");
}

static void test_nobody_stops_time_by_not_registering(void **unused)
{
	(void)unused;
	apply(P1, 0);
	assert_clock(1, RXP_CLOCK_REPLY, "06-14 20:59", RXP_CLOCK_WAITS, NULL);
	assert_clock(1, RXP_CLOCK_REPLY, "06-14 21:00", RXP_CLOCK_RUNS, "06-15");
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-15 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-15 09:00", RXP_CLOCK_RUNS, "06-15");
	assert_clock(1, RXP_CLOCK_REGISTRATION, "06-15 09:00", RXP_CLOCK_BROKEN, "06-14");
}

static void test_each_person_is_answered(void **unused)
{
	(void)unused;
	apply(BOTH, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-17 20:59");
	assert_clock(1, RXP_CLOCK_REPLY, "06-20 00:00", RXP_CLOCK_MET, "06-17");
	assert_clock(2, RXP_CLOCK_REPLY, "06-20 00:00", RXP_CLOCK_PAST, "06-17");
	tell(D, RXP_CASE_EVENT_REFUSE, P2, "06-17 21:00");
	assert_clock(2, RXP_CLOCK_REPLY, "06-20 00:00", RXP_CLOCK_BROKEN, "06-17");
	assert_int_equal(case_times_clock(&case_rig, 2, RXP_CLOCK_REPLY, "06-20 00:00").off_ms, 1);
	case_rig.moments[3].received_ms--; /* the last millisecond of the day */
	assert_clock(2, RXP_CLOCK_REPLY, "06-20 00:00", RXP_CLOCK_MET, "06-17");
}

/* What becomes of the registration after the reply plays no part. */
static void test_a_reply_without_registration(void **unused)
{
	struct rxp_case_clock c;

	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-14 08:00");
	c = case_times_clock(&case_rig, 1, RXP_CLOCK_REPLY, "08-01 00:00");
	assert_int_equal(c.status, RXP_CLOCK_MET);
	assert_int_equal(c.due.outcome, RXP_DUE_WAITS);
	case_rig.moments[1].received_ms = case_times_ms("06-16 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "08-01 00:00", RXP_CLOCK_BROKEN, "06-15");
}

static void test_a_withdrawal_ends_all(void **unused)
{
	struct rxp_case_clock c;

	(void)unused;
	apply(BOTH, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	tell(Q, RXP_CASE_EVENT_WITHDRAW, P1, "06-10 08:00");
	tell(Q, RXP_CASE_EVENT_WITHDRAW, P2, "06-17 21:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-20 00:00", RXP_CLOCK_ENDED, "06-17");
	c = case_times_clock(&case_rig, 1, RXP_CLOCK_REPLY, "06-20 00:00");
	assert_int_equal(c.off_ms, 0);
	assert_int_equal(c.done_by, 2);
	c = case_times_clock(&case_rig, 2, RXP_CLOCK_REPLY, "06-20 00:00");
	assert_int_equal(c.status, RXP_CLOCK_ENDED);
	assert_int_equal(c.off_ms, 1); /* it was overdue when it ended */
	assert_int_equal(c.actor, RXP_CASE_REQUESTED);
}

static void test_starts(void **unused)
{
	(void)unused;
	apply(P1, 0);
	case_rig.profile.clocks[RXP_CLOCK_REPLY].start = RXP_START_RECEIPT;
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_RUNS, "06-15");
	case_rig.profile.clocks[RXP_CLOCK_REPLY].start = RXP_START_HANDED_OVER;
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_WAITS, NULL);
	tell(D, RXP_CASE_EVENT_REACH_REQUESTED_DESK, 0, "06-08 08:00");
	tell(D, RXP_CASE_EVENT_REACH_REQUESTED_DESK, 0, "06-09 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_RUNS, "06-16");
}

/* What the desk has must be what began the clock, or what came after it. */
static void test_a_hand_over_of_something_older(void **unused)
{
	struct rxp_case_document *reach;

	(void)unused;
	case_rig.profile.clocks[RXP_CLOCK_REPLY].start = RXP_START_HANDED_OVER;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_FIND_INCOMPLETE, 0, "06-08 08:00");
	tell(Q, RXP_CASE_EVENT_SUPPLEMENT, P1, "06-09 08:00");
	reach = tell(D, RXP_CASE_EVENT_REACH_REQUESTED_DESK, 0, "06-10 08:00");
	assert_memory_equal(reach->about, case_rig.story.docs[2].fingerprint, sizeof reach->about);
	assert_clock(1, RXP_CLOCK_REPLY, "06-11 00:00", RXP_CLOCK_RUNS, "06-18");
	memcpy(reach->about, case_rig.story.docs[0].fingerprint, sizeof reach->about);
	assert_clock(1, RXP_CLOCK_REPLY, "06-11 00:00", RXP_CLOCK_WAITS, NULL);
}

static void test_the_accelerated_procedure(void **unused)
{
	(void)unused;
	apply(P1, TRAIT(ACCELERATED));
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(1, RXP_CLOCK_ACCELERATED_REPLY, "06-08 00:00", RXP_CLOCK_RUNS, "06-09");
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-08 08:00");
	assert_clock(1, RXP_CLOCK_ACCELERATED_REPLY, "06-20 00:00", RXP_CLOCK_MET, "06-09");
	assert_clock(1, RXP_CLOCK_TRANSFER, "06-08 10:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(1, RXP_CLOCK_ACCELERATED_TRANSFER, "06-08 10:00", RXP_CLOCK_RUNS, "06-15");
}

static void test_uncounted(void **unused)
{
	(void)unused;
	apply(P1, 0);
	case_times_set(&case_rig, RXP_CLOCK_REPLY, 0, RXP_UNIT_AT_ONCE);
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_UNCOUNTED, "");
	assert_int_equal(case_times_clock(&case_rig, 1, RXP_CLOCK_REPLY, "06-08 00:00").due.outcome,
	    RXP_DUE_AT_ONCE);
	case_rig.moments[0].received_ms = 0; /* 1970: before the calendar's first version */
	case_times_set(&case_rig, RXP_CLOCK_REPLY, 8, RXP_UNIT_CALENDAR_DAYS);
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_NO_CALENDAR, "");
	case_rig.moments[0].received_ms = RXP_MAX_TIME_MS;
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_NO_CALENDAR, "");
}

/* --- incomplete, paused, extended ------------------------------------------------------------ */

static void test_incomplete_once(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_FIND_INCOMPLETE, 0, "06-09 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "08-01 00:00", RXP_CLOCK_STANDS, NULL);
	assert_clock(1, RXP_CLOCK_REGISTRATION, "08-01 00:00", RXP_CLOCK_STANDS, NULL);
	tell(Q, RXP_CASE_EVENT_SUPPLEMENT, P1, "06-21 08:00");
	assert_clock(1, RXP_CLOCK_REGISTRATION, "06-22 00:00", RXP_CLOCK_RUNS, "06-28");
	assert_clock(1, RXP_CLOCK_REPLY, "06-22 00:00", RXP_CLOCK_WAITS, NULL);
	tell(D, RXP_CASE_EVENT_FIND_INCOMPLETE, 0, "06-22 08:00");
	assert_clock(1, RXP_CLOCK_REGISTRATION, "06-28 21:00", RXP_CLOCK_PAST, "06-28");
	assert_clock(1, RXP_CLOCK_REPLY, "06-28 21:00", RXP_CLOCK_RUNS, "06-29");
	tell(Q, RXP_CASE_EVENT_SUPPLEMENT, P1, "06-23 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-28 21:00", RXP_CLOCK_RUNS, "06-29");
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-24 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-28 21:00", RXP_CLOCK_RUNS, "07-02");
}

static void test_incomplete_is_registered_without_a_supplement(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_FIND_INCOMPLETE, 0, "06-09 08:00");
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-10 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-11 00:00", RXP_CLOCK_RUNS, "06-18");
}

/* 06-14 is the last day for the registration. */
static void test_incomplete_too_late_stops_nothing(void **unused)
{
	struct rxp_case_moment *found;

	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_FIND_INCOMPLETE, 0, "06-14 20:59");
	found = &case_rig.moments[case_rig.story.n - 1];
	assert_clock(1, RXP_CLOCK_REPLY, "08-01 00:00", RXP_CLOCK_STANDS, NULL);
	found->received_ms = case_times_ms("06-14 21:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-14 21:00", RXP_CLOCK_RUNS, "06-15");
	assert_clock(1, RXP_CLOCK_REPLY, "08-01 00:00", RXP_CLOCK_PAST, "06-15");
}

static void test_pause(void **unused)
{
	(void)unused;
	apply(BOTH, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	tell(D, RXP_CASE_EVENT_ASK_SUPPLEMENT, P1, "06-10 08:00");
	story_mark(&case_rig.story.docs[2], P1, TRAIT(PAUSED));
	assert_clock(1, RXP_CLOCK_REPLY, "06-12 00:00", RXP_CLOCK_RUNS, "06-17");
	case_times_effect(&case_rig, RXP_DISTURBANCE_SUPPLEMENT, RXP_EFFECT_STOP);
	assert_clock(1, RXP_CLOCK_REPLY, "08-12 00:00", RXP_CLOCK_STANDS, NULL);
	assert_clock(2, RXP_CLOCK_REPLY, "06-12 00:00", RXP_CLOCK_RUNS, "06-17");
	tell(Q, RXP_CASE_EVENT_SUPPLEMENT, P1, "06-12 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-13 00:00", RXP_CLOCK_RUNS, "06-21");
	story_mark(&case_rig.story.docs[2], P1, 0); /* the clock runs on */
	assert_clock(1, RXP_CLOCK_REPLY, "06-13 00:00", RXP_CLOCK_RUNS, "06-17");
}

static void test_a_pause_after_the_end_stops_nothing(void **unused)
{
	(void)unused;
	case_times_effect(&case_rig, RXP_DISTURBANCE_SUPPLEMENT, RXP_EFFECT_STOP);
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	tell(D, RXP_CASE_EVENT_ASK_SUPPLEMENT, P1, "06-17 21:00");
	story_mark(&case_rig.story.docs[2], P1, TRAIT(PAUSED));
	assert_clock(1, RXP_CLOCK_REPLY, "06-20 00:00", RXP_CLOCK_PAST, "06-17");
}

/* Additive, at most 6 days; 06-17 is the last day without it. */
static void test_extension(void **unused)
{
	static const struct {
		int32_t asked; /* days after 06-17 */
		const char *received, *last;
	} cases[] = {{2, "06-16 08:00", "06-21"}, {4, "06-16 08:00", "06-21"},
	    {5, "06-16 08:00", "06-22"}, {6, "06-17 20:59", "06-23"}, {60, "06-16 08:00", "06-23"},
	    {-3, "06-16 08:00", "06-18"}, {6, "06-17 21:00", "06-17"}, {6, NULL, "06-17"}};
	int32_t base;

	(void)unused;
	assert_int_equal(rxp_day_parse(&base, "2026-06-17"), 0);
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	tell(D, RXP_CASE_EVENT_EXTEND, 0, "06-16 08:00");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		case_rig.story.docs[2].stated_day = base + cases[i].asked;
		case_rig.moments[2].received_ms = case_times_ms(cases[i].received);
		assert_clock(1, RXP_CLOCK_REPLY, "06-16 09:00", RXP_CLOCK_RUNS, cases[i].last);
	}
	case_rig.story.docs[2].stated_day = base + 6;
	case_rig.moments[2].received_ms = case_times_ms("06-16 08:00");
	case_rig.profile.clocks[RXP_CLOCK_EXTENSION].consent = true;
	assert_clock(1, RXP_CLOCK_REPLY, "06-16 09:00", RXP_CLOCK_RUNS, "06-17");
}

/* Each working day can be reached, and the first that is not before the day asked for is. */
static void test_every_extension(void **unused)
{
	int32_t base;

	(void)unused;
	assert_int_equal(rxp_day_parse(&base, "2026-06-17"), 0);
	case_rig.profile.clocks[RXP_CLOCK_EXTENSION].value = 60;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	tell(D, RXP_CASE_EVENT_EXTEND, 0, "06-16 08:00");
	for (int32_t day = base + 1; day < base + 60; day++) {
		int32_t want = day;

		while (rxp_calendar_kind(case_rig.calendar, want) != RXP_DAY_WORKING)
			want++;
		case_rig.story.docs[2].stated_day = day;
		assert_int_equal(
		    case_times_clock(&case_rig, 1, RXP_CLOCK_REPLY, "06-16 09:00").due.last_day,
		    want);
	}
}

/* --- what is not there, what takes no effect ------------------------------------------------- */

/* D accepts both while Q withdraws P1: the withdrawal comes first. */
static void test_an_overtaken_document_does_nothing(void **unused)
{
	struct rxp_case_document *reply;

	(void)unused;
	apply(BOTH, 0);
	tell(Q, RXP_CASE_EVENT_WITHDRAW, P1, "06-08 08:00");
	reply = tell(D, RXP_CASE_EVENT_ACCEPT, BOTH, "06-08 09:00");
	memcpy(reply->seen, case_rig.story.docs[0].fingerprint, sizeof reply->seen);
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_ENDED, NULL);
	assert_clock(1, RXP_CLOCK_TRANSFER, "06-09 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(2, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_MET, NULL);
	assert_clock(2, RXP_CLOCK_TRANSFER, "06-09 00:00", RXP_CLOCK_RUNS, "09-08");
}

static void test_without_a_receipt(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, P1, NULL);
	case_rig.story.docs[0].in_doubt = true;
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_IDLE, NULL);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-08 08:00"); /* has seen it: it counts */
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_WAITS, NULL);
	assert_clock(1, RXP_CLOCK_REGISTRATION, "06-09 00:00", RXP_CLOCK_MET, NULL);
	case_rig.moments[0].received_ms = case_times_ms("06-07 09:15");
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_RUNS, "06-16");
}

static void test_pending_attachments(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-08 08:00");
	case_rig.moments[0].attachments_ms = RXP_DUE_NEVER;
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_WAITS, NULL);
	case_rig.moments[0].attachments_ms = case_times_ms("06-10 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-11 00:00", RXP_CLOCK_RUNS, "06-18");
}

static struct rxp_case_attempt tried(size_t document, const char *at)
{
	return (struct rxp_case_attempt){.document = document, .at_ms = case_times_ms(at)};
}

static void test_disturbances(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	case_rig.n_outages = 1;
	case_rig.outages[0].from_ms = case_times_ms("06-17 08:00");
	case_rig.outages[0].until_ms = case_times_ms("06-17 09:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-17 10:00", RXP_CLOCK_RUNS, "06-18");
	case_rig.n_attempts[RXP_CASE_REQUESTING] = 1;
	case_rig.attempts[RXP_CASE_REQUESTING][0] = tried(0, "06-18 08:00");
	tell(D, RXP_CASE_EVENT_REFUSE, P1, "06-20 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-21 00:00", RXP_CLOCK_BROKEN, "06-18");
	case_rig.n_attempts[RXP_CASE_REQUESTED] = 1; /* of the one who must act … */
	case_rig.attempts[RXP_CASE_REQUESTED][0] =
	    tried(1, "06-18 08:00"); /* … with something else … */
	assert_clock(1, RXP_CLOCK_REPLY, "06-21 00:00", RXP_CLOCK_BROKEN, "06-18");
	case_rig.attempts[RXP_CASE_REQUESTED][0] = tried(2, "06-18 08:00"); /* … and with the act */
	assert_clock(1, RXP_CLOCK_REPLY, "06-21 00:00", RXP_CLOCK_MET, "06-18");
	case_rig.n_outages = RXP_MAX_DISTURBANCES - RXP_MAX_PAUSES + 1;
	{
		struct rxp_case *fold;
		struct rxp_case_times in = case_times_of(&case_rig, &fold, "06-21 00:00");
		struct rxp_case_clock out;

		assert_int_equal(rxp_case_clock(&out, &in, 1, RXP_CLOCK_REPLY), RXP_ERR_BOUND);
		rxp_case_free(fold);
	}
}

static void test_nothing_follows_from_a_provisional_date(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	assert_int_equal(rxp_day_parse(&case_rig.calendar->last_day, "2026-06-16"), 0);
	assert_clock(1, RXP_CLOCK_REPLY, "06-20 00:00", RXP_CLOCK_RUNS, "06-17");
	assert_true(case_times_clock(&case_rig, 1, RXP_CLOCK_REPLY, "06-20 00:00").due.provisional);
	tell(D, RXP_CASE_EVENT_REFUSE, P1, "06-20 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-21 00:00", RXP_CLOCK_MET, "06-17");
}

/* Nor is a registration late by one, so that what is lacking suspends (RXP-CLK-051). */
static void test_nobody_is_late_by_a_provisional_date(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_FIND_INCOMPLETE, 0, "06-17 08:00");
	assert_true(case_times_clock(&case_rig, 1, RXP_CLOCK_REPLY, "06-20 00:00").status !=
		    RXP_CLOCK_STANDS);
	assert_int_equal(rxp_day_parse(&case_rig.calendar->last_day, "2026-06-12"), 0);
	assert_true(case_times_clock(&case_rig, 1, RXP_CLOCK_REPLY, "06-20 00:00").status ==
		    RXP_CLOCK_STANDS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, case_rig_set_up, case_rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_reply_counts_from_registration),
	    TEST(test_nobody_stops_time_by_not_registering),
	    TEST(test_each_person_is_answered),
	    TEST(test_a_reply_without_registration),
	    TEST(test_a_withdrawal_ends_all),
	    TEST(test_starts),
	    TEST(test_a_hand_over_of_something_older),
	    TEST(test_the_accelerated_procedure),
	    TEST(test_uncounted),
	    TEST(test_incomplete_once),
	    TEST(test_incomplete_is_registered_without_a_supplement),
	    TEST(test_incomplete_too_late_stops_nothing),
	    TEST(test_pause),
	    TEST(test_a_pause_after_the_end_stops_nothing),
	    TEST(test_extension),
	    TEST(test_every_extension),
	    TEST(test_an_overtaken_document_does_nothing),
	    TEST(test_without_a_receipt),
	    TEST(test_pending_attachments),
	    TEST(test_disturbances),
	    TEST(test_nothing_follows_from_a_provisional_date),
	    TEST(test_nobody_is_late_by_a_provisional_date),
	};

	return cmocka_run_group_tests_name("case_clock", tests, case_rig_begin, case_rig_end);
}
