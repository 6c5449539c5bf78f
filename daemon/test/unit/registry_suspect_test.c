/*
 * Goals of seals of a peer that are not known (RXP-DSC-036), with everything around the registry played:
 * - a document and an answer under a seal that is not known are judged again when the descriptor has come, by what is known
 *   then, without a try being counted; if it does not help, or the peer cannot be asked, they are what they were
 * - a document and an answer of a moment after such a question in vain are not judged (RXP-DSC-046); an answer that is wrong for ever
 *   has its message parked
 * - while peers let that wait, others are served: few documents of one peer wait, in however many requests, the rest is to
 *   be sent again; a peer that took its time is not asked again at once
 * - what cannot be asked for, since too many are being asked, is not judged: a document is to be sent again, an answer too,
 *   without a strike
 * - so is what comes first after a start, if what is known of the peer is old (RXP-DSC-040)
 * - so is the working part of a `rekey` that belongs to another identity part
 * - when something newer came, what waits for the peer goes at once
 *
 * links: registry
 */
#include "daemon/test/unit/registry_suspect_rig.h"

/* --- seals ----------------------------------------------------------------------------------------- */

/* A document of that number under a strange seal waits for the n-th question. */
static struct fake_envelope strange_document(struct world *w, uint8_t id, unsigned n)
{
	struct fake_envelope e = world_envelope(id);

	w->strange_seal = true;
	world_send(w, &e);
	world_until(w, &w->fetches, n);
	assert_int_equal(w->n_admitted, n - 1);
	return e;
}

/* So does the answer to a Ping of ours. */
static void strange_answer(struct world *w, uint8_t id[16])
{
	struct fake_answer f;

	world_ping(w, id);
	world_until(w, &w->n_deliveries, 1);
	f = world_receipt(&w->deliveries[0]);
	w->strange_seal = true;
	world_deliver(w, &w->deliveries[0], 200, &f);
	world_until(w, &w->fetches, 1);
}

static void test_document(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w);
	struct fake_envelope e;

	strange_document(w, 1, 1);
	gives(w);
	world_until(w, &w->n_admitted, 1);
	assert_int_equal(w->admitted[0].http_status, 200);
	assert_int_equal(w->opened, 2);
	/* Unknown all the same: refused once the peer was asked, and it is asked once. */
	e = strange_document(w, 2, 2);
	fetched(w, "descriptor");
	world_until(w, &w->n_admitted, 2);
	assert_int_equal(w->admitted[1].http_status, 422);
	assert_int_equal(w->opened, 4);
	/* A moment later it is not asked again, and what it may list by then is not refused (RXP-DSC-046), … */
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	assert_int_equal(w->last_seal.refusal, 1u + RXP_REFUSAL_BUSY);
	assert_true(w->last_seal.retry_ms > clock_wall_ms());
	assert_true(w->last_seal.retry_ms <= clock_wall_ms() + REGISTRY_SUSPECT_MS);
	assert_int_equal(w->last_seal.has_fingerprint, 0);
	assert_int_equal(w->fetches, 2);
	/* … until that is over. */
	peer->suspect_mono = clock_mono_ms();
	world_send(w, &e);
	world_until(w, &w->fetches, 3);
	gives(w);
	world_until(w, &w->n_admitted, 4);
	assert_int_equal(w->admitted[3].http_status, 200);
}

/* Whose descriptor cannot be had is refused as before. */
static void test_document_in_vain(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	begin(w);
	e = strange_document(w, 1, 1);
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
	uint8_t id[16];

	begin(w);
	strange_answer(w, id);
	gives(w);
	world_until_state(w, id, "delivered", &row);
	assert_int_equal(row.attempts, 1);
}

/* RXP-ANS-012: it goes on as if there had been none. */
static void test_answer_in_vain(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	uint8_t id[16];

	begin(w);
	strange_answer(w, id);
	fetched(w, "descriptor");
	world_until_state(w, id, "in-doubt", &row);
	assert_int_equal(w->checked, 2);
}

/* The same message goes again, and its answer is the same. */
static void strange_again(struct world *w, const uint8_t id[16], unsigned n)
{
	struct rec_message_row row;
	struct fake_answer f;

	world_until_state(w, id, "in-doubt", &row);
	world_move_clock(w, n * REGISTRY_RETRY_LAST_MS);
	world_until(w, &w->n_deliveries, n + 1);
	f = world_receipt(&w->deliveries[n]);
	world_deliver(w, &w->deliveries[n], 200, &f);
}

