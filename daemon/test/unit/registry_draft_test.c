/*
 * Goals of our documents of a case on their way, with everything around the registry played:
 * - `gap` of the peer sends what it lacks again, in order, for as long as that takes; it parks the document
 *   if it leads nowhere; `fork` holds the case for a person;
 * - a draft waits behind the one in flight, also over a restart; refused ones take no Position, and what
 *   the case has come to forbid is not sent, and is no evidence;
 * - a key of idempotency gives the same answer over a restart, and counts 90 days.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

/* --- gap and fork of the peer --------------------------------------------------------------------- */

static void test_gap_out(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, withdrawal;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t case_id[16], first[16], second[16];

	application = case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), first);
	withdrawal = case_receipt(w, 2, first);
	case_accepted(w, "key-3", case_id, WITHDRAWAL, case_facts("withdraw", 2, 2, NULL), second);
	d = world_delivered(w, 3);
	assert_int_equal(w->last_close.position, 3);
	/* The peer has lost all but the application. */
	f = world_refusal(d, RXP_REFUSAL_GAP, false);
	f.checked.has_view = 1;
	f.checked.peer_position = 1;
	f.checked.retry_ms = clock_wall_ms() + DAY / 48; /* by itself, this one waits */
	memcpy(f.checked.peer_fingerprint, application.fingerprint, 32);
	world_deliver(w, d, 409, &f);
	d = world_delivered(w, 4);
	assert_memory_equal(d->envelope.fingerprint, withdrawal.fingerprint, 32);
	world_show(w, first, &row);
	assert_string_equal(row.state, "delivered"); /* its receipt stays */
	f = world_receipt(d);
	f.checked.log_count = 77;
	world_deliver(w, d, 200, &f);
	d = world_delivered(w, 5); /* at once, when the peer has what it lacked */
	assert_int_equal(d->envelope.place.position, 3);
	f = world_receipt(d);
	world_deliver(w, d, 200, &f);
	world_until_state(w, second, "delivered", &row);
	world_show(w, first, &row);
	assert_int_equal(row.log_count, 4);
	assert_int_equal(row.next_try_ms, 0);
	assert_int_equal(w->closed, 3);
}

/* The third document is refused: the peer holds ours up to a Position. */
static void gap(struct world *w, unsigned n, uint64_t position, const uint8_t *fingerprint)
{
	const struct world_delivery *d = world_delivered(w, n);
	struct fake_answer f = world_refusal(d, RXP_REFUSAL_GAP, false);

	assert_int_equal(d->envelope.place.position, 3);
	f.checked.has_view = 1;
	f.checked.peer_position = position;
	memcpy(f.checked.peer_fingerprint, fingerprint, 32);
	world_deliver(w, d, 409, &f);
}

/* The application and a withdrawal are receipted; another one, whose id it gives, is on its way. */
static struct fake_envelope third(struct world *w, uint8_t id[16])
{
	struct fake_envelope application;
	uint8_t case_id[16];

	application = case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), id);
	case_receipt(w, 2, id);
	case_accepted(w, "key-3", case_id, WITHDRAWAL, case_facts("withdraw", 2, 2, NULL), id);
	world_delivered(w, 3);
	return application;
}

/* A thin line: what the peer lacks is still on its way while the document asks again. */
static void test_gap_slow(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct fake_envelope application;
	uint8_t id[16];
	unsigned n = 3;

	application = third(w, id);
	for (unsigned i = 0; i < 2 * REGISTRY_STRIKES_MAX; i++) {
		gap(w, n, 1, application.fingerprint);
		if (i == 0)
			world_delivered(w, ++n); /* the document before it, which takes its time */
		world_until_state(w, id, "in-doubt", &row);
		world_move_clock(w, (i + 1) * REGISTRY_RETRY_LAST_MS);
		world_delivered(w, ++n);
	}
	assert_int_equal(w->deliveries[3].envelope.place.position, 2);
	gap(w, n, 1, application.fingerprint);
	world_until_state(w, id, "in-doubt", &row);
	case_receipt(w, 4, NULL);
	case_receipt(w, ++n, id); /* at once */
}

