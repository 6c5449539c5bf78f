/*
 * Goals of histories that a peer gets in bundles, with everything around the registry played: up to sixteen copies at once, as long
 * as no line is there (RXP-BND-014); what is cut out comes with the next; a refusal ends it; a copy whose document is gone
 * meanwhile gives nothing, in its place (RXP-HIS-015).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_given_rig.h"

#include "daemon/registry/store/store_history.h"

#define CASES 20

/* What the last bundle had, … */
static struct {
	struct world_delivery of[2 * REGISTRY_HISTORY_BUNDLE_MAX];
	unsigned n, heard;
	uint8_t after[16];
	bool over;
} bag;

static void on_desk(void *arg, struct link *l, const struct link_message *m)
{
	const struct msg_bundle_given *g = m->body;

	if (m->type == IPC_bundle_given) {
		bag.heard++;
		assert_int_equal(g->result, 0);
		memcpy(bag.after, g->local_id, sizeof bag.after);
		bag.over = memcmp(g->local_id, (uint8_t[16]){0}, 16) == 0;
		if (g->envelope.len == 0)
			return;
		assert_true(bag.n < sizeof bag.of / sizeof bag.of[0]);
		memcpy(&bag.of[bag.n].envelope, g->envelope.data, sizeof bag.of[0].envelope);
		node_digest(bag.of[bag.n++].digest, g->envelope.data, g->envelope.len);
	} else if (m->type == IPC_bundle_brought) {
		bag.heard++;
		assert_int_equal(((const struct msg_bundle_brought *)m->body)->http_status, 204);
	} else {
		world_on_desk(arg, l, m);
	}
}

/* … as readmitctl asks for it. */
static void export(struct world *w)
{
	struct msg_bundle_next m = {.user = "officer", .peer = PEER};
	unsigned before;

	memset(&bag, 0, sizeof bag);
	do {
		before = bag.heard;
		memcpy(m.after, bag.after, sizeof m.after);
		assert_int_equal(link_request(w->desk, IPC_bundle_next, &m, NULL, 0, NULL), 0);
		world_until(w, &bag.heard, before + 1);
	} while (!bag.over);
}

/* Leaves what a bundle carries beside the copies aside: word of an erasure goes out when the registry comes to it. */
static unsigned put_aside(void)
{
	unsigned n = 0, voids = 0;

	for (unsigned i = 0; i < bag.n; i++) {
		voids += strcmp(bag.of[i].envelope.type, "Void") == 0;
		if (strcmp(bag.of[i].envelope.type, "HistoryCopy") == 0)
			bag.of[n++] = bag.of[i];
	}
	bag.n = n;
	return voids;
}

static void carries(unsigned i, uint64_t number, bool last)
{
	struct rec_node_history_copy says = given_in(&bag.of[i].envelope);

	assert_int_equal(says.number, number);
	assert_int_equal(says.last, last);
}

static void comes_back(struct world *w, const struct fake_answer *f)
{
	struct msg_bundle_bring m = {.user = "officer",
	    .peer = PEER,
	    .kind = "answer",
	    .octets = {(const uint8_t *)f, sizeof *f}};
	unsigned before = bag.heard;

	assert_int_equal(link_request(w->desk, IPC_bundle_bring, &m, NULL, 0, NULL), 0);
	world_until(w, &bag.heard, before + 1);
}

static void receipted(struct world *w, unsigned i)
{
	struct fake_answer f = world_receipt(&bag.of[i]);

	comes_back(w, &f);
}

static struct peer *alone_with_bundles(struct world *w)
{
	struct peer *peer;

	w->desk_handler = on_desk;
	world_restart(w);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	peer = peers_find(w->assembly->peers, PEER);
	peer->pulls = true;
	for (uint8_t i = 0; i < CASES; i++) {
		uint8_t id[16] = {9, 2, 3, 4, 5, 6, 0x47, 8, 0x89, i};
		struct fake_envelope e = case_document(
		    (uint8_t)(20 + i), id, APPLICATION, 1, case_facts("apply", 1, 1, NULL));

		assert_int_equal(world_admit(w, &e)->http_status, 200);
	}
	given_asks(w, 10, NULL);
	pump_for(w->loop, 50);
	peer->last_contact_ms = 0;
	return peer;
}

