/*
 * Goals:
 *  - each flag of flag.def that concerns time is set exactly when its requirement says so (RXP-FLG-001), to the
 *    millisecond, and its twin one millisecond or one fact away is not flagged;
 *  - a sender is kept from sealing what is early, an extension that is late, a claim that is late or has no
 *    ground, and from nothing else (RXP-FLG-009);
 *  - what plans an arrival after the acceptance ends is late, and not sealed (RXP-FLG-012, RXP-TRF-018);
 *  - a fallback for the travel document before its time is early, unless one was declined (RXP-FLG-011);
 *  - nothing but `provisional` follows from a provisional due instant;
 *  - nobody for whom a document takes no effect is judged by it.
 */
#include "protocol/test/case_rig.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/timestamp.h"
#include "protocol/case/case_judge.h"
#include "protocol/message/answer.h"

/* What is said of the last document: its flags in the order of the table, and the bar. */
static void assert_judged(const char *flags, const char *barred)
{
	struct rxp_case_judgement j;
	struct rxp_case *fold;
	struct rxp_case_times in = case_times_of(&case_rig, &fold, "12-31 00:00");
	char words[RXP_MAX_FLAGS * RXP_FLAG_TEXT] = "";
	unsigned n = 0;

	assert_int_equal(rxp_case_judge(&j, &in, case_rig.story.n - 1), 0);
	rxp_case_free(fold);
	for (unsigned f = 0; f < RXP_FLAG_COUNT; f++)
		if ((j.flags & 1u << f) != 0) {
			assert_true(n < RXP_MAX_FLAGS);
			snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s",
			    n++ > 0 ? " " : "", rxp_flag_word((enum rxp_flag)f));
		}
	assert_string_equal(words, flags);
	assert_string_equal(j.barred == NULL ? "" : j.barred, barred);
}

static void set_received(const char *received, int64_t and_ms)
{
	case_rig.moments[case_rig.story.n - 1].received_ms = case_times_ms(received) + and_ms;
}

static void set_plan(const char *at, int64_t and_ms)
{
	case_rig.story.docs[case_rig.story.n - 1].persons[0].at_ms = case_times_ms(at) + and_ms;
}

static int32_t day(const char *text)
{
	char whole[RXP_DAY_TEXT];
	int32_t number;

	snprintf(whole, sizeof whole, "2026-%s", text);
	assert_int_equal(rxp_day_parse(&number, whole), 0);
	return number;
}

/* RXP-APP-024, 025, RXP-FLG-004: within 48 hours of the apprehension, three months of the knowledge of the stay. */
static void test_applications_that_come_too_late(void **unused)
{
	struct rxp_limit *limit = &case_rig.profile.clocks[RXP_CLOCK_ACCELERATED_APPLICATION];

	(void)unused;
	apply(P1, TRAIT(ACCELERATED));
	assert_judged("", ""); /* it does not say since when */
	set_plan("06-05 09:15", 0);
	assert_judged("", "");
	set_plan("06-05 09:15", -1);
	assert_judged("time-barred", "RXP-APP-025");
	limit->extendable = true;
	assert_judged("time-barred", "");
	story_mark(&case_rig.story.docs[0], P1, TRAIT(THIRD_COUNTRY));
	assert_judged("", "");
	case_times_set(&case_rig, RXP_CLOCK_TIME_BAR_THIRD_COUNTRY, 3, RXP_UNIT_MONTHS);
	set_plan("03-08 09:00", 0);
	assert_judged("", "");
	set_plan("03-03 09:00", 0);
	assert_judged("time-barred", "RXP-APP-025");
}

/* RXP-APP-024: where nothing is counted from then, it is not said. */
static void test_nothing_is_said_for_nothing(void **unused)
{
	(void)unused;
	apply(P1, 0);
	assert_judged("", "");
	set_plan("06-05 09:15", 0);
	assert_judged("", "RXP-APP-024");
	case_times_set(&case_rig, RXP_CLOCK_TIME_BAR_OWN, 12, RXP_UNIT_MONTHS);
	assert_judged("", "");
}

/* Registered on 9 June, the reply is due by the end of 17 June at QRB, 21:00 UTC. */
static void register_it(void)
{
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
}

static void test_late_replies_are_flagged_and_sent(void **unused)
{
	(void)unused;
	register_it();
	assert_judged("", "");
	tell(D, RXP_CASE_EVENT_REFUSE, P1, "06-17 21:00");
	assert_judged("late", "");
	set_received("06-17 21:00", -1);
	assert_judged("", "");
}

