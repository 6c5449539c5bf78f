/*
 * Goals of the clocks of a case as time passes, with everything around the registry played:
 * - the list of what is due has a case as soon as its documents say so, in the order of due instants, and no
 *   more when the act is there;
 * - a warning for us and what has passed are told once, also across a restart, and again for a new due instant.
 * What moves a clock is registry_clock_move_test.c's, what the clocks say of documents registry_clock_flag_test.c's.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_clock_rig.h"

#include <sqlite3.h>

#include "daemon/registry/cases/clocks.h"

/* --- lists --------------------------------------------------------------------------------------- */

static void test_due(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct rxp_calendar c = terms_rig_calendar(PEER);
	struct fake_envelope application, reply;
	struct rec_case_row row;
	int32_t today = rxp_calendar_day(&c, clock_wall_ms());
	char day[RXP_DAY_TEXT], local[RECORD_NAME_MAX];
	uint8_t case_id[16];

	clock_rig_hold(w, &p);
	assert_int_equal(clock_rig_due(w, DAYS_S(300), NULL), 0);
	application = clock_rig_asked(w, case_id);
	assert_int_equal(clock_rig_due(w, DAYS_S(3), &row), 1);
	assert_int_equal(clock_rig_due(w, DAYS_S(1), NULL), 0);
	assert_int_equal(clock_rig_due(w, 0, NULL), 0);
	assert_memory_equal(row.case_id, case_id, 16);
	assert_string_equal(row.clock, "reply");
	assert_string_equal(row.actor, "peer");
	assert_true(row.due_ms == rxp_calendar_day_end(&c, today + 2));
	rxp_day_text(day, today + 2);
	snprintf(local, sizeof local, "%s 24:00 %s", day, PEER);
	assert_string_equal(row.due_local, local);
	world_restart(w);
	world_move_clock(w, 4 * DAY);
	assert_int_equal(clock_rig_due(w, 0, NULL), 1);
	reply = clock_rig_reply(case_id, &application);
	assert_string_equal(clock_rig_flags(w, &reply), "late");
	assert_int_equal(clock_rig_due(w, DAYS_S(300), NULL), 0);
}

/* The first row of a page; are there more behind it? */
static bool due_row(struct world *w, const struct msg_list *list, struct rec_case_row *row)
{
	const struct world_answer *a = world_ask(w, IPC_list, list);
	struct record_cursor c = {a->octets, a->len};
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(row, &record_case_row, fields.data, fields.len), 0);
	return a->more != 0;
}

/* The page goes on behind a case of which nothing is due any more, as if it were still there. */
static void test_due_behind_a_case_that_ended(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct msg_list list = {.list = "due", .due_s = DAYS_S(30), .limit = 1};
	struct fake_envelope application, reply;
	struct rec_case_row row;
	uint8_t cases[2][16], id[16];

	clock_rig_hold(w, &p);
	application = clock_rig_asked(w, cases[0]);
	world_move_clock(w, DAY);
	case_accepted(w, "key-1", cases[1], APPLICATION, case_facts("apply", 1, 1, NULL), id);
	case_receipt(w, 2, id);
	due_row(w, &list, &row);
	assert_memory_equal(row.case_id, cases[0], 16);
	reply = clock_rig_reply(cases[0], &application);
	assert_string_equal(clock_rig_flags(w, &reply), "");
	list.after_due_ms = row.due_ms;
	memcpy(list.after, row.case_id, sizeof list.after);
	memcpy(list.after_peer, row.peer, sizeof list.after_peer);
	due_row(w, &list, &row);
	assert_memory_equal(row.case_id, cases[1], 16);
}

/* Two cases, the later one first in the order of ids at times: pages follow the due instants. */
static void test_due_in_order(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct msg_list list = {.list = "due", .due_s = DAYS_S(30), .limit = 1};
	struct rec_case_row row;
	uint8_t cases[3][16], id[16];
	char key[8];

	clock_rig_hold(w, &p);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(key, sizeof key, "key-%u", i);
		case_accepted(w, key, cases[i], APPLICATION, case_facts("apply", 1, 1, NULL), id);
		case_receipt(w, i + 1, id);
		world_move_clock(w, (i + 1) * DAY);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(due_row(w, &list, &row), i < 2);
		assert_memory_equal(row.case_id, cases[i], 16);
		list.after_due_ms = row.due_ms;
		memcpy(list.after, row.case_id, sizeof list.after);
		memcpy(list.after_peer, row.peer, sizeof list.after_peer);
	}
}

/* --- what is told -------------------------------------------------------------------------------- */

/* The log goes to a file of its own, whose lines of an event are counted. */
static struct {
	int fd, stderr_fd; /* its own and the real one; -1: the log goes where it should */
} captured = {-1, -1};

static void log_begin(void)
{
	captured.fd = memfd_create("log", 0);
	assert_true(captured.fd >= 0);
	captured.stderr_fd = dup(STDERR_FILENO);
	assert_int_equal(dup2(captured.fd, STDERR_FILENO), STDERR_FILENO);
}

