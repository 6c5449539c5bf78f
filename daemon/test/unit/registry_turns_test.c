/*
 * Goals of trying a peer that fails, with everything around the registry played:
 * - a message that the peer's node fails each time, or that line fails with which it goes, does not take the place of others,
 *   however early its deadline, but one that came meanwhile has not failed, and does not wait for all of them; nor does one with attachments of others with attachments; the answer to any ends the back-off;
 * - messages that the line alone fails keep their order, so that those that wait longest go while it is there; each
 *   REGISTRY_LINE_TURNS-th time they give way too
 * - after its line failed few go at once, and more with each answer
 * - an upload that fails and got further than the one before begins the back-off anew, and its message stays the one that is
 *   tried; one that did not leaves it as it is, and gives way.
 *
 * links: registry
 */
#include <sqlite3.h>

#include "daemon/test/unit/registry_file_rig.h"
#include "daemon/test/unit/registry_terms_rig.h"

#define MESSAGES 3
#define HTTP_BUSY 503

/* So that it is due before all others. The registry is started anew. */
static void make_urgent(struct world *w, const uint8_t id[16])
{
	const struct msg_log_note note = {.peer = PEER, .user = "officer"};
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "UPDATE outbox SET deadline_ms = 1 WHERE local_id = ?1", -1, &q, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_bind_blob(q, 1, id, 16, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_DONE);
	assert_int_equal(sqlite3_changes(db), 1);
	assert_int_equal(sqlite3_finalize(q), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	w->ended = 0;
	assert_int_equal(world_start(w), 0);
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0); /* RXP-LOG-032 */
}

static struct peer *peer_of(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

/* The next probe, as if its time had come. */
static void probe(struct world *w)
{
	struct msg_contact contact = {.party = PEER};

	peer_of(w)->deaf_until_mono = 0;
	assert_int_equal(link_request(w->gateway, IPC_contact, &contact, NULL, 0, NULL), 0);
}

static void until_failures(struct world *w, unsigned n)
{
	world_until(w, &peer_of(w)->failures, n);
	pump_for(w->loop, 20); /* and its rows are committed */
}

/* Which of the messages the n-th delivery is. */
static unsigned which(struct world *w, uint8_t ids[MESSAGES][16], unsigned n)
{
	struct rec_message_row row;

	world_until(w, &w->n_deliveries, n);
	for (unsigned i = 0; i < MESSAGES; i++) {
		world_show(w, ids[i], &row);
		if (memcmp(row.message_id, w->deliveries[n - 1].envelope.message_id, 16) == 0)
			return i;
	}
	fail_msg("delivery %u is none of the messages", n);
	return MESSAGES;
}

static void test_turns(void **state)
{
	struct world *w = *state;
	struct fake_answer f;
	uint8_t ids[MESSAGES][16];
	unsigned n = MESSAGES, tried[MESSAGES] = {0};

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < MESSAGES; i++)
		world_ping(w, ids[i]);
	world_until(w, &w->n_deliveries, n);
	make_urgent(w, ids[1]);
	world_until(w, &w->n_deliveries, n);
	for (unsigned i = 0; i < n; i++)
		world_deliver(w, &w->deliveries[i], HTTP_BUSY, NULL);
	until_failures(w, 1);
	for (unsigned i = 0; i < MESSAGES; i++) {
		unsigned message;

		probe(w);
		message = which(w, ids, ++n);
		assert_true(i > 0 || message == 1); /* all have failed: by the deadline */
		tried[message]++;
		peer_of(w)->not_before_mono = 0; /* its time has come */
		if (i % 2 == 0)
			world_deliver(w, &w->deliveries[n - 1], HTTP_BUSY, NULL);
		else
			world_deliver_fault(w, &w->deliveries[n - 1]);
		until_failures(w, i + 2);
	}
	for (unsigned i = 0; i < MESSAGES; i++)
		assert_int_equal(tried[i], 1);
	probe(w);
	assert_int_equal(which(w, ids, ++n), 1); /* anew */
	peer_of(w)->not_before_mono = 0;
	world_deliver(w, &w->deliveries[n - 1], HTTP_BUSY, NULL);
	until_failures(w, MESSAGES + 2);
	probe(w);
	assert_int_not_equal(which(w, ids, ++n), 1);
	f = world_receipt(&w->deliveries[n - 1]);
	world_deliver(w, &w->deliveries[n - 1], 200, &f);
	until_failures(w, 0);
	world_until(w, &w->n_deliveries, n + 2); /* both of the others */
}

