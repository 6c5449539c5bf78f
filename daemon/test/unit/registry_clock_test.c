/*
 * Goals of the clocks of a case, with everything around the registry played:
 * - each flag of time reaches the receipt, and its twin on the right side of the time has none (RXP-FLG-001 to
 *   008); in a case whose profile the node does not hold nothing is said;
 * - what time bars is refused at the desk with its requirement, and again before it is sealed; its twin goes
 *   (RXP-FLG-009);
 * - the list of what is due has a case as soon as its documents say so, in the order of due instants, and no
 *   more when the act is there;
 * - a warning for us and what has passed are told once, also across a restart, and again for a new due instant;
 * - outages, attempts, and a calendar that comes later move clocks; attempts of another document do not;
 * - retention and statistics call late what the clocks do: the same outages and attempts count (RXP-RET-001,
 *   RXP-STA-008).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_terms_rig.h"

#include <time.h>

#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/retention/plan.h"
#include "daemon/registry/store/store_clock.h"
#include "daemon/registry/store/store_disturbance.h"

#define HOUR INT64_C(3600000)
#define REGISTRATION "Registration"
#define NOTIFICATION "TransferNotification"
#define DEEMED "DeemedAcceptance"
#define HANDED_OVER "HandedOver"
#define REMINDER "Reminder"

static struct db *db_of(struct world *w)
{
	return store_db(w->assembly->node.store);
}

/* A world whose node holds the profile as changed and both calendars. */
static void hold(struct world *w, const struct rxp_profile *p)
{
	const struct rxp_calendar ours = terms_rig_calendar(OWN), theirs = terms_rig_calendar(PEER);

	w->takes_all = true;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	terms_rig_take_profile(w, p);
	terms_rig_take_calendar(w, &ours);
	terms_rig_take_calendar(w, &theirs);
}

/* The reply within two days from receipt, and nothing else is counted unless a test says so. */
static struct rxp_profile two_days(void)
{
	struct rxp_profile p = terms_rig_profile();

	for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++)
		terms_rig_limit(&p, (enum rxp_clock)clock, 0, RXP_UNIT_NONE);
	terms_rig_limit(&p, RXP_CLOCK_REPLY, 2, RXP_UNIT_CALENDAR_DAYS);
	return p;
}

/* Our application of P1, receipted now. */
static struct fake_envelope asked(struct world *w, uint8_t case_id[16])
{
	uint8_t id[16];
	unsigned n = w->n_deliveries;

	case_accepted(
	    w, "key-of-application", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	return case_receipt(w, n + 1, id);
}

/* The peer's document of our case; its flags. */
static const char *flags_of(struct world *w, const struct fake_envelope *e)
{
	assert_int_equal(world_admit(w, e)->http_status, 200);
	return w->last_flags;
}

static struct fake_envelope reply_to(
    const uint8_t case_id[16], const struct fake_envelope *application)
{
	struct fake_envelope e = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 1, 1, application->fingerprint));

	case_seen(&e, application);
	return e;
}

/* --- flags --------------------------------------------------------------------------------------- */

static void check_reply_after(struct world *w, int64_t ms, const char *flags)
{
	struct rxp_profile p = two_days();
	struct fake_envelope application, reply;
	uint8_t case_id[16];

	hold(w, &p);
	application = asked(w, case_id);
	world_move_clock(w, ms);
	reply = reply_to(case_id, &application);
	assert_string_equal(flags_of(w, &reply), flags);
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
	application =
	    asked(w, case_id); /* under the profile of the specification: it has no limits */
	world_move_clock(w, 40 * DAY);
	reply = reply_to(case_id, &application);
	assert_string_equal(flags_of(w, &reply), "");
	case_show(w, case_id, &s);
	assert_int_equal(s.n_marks, 0);
	for (size_t i = 0; i < s.n_clocks; i++)
		assert_string_equal(s.clocks[i].status, "uncounted");
}

/* The due date in a Registration is ours, or it is flagged; the last day is that of receipt and two. */
static void check_due_day(struct world *w, int32_t days, bool covered, const char *flags)
{
	struct rxp_profile p = two_days();
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
	application = asked(w, case_id);
	e = case_document(1, case_id, REGISTRATION, 1,
	    case_facts_due("register", (uint32_t)(today + days), application.fingerprint));
	case_seen(&e, &application);
	assert_string_equal(flags_of(w, &e), flags);
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
	struct rxp_profile p = two_days();
	struct fake_envelope e;

	terms_rig_limit(&p, RXP_CLOCK_TRANSIT_NOTICE, 5, RXP_UNIT_CALENDAR_DAYS);
	hold(w, &p);
	e = case_document(1, their_case, "TransitApplication", 1,
	    case_facts_timed("ask-transit", clock_wall_ms() + ms, NULL));
	assert_string_equal(flags_of(w, &e), flags);
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
	struct fake_envelope application = asked(w, case_id);
	struct fake_envelope reply = reply_to(case_id, &application);

	assert_string_equal(flags_of(w, &reply), "");
	return application;
}

