/*
 * Goals of attachments on the way out, with everything around the registry played:
 * - every attachment is brought before the document, which has its rows with keys; a crash asks the peer again; while it fails,
 *   what has no attachments goes first; a fault leaves the document closed, three refusals of the file or of the document for its
 *   lack park it; a file goes with one document only;
 * - where the agreement lets large ones follow, they do as soon as the document is receipted, unless the peer has them;
 * - of what is given up, or never sent, no file stays, and those of others do.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_file_rig.h"
#include "daemon/test/unit/registry_terms_rig.h"

#include "daemon/registry/limits.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_pending.h"

static void uploaded(struct world *w, int outcome, uint32_t status)
{
	struct msg_uploaded m = {
	    .outcome = (uint32_t)outcome, .http_status = status, .transport = "line is down"};

	if (outcome == 0)
		m.transport[0] = '\0';
	assert_int_equal(
	    link_answer(w->gateway, IPC_uploaded, rig_seen.upload_request, &m, NULL, 0), 0);
}

static void test_out(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait"), t = rig_sample("passport");
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t ids[2][16], id[16], again[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_keep(w, &t, ids[1]);
	rig_keep(w, &s, ids[0]);
	rig_accepted(w, "key-1", ids[0], 2, id);
	rig_expect_upload(w, 2, &t);
	uploaded(w, 0, 200);
	world_show(w, id, &row);
	assert_string_equal(row.state, "closed");
	assert_int_equal(w->n_deliveries, 0);
	assert_true(w->closed_rows > 200);
	rig_seen.upload_request = rig_seen.upload_before;
	uploaded(w, 0, 201);
	world_until(w, &w->n_deliveries, 1);
	world_show(w, id, &row);
	assert_string_equal(row.state, "sending");
	f = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], 200, &f);
	world_until_state(w, id, "delivered", &row);
	/* A file goes with one document; the same request under its key is the same document. */
	assert_int_equal((int)rig_submit(w, "key-2", ids[0], 2)->result, RXP_ERR_STATE);
	assert_int_equal((int)rig_submit(w, "key-2", ids[1], 1)->result, RXP_ERR_STATE);
	rig_accepted(w, "key-1", ids[0], 2, again);
	assert_memory_equal(again, id, sizeof id);
	rig_accepted(w, "key-2", NULL, 0, id);
	world_until(w, &w->n_deliveries, 2);
	assert_int_equal(rig_seen.uploads, 2);
}

/* A file of the desk that is longer than the agreement makes wait for. */
static void keep_large(struct world *w, const struct sample *s, uint8_t id[16])
{
	struct msg_attachment_done done = rig_begin(w, s);

	done.length = REGISTRY_FIRST_OCTETS;
	done.ciphertext_length = store_file_ciphertext_length(done.length);
	assert_int_equal(ftruncate(rig_seen.fd, (off_t)done.ciphertext_length), 0);
	assert_int_equal(world_ask(w, IPC_attachment_done, &done)->result, 0);
	memcpy(id, done.attachment, 16);
}

static void test_out_behind(void **state)
{
	struct world *w = *state;
	void (*const files)(struct world *, struct link *, const struct link_message *) = w->other;
	struct rxp_profile p = terms_rig_profile();
	struct sample s = rig_sample("portrait");
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t file[16], id[16];

	p.attachments.pending = RXP_PENDING_CLOCK_WAITS;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	terms_rig_take_profile(w, &p);
	w->other = files; /* the profile's rig has answered what it is asked */
	keep_large(w, &s, file);
	w->assembly->tick_ms = HOUR; /* what follows waits for no tick */
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	rig_accepted(w, "key-1", file, 1, id);
	world_until(w, &w->n_deliveries, 1);
	assert_int_equal(rig_seen.uploads, 0);
	f = world_receipt(&w->deliveries[0]);
	strcpy(f.flags, "late pending");
	world_deliver(w, &w->deliveries[0], 200, &f);
	world_until_state(w, id, "delivered", &row);
	world_until(w, &rig_seen.uploads, 1);
	assert_memory_equal(rig_seen.upload.digest, s.digest, sizeof s.digest);
	uploaded(w, RXP_ERR_IO, 0); /* no other message brings it again, the next tick does */
	rig_accepted(w, "key-2", NULL, 0, id);
	world_until(w, &w->n_deliveries, 2);
	f = world_receipt(&w->deliveries[1]);
	world_deliver(w, &w->deliveries[1], 200, &f);
	world_until_state(w, id, "delivered", &row);
	assert_int_equal(rig_seen.uploads, 1);
}

