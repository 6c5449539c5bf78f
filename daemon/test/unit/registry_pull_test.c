/*
 * Goals of fetching from peers (RXP-PUL-005 to 008), with everything around the registry played:
 * - a node that has a listener asks nobody; one that has none posts its descriptor first, then asks each peer
 *   that has an endpoint, one question at a time, and goes on whatever comes back
 * - what is fetched goes the way of what is pushed, and its answer is posted; meanwhile the next is asked for, and what is
 *   in work is named; the same octets again get the stored answer
 * - an answer that is not taken now is posted again, three times; a peer that fails is left alone longer and longer
 * - missing attachments are fetched, and the document goes in once more; one that is not to be had is refused; a
 *   line that breaks leaves no trace
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"
#include "daemon/test/unit/registry_file_rig.h"

#define TAKEN 204

/* What the gateway was told; the test answers. */
static struct told {
	unsigned polls, posts, descriptors, downloads;
	uint64_t poll, post, download;
	size_t n_skip, described; /* octets of the last descriptor */
	uint8_t skip[16], left[32];
	struct msg_download file;
	uint8_t posted[WORLD_ANSWER_MAX];
	size_t posted_len;
} told;

static void (*of_files)(struct world *w, struct link *l, const struct link_message *m);

static void take(struct world *w, struct link *l, const struct link_message *m)
{
	if (m->type == IPC_poll) {
		const struct msg_poll *p = m->body;

		told.polls++;
		told.poll = m->request;
		told.n_skip = p->skip.len / 16;
		memcpy(told.left, p->left, sizeof told.left);
		if (told.n_skip > 0)
			memcpy(told.skip, p->skip.data, 16);
	} else if (m->type == IPC_post) {
		const struct msg_post *p = m->body;

		told.post = m->request;
		if (p->what == IPC_POST_DESCRIPTOR) {
			told.descriptors++;
			told.described = p->octets.len;
			return;
		}
		told.posts++;
		told.posted_len = p->octets.len;
		memcpy(told.posted, p->octets.data, p->octets.len);
	} else if (m->type == IPC_download) {
		told.downloads++;
		told.download = m->request;
		told.file = *(const struct msg_download *)m->body;
	} else if (m->type == IPC_seal_log_page) { /* of registry_show_test */
		const struct msg_log_page_sealed none = {.result = (uint32_t)RXP_ERR_NOMEM};

		link_answer(l, IPC_log_page_sealed, m->request, &none, NULL, 0);
	} else {
		of_files(w, l, m);
	}
}

static void post_ends(struct world *w, int outcome, uint32_t status)
{
	const struct msg_posted m = {
	    .outcome = (uint32_t)outcome, .http_status = status, .transport = "closed"};

	link_answer(w->gateway, IPC_posted, told.post, &m, NULL, 0);
}

static void download_ends(struct world *w, int outcome, uint32_t status)
{
	const struct msg_downloaded m = {
	    .outcome = (uint32_t)outcome, .http_status = status, .transport = "closed"};

	link_answer(w->gateway, IPC_downloaded, told.download, &m, NULL, 0);
}

static void poll_ends(struct world *w, int outcome, uint32_t status, const struct fake_envelope *e)
{
	const struct msg_polled m = {.outcome = (uint32_t)outcome,
	    .http_status = status,
	    .transport = "closed",
	    .received_ms = clock_wall_ms(),
	    .envelope = {(const uint8_t *)e, e != NULL ? sizeof *e : 0}};

	link_answer(w->gateway, IPC_polled, told.poll, &m, NULL, 0);
}

static int set_up_with(void **state, bool pulls)
{
	int rc = rig_set_up(state);
	struct world *w = *state;

	told = (struct told){.polls = 0};
	w->pulls = pulls;
	of_files = w->other;
	w->other = take;
	world_restart(w);
	return rc != 0 || world_add_peer(w, 1)->result != 0 ? -1 : 0;
}

/* It has told the peer, and asks. */
static int set_up(void **state)
{
	int rc = set_up_with(state, true);

	if (rc != 0)
		return rc;
	world_until(*state, &told.descriptors, 1);
	post_ends(*state, 0, TAKEN);
	world_until(*state, &told.polls, 1);
	return 0;
}

static int set_up_listening(void **state)
{
	return set_up_with(state, false);
}

static void test_listening(void **state)
{
	struct world *w = *state;

	pump_for(w->loop, 600); /* more than two ticks */
	assert_int_equal(told.descriptors + told.polls, 0);
}