static void test_notice(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	int64_t now = clock_wall_ms();
	uint8_t case_id[16];

	terms_rig_limit(&p, RXP_CLOCK_NOTICE, 5, RXP_UNIT_CALENDAR_DAYS);
	hold(w, &p);
	accepted(w, case_id);
	offered(w, case_id, "key-1", NOTIFICATION,
	    case_facts_timed("notify-own-document", now + 3 * DAY, NULL),
	    "RXP-TRF-001: the transfer is planned before the notice ends");
	offered(w, case_id, "key-2", NOTIFICATION,
	    case_facts_timed("notify-own-document", now + 7 * DAY, NULL), "");
}

/* It was early enough when it was submitted, and is no more when it can be closed. */
static void test_notice_before_closing(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	const struct world_answer *a;
	struct rec_message_row row;
	struct facts f;
	uint8_t case_id[16], id[16];
	unsigned n;

	terms_rig_limit(&p, RXP_CLOCK_NOTICE, 5, RXP_UNIT_CALENDAR_DAYS);
	hold(w, &p);
	accepted(w, case_id);
	n = w->n_deliveries;
	f = case_facts_timed("notify-own-document", clock_wall_ms() + 7 * DAY, NULL);
	case_accepted(w, "key-1", case_id, REMINDER, case_facts_all("remind", NULL), id);
	case_delivered(w, n + 1); /* in doubt: the next one waits behind it */
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

/* The peer's application of P1, receipted now. */
static struct fake_envelope asks_us(struct world *w, uint8_t case_id[16])
{
	struct fake_envelope e =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));

	memcpy(case_id, their_case, 16);
	assert_string_equal(flags_of(w, &e), "");
	return e;
}

static void check_extension_after(struct world *w, int64_t ms, const char *words)
{
	struct rxp_profile p = two_days();
	struct rxp_calendar c = terms_rig_calendar(OWN);
	struct fake_envelope application;
	uint8_t case_id[16];

	terms_rig_limit(&p, RXP_CLOCK_EXTENSION, 6, RXP_UNIT_CALENDAR_DAYS);
	hold(w, &p);
	application = asks_us(w, case_id);
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
	struct rxp_profile p = two_days();
	uint8_t case_id[16], id[16];

	terms_rig_limit(&p, RXP_CLOCK_ERROR_OWN, limit_days, RXP_UNIT_CALENDAR_DAYS);
	hold(w, &p);
	asks_us(w, case_id);
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
	struct rxp_profile p = two_days();
	struct fake_envelope application, e;
	uint8_t case_id[16], id[16];

	terms_rig_limit(&p, RXP_CLOCK_REPLY, 5, RXP_UNIT_CALENDAR_DAYS);
	if (!consent)
		p.silences.n = 0;
	hold(w, &p);
	application = asked(w, case_id);
	e = case_document(1, case_id, HANDED_OVER, 1,
	    case_facts_all("reach-requested-desk", application.fingerprint));
	case_seen(&e, &application);
	assert_string_equal(flags_of(w, &e), "");
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

/* --- lists --------------------------------------------------------------------------------------- */

/* How many cases are due within so many seconds; the first of them, if there is one. */
static unsigned due_within(struct world *w, uint32_t s, struct rec_case_row *first)
{
	struct msg_list list = {.list = "due", .due_s = s};
	const struct world_answer *a = world_ask(w, IPC_list, &list);
	struct record_cursor c = {a->octets, a->len};
	struct rec_case_row row;
	struct bytes fields;
	unsigned n = 0;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(record_decode(&row, &record_case_row, fields.data, fields.len), 0);
		if (n++ == 0 && first != NULL)
			*first = row;
	}
	return n;
}

#define DAYS_S(n) ((n)*86400u)

