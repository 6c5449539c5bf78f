/*
 * Goals: for the clocks beside that of the reply: the interview, the travel document, the notice and the transfer,
 * claims, since when the stay is known, and transit
 *  - the documents of case_clock.def begin, meet and end each, and no others do;
 *  - it binds and is for those whom the table says (RXP-CLK-042), and counts from what is stated where the table
 *    says so (RXP-CLK-048);
 *  - an acceptance and the consent to a transit end with the day that they state, if not earlier (RXP-CLK-054);
 *  - an acceptance by silence starts what an acceptance starts, and a contest ends it.
 * The clocks of the reply are case_clock_test.c's.
 */
#include "protocol/test/case_rig.h"

#include "protocol/base/timestamp.h"

static void test_interview(void **unused)
{
	(void)unused;
	apply(P1, TRAIT(INTERVIEW_ASKED));
	assert_clock(1, RXP_CLOCK_INTERVIEW, "06-08 00:00", RXP_CLOCK_RUNS, "06-14");
	tell(Q, RXP_CASE_EVENT_ARRANGE_INTERVIEW, P1, "06-09 00:00"); /* agreed */
	assert_clock(1, RXP_CLOCK_INTERVIEW, "06-10 00:00", RXP_CLOCK_RUNS, "06-14");
	tell(Q, RXP_CASE_EVENT_ARRANGE_INTERVIEW, P1, "06-09 00:00");
	story_mark(&case_rig.story.docs[2], P1, TRAIT(INTERVIEW_CANCELLED));
	assert_clock(1, RXP_CLOCK_INTERVIEW, "06-10 00:00", RXP_CLOCK_ENDED, "06-14");
	tell(Q, RXP_CASE_EVENT_ARRANGE_INTERVIEW, P1, "06-10 08:00");
	story_mark(&case_rig.story.docs[3], P1, TRAIT(INTERVIEW_ASKED));
	assert_clock(1, RXP_CLOCK_INTERVIEW, "06-11 00:00", RXP_CLOCK_RUNS, "06-17");
	tell(D, RXP_CASE_EVENT_REPORT_INTERVIEW, P1, "06-17 20:59");
	assert_clock(1, RXP_CLOCK_INTERVIEW, "06-20 00:00", RXP_CLOCK_MET, "06-17");
}

static void test_travel_document(void **unused)
{
	(void)unused;
	accept_them(P1);
	assert_clock(1, RXP_CLOCK_TRAVEL_DOCUMENT, "06-09 00:00", RXP_CLOCK_RUNS, "06-11");
	assert_clock(1, RXP_CLOCK_TRAVEL_DOCUMENT_VALIDITY, "06-09 00:00", RXP_CLOCK_IDLE, NULL);
	tell(D, RXP_CASE_EVENT_ISSUE_DOCUMENT, P1, "06-14 08:00");
	assert_clock(1, RXP_CLOCK_TRAVEL_DOCUMENT, "06-15 00:00", RXP_CLOCK_BROKEN, "06-11");
	assert_clock(1, RXP_CLOCK_TRAVEL_DOCUMENT_VALIDITY, "06-15 00:00", RXP_CLOCK_RUNS, "09-14");
	tell(D, RXP_CASE_EVENT_DECLINE_DOCUMENT, P1, "06-15 08:00");
	assert_clock(
	    1, RXP_CLOCK_TRAVEL_DOCUMENT_VALIDITY, "06-16 00:00", RXP_CLOCK_ENDED, "09-14");
	assert_clock(1, RXP_CLOCK_TRAVEL_DOCUMENT, "06-16 00:00", RXP_CLOCK_BROKEN, "06-11");
}

static void test_the_standard_document_instead(void **unused)
{
	(void)unused;
	accept_them(P1);
	tell(Q, RXP_CASE_EVENT_USE_STANDARD_DOCUMENT, P1, "06-14 08:00");
	assert_clock(1, RXP_CLOCK_TRAVEL_DOCUMENT, "06-15 00:00", RXP_CLOCK_ENDED, "06-11");
}