static void test_asks_again(void **state)
{
	struct world *w = *state;
	int64_t begun = clock_mono_ms();

	assert_int_equal(told.n_skip, 0);
	poll_ends(w, 0, 204, NULL);
	world_until(w, &told.polls, 2); /* a peer that does not wait is asked after a second */
	assert_true(clock_mono_ms() - begun >= REGISTRY_PULL_PAUSE_MS / 2);
	assert_int_equal(told.descriptors, 1);
	begun = clock_mono_ms();
	poll_ends(w, RXP_ERR_IO, 0, NULL);
	world_until(w, &told.polls, 3);
	poll_ends(w, 0, 404, NULL);
	world_until(w, &told.polls, 4);
	assert_true(clock_mono_ms() - begun >= REGISTRY_RETRY_FIRST_MS);
}

static void test_no_endpoint(void **state)
{
	struct world *w = *state;

	w->peer_pulls = true;
	w->descriptor.working_created_ms++;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	poll_ends(w, 0, 204, NULL);
	pump_for(w->loop, 1500);
	assert_int_equal(told.polls, 1);
}

static void test_received(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1);
	uint8_t first[WORLD_ANSWER_MAX];

	poll_ends(w, 0, 200, &e);
	world_until(w, &told.posts, 1);
	memcpy(first, told.posted, told.posted_len);
	world_until(w, &told.polls, 2); /* meanwhile */
	assert_int_equal(told.n_skip, 1);
	assert_memory_equal(told.skip, e.message_id, 16);
	post_ends(w, 0, TAKEN);
	poll_ends(w, 0, 200, &e); /* the answer was lost on its way */
	world_until(w, &told.posts, 2);
	assert_memory_equal(told.posted, first, told.posted_len);
	assert_int_equal(w->opened, 1);
	assert_int_equal(w->n_admitted, 0);
	assert_memory_equal(world_admit(w, &e)->octets, first, told.posted_len); /* and pushed */
	world_until(w, &told.polls, 3);
	post_ends(w, 0, TAKEN);
	pump_for(w->loop, 20);
	poll_ends(w, 0, 204, NULL);
	world_until(w, &told.polls, 4);
	assert_int_equal(told.n_skip, 0);
}

static void test_not_taken(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1);

	poll_ends(w, 0, 200, &e);
	for (unsigned n = 1; n <= REGISTRY_POSTS_MAX; n++) {
		world_until(w, &told.posts, n);
		if (n == 1)
			world_until(w, &told.polls, 2);
		post_ends(w, 0, 503);
	}
	poll_ends(w, 0, 200, &e); /* the peer still wants it */
	world_until(w, &told.posts, REGISTRY_POSTS_MAX + 1);
	assert_int_equal(w->opened, 1);
}

static void test_crash(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1);
	uint8_t first[WORLD_ANSWER_MAX];

	poll_ends(w, 0, 200, &e);
	world_until(w, &told.posts, 1);
	memcpy(first, told.posted, told.posted_len);
	world_restart(w);
	world_until(w, &told.descriptors, 2);
	post_ends(w, 0, TAKEN);
	world_until(w, &told.polls, 3);
	poll_ends(w, 0, 200, &e);
	world_until(w, &told.posts, 2);
	assert_memory_equal(told.posted, first, told.posted_len);
}

/* RXP-PUL-008: each change is told at once, while a question waits at the peer. */
static void test_descriptor_changed(void **state)
{
	struct world *w = *state;
	size_t before = told.described;

	world_move_clock(w, REGISTRY_KEY_MAKE_MS + 1);
	world_until(w, &told.descriptors, 2);
	assert_int_equal(w->made_keys, 2);
	assert_int_equal(
	    told.described, before + 1); /* with the new key, and not the one before it */
	assert_int_equal(told.polls, 1);
	world_move_clock(
	    w, 2 * (REGISTRY_KEY_MAKE_MS + 1)); /* once more, before that is answered */
	world_until(w, &w->made_keys, 3);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(told.descriptors, 2);
	post_ends(w, 0, 422); /* that one it does not take, but the next it may */
	world_until(w, &told.descriptors, 3);
	assert_int_equal(told.described, before + 2);
	post_ends(w, 0, TAKEN);
	poll_ends(w, 0, 204, NULL);
	world_until(w, &told.polls, 2);
}

static void test_descriptor_not_taken(void **state)
{
	struct world *w = *state;

	world_restart(w);
	world_until(w, &told.descriptors, 2);
	post_ends(w, RXP_ERR_IO, 0); /* the line: again */
	world_until(w, &told.descriptors, 3);
	assert_int_equal(told.polls, 1);
	post_ends(w, 0, 422); /* it wants it not: what it has is fetched all the same */
	world_until(w, &told.polls, 2);
}

/* --- attachments ----------------------------------------------------------------------------------- */