static void test_due(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	struct fake_envelope application, reply;
	struct rec_case_row row;
	int32_t today = rxp_calendar_day(&c, clock_wall_ms());
	char day[RXP_DAY_TEXT], local[RECORD_NAME_MAX];
	uint8_t case_id[16];

	hold(w, &p);
	assert_int_equal(due_within(w, DAYS_S(300), NULL), 0);
	application = asked(w, case_id);
	assert_int_equal(due_within(w, DAYS_S(3), &row), 1);
	assert_int_equal(due_within(w, DAYS_S(1), NULL), 0);
	assert_int_equal(due_within(w, 0, NULL), 0);
	assert_memory_equal(row.case_id, case_id, 16);
	assert_string_equal(row.clock, "reply");
	assert_string_equal(row.actor, "peer");
	assert_true(row.due_ms == rxp_calendar_day_end(&c, today + 2));
	rxp_day_text(day, today + 2);
	snprintf(local, sizeof local, "%s 24:00 %s", day, PEER);
	assert_string_equal(row.due_local, local);
	world_restart(w);
	world_move_clock(w, 4 * DAY);
	assert_int_equal(due_within(w, 0, NULL), 1);
	reply = reply_to(case_id, &application);
	assert_string_equal(flags_of(w, &reply), "late");
	assert_int_equal(due_within(w, DAYS_S(300), NULL), 0);
}

/* Two cases, the later one first in the order of ids at times: pages follow the due instants. */
static void test_due_in_order(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	struct msg_list list = {.list = "due", .due_s = DAYS_S(30), .limit = 1};
	struct rec_case_row row;
	const struct world_answer *a;
	struct record_cursor c;
	struct bytes fields;
	uint8_t cases[3][16], id[16];
	char key[8];
	uint16_t tag;

	hold(w, &p);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(key, sizeof key, "key-%u", i);
		case_accepted(w, key, cases[i], APPLICATION, case_facts("apply", 1, 1, NULL), id);
		case_receipt(w, i + 1, id);
		world_move_clock(w, (i + 1) * DAY);
	}
	for (unsigned i = 0; i < 3; i++) {
		a = world_ask(w, IPC_list, &list);
		assert_int_equal(a->result, 0);
		assert_int_equal(a->more, i < 2);
		c = (struct record_cursor){a->octets, a->len};
		assert_int_equal(record_list_next(&c, &tag, &fields), 1);
		assert_int_equal(record_decode(&row, &record_case_row, fields.data, fields.len), 0);
		assert_memory_equal(row.case_id, cases[i], 16);
		memcpy(list.after, row.case_id, 16);
	}
}

/* --- what is told -------------------------------------------------------------------------------- */

/* Of the first clock of our case, after the tick has found that there is nothing more to look at. */
static enum store_clock_said said_of(struct world *w, const uint8_t case_id[16])
{
	struct store_clock_case look;
	struct store_clock c;

	for (unsigned rounds = 0; rounds < 100; rounds++) {
		clocks_tick(w->assembly->clocks);
		due_within(w, 0, NULL); /* a round of the loop */
		if (store_clock_looks(db_of(w), &look, 1, clock_wall_ms()) == 0)
			break;
	}
	assert_int_equal(store_clock_looks(db_of(w), &look, 1, clock_wall_ms()), 0);
	assert_int_equal(store_clock_first(db_of(w), &c, PEER, case_id), 0);
	return c.said;
}

/* The log goes to a file of its own, whose lines of an event are counted. */
static int log_begin(int *saved)
{
	int fd = memfd_create("log", 0);

	assert_true(fd >= 0);
	*saved = dup(STDERR_FILENO);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	return fd;
}

static unsigned log_end(int fd, int saved, const char *event)
{
	static char text[64UL * 1024];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	unsigned count = 0;

	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	close(fd);
	assert_true(n >= 0 && (size_t)n < sizeof text - 1);
	text[n] = '\0';
	for (const char *at = text; (at = strstr(at, event)) != NULL; at++)
		count++;
	return count;
}

static int look_at_all(void *arg, struct db *db)
{
	(void)arg;
	return clocks_stale(db, "");
}

static void ignore(void *arg, int result)
{
	(void)arg;
	assert_int_equal(result, 0);
}

/* What was told is not told again when all is computed anew. */
static void test_told_once_if_stale(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	struct store_item item = {.apply = look_at_all, .done = ignore};
	uint8_t case_id[16];
	int fd, saved;

	hold(w, &p);
	asks_us(w, case_id);
	world_move_clock(w, 4 * DAY);
	fd = log_begin(&saved);
	for (unsigned i = 0; i < 3; i++) {
		store_submit(w->assembly->node.store, &item);
		due_within(w, 0, NULL);
		assert_int_equal(said_of(w, case_id), STORE_CLOCK_TOLD);
	}
	assert_int_equal(log_end(fd, saved, "\"clock_passed\""), 1);
}