/* The real standard error is back, also after a test that failed in between. */
static void log_release(void)
{
	if (captured.fd < 0)
		return;
	dup2(captured.stderr_fd, STDERR_FILENO);
	close(captured.stderr_fd);
	close(captured.fd);
	captured.fd = captured.stderr_fd = -1;
}

static unsigned log_end(const char *event)
{
	static char text[64UL * 1024];
	ssize_t n = pread(captured.fd, text, sizeof text - 1, 0);
	unsigned count = 0;

	log_release();
	assert_true(n >= 0 && (size_t)n < sizeof text - 1);
	text[n] = '\0';
	for (const char *at = text; (at = strstr(at, event)) != NULL; at++)
		count++;
	return count;
}

static int tear_down(void **state)
{
	log_release();
	return world_tear_down(state);
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
	struct rxp_profile p = clock_rig_two_days();
	struct store_item item = {.apply = look_at_all, .done = ignore};
	uint8_t case_id[16];

	clock_rig_hold(w, &p);
	clock_rig_asks_us(w, case_id);
	world_move_clock(w, 4 * DAY);
	log_begin();
	for (unsigned i = 0; i < 3; i++) {
		store_submit(w->assembly->node.store, &item);
		clock_rig_due(w, 0, NULL);
		assert_int_equal(clock_rig_said(w, case_id), STORE_CLOCK_TOLD);
	}
	assert_int_equal(log_end("\"clock_passed\""), 1);
}

/* What is stored of one case is damaged: nothing is told of it, and all of the others. */
static void test_damaged(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	uint8_t bad[16], good[16];
	sqlite3 *db = NULL;

	clock_rig_hold(w, &p);
	clock_rig_asks_us(w, bad);
	clock_rig_asked(w, good);
	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "UPDATE inbox SET seen = x'00'", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_changes(db), 1);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	world_move_clock(w, 4 * DAY);
	assert_int_equal(clock_rig_said(w, good), STORE_CLOCK_TOLD);
}

static void test_told_once(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct shown s;
	uint8_t case_id[16];

	terms_rig_limit(&p, RXP_CLOCK_REPLY, 9, RXP_UNIT_CALENDAR_DAYS);
	clock_rig_hold(w, &p);
	clock_rig_asks_us(w, case_id);
	assert_int_equal(clock_rig_said(w, case_id), STORE_CLOCK_NOTHING);
	world_move_clock(w, 7 * DAY); /* 72 hours before, and two to four days of them are left */
	assert_int_equal(clock_rig_said(w, case_id), STORE_CLOCK_WARNED);
	world_restart(w);
	assert_int_equal(clock_rig_said(w, case_id), STORE_CLOCK_WARNED);
	case_show(w, case_id, &s);
	assert_int_equal(s.n_marks, 1);
	assert_string_equal(s.marks[0].kind, "warning");
	assert_string_equal(s.marks[0].actor, OWN);
	world_move_clock(w, 11 * DAY);
	assert_int_equal(clock_rig_said(w, case_id), STORE_CLOCK_TOLD);
	world_restart(w);
	assert_int_equal(clock_rig_said(w, case_id), STORE_CLOCK_TOLD);
	case_show(w, case_id, &s);
	assert_int_equal(s.n_marks, 2);
	assert_string_equal(s.marks[1].kind, "passed");
	assert_string_equal(s.marks[1].status, "past");
}

/* What the other State must do is told when it has passed, and not before. */
static void test_no_warning_of_theirs(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	uint8_t case_id[16];

	clock_rig_hold(w, &p);
	clock_rig_asked(w, case_id);
	assert_int_equal(clock_rig_said(w, case_id), STORE_CLOCK_NOTHING);
	world_move_clock(w, 2 * DAY);
	assert_int_equal(clock_rig_said(w, case_id), STORE_CLOCK_NOTHING);
	world_move_clock(w, 4 * DAY);
	assert_int_equal(clock_rig_said(w, case_id), STORE_CLOCK_TOLD);
}

static void test_steps(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	struct shown s;
	uint8_t case_id[16];

	clock_rig_hold(w, &p);
	clock_rig_asked(w, case_id);
	case_show(w, case_id, &s);
	assert_int_equal(s.n_steps, 0);
	case_show_steps(w, case_id, &s);
	assert_true(s.n_steps >= 2);
	assert_string_equal(s.clocks[0].unit, "calendar-days");
	assert_string_equal(s.clocks[0].source, "X");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_due),
	    TEST(test_due_in_order),
	    TEST(test_due_behind_a_case_that_ended),
	    TEST(test_damaged),
	    TEST(test_told_once),
	    TEST(test_told_once_if_stale),
	    TEST(test_no_warning_of_theirs),
	    TEST(test_steps),
	};

	return cmocka_run_group_tests(tests, terms_rig_read, NULL);
}
