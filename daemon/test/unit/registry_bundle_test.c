/*
 * Goals of bundles at the registry (RXP-BND-003, 005 and 006), with everything around it played:
 * - each message without a final answer is given once, in order, closed if it was not, and counts as sent; it is given
 *   again next time, unchanged; what is halted, being sent or answered is passed over
 * - a message brought in gets the answer that it would get on a line, and the stored octets again, by whatever way
 * - an answer ends its message; one that is none, or of another party, changes nothing
 * - nothing of a bundle of somebody who is no peer, or is distrusted, is looked at
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

static struct told {
	unsigned given, brought;
	uint32_t result, http_status;
	uint8_t local_id[16];
	struct world_delivery message; /* if there is one */
	bool has_message;
	uint8_t answer[WORLD_ANSWER_MAX];
	size_t answer_len;
	unsigned pages;
	size_t page_len;
} told;

static void on_desk(void *arg, struct link *l, const struct link_message *m)
{
	const struct msg_bundle_given *g = m->body;
	const struct msg_bundle_brought *b = m->body;

	if (m->type == IPC_bundle_given) {
		told.given++;
		told.result = g->result;
		memcpy(told.local_id, g->local_id, sizeof told.local_id);
		told.has_message = g->envelope.len > 0;
		if (!told.has_message)
			return;
		assert_int_equal(g->envelope.len, sizeof told.message.envelope);
		memcpy(&told.message.envelope, g->envelope.data, sizeof told.message.envelope);
		assert_memory_equal(g->message_id, told.message.envelope.message_id, 16);
		node_digest(told.message.digest, g->envelope.data, g->envelope.len);
	} else if (m->type == IPC_bundle_brought) {
		told.brought++;
		told.result = b->result;
		told.http_status = b->http_status;
		told.answer_len = b->answer.len;
		assert_true(b->answer.len <= sizeof told.answer);
		if (b->answer.len > 0)
			memcpy(told.answer, b->answer.data, b->answer.len);
	} else if (m->type == IPC_bundle_log_given) {
		told.pages++;
		told.result = ((const struct msg_bundle_log_given *)m->body)->result;
		told.page_len = ((const struct msg_bundle_log_given *)m->body)->page.len;
	} else {
		world_on_desk(arg, l, m);
	}
}

static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	told = (struct told){.given = 0};
	w->desk_handler = on_desk;
	w->peer_pulls = true;
	world_restart(w);
	return rc != 0 || world_add_peer(w, 1)->result != 0 ? -1 : 0;
}

/* The next one behind this one. */
static void next(struct world *w, const char *party, const uint8_t *after)
{
	struct msg_bundle_next m = {.user = "officer"};
	unsigned before = told.given;

	snprintf(m.peer, sizeof m.peer, "%s", party);
	if (after != NULL)
		memcpy(m.after, after, sizeof m.after);
	assert_int_equal(link_request(w->desk, IPC_bundle_next, &m, NULL, 0, NULL), 0);
	world_until(w, &told.given, before + 1);
}

static void bring(
    struct world *w, const char *party, const char *kind, const void *octets, size_t len)
{
	struct msg_bundle_bring m = {.user = "officer", .octets = {octets, len}};
	unsigned before = told.brought;

	snprintf(m.peer, sizeof m.peer, "%s", party);
	snprintf(m.kind, sizeof m.kind, "%s", kind);
	assert_int_equal(link_request(w->desk, IPC_bundle_bring, &m, NULL, 0, NULL), 0);
	world_until(w, &told.brought, before + 1);
}

static void assert_none(struct world *w, const uint8_t *after)
{
	static const uint8_t none[16];

	next(w, PEER, after);
	assert_int_equal(told.result, 0);
	assert_false(told.has_message);
	assert_memory_equal(told.local_id, none, sizeof none);
}

static void state_is(struct world *w, const uint8_t id[16], const char *state)
{
	struct rec_message_row row;

	world_show(w, id, &row);
	assert_string_equal(row.state, state);
}

static void test_given(void **state)
{
	struct world *w = *state;
	struct world_delivery first;
	struct fake_answer f;
	uint8_t a[16], b[16];

	assert_none(w, NULL);
	world_ping(w, a);
	world_ping(w, b);
	next(w, PEER, NULL);
	assert_true(told.has_message);
	assert_memory_equal(told.local_id, a, 16);
	first = told.message;
	state_is(w, a, "sending");
	state_is(w, b, "waiting");
	next(w, PEER, a);
	assert_memory_equal(told.local_id, b, 16);
	assert_none(w, b);
	next(w, PEER, NULL); /* the bundle may be lost: the same octets */
	assert_memory_equal(told.message.digest, first.digest, 32);
	f = world_receipt(&first);
	bring(w, PEER, "answer", &f, sizeof f);
	assert_int_equal(told.http_status, 204);
	state_is(w, a, "delivered");
	bring(w, PEER, "answer", &f, sizeof f);
	assert_int_equal(told.http_status, 204);
	next(w, PEER, NULL);
	assert_memory_equal(told.local_id, b, 16);
	assert_int_equal(w->closed, 2);
}