static void deem(void)
{
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REACH_REQUESTED_DESK, 0, "06-08 08:00");
	tell(Q, RXP_CASE_EVENT_REMIND_REPLY, 0, "06-10 08:00");
	tell(Q, RXP_CASE_EVENT_DEEM, P1, "06-16 08:00");
}

static void test_silence_starts_what_an_acceptance_starts(void **unused)
{
	(void)unused;
	deem();
	assert_clock(1, RXP_CLOCK_REPLY, "06-17 00:00", RXP_CLOCK_PAST, "06-15");
	assert_clock(1, RXP_CLOCK_TRANSFER, "06-17 00:00", RXP_CLOCK_RUNS, "09-16");
	assert_clock(1, RXP_CLOCK_CONSENT, "06-17 00:00", RXP_CLOCK_RUNS, "09-16");
	assert_clock(1, RXP_CLOCK_TRAVEL_DOCUMENT, "06-17 00:00", RXP_CLOCK_RUNS, "06-21");
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-18 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-19 00:00", RXP_CLOCK_BROKEN, "06-15");
	assert_clock(1, RXP_CLOCK_TRANSFER, "06-19 00:00", RXP_CLOCK_RUNS, "09-16");
}

static void test_a_contest_ends_and_lifting_it_starts_anew(void **unused)
{
	(void)unused;
	deem();
	tell(D, RXP_CASE_EVENT_CONTEST, P1, "06-17 08:00");
	assert_clock(1, RXP_CLOCK_TRANSFER, "06-18 00:00", RXP_CLOCK_ENDED, "09-16");
	assert_clock(1, RXP_CLOCK_REPLY, "06-18 00:00", RXP_CLOCK_PAST, "06-15");
	tell(D, RXP_CASE_EVENT_LIFT_CONTEST, P1, "06-28 08:00");
	assert_clock(1, RXP_CLOCK_TRANSFER, "06-29 00:00", RXP_CLOCK_RUNS, "09-28");
}

/* Notice of 5 working days, received on Sunday: not before the end of 28 June. */
static void test_notice_and_transfer(void **unused)
{
	static const struct {
		const char *at;
		enum rxp_clock_status status;
	} cases[] = {{"06-28 20:59", RXP_CLOCK_BROKEN}, {"06-28 21:00", RXP_CLOCK_MET}};

	(void)unused;
	accept_them(P1);
	tell(D, RXP_CASE_EVENT_ISSUE_DOCUMENT, P1, "06-09 08:00");
	tell(Q, RXP_CASE_EVENT_NOTIFY, P1, "06-21 08:00");
	set_instant("07-01 08:00"); /* a plan, and no instant of the notification */
	assert_clock(1, RXP_CLOCK_NOTICE, "06-28 20:59", RXP_CLOCK_RUNS, "06-28");
	assert_clock(1, RXP_CLOCK_NOTICE, "06-28 21:00", RXP_CLOCK_PAST, "06-28");
	assert_clock(1, RXP_CLOCK_TRANSFER_ANSWER, "06-21 09:00", RXP_CLOCK_RUNS, "06-22");
	tell(D, RXP_CASE_EVENT_AGREE_TRANSFER, P1, "06-22 08:00");
	assert_clock(1, RXP_CLOCK_TRANSFER_ANSWER, "06-28 21:00", RXP_CLOCK_MET, "06-22");
	tell(Q, RXP_CASE_EVENT_DELIVER, P1, "09-20 08:00");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		set_instant(cases[i].at);
		assert_clock(1, RXP_CLOCK_NOTICE, "09-21 00:00", cases[i].status, "06-28");
		assert_clock(1, RXP_CLOCK_TRANSFER, "09-21 00:00", RXP_CLOCK_MET, "09-08");
		assert_clock(1, RXP_CLOCK_CONSENT, "09-21 00:00", RXP_CLOCK_MET, "09-08");
	}
	set_instant("10-01 00:00"); /* later than its receipt: the receipt counts */
	assert_int_equal(case_times_clock(&case_rig, 1, RXP_CLOCK_TRANSFER, "09-21 00:00").done_ms,
	    case_times_ms("09-20 08:00"));
	assert_clock(1, RXP_CLOCK_TRANSFER, "09-21 00:00", RXP_CLOCK_BROKEN, "09-08");
}

