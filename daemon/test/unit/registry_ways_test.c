/*
 * Goal of the three ways, mixed (RXP-PUL-009, RXP-BND-005): whatever order pushes, fetches and bundles come in, with answers
 * lost and this node killed in between,
 * - a document of the peer has one effect, and each answer to it is the same, octet for octet
 * - a document of ours has one end, which is the answer that came first; whatever comes after changes nothing
 * The orders are random; the seed is printed.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include "daemon/test/unit/dice.h"

#define ROUNDS 12
#define STEPS 40
#define DOCUMENTS 3

enum way { PUSH, PULL, BUNDLE, WAYS };

/* What came of each document of the peer. */
static struct {
	uint8_t first[DOCUMENTS][WORLD_ANSWER_MAX]; /* octets of its first answer */
	size_t len[DOCUMENTS];
	unsigned answers[WAYS];
	unsigned round; /* part of all ids */
} seen;

/* What waits for the test to answer. */
static struct {
	uint64_t poll, posted, deliver[DOCUMENTS * 8];
	unsigned n_admitted, returned;
	bool polls, given;
	struct world_delivery of; /* one of ours, as the peer has it */
} open;

static void answered(enum way way, const void *octets, size_t len)
{
	struct fake_sealed a; /* what a fake sealer makes of an answer */
	unsigned i;

	if (len == 0)
		return;
	assert_int_equal(len, sizeof a);
	memcpy(&a, octets, sizeof a);
	i = a.q.message_id[1];
	assert_true(i < DOCUMENTS);
	seen.answers[way]++;
	if (seen.len[i] == 0) {
		memcpy(seen.first[i], octets, len);
		seen.len[i] = len;
	}
	assert_int_equal(seen.len[i], len);
	assert_memory_equal(seen.first[i], octets, len);
}

/* An answer of ours that is posted is lost as often as not. */
static void on_post(struct world *w, uint64_t request, const struct msg_post *p)
{
	struct msg_posted m = {.http_status = 204, .offset = -1};

	if (p->what == IPC_POST_ANSWER) {
		answered(PULL, p->octets.data, p->octets.len);
		m.outcome = dice_roll(2) == 0 ? (uint32_t)RXP_ERR_IO : 0;
	}
	link_answer(w->gateway, IPC_posted, request, &m, NULL, 0);
}

static void other(struct world *w, struct link *l, const struct link_message *m)
{
	static const struct msg_log_page_sealed none = {.result = (uint32_t)RXP_ERR_NOMEM};
	const struct msg_picked_up *p = m->body;

	if (m->type == IPC_poll) {
		open.poll = m->request;
		open.polls = true;
	} else if (m->type == IPC_post) {
		on_post(w, m->request, m->body);
	} else if (m->type == IPC_seal_log_page) {
		link_answer(l, IPC_log_page_sealed, m->request, &none, NULL, 0);
	} else if (m->type == IPC_picked_up) {
		if (p->envelope.len == 0)
			return;
		memcpy(&open.of.envelope, p->envelope.data, sizeof open.of.envelope);
		node_digest(open.of.digest, p->envelope.data, p->envelope.len);
		open.given = true;
	} else {
		assert_int_equal(m->type, IPC_return_taken);
		open.returned++;
	}
}

static void on_desk(void *arg, struct link *l, const struct link_message *m)
{
	const struct msg_bundle_brought *b = m->body;

	if (m->type == IPC_bundle_brought)
		answered(BUNDLE, b->answer.data, b->answer.len);
	else
		world_on_desk(arg, l, m);
}

static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	memset(&seen, 0, sizeof seen);
	memset(&open, 0, sizeof open);
	w->pulls = true;
	w->desk_handler = on_desk;
	world_restart(w);
	w->other = other;
	return rc != 0 || world_add_peer(w, 1)->result != 0 ? -1 : 0;
}

/* The ids of one round, in an order of their own: octet 1 says which document. */
static struct fake_envelope document(unsigned i)
{
	struct fake_envelope e = world_envelope((uint8_t)(seen.round + 1));

	e.message_id[1] = (uint8_t)i;
	e.fingerprint[1] = (uint8_t)i;
	return e;
}

static void look_at_pushes(struct world *w)
{
	for (; open.n_admitted < w->n_admitted; open.n_admitted++)
		answered(
		    PUSH, w->admitted[open.n_admitted].octets, w->admitted[open.n_admitted].len);
}

static void bring(struct world *w, const char *kind, const void *octets, size_t len)
{
	struct msg_bundle_bring m = {.peer = PEER, .user = "officer", .octets = {octets, len}};

	snprintf(m.kind, sizeof m.kind, "%s", kind);
	pump_while(w->loop,
	    !link_has_room(w->desk, IPC_bundle_bring)); /* so many wait for their answers already */
	assert_int_equal(link_request(w->desk, IPC_bundle_bring, &m, NULL, 0, NULL), 0);
}

