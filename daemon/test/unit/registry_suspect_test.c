/*
 * Goals of keys of a peer that are not known (RXP-DSC-036), with everything around the registry played:
 * - a pin that is not known has the peer asked for its descriptor at once, however fresh its keys are; one of nobody each
 *   peer that was not asked for a while; not more than once in a few seconds; never one that is distrusted, or that pulls
 * - a document and an answer under a seal that is not known are judged again when the descriptor has come, by what is known
 *   then, without a try being counted; if it does not help, or the peer cannot be asked, they are what they were
 * - so is what comes first after a start, if what is known of the peer is old (RXP-DSC-040)
 * - so is the working part of a `rekey` that belongs to another identity part
 * - when something newer came, what waits for the peer goes at once
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

static struct peer *the_peer(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

static struct peer *begin(struct world *w)
{
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return the_peer(w);
}

static void hear(struct world *w, const char *party)
{
	struct msg_pin_unknown m = {.party = ""};

	memcpy(m.party, party, strlen(party) + 1);
	assert_int_equal(link_request(w->gateway, IPC_pin_unknown, &m, NULL, 0, NULL), 0);
	pump_for(w->loop, 20);
}

/* The gateway's answer to the last question: a descriptor, or none. */
static void fetched(struct world *w, const char *octets)
{
	struct msg_descriptor_fetched m = {.outcome = octets == NULL ? (uint32_t)RXP_ERR_IO : 0,
	    .http_status = octets == NULL ? 0 : 200};

	if (octets != NULL)
		m.octets = (struct bytes){(const uint8_t *)octets, strlen(octets)};
	assert_int_equal(link_answer(w->gateway, IPC_descriptor_fetched, w->fetch, &m, NULL, 0), 0);
}

/* The peer gives a newer identity part; what it seals is known from then on. */
static void gives(struct world *w)
{
	w->descriptor.identity_serial++;
	w->descriptor.identity[0]++;
	w->descriptor.working_created_ms++;
	w->strange_seal = false;
	fetched(w, "descriptor");
}

/* --- pins ------------------------------------------------------------------------------------------ */

static void test_pin_of_party(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust distrust = {.user = "officer", .party = PEER};
	struct peer *peer = begin(w);

	hear(w, "QRC");
	assert_int_equal(w->fetches, 0);
	hear(w, PEER);
	assert_int_equal(w->fetches, 1);
	hear(w, PEER); /* the question is open */
	assert_int_equal(w->fetches, 1);
	fetched(w, NULL);
	pump_for(w->loop, 20);
	hear(w, PEER);
	assert_int_equal(w->fetches, 1);
	peer->suspect_mono -= REGISTRY_SUSPECT_MS;
	hear(w, PEER);
	assert_int_equal(w->fetches, 2);
	fetched(w, NULL);
	pump_for(w->loop, 20);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	peer->suspected = false;
	hear(w, PEER);
	assert_int_equal(w->fetches, 2);
}

static void test_pin_of_nobody(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w);

	hear(w, "");
	assert_int_equal(w->fetches, 1);
	fetched(w, NULL);
	pump_for(w->loop, 20);
	peer->suspect_mono -= REGISTRY_SUSPECT_MS;
	hear(w, "");
	assert_int_equal(w->fetches, 1);
	peer->asked_mono -= REGISTRY_KNOCK_MS;
	hear(w, "");
	assert_int_equal(w->fetches, 2);
}

static void test_pulls(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	w->peer_pulls = true;
	begin(w);
	hear(w, PEER);
	hear(w, "");
	assert_int_equal(w->fetches, 0);
	e = world_envelope(1);
	w->strange_seal = true;
	assert_int_equal(world_admit(w, &e)->http_status, 422);
	assert_int_equal(w->fetches, 0);
}

/* --- seals ----------------------------------------------------------------------------------------- */

static void test_document(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	begin(w);
	e = world_envelope(1);
	w->strange_seal = true;
	world_send(w, &e);
	world_until(w, &w->fetches, 1);
	assert_int_equal(w->n_admitted, 0);
	gives(w);
	world_until(w, &w->n_admitted, 1);
	assert_int_equal(w->admitted[0].http_status, 200);
	assert_int_equal(w->opened, 2);
	/* Unknown all the same: refused once the peer was asked, and it is asked once. */
	e = world_envelope(2);
	w->strange_seal = true;
	world_send(w, &e);
	world_until(w, &w->fetches, 2);
	fetched(w, "descriptor");
	world_until(w, &w->n_admitted, 2);
	assert_int_equal(w->admitted[1].http_status, 422);
	assert_int_equal(w->opened, 4);
	/* A moment later it is not asked again. */
	assert_int_equal(world_admit(w, &e)->http_status, 422);
	assert_int_equal(w->fetches, 2);
}