static void test_told_once(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	struct shown s;
	uint8_t case_id[16];

	terms_rig_limit(&p, RXP_CLOCK_REPLY, 9, RXP_UNIT_CALENDAR_DAYS);
	hold(w, &p);
	asks_us(w, case_id);
	assert_int_equal(said_of(w, case_id), STORE_CLOCK_NOTHING);
	world_move_clock(w, 7 * DAY); /* 72 hours before, and two to four days of them are left */
	assert_int_equal(said_of(w, case_id), STORE_CLOCK_WARNED);
	world_restart(w);
	assert_int_equal(said_of(w, case_id), STORE_CLOCK_WARNED);
	case_show(w, case_id, &s);
	assert_int_equal(s.n_marks, 1);
	assert_string_equal(s.marks[0].kind, "warning");
	assert_string_equal(s.marks[0].actor, OWN);
	world_move_clock(w, 11 * DAY);
	assert_int_equal(said_of(w, case_id), STORE_CLOCK_TOLD);
	world_restart(w);
	assert_int_equal(said_of(w, case_id), STORE_CLOCK_TOLD);
	case_show(w, case_id, &s);
	assert_int_equal(s.n_marks, 2);
	assert_string_equal(s.marks[1].kind, "passed");
	assert_string_equal(s.marks[1].status, "past");
}

/* What the other State must do is told when it has passed, and not before. */
static void test_no_warning_of_theirs(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	uint8_t case_id[16];

	hold(w, &p);
	asked(w, case_id);
	assert_int_equal(said_of(w, case_id), STORE_CLOCK_NOTHING);
	world_move_clock(w, 2 * DAY);
	assert_int_equal(said_of(w, case_id), STORE_CLOCK_NOTHING);
	world_move_clock(w, 4 * DAY);
	assert_int_equal(said_of(w, case_id), STORE_CLOCK_TOLD);
}

/* --- what moves a clock -------------------------------------------------------------------------- */

static int64_t due_of(struct world *w, const uint8_t case_id[16])
{
	struct store_clock c;

	said_of(w, case_id);
	assert_int_equal(store_clock_first(db_of(w), &c, PEER, case_id), 0);
	return c.due_ms;
}

static int put_outage(void *arg, struct db *db)
{
	return store_outage_put(db, arg);
}

static void test_outage(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	int64_t end = rxp_calendar_day_end(&c, rxp_calendar_day(&c, clock_wall_ms()) + 2);
	struct store_outage o = {
	    .peer = PEER, .from_ms = end - 2 * HOUR, .until_ms = end - HOUR, .outage_id = {1}};
	struct store_item item = {.apply = put_outage, .done = ignore, .arg = &o};
	uint8_t case_id[16];

	hold(w, &p);
	asked(w, case_id);
	world_move_clock(
	    w, end - HOUR / 2 - clock_wall_ms()); /* after the outage, and before it is due */
	assert_true(due_of(w, case_id) == end);
	o.until_ms = o.from_ms; /* an empty one */
	store_submit(w->assembly->node.store, &item);
	assert_true(due_of(w, case_id) == end);
	o.until_ms = o.from_ms + HOUR;
	store_submit(w->assembly->node.store, &item);
	assert_true(due_of(w, case_id) == end + DAY);
}

/* When the acceptance of P1 lapsed; 0 if it did not. */
static int64_t lapse_of(struct world *w, const uint8_t case_id[16])
{
	struct store_case row;
	struct plan p;
	int64_t ended_ms;

	assert_int_equal(store_case_first(db_of(w), &row, case_id), 0);
	assert_int_equal(
	    plan_make(&p, &w->assembly->node, w->assembly->terms, db_of(w), &row, clock_wall_ms()),
	    0);
	ended_ms = p.persons[0].after == RXP_RETAINED_LAPSED ? p.persons[0].ended_ms : 0;
	plan_clear(&p);
	return ended_ms;
}

static void test_outage_moves_the_lapse(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	int64_t end = rxp_calendar_day_end(&c, rxp_calendar_day(&c, clock_wall_ms()) + 2);
	struct store_outage o = {
	    .peer = PEER, .from_ms = end - 2 * HOUR, .until_ms = end - HOUR, .outage_id = {1}};
	struct store_item item = {.apply = put_outage, .done = ignore, .arg = &o};
	struct fake_envelope application, reply;
	uint8_t case_id[16];

	terms_rig_limit(&p, RXP_CLOCK_TRANSFER, 2, RXP_UNIT_CALENDAR_DAYS);
	hold(w, &p);
	application = asked(w, case_id);
	reply = reply_to(case_id, &application);
	assert_string_equal(flags_of(w, &reply), "");
	world_move_clock(w, 5 * DAY);
	assert_true(lapse_of(w, case_id) == end);
	store_submit(w->assembly->node.store, &item);
	said_of(w, case_id);
	assert_true(lapse_of(w, case_id) == end + DAY);
}