/* It comes once more, by one of the ways; nobody waits for what becomes of it. */
static void comes(struct world *w, enum way way, const struct fake_envelope *e)
{
	const struct msg_polled polled = {.http_status = 200,
	    .received_ms = clock_wall_ms(),
	    .envelope = {(const uint8_t *)e, sizeof *e}};

	if (way == PUSH) {
		world_send(w, e);
	} else if (way == BUNDLE) {
		bring(w, "message", e, sizeof *e);
	} else if (open.polls) {
		open.polls = false;
		link_answer(w->gateway, IPC_polled, open.poll, &polled, NULL, 0);
	}
}

static void killed(struct world *w)
{
	world_restart(w);
	w->other = other;
	open.polls = false;
	w->n_admitted = open.n_admitted = 0;
}

static void play_theirs(struct world *w)
{
	memset(seen.len, 0, sizeof seen.len);
	for (unsigned step = 0; step < STEPS; step++) {
		struct fake_envelope e = document(dice_roll(DOCUMENTS));

		comes(w, (enum way)dice_roll(WAYS), &e);
		if (dice_roll(3) == 0)
			pump_for(w->loop, 1 + dice_roll(3));
		look_at_pushes(w);
		if (dice_roll(15) == 0)
			killed(w);
	}
	pump_for(w->loop, 50);
	for (unsigned i = 0; i < DOCUMENTS;
	     i++) { /* and each, in peace, by each way that is at hand */
		struct fake_envelope e = document(i);

		assert_int_equal(world_admit(w, &e)->http_status, 200);
		bring(w, "message", &e, sizeof e);
		pump_for(w->loop, 10);
		look_at_pushes(w);
		assert_true(seen.len[i] > 0);
	}
	assert_int_equal(
	    peers_find(w->assembly->peers, PEER)->log.count, (seen.round + 1) * DOCUMENTS);
	killed(w);
}

static void test_theirs(void **state)
{
	struct world *w = *state;

	for (seen.round = 0; seen.round < ROUNDS; seen.round++)
		play_theirs(w);
	for (int way = 0; way < WAYS; way++)
		assert_true(seen.answers[way] > ROUNDS); /* else nothing is said of this way */
}

/* --- ours ---------------------------------------------------------------------------------------- */

/* An answer of the peer, by one of the ways: a receipt each time, and each another one, as no honest peer gives them. */
static void returns(struct world *w, enum way way, const struct world_delivery *d, bool last)
{
	static unsigned receipts;
	struct fake_answer f = world_receipt(d);
	const struct msg_returned m = {.party = PEER,
	    .received_ms = clock_wall_ms(),
	    .answer = {(const uint8_t *)&f, sizeof f}};

	f.checked.log_count = ++receipts;
	if (way == BUNDLE)
		bring(w, "answer", &f, sizeof f);
	else if (way == PULL)
		link_request(w->gateway, IPC_returned, &m, NULL, 0, NULL);
	else if (last)
		world_deliver(w, d, 200, &f);
	else
		world_deliver_fault(w, d);
}

static void play_ours(struct world *w)
{
	const struct msg_pickup pickup = {.party = PEER};
	struct rec_message_row row;
	unsigned n = w->n_deliveries;
	struct world_delivery d;
	uint64_t first;
	uint8_t id[16];

	world_ping(w, id);
	world_until(w, &w->n_deliveries, n + 1);
	d = w->deliveries[n];
	open.given = false;
	for (unsigned step = 0; step < STEPS / 4; step++) {
		if (dice_roll(3) == 0) /* it is fetched too, though it was pushed */
			link_request(w->gateway, IPC_pickup, &pickup, NULL, 0, NULL);
		returns(w, dice_roll(2) == 0 ? PULL : BUNDLE, open.given ? &open.of : &d, true);
		if (d.request != 0 && dice_roll(4) == 0) {
			returns(w, PUSH, &d, dice_roll(2) == 0);
			d.request = 0;
		}
		pump_for(w->loop, dice_roll(2) + 1);
	}
	if (d.request != 0)
		returns(w, PUSH, &d, dice_roll(2) == 0);
	returns(w, dice_roll(2) == 0 ? PULL : BUNDLE, &d, true);
	world_until_state(w, id, "delivered", &row);
	pump_for(w->loop, 50); /* what is under way still */
	world_show(w, id, &row);
	first = row.log_count;
	n = open.returned + 1;
	returns(w, PULL, &d, true);
	world_until(w, &open.returned, n);
	world_show(w, id, &row);
	assert_int_equal(row.log_count, first);
	w->n_answers = 0;
}

static void test_ours(void **state)
{
	struct world *w = *state;
	const struct peer *peer = peers_find(w->assembly->peers, PEER);

	for (unsigned round = 0; round < ROUNDS; round++) {
		play_ours(w);
		assert_int_equal(peer->counts[STATE_DELIVERED], round + 1);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_theirs),
	    TEST(test_ours),
	};

	dice_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