static void test_late_registration(void **unused)
{
	(void)unused;
	register_it();
	set_received("06-14 21:00", -1);
	assert_judged("", "");
	set_received("06-14 21:00", 0);
	assert_judged("late", "");
}

static void test_a_late_extension_is_not_sealed(void **unused)
{
	(void)unused;
	register_it();
	tell(D, RXP_CASE_EVENT_EXTEND, 0, "06-17 21:00")->stated_day = day("06-21");
	assert_judged("late due-differs", "RXP-EXT-001");
	set_received("06-17 21:00", -1);
	assert_judged("", "");
}

/* RXP-FLG-002: also where the agreement knows no extension, and in the accelerated procedure, whose reply none makes
 * later. */
static void test_a_late_extension_that_extends_nothing(void **unused)
{
	(void)unused;
	register_it();
	case_times_set(&case_rig, RXP_CLOCK_EXTENSION, 0, RXP_UNIT_NONE);
	tell(D, RXP_CASE_EVENT_EXTEND, 0, "06-17 21:00");
	assert_judged("late", "RXP-EXT-001");
	set_received("06-17 21:00", -1);
	assert_judged("", "");
	case_rig.calendar->last_day = day("06-16");
	set_received("06-17 21:00", 0);
	assert_judged("provisional", "");
}

static void test_a_late_extension_of_what_is_accelerated(void **unused)
{
	(void)unused;
	apply(P1, TRAIT(ACCELERATED));
	tell(D, RXP_CASE_EVENT_EXTEND, 0, "06-10 21:00");
	assert_judged("late", "RXP-EXT-001");
	set_received("06-08 08:00", 0);
	assert_judged("", "");
}

static void test_due_dates_that_differ(void **unused)
{
	struct rxp_case_document *d;

	(void)unused;
	apply(P1, 0);
	d = tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	d->stated_day = day("06-17");
	assert_judged("", "");
	d->stated_day = day("06-18");
	assert_judged("due-differs", "");
	case_rig.calendar->last_day = day("06-16");
	assert_judged("provisional", "");
	case_rig.calendar->last_day = day("12-31");
	case_times_set(&case_rig, RXP_CLOCK_REPLY, 0, RXP_UNIT_NONE);
	assert_judged("due-differs", ""); /* it computes none */
	d->stated_day = 0;
	assert_judged("", "");
}

/* Notice of 5 working days from Sunday: not before the end of 28 June. */
static void test_early_notifications_are_not_sealed(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-08 08:00");
	tell(D, RXP_CASE_EVENT_ISSUE_DOCUMENT, P1, "06-09 08:00");
	tell(Q, RXP_CASE_EVENT_NOTIFY, P1, "06-21 08:00");
	set_plan("06-28 21:00", -1);
	assert_judged("early", "RXP-TRF-001");
	set_plan("06-28 21:00", 0);
	assert_judged("", "");
	case_rig.calendar->last_day = day("06-27");
	set_plan("06-22 08:00", 0);
	assert_judged("provisional", "");
	case_rig.calendar->last_day = day("12-31");
	case_times_set(&case_rig, RXP_CLOCK_NOTICE, 0, RXP_UNIT_NONE);
	assert_judged("", "");
}

/* The acceptance ends on 1 September at 21:00 UTC by what it states, and on 8 September by the profile. */
static void test_notifications_after_the_acceptance(void **unused)
{
	struct rxp_case_document *reply;

	(void)unused;
	apply(P1, 0);
	reply = tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-08 08:00");
	reply->persons[0].stated_day = day("09-01");
	assert_judged("", ""); /* that day is none on which the reply is due */
	tell(D, RXP_CASE_EVENT_ISSUE_DOCUMENT, P1, "06-09 08:00");
	tell(Q, RXP_CASE_EVENT_NOTIFY, P1, "06-21 08:00");
	set_plan("09-01 21:00", -1);
	assert_judged("", "");
	set_plan("09-01 21:00", 0);
	assert_judged("late", "RXP-TRF-018");
	case_rig.profile.clocks[RXP_CLOCK_CONSENT].extendable = true;
	assert_judged("late", "");
	case_rig.profile.clocks[RXP_CLOCK_CONSENT].extendable = false;
	reply->persons[0].stated_day = 0;
	assert_judged("", "");
	set_plan("09-08 21:00", 0);
	assert_judged("late", "RXP-TRF-018");
	case_times_set(&case_rig, RXP_CLOCK_CONSENT, 0, RXP_UNIT_NONE);
	assert_judged("", "");
	reply->persons[0].stated_day = day("09-01");
	assert_judged("late", "RXP-TRF-018");
	case_times_set(&case_rig, RXP_CLOCK_NOTICE, 0, RXP_UNIT_NONE);
	assert_judged("late", "RXP-TRF-018");
	case_rig.calendar->last_day = day("08-31");
	assert_judged("provisional", "");
}