/* An application that names this file. */
static struct fake_envelope with_file(struct world *w, const struct sample *s)
{
	static uint8_t octets[1024];
	struct rec_attachment_row row = {.number = 1,
	    .type = "photograph",
	    .media_type = "image/jpeg",
	    .length = s->length,
	    .ciphertext_length = s->total,
	    .checked_by = "legal-officer",
	    .key = {(const uint8_t *)"key", 3}};
	struct rxp_buf rows;

	memcpy(row.ciphertext_digest, s->digest, sizeof row.ciphertext_digest);
	rxp_buf_init(&rows, 4096);
	record_list_put(&rows, REC_attachment_row, &record_attachment_row, &row);
	assert_true(rows.len <= sizeof octets);
	memcpy(octets, rows.data, rows.len);
	w->attachments = (struct bytes){octets, rows.len};
	rxp_buf_free(&rows);
	return case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
}

static void test_attachment(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");
	struct fake_envelope e = with_file(w, &s);

	poll_ends(w, 0, 200, &e);
	world_until(w, &told.downloads, 1);
	assert_memory_equal(told.file.digest, s.digest, 32);
	assert_int_equal(told.file.total, s.total);
	world_until(w, &told.polls, 2); /* a small document overtakes it */
	assert_memory_equal(told.skip, e.message_id, 16);
	assert_int_equal(w->receipts, 0); /* and it is not refused meanwhile */
	rig_bring(w, &s);
	download_ends(w, 0, 201);
	world_until(w, &told.posts, 1);
	assert_int_equal(w->last_seal.kind, RXP_ANSWER_RECEIPT);
	assert_true(rig_there(PEER, &s));
}

static void test_attachment_lost(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");
	struct fake_envelope e = with_file(w, &s);

	poll_ends(w, 0, 200, &e);
	world_until(w, &told.downloads, 1);
	world_until(w, &told.polls, 2);
	download_ends(w, RXP_ERR_CLOSED, 0); /* the line: no trace, and no answer */
	poll_ends(w, 0, 200, &e);
	world_until(w, &told.downloads, 2);
	assert_int_equal(told.posts, 0);
	download_ends(w, 0, 404); /* it is not to be had: that is the answer */
	world_until(w, &told.posts, 1);
	assert_int_equal(w->last_seal.kind, RXP_ANSWER_REFUSAL);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_ATTACHMENT);
}

/* --- our own answers ------------------------------------------------------------------------------ */

/* The peer gives an answer of ours that we never lost; from: whose seal it bears. */
static void gives_own(struct world *w, const struct fake_envelope *e, const char *from)
{
	struct fake_answer f = {.checked = {.kind = RXP_ANSWER_RECEIPT,
				    .to = PEER,
				    .has_fingerprint = 1,
				    .final = 1,
				    .requirement = "\"urn:rxp:1:receipt\""}};
	struct msg_polled m = {
	    .http_status = 200, .transport = "closed", .envelope = {(const uint8_t *)&f, sizeof f}};
	uint8_t digest[32];
	static const uint8_t none[32];
	unsigned polls = told.polls;

	snprintf(f.checked.from, sizeof f.checked.from, "%s", from);
	memcpy(f.checked.message_id, e->message_id, sizeof f.checked.message_id);
	memcpy(f.checked.fingerprint, e->fingerprint, sizeof f.checked.fingerprint);
	node_digest(digest, (const uint8_t *)&f, sizeof f);
	link_answer(w->gateway, IPC_polled, told.poll, &m, NULL, 0);
	world_until(w, &told.polls, polls + 1);
	assert_memory_equal(told.left, digest, sizeof digest);
	poll_ends(w, RXP_ERR_IO, 0, NULL); /* it may not have heard it */
	world_until(w, &told.polls, polls + 2);
	assert_memory_equal(told.left, digest, sizeof digest);
	poll_ends(w, 0, TAKEN, NULL);
	world_until(w, &told.polls, polls + 3);
	assert_memory_equal(told.left, none, sizeof none);
}

/* One that is not taken is said to the peer, until it has heard that (RXP-PUL-013). */
static void test_own_left(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1);

	gives_own(w, &e, "QRC"); /* nobody's */
	assert_int_equal(told.posts, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_listening, set_up_listening, rig_tear_down),
	    TEST(test_own_left),
	    TEST(test_asks_again),
	    TEST(test_no_endpoint),
	    TEST(test_received),
	    TEST(test_not_taken),
	    TEST(test_crash),
	    TEST(test_descriptor_changed),
	    TEST(test_descriptor_not_taken),
	    TEST(test_attachment),
	    TEST(test_attachment_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
