/*
 * Goals: for each clock of a case
 *  - the documents of case_clock.def begin, pause, lengthen, meet and end it, and no others do;
 *  - it binds and is for those whom the table says (RXP-CLK-042);
 *  - a person's clock is their own: what takes no effect for a person does nothing to their clocks;
 *  - what was done in time, late, early or never is told apart to the millisecond, and never from a
 *    provisional due instant;
 *  - nobody stops time by not registering, or by finding an application incomplete again and again;
 *  - a document without a receipt has no instant.
 * How a due instant is counted is due_test.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/err.h"
#include "protocol/init.h"
#include "protocol/test/case_times.h"
#include "protocol/timestamp.h"

#define Q STORY_Q
#define D STORY_D
#define P1 1u
#define P2 2u
#define BOTH 3u
#define TRAIT(name) (1u << RXP_CASE_TRAIT_##name)

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

static struct rxp_case_document *tell(
    const char *from, enum rxp_case_event event, uint32_t persons, const char *received)
{
	return case_times_tell(&t, from, event, persons, received);
}

/* The status of a clock at a time; the last day, as "06-16", if it has a due instant. */
static void assert_clock(unsigned key, enum rxp_clock clock, const char *as_of,
    enum rxp_clock_status status, const char *last)
{
	struct rxp_case_clock c = case_times_clock(&t, key, clock, as_of);
	char day[RXP_DAY_TEXT] = "";

	if (c.due.outcome == RXP_DUE_SET && c.status != RXP_CLOCK_IDLE && c.due.due_ms > 0)
		rxp_day_text(day, c.due.last_day);
	if (c.status != status || (last != NULL && strcmp(day + 5, last) != 0))
		fail_msg("%s of P%u: %s, %s", rxp_clock_row(clock)->word, key,
		    rxp_clock_status_word(c.status), day);
}

static void apply(uint32_t persons, unsigned traits)
{
	tell(Q, RXP_CASE_EVENT_APPLY, persons, "06-07 09:15");
	story_mark(&t.story.docs[t.story.n - 1], persons, traits);
}

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
	assert_int_equal(case_times_clock(&t, 2, RXP_CLOCK_REPLY, "06-20 00:00").off_ms, 1);
	t.moments[3].received_ms--; /* the last millisecond of the day */
	assert_clock(2, RXP_CLOCK_REPLY, "06-20 00:00", RXP_CLOCK_MET, "06-17");
}

/* What becomes of the registration after the reply plays no part. */
static void test_a_reply_without_registration(void **unused)
{
	struct rxp_case_clock c;

	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_ACCEPT, P1, "06-14 08:00");
	c = case_times_clock(&t, 1, RXP_CLOCK_REPLY, "08-01 00:00");
	assert_int_equal(c.status, RXP_CLOCK_MET);
	assert_int_equal(c.due.outcome, RXP_DUE_WAITS);
	t.moments[1].received_ms = case_times_ms("06-16 08:00");
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
	c = case_times_clock(&t, 1, RXP_CLOCK_REPLY, "06-20 00:00");
	assert_int_equal(c.off_ms, 0);
	assert_int_equal(c.done_by, 2);
	c = case_times_clock(&t, 2, RXP_CLOCK_REPLY, "06-20 00:00");
	assert_int_equal(c.status, RXP_CLOCK_ENDED);
	assert_int_equal(c.off_ms, 1); /* it was overdue when it ended */
	assert_int_equal(c.actor, RXP_CASE_REQUESTED);
}

