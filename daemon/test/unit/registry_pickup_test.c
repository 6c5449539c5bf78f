/*
 * Goals of giving messages to a peer that fetches them, and of answers that it posts (RXP-PUL-002 to 006), with
 * everything around the registry played:
 * - nothing is pushed to a peer without an endpoint, and nothing closed, before it asks; a request waits as long as
 *   it says; a later one ends it; the order is that of pushes
 * - what was given rests, and is given again unchanged, also after a crash; what the peer has in work is passed over,
 *   and a message that nobody can answer keeps back no other
 * - an answer posted is what the same answer would be to a push: final, later, `rekey`, false, twice; of a parked
 *   message, of one that was taken back, of one that was pushed
 * - an attachment is given to the party and for the message that it is meant for, and nothing else
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

/* What the gateway was told last. */
static struct told {
	unsigned picks, returns, gifts;
	uint32_t pick_status, return_status, gift_status;
	struct world_delivery got; /* with status 200 */
} told;

static void take(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_picked_up *p = m->body;

	(void)w;
	(void)l;
	if (m->type == IPC_picked_up) {
		told.picks++;
		told.pick_status = p->http_status;
		assert_int_equal(p->envelope.len > 0, p->http_status == 200);
		if (p->envelope.len == 0)
			return;
		assert_int_equal(p->envelope.len, sizeof told.got.envelope);
		memcpy(&told.got.envelope, p->envelope.data, sizeof told.got.envelope);
		node_digest(told.got.digest, p->envelope.data, p->envelope.len);
	} else if (m->type == IPC_return_taken) {
		told.returns++;
		told.return_status = ((const struct msg_return_taken *)m->body)->http_status;
	} else {
		assert_int_equal(m->type, IPC_not_given);
		told.gifts++;
		told.gift_status = ((const struct msg_not_given *)m->body)->http_status;
	}
}

static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	told = (struct told){.picks = 0};
	w->other = take;
	w->peer_pulls = true;
	return rc != 0 || world_add_peer(w, 1)->result != 0 ? -1 : 0;
}

static void ask(struct world *w, uint32_t wait_ms, const uint8_t (*skip)[16], size_t n)
{
	struct msg_pickup m = {.party = PEER, .wait_ms = wait_ms, .skip = {skip[0], n * 16}};

	assert_int_equal(link_request(w->gateway, IPC_pickup, &m, NULL, 0, NULL), 0);
}

static const uint8_t none[1][16];

/* Ask and get nothing at once. */
static void assert_nothing(struct world *w, const uint8_t (*skip)[16], size_t n)
{
	unsigned before = told.picks;

	ask(w, 0, skip, n);
	world_until(w, &told.picks, before + 1);
	assert_int_equal(told.pick_status, 204);
}

static const struct world_delivery *fetched(struct world *w, const uint8_t (*skip)[16], size_t n)
{
	unsigned before = told.picks;

	ask(w, 30000, skip, n);
	world_until(w, &told.picks, before + 1);
	assert_int_equal(told.pick_status, 200);
	return &told.got;
}

static void assert_returned(struct world *w, const struct fake_answer *f, uint32_t status)
{
	struct msg_returned m = {.party = PEER,
	    .received_ms = clock_wall_ms(),
	    .answer = {(const uint8_t *)f, sizeof *f}};
	unsigned before = told.returns;

	assert_int_equal(link_request(w->gateway, IPC_returned, &m, NULL, 0, NULL), 0);
	world_until(w, &told.returns, before + 1);
	assert_int_equal(told.return_status, status);
}

static void state_is(struct world *w, const uint8_t id[16], const char *state)
{
	struct rec_message_row row;

	world_show(w, id, &row);
	assert_string_equal(row.state, state);
}

/* --- giving ---------------------------------------------------------------------------------------- */

static void test_closed_when_asked_for(void **state)
{
	struct world *w = *state;
	uint8_t id[16];

	world_ping(w, id);
	pump_for(w->loop, 50);
	assert_int_equal(w->closed, 0);
	assert_int_equal(w->n_deliveries, 0);
	state_is(w, id, "waiting");
	fetched(w, none, 0);
	assert_int_equal(w->closed, 1);
	assert_int_equal(w->n_deliveries, 0);
	state_is(w, id, "sending");
}

static void test_waits(void **state)
{
	struct world *w = *state;
	int64_t begun = clock_mono_ms();
	uint8_t id[16];

	ask(w, 100, none, 0);
	world_until(w, &told.picks, 1);
	assert_int_equal(told.pick_status, 204);
	assert_true(clock_mono_ms() - begun >= 100);
	ask(w, 30000, none, 0);
	pump_for(w->loop, 20);
	assert_int_equal(told.picks, 1);
	ask(w, 30000, none, 0); /* ends the one before */
	world_until(w, &told.picks, 2);
	assert_int_equal(told.pick_status, 204);
	world_ping(w, id); /* and hears of what comes */
	world_until(w, &told.picks, 3);
	assert_int_equal(told.pick_status, 200);
	assert_nothing(w, none, 0);
}

