/*
 * Goals of a node that nobody can connect to and that shows its logs, with everything around the registry played
 * (RXP-PUL-011):
 * - the end of the log is posted after the start, and once an hour; the pages that the peer then wants, one after the other,
 *   until it wants none; a node that listens posts none, nor is any posted to a peer that pulls or is distrusted
 * - a peer that wants an entry that is not there, the same again or one before is left alone for a while, as one that fails is
 * - beyond 64 pages in a minute it waits, and goes on where it was
 * - a registry that ends while a sealer makes a page leaves nothing of it behind (AddressSanitizer tells)
 *
 * links: registry
 */
#include "daemon/test/unit/registry_watch_rig.h"

#include "daemon/registry/watch/post.h"

#define HOUR INT64_C(3600000)
#define PAGE "page"

static struct {
	unsigned pages, posts;
	uint64_t after, request; /* of the last */
} shown;

static void other(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_log_page_sealed sealed = {.octets = {(const uint8_t *)PAGE, 4}};
	const struct msg_post *p = m->body;
	const struct msg_posted taken = {.http_status = 204, .offset = -1};

	if (m->type == IPC_seal_log_page) {
		shown.after = ((const struct msg_seal_log_page *)m->body)->after;
		shown.pages++;
		link_answer(l, IPC_log_page_sealed, m->request, &sealed, NULL, 0);
	} else if (m->type == IPC_post && p->what == IPC_POST_DESCRIPTOR) {
		link_answer(w->gateway, IPC_posted, m->request, &taken, NULL, 0);
	} else if (m->type == IPC_post) {
		assert_int_equal(p->what, IPC_POST_LOG);
		assert_string_equal(p->peer, PEER);
		assert_int_equal(p->octets.len, 4);
		assert_memory_equal(p->octets.data, PAGE, 4);
		shown.request = m->request;
		shown.posts++;
	} else {
		assert_int_equal(m->type, IPC_poll);
	}
}

static int set_up_with(void **state, bool pulls, bool peer_pulls)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	memset(&shown, 0, sizeof shown);
	watch_moved = 0;
	w->pulls = pulls;
	w->peer_pulls = peer_pulls;
	world_restart(w);
	w->other = other;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return rc;
}

static int set_up(void **state)
{
	return set_up_with(state, true, false);
}

static int set_up_listening(void **state)
{
	return set_up_with(state, false, false);
}

static int set_up_both(void **state)
{
	return set_up_with(state, true, true);
}

static void receive(struct world *w, unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		struct fake_envelope e = world_envelope((uint8_t)i);

		assert_int_equal(world_admit(w, &e)->http_status, 200);
	}
}

/* The peer answers, and that many ticks pass. */
static void answers(struct world *w, int outcome, uint32_t status, int64_t offset)
{
	const struct msg_posted m = {.outcome = (uint32_t)outcome,
	    .http_status = status,
	    .transport = "closed",
	    .offset = offset};

	assert_int_equal(link_answer(w->gateway, IPC_posted, shown.request, &m, NULL, 0), 0);
}

static void nothing_for_a_while(struct world *w)
{
	unsigned posts = shown.posts;

	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(shown.posts, posts);
}

static void test_shows(void **state)
{
	struct world *w = *state;

	world_until(w, &shown.posts, 1);
	assert_int_equal(shown.after, 0);
	answers(w, 0, 204, -1);
	receive(w, 5);
	nothing_for_a_while(w);
	watch_later(w, HOUR);
	world_until(w, &shown.posts, 2);
	assert_int_equal(shown.after, 5); /* the end */
	nothing_for_a_while(w);
	answers(w, 0, 202, 0);
	world_until(w, &shown.posts, 3);
	assert_int_equal(shown.after, 0);
	answers(w, 0, 202, 2);
	world_until(w, &shown.posts, 4);
	assert_int_equal(shown.after, 2);
	answers(w, 0, 202, 5);
	world_until(w, &shown.posts, 5);
	assert_int_equal(shown.after, 5);
	answers(w, 0, 204, -1);
	nothing_for_a_while(w);
	watch_restart(w);
	world_until(w, &shown.posts, 6);
	assert_int_equal(shown.after, 5);
}

