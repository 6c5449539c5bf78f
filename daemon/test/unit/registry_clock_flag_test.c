/*
 * Goals of what the clocks of a case say of its documents, with everything around the registry played:
 * - each flag of time reaches the receipt, and its twin on the right side of the time has none (RXP-FLG-001 to
 *   008); in a case whose profile the node does not hold nothing is said;
 * - what time bars is refused at the desk with its requirement, and again before it is sealed; its twin goes
 *   (RXP-FLG-009).
 * Lists, warnings and what moves a clock are registry_clock_test.c's.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_clock_rig.h"

#define REGISTRATION "Registration"
#define NOTIFICATION "TransferNotification"
#define DEEMED "DeemedAcceptance"
#define HANDED_OVER "HandedOver"
#define REMINDER "Reminder"

/* --- flags --------------------------------------------------------------------------------------- */

static void check_reply_after(struct world *w, int64_t ms, const char *flags)
{
	struct rxp_profile p = clock_rig_two_days();
	struct fake_envelope application, reply;
	uint8_t case_id[16];

	clock_rig_hold(w, &p);
	application = clock_rig_asked(w, case_id);
	world_move_clock(w, ms);
	reply = clock_rig_reply(case_id, &application);
	assert_string_equal(clock_rig_flags(w, &reply), flags);
}

static void test_late(void **state)
{
	check_reply_after(*state, 4 * DAY, "late");
}

static void test_in_time(void **state)
{
	check_reply_after(*state, DAY, "");
}

static void test_nothing_without_a_profile(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, reply;
	struct shown s;
	uint8_t case_id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	application = clock_rig_asked(
	    w, case_id); /* under the profile of the specification: it has no limits */
	world_move_clock(w, 40 * DAY);
	reply = clock_rig_reply(case_id, &application);
	assert_string_equal(clock_rig_flags(w, &reply), "");
	case_show(w, case_id, &s);
	assert_int_equal(s.n_marks, 0);
	for (size_t i = 0; i < s.n_clocks; i++)
		assert_string_equal(s.clocks[i].status, "uncounted");
}

/* The due date in a Registration is ours, or it is flagged; the last day is that of receipt and two. */
static void check_due_day(struct world *w, int32_t days, bool covered, const char *flags)
{
	struct rxp_profile p = clock_rig_two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	struct fake_envelope application, e;
	uint8_t case_id[16];
	int32_t today = rxp_calendar_day(&c, clock_wall_ms());

	c.first_day = 0;
	if (!covered)
		c.last_day = today + 1;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	terms_rig_take_profile(w, &p);
	terms_rig_take_calendar(w, &c);
	application = clock_rig_asked(w, case_id);
	e = case_document(1, case_id, REGISTRATION, 1,
	    case_facts_due("register", (uint32_t)(today + days), application.fingerprint));
	case_seen(&e, &application);
	assert_string_equal(clock_rig_flags(w, &e), flags);
}

static void test_due_is_the_same(void **state)
{
	check_due_day(*state, 2, true, "");
}

static void test_due_differs(void **state)
{
	check_due_day(*state, 3, true, "due-differs");
}

static void test_provisional(void **state)
{
	check_due_day(*state, 3, false, "provisional");
}

/* The document that opens a case plans what it gives notice of. */
static void check_transit_in(struct world *w, int64_t ms, const char *flags)
{
	struct rxp_profile p = clock_rig_two_days();
	struct fake_envelope e;

	terms_rig_limit(&p, RXP_CLOCK_TRANSIT_NOTICE, 5, RXP_UNIT_CALENDAR_DAYS);
	clock_rig_hold(w, &p);
	e = case_document(1, their_case, "TransitApplication", 1,
	    case_facts_timed("ask-transit", clock_wall_ms() + ms, NULL));
	assert_string_equal(clock_rig_flags(w, &e), flags);
}

static void test_early(void **state)
{
	check_transit_in(*state, 3 * DAY, "early");
}

static void test_not_early(void **state)
{
	check_transit_in(*state, 7 * DAY, "");
}

/* --- bars ---------------------------------------------------------------------------------------- */

/* The desk is refused with the words, and nothing is queued; with none, it is taken. */
static void offered(struct world *w, uint8_t case_id[16], const char *key, const char *type,
    struct facts f, const char *words)
{
	const struct world_answer *a = case_submit(w, key, case_id, type, &f);

	assert_string_equal(a->words, words);
	assert_int_equal((int)a->result, words[0] == '\0' ? 0 : RXP_ERR_NOT_ACCEPTABLE);
}

