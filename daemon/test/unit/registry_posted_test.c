/*
 * Goals of pages of a peer's log that nobody asks for:
 * - a peer that pulls is not asked: it posts its pages, and is told which one is wanted next; the first only says that it is
 *   there; one that is not due, one too many, two at once and one that is none change nothing; one that stops in the middle
 *   begins anew, one that shows nothing is told of (RXP-PUL-010 to 012);
 * - those in a bundle are one reading from the first entry on; a copy of it, and one that is older than what is here, changes
 *   nothing; pages in the middle without those before them are passed over; while pages come on a line none is taken (RXP-BND-008).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_watch_rig.h"

#include "daemon/registry/store/store_watch.h"
#include "daemon/registry/watch/logwatch.h"

#define DAY INT64_C(86400000)
#define HOUR INT64_C(3600000) /* after which no log is read */

/* What the peer hears of a page that it posts. */
static struct {
	unsigned n;
	uint32_t status, of[REGISTRY_PAGES_MINUTE_MAX + 2];
	uint64_t after;
} heard;

/* It posts another page in the moment in which the one before was judged. */
static const uint64_t *at_once;

static void post(struct world *w, const uint64_t *after);

static void other(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_log_taken *t = m->body;

	if (m->type == IPC_log_taken) {
		heard.status = t->http_status;
		heard.after = t->after;
		heard.of[heard.n++ % (sizeof heard.of / sizeof heard.of[0])] = t->http_status;
		return;
	}
	assert_int_equal(m->type, IPC_check_log_page);
	watch_log_check(l, m);
	if (at_once != NULL) {
		post(w, at_once);
		at_once = NULL;
	}
}

static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	watch_log_empty();
	memset(&heard, 0, sizeof heard);
	w->other = other;
	w->proves_nothing = true;
	w->log_is_read = true; /* what a start finds is registry_recovery_test's */
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return rc;
}

static void tick(struct world *w)
{
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
}

static void post(struct world *w, const uint64_t *after)
{
	const struct msg_log_posted m = {
	    .party = PEER, .octets = {(const uint8_t *)after, sizeof *after}};

	assert_int_equal(link_request(w->gateway, IPC_log_posted, &m, NULL, 0, NULL), 0);
}

/* It posts the page behind that entry, and hears this; next: which page is wanted, of 202. */
static void posts(struct world *w, uint64_t after, uint32_t status, uint64_t next)
{
	unsigned n = heard.n;

	post(w, &after);
	world_until(w, &heard.n, n + 1);
	assert_int_equal(heard.status, status);
	if (status == 202)
		assert_int_equal(heard.after, next);
}

/* Four entries, and the peer pulls from now on; a day later. */
static void begin_posting(struct world *w)
{
	watch_log_begin(w);
	watch_peer(w)->pulls = true;
	watch_later(w, DAY);
	tick(w);
	assert_int_equal(w->log_fetches, 0);
}

static void test_posted(void **state)
{
	struct world *w = *state;
	const struct msg_log_check check = {.peer = PEER};

	watch_log_begin(w);
	watch_peer(w)->pulls = true;
	posts(w, 4, 204, 0); /* not before a day has passed */
	watch_later(w, DAY);
	tick(w);
	posts(w, 4, 202, 0);
	posts(w, 4, 202, 0); /* it may say again that it is there */
	posts(w, 0, 202, 2);
	posts(w, 0, 202, 2); /* not the one that is wanted */
	posts(w, 2, 204, 0);
	assert_int_equal(watch_stored(w).agreed.n, 4);
	assert_int_equal(watch_peer(w)->differences, 0);
	posts(w, 4, 204, 0);
	assert_int_equal(watch_stored(w).pass, 1);
	assert_int_equal(world_ask(w, IPC_log_check, &check)->result, 0);
	watch_log.entries[3].received_ms++;
	posts(w, 4, 202, 0);
	posts(w, 0, 202, 2);
	posts(w, 2, 204, 0);
	watch_assert_found(w, "time-differs", 4);
	assert_int_equal(w->log_fetches, 0);
}

/* What was receipted after the page was made is not missing in it. */
static void test_posted_first(void **state)
{
	struct world *w = *state;

	watch_log_answers(w, false);
	watch_peer(w)->pulls = true;
	watch_later(w, DAY);
	tick(w);
	watch_log.n = 0; /* as the peer had it when it made the page */
	posts(w, 0, 202, 0);
	watch_log.n = 1;
	posts(w, 0, 204, 0);
	assert_int_equal(watch_stored(w).agreed.n, 1);
	assert_int_equal(watch_peer(w)->differences, 0);
}

static void test_posted_short(void **state)
{
	struct world *w = *state;

	begin_posting(w);
	posts(w, 4, 202, 0);
	posts(w, 0, 202, 2);
	watch_log.n = 1;
	posts(w, 2, 204, 0);
	watch_assert_found(w, "log-short", 1);
}