/* What the statistics of the quarter of an instant count. */
static uint64_t counted(struct world *w, int64_t at_ms, const char *counter)
{
	struct msg_statistics_count m = {.peer = PEER};
	time_t at = (time_t)(at_ms / 1000);
	const struct world_answer *a;
	struct rec_statistic_row row;
	struct record_cursor c;
	struct bytes fields;
	uint64_t n = 0;
	uint16_t tag;
	struct tm utc;

	assert_non_null(gmtime_r(&at, &utc));
	snprintf(m.period, sizeof m.period, "%04d-Q%d", utc.tm_year + 1900, utc.tm_mon / 3 + 1);
	a = world_ask(w, IPC_statistics_count, &m);
	assert_int_equal(a->result, 0);
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&row, &record_statistic_row, fields.data, fields.len), 0);
		n += strcmp(row.counter, counter) == 0 ? row.count : 0;
	}
	return n;
}

static int64_t received(const struct shown *s, const char *type)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->timeline[i].type, type) == 0)
			return (int64_t)s->timeline[i].received_ms;
	return 0;
}

/* Our reply gets no answer until it is late: that attempt keeps the limit, another document's does not. */
static void check_attempt(struct world *w, bool with_reply, const char *status)
{
	struct rxp_profile p = two_days();
	struct fake_envelope application;
	struct rec_message_row row;
	struct shown s;
	uint8_t case_id[16], id[16], reply[16];

	hold(w, &p);
	application = asks_us(w, case_id);
	if (!with_reply)
		case_accepted(w, "key-1", case_id, REGISTRATION,
		    case_facts_all("register", application.fingerprint), id);
	case_accepted(
	    w, "key-2", case_id, REPLY, case_facts("accept", 1, 1, application.fingerprint), reply);
	world_deliver_fault(w, case_delivered(w, 1));
	world_until_state(w, with_reply ? reply : id, "in-doubt", &row);
	world_move_clock(w, 4 * DAY);
	world_restart(w);
	case_receipt(w, 1, with_reply ? reply : id);
	if (!with_reply)
		case_receipt(w, 2, reply);
	case_show(w, case_id, &s);
	for (size_t i = 0; i < s.n_clocks; i++)
		if (strcmp(s.clocks[i].clock, "reply") == 0)
			assert_string_equal(s.clocks[i].status, status);
	assert_int_equal(counted(w, received(&s, REPLY), "accepted-in-time"), with_reply);
	assert_int_equal(counted(w, received(&s, REPLY), "accepted-late"), !with_reply);
}

static void test_attempt_keeps_the_limit(void **state)
{
	check_attempt(*state, true, "met");
}

static void test_attempt_of_something_else(void **state)
{
	check_attempt(*state, false, "broken");
}

static void test_calendar_comes_later(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	struct shown s;
	uint8_t case_id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	terms_rig_take_profile(w, &p);
	asked(w, case_id);
	assert_int_equal(due_within(w, DAYS_S(30), NULL), 0);
	case_show(w, case_id, &s);
	assert_string_equal(s.clocks[0].status, "no-calendar");
	terms_rig_take_calendar(w, &c);
	assert_true(due_of(w, case_id) != RXP_DUE_NEVER);
	assert_int_equal(due_within(w, DAYS_S(30), NULL), 1);
}

static void test_steps(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = two_days();
	struct shown s;
	uint8_t case_id[16];

	hold(w, &p);
	asked(w, case_id);
	case_show(w, case_id, &s);
	assert_int_equal(s.n_steps, 0);
	case_show_steps(w, case_id, &s);
	assert_true(s.n_steps >= 2);
	assert_string_equal(s.clocks[0].unit, "calendar-days");
	assert_string_equal(s.clocks[0].source, "X");
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
	    TEST(test_extension_in_time),
	    TEST(test_extension_late),
	    TEST(test_claim_in_time),
	    TEST(test_claim_barred),
	    TEST(test_silence),
	    TEST(test_silence_early),
	    TEST(test_silence_means_nothing),
	    TEST(test_due),
	    TEST(test_due_in_order),
	    TEST(test_told_once),
	    TEST(test_told_once_if_stale),
	    TEST(test_no_warning_of_theirs),
	    TEST(test_outage),
	    TEST(test_outage_moves_the_lapse),
	    TEST(test_attempt_keeps_the_limit),
	    TEST(test_attempt_of_something_else),
	    TEST(test_calendar_comes_later),
	    TEST(test_steps),
	};

	return cmocka_run_group_tests(tests, terms_rig_read, NULL);
}