/* The one that came too late is flagged, and sent all the same: the person is there. */
static void test_transfers_after_the_acceptance(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-08 08:00")->persons[0].stated_day = day("09-01");
	case_times_set(&case_rig, RXP_CLOCK_CONSENT, 0, RXP_UNIT_NONE);
	tell(Q, RXP_CASE_EVENT_DELIVER, P1, "09-05 08:00");
	set_plan("09-01 21:00", -1);
	assert_judged("", "");
	set_plan("09-01 21:00", 0);
	assert_judged("late", "");
}

static void test_early_transits_are_not_sealed(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_ASK_TRANSIT, P1, "06-07 09:15");
	set_plan("06-14 21:00", -1);
	assert_judged("early", "RXP-TRN-009");
	set_plan("06-14 21:00", 0);
	assert_judged("", "");
}

/* A transfer that happened is recorded, however early or late it was. */
static void test_facts_are_flagged_and_sent(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-08 08:00");
	tell(D, RXP_CASE_EVENT_ISSUE_DOCUMENT, P1, "06-09 08:00");
	tell(Q, RXP_CASE_EVENT_NOTIFY, P1, "06-21 08:00");
	tell(D, RXP_CASE_EVENT_AGREE_TRANSFER, P1, "06-22 08:00");
	tell(Q, RXP_CASE_EVENT_DELIVER, P1, "12-01 08:00");
	set_plan("06-24 08:00", 0);
	assert_judged("early", "");
	set_plan("09-20 08:00", 0);
	assert_judged("late", "");
	set_plan("09-01 08:00", 0);
	assert_judged("", "");
}

static void test_claims_of_an_error(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_ARRIVE, P1, "06-08 09:00");
	tell(D, RXP_CASE_EVENT_CLAIM_ERROR, P1, "12-08 21:00");
	assert_judged("time-barred", "RXP-TKB-009");
	set_received("12-08 21:00", -1);
	assert_judged("", "");
}

/* --- silence --------------------------------------------------------------------------------- */

/* At the desk on 8 June and reminded on 16 June, the last working day before 17 June. */
static void claim(unsigned traits)
{
	apply(P1, traits);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	tell(D, RXP_CASE_EVENT_REACH_REQUESTED_DESK, 0, "06-09 09:00");
	tell(Q, RXP_CASE_EVENT_REMIND_REPLY, 0, "06-16 20:59");
	tell(Q, RXP_CASE_EVENT_DEEM, P1, "06-17 21:00");
}

#define REMINDER 3

static void test_silence(void **unused)
{
	(void)unused;
	claim(0);
	assert_judged("", "");
	set_received("06-17 21:00", -1);
	assert_judged("deemed-early", "RXP-DEE-008");
	set_received("06-17 21:00", 0);
	case_rig.story.docs[4].persons[0].stated_day = day("06-17");
	assert_judged("", "");
	case_rig.story.docs[4].persons[0].stated_day = day("06-16");
	assert_judged("due-differs", "");
}

static void test_silence_where_it_does_not_speak(void **unused)
{
	(void)unused;
	claim(0);
	case_rig.profile.silences.rows[0].means = RXP_SILENCE_UNKNOWN;
	assert_judged("deemed-unfounded", "RXP-PRF-011");
	case_rig.profile.silences.rows[0].means = RXP_SILENCE_CONSENT;
	story_mark(&case_rig.story.docs[0], P1, TRAIT(THIRD_COUNTRY));
	assert_judged("", "");
	case_rig.profile.silences.n = 2; /* own nationals alone */
	assert_judged("deemed-unfounded", "RXP-PRF-011");
	case_times_set(&case_rig, RXP_CLOCK_REPLY, 0, RXP_UNIT_NONE);
	assert_judged("deemed-unfounded", "RXP-PRF-011");
}