/* One that came since has not failed: it is none of those that go behind the others. */
static void test_one_more(void **state)
{
	struct world *w = *state;
	uint8_t ids[MESSAGES][16];
	unsigned n = MESSAGES - 1;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < MESSAGES - 1; i++)
		world_ping(w, ids[i]);
	world_until(w, &w->n_deliveries, n);
	for (unsigned i = 0; i < n; i++)
		world_deliver(w, &w->deliveries[i], HTTP_BUSY, NULL);
	until_failures(w, 1);
	world_ping(w, ids[n]);
	probe(w);
	assert_int_equal(which(w, ids, n + 1), n);
	peer_of(w)->not_before_mono = 0;
	world_deliver(w, &w->deliveries[n], HTTP_BUSY, NULL);
	until_failures(w, 2);
	probe(w);
	assert_int_not_equal(which(w, ids, n + 2), n); /* and then behind them */
}

/* The last so many end, the last first, for nothing came back. */
static void line_fails_with(struct world *w, unsigned messages, unsigned n, unsigned failures)
{
	const struct msg_delivery m = {
	    .outcome = (uint32_t)RXP_ERR_TIMEOUT, .transport = "the line is dead"};

	peer_of(w)->not_before_mono = 0;
	for (unsigned i = 1; i <= messages; i++) {
		assert_int_equal(link_answer(w->gateway, IPC_delivery, w->deliveries[n - i].request,
				     &m, NULL, 0),
		    0);
		pump_for(w->loop, 5);
	}
	until_failures(w, failures);
}

static void line_fails(struct world *w, unsigned n, unsigned failures)
{
	line_fails_with(w, MESSAGES, n, failures);
}

static void expect_deliveries(struct world *w, unsigned n)
{
	world_until(w, &w->n_deliveries, n);
	pump_for(w->loop, 20);
	assert_int_equal(w->n_deliveries, n);
}

static void test_few_at_once(void **state)
{
	const unsigned messages = REGISTRY_PEER_FOUND + 2 * REGISTRY_PEER_MORE + 3;
	struct world *w = *state;
	struct fake_answer f;
	uint8_t id[16];
	unsigned n = messages;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < messages; i++)
		world_ping(w, id);
	world_until(w, &w->n_deliveries, n);
	line_fails_with(w, messages, n, 1);
	probe(w);
	expect_deliveries(w, n + REGISTRY_PEER_FOUND);
	for (unsigned i = 1; i <= 2; i++) {
		f = world_receipt(&w->deliveries[n + i - 1]);
		world_deliver(w, &w->deliveries[n + i - 1], 200, &f);
		expect_deliveries(w, n + REGISTRY_PEER_FOUND + i * (REGISTRY_PEER_MORE + 1));
	}
}

static void test_line(void **state)
{
	struct world *w = *state;
	uint8_t ids[MESSAGES][16];
	unsigned n = MESSAGES;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < MESSAGES; i++) {
		world_ping(w, ids[i]);
		world_until(w, &w->n_deliveries, i + 1);
		pump_for(w->loop, 5);
	}
	for (unsigned tries = 1; tries <= REGISTRY_LINE_TURNS; tries++, n += MESSAGES) {
		line_fails(w, n, tries);
		probe(w);
		for (unsigned i = 0; i < MESSAGES; i++)
			assert_int_equal(which(w, ids, n + 1 + i),
			    tries < REGISTRY_LINE_TURNS ? i : MESSAGES - 1 - i);
	}
}

/* Though the clock went back since it was made: what wakes it then is its turn, and not the time at which it was made. */
static void test_line_clock(void **state)
{
	struct world *w = *state;
	uint8_t ids[MESSAGES][16];
	unsigned n = MESSAGES;

	world_move_clock(w, HOUR);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < MESSAGES; i++)
		world_ping(w, ids[i]);
	world_until(w, &w->n_deliveries, n);
	world_move_clock(w, 0);
	line_fails(w, n, 1);
	probe(w);
	world_until(w, &w->n_deliveries, n + MESSAGES);
}