static void test_starts(void **unused)
{
	(void)unused;
	apply(P1, 0);
	t.profile.clocks[RXP_CLOCK_REPLY].start = RXP_START_RECEIPT;
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_RUNS, "06-15");
	t.profile.clocks[RXP_CLOCK_REPLY].start = RXP_START_HANDED_OVER;
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
	t.profile.clocks[RXP_CLOCK_REPLY].start = RXP_START_HANDED_OVER;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_FIND_INCOMPLETE, 0, "06-08 08:00");
	tell(Q, RXP_CASE_EVENT_SUPPLEMENT, P1, "06-09 08:00");
	reach = tell(D, RXP_CASE_EVENT_REACH_REQUESTED_DESK, 0, "06-10 08:00");
	assert_memory_equal(reach->about, t.story.docs[2].fingerprint, sizeof reach->about);
	assert_clock(1, RXP_CLOCK_REPLY, "06-11 00:00", RXP_CLOCK_RUNS, "06-18");
	memcpy(reach->about, t.story.docs[0].fingerprint, sizeof reach->about);
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
	case_times_set(&t, RXP_CLOCK_REPLY, 0, RXP_UNIT_AT_ONCE);
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_UNCOUNTED, "");
	assert_int_equal(
	    case_times_clock(&t, 1, RXP_CLOCK_REPLY, "06-08 00:00").due.outcome, RXP_DUE_AT_ONCE);
	t.moments[0].received_ms = 0; /* 1970: before the calendar's first version */
	case_times_set(&t, RXP_CLOCK_REPLY, 8, RXP_UNIT_CALENDAR_DAYS);
	assert_clock(1, RXP_CLOCK_REPLY, "06-08 00:00", RXP_CLOCK_NO_CALENDAR, "");
	t.moments[0].received_ms = RXP_MAX_TIME_MS;
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
	found = &t.moments[t.story.n - 1];
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
	story_mark(&t.story.docs[2], P1, TRAIT(PAUSED));
	assert_clock(1, RXP_CLOCK_REPLY, "06-12 00:00", RXP_CLOCK_RUNS, "06-17");
	case_times_effect(&t, RXP_DISTURBANCE_SUPPLEMENT, RXP_EFFECT_STOP);
	assert_clock(1, RXP_CLOCK_REPLY, "08-12 00:00", RXP_CLOCK_STANDS, NULL);
	assert_clock(2, RXP_CLOCK_REPLY, "06-12 00:00", RXP_CLOCK_RUNS, "06-17");
	tell(Q, RXP_CASE_EVENT_SUPPLEMENT, P1, "06-12 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-13 00:00", RXP_CLOCK_RUNS, "06-21");
	story_mark(&t.story.docs[2], P1, 0); /* the clock runs on */
	assert_clock(1, RXP_CLOCK_REPLY, "06-13 00:00", RXP_CLOCK_RUNS, "06-17");
}

static void test_a_pause_after_the_end_stops_nothing(void **unused)
{
	(void)unused;
	case_times_effect(&t, RXP_DISTURBANCE_SUPPLEMENT, RXP_EFFECT_STOP);
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	tell(D, RXP_CASE_EVENT_ASK_SUPPLEMENT, P1, "06-17 21:00");
	story_mark(&t.story.docs[2], P1, TRAIT(PAUSED));
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
		t.story.docs[2].due_day = base + cases[i].asked;
		t.moments[2].received_ms = case_times_ms(cases[i].received);
		assert_clock(1, RXP_CLOCK_REPLY, "06-16 09:00", RXP_CLOCK_RUNS, cases[i].last);
	}
	t.story.docs[2].due_day = base + 6;
	t.moments[2].received_ms = case_times_ms("06-16 08:00");
	t.profile.clocks[RXP_CLOCK_EXTENSION].consent = true;
	assert_clock(1, RXP_CLOCK_REPLY, "06-16 09:00", RXP_CLOCK_RUNS, "06-17");
}

/* Each working day can be reached, and the first that is not before the day asked for is. */
static void test_every_extension(void **unused)
{
	int32_t base;

	(void)unused;
	assert_int_equal(rxp_day_parse(&base, "2026-06-17"), 0);
	t.profile.clocks[RXP_CLOCK_EXTENSION].value = 60;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-09 08:00");
	tell(D, RXP_CASE_EVENT_EXTEND, 0, "06-16 08:00");
	for (int32_t day = base + 1; day < base + 60; day++) {
		int32_t want = day;

		while (rxp_calendar_kind(t.calendar, want) != RXP_DAY_WORKING)
			want++;
		t.story.docs[2].due_day = day;
		assert_int_equal(
		    case_times_clock(&t, 1, RXP_CLOCK_REPLY, "06-16 09:00").due.last_day, want);
	}
}

/* --- other clocks ---------------------------------------------------------------------------- */