static void test_posted_wrong(void **state)
{
	struct world *w = *state;
	const uint64_t zero = 0;
	const struct fake_envelope e = world_envelope(1);
	const struct msg_log_posted empty = {.party = PEER}, stranger = {.party = "QRZ"};
	unsigned n;

	begin_posting(w);
	assert_int_equal(link_request(w->gateway, IPC_log_posted, &empty, NULL, 0, NULL), 0);
	world_until(w, &heard.n, 1);
	assert_int_equal(heard.status, 422);
	assert_int_equal(link_request(w->gateway, IPC_log_posted, &stranger, NULL, 0, NULL), 0);
	world_until(w, &heard.n, 2);
	assert_int_equal(heard.status, 503);
	watch_log.check_result = RXP_ERR_SEAL;
	posts(w, 4, 422, 0);
	watch_log.check_result = 0;
	posts(w, 4, 202, 0);
	posts(w, 0, 202, 2);
	n = heard.n;
	post(w, &zero);
	post(w, &zero);
	world_until(w, &heard.n, n + 2);
	assert_int_equal(heard.of[n], 503); /* while the first is being read */
	assert_int_equal(heard.of[n + 1], 202);
	for (n = 0; n < REGISTRY_PAGES_MINUTE_MAX && heard.status == 202; n++) {
		post(w, &zero);
		world_until(w, &heard.n, heard.n + 1);
	}
	assert_int_equal(heard.status, 503);
	assert_true(n > REGISTRY_PAGES_MINUTE_MAX / 2);
	assert_true(watch_peer(w)->compared_ms == 0);
	assert_int_equal(world_admit(w, &e)->http_status, 200); /* messages go on */
}

/* A page that is none ends the reading: until that is stored no other page is taken into it. */
static void test_posted_at_once(void **state)
{
	struct world *w = *state;
	const uint64_t zero = 0;
	unsigned n = heard.n;

	begin_posting(w);
	watch_log.check_result = RXP_ERR_SEAL;
	at_once = &zero;
	post(w, &zero);
	world_until(w, &heard.n, n + 2);
	assert_true((heard.of[n] == 422 && heard.of[n + 1] == 503) ||
		    (heard.of[n] == 503 && heard.of[n + 1] == 422));
	watch_assert_found(w, "page-false", 0);
	watch_log.check_result = 0;
	tick(w);
	posts(w, 4, 202, 0); /* the next one begins anew */
}

static void test_posted_stops(void **state)
{
	struct world *w = *state;

	begin_posting(w);
	posts(w, 4, 202, 0);
	posts(w, 0, 202, 2);
	watch_later(w, REGISTRY_SHOWN_MS);
	tick(w);
	posts(w, 2, 202, 0);
	assert_int_equal(watch_peer(w)->blind_told_ms, 0);
	watch_later(w, REGISTRY_SHOWN_MS);
	watch_peer(w)->last_contact_ms = clock_wall_ms() + 2 * DAY;
	watch_later(w, 2 * DAY);
	tick(w);
	assert_true(watch_peer(w)->blind_told_ms != 0); /* RXP-LOG-012 */
}

/* --- in a bundle -------------------------------------------------------------------------------------- */

static struct {
	unsigned n;
	int result;
} carried;

static void was_carried(void *arg, int result)
{
	(void)arg;
	carried.n++;
	carried.result = result;
}

/* The page behind that entry is brought in, and this is what the desk hears. */
static void carries(struct world *w, uint64_t after, int result)
{
	unsigned n = carried.n;

	logwatch_carried(w->assembly->logwatch, PEER,
	    (struct bytes){(const uint8_t *)&after, sizeof after}, was_carried, NULL);
	world_until(w, &carried.n, n + 1);
	assert_int_equal(carried.result, result);
}