/* --- with attachments ---------------------------------------------------------------------------- */

static void end_upload(struct world *w, uint64_t request, uint32_t status, uint64_t held)
{
	const struct msg_uploaded m = {.outcome = status == 0 ? (uint32_t)RXP_ERR_IO : 0,
	    .http_status = status,
	    .transport = "line is down",
	    .held = held};

	assert_int_equal(link_answer(w->gateway, IPC_uploaded, request, &m, NULL, 0), 0);
}

/* Ends the upload under way without success, and the time of the next probe comes. */
static void upload_fails(struct world *w, uint32_t status, uint64_t held, unsigned failures)
{
	peer_of(w)->not_before_mono = 0;
	end_upload(w, rig_seen.upload_request, status, held);
	pump_for(w->loop, 50);
	assert_int_equal(peer_of(w)->failures, failures);
	assert_true(peer_of(w)->not_before_mono > clock_mono_ms());
	probe(w);
}

static void expect_upload(struct world *w, unsigned n, const struct sample *s)
{
	world_until(w, &rig_seen.uploads, n);
	assert_int_equal(rig_seen.uploads, n);
	assert_memory_equal(rig_seen.upload.digest, s->digest, sizeof s->digest);
}

/* Two messages with an attachment each, the first of them urgent; both failed once. */
static unsigned two_with_files(struct world *w, const struct sample s[2])
{
	static const char *const keys[] = {"key-1", "key-2"};
	uint8_t ids[2][16], files[2][16];
	unsigned n = 4;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < 2; i++)
		rig_keep(w, &s[i], files[i]);
	for (unsigned i = 0; i < 2; i++)
		rig_accepted(w, keys[i], files[i], 1, ids[i]);
	world_until(w, &rig_seen.uploads, 2);
	make_urgent(w, ids[0]);
	world_until(w, &rig_seen.uploads, n);
	end_upload(w, rig_seen.upload_before, HTTP_BUSY, 0);
	end_upload(w, rig_seen.upload_request, HTTP_BUSY, 0);
	until_failures(w, 1);
	probe(w);
	expect_upload(w, ++n, &s[0]);
	return n;
}

static void test_turns_with_files(void **state)
{
	struct world *w = *state;
	const struct sample s[2] = {rig_sample("portrait"), rig_sample("passport")};
	unsigned n = two_with_files(w, s);
	struct fake_answer f;

	upload_fails(w, HTTP_BUSY, 0, 2);
	expect_upload(w, ++n, &s[1]);
	upload_fails(w, 0, 0, 3);
	expect_upload(w, ++n, &s[0]);
	upload_fails(w, HTTP_BUSY, 0, 4);
	expect_upload(w, ++n, &s[1]);
	end_upload(w, rig_seen.upload_request, 201, 0);
	world_until(w, &w->n_deliveries, 1);
	f = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], 200, &f);
	until_failures(w, 0);
	expect_upload(w, ++n, &s[0]);
}

static void test_further(void **state)
{
	struct world *w = *state;
	const struct sample s[2] = {rig_sample("portrait"), rig_sample("passport")};
	unsigned n = two_with_files(w, s);

	upload_fails(w, 0, 0, 2);
	expect_upload(w, ++n, &s[1]);
	upload_fails(w, 0, 0, 3);
	expect_upload(w, ++n, &s[0]);
	upload_fails(w, 0, 5, 1); /* further */
	expect_upload(w, ++n, &s[0]);
	upload_fails(w, HTTP_BUSY, 6, 1);
	expect_upload(w, ++n, &s[0]);
	upload_fails(w, 0, 6, 2); /* no further */
	expect_upload(w, ++n, &s[1]);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_turns),
	    TEST(test_one_more),
	    TEST(test_line),
	    TEST(test_few_at_once),
	    TEST(test_line_clock),
	    TEST(test_turns_with_files),
	    TEST(test_further),
	};

	return cmocka_run_group_tests(tests, terms_rig_read, NULL);
}