/* RXP-ATT-031: it was fetched with its files, or they had come before. Nobody waits for word of them. */
static void test_out_behind_whole(void **state)
{
	struct world *w = *state;
	void (*const files)(struct world *, struct link *, const struct link_message *) = w->other;
	struct rxp_profile p = terms_rig_profile();
	struct sample s = rig_sample("portrait");
	struct rec_message_row row;
	struct store_pending pending;
	struct fake_answer f;
	uint8_t file[16], id[16];

	p.attachments.pending = RXP_PENDING_CLOCK_WAITS;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	terms_rig_take_profile(w, &p);
	w->other = files;
	keep_large(w, &s, file);
	rig_accepted(w, "key-1", file, 1, id);
	world_until(w, &w->n_deliveries, 1);
	assert_int_equal(store_pending_get(store_db(w->assembly->node.store), &pending, id), 0);
	f = world_receipt(&w->deliveries[0]);
	strcpy(f.flags, "late");
	world_deliver(w, &w->deliveries[0], 200, &f);
	world_until_state(w, id, "delivered", &row);
	assert_int_equal(
	    store_pending_get(store_db(w->assembly->node.store), &pending, id), RXP_ERR_NOT_FOUND);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(rig_seen.uploads, 0);
}

static void until_error(
    struct world *w, const uint8_t id[16], const char *words, struct rec_message_row *row)
{
	int64_t end = clock_mono_ms() + PUMP_MAX_MS;

	do {
		w->n_answers = 0;
		world_show(w, id, row);
	} while (strcmp(row->last_error, words) != 0 && clock_mono_ms() < end);
	assert_string_equal(row->last_error, words);
}

static void test_out_again(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");
	struct msg_message_requeue requeue = {.user = "officer"};
	struct rec_message_row row;
	uint8_t file[16], id[16];
	unsigned n = 0;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_keep(w, &s, file);
	rig_accepted(w, "key-1", file, 1, id);
	rig_expect_upload(w, ++n, &s);
	world_restart(w);
	rig_expect_upload(w, ++n, &s);
	assert_int_equal(w->closed, 1);
	uploaded(w, RXP_ERR_IO, 0);
	world_until_state(w, id, "closed", &row);
	until_error(w, id, "line is down", &row);
	assert_int_equal(row.attempts, 0);
	for (unsigned i = 1; i <= REGISTRY_STRIKES_MAX; i++) {
		rig_expect_upload(w, ++n, &s);
		uploaded(w, 0, 422);
		until_error(w, id, "attachment 1 not taken, HTTP status 422", &row);
		world_move_clock(w, (int64_t)i * REGISTRY_RETRY_LAST_MS);
	}
	world_until_state(w, id, "parked", &row);
	assert_int_equal(w->n_deliveries, 0);
	memcpy(requeue.local_id, id, sizeof requeue.local_id);
	assert_int_equal(world_ask(w, IPC_message_requeue, &requeue)->result, 0);
	rig_expect_upload(w, ++n, &s);
	uploaded(w, 0, 200);
	world_until(w, &w->n_deliveries, 1);
}

/* While a peer fails, what has no attachments is tried first, and does not wait for what has some; nor does that wait for one
 * without that fails each time. */