/* A moment after the peer was asked in vain an answer is not judged, however often it comes, and the peer not asked. */
static void test_answer_a_moment_later(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w);
	struct rec_message_row row;
	uint8_t id[16];
	unsigned n;

	strange_answer(w, id);
	fetched(w, "descriptor"); /* the one that is known */
	for (n = 1; n <= REGISTRY_STRIKES_MAX + 1; n++) {
		strange_again(w, id, n);
		peer->suspect_mono = clock_mono_ms() + REGISTRY_SUSPECT_MS;
	}
	world_until_state(w, id, "in-doubt", &row);
	assert_non_null(strstr(row.last_error, "a moment ago"));
	assert_int_equal(w->fetches, 1);
	assert_int_equal(outbox_counted(w->assembly->outbox).false_answer, 1);
	peer->suspect_mono = clock_mono_ms();
	strange_again(w, id, n);
	world_until(w, &w->fetches, 2);
	gives(w);
	world_until_state(w, id, "delivered", &row);
}

/* Under a wrong seal for ever: each that is judged counts, and the message waits for a person, who reads why. */
static void test_answer_for_ever(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w);
	struct rec_message_row row;
	uint8_t id[16];
	unsigned n = 0;

	strange_answer(w, id);
	fetched(w, "descriptor");
	for (unsigned asked = 1; asked < REGISTRY_STRIKES_MAX; asked++) {
		strange_again(w, id, ++n); /* a moment later */
		world_until_state(w, id, "in-doubt", &row);
		peer->suspect_mono = clock_mono_ms();
		strange_again(w, id, ++n);
		world_until(w, &w->fetches, asked + 1);
		fetched(w, "descriptor");
	}
	world_until_state(w, id, "parked", &row);
	assert_string_equal(row.last_error, rxp_err_text(RXP_ERR_SIGNER));
	assert_int_equal(outbox_counted(w->assembly->outbox).false_answer, REGISTRY_STRIKES_MAX);
	assert_int_equal(peer->counts[STATE_PARKED], 1);
}

/* --- when many are asked ----------------------------------------------------------------------------- */

/* "QRC" and so on. */
static const char *add_other(struct world *w, uint8_t i)
{
	static char party[4];

	snprintf(party, sizeof party, "QR%c", 'C' + i);
	memcpy(w->descriptor.party, party, sizeof party);
	w->pin = (uint8_t)(2 + i);
	assert_int_equal(world_add_peer(w, (uint8_t)(2 + i))->result, 0);
	strcpy(w->descriptor.party, PEER);
	w->pin = 1;
	return party;
}

static void send_as(struct world *w, const char *party, const struct fake_envelope *e)
{
	struct msg_admit m = {
	    .received_ms = clock_wall_ms(), .envelope = {(const uint8_t *)e, sizeof *e}};

	memcpy(m.party, party, sizeof m.party);
	assert_int_equal(link_request(w->gateway, IPC_admit, &m, NULL, 0, NULL), 0);
}

/* All that one peer may have in work, under seals that are not known. The last of it. */
static struct fake_envelope flood(struct world *w, const char *party, bool same)
{
	unsigned before = w->n_admitted;
	struct fake_envelope e = world_envelope(1);

	w->strange_seal = true;
	for (unsigned i = 0; i < REGISTRY_PEER_ADMITS_MAX; i++) {
		if (!same)
			e.salt = i;
		send_as(w, party, &e);
	}
	world_until(w, &w->n_admitted, before + REGISTRY_PEER_ADMITS_MAX - REGISTRY_PEER_ASKS_MAX);
	pump_for(w->loop, 20);
	assert_int_equal(w->n_admitted, before + REGISTRY_PEER_ADMITS_MAX - REGISTRY_PEER_ASKS_MAX);
	for (unsigned i = before; i < w->n_admitted; i++)
		assert_int_equal(w->admitted[i].http_status, 503);
	w->strange_seal = false;
	return e;
}

static void test_others_are_served(void **state)
{
	struct world *w = *state;
	struct peer *peer = begin(w);
	const char *other = add_other(w, 0);
	struct fake_envelope e;
	uint64_t first;
	unsigned n;

	(void)flood(w, PEER, false);
	first = w->fetch;
	e = flood(w, other, true);
	assert_int_equal(w->fetches, 2);
	n = w->n_admitted;
	send_as(w, other, &e); /* nor do the same octets join any more */
	world_until(w, &w->n_admitted, n + 1);
	assert_int_equal(w->admitted[n].http_status, 503);
	other = add_other(w, 1);
	n = w->n_admitted;
	e = world_envelope(2);
	send_as(w, other, &e);
	world_until(w, &w->n_admitted, n + 1);
	assert_int_equal(w->admitted[n].http_status, 200);
	/* What the peer itself sends under a seal that is known waits for nobody either. */
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	/* Now the one answers, after a time in which it might have been asked again. */
	n = w->n_admitted;
	w->strange_seal = true;
	peer->suspect_mono -= REGISTRY_SUSPECT_MS;
	fetched_for(w, first, NULL);
	world_until(w, &w->n_admitted, n + REGISTRY_PEER_ASKS_MAX);
	for (; n < w->n_admitted; n++)
		assert_int_equal(w->admitted[n].http_status, 422);
	e = world_envelope(3);
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	assert_int_equal(w->fetches, 2);
	/* The other does too: what waited in one admission has the answer of that. */
	fetched(w, NULL);
	world_until(w, &w->n_admitted, n + 1 + REGISTRY_PEER_ASKS_MAX);
}