/* RXP-CAS-012: the clocks go where the person goes. */
static void test_a_child_ends_what_is_planned(void **unused)
{
	(void)unused;
	accept_them(P1);
	tell(D, RXP_CASE_EVENT_ISSUE_DOCUMENT, P1, "06-09 08:00");
	tell(Q, RXP_CASE_EVENT_NOTIFY, P1, "06-14 08:00");
	tell(Q, RXP_CASE_EVENT_SUPPLEMENT, P1, "06-15 08:00");
	assert_clock(1, RXP_CLOCK_NOTICE, "06-16 00:00", RXP_CLOCK_RUNS, "06-21");
	story_mark(&case_rig.story.docs[case_rig.story.n - 1], P1, TRAIT(CHILD));
	assert_clock(1, RXP_CLOCK_NOTICE, "06-16 00:00", RXP_CLOCK_ENDED, "06-21");
	assert_clock(1, RXP_CLOCK_TRANSFER_ANSWER, "06-16 00:00", RXP_CLOCK_ENDED, "06-15");
	assert_clock(1, RXP_CLOCK_TRANSFER, "06-16 00:00", RXP_CLOCK_RUNS, "09-08");
}

static void test_a_new_notification_begins_anew(void **unused)
{
	(void)unused;
	accept_them(P1);
	tell(D, RXP_CASE_EVENT_ISSUE_DOCUMENT, P1, "06-09 08:00");
	tell(Q, RXP_CASE_EVENT_NOTIFY, P1, "06-14 08:00");
	tell(D, RXP_CASE_EVENT_COUNTER_TRANSFER, P1, "06-15 08:00");
	assert_clock(1, RXP_CLOCK_NOTICE, "06-16 00:00", RXP_CLOCK_ENDED, "06-21");
	assert_clock(1, RXP_CLOCK_TRANSFER_ANSWER, "06-16 00:00", RXP_CLOCK_MET, "06-15");
	tell(Q, RXP_CASE_EVENT_NOTIFY, P1, "06-21 08:00");
	assert_clock(1, RXP_CLOCK_NOTICE, "06-22 00:00", RXP_CLOCK_RUNS, "06-28");
	assert_clock(1, RXP_CLOCK_TRANSFER_ANSWER, "06-22 00:00", RXP_CLOCK_RUNS, "06-22");
}