static void test_interview(void **unused)
{
	(void)unused;
	apply(P1, TRAIT(INTERVIEW_ASKED));
	assert_clock(1, RXP_CLOCK_INTERVIEW, "06-08 00:00", RXP_CLOCK_RUNS, "06-14");
	tell(Q, RXP_CASE_EVENT_ARRANGE_INTERVIEW, P1, "06-09 00:00"); /* agreed */
	assert_clock(1, RXP_CLOCK_INTERVIEW, "06-10 00:00", RXP_CLOCK_RUNS, "06-14");
	tell(Q, RXP_CASE_EVENT_ARRANGE_INTERVIEW, P1, "06-09 00:00");
	story_mark(&t.story.docs[2], P1, TRAIT(INTERVIEW_CANCELLED));
	assert_clock(1, RXP_CLOCK_INTERVIEW, "06-10 00:00", RXP_CLOCK_ENDED, "06-14");
	tell(Q, RXP_CASE_EVENT_ARRANGE_INTERVIEW, P1, "06-10 08:00");
	story_mark(&t.story.docs[3], P1, TRAIT(INTERVIEW_ASKED));
	assert_clock(1, RXP_CLOCK_INTERVIEW, "06-11 00:00", RXP_CLOCK_RUNS, "06-17");
	tell(D, RXP_CASE_EVENT_REPORT_INTERVIEW, P1, "06-17 20:59");
	assert_clock(1, RXP_CLOCK_INTERVIEW, "06-20 00:00", RXP_CLOCK_MET, "06-17");
}