/* As many are asked as may be at a time; the last of them gives up its place with fetched(). */
static void ask_all(struct world *w)
{
	unsigned max = ipc_row(IPC_fetch_descriptor)->window;

	for (unsigned i = 0; i < max; i++)
		hear(w, add_other(w, (uint8_t)i));
	world_until(w, &w->fetches, max);
	assert_int_equal(w->fetches, max);
}

/* RXP-DSC-036, RXP-DSC-040: a document. */
static void test_no_room_for_document(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	begin(w);
	ask_all(w);
	e = world_envelope(1);
	w->strange_seal = true;
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	w->strange_seal = false;
	the_peer(w)->old_at_start = true;
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	the_peer(w)->old_at_start = false;
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	/* There is room again, and no question that was not put counts as one in vain. */
	fetched(w, NULL);
	pump_for(w->loop, 20);
	w->fetches = 0;
	e = world_envelope(2);
	w->strange_seal = true;
	world_send(w, &e);
	world_until(w, &w->fetches, 1);
	gives(w);
	world_until(w, &w->n_admitted, 4);
	assert_int_equal(w->admitted[3].http_status, 200);
}

/* The same of an answer, and as often as would park the message if each try counted. */
static void no_room_for_answer(struct world *w, bool strange)
{
	struct peer *peer = begin(w);
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	ask_all(w);
	world_ping(w, id);
	for (unsigned i = 0; i <= REGISTRY_STRIKES_MAX; i++) {
		world_until(w, &w->n_deliveries, i + 1);
		f = world_receipt(&w->deliveries[i]);
		w->strange_seal = strange;
		peer->old_at_start = true;
		world_deliver(w, &w->deliveries[i], 200, &f);
		world_until_state(w, id, "in-doubt", &row);
		world_move_clock(w, (i + 1) * REGISTRY_RETRY_LAST_MS);
	}
	world_until(w, &w->n_deliveries, REGISTRY_STRIKES_MAX + 2);
	peer->old_at_start = w->strange_seal = false;
	world_deliver(w, &w->deliveries[REGISTRY_STRIKES_MAX + 1], 200, &f);
	world_until_state(w, id, "delivered", &row);
}

static void test_no_room_for_answer(void **state)
{
	no_room_for_answer(*state, true);
}

static void test_no_room_for_first_answer(void **state)
{
	no_room_for_answer(*state, false);
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

/* The same as of an answer. */
static void test_no_room_for_working(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	begin(w);
	ask_all(w);
	world_ping(w, id);
	w->renew_result = (uint32_t)RXP_ERR_MISMATCH;
	for (unsigned i = 0; i <= REGISTRY_STRIKES_MAX; i++) {
		world_until(w, &w->n_deliveries, i + 1);
		f = world_refusal(&w->deliveries[i], RXP_REFUSAL_REKEY, false);
		f.checked.has_fingerprint = 0;
		world_deliver(w, &w->deliveries[i], 409, &f);
		world_until_state(w, id, "in-doubt", &row);
		world_move_clock(w, (i + 1) * REGISTRY_RETRY_LAST_MS);
	}
	world_until(w, &w->n_deliveries, REGISTRY_STRIKES_MAX + 2);
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
	    WORLD_TEST(test_document),
	    WORLD_TEST(test_document_in_vain),
	    WORLD_TEST(test_answer),
	    WORLD_TEST(test_answer_in_vain),
	    WORLD_TEST(test_answer_a_moment_later),
	    WORLD_TEST(test_answer_for_ever),
	    WORLD_TEST(test_others_are_served),
	    WORLD_TEST(test_no_room_for_document),
	    WORLD_TEST(test_no_room_for_answer),
	    WORLD_TEST(test_no_room_for_first_answer),
	    WORLD_TEST(test_old_at_start),
	    WORLD_TEST(test_rekey),
	    WORLD_TEST(test_no_room_for_working),
	    WORLD_TEST(test_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