/* Our case in which P1 is accepted. */
static struct fake_envelope accepted(struct world *w, uint8_t case_id[16])
{
	struct fake_envelope application = clock_rig_asked(w, case_id);
	struct fake_envelope reply = clock_rig_reply(case_id, &application);

	assert_string_equal(clock_rig_flags(w, &reply), "");
	return application;
}

static void test_notice(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	int64_t now = clock_wall_ms();
	uint8_t case_id[16];

	terms_rig_limit(&p, RXP_CLOCK_NOTICE, 5, RXP_UNIT_CALENDAR_DAYS);
	clock_rig_hold(w, &p);
	accepted(w, case_id);
	offered(w, case_id, "key-1", NOTIFICATION,
	    case_facts_timed("notify-own-document", now + 3 * DAY, NULL),
	    "RXP-TRF-001: the transfer is planned before the notice ends");
	offered(w, case_id, "key-2", NOTIFICATION,
	    case_facts_timed("notify-own-document", now + 7 * DAY, NULL), "");
}

/* Accepted for ten days; nothing else is counted. */
static void check_notified_for(struct world *w, int64_t days, const char *words)
{
	struct rxp_profile p = clock_rig_two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	int64_t now = clock_wall_ms();
	int32_t last = rxp_calendar_day(&c, now) + 10;
	struct fake_envelope application, reply;
	struct rec_case_row row;
	uint8_t case_id[16];

	clock_rig_hold(w, &p);
	application = clock_rig_asked(w, case_id);
	reply = case_document(1, case_id, REPLY, 1,
	    case_facts_until("accept", (uint32_t)last, application.fingerprint));
	case_seen(&reply, &application);
	assert_string_equal(clock_rig_flags(w, &reply), "");
	assert_int_equal(clock_rig_due(w, DAYS_S(12), &row), 1);
	assert_string_equal(row.clock, "consent-validity");
	assert_string_equal(row.actor, "own");
	assert_true(row.due_ms == rxp_calendar_day_end(&c, last));
	offered(w, case_id, "key-1", NOTIFICATION,
	    case_facts_timed("notify-own-document", now + days * DAY, NULL), words);
}

static void test_notified_while_accepted(void **state)
{
	check_notified_for(*state, 9, "");
}

static void test_notified_after_the_acceptance(void **state)
{
	check_notified_for(
	    *state, 11, "RXP-TRF-018: the transfer is planned after the acceptance ends");
}

/* The same of a notification that comes to us. */
static void check_notified_us_for(struct world *w, int64_t days, const char *flags)
{
	struct rxp_profile p = clock_rig_two_days();
	struct rxp_calendar c = terms_rig_calendar(OWN);
	int64_t now = clock_wall_ms();
	struct fake_envelope application, reply, e;
	uint8_t case_id[16], id[16];

	clock_rig_hold(w, &p);
	application = clock_rig_asks_us(w, case_id);
	case_accepted(w, "key-1", case_id, REPLY,
	    case_facts_until(
		"accept", (uint32_t)rxp_calendar_day(&c, now) + 10, application.fingerprint),
	    id);
	reply = case_receipt(w, 1, id);
	e = case_document(2, case_id, NOTIFICATION, 2,
	    case_facts_timed("notify-own-document", now + days * DAY, NULL));
	case_previous(&e, &application);
	case_seen(&e, &reply);
	assert_string_equal(clock_rig_flags(w, &e), flags);
}

static void test_notified_us_while_accepted(void **state)
{
	check_notified_us_for(*state, 9, "");
}

static void test_notified_us_after_the_acceptance(void **state)
{
	check_notified_us_for(*state, 11, "late");
}

/* It was early enough when it was submitted, and is no more when it can be closed. */
static void test_notice_before_closing(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	const struct world_answer *a;
	struct rec_message_row row;
	struct facts f;
	uint8_t case_id[16], id[16];
	unsigned n;

	terms_rig_limit(&p, RXP_CLOCK_NOTICE, 5, RXP_UNIT_CALENDAR_DAYS);
	clock_rig_hold(w, &p);
	accepted(w, case_id);
	n = w->n_deliveries;
	f = case_facts_timed("notify-own-document", clock_wall_ms() + 7 * DAY, NULL);
	case_accepted(w, "key-1", case_id, REMINDER, case_facts_all("remind", NULL), id);
	world_delivered(w, n + 1); /* in doubt: the next one waits behind it */
	a = case_submit(w, "key-2", case_id, NOTIFICATION, &f);
	assert_string_equal(a->words, "");
	memcpy(id, a->id, sizeof id);
	world_move_clock(w, 3 * DAY);
	case_receipt(w, n + 1, NULL);
	world_until_state(w, id, "refused", &row);
	assert_string_equal(
	    row.last_error, "RXP-TRF-001: the transfer is planned before the notice ends");
	assert_int_equal(w->n_deliveries, n + 1);
}