/* The peer receipts what is sent again, and lacks it again. */
static void test_gap_leads_nowhere(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct fake_envelope application;
	uint8_t id[16];

	application = third(w, id);
	for (unsigned i = 0; i < REGISTRY_STRIKES_MAX; i++) {
		gap(w, 3 + 2 * i, 1, application.fingerprint);
		case_receipt(w, 4 + 2 * i, NULL);
		world_delivered(w, 5 + 2 * i);
	}
	world_show(w, id, &row);
	assert_string_equal(row.state, "sending");
	gap(w, 3 + 2 * REGISTRY_STRIKES_MAX, 1, application.fingerprint);
	world_until_state(w, id, "parked", &row);
	assert_string_equal(row.last_error, "refused for now: gap");
}

static void hold(
    struct world *w, enum rxp_refusal code, const uint8_t *their_last, const char *words)
{
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t case_id[16], id[16];

	case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), id);
	case_receipt(w, 2, id);
	case_accepted(w, "key-3", case_id, WITHDRAWAL, case_facts("withdraw", 2, 2, NULL), id);
	d = world_delivered(w, 3);
	f = world_refusal(d, code, false);
	f.checked.has_view = 1;
	f.checked.peer_position = 1;
	memcpy(f.checked.peer_fingerprint, their_last, 32);
	world_deliver(w, d, 409, &f);
	world_until_state(w, id, "parked", &row);
	assert_string_equal(row.last_error, words);
	/* The case is held: nothing passes the parked one. */
	case_not_accepted(w, case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), RXP_ERR_STATE,
	    "RXP-CAS-004: P1 is withdrawn");
	world_restart(w);
	pump_for(w->loop, 20);
	assert_int_equal(w->n_deliveries, 0);
}

static void test_fork_out(void **state)
{
	static const uint8_t other[32] = {9};

	hold(*state, RXP_REFUSAL_FORK, other, "the peer holds another history of the case (fork)");
}

static void test_gap_of_another_history(void **state)
{
	static const uint8_t other[32] = {9};

	hold(*state, RXP_REFUSAL_GAP, other, "the peer holds another history of the case");
}

/* --- drafts --------------------------------------------------------------------------------------- */

static void test_draft_waits(void **state)
{
	struct world *w = *state;
	struct fake_envelope application;
	struct rec_message_row row;
	struct store_place place;
	uint8_t case_id[16], id[16], draft[16], last[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	world_delivered(w, 1);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), draft);
	case_accepted(w, "key-3", case_id, WITHDRAWAL, case_facts("withdraw", 2, 2, NULL), last);
	/* Allowed behind all that is on its way, and not without looking at it. */
	case_not_accepted(w, case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), RXP_ERR_STATE,
	    "RXP-CAS-004: P1 is withdrawn");
	world_show(w, draft, &row);
	assert_string_equal(row.state, "draft");
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_DRAFT], 2);
	world_restart(w);
	application = case_receipt(w, 1, id);
	place = case_receipt(w, 2, draft).place;
	assert_int_equal(place.position, 2);
	assert_memory_equal(place.previous, application.fingerprint, 32);
	assert_int_equal(case_receipt(w, 3, last).place.position, 3);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_DRAFT], 0);
	world_restart(w);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_DELIVERED], 3);
}

/* A refused document takes no Position; what built on it is not sent. */
static void test_predecessor_refused(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	struct shown s;
	struct facts apply = case_facts("apply", 1, 2, NULL);
	uint8_t case_id[16], id[16], draft[16];
	struct msg_evidence_get proof = {.user = "uid:1000", .reason = "review"};

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(w, "key-1", case_id, APPLICATION, apply, id);
	d = world_delivered(w, 1);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), draft);
	f = world_refusal(d, RXP_REFUSAL_SCHEMA, true);
	world_deliver(w, d, 422, &f);
	world_until_state(w, draft, "refused", &row);
	assert_string_equal(row.refusal, "state");
	assert_string_equal(row.last_error, "not sent: the case does not allow it, RXP-CAS-004");
	assert_int_equal(w->closed, 1);
	/* Never sealed, it is no evidence, and nobody is told that it was altered. */
	memcpy(proof.local_id, draft, sizeof proof.local_id);
	assert_int_equal(world_ask(w, IPC_evidence_get, &proof)->result, 0);
	assert_int_equal(world_ask(w, IPC_evidence_get, &proof)->len, 0);
	memcpy(proof.local_id, id, sizeof proof.local_id);
	assert_true(world_ask(w, IPC_evidence_get, &proof)->len > 0);
	case_show(w, case_id, &s);
	assert_int_equal(s.n, 0);
	assert_string_equal(s.row.state, "opening");
	/* The corrected application takes the Position. */
	assert_int_equal(case_submit(w, "key-3", case_id, APPLICATION, &apply)->result, 0);
	world_delivered(w, 2);
	assert_int_equal(w->last_close.position, 1);
	case_receipt(w, 2, NULL);
}