static void test_out_behind_files(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");
	uint8_t file[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_keep(w, &s, file);
	rig_accepted(w, "key-1", file, 1, id);
	world_ping(w, id);
	rig_expect_upload(w, 1, &s);
	world_until(w, &w->n_deliveries, 1);
	uploaded(w, RXP_ERR_IO, 0);
	world_deliver_fault(w, &w->deliveries[0]); /* under way together: one failure */
	world_until(w, &w->n_deliveries, 2);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(rig_seen.uploads, 1);
	world_deliver_fault(w, &w->deliveries[1]); /* the second: both are tried */
	rig_expect_upload(w, 2, &s);
	world_until(w, &w->n_deliveries, 3);
}

/* Given up before it was on a line: its files go with it, and those of others stay. */
static void test_out_discarded(void **state)
{
	struct world *w = *state;
	struct sample s[] = {rig_sample("portrait"), rig_sample("passport"), rig_sample("other")};
	struct msg_message_discard m = {.user = "officer"};
	struct rec_message_row row;
	uint8_t ids[3][16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < 3; i++)
		rig_keep(w, &s[i], ids[i]);
	rig_accepted(w, "key-1", ids[0], 2, id);
	rig_expect_upload(w, 2, &s[1]);
	uploaded(w, 0, 413);
	rig_seen.upload_request = rig_seen.upload_before;
	uploaded(w, 0, 201);
	until_error(w, id, "attachment 2 not taken, HTTP status 413", &row);
	assert_string_equal(row.state, "closed");
	memcpy(m.local_id, id, sizeof m.local_id);
	assert_int_equal(world_ask(w, IPC_message_discard, &m)->result, 0);
	assert_int_equal(rig_files(), 1);
	assert_true(rig_there("", &s[2]));
	assert_int_equal((int)rig_list(w, ids[0], 1)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(rig_list(w, ids[2], 1)->result, 0);
	world_move_clock(w, 2 * REGISTRY_RETRY_LAST_MS);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(rig_seen.uploads, 2);
}

/* Never sent, since its case came to allow it no more: nobody erases it later, so its files go with its end. */
static void test_out_overtaken(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait"), t = rig_sample("other");
	struct msg_submit behind = {.user = "officer", .peer = PEER, .type = "Withdrawal"};
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t files[2][16], id[16];
	const struct world_answer *a;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_keep(w, &s, files[0]);
	rig_keep(w, &t, files[1]);
	a = rig_submit(w, "key-1", NULL, 0);
	assert_int_equal(a->result, 0);
	memcpy(behind.case_id, a->case_id, sizeof behind.case_id);
	world_until(w, &w->n_deliveries, 1);
	a = rig_submit_as(w, "key-2", behind, "withdraw", files[0], 1);
	assert_int_equal(a->result, 0);
	memcpy(id, a->id, sizeof id);
	f = world_refusal(&w->deliveries[0], RXP_REFUSAL_SCHEMA, true);
	world_deliver(w, &w->deliveries[0], 422, &f);
	world_until_state(w, id, "refused", &row);
	assert_int_equal(row.attempts, 0);
	assert_int_equal((int)rig_list(w, files[0], 1)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(rig_list(w, files[1], 1)->result, 0);
	assert_int_equal(rig_files(), 1);
	assert_true(rig_there("", &t));
}

/* The peer says that it holds the file, and then that it lacks it: not for ever. */
static void test_out_lacking(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t file[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_keep(w, &s, file);
	rig_accepted(w, "key-1", file, 1, id);
	for (unsigned i = 1; i <= REGISTRY_STRIKES_MAX; i++) {
		rig_expect_upload(w, i, &s);
		uploaded(w, 0, 201);
		world_until(w, &w->n_deliveries, i);
		f = world_refusal(&w->deliveries[i - 1], RXP_REFUSAL_ATTACHMENT, false);
		world_deliver(w, &w->deliveries[i - 1], 409, &f);
		until_error(w, id, "refused for now: attachment, though the peer took all", &row);
		world_move_clock(w, (int64_t)i * REGISTRY_RETRY_LAST_MS);
	}
	world_until_state(w, id, "parked", &row);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(rig_seen.uploads, REGISTRY_STRIKES_MAX);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_out),
	    TEST(test_out_behind),
	    TEST(test_out_behind_whole),
	    TEST(test_out_again),
	    TEST(test_out_behind_files),
	    TEST(test_out_discarded),
	    TEST(test_out_overtaken),
	    TEST(test_out_lacking),
	};

	return cmocka_run_group_tests(tests, terms_rig_read, NULL);
}
