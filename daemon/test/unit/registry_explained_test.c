/*
 * Goals of differences that a loss explains, in each order of a page that is read, what is told of it, Restored of the log's owner,
 * and a power cut of either (RXP-LOG-022, 026 to 028), with everything around the registry played:
 * - what was told before Restored is none any more as far as the loss explains it, also after a start, and between two pages;
 *   a page that is on its way then tells nothing;
 * - what the owner says it has, what was told of another log, and what no loss explains stays;
 * - an answer that is not in the log is none any more when its owner has taken it again, and stays if it does not;
 * - what a person noted of one log is told anew of the next.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_reading_rig.h"

/* --- told, then Restored ------------------------------------------------------------------------- */

/* The log ended behind its second entry; it is read as another one before the notice comes. */
static void read_before_notice(struct world *w, bool killed)
{
	const struct rec_node_restored end = reading_end_of_log(2);

	reading_begin_another();
	reading_whole(w);
	watch_assert_found(w, "log-id", 0);
	if (killed)
		watch_restart(w);
	reading_says(w, 9, end);
	assert_int_equal(reading_open(w), 0);
	recovery_has_all(w, HTTP_LOST);
	assert_int_equal(watch_peer(w)->differences, 0);
	reading_whole(w);
	assert_int_equal(reading_open(w), 0);
}

static void test_notice_after(void **state)
{
	read_before_notice(*state, false);
}

static void test_killed_between(void **state)
{
	read_before_notice(*state, true);
}

/* The owner was killed before it knew of its loss: its log was read as it was in the copy. */
static void test_short(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = reading_end_of_log(2);

	watch_log.n = 2;
	reading_whole(w);
	watch_assert_found(w, "log-short", 2);
	watch_assert_found(w, "entry-removed", 3);
	assert_int_equal(reading_open(w), 2);
	reading_says(w, 9, end);
	assert_int_equal(reading_open(w), 0);
}

/* This node receipted the notice, and has lost that: it expects the log that ended, until the notice is back. */
static void test_notice_back(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = reading_end_of_log(2);
	const struct fake_envelope e = recovery_restored(9, &end);
	const struct fake_answer f = own_receipt(&e);
	const struct msg_returned m = {.party = PEER, .answer = {(const uint8_t *)&f, sizeof f}};

	reading_begin_another();
	reading_whole(w);
	assert_int_equal(reading_open(w), 1);
	assert_int_equal(link_request(w->gateway, IPC_returned, &m, NULL, 0, NULL), 0);
	world_until(w, &told.returns, 1);
	assert_int_equal(watch_peer(w)->differences, 1);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	assert_int_equal(reading_open(w), 0);
	assert_int_equal(watch_peer(w)->differences, 0);
}

/* One that says it has what it had not shown explains nothing of that. */
static void test_has_it(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = reading_end_of_log(3);

	watch_log.n = 2;
	reading_whole(w);
	reading_says(w, 9, end);
	watch_assert_found(w, "log-short", 2);
	watch_assert_found(w, "entry-removed", 3);
	assert_int_equal(reading_open(w), 2);
}

/* What was removed or changed among the entries that it says it has stays. */
static void test_rewritten(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = reading_end_of_log(3);

	memmove(&watch_log.entries[1], &watch_log.entries[2], 2 * sizeof watch_log.entries[0]);
	watch_log.n--;
	reading_whole(w);
	watch_assert_found(w, "log-short", 3);
	watch_assert_found(w, "entry-removed", 2);
	watch_assert_found(w, "entry-moved", 2);
	reading_says(w, 9, end);
	assert_false(watch_found(w, "log-short", 3));
	watch_assert_found(w, "entry-removed", 2);
	watch_assert_found(w, "entry-moved", 2);
}

/* A rewritten entry is no loss, whatever else is said to be lost. */
static void test_all_lost(void **state)
{
	struct world *w = *state;

	watch_log.entries[2].received_ms++;
	reading_whole(w);
	watch_assert_found(w, "time-differs", 3);
	watch_log.n = 2;
	reading_whole(w);
	watch_assert_found(w, "entry-removed", 3);
	reading_begin_another();
	reading_says(w, 9, reading_end_of_log(0));
	assert_false(watch_found(w, "entry-removed", 3));
	assert_false(watch_found(w, "log-short", 2));
	watch_assert_found(w, "time-differs", 3);
}

/* --- in the midst of a reading --------------------------------------------------------------------- */