static void test_none(void **state)
{
	struct world *w = *state;

	receive(w, 1);
	nothing_for_a_while(w);
	assert_int_equal(shown.pages, 0);
}

static void test_distrusted(void **state)
{
	struct world *w = *state;
	const struct msg_peer_distrust distrust = {.user = "officer", .party = PEER};

	world_until(w, &shown.posts, 1);
	answers(w, 0, 204, -1);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	watch_later(w, HOUR);
	nothing_for_a_while(w);
}

/* Answers that lead nowhere: it rests, and begins anew with the end. */
static void test_led_astray(void **state)
{
	static const struct {
		int outcome;
		uint32_t status;
		int64_t offset;
	} rows[] = {{0, 202, 6}, {0, 202, -1}, {0, 202, INT64_MAX}, {0, 422, -1}, {0, 503, 1},
	    {RXP_ERR_IO, 0, -1}};
	struct world *w = *state;
	unsigned n = 1;

	receive(w, 5);
	world_until(w, &shown.posts, n);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		answers(w, rows[i].outcome, rows[i].status, rows[i].offset);
		pump_for(w->loop, 50);
		assert_int_equal(shown.posts, n); /* not at once */
		for (unsigned k = 0; k < 200 && shown.posts == n; k++) {
			watch_restart(w); /* the back-off ends with it */
			pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
		}
		assert_int_equal(shown.posts, ++n);
		assert_int_equal(shown.after, 5);
	}
	answers(w, 0, 202, 3);
	world_until(w, &shown.posts, ++n);
	answers(w, 0, 202, 3); /* the same again */
	pump_for(w->loop, 50);
	assert_int_equal(shown.posts, n);
}

static void test_minute(void **state)
{
	struct world *w = *state;
	unsigned n;

	receive(w, REGISTRY_PAGES_MINUTE_MAX + 4);
	world_until(w, &shown.posts, 1);
	for (n = 1; n < REGISTRY_PAGES_MINUTE_MAX; n++) {
		answers(w, 0, 202, (int64_t)n);
		world_until(w, &shown.posts, n + 1);
		assert_int_equal(shown.after, n);
	}
	answers(w, 0, 202, (int64_t)n);
	nothing_for_a_while(w);
	watch_peer(w)->pages_given.since_mono -= 60000;
	world_until(w, &shown.posts, n + 1);
	assert_int_equal(shown.after, n);
}

/* No sealer reads: a page stays in work until the world ends. */
static void left_in_work(struct world *w)
{
	pump_while(w->loop, !watch_peer(w)->page_in_work);
	assert_true(watch_peer(w)->page_in_work);
}

static void test_ends(void **state)
{
	struct world *w = *state;

	world_until(w, &shown.posts, 1);
	answers(w, 0, 204, -1);
	nothing_for_a_while(w);
	link_pause(w->sealer, true);
	watch_later(w, HOUR);
	left_in_work(w);
}

static void test_ends_asked(void **state)
{
	const struct msg_log_get asked = {.party = PEER};
	struct world *w = *state;

	link_pause(w->sealer, true);
	assert_int_equal(link_request(w->gateway, IPC_log_get, &asked, NULL, 0, NULL), 0);
	left_in_work(w);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_shows),
	    cmocka_unit_test_setup_teardown(test_none, set_up_listening, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_none, set_up_both, world_tear_down),
	    TEST(test_distrusted),
	    TEST(test_led_astray),
	    TEST(test_minute),
	    TEST(test_ends),
	    cmocka_unit_test_setup_teardown(test_ends_asked, set_up_listening, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
