/*
 * Goals of what moves a clock, with everything around the registry played:
 * - outages, attempts, and a calendar that comes later move clocks; attempts of another document do not;
 * - the outages of each side count, however many the other declares and for whenever (RXP-CLK-047);
 * - what is said of an outage again moves nothing, and has no case looked at anew (RXP-NOT-011);
 * - retention and statistics call late what the clocks do: the same outages and attempts count (RXP-RET-001,
 *   RXP-STA-008).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_clock_rig.h"

#include <time.h>

#include "daemon/registry/retention/plan.h"
#include "daemon/registry/store/store_disturbance.h"

#define HOUR INT64_C(3600000)
#define REGISTRATION "Registration"

static void ignore(void *arg, int result)
{
	(void)arg;
	assert_int_equal(result, 0);
}

static int64_t due_of(struct world *w, const uint8_t case_id[16])
{
	struct store_clock c;

	clock_rig_said(w, case_id);
	assert_int_equal(store_clock_first(clock_rig_db(w), &c, PEER, case_id), 0);
	return c.due_ms;
}

static int put_outage(void *arg, struct db *db)
{
	return store_outage_put(db, arg);
}

static void test_outage(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	int64_t end = rxp_calendar_day_end(&c, rxp_calendar_day(&c, clock_wall_ms()) + 2);
	struct store_outage o = {
	    .peer = PEER, .from_ms = end - 2 * HOUR, .until_ms = end - HOUR, .outage_id = {1}};
	struct store_item item = {.apply = put_outage, .done = ignore, .arg = &o};
	uint8_t case_id[16];

	clock_rig_hold(w, &p);
	clock_rig_asked(w, case_id);
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

struct many {
	struct store_outage o; /* the first of them, the earliest */
	unsigned n;
	int64_t apart_ms;
};

static int put_many(void *arg, struct db *db)
{
	const struct many *m = arg;
	struct store_outage o = m->o;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < m->n; i++) {
		o.outage_id[0] = (uint8_t)i;
		rc = store_outage_put(db, &o);
		o.from_ms += m->apart_ms;
		o.until_ms = m->o.until_ms != RXP_DUE_NEVER ? o.from_ms : RXP_DUE_NEVER;
	}
	return rc;
}

static void put_all(struct world *w, struct many m)
{
	struct store_item item = {.apply = put_many, .done = ignore, .arg = &m};

	store_submit(w->assembly->node.store, &item);
	pump_for(w->loop, 20);
}

/* Ours moves the due date by a day, and so many of the peer are later; then so many of ours. */
static void test_outages_of_each_side(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	int64_t end = rxp_calendar_day_end(&c, rxp_calendar_day(&c, clock_wall_ms()) + 2);
	struct store_outage ours = {.peer = PEER,
	    .own = true,
	    .from_ms = end - 2 * HOUR,
	    .until_ms = end - HOUR,
	    .outage_id = {0xff}};
	struct store_outage later = {
	    .peer = PEER, .from_ms = end - HOUR + 1, .until_ms = end - HOUR + 1};
	uint8_t case_id[16];

	clock_rig_hold(w, &p);
	clock_rig_asked(w, case_id);
	world_move_clock(w, end - HOUR / 2 - clock_wall_ms());
	put_all(w, (struct many){.o = ours, .n = 1});
	assert_true(due_of(w, case_id) == end + DAY);
	put_all(w, (struct many){.o = later, .n = 2 * RXP_MAX_SIDE_OUTAGES, .apart_ms = 1});
	assert_true(due_of(w, case_id) == end + DAY);
	/* One that is to come takes no place. */
	later.own = true;
	later.outage_id[1] = 1;
	later.from_ms = end + 30 * DAY;
	later.until_ms = RXP_DUE_NEVER;
	put_all(w, (struct many){.o = later, .n = RXP_MAX_SIDE_OUTAGES, .apart_ms = 1});
	assert_true(due_of(w, case_id) == end + DAY);
	/* The last place of its own side, and none. */
	later.outage_id[1] = 2;
	later.from_ms = later.until_ms = end - HOUR + 1;
	put_all(w, (struct many){.o = later, .n = RXP_MAX_SIDE_OUTAGES - 1, .apart_ms = 1});
	assert_true(due_of(w, case_id) == end + DAY);
	later.outage_id[1] = 3;
	put_all(w, (struct many){.o = later, .n = 1});
	assert_true(due_of(w, case_id) == end);
}