static void test_carried(void **state)
{
	struct world *w = *state;
	int64_t first_ms;

	watch_log_begin(w);
	first_ms = clock_wall_ms();
	carries(w, 2, 0); /* without the one before it: passed over */
	assert_int_equal(watch_stored(w).agreed.n, 0);
	carries(w, 0, 0);
	carries(w, 2, 0);
	assert_int_equal(watch_stored(w).agreed.n, 4);
	assert_true(watch_peer(w)->compared_ms != 0);
	/* again, and in the wrong order */
	carries(w, 0, 0);
	carries(w, 2, 0);
	carries(w, 2, 0);
	assert_int_equal(watch_stored(w).agreed.n, 4);
	/* A later one, then the first once more: it is shorter, and no difference. */
	watch_later(w, HOUR);
	watch_log_answers(w, false);
	carries(w, 0, 0);
	carries(w, 2, 0);
	carries(w, 4, 0);
	assert_int_equal(watch_stored(w).agreed.n, 5);
	watch_log.made_ms = first_ms;
	watch_log.n = 4;
	carries(w, 0, 0);
	carries(w, 2, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	/* That it is shorter now is one. */
	watch_log.made_ms = 0;
	carries(w, 0, 0);
	carries(w, 2, 0);
	watch_assert_found(w, "log-short", 4);
}

static void brings_a_message(struct world *w)
{
	const struct fake_envelope e = world_envelope(1);
	const struct msg_bundle_bring m = {.user = "officer",
	    .peer = PEER,
	    .kind = "message",
	    .octets = {(const uint8_t *)&e, sizeof e}};

	assert_int_equal(link_request(w->desk, IPC_bundle_bring, &m, NULL, 0, NULL), 0);
	pump_while(w->loop, watch_peer(w)->carried_ms == 0);
	assert_true(watch_peer(w)->carried_ms != 0);
}

/* RXP-LOG-012: a peer that never was on the line, whose bundles bring messages. Those that bring the pages too are none to tell
 * of, nor is anybody told at once, or of three days that are not over. */
static void test_carried_without_pages(void **state)
{
	struct world *w = *state;

	watch_log_begin(w);
	carries(w, 0, 0);
	carries(w, 2, 0);
	watch_peer(w)->pulls = true; /* nobody can ask it for its log */
	watch_peer(w)->last_contact_ms = 0;
	watch_later(w, 2 * DAY);
	brings_a_message(w);
	watch_later(w, HOUR);
	tick(w);
	assert_int_equal(watch_peer(w)->carried_ms, 0);
	watch_later(w, DAY);
	tick(w);
	assert_int_equal(watch_peer(w)->blind_told_ms, 0);
	brings_a_message(w);
	watch_later(w, HOUR / 2);
	carries(w, 0, 0);
	carries(w, 2, 0);
	watch_later(w, HOUR / 2);
	tick(w);
	assert_int_equal(watch_peer(w)->blind_told_ms, 0);
	watch_later(w, 3 * DAY);
	brings_a_message(w);
	tick(w);
	assert_int_equal(watch_peer(w)->blind_told_ms, 0);
	watch_later(w, HOUR);
	tick(w);
	assert_true(watch_peer(w)->blind_told_ms != 0);
}

/* A page that was made before an answer that is here says nothing of it. */
static void test_carried_old(void **state)
{
	struct world *w = *state;
	int64_t then;

	watch_log_begin(w);
	then = clock_wall_ms();
	watch_later(w, HOUR);
	watch_log_answers(w, false);
	watch_log.made_ms = then;
	watch_log.n = 4;
	carries(w, 0, 0);
	carries(w, 2, 0);
	assert_int_equal(watch_stored(w).agreed.n, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	watch_log.made_ms = 0;
	watch_log.n = 5;
	watch_log.entries[4].received_ms++;
	carries(w, 0, 0);
	carries(w, 2, 0);
	carries(w, 4, 0);
	watch_assert_found(w, "time-differs", 5);
}

/* A page that was made before one that was compared says nothing of it, though it is younger than all answers. */
static void test_carried_later(void **state)
{
	struct world *w = *state;

	watch_log_begin(w);
	watch_later(w, HOUR / 2);
	watch_log.made_ms = clock_wall_ms();
	watch_later(w, HOUR);
	watch_log.made_ms += 1;
	carries(w, 0, 0);
	carries(w, 2, 0);
	assert_int_equal(watch_stored(w).agreed.n, 4);
	watch_log.n = 3;
	watch_log.made_ms -= 1;
	carries(w, 0, 0);
	carries(w, 2, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
}

static void test_carried_wrong(void **state)
{
	struct world *w = *state;

	watch_log_begin(w);
	watch_log.check_result = RXP_ERR_SEAL;
	carries(w, 0, RXP_ERR_MISMATCH);
	watch_log.check_result = 0;
	carries(w, 0, 0);
	carries(w, 2, 0);
	assert_int_equal(watch_stored(w).agreed.n, 4);
	/* A reading on a line goes on. */
	watch_peer(w)->pulls = true;
	watch_later(w, DAY);
	tick(w);
	posts(w, 4, 202, 0);
	carries(w, 0, RXP_ERR_FULL);
	posts(w, 0, 202, 2);
	posts(w, 2, 204, 0);
	carries(w, 0, 0);
	posts(w, 4, 503, 0); /* and so does that of a bundle, for some minutes */
	assert_int_equal(watch_peer(w)->differences, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_posted),
	    TEST(test_posted_first),
	    TEST(test_posted_short),
	    TEST(test_posted_wrong),
	    TEST(test_posted_at_once),
	    TEST(test_posted_stops),
	    TEST(test_carried),
	    TEST(test_carried_without_pages),
	    TEST(test_carried_old),
	    TEST(test_carried_later),
	    TEST(test_carried_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