/* Whose descriptor cannot be had is refused as before. */
static void test_document_in_vain(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	begin(w);
	e = world_envelope(1);
	w->strange_seal = true;
	world_send(w, &e);
	world_until(w, &w->fetches, 1);
	fetched(w, NULL);
	world_until(w, &w->n_admitted, 1);
	assert_int_equal(w->admitted[0].http_status, 422);
	assert_int_equal(w->opened, 2);
	/* The process ends while it waits. */
	the_peer(w)->suspected = false;
	world_send(w, &e);
	world_until(w, &w->fetches, 2);
	world_restart(w);
}

static void test_answer(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	begin(w);
	world_ping(w, id);
	world_until(w, &w->n_deliveries, 1);
	f = world_receipt(&w->deliveries[0]);
	w->strange_seal = true;
	world_deliver(w, &w->deliveries[0], 200, &f);
	world_until(w, &w->fetches, 1);
	gives(w);
	world_until_state(w, id, "delivered", &row);
	assert_int_equal(row.attempts, 1);
}

/* RXP-ANS-012: it goes on as if there had been none. */
static void test_answer_in_vain(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	begin(w);
	world_ping(w, id);
	world_until(w, &w->n_deliveries, 1);
	f = world_receipt(&w->deliveries[0]);
	w->strange_seal = true;
	world_deliver(w, &w->deliveries[0], 200, &f);
	world_until(w, &w->fetches, 1);
	fetched(w, "descriptor");
	world_until_state(w, id, "in-doubt", &row);
	assert_int_equal(w->checked, 2);
}

/* --- what was known before the start ---------------------------------------------------------------- */

/* RXP-DSC-040: a seal may have been revoked meanwhile. */
static void test_old_at_start(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	begin(w);
	world_move_clock(w, 8 * INT64_C(86400000));
	world_restart(w);
	e = world_envelope(1);
	e.created_ms = clock_wall_ms();
	e.expires_ms = e.created_ms + 60000;
	world_send(w, &e);
	world_until(w, &w->fetches, 1);
	assert_int_equal(w->n_admitted, 0);
	w->strange_seal = true; /* the descriptor says that it is revoked */
	fetched(w, "descriptor");
	world_until(w, &w->n_admitted, 1);
	assert_int_equal(w->admitted[0].http_status, 422);
	assert_int_equal(w->fetches, 1);
	/* Whoever gives nothing is judged by what is known, and nobody waits a second time. */
	w->strange_seal = false;
	world_restart(w);
	w->fetches = 0;
	world_send(w, &e);
	world_until(w, &w->fetches, 1);
	fetched(w, NULL);
	world_until(w, &w->n_admitted, 1);
	assert_int_equal(w->admitted[0].http_status, 200);
	e = world_envelope(2);
	e.created_ms = clock_wall_ms();
	e.expires_ms = e.created_ms + 60000;
	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

/* --- a working part ---------------------------------------------------------------------------------- */

static void test_rekey(void **state)
{
	struct world *w = *state;
	struct fake_answer f;
	uint8_t id[16];

	begin(w);
	world_ping(w, id);
	world_until(w, &w->n_deliveries, 1);
	f = world_refusal(&w->deliveries[0], RXP_REFUSAL_REKEY, false);
	f.checked.has_fingerprint = 0;
	w->renew_result = (uint32_t)RXP_ERR_MISMATCH;
	world_deliver(w, &w->deliveries[0], 409, &f);
	world_until(w, &w->fetches, 1);
	w->peer_key = 8;
	w->key_from_ms = clock_wall_ms() - 1;
	gives(w);
	world_until(w, &w->n_deliveries, 2);
	assert_int_equal(w->rekeyed, 1);
}

/* --- what waits --------------------------------------------------------------------------------------- */

static void test_goes_on(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w);
	uint8_t id[16];

	world_ping(w, id);
	world_until(w, &w->n_deliveries, 1);
	world_deliver_fault(w, &w->deliveries[0]);
	pump_for(w->loop, 20);
	assert_int_equal(peer->failures, 1);
	peer->not_before_mono = clock_mono_ms() + REGISTRY_RETRY_LAST_MS;
	hear(w, PEER);
	gives(w);
	world_until(w, &w->n_deliveries, 2);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up_by_hand, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_pin_of_party),
	    WORLD_TEST(test_pin_of_nobody),
	    WORLD_TEST(test_pulls),
	    WORLD_TEST(test_document),
	    WORLD_TEST(test_document_in_vain),
	    WORLD_TEST(test_answer),
	    WORLD_TEST(test_answer_in_vain),
	    WORLD_TEST(test_old_at_start),
	    WORLD_TEST(test_rekey),
	    WORLD_TEST(test_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
