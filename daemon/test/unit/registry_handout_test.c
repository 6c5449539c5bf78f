/*
 * Goals of attachments of ours that a peer fetches, with everything around the registry played (RXP-ATT-013,
 * RXP-ATT-030, RXP-HLD-002, RXP-HLD-004, RXP-LOG-032):
 * - one is given to the party of its message, after the message and until its final answer, and to nobody else
 * - none is given as long as the tables are not proved
 * - once somebody of its case is held it is not given, though the message was; the one try that an officer orders is
 *   message and attachments together, as often as the line breaks, until an answer comes to it
 *
 * links: registry
 */
#include "daemon/test/unit/registry_file_rig.h"

static struct told {
	unsigned picks, returns, gifts;
	uint32_t pick_status, return_status, gift_status;
	struct world_delivery got;
} told;

static void (*files)(struct world *w, struct link *l, const struct link_message *m);

static void take(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_picked_up *p = m->body;

	if (m->type == IPC_picked_up) {
		told.picks++;
		told.pick_status = p->http_status;
		if (p->envelope.len == 0)
			return;
		assert_int_equal(p->envelope.len, sizeof told.got.envelope);
		memcpy(&told.got.envelope, p->envelope.data, sizeof told.got.envelope);
		node_digest(told.got.digest, p->envelope.data, p->envelope.len);
	} else if (m->type == IPC_return_taken) {
		told.returns++;
		told.return_status = ((const struct msg_return_taken *)m->body)->http_status;
	} else if (m->type == IPC_given) {
		told.gifts++;
		told.gift_status = 200;
	} else if (m->type == IPC_not_given) {
		told.gifts++;
		told.gift_status = ((const struct msg_not_given *)m->body)->http_status;
	} else {
		files(w, l, m);
	}
}

static int set_up(void **state)
{
	int rc = rig_set_up(state);
	struct world *w = *state;

	told = (struct told){.picks = 0};
	files = w->other;
	w->other = take;
	w->peer_pulls = true;
	return rc != 0 || world_add_peer(w, 1)->result != 0 ? -1 : 0;
}

static void asks(struct world *w, uint32_t status)
{
	const struct msg_pickup m = {.party = PEER};
	unsigned before = told.picks;

	assert_int_equal(link_request(w->gateway, IPC_pickup, &m, NULL, 0, NULL), 0);
	world_until(w, &told.picks, before + 1);
	assert_int_equal(told.pick_status, status);
}

static void fetches(struct world *w, const char *party, const struct sample *s, uint32_t status)
{
	struct msg_give m = {.digest = {0}};
	unsigned before = told.gifts;

	snprintf(m.party, sizeof m.party, "%s", party);
	memcpy(m.digest, s->digest, sizeof m.digest);
	assert_int_equal(link_request(w->gateway, IPC_give, &m, NULL, 0, NULL), 0);
	world_until(w, &told.gifts, before + 1);
	assert_int_equal(told.gift_status, status);
}

static void returns(struct world *w, const struct fake_answer *f)
{
	const struct msg_returned m = {.party = PEER,
	    .received_ms = clock_wall_ms(),
	    .answer = {(const uint8_t *)f, sizeof *f}};
	unsigned before = told.returns;

	assert_int_equal(link_request(w->gateway, IPC_returned, &m, NULL, 0, NULL), 0);
	world_until(w, &told.returns, before + 1);
	assert_int_equal(told.return_status, 204);
}

static void test_given(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait"), other = rig_sample("passport");
	struct fake_answer f;
	uint8_t file[16], id[16];

	rig_keep(w, &s, file);
	fetches(w, PEER, &s, 404); /* of no message */
	rig_accepted(w, "key-1", file, 1, id);
	fetches(w, PEER, &s, 404); /* before its message */
	asks(w, 200);
	fetches(w, PEER, &s, 200);
	fetches(w, PEER, &other, 404);
	fetches(w, "QRC", &s, 404);
	f = world_refusal(&told.got, RXP_REFUSAL_BUSY, false);
	returns(w, &f);
	fetches(w, PEER, &s, 200);
	f = world_receipt(&told.got);
	returns(w, &f);
	fetches(w, PEER, &s, 404);
}

/* RXP-LOG-032: on the word of tables that are not proved nothing leaves; it may be asked for again. */
static void test_unproved(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");
	uint8_t file[16], id[16];

	rig_keep(w, &s, file);
	rig_accepted(w, "key-1", file, 1, id);
	asks(w, 200);
	w->assembly->node.proved.sends = false;
	fetches(w, PEER, &s, 503);
	w->assembly->node.proved.sends = true;
	fetches(w, PEER, &s, 200);
}

static void hold(struct world *w, const uint8_t id[16])
{
	struct msg_case_hold m = {.user = "uid:1001", .reason = "legal", .persons = 1};
	struct rec_message_row row;

	world_show(w, id, &row);
	memcpy(m.case_id, row.case_id, sizeof m.case_id);
	assert_int_equal(world_ask(w, IPC_case_hold, &m)->result, 0);
}

static void later(struct world *w)
{
	static int64_t moved;

	moved += REGISTRY_RETRY_LAST_MS;
	world_move_clock(w, moved);
}

static void test_held(void **state)
{
	struct world *w = *state;
	struct msg_message_requeue requeue = {.user = "officer"};
	struct sample s = rig_sample("portrait");
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t file[16], id[16];

	rig_keep(w, &s, file);
	rig_accepted(w, "key-1", file, 1, id);
	asks(w, 200);
	hold(w, id);
	fetches(w, PEER, &s, 404);
	later(w);
	asks(w, 204);
	world_until_state(w, id, "parked", &row);
	fetches(w, PEER, &s, 404);
	memcpy(requeue.local_id, id, sizeof requeue.local_id);
	assert_int_equal(world_ask(w, IPC_message_requeue, &requeue)->result, 0);
	asks(w, 200);
	fetches(w, PEER, &s, 200);
	rig_restart(w); /* the line breaks, and this node with it */
	w->other = take;
	later(w);
	asks(w, 200);
	fetches(w, PEER, &s, 200);
	f = world_refusal(&told.got, RXP_REFUSAL_ATTACHMENT, false);
	returns(w, &f); /* that was the one try */
	fetches(w, PEER, &s, 404);
	later(w);
	asks(w, 204);
	world_until_state(w, id, "parked", &row);
	assert_int_equal(world_ask(w, IPC_message_requeue, &requeue)->result, 0);
	asks(w, 200);
	f = world_receipt(&told.got);
	returns(w, &f);
	world_until_state(w, id, "delivered", &row);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_given),
	    TEST(test_unproved),
	    TEST(test_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