/* Silence speaks after the reply and after an extended one, and not in the accelerated procedure. */
static void test_silence_of_each_procedure(void **unused)
{
	(void)unused;
	claim(TRAIT(ACCELERATED));
	assert_judged("deemed-unfounded", "RXP-PRF-011");
	case_rig.profile.silences.rows[0].after = RXP_AFTER_ACCELERATED;
	/* due on 9 June, and reminded after it */
	assert_judged("deemed-unfounded", "RXP-DEE-008");
	case_rig.moments[REMINDER].received_ms = case_times_ms("06-08 20:59");
	assert_judged("", "");
}

static void test_silence_after_an_extension(void **unused)
{
	(void)unused;
	register_it();
	tell(D, RXP_CASE_EVENT_REACH_REQUESTED_DESK, 0, "06-09 09:00");
	tell(D, RXP_CASE_EVENT_EXTEND, 0, "06-10 08:00")->stated_day = day("06-21");
	tell(Q, RXP_CASE_EVENT_REMIND_REPLY, 0, "06-18 20:59"); /* 19 and 20 June are a weekend */
	tell(Q, RXP_CASE_EVENT_DEEM, P1, "06-21 21:00");
	assert_judged("", "");
	case_rig.moments[4].received_ms = case_times_ms("06-19 08:00");
	assert_judged("deemed-unfounded", "RXP-DEE-008");
	case_rig.moments[4].received_ms = case_times_ms("06-18 20:59");
	case_rig.profile.silences.rows[1].means = RXP_SILENCE_NOTHING;
	assert_judged("deemed-unfounded", "RXP-PRF-011");
}

static void test_reminded_in_time(void **unused)
{
	(void)unused;
	claim(0);
	case_rig.moments[REMINDER].received_ms = case_times_ms("06-16 21:00");
	assert_judged("deemed-unfounded", "RXP-DEE-008");
	case_rig.moments[REMINDER].received_ms--;
	assert_judged("", "");
}

/* D sealed a reply and has no answer yet; the claim stays the last of the story. */
static void try_reply(void)
{
	struct rxp_case_document *reply = tell(D, RXP_CASE_EVENT_REFUSE, P1, NULL);
	size_t claim_at = case_rig.story.n - 2, reply_at = case_rig.story.n - 1;
	struct rxp_case_document claim_of_q = case_rig.story.docs[claim_at];

	reply->in_doubt = true;
	case_rig.story.docs[claim_at] = *reply;
	case_rig.story.docs[reply_at] = claim_of_q;
	case_rig.moments[reply_at] = case_rig.moments[claim_at];
	case_rig.moments[claim_at].received_ms = RXP_DUE_NEVER;
	case_rig.attempts[RXP_CASE_REQUESTED][0].document = claim_at;
}

static void test_outages_stand_against_it(void **unused)
{
	(void)unused;
	claim(0);
	case_rig.n_outages = 1;
	case_rig.outages[0].from_ms = case_times_ms("06-09 06:00");
	case_rig.outages[0].until_ms = case_times_ms("06-09 08:00"); /* when it starts */
	assert_judged("", "");
	case_rig.outages[0].until_ms++;
	assert_judged("deemed-unfounded", "RXP-DEE-008");
	case_times_effect(&case_rig, RXP_DISTURBANCE_OUTAGE, RXP_EFFECT_NONE);
	assert_judged("", "");
	case_times_effect(&case_rig, RXP_DISTURBANCE_OUTAGE, RXP_EFFECT_EXTEND);
	case_rig.n_outages = 0;
	case_rig.n_attempts[RXP_CASE_REQUESTED] = 1;
	case_rig.attempts[RXP_CASE_REQUESTED][0].at_ms = case_times_ms("06-17 08:00");
	case_rig.attempts[RXP_CASE_REQUESTED][0].document = 1; /* the Registration */
	assert_judged("", "");
	try_reply();
	assert_judged("deemed-unfounded", "RXP-DEE-008");
}