/* Who does not wait gets what there is. */
static void test_no_wait(void **state)
{
	struct world *w = *state;
	uint8_t id[16];

	world_ping(w, id);
	ask(w, 0, none, 0);
	world_until(w, &told.picks, 1);
	assert_int_equal(told.pick_status, 200);
	assert_nothing(w, none, 0);
}

static void test_given_again(void **state)
{
	struct world *w = *state;
	struct world_delivery first;
	uint8_t id[16];

	world_ping(w, id);
	first = *fetched(w, none, 0);
	assert_nothing(w, none, 0); /* it rests */
	world_move_clock(w, REGISTRY_GIVEN_MS + 1000);
	assert_memory_equal(fetched(w, none, 0)->digest, first.digest, 32);
	world_restart(w); /* after a crash at once */
	assert_memory_equal(fetched(w, none, 0)->digest, first.digest, 32);
	assert_int_equal(w->closed, 1);
}

static void test_passed_over(void **state)
{
	struct world *w = *state;
	struct world_delivery first, second;
	uint8_t id[16], skip[2][16];

	world_ping(w, id);
	world_ping(w, id);
	first = *fetched(w, none, 0);
	second = *fetched(w, none, 0); /* the first rests */
	assert_memory_not_equal(first.digest, second.digest, 32);
	world_restart(w);
	memcpy(skip[0], first.envelope.message_id, 16);
	memcpy(skip[1], second.envelope.message_id, 16);
	assert_memory_equal(fetched(w, (const uint8_t(*)[16])skip, 1)->digest, second.digest, 32);
	world_restart(w);
	assert_nothing(w, (const uint8_t(*)[16])skip, 2);
}

static void test_with_an_endpoint(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16], other[16];

	w->peer_pulls = false;
	w->descriptor.working_created_ms++;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	ask(w, 30000, none, 0);
	pump_for(w->loop, 20);
	world_ping(w, id); /* to who waits */
	world_until(w, &told.picks, 1);
	assert_int_equal(told.pick_status, 200);
	assert_int_equal(w->n_deliveries, 0);
	f = world_receipt(&told.got);
	world_ping(w, other); /* nobody waits: it is pushed */
	world_until(w, &w->n_deliveries, 1);
	assert_nothing(w, none, 0);
	assert_returned(w, &f, 204);
	state_is(w, id, "delivered");
	/* One that is being pushed is the push's: an answer that comes meanwhile is taken a moment later. */
	f = world_receipt(&w->deliveries[0]);
	assert_returned(w, &f, 503);
	world_deliver_fault(w, &w->deliveries[0]);
	world_until_state(w, other, "in-doubt", &row);
	assert_returned(w, &f, 204);
	state_is(w, other, "delivered");
}

static void test_distrusted(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};
	struct fake_answer f;
	uint8_t id[16];

	world_ping(w, id);
	f = world_receipt(fetched(w, none, 0));
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	ask(w, 0, none, 0);
	world_until(w, &told.picks, 2);
	assert_int_equal(told.pick_status, 503);
	assert_returned(w, &f, 503);
}

/* --- answers --------------------------------------------------------------------------------------- */

static void test_receipt(void **state)
{
	struct world *w = *state;
	struct world_delivery d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	world_ping(w, id);
	d = *fetched(w, none, 0);
	f = world_receipt(&d);
	assert_returned(w, &f, 204);
	world_show(w, id, &row);
	assert_string_equal(row.state, "delivered");
	assert_int_equal(row.attempts, 1);
	assert_returned(w, &f, 204); /* again: nothing changes */
	f.checked.log_count++;
	assert_returned(w, &f, 204); /* another one: the first stands */
	f = world_refusal(&d, RXP_REFUSAL_FUTURE, false);
	assert_returned(w, &f, 204); /* and nothing is sent again because of this one */
	world_restart(w);
	state_is(w, id, "delivered");
	world_move_clock(w, REGISTRY_RETRY_LAST_MS);
	assert_nothing(w, none, 0);
}

static void test_false_answers(void **state)
{
	struct world *w = *state;
	struct fake_answer right, f;
	uint8_t id[16];

	world_ping(w, id);
	right = world_receipt(fetched(w, none, 0));
	f = right;
	f.result = (uint32_t)RXP_ERR_SEAL;
	assert_returned(w, &f, 422);
	f = right;
	f.checked.message_id[3] ^= 1;
	assert_returned(w, &f, 422);
	f = right;
	f.checked.fingerprint[3] ^= 1;
	assert_returned(w, &f, 422);
	f = right;
	f.checked.envelope_digest[3] ^= 1;
	assert_returned(w, &f, 422);
	f = right;
	strcpy(f.checked.from, "QRC");
	assert_returned(w, &f, 422);
	state_is(w, id, "sending"); /* none counts against the message */
	assert_returned(w, &right, 204);
	state_is(w, id, "delivered");
}

static void test_never_given(void **state)
{
	struct world *w = *state;
	struct world_delivery d = {.octets = 0};
	struct fake_answer f;
	uint8_t id[16];

	world_ping(w, id); /* it has no MessageId yet: zeros are nobody's */
	f = world_receipt(&d);
	assert_returned(w, &f, 422);
	state_is(w, id, "waiting");
}