static void accept_them(uint32_t persons)
{
	apply(persons, 0);
	tell(D, RXP_CASE_EVENT_ACCEPT, persons, "06-08 08:00");
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

/* What the last document states. */
static void set_instant(const char *at)
{
	struct rxp_case_document *d = &t.story.docs[t.story.n - 1];

	for (unsigned i = 0; i < d->n_persons; i++)
		d->persons[i].at_ms = case_times_ms(at);
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
	assert_int_equal(case_times_clock(&t, 1, RXP_CLOCK_TRANSFER, "09-21 00:00").done_ms,
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
	story_mark(&t.story.docs[t.story.n - 1], P1, TRAIT(CHILD));
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
	story_mark(&t.story.docs[0], P1, TRAIT(ACCELERATED));
	story_mark(&t.story.docs[0], P2, TRAIT(THIRD_COUNTRY));
	assert_clock(1, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	set_instant("06-05 10:00");
	assert_clock(1, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00", RXP_CLOCK_MET, "06-07");
	assert_clock(1, RXP_CLOCK_TIME_BAR_OWN, "06-08 00:00", RXP_CLOCK_UNCOUNTED, NULL);
	assert_clock(1, RXP_CLOCK_TIME_BAR_THIRD_COUNTRY, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(2, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(2, RXP_CLOCK_TIME_BAR_OWN, "06-08 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(2, RXP_CLOCK_TIME_BAR_THIRD_COUNTRY, "06-08 00:00", RXP_CLOCK_MET, NULL);
	assert_int_equal(
	    case_times_clock(&t, 1, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00").due.due_ms,
	    case_times_ms("06-07 10:00"));
	set_instant("06-05 09:00");
	assert_clock(
	    1, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00", RXP_CLOCK_BROKEN, "06-07");
	set_instant("06-09 09:00"); /* later than its receipt: the receipt counts */
	assert_int_equal(
	    case_times_clock(&t, 1, RXP_CLOCK_ACCELERATED_APPLICATION, "06-08 00:00").due.start_ms,
	    case_times_ms("06-07 09:15"));
}

static void test_claims_of_an_error(void **unused)
{
	(void)unused;
	apply(BOTH, 0);
	story_mark(&t.story.docs[0], P2, TRAIT(THIRD_COUNTRY));
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

/* --- what is not there, what takes no effect ------------------------------------------------- */

/* D accepts both while Q withdraws P1: the withdrawal comes first. */
static void test_an_overtaken_document_does_nothing(void **unused)
{
	struct rxp_case_document *reply;

	(void)unused;
	apply(BOTH, 0);
	tell(Q, RXP_CASE_EVENT_WITHDRAW, P1, "06-08 08:00");
	reply = tell(D, RXP_CASE_EVENT_ACCEPT, BOTH, "06-08 09:00");
	memcpy(reply->seen, t.story.docs[0].fingerprint, sizeof reply->seen);
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_ENDED, NULL);
	assert_clock(1, RXP_CLOCK_TRANSFER, "06-09 00:00", RXP_CLOCK_IDLE, NULL);
	assert_clock(2, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_MET, NULL);
	assert_clock(2, RXP_CLOCK_TRANSFER, "06-09 00:00", RXP_CLOCK_RUNS, "09-08");
}

static void test_without_a_receipt(void **unused)
{
	(void)unused;
	tell(Q, RXP_CASE_EVENT_APPLY, P1, NULL);
	t.story.docs[0].in_doubt = true;
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_IDLE, NULL);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-08 08:00"); /* has seen it: it counts */
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_WAITS, NULL);
	assert_clock(1, RXP_CLOCK_REGISTRATION, "06-09 00:00", RXP_CLOCK_MET, NULL);
	t.moments[0].received_ms = case_times_ms("06-07 09:15");
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_RUNS, "06-16");
}

static void test_pending_attachments(void **unused)
{
	(void)unused;
	apply(P1, 0);
	tell(D, RXP_CASE_EVENT_REGISTER, 0, "06-08 08:00");
	t.moments[0].attachments_ms = RXP_DUE_NEVER;
	assert_clock(1, RXP_CLOCK_REPLY, "06-09 00:00", RXP_CLOCK_WAITS, NULL);
	t.moments[0].attachments_ms = case_times_ms("06-10 08:00");
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
	t.n_outages = 1;
	t.outages[0].from_ms = case_times_ms("06-17 08:00");
	t.outages[0].until_ms = case_times_ms("06-17 09:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-17 10:00", RXP_CLOCK_RUNS, "06-18");
	t.n_attempts[RXP_CASE_REQUESTING] = 1;
	t.attempts[RXP_CASE_REQUESTING][0] = tried(0, "06-18 08:00");
	tell(D, RXP_CASE_EVENT_REFUSE, P1, "06-20 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-21 00:00", RXP_CLOCK_BROKEN, "06-18");
	t.n_attempts[RXP_CASE_REQUESTED] = 1; /* of the one who must act … */
	t.attempts[RXP_CASE_REQUESTED][0] = tried(1, "06-18 08:00"); /* … with something else … */
	assert_clock(1, RXP_CLOCK_REPLY, "06-21 00:00", RXP_CLOCK_BROKEN, "06-18");
	t.attempts[RXP_CASE_REQUESTED][0] = tried(2, "06-18 08:00"); /* … and with the act */
	assert_clock(1, RXP_CLOCK_REPLY, "06-21 00:00", RXP_CLOCK_MET, "06-18");
	t.n_outages = RXP_MAX_DISTURBANCES - RXP_MAX_PAUSES + 1;
	{
		struct rxp_case *fold;
		struct rxp_case_times in = case_times_of(&t, &fold, "06-21 00:00");
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
	assert_int_equal(rxp_day_parse(&t.calendar->last_day, "2026-06-16"), 0);
	assert_clock(1, RXP_CLOCK_REPLY, "06-20 00:00", RXP_CLOCK_RUNS, "06-17");
	assert_true(case_times_clock(&t, 1, RXP_CLOCK_REPLY, "06-20 00:00").due.provisional);
	tell(D, RXP_CASE_EVENT_REFUSE, P1, "06-20 08:00");
	assert_clock(1, RXP_CLOCK_REPLY, "06-21 00:00", RXP_CLOCK_MET, "06-17");
}

static int set_up_library(void **unused)
{
	(void)unused;
	return rxp_init();
}

static int tear_down_library(void **unused)
{
	(void)unused;
	rxp_cleanup();
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
	    TEST(test_transit),
	    TEST(test_an_overtaken_document_does_nothing),
	    TEST(test_without_a_receipt),
	    TEST(test_pending_attachments),
	    TEST(test_disturbances),
	    TEST(test_nothing_follows_from_a_provisional_date),
	};

	return cmocka_run_group_tests_name("case_clock", tests, set_up_library, tear_down_library);
}