/* How many cases this has looked at anew; they are looked at then. */
static int looks_after(struct db *db, const struct store_outage *o)
{
	struct store_clock_case c;
	int n;

	assert_int_equal(store_outage_put(db, o), 0);
	n = store_clock_looks(db, &c, 1, 0);
	if (n == 1)
		assert_int_equal(store_clock_looked(db, &c, RXP_DUE_NEVER), 0);
	return n;
}

static int put_again(void *arg, struct db *db)
{
	struct store_outage o = *(const struct store_outage *)arg, known;

	assert_int_equal(looks_after(db, &o), 1);
	assert_int_equal(looks_after(db, &o), 0);
	o.from_ms++;
	assert_int_equal(looks_after(db, &o), 1);
	o.until_ms = 0;
	assert_int_equal(looks_after(db, &o), 1);
	assert_int_equal(looks_after(db, &o), 0);
	/* The first instant of all is an end like every other. */
	assert_int_equal(store_outage_get(db, &known, o.peer, false, o.outage_id), 0);
	assert_int_equal(known.until_ms, 0);
	return 0;
}

static void test_outage_said_again(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct store_outage o = {.peer = PEER, .from_ms = 1000, .until_ms = RXP_DUE_NEVER};
	struct store_item item = {.apply = put_again, .done = ignore, .arg = &o};
	uint8_t case_id[16];

	clock_rig_hold(w, &p);
	clock_rig_asked(w, case_id);
	pump_for(w->loop, 20); /* what the case itself planned is done */
	store_submit(w->assembly->node.store, &item);
	pump_for(w->loop, 20);
}

/* When the acceptance of P1 lapsed; 0 if it did not. */
static int64_t lapse_of(struct world *w, const uint8_t case_id[16])
{
	struct store_case row;
	struct plan p;
	int64_t ended_ms;

	assert_int_equal(store_case_get(clock_rig_db(w), &row, PEER, case_id), 0);
	assert_int_equal(plan_make(&p, &w->assembly->node, w->assembly->terms, clock_rig_db(w),
			     &row, clock_wall_ms()),
	    0);
	ended_ms = p.persons[0].after == RXP_RETAINED_LAPSED ? p.persons[0].ended_ms : 0;
	plan_clear(&p);
	return ended_ms;
}

static void test_outage_moves_the_lapse(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	int64_t end = rxp_calendar_day_end(&c, rxp_calendar_day(&c, clock_wall_ms()) + 2);
	struct store_outage o = {
	    .peer = PEER, .from_ms = end - 2 * HOUR, .until_ms = end - HOUR, .outage_id = {1}};
	struct store_item item = {.apply = put_outage, .done = ignore, .arg = &o};
	struct fake_envelope application, reply;
	uint8_t case_id[16];

	terms_rig_limit(&p, RXP_CLOCK_TRANSFER, 2, RXP_UNIT_CALENDAR_DAYS);
	clock_rig_hold(w, &p);
	application = clock_rig_asked(w, case_id);
	reply = clock_rig_reply(case_id, &application);
	assert_string_equal(clock_rig_flags(w, &reply), "");
	world_move_clock(w, 5 * DAY);
	assert_true(lapse_of(w, case_id) == end);
	store_submit(w->assembly->node.store, &item);
	clock_rig_said(w, case_id);
	assert_true(lapse_of(w, case_id) == end + DAY);
}