static void test_in_a_bundle(void **state)
{
	struct world *w = *state;
	struct peer *peer = alone_with_bundles(w);
	uint8_t id[16];

	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
	for (unsigned i = 0; i < bag.n; i++)
		carries(i, i + 1, false);
	export(w); /* the first was lost on its way */
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
	given_asks_in_vain(w, 11);
	peer->last_contact_ms = 0;
	memcpy(id, bag.of[15].envelope.message_id, sizeof id);
	for (unsigned i = 0; i < 15; i++)
		receipted(w, i);
	export(w); /* the last one was cut out; with it all the others, and the end */
	assert_int_equal(bag.n, 6);
	assert_memory_equal(bag.of[0].envelope.message_id, id, sizeof id);
	for (unsigned i = 0; i < 6; i++)
		carries(i, 16 + i, i == 5);
	for (unsigned i = 0; i < 6; i++)
		receipted(w, i);
	pump_for(w->loop, 50);
	given_asks(w, 11, NULL);
}

/* On a line one at a time; as many were in a bundle before as there were. */
static void test_a_line_again(void **state)
{
	struct world *w = *state;
	struct peer *peer = alone_with_bundles(w);

	peer->last_contact_ms = clock_wall_ms() + 1;
	export(w);
	assert_int_equal(bag.n, 1);
	peer->last_contact_ms = 0;
	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
	peer->last_contact_ms = clock_wall_ms() + 1;
	receipted(w, 0);
	pump_for(w->loop, 50);
	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX - 1);
}

/* A line that was there a moment before the first copy, so that a later one is not stored for a minute, or that has been there for long,
 * counts from when something came over it. */
static void test_a_line_since(void **state)
{
	struct world *w = *state;
	struct peer *peer = alone_with_bundles(w);
	const struct msg_contact contact = {.party = PEER};

	peer->last_contact_ms = clock_wall_ms() - 1;
	world_move_clock(w, 1000);
	assert_int_equal(link_request(w->gateway, IPC_contact, &contact, NULL, 0, NULL), 0);
	pump_for(w->loop, 20);
	export(w);
	assert_int_equal(bag.n, 1);
	/* So it does after a start. */
	world_restart(w);
	peer = peers_find(w->assembly->peers, PEER);
	peer->pulls = true;
	export(w);
	assert_int_equal(bag.n, 1);
	peer->last_contact_ms = 0;
	given_asks_in_vain(w, 11);
	export(w);
	assert_int_equal(bag.n, 1);
	peer->last_contact_ms = 0;
	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
}

/* RXP-HIS-008: what was given before has its answers, and nothing more is given. */
static void test_refused_in_a_bundle(void **state)
{
	struct world *w = *state;
	struct fake_answer refusal;

	alone_with_bundles(w);
	export(w);
	refusal = world_refusal(&bag.of[3], RXP_REFUSAL_STATE, true);
	comes_back(w, &refusal);
	pump_for(w->loop, 50);
	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX - 1);
	given_asks(w, 11, NULL);
	pump_for(w->loop, 50);
	export(w);
	carries(15, 1, false);
}

/* RXP-HIS-015: never in a bundle, the node gives it up by itself. */
static void test_never_sent(void **state)
{
	struct world *w = *state;
	const uint8_t first[16] = {9, 2, 3, 4, 5, 6, 0x47, 8, 0x89};

	alone_with_bundles(w);
	given_correct(w, first, "block");
	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
	for (unsigned i = 0; i < REGISTRY_HISTORY_BUNDLE_MAX; i++)
		carries(i, i + 1, false);
	assert_int_equal(given_in(&bag.of[0].envelope).pieces, 0);
	assert_int_equal(put_aside(), 0);
}

/* RXP-HIS-009, 015: each copy goes with its document, and its Number comes in its place. */
static void test_erased_in_a_bundle(void **state)
{
	struct world *w = *state;
	const uint8_t third[16] = {9, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 2};

	alone_with_bundles(w);
	export(w);
	given_correct(w, third, "erase");
	export(w);
	assert_int_equal(put_aside(), 1);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
	for (unsigned i = 0; i < bag.n; i++)
		carries(i, i + 1, false);
	assert_int_equal(given_in(&bag.of[2].envelope).pieces, 0);
	assert_int_equal(given_in(&bag.of[3].envelope).pieces, 1);
	for (unsigned i = 0; i < bag.n; i++)
		receipted(w, i);
	pump_for(w->loop, 50);
	export(w); /* the rest, and what takes back the third */
	put_aside();
	assert_int_equal(bag.n, 5);
	for (unsigned i = 0; i < bag.n; i++)
		carries(i, REGISTRY_HISTORY_BUNDLE_MAX + 1 + i, i == 4);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	static const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_in_a_bundle),
	    WORLD_TEST(test_a_line_again),
	    WORLD_TEST(test_a_line_since),
	    WORLD_TEST(test_refused_in_a_bundle),
	    WORLD_TEST(test_never_sent),
	    WORLD_TEST(test_erased_in_a_bundle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