/* Of two pages the first tells, then Restored is heard: what it told is none, and the second tells nothing. */
static void test_between_pages(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = reading_end_of_log(3);
	unsigned fetches;

	watch_log.page_max = 2;
	watch_log.n = 3;
	reading_ask(w);
	fetches = w->log_fetches;
	watch_log_comes(w);
	world_until(w, &w->log_fetches, fetches + 1);
	watch_assert_found(w, "log-short", 3);
	reading_says(w, 9, end);
	assert_int_equal(reading_open(w), 0);
	watch_log_comes(w);
	pump_for(w->loop, 50);
	assert_int_equal(reading_open(w), 0);
}

/* A page that was asked for before Restored is heard comes behind it; over: when all is brought. */
static void page_late(struct world *w, bool over)
{
	const struct rec_node_restored end = reading_end_of_log(2);

	reading_ask(w);
	reading_says(w, 9, end);
	reading_begin_another();
	if (over)
		recovery_has_all(w, HTTP_NOTHING);
	watch_log_comes(w);
	pump_for(w->loop, 50);
	assert_int_equal(reading_open(w), 0);
	if (!over)
		recovery_has_all(w, HTTP_NOTHING);
	reading_whole(w);
	assert_int_equal(reading_open(w), 0);
	assert_memory_equal(watch_stored(w).agreed.log_id, watch_log.log_id, 16);
}

static void test_page_while(void **state)
{
	page_late(*state, false);
}

static void test_page_after(void **state)
{
	page_late(*state, true);
}

/* --- answers ------------------------------------------------------------------------------------- */

/* A fifth answer, which no page showed, is not in the log, which then ends. */
static void lacks_one(struct world *w)
{
	watch_later(w, 1);
	watch_log_answers(w, false);
	watch_log.n--;
	reading_whole(w);
	watch_assert_found(w, "answer-missing", 0);
	assert_int_equal(reading_open(w), 1);
	reading_says(w, 9, reading_end_of_log(4));
	assert_int_equal(reading_open(w), 1); /* not before it takes it */
	world_until(w, &told.posts, 1);
	assert_memory_equal(
	    told.posted.checked.message_id, watch_log.entries[4].message_id, RXP_ID_OCTETS);
}

static void test_taken(void **state)
{
	struct world *w = *state;

	lacks_one(w);
	recovery_has(w, HTTP_LOST);
	recovery_has_all(w, HTTP_NOTHING);
	assert_int_equal(reading_open(w), 0);
	assert_int_equal(watch_peer(w)->differences, 0);
}

/* It has taken it, and either is killed before that is heard: the second time it has it. */
static void test_taken_unheard(void **state)
{
	struct world *w = *state;

	lacks_one(w);
	told.answered = told.posts; /* whoever asked is gone */
	watch_restart(w);
	recovery_has_all(w, HTTP_NOTHING);
	assert_int_equal(reading_open(w), 0);
}

static void test_not_taken(void **state)
{
	struct world *w = *state;

	lacks_one(w);
	recovery_has(w, HTTP_UNPROCESSABLE);
	recovery_has_all(w, HTTP_UNPROCESSABLE);
	watch_assert_found(w, "answer-missing", 0);
	assert_int_equal(reading_open(w), 1);
}

/* --- one log and the next -------------------------------------------------------------------------- */

/* What was told of the first log is not explained by the end of the next. */
static void test_next_log(void **state)
{
	struct world *w = *state;
	const struct rec_node_restored end = reading_end_of_log(4);

	watch_log.n = 3;
	reading_whole(w);
	watch_assert_found(w, "entry-removed", 4);
	reading_says(w, 9, end);
	recovery_has_all(w, HTTP_NOTHING);
	reading_begin_another();
	watch_later(w, 1);
	watch_log_answers(w, false);
	reading_whole(w);
	reading_says(w, 10, reading_end_of_log(1));
	watch_assert_found(w, "entry-removed", 4);
	watch_assert_found(w, "log-short", 3);
	assert_int_equal(reading_open(w), 2);
}

static void test_noted(void **state)
{
	struct world *w = *state;
	const struct msg_log_note note = {.user = "uid:7", .peer = PEER};

	reading_begin_another();
	reading_whole(w);
	assert_int_equal(reading_open(w), 1);
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0);
	reading_whole(w);
	assert_int_equal(reading_open(w), 0); /* the same */
	reading_begin_another();
	reading_whole(w);
	assert_int_equal(reading_open(w), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, reading_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_notice_after),
	    TEST(test_killed_between),
	    TEST(test_short),
	    TEST(test_notice_back),
	    TEST(test_has_it),
	    TEST(test_rewritten),
	    TEST(test_all_lost),
	    TEST(test_between_pages),
	    TEST(test_page_while),
	    TEST(test_page_after),
	    TEST(test_taken),
	    TEST(test_taken_unheard),
	    TEST(test_not_taken),
	    TEST(test_next_log),
	    TEST(test_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