static void test_silence_while_it_stands_or_waits(void **unused)
{
	(void)unused;
	claim(0);
	case_rig.moments[1].received_ms =
	    RXP_DUE_NEVER; /* no registration, and it is not overdue */
	set_received("06-14 21:00", -1);
	assert_judged("deemed-early deemed-unfounded", "RXP-DEE-008");
	set_received("06-17 21:00", 0);
	case_rig.calendar->last_day = day("06-12");
	case_rig.moments[1].received_ms = case_times_ms("06-09 08:00");
	assert_judged("deemed-early provisional", "RXP-DEE-008");
	case_rig.moments[REMINDER].received_ms = case_times_ms("06-17 08:00");
	assert_judged("deemed-early provisional", "RXP-DEE-008");
}

/* RXP-FLG-011: the travel document is due by the end of 11 June at QRB, 21:00 UTC. */
static void test_a_fallback_before_its_time(void **unused)
{
	(void)unused;
	accept_them(P1);
	tell(Q, RXP_CASE_EVENT_USE_STANDARD_DOCUMENT, P1, "06-11 21:00");
	assert_judged("", "");
	set_received("06-11 21:00", -1);
	assert_judged("early", "RXP-TDN-002");
	case_rig.calendar->last_day = day("06-10");
	assert_judged("provisional", "");
}

static void test_a_fallback_after_a_document_was_declined(void **unused)
{
	(void)unused;
	accept_them(BOTH);
	tell(D, RXP_CASE_EVENT_DECLINE_DOCUMENT, P1, "06-10 08:00");
	tell(Q, RXP_CASE_EVENT_USE_STANDARD_DOCUMENT, P1, "06-10 09:00");
	assert_judged("", "");
	tell(Q, RXP_CASE_EVENT_USE_STANDARD_DOCUMENT, P2, "06-10 10:00");
	assert_judged("early", "RXP-TDN-002");
}

/* D refuses late, while Q withdraws: the refusal does nothing, and late for nobody. */
static void test_overtaken(void **unused)
{
	struct rxp_case_document *reply;

	(void)unused;
	register_it();
	tell(Q, RXP_CASE_EVENT_WITHDRAW, P1, "06-18 08:00");
	reply = tell(D, RXP_CASE_EVENT_REFUSE, P1, "06-19 09:00");
	memcpy(reply->seen, case_rig.story.docs[0].fingerprint, sizeof reply->seen);
	assert_judged("", "");
}

/* Q claims without any ground, and D has accepted meanwhile: the claim does nothing. */
static void test_an_overtaken_claim(void **unused)
{
	struct rxp_case_document deem;
	struct rxp_case_moment moment;

	(void)unused;
	claim(0);
	set_received("06-16 08:00", 0);
	assert_judged("deemed-early", "RXP-DEE-008");
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-15 08:00");
	memcpy(case_rig.story.docs[5].seen, case_rig.story.docs[REMINDER].fingerprint,
	    RXP_DIGEST_OCTETS);
	deem = case_rig.story.docs[4];
	case_rig.story.docs[4] = case_rig.story.docs[5];
	case_rig.story.docs[5] = deem;
	moment = case_rig.moments[4];
	case_rig.moments[4] = case_rig.moments[5];
	case_rig.moments[5] = moment;
	assert_judged("", "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, case_rig_set_up, case_rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_applications_that_come_too_late),
	    TEST(test_nothing_is_said_for_nothing),
	    TEST(test_late_replies_are_flagged_and_sent),
	    TEST(test_late_registration),
	    TEST(test_a_late_extension_is_not_sealed),
	    TEST(test_a_late_extension_that_extends_nothing),
	    TEST(test_a_late_extension_of_what_is_accelerated),
	    TEST(test_due_dates_that_differ),
	    TEST(test_early_notifications_are_not_sealed),
	    TEST(test_notifications_after_the_acceptance),
	    TEST(test_transfers_after_the_acceptance),
	    TEST(test_early_transits_are_not_sealed),
	    TEST(test_facts_are_flagged_and_sent),
	    TEST(test_claims_of_an_error),
	    TEST(test_silence),
	    TEST(test_silence_where_it_does_not_speak),
	    TEST(test_silence_of_each_procedure),
	    TEST(test_silence_after_an_extension),
	    TEST(test_reminded_in_time),
	    TEST(test_outages_stand_against_it),
	    TEST(test_silence_while_it_stands_or_waits),
	    TEST(test_a_fallback_before_its_time),
	    TEST(test_a_fallback_after_a_document_was_declined),
	    TEST(test_overtaken),
	    TEST(test_an_overtaken_claim),
	};

	return cmocka_run_group_tests_name("case_judge", tests, case_rig_begin, case_rig_end);
}