static void test_restart_before_closing(void **state)
{
	struct world *w = *state;
	struct facts apply = case_facts("apply", 1, 2, NULL);
	struct world_answer a;
	struct fake_envelope first;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	link_pause(w->sealer, true);
	a = *case_submit(w, "key-1", NULL, APPLICATION, &apply);
	world_restart(w);
	first = world_delivered(w, 1)->envelope;
	assert_int_equal(w->closed, 1);
	assert_int_equal(first.place.position, 1);
	world_restart(w);
	assert_memory_equal(&world_delivered(w, 1)->envelope, &first, sizeof first);
	case_receipt(w, 1, a.id);
}

static void test_other_facts(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	w->other_facts = true;
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	world_until_state(w, id, "parked", &row);
	assert_string_equal(
	    row.last_error, "the facts of the sealed document differ from those submitted");
	assert_int_equal(w->n_deliveries, 0);
}

/* What time makes no better waits for a person at once, and says why: what it attests (RXP-SAF-030), and that the row names another
 * State, or has other files, than it was written for. */
static void test_for_a_person(void **state)
{
	static const struct {
		int result;
		const char *words;
	} rows[] = {
	    {RXP_ERR_NOT_ACCEPTABLE, "what it attests has become too old; submit it anew"},
	    {RXP_ERR_MISMATCH, "its draft is of another case, or of other files; submit it anew"},
	    {RXP_ERR_DECRYPT, "its draft was altered, or is for another State; submit it anew"},
	};
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rec_message_row row;
		uint8_t case_id[16], id[16];
		char key[16];

		snprintf(key, sizeof key, "key-%u", i);
		w->close_result = rows[i].result;
		case_accepted(w, key, case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
		world_until_state(w, id, "parked", &row);
		assert_string_equal(row.last_error, rows[i].words);
		assert_int_equal(w->closed, i + 1);
	}
	assert_int_equal(w->n_deliveries, 0);
}

/* --- idempotency ---------------------------------------------------------------------------------- */

static void test_idempotency(void **state)
{
	struct world *w = *state;
	struct facts apply = case_facts("apply", 1, 2, NULL);
	struct facts withdraw = case_facts("withdraw", 1, 1, NULL);
	struct world_answer first;
	const struct world_answer *a;
	struct msg_submit m;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	first = *case_submit(w, "key-1", NULL, APPLICATION, &apply);
	assert_int_equal(first.result, 0);
	assert_int_equal(first.more, 0);
	for (int i = 0; i < 2; i++) {
		a = case_submit(w, "key-1", NULL, APPLICATION, &apply);
		assert_int_equal(a->result, 0);
		assert_int_equal(a->more, 1);
		assert_memory_equal(a->id, first.id, sizeof first.id);
		assert_memory_equal(a->case_id, first.case_id, sizeof first.case_id);
		world_restart(w);
	}
	m = case_submission("key-1", NULL, APPLICATION, &apply);
	m.body_digest[31] ^= 1;
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_MISMATCH);
	m = case_submission("key-1", first.case_id, WITHDRAWAL, &withdraw);
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_MISMATCH);
	m = case_submission("key-1", first.case_id, APPLICATION, &apply);
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_MISMATCH);
	world_move_clock(w, 90 * DAY - 60000);
	assert_int_equal(case_submit(w, "key-1", NULL, APPLICATION, &apply)->more, 1);
	world_move_clock(w, 90 * DAY + 60000);
	a = case_submit(w, "key-1", NULL, APPLICATION, &apply);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 0);
	assert_true(memcmp(a->case_id, first.case_id, sizeof first.case_id) != 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_gap_out),
	    WORLD_TEST(test_gap_slow),
	    WORLD_TEST(test_gap_leads_nowhere),
	    WORLD_TEST(test_fork_out),
	    WORLD_TEST(test_gap_of_another_history),
	    WORLD_TEST(test_draft_waits),
	    WORLD_TEST(test_predecessor_refused),
	    WORLD_TEST(test_restart_before_closing),
	    WORLD_TEST(test_other_facts),
	    WORLD_TEST(test_for_a_person),
	    WORLD_TEST(test_idempotency),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