static void check_extension_after(struct world *w, int64_t ms, const char *words)
{
	struct rxp_profile p = clock_rig_two_days();
	struct rxp_calendar c = terms_rig_calendar(OWN);
	struct fake_envelope application;
	uint8_t case_id[16];

	terms_rig_limit(&p, RXP_CLOCK_EXTENSION, 6, RXP_UNIT_CALENDAR_DAYS);
	clock_rig_hold(w, &p);
	application = clock_rig_asks_us(w, case_id);
	world_move_clock(w, ms);
	offered(w, case_id, "key-1", EXTENSION,
	    case_facts_due("extend", (uint32_t)rxp_calendar_day(&c, clock_wall_ms()) + 2,
		application.fingerprint),
	    words);
}

static void test_extension_in_time(void **state)
{
	check_extension_after(*state, DAY, "");
}

static void test_extension_late(void **state)
{
	check_extension_after(*state, 4 * DAY, "RXP-EXT-001: the time for the reply has run out");
}

/* P1 arrived with us; nine days later we say that it was an error. */
static void check_claim(struct world *w, uint32_t limit_days, const char *words)
{
	struct rxp_profile p = clock_rig_two_days();
	uint8_t case_id[16], id[16];

	terms_rig_limit(&p, RXP_CLOCK_ERROR_OWN, limit_days, RXP_UNIT_CALENDAR_DAYS);
	clock_rig_hold(w, &p);
	clock_rig_asks_us(w, case_id);
	case_accepted(
	    w, "key-1", case_id, RECORD, case_facts_timed("arrive", clock_wall_ms(), NULL), id);
	case_receipt(w, 1, id);
	world_move_clock(w, 9 * DAY);
	offered(
	    w, case_id, "key-2", "TakeBackRequest", case_facts("claim-error", 1, 1, NULL), words);
}

static void test_claim_in_time(void **state)
{
	check_claim(*state, 30, "");
}

static void test_claim_barred(void **state)
{
	check_claim(*state, 7, "RXP-TKB-009: the time for this claim has run out");
}

/* Our case, registered at their desk, reminded of, and so many days old: we claim the acceptance. */
static void check_silence(struct world *w, int64_t days, bool consent, const char *words)
{
	struct rxp_profile p = clock_rig_two_days();
	struct fake_envelope application, e;
	uint8_t case_id[16], id[16];

	terms_rig_limit(&p, RXP_CLOCK_REPLY, 5, RXP_UNIT_CALENDAR_DAYS);
	if (!consent)
		p.silences.n = 0;
	clock_rig_hold(w, &p);
	application = clock_rig_asked(w, case_id);
	e = case_document(1, case_id, HANDED_OVER, 1,
	    case_facts_all("reach-requested-desk", application.fingerprint));
	case_seen(&e, &application);
	assert_string_equal(clock_rig_flags(w, &e), "");
	case_accepted(w, "key-2", case_id, REMINDER, case_facts_all("remind-reply", NULL), id);
	case_receipt(w, 2, id);
	world_move_clock(w, days * DAY);
	offered(
	    w, case_id, "key-3", DEEMED, case_facts("deem", 1, 1, application.fingerprint), words);
}

static void test_silence(void **state)
{
	check_silence(*state, 7, true, "");
}

static void test_silence_early(void **state)
{
	check_silence(*state, 3, true, "RXP-DEE-008: silence does not speak now, or not yet");
}

static void test_silence_means_nothing(void **state)
{
	check_silence(*state, 7, false, "RXP-PRF-011: silence is no consent for this person");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_late),
	    TEST(test_in_time),
	    TEST(test_nothing_without_a_profile),
	    TEST(test_due_is_the_same),
	    TEST(test_due_differs),
	    TEST(test_provisional),
	    TEST(test_early),
	    TEST(test_not_early),
	    TEST(test_notice),
	    TEST(test_notice_before_closing),
	    TEST(test_notified_while_accepted),
	    TEST(test_notified_after_the_acceptance),
	    TEST(test_notified_us_while_accepted),
	    TEST(test_notified_us_after_the_acceptance),
	    TEST(test_extension_in_time),
	    TEST(test_extension_late),
	    TEST(test_claim_in_time),
	    TEST(test_claim_barred),
	    TEST(test_silence),
	    TEST(test_silence_early),
	    TEST(test_silence_means_nothing),
	};

	return cmocka_run_group_tests(tests, terms_rig_read, NULL);
}