static void test_later(void **state)
{
	struct world *w = *state;
	struct fake_answer f;
	struct world_delivery d;
	uint8_t id[16];

	world_ping(w, id);
	d = *fetched(w, none, 0);
	f = world_refusal(&d, RXP_REFUSAL_FUTURE, false);
	assert_returned(w, &f, 204);
	state_is(w, id, "in-doubt");
	f = world_receipt(&d); /* without having been given anew */
	assert_returned(w, &f, 204);
	state_is(w, id, "delivered");
}

static void test_parked(void **state)
{
	struct world *w = *state;
	struct fake_answer f;
	struct world_delivery d;
	uint8_t id[16];

	world_ping(w, id);
	d = *fetched(w, none, 0);
	f = world_refusal(&d, RXP_REFUSAL_UNOPENABLE, false);
	for (int i = 0; i < REGISTRY_STRIKES_MAX; i++)
		assert_returned(w, &f, 204);
	state_is(w, id, "parked");
	assert_returned(w, &f, 204); /* a person is to decide: no more of these counts */
	state_is(w, id, "parked");
	f = world_receipt(&d);
	assert_returned(w, &f, 204);
	state_is(w, id, "delivered");
}

static void test_refused(void **state)
{
	struct world *w = *state;
	struct fake_answer f;
	uint8_t id[16];

	world_ping(w, id);
	f = world_refusal(fetched(w, none, 0), RXP_REFUSAL_SCHEMA, true);
	assert_returned(w, &f, 204);
	state_is(w, id, "refused");
}

/* A request that waits and says that it has the message in work gets it again as soon as the answer is posted
 * (RXP-PUL-014). */
static void test_in_work_no_more(void **state)
{
	struct world *w = *state;
	struct world_delivery first;
	struct fake_answer f;
	uint8_t id[16], skip[1][16];
	unsigned picks;

	world_ping(w, id);
	first = *fetched(w, none, 0);
	memcpy(skip[0], first.envelope.message_id, sizeof skip[0]);
	picks = told.picks;
	ask(w, 30000, (const uint8_t(*)[16])skip, 1);
	pump_for(w->loop, 50);
	assert_int_equal(told.picks, picks);
	f = world_refusal(&first, RXP_REFUSAL_REKEY, false);
	f.checked.has_fingerprint = 0;
	w->peer_key = 8;
	w->renewed_ms = clock_wall_ms();
	assert_returned(w, &f, 204);
	world_until(w, &told.picks, picks + 1);
	assert_int_equal(told.pick_status, 200);
	assert_int_equal(told.got.envelope.salt, first.envelope.salt + 1000);
}

static void test_rekey(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct world_delivery first;
	struct fake_answer f;
	uint8_t id[16];

	world_ping(w, id);
	first = *fetched(w, none, 0);
	f = world_refusal(&first, RXP_REFUSAL_REKEY, false);
	f.checked.has_fingerprint = 0;
	w->peer_key = 8;
	w->renewed_ms = clock_wall_ms();
	assert_returned(w, &f, 204);
	d = fetched(w, none, 0); /* at once, in another envelope */
	assert_int_equal(d->envelope.salt, first.envelope.salt + 1000);
	f = world_receipt(d);
	assert_returned(w, &f, 204);
	state_is(w, id, "delivered");
}

static void test_voided(void **state)
{
	struct world *w = *state;
	struct msg_message_void m = {.user = "officer"};
	struct world_delivery application, taking_back;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16], void_id[16], case_id[16] = {0};

	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	application = *fetched(w, none, 0);
	memcpy(m.local_id, id, sizeof id);
	memcpy(void_id, world_ask(w, IPC_message_void, &m)->id, sizeof void_id);
	state_is(w, id, "voiding");
	f = world_receipt(&application);
	taking_back = *fetched(w, none, 0);
	assert_memory_not_equal(taking_back.digest, application.digest, 32);
	/* The answer to the application, which is the answer to the Void. */
	assert_returned(w, &f, 204);
	world_until_state(w, void_id, "delivered", &row);
	state_is(w, id, "delivered");
}

/* --- attachments ----------------------------------------------------------------------------------- */

static void test_nothing_to_give(void **state)
{
	struct world *w = *state;
	struct msg_give m = {.party = PEER, .digest = {1}};

	assert_int_equal(link_request(w->gateway, IPC_give, &m, NULL, 0, NULL), 0);
	world_until(w, &told.gifts, 1);
	assert_int_equal(told.gift_status, 404);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_closed_when_asked_for),
	    TEST(test_waits),
	    TEST(test_no_wait),
	    TEST(test_given_again),
	    TEST(test_passed_over),
	    TEST(test_with_an_endpoint),
	    TEST(test_distrusted),
	    TEST(test_receipt),
	    TEST(test_false_answers),
	    TEST(test_never_given),
	    TEST(test_later),
	    TEST(test_parked),
	    TEST(test_refused),
	    TEST(test_rekey),
	    TEST(test_in_work_no_more),
	    TEST(test_voided),
	    TEST(test_nothing_to_give),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