/* RXP-RET-012: as before, but for the one word of the agreement. */
static void test_extendable_does_not_lapse(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct fake_envelope application, reply;
	uint8_t case_id[16];

	terms_rig_limit(&p, RXP_CLOCK_TRANSFER, 2, RXP_UNIT_CALENDAR_DAYS);
	p.clocks[RXP_CLOCK_TRANSFER].extendable = true;
	clock_rig_hold(w, &p);
	application = clock_rig_asked(w, case_id);
	reply = clock_rig_reply(case_id, &application);
	assert_string_equal(clock_rig_flags(w, &reply), "");
	world_move_clock(w, 5 * DAY);
	assert_true(lapse_of(w, case_id) == 0);
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

/* The status of a clock that there is. */
static const char *clock_of(const struct shown *s, const char *clock)
{
	for (size_t i = 0; i < s->n_clocks; i++)
		if (strcmp(s->clocks[i].clock, clock) == 0)
			return s->clocks[i].status;
	fail_msg("no clock %s", clock);
	return NULL;
}

/* Our reply gets no answer until it is late: that attempt keeps the limit, another document's does not. */
static void check_attempt(struct world *w, bool with_reply, const char *status)
{
	struct rxp_profile p = clock_rig_two_days();
	struct fake_envelope application;
	struct rec_message_row row;
	struct shown s;
	uint8_t case_id[16], id[16], reply[16];

	clock_rig_hold(w, &p);
	application = clock_rig_asks_us(w, case_id);
	if (!with_reply)
		case_accepted(w, "key-1", case_id, REGISTRATION,
		    case_facts_all("register", application.fingerprint), id);
	case_accepted(
	    w, "key-2", case_id, REPLY, case_facts("accept", 1, 1, application.fingerprint), reply);
	world_deliver_fault(w, world_delivered(w, 1));
	world_until_state(w, with_reply ? reply : id, "in-doubt", &row);
	world_move_clock(w, 4 * DAY);
	world_restart(w);
	case_receipt(w, 1, with_reply ? reply : id);
	if (!with_reply)
		case_receipt(w, 2, reply);
	case_show(w, case_id, &s);
	assert_string_equal(clock_of(&s, "reply"), status);
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

/* No key of the peer is in force, and it cannot be asked for one until the reply is late. */
static void test_attempt_without_a_key(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	const struct msg_descriptor_fetched newer = {
	    .http_status = 200, .octets = {(const uint8_t *)"d", 1}};
	unsigned asked;
	struct fake_envelope application;
	struct shown s;
	uint8_t case_id[16], reply[16];

	w->key_from_ms = clock_wall_ms() - 20 * DAY;
	w->key_until_ms = clock_wall_ms() - 6 * DAY;
	clock_rig_hold(w, &p);
	application = clock_rig_asks_us(w, case_id);
	case_accepted(
	    w, "key-1", case_id, REPLY, case_facts("accept", 1, 1, application.fingerprint), reply);
	asked = w->fetches;
	w->fetch_by_hand = true;
	world_until(w, &w->fetches, asked + 1);
	world_move_clock(w, 4 * DAY);
	w->key_until_ms = clock_wall_ms() + 20 * DAY;
	w->peer_key = 8;
	w->descriptor.working_created_ms++;
	link_answer(w->gateway, IPC_descriptor_fetched, w->fetch, &newer, NULL, 0);
	case_receipt(w, 1, reply);
	case_show(w, case_id, &s);
	assert_string_equal(clock_of(&s, "reply"), "met");
}

static void test_calendar_comes_later(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	struct shown s;
	uint8_t case_id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	terms_rig_take_profile(w, &p);
	clock_rig_asked(w, case_id);
	assert_int_equal(clock_rig_due(w, DAYS_S(30), NULL), 0);
	case_show(w, case_id, &s);
	assert_string_equal(s.clocks[0].status, "no-calendar");
	terms_rig_take_calendar(w, &c);
	assert_true(due_of(w, case_id) != RXP_DUE_NEVER);
	assert_int_equal(clock_rig_due(w, DAYS_S(30), NULL), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_outage),
	    TEST(test_outages_of_each_side),
	    TEST(test_outage_said_again),
	    TEST(test_outage_moves_the_lapse),
	    TEST(test_extendable_does_not_lapse),
	    TEST(test_attempt_keeps_the_limit),
	    TEST(test_attempt_of_something_else),
	    TEST(test_attempt_without_a_key),
	    TEST(test_calendar_comes_later),
	};

	return cmocka_run_group_tests(tests, terms_rig_read, NULL);
}