static void test_being_sent(void **state)
{
	struct world *w = *state;
	uint8_t id[16];

	w->peer_pulls = false;
	w->descriptor.working_created_ms++;
	world_begin(w, id);
	world_until(w, &w->n_deliveries, 1);
	next(w, PEER, NULL);
	assert_memory_equal(told.local_id, id, 16);
	assert_false(told.has_message); /* passed over */
	assert_none(w, id);
}

static void test_false_answers(void **state)
{
	struct world *w = *state;
	struct fake_answer f;
	uint8_t id[16];

	world_ping(w, id);
	next(w, PEER, NULL);
	f = world_receipt(&told.message);
	f.checked.fingerprint[0] ^= 1;
	bring(w, PEER, "answer", &f, sizeof f);
	assert_int_equal(told.http_status, 422);
	bring(w, "QRD", "answer", &f, sizeof f);
	assert_int_equal((int)told.result, RXP_ERR_NOT_FOUND);
	bring(w, PEER, "gift", &f, sizeof f);
	assert_int_equal((int)told.result, RXP_ERR_SYNTAX);
	state_is(w, id, "sending");
}

static void test_message(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1);
	uint8_t first[WORLD_ANSWER_MAX];
	size_t len;

	bring(w, PEER, "message", &e, sizeof e);
	assert_int_equal(told.http_status, 200);
	len = told.answer_len;
	memcpy(first, told.answer, len);
	assert_int_not_equal(len, 0);
	bring(w, PEER, "message", &e, sizeof e);
	assert_memory_equal(told.answer, first, len);
	assert_memory_equal(world_admit(w, &e)->octets, first, len); /* and on a line */
	assert_int_equal(w->opened, 1);
}

static void test_rekey(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1);

	e.refusal = 1 + RXP_REFUSAL_REKEY;
	e.unopened = 1;
	bring(w, PEER, "message", &e, sizeof e);
	assert_int_equal(told.http_status, 409);
	assert_int_not_equal(told.answer_len, 0); /* it is carried back though it is not final */
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_REKEY);
}

static void seal_page(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_log_page_sealed a = {.octets = {(const uint8_t *)"page", 4}};

	(void)w;
	assert_int_equal(m->type, IPC_seal_log_page);
	link_answer(l, IPC_log_page_sealed, m->request, &a, NULL, 0);
}

/* RXP-BND-007: the peer asks for one on a line at that moment, and nothing of the log is left out because of it. */
static void test_page(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1);
	struct peer *peer = peers_find(w->assembly->peers, PEER);
	const struct msg_bundle_log m = {.peer = PEER};

	bring(w, PEER, "message", &e, sizeof e);
	w->other = seal_page;
	peer->page_in_work = true;
	assert_int_equal(link_request(w->desk, IPC_bundle_log, &m, NULL, 0, NULL), 0);
	world_until(w, &told.pages, 1);
	assert_int_equal(told.result, 0);
	assert_int_not_equal(told.page_len, 0);
	assert_true(peer->page_in_work);
	peer->page_in_work = false;
	assert_int_equal(link_request(w->desk, IPC_bundle_log, &m, NULL, 0, NULL), 0);
	world_until(w, &told.pages, 2);
	assert_false(peer->page_in_work);
}

static void test_nobody(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};
	struct fake_envelope e = world_envelope(1);

	bring(w, "QRD", "message", &e, sizeof e);
	assert_int_equal((int)told.result, RXP_ERR_NOT_FOUND);
	next(w, "QRD", NULL);
	assert_int_equal((int)told.result, RXP_ERR_NOT_FOUND);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	bring(w, PEER, "message", &e, sizeof e);
	assert_int_equal((int)told.result, RXP_ERR_NOT_FOUND);
	next(w, PEER, NULL);
	assert_int_equal((int)told.result, RXP_ERR_NOT_FOUND);
	assert_int_equal(w->opened, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_given),
	    TEST(test_being_sent),
	    TEST(test_false_answers),
	    TEST(test_message),
	    TEST(test_rekey),
	    TEST(test_page),
	    TEST(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