/* RXP-CLK-048: counted from what the application states, of the person and of the procedure alone. */
static void test_since_when_the_stay_is_known(void **unused)
{
	(void)unused;
	apply(BOTH, 0);
	story_mark(&case_rig.story.docs[0], P1, TRAIT(ACCELERATED));
	story_mark(&case_rig.story.docs[0], P2, TRAIT(THIRD_COUNTRY));
	assert_clock(1, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	set_instant("06-05 10:00");
	assert_clock(1, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00", RXP_CLOCK_MET, "06-07");
	assert_clock(1, RXP_CLOCK_TIME_BAR_OWN, "06-08 00:00", RXP_CLOCK_UNCOUNTED, NULL);
	assert_clock(1, RXP_CLOCK_TIME_BAR_THIRD_COUNTRY, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(2, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(2, RXP_CLOCK_TIME_BAR_OWN, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(2, RXP_CLOCK_TIME_BAR_THIRD_COUNTRY, "06-08 00:00", RXP_CLOCK_MET, NULL);
	assert_int_equal(
	    case_times_clock(&case_rig, 1, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00")
		.due.due_ms,
	    case_times_ms("06-07 10:00"));
	set_instant("06-05 09:00");
	assert_clock(
	    1, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00", RXP_CLOCK_BROKEN, "06-07");
	set_instant("06-09 09:00"); /* later than its receipt: the receipt counts */
	assert_int_equal(
	    case_times_clock(&case_rig, 1, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00")
		.due.start_ms,
	    case_times_ms("06-07 09:15"));
}

static void test_claims_of_an_error(void **unused)
{
	(void)unused;
	apply(BOTH, 0);
	story_mark(&case_rig.story.docs[0], P2, TRAIT(THIRD_COUNTRY));
	tell(D, RXP_CASE_EVENT_ARRIVE, BOTH, "06-10 08:00");
	set_instant("06-08 08:00");
	assert_clock(1, RXP_CLOCK_ERROR_OWN, "06-11 00:00", RXP_CLOCK_RUNS, "12-08");
	assert_clock(1, RXP_CLOCK_ERROR_THIRD_COUNTRY, "06-11 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(2, RXP_CLOCK_ERROR_OWN, "06-11 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(2, RXP_CLOCK_ERROR_THIRD_COUNTRY, "06-11 00:00", RXP_CLOCK_RUNS, "06-08");
	tell(D, RXP_CASE_EVENT_CLAIM_ERROR, BOTH, "12-20 08:00");
	assert_clock(1, RXP_CLOCK_ERROR_OWN, "12-21 00:00", RXP_CLOCK_BROKEN, "12-08");
	assert_clock(2, RXP_CLOCK_ERROR_THIRD_COUNTRY, "12-21 00:00", RXP_CLOCK_MET, "06-08");
}

/* RXP-CLK-053: the second claim is late by the time of the first, however it was disputed. */
static void test_claims_that_follow(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_ARRIVE, P1, "06-10 08:00");
	set_instant("06-08 08:00");
	tell(D, RXP_CASE_EVENT_CLAIM_ERROR, P1, "07-01 08:00");
	assert_clock(1, RXP_CLOCK_ERROR_OWN, "07-02 00:00", RXP_CLOCK_MET, "12-08");
	tell(Q, RXP_CASE_EVENT_DISPUTE_TAKE_BACK, P1, "07-10 08:00");
	assert_clock(1, RXP_CLOCK_ERROR_OWN, "12-08 00:00", RXP_CLOCK_RUNS, "12-08");
	assert_clock(1, RXP_CLOCK_ERROR_OWN, "12-20 00:00", RXP_CLOCK_PAST, "12-08");
	tell(D, RXP_CASE_EVENT_CLAIM_ERROR, P1, "12-20 08:00");
	assert_clock(1, RXP_CLOCK_ERROR_OWN, "12-21 00:00", RXP_CLOCK_BROKEN, "12-08");
}

static void test_transit(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_ASK_TRANSIT, P1, "06-07 09:15");
	assert_clock(1, RXP_CLOCK_TRANSIT_REPLY, "06-08 00:00", RXP_CLOCK_RUNS, "06-14");
	assert_clock(1, RXP_CLOCK_TRANSIT_NOTICE, "06-08 00:00", RXP_CLOCK_RUNS, "06-14");
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	tell(D, RXP_CASE_EVENT_CONSENT_TRANSIT, P1, "06-10 08:00");
	assert_clock(1, RXP_CLOCK_TRANSIT_REPLY, "06-20 00:00", RXP_CLOCK_MET, "06-14");
	assert_clock(1, RXP_CLOCK_TRANSIT_USE, "06-20 00:00", RXP_CLOCK_RUNS, "07-10");
	tell(Q, RXP_CASE_EVENT_DELIVER, P1, "07-11 08:00");
	set_instant("07-10 08:00");
	assert_clock(1, RXP_CLOCK_TRANSIT_USE, "07-20 00:00", RXP_CLOCK_MET, "07-10");
	assert_clock(1, RXP_CLOCK_TRANSIT_NOTICE, "07-20 00:00", RXP_CLOCK_MET, "06-14");
}

/* --- what is valid until a day ------------------------------------------------------------------- */

static void set_until(const char *text)
{
	struct rxp_case_document *d = &case_rig.story.docs[case_rig.story.n - 1];

	assert_int_equal(rxp_day_parse(&d->persons[0].stated_day, text), 0);
}

/* To the millisecond: the 20th ends at 21:00 UTC at QRB. */
static void test_an_acceptance_ends_as_it_says(void **unused)
{
	(void)unused;
	accept_them(BOTH);
	set_until("2026-08-20");
	assert_clock(1, RXP_CLOCK_CONSENT, "06-09 00:00", RXP_CLOCK_RUNS, "08-20");
	assert_clock(2, RXP_CLOCK_CONSENT, "06-09 00:00", RXP_CLOCK_RUNS, "09-08");
	assert_clock(1, RXP_CLOCK_TRANSFER, "06-09 00:00", RXP_CLOCK_RUNS, "09-08");
	assert_clock(1, RXP_CLOCK_CONSENT, "08-20 20:59", RXP_CLOCK_RUNS, "08-20");
	assert_clock(1, RXP_CLOCK_CONSENT, "08-20 21:00", RXP_CLOCK_PAST, "08-20");
	set_until("2026-09-09");
	assert_clock(1, RXP_CLOCK_CONSENT, "06-09 00:00", RXP_CLOCK_RUNS, "09-08");
}

/* Whatever the profile says of the clock, if it is no number. */
static void test_an_acceptance_without_a_period(void **unused)
{
	static const enum rxp_word units[] = {
	    RXP_WORD_ABSENT, RXP_UNIT_NONE, RXP_UNIT_AT_ONCE, RXP_UNIT_UNKNOWN};

	(void)unused;
	accept_them(P1);
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		case_times_set(&case_rig, RXP_CLOCK_CONSENT, 0, units[i]);
		case_rig.story.docs[1].persons[0].stated_day = 0;
		assert_clock(1, RXP_CLOCK_CONSENT, "06-09 00:00", RXP_CLOCK_UNCOUNTED, NULL);
		set_until("2026-12-20");
		assert_clock(1, RXP_CLOCK_CONSENT, "06-09 00:00", RXP_CLOCK_RUNS, "12-20");
		assert_clock(1, RXP_CLOCK_CONSENT, "12-21 00:00", RXP_CLOCK_PAST, "12-20");
	}
}

static void test_an_acceptance_after_silence_ends_as_it_says(void **unused)
{
	(void)unused;
	deem();
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-18 08:00");
	assert_clock(1, RXP_CLOCK_CONSENT, "06-19 00:00", RXP_CLOCK_RUNS, "09-16");
	set_until("2026-07-31");
	assert_clock(1, RXP_CLOCK_CONSENT, "06-19 00:00", RXP_CLOCK_RUNS, "07-31");
}

static void test_a_consent_to_a_transit_ends_as_it_says(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_ASK_TRANSIT, P1, "06-07 09:15");
	tell(D, RXP_CASE_EVENT_CONSENT_TRANSIT, P1, "06-10 08:00");
	set_until("2026-07-09");
	assert_clock(1, RXP_CLOCK_TRANSIT_USE, "06-20 00:00", RXP_CLOCK_RUNS, "07-09");
	tell(Q, RXP_CASE_EVENT_DELIVER, P1, "07-11 08:00");
	set_instant("07-09 20:59");
	assert_clock(1, RXP_CLOCK_TRANSIT_USE, "07-20 00:00", RXP_CLOCK_MET, "07-09");
	set_instant("07-09 21:00");
	assert_clock(1, RXP_CLOCK_TRANSIT_USE, "07-20 00:00", RXP_CLOCK_BROKEN, "07-09");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, case_rig_set_up, case_rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_interview),
	    TEST(test_travel_document),
	    TEST(test_the_standard_document_instead),
	    TEST(test_silence_starts_what_an_acceptance_starts),
	    TEST(test_a_contest_ends_and_lifting_it_starts_anew),
	    TEST(test_notice_and_transfer),
	    TEST(test_a_child_ends_what_is_planned),
	    TEST(test_a_new_notification_begins_anew),
	    TEST(test_since_when_the_stay_is_known),
	    TEST(test_claims_of_an_error),
	    TEST(test_claims_that_follow),
	    TEST(test_transit),
	    TEST(test_an_acceptance_ends_as_it_says),
	    TEST(test_an_acceptance_without_a_period),
	    TEST(test_an_acceptance_after_silence_ends_as_it_says),
	    TEST(test_a_consent_to_a_transit_ends_as_it_says),
	};

	return cmocka_run_group_tests_name(
	    "case_clock_transfer", tests, case_rig_begin, case_rig_end);
}
